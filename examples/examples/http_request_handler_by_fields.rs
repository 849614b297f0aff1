// cargo run --release --example http_request_handler_by_fields
//! asynchat's example as its page has it, name by name: the same three names, on fields. How a port
//! of Python code begins; `http_request_handler` is where it goes from there.
use asyncore_examples::http::{answer, Head};
use asyncore_runtime::{channel, BoxError, Error, Io, Map, Terminator};
use std::mem::take;

#[channel]
struct HttpRequestHandler {
    #[on_read]
    ibuffer: Vec<u8>,
    #[producer]
    obuffer: Vec<u8>,
    #[terminator]
    terminator: Terminator,
    reading_headers: bool,
    handling: bool,
    head: Head,
}

impl HttpRequestHandler {
    fn new() -> Self {
        Self {
            ibuffer: Vec::new(),
            obuffer: Vec::new(),
            terminator: Terminator::from(b"\r\n\r\n"),
            reading_headers: true,
            handling: false,
            head: Head::default(),
        }
    }

    fn handle_request(&mut self, body: &[u8]) {
        let text = format!("you asked for {}\n", self.head.path);
        let is_post = self.head.method == "POST";
        let body = if is_post { body } else { text.as_bytes() };
        self.obuffer = answer("200 OK", body);
    }
}

#[channel]
impl HttpRequestHandler {
    #[on_error]
    fn handle_error(&mut self, _: &Error, io: &mut Io<Self>) -> Vec<u8> {
        io.close_when_done();
        answer("400 Bad Request", b"")
    }

    #[terminator]
    fn found_terminator(&mut self, io: &mut Io<Self>) -> Result<(), BoxError> {
        let data = take(&mut self.ibuffer);
        if self.reading_headers {
            self.reading_headers = false;
            self.head = std::str::from_utf8(&data)?.parse()?;
            if self.head.method == "POST" && self.head.content_length > 0 {
                self.terminator = Terminator::Len(self.head.content_length);
            } else {
                self.handling = true;
                self.terminator = Terminator::None;
                self.handle_request(b"");
            }
        } else if !self.handling {
            // Browsers sometimes over-send.
            self.terminator = Terminator::None;
            self.handling = true;
            self.handle_request(&data);
        }
        if self.handling {
            io.close_when_done();
        }
        Ok(())
    }
}

fn main() -> asyncore_examples::Result {
    let address = asyncore_examples::address_or("127.0.0.1:8080");
    let mut map = Map::new()?;
    let listener = map.listen(address, |_peer| HttpRequestHandler::new())?;
    println!("listening on {}", listener.local_addr());
    Ok(map.until_signal(asyncore_examples::DRAIN)?)
}
