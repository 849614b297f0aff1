// cargo run --release --example line_echo -- --workers 2
//! Each line comes back as it was: the least a handler can do, and what the benches load.
use asyncore_runtime::{channel, Io};

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
    let (workers, at) = asyncore_examples::workers_or("127.0.0.1:8080")?;
    let workers = workers.listen(at, || |_peer| LineEcho)?;
    println!("listening on {}", workers.local_addrs()[0]);
    Ok(workers.until_signal(asyncore_examples::DRAIN)?)
}
