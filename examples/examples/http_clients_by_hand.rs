// cargo run --release --example http_clients_by_hand http://www.python.org/
//! PyMOTW's HTTP clients in a loop of their own, one pass at a time: raw dispatchers, which say
//! when they want to read and write, and do both for themselves.
use asyncore_examples::{arguments, http::Url, python, Outcome};
use asyncore_runtime::{channel, Error, Io, Loop, Map};
use std::io;
use std::time::Duration;

#[channel]
struct HttpClient {
    url: Url,
    write_buffer: Vec<u8>,
    outcome: Outcome,
}

impl HttpClient {
    fn new(url: Url, outcome: Outcome) -> Self {
        let request = format!("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", url.path, url.host);
        Self { url, write_buffer: request.into_bytes(), outcome }
    }

    fn log(&self, event: impl std::fmt::Display) {
        println!("{}: {event}", self.url);
    }
}

#[channel]
impl HttpClient {
    #[on_connect]
    fn connected(&mut self) {
        self.log("handle_connect()");
    }

    #[readable]
    fn readable(&mut self) -> bool {
        self.log("readable() -> True");
        true
    }

    #[writable]
    fn writable(&mut self) -> bool {
        let is_writable = !self.write_buffer.is_empty();
        if is_writable {
            self.log("writable() -> True");
        }
        is_writable
    }

    #[on_write]
    fn write(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let sent = io.send(&self.write_buffer)?;
        let sent: Vec<u8> = self.write_buffer.drain(..sent).collect();
        self.log(format_args!("handle_write() -> \"{}\"", sent.escape_ascii()));
        Ok(())
    }

    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let data = python::recv(io, 8192)?;
        self.log(format_args!("handle_read() -> {} bytes", data.len()));
        Ok(())
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.outcome.failed(format_args!("{}: {error}", self.url));
    }

    #[on_close]
    fn closed(&mut self) {
        self.log("handle_close()");
    }
}

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
