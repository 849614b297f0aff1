// cargo run --release --example echo_client_expanded
//! Sends each message over a connection of its own, all at once, and waits until all of it came
//! back.
use asyncore_examples::{arguments, Outcome};
use asyncore_runtime::{Closed, Error, Io, Map};
struct EchoClient {
    message: String,
    echo: Vec<u8>,
    outcome: Outcome,
}
impl ::asyncore_runtime::Settings for EchoClient {}
impl EchoClient {
    fn connected(&mut self) -> String {
        self.message.clone()
    }
    fn read(&mut self, data: &[u8], io: &mut Io<Self>) {
        self.echo.extend_from_slice(data);
        if self.echo.len() >= self.message.len() {
            let text = String::from_utf8_lossy(&self.echo);
            println!("{} bytes: {text}", self.echo.len());
            io.close();
        }
    }
    fn failed(&mut self, error: &Error) {
        self.outcome.failed(error);
    }
    fn closed(&mut self, why: &Closed) {
        let missing = self.message.len().saturating_sub(self.echo.len());
        if why.error().is_none() && missing > 0 {
            self.outcome
                .failed(format_args!("{why}, {missing} bytes did not come back"));
        }
    }
}
const _: () = {
    use ::asyncore_runtime::{
        Channel, Closed, Error, Frame, Io, Result, Settings, Unframed, ensure, reply,
    };
    const _: () = ensure(
        !<EchoClient as Settings>::COLLECTS,
        "both a field of `EchoClient` and `fn read` are `#[on_read]`: keep one of them",
    );
    /// What `EchoClient` does when something happens.
    #[automatically_derived]
    impl Channel for EchoClient {
        type Terminator = Unframed;
        fn on_connect(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::connected(self), io_)
        }
        fn on_read(&mut self, data_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            Self::read(self, data_.parse()?, io_);
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
    let mut arguments = arguments("[ADDRESS [MESSAGE...]]", 0..=1000).into_iter();
    let address = arguments.next().unwrap_or("127.0.0.1:8080".to_owned());
    let mut messages: Vec<String> = arguments.collect();
    if messages.is_empty() {
        messages = vec!["abcdefg".to_owned(), "hijklmn".to_owned()];
    }
    let outcome = Outcome::default();
    let mut map = Map::new()?;
    for message in messages {
        let client = EchoClient {
            message,
            echo: Vec::new(),
            outcome: outcome.clone(),
        };
        map.connect(&address, client)?;
    }
    map.run()?;
    Ok(outcome)
}
