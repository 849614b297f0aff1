// cargo run --release --example echo_server_expanded
//! The echo server of asyncore's library page: a channel that accepts, and one that echoes.
use asyncore_runtime::{Addr, Io, Map, Socket};
struct EchoHandler;
/// What `#[channel]` says of `EchoHandler`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for EchoHandler {}
impl EchoHandler {
    fn read(data: &[u8]) -> &[u8] {
        data
    }
}
const _: () = {
    use ::asyncore_runtime::{
        Channel, Frame, Io, Reply, Result, Settings, Unframed, ensure,
    };
    const _: () = ensure(
        !<EchoHandler as Settings>::COLLECTS,
        "both a field of `EchoHandler` and `fn read` are `#[on_read]`: keep one of them",
    );
    /// What `EchoHandler` does when something happens.
    #[automatically_derived]
    impl Channel for EchoHandler {
        type Terminator = Unframed;
        /// From `#[on_read]`.
        fn on_read(&mut self, data: Frame<'_>, io: &mut Io<Self>) -> Result {
            Reply::send(Self::read(data.parse()?), io)
        }
    }
};
struct EchoServer;
/// What `#[channel]` says of `EchoServer`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for EchoServer {}
impl EchoServer {
    fn accepted(
        &mut self,
        socket: Socket,
        peer: Addr,
        io: &mut Io<Self>,
    ) -> std::io::Result<()> {
        println!("incoming connection from {peer}");
        io.add(socket, EchoHandler)?;
        Ok(())
    }
}
const _: () = {
    use ::asyncore_runtime::{Addr, Channel, Io, Reply, Result, Socket, Unframed};
    /// What `EchoServer` does when something happens.
    #[automatically_derived]
    impl Channel for EchoServer {
        type Terminator = Unframed;
        /// From `#[on_accepted]`.
        fn on_accepted(
            &mut self,
            socket: Socket,
            peer: Addr,
            io: &mut Io<Self>,
        ) -> Result {
            Reply::send(self.accepted(socket, peer, io), io)
        }
    }
};
fn main() -> asyncore_examples::Result {
    let address = asyncore_examples::address_or("127.0.0.1:8080");
    let mut map = Map::new()?;
    let listener = map.serve(address, EchoServer)?;
    println!("listening on {}", listener.local_addr());
    Ok(map.run()?)
}
