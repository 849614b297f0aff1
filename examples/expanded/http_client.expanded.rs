// cargo run --release --example http_client_expanded http://www.python.org/
//! The HTTP client of asyncore's library page, as PyMOTW uses it: several URLs at once.
use asyncore_examples::{arguments, http::Url, Outcome};
use asyncore_runtime::{Closed, Error, Map};
struct HttpClient {
    url: Url,
    received: usize,
    outcome: Outcome,
}
impl ::asyncore_runtime::Settings for HttpClient {}
impl HttpClient {
    fn connected(&mut self) -> String {
        format!("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", self.url.path, self.url.host)
    }
    fn read(&mut self, data: &[u8]) {
        self.received += data.len();
    }
    fn failed(&mut self, error: &Error) {
        self.outcome.failed(format_args!("{}: {error}", self.url));
    }
    fn closed(&mut self, why: &Closed) {
        if why.error().is_none() {
            println!("{} got {} bytes", self.url, self.received);
        }
    }
}
const _: () = {
    use ::asyncore_runtime::{
        Channel, Closed, Error, Frame, Io, Result, Settings, Unframed, ensure, reply,
    };
    const _: () = ensure(
        !<HttpClient as Settings>::COLLECTS,
        "both a field of `HttpClient` and `fn read` are `#[on_read]`: keep one of them",
    );
    /// What `HttpClient` does when something happens.
    #[automatically_derived]
    impl Channel for HttpClient {
        type Terminator = Unframed;
        fn on_connect(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::connected(self), io_)
        }
        fn on_read(&mut self, data_: Frame<'_>, _: &mut Io<Self>) -> Result {
            Self::read(self, data_.parse()?);
            ::core::result::Result::Ok(())
        }
        fn on_error(&mut self, error_: &Error, _: &mut Io<Self>) -> Result {
            Self::failed(self, error_);
            ::core::result::Result::Ok(())
        }
        fn on_close(&mut self, why_: &Closed, _: &mut Io<Self>) {
            Self::closed(self, why_);
        }
    }
};
fn main() -> asyncore_examples::Result<Outcome> {
    let outcome = Outcome::default();
    let mut map = Map::new()?;
    for url in arguments("URL...", 1..=1000) {
        let url: Url = url.parse()?;
        let client = HttpClient {
            url: url.clone(),
            received: 0,
            outcome: outcome.clone(),
        };
        map.connect(url.address(), client)?;
    }
    map.run()?;
    Ok(outcome)
}
