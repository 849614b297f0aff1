//! Two states, limits and an error handler: a head, then as many bytes as it announces.

use asyncore_runtime::{channel, Bytes, Error, Frame, FromFrame, Io};

pub struct Head {
    content_length: u64,
}

impl<'a> FromFrame<'a> for Head {
    type Error = std::num::ParseIntError;

    fn from_frame(frame: Frame<'a>) -> Result<Self, Self::Error> {
        let text = String::from_utf8_lossy(frame.as_bytes());
        let content_length = text.trim().parse()?;
        Ok(Head { content_length })
    }
}

#[channel(max_frame = 8 * 1024, idle_timeout = "60s")]
#[derive(Default)]
pub struct Request {
    head: Option<Head>,
}

#[channel]
impl Request {
    /// The first `#[terminator]` method is where a connection starts.
    #[terminator(b"\r\n\r\n", within = "10s")]
    fn head(&mut self, head: Head, io: &mut Io<Self>) {
        io.set_terminator(RequestTerminator::Body(head.content_length));
        self.head = Some(head);
    }

    #[terminator(len, max = 1 << 20, next = head)]
    fn body(&mut self, body: Bytes) -> Option<Bytes> {
        self.head.take().map(|_| body)
    }

    #[on_error]
    fn refused(&mut self, _error: &Error, io: &mut Io<Self>) -> &'static str {
        io.close_when_done();
        "HTTP/1.1 400 Bad Request\r\n\r\n"
    }
}
