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

fn main() -> std::io::Result<()> {
    let mut map = Map::new()?;
    map.listen("127.0.0.1:8080", |_peer| LineEcho)?;
    map.run()
}
