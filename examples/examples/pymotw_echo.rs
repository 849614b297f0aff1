// cargo run --release --example pymotw_echo
//! PyMOTW's echo server, its handler and its client in one map: a file goes there and back, and
//! each event is printed as PyMOTW prints it.
use asyncore_examples::{about, path_or_lorem, python};
use asyncore_runtime::{channel, Addr, Io, Map, Socket};
use std::{fs, io};

#[channel]
struct EchoServer;

#[channel]
impl EchoServer {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket, peer: Addr, io: &mut Io<Self>) -> io::Result<()> {
        println!("EchoServer: handle_accept() -> {}", python::address(&peer));
        let address = python::address(&io.local_addr().unwrap_or(peer));
        io.add(socket, EchoHandler(format!("EchoHandler{address}"), Vec::new()))?;
        println!("EchoServer: handle_close()");
        io.close();
        Ok(())
    }
}

/// Its name, and what it has to write.
#[channel]
struct EchoHandler(String, Vec<u8>);

#[channel]
impl EchoHandler {
    #[writable]
    fn writable(&mut self) -> bool {
        let response = !self.1.is_empty();
        println!("{}: writable() -> {}", self.0, python::boolean(response));
        response
    }

    #[on_write]
    fn write(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let sent = io.send(&self.1[..self.1.len().min(256)])?;
        let sent: Vec<u8> = self.1.drain(..sent).collect();
        println!("{}: handle_write() -> {}", self.0, python::data(&sent));
        if !self.writable() {
            println!("{}: handle_close()", self.0);
            io.close();
        }
        Ok(())
    }

    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let data = python::recv(io, 256)?;
        println!("{}: handle_read() -> {}", self.0, python::data(&data));
        self.1.extend_from_slice(&data);
        Ok(())
    }
}

#[channel]
struct EchoClient {
    message: Vec<u8>,
    to_send: Vec<u8>,
    received: Vec<u8>,
}

#[channel]
impl EchoClient {
    #[on_connect]
    fn connected(&mut self) {
        println!("EchoClient: handle_connect()");
    }

    #[writable]
    fn writable(&mut self) -> bool {
        let is_writable = !self.to_send.is_empty();
        println!("EchoClient: writable() -> {}", python::boolean(is_writable));
        is_writable
    }

    #[on_write]
    fn write(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let sent = io.send(&self.to_send[..self.to_send.len().min(512)])?;
        let sent: Vec<u8> = self.to_send.drain(..sent).collect();
        println!("EchoClient: handle_write() -> {}", python::data(&sent));
        Ok(())
    }

    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let data = python::recv(io, 512)?;
        if data.is_empty() {
            // asyncore's `recv` called `handle_close` before it returned.
            let is_copy = self.received == self.message;
            let [bad, good] = ["ERROR IN TRANSMISSION", "RECEIVED COPY OF MESSAGE"];
            println!("EchoClient: handle_close()");
            println!("EchoClient: {}", if is_copy { good } else { bad });
        }
        println!("EchoClient: handle_read() -> {}", python::data(&data));
        self.received.extend_from_slice(&data);
        Ok(())
    }
}

fn main() -> asyncore_examples::Result {
    let path = path_or_lorem();
    let message = fs::read(&path).map_err(about(&path))?;
    let mut map = Map::new()?;
    let server = map.serve("127.0.0.1:0", EchoServer)?;
    let address = python::address(&server.local_addr());
    println!("EchoServer: binding to {address}\nEchoClient: connecting to {address}");
    let client = EchoClient { to_send: message.clone(), message, received: Vec::new() };
    map.connect(server.local_addr(), client)?;
    Ok(map.run()?)
}
