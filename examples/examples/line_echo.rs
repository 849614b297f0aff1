// cargo run --release --example line_echo
//! Each line comes back as it was: the least a handler can do, and what the benches load.
use asyncore_runtime::{channel, Io, Map};

#[channel]
struct LineEcho;

#[channel]
impl LineEcho {
    #[terminator(b"\r\n")]
    fn line(line: &[u8], io: &mut Io<Self>) {
        io.push(line);
        io.push(b"\r\n");
    }
}

fn main() -> asyncore_examples::Result {
    let at = asyncore_examples::listen_or("127.0.0.1:8080")?;
    let mut map = Map::new()?;
    let listener = map.listen(at, |_peer| LineEcho)?;
    println!("listening on {}", listener.local_addr());
    Ok(map.until_signal(asyncore_examples::DRAIN)?)
}
