// cargo run --release --example echo_client
//! Sends each message over a connection of its own, all at once, and waits until all of it came
//! back.
use asyncore_examples::{arguments, Outcome};
use asyncore_runtime::{channel, Closed, Error, Io, Map};

#[channel]
struct EchoClient {
    message: String,
    echo: Vec<u8>,
    outcome: Outcome,
}

#[channel]
impl EchoClient {
    #[on_connect]
    fn connected(&mut self) -> String {
        self.message.clone()
    }

    #[on_read]
    fn read(&mut self, data: &[u8], io: &mut Io<Self>) {
        self.echo.extend_from_slice(data);
        // One message is not one read: what was sent at once may come back in parts.
        if self.echo.len() >= self.message.len() {
            let text = String::from_utf8_lossy(&self.echo);
            println!("{} bytes: {text}", self.echo.len());
            io.close();
        }
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.outcome.failed(error);
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        let missing = self.message.len().saturating_sub(self.echo.len());
        if why.error().is_none() && missing > 0 {
            self.outcome.failed(format_args!("{why}, {missing} bytes did not come back"));
        }
    }
}

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
        let client = EchoClient { message, echo: Vec::new(), outcome: outcome.clone() };
        map.connect(&address, client)?;
    }
    map.run()?;
    Ok(outcome)
}
