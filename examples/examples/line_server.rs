// cargo run --release --example line_server
use asyncore_runtime::{channel, Map};

#[channel]
struct Shout;

#[channel]
impl Shout {
    #[terminator(b"\r\n")]
    fn line(&mut self, line: &str) -> String {
        line.to_uppercase() + "\r\n"
    }
}

fn main() -> asyncore_examples::Result {
    let address = asyncore_examples::address_or("127.0.0.1:8080");
    let mut map = Map::new()?;
    let listener = map.listen(address, |_peer| Shout)?;
    println!("listening on {}", listener.local_addr());
    Ok(map.until_signal(asyncore_examples::DRAIN)?)
}
