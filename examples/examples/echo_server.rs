// cargo run --release --example echo_server
//! The echo server of asyncore's library page: a channel that accepts, and one that echoes.
use asyncore_runtime::{channel, Addr, Io, Map, Socket};

#[channel]
struct EchoHandler;

#[channel]
impl EchoHandler {
    #[on_read]
    fn read(data: &[u8]) -> &[u8] {
        data
    }
}

#[channel]
struct EchoServer;

#[channel]
impl EchoServer {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket, peer: Addr, io: &mut Io<Self>) -> std::io::Result<()> {
        println!("incoming connection from {peer}");
        io.add(socket, EchoHandler)?;
        Ok(())
    }
}

fn main() -> asyncore_examples::Result {
    let address = asyncore_examples::address_or("127.0.0.1:8080");
    let mut map = Map::new()?;
    let listener = map.serve(address, EchoServer)?;
    println!("listening on {}", listener.local_addr());
    Ok(map.run()?)
}
