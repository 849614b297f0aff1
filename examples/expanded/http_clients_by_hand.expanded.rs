// cargo run --release --example http_clients_by_hand_expanded http://www.python.org/
//! PyMOTW's HTTP clients in a loop of their own, one pass at a time: raw dispatchers, which say
//! when they want to read and write, and do both for themselves.
use asyncore_examples::{arguments, http::Url, python, Outcome};
use asyncore_runtime::{Error, Io, Loop, Map};
use std::io;
use std::time::Duration;
struct HttpClient {
    url: Url,
    write_buffer: Vec<u8>,
    outcome: Outcome,
}
impl ::asyncore_runtime::Settings for HttpClient {}
impl HttpClient {
    fn new(url: Url, outcome: Outcome) -> Self {
        let request = format!("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", url.path, url.host);
        Self {
            url,
            write_buffer: request.into_bytes(),
            outcome,
        }
    }
    fn log(&self, event: impl std::fmt::Display) {
        println!("{}: {event}", self.url);
    }
}
impl HttpClient {
    fn connected(&mut self) {
        self.log("handle_connect()");
    }
    fn readable(&mut self) -> bool {
        self.log("readable() -> True");
        true
    }
    fn writable(&mut self) -> bool {
        let is_writable = !self.write_buffer.is_empty();
        if is_writable {
            self.log("writable() -> True");
        }
        is_writable
    }
    fn write(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let sent = io.send(&self.write_buffer)?;
        let sent: Vec<u8> = self.write_buffer.drain(..sent).collect();
        self.log(format_args!("handle_write() -> \"{}\"", sent.escape_ascii()));
        Ok(())
    }
    fn read(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let data = python::recv(io, 8192)?;
        self.log(format_args!("handle_read() -> {} bytes", data.len()));
        Ok(())
    }
    fn failed(&mut self, error: &Error) {
        self.outcome.failed(format_args!("{}: {error}", self.url));
    }
    fn closed(&mut self) {
        self.log("handle_close()");
    }
}
const _: () = {
    use ::asyncore_runtime::{
        Channel, Closed, Error, Io, Result, Settings, Unframed, ensure, reply,
    };
    const _: () = ensure(
        !<HttpClient as Settings>::COLLECTS,
        "both a field of `HttpClient` and `fn read` are `#[on_read]`: keep one of them",
    );
    /// What `HttpClient` does when something happens.
    #[automatically_derived]
    impl Channel for HttpClient {
        type Terminator = Unframed;
        /// From `#[on_read]` without data.
        const RAW: ::core::primitive::bool = true;
        /// From `#[readable]`, `#[writable]`: asked in each pass.
        const ASKED: ::core::primitive::bool = true;
        fn on_connect(&mut self, _: &mut Io<Self>) -> Result {
            Self::connected(self);
            ::core::result::Result::Ok(())
        }
        fn readable(&mut self) -> ::core::primitive::bool {
            Self::readable(self)
        }
        fn writable(&mut self) -> ::core::primitive::bool {
            Self::writable(self)
        }
        fn on_write(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::write(self, io_), io_)
        }
        fn on_readable(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::read(self, io_), io_)
        }
        fn on_error(&mut self, error_: &Error, _: &mut Io<Self>) -> Result {
            Self::failed(self, error_);
            ::core::result::Result::Ok(())
        }
        fn on_close(&mut self, _: &Closed, _: &mut Io<Self>) {
            Self::closed(self);
        }
    }
};
fn main() -> asyncore_examples::Result<Outcome> {
    let outcome = Outcome::default();
    let mut map = Map::new()?;
    for url in arguments("URL...", 1..=1000) {
        let url = Url::plain(&url)?;
        println!("{url}: connecting to {}", url.address());
        map.connect(url.address(), HttpClient::new(url, outcome.clone()))?;
    }
    let mut passes = 0;
    while !map.is_empty() {
        passes += 1;
        println!("loop_counter={passes}");
        Loop::new().timeout(Duration::from_secs(1)).count(1).run(&mut map)?;
    }
    Ok(outcome)
}
