// cargo run --release --example http_request_handler
//! asynchat's example: the head of a request up to an empty line, then a body of the length the
//! head says. `curl http://127.0.0.1:8080/ --data hello` gets back what it sent.
use asyncore_examples::http::{answer, Head};
use asyncore_runtime::{channel, Error, Io, Limit, Map};

#[channel(max_frame = 8 * 1024, idle_timeout = "60s")]
#[derive(Default)]
struct HttpRequestHandler {
    head: Head,
}

#[channel(states = Wait)]
impl HttpRequestHandler {
    #[terminator(b"\r\n\r\n", within = "10s")]
    fn head(&mut self, head: Head, io: &mut Io<Self>) -> Option<&'static str> {
        let go_on = head.expects_continue;
        // A body of 0 bytes is complete at once.
        io.set_terminator(Wait::Body(head.content_length));
        self.head = head;
        go_on.then_some("HTTP/1.1 100 Continue\r\n\r\n")
    }

    #[terminator(len, max = 1 << 20, busy, next = head)]
    fn body(&mut self, body: &[u8], io: &mut Io<Self>) -> Vec<u8> {
        if !self.head.keep_alive {
            io.close_when_done();
        }
        let Head { method, path, .. } = &self.head;
        match method.as_str() {
            "GET" => answer("200 OK", format!("you asked for {path}\n").as_bytes()),
            "POST" => answer("200 OK", body),
            _ => answer("501 Not Implemented", b"only GET and POST are\n"),
        }
    }

    #[on_error]
    fn refused(&mut self, error: &Error, io: &mut Io<Self>) -> Vec<u8> {
        io.close_when_done();
        let status = match error.limit() {
            Some(Limit::Frame) => "431 Request Header Fields Too Large",
            Some(Limit::Length) => "413 Content Too Large",
            Some(_) => "408 Request Timeout",
            None => "400 Bad Request",
        };
        answer(status, format!("{error}\n").as_bytes())
    }
}

fn main() -> asyncore_examples::Result {
    let at = asyncore_examples::listen_or("127.0.0.1:8080")?;
    let mut map = Map::new()?;
    let listener = map.listen(at, |_peer| HttpRequestHandler::default())?;
    println!("listening on {}", listener.local_addr());
    Ok(map.until_signal(asyncore_examples::DRAIN)?)
}
