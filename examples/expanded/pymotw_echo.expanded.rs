// cargo run --release --example pymotw_echo_expanded
//! PyMOTW's echo server, its handler and its client in one map: a file goes there and back, and
//! each event is printed as PyMOTW prints it.
use asyncore_examples::{about, path_or_lorem, python};
use asyncore_runtime::{Addr, Io, Map, Socket};
use std::{fs, io};
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
    ) -> io::Result<()> {
        println!("EchoServer: handle_accept() -> {}", python::address(& peer));
        let address = python::address(&io.local_addr().unwrap_or(peer));
        io.add(socket, EchoHandler(format!("EchoHandler{address}"), Vec::new()))?;
        println!("EchoServer: handle_close()");
        io.close();
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
/// Its name, and what it has to write.
struct EchoHandler(String, Vec<u8>);
impl ::asyncore_runtime::Settings for EchoHandler {}
impl EchoHandler {
    fn writable(&mut self) -> bool {
        let response = !self.1.is_empty();
        println!("{}: writable() -> {}", self.0, python::boolean(response));
        response
    }
    fn write(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let sent = io.send(&self.1[..self.1.len().min(256)])?;
        let sent: Vec<u8> = self.1.drain(..sent).collect();
        println!("{}: handle_write() -> {}", self.0, python::data(& sent));
        if !self.writable() {
            println!("{}: handle_close()", self.0);
            io.close();
        }
        Ok(())
    }
    fn read(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let data = python::recv(io, 256)?;
        println!("{}: handle_read() -> {}", self.0, python::data(& data));
        self.1.extend_from_slice(&data);
        Ok(())
    }
}
const _: () = {
    use ::asyncore_runtime::{Channel, Io, Result, Settings, Unframed, ensure, reply};
    const _: () = ensure(
        !<EchoHandler as Settings>::COLLECTS,
        "both a field of `EchoHandler` and `fn read` are `#[on_read]`: keep one of them",
    );
    /// What `EchoHandler` does when something happens.
    #[automatically_derived]
    impl Channel for EchoHandler {
        type Terminator = Unframed;
        /// From `#[on_read]` without data.
        const RAW: ::core::primitive::bool = true;
        /// From `#[readable]`, `#[writable]`: asked in each pass.
        const ASKED: ::core::primitive::bool = true;
        fn writable(&mut self) -> ::core::primitive::bool {
            Self::writable(self)
        }
        fn on_write(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::write(self, io_), io_)
        }
        fn on_readable(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::read(self, io_), io_)
        }
    }
};
struct EchoClient {
    message: Vec<u8>,
    to_send: Vec<u8>,
    received: Vec<u8>,
}
impl ::asyncore_runtime::Settings for EchoClient {}
impl EchoClient {
    fn connected(&mut self) {
        println!("EchoClient: handle_connect()");
    }
    fn writable(&mut self) -> bool {
        let is_writable = !self.to_send.is_empty();
        println!("EchoClient: writable() -> {}", python::boolean(is_writable));
        is_writable
    }
    fn write(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let sent = io.send(&self.to_send[..self.to_send.len().min(512)])?;
        let sent: Vec<u8> = self.to_send.drain(..sent).collect();
        println!("EchoClient: handle_write() -> {}", python::data(& sent));
        Ok(())
    }
    fn read(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let data = python::recv(io, 512)?;
        if data.is_empty() {
            let is_copy = self.received == self.message;
            let [bad, good] = ["ERROR IN TRANSMISSION", "RECEIVED COPY OF MESSAGE"];
            println!("EchoClient: handle_close()");
            println!("EchoClient: {}", if is_copy { good } else { bad });
        }
        println!("EchoClient: handle_read() -> {}", python::data(& data));
        self.received.extend_from_slice(&data);
        Ok(())
    }
}
const _: () = {
    use ::asyncore_runtime::{Channel, Io, Result, Settings, Unframed, ensure, reply};
    const _: () = ensure(
        !<EchoClient as Settings>::COLLECTS,
        "both a field of `EchoClient` and `fn read` are `#[on_read]`: keep one of them",
    );
    /// What `EchoClient` does when something happens.
    #[automatically_derived]
    impl Channel for EchoClient {
        type Terminator = Unframed;
        /// From `#[on_read]` without data.
        const RAW: ::core::primitive::bool = true;
        /// From `#[readable]`, `#[writable]`: asked in each pass.
        const ASKED: ::core::primitive::bool = true;
        fn on_connect(&mut self, _: &mut Io<Self>) -> Result {
            Self::connected(self);
            ::core::result::Result::Ok(())
        }
        fn writable(&mut self) -> ::core::primitive::bool {
            Self::writable(self)
        }
        fn on_write(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::write(self, io_), io_)
        }
        fn on_readable(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::read(self, io_), io_)
        }
    }
};
fn main() -> asyncore_examples::Result {
    let path = path_or_lorem();
    let message = fs::read(&path).map_err(about(&path))?;
    let mut map = Map::new()?;
    let server = map.serve("127.0.0.1:0", EchoServer)?;
    let address = python::address(&server.local_addr());
    println!("EchoServer: binding to {address}\nEchoClient: connecting to {address}");
    let client = EchoClient {
        to_send: message.clone(),
        message,
        received: Vec::new(),
    };
    map.connect(server.local_addr(), client)?;
    Ok(map.run()?)
}
