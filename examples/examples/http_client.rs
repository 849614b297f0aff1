// cargo run --release --example http_client http://www.python.org/
//! The HTTP client of asyncore's library page, as PyMOTW uses it: several URLs at once.
use asyncore_examples::{arguments, http::Url, Outcome};
use asyncore_runtime::{channel, Closed, Error, Map};

#[channel]
struct HttpClient {
    url: Url,
    received: usize,
    outcome: Outcome,
}

#[channel]
impl HttpClient {
    #[on_connect]
    fn connected(&mut self) -> String {
        format!("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", self.url.path, self.url.host)
    }

    #[on_read]
    fn read(&mut self, data: &[u8]) {
        self.received += data.len();
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.outcome.failed(format_args!("{}: {error}", self.url));
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        if why.error().is_none() {
            println!("{} got {} bytes", self.url, self.received);
        }
    }
}

fn main() -> asyncore_examples::Result<Outcome> {
    let outcome = Outcome::default();
    let mut map = Map::new()?;
    for url in arguments("URL...", 1..=1000) {
        let url: Url = url.parse()?;
        let client = HttpClient { url: url.clone(), received: 0, outcome: outcome.clone() };
        map.connect(url.address(), client)?;
    }
    map.run()?;
    Ok(outcome)
}
