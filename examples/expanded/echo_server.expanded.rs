// cargo run --release --example echo_server_expanded
//! The echo server of asyncore's library page: a channel that accepts, and one that echoes.
use asyncore_runtime::{Addr, Io, Map, Socket};
struct EchoHandler;
/// What `#[channel]` says of `EchoHandler`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for EchoHandler {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
}
impl EchoHandler {
    fn read(data: &[u8]) -> &[u8] {
        data
    }
}
const _: () = {
    use ::asyncore_runtime::{
        Channel, Frame, Io, Result, Settings, Unframed, ensure, reply,
    };
    const _: () = ensure(
        !<EchoHandler as Settings>::COLLECTS,
        "both a field of `EchoHandler` and `fn read` are `#[on_read]`: keep one of them",
    );
    /// What `EchoHandler` does when something happens.
    #[automatically_derived]
    impl Channel for EchoHandler {
        type Terminator = Unframed;
        fn on_read(&mut self, data_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            reply(Self::read(data_.parse()?), io_)
        }
    }
};
struct EchoServer;
/// What `#[channel]` says of `EchoServer`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for EchoServer {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
}
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
    use ::asyncore_runtime::{Addr, Channel, Io, Result, Socket, Unframed, reply};
    /// What `EchoServer` does when something happens.
    #[automatically_derived]
    impl Channel for EchoServer {
        type Terminator = Unframed;
        fn on_accepted(
            &mut self,
            socket_: Socket,
            peer_: Addr,
            io_: &mut Io<Self>,
        ) -> Result {
            reply(Self::accepted(self, socket_, peer_, io_), io_)
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
