//! A datagram socket.

use mio::net::UdpSocket;
use std::io;
use std::net::SocketAddr;

/// A datagram socket. It has no connection, even where it has one peer only.
#[derive(Debug)]
pub(crate) struct Datagrams {
    pub(crate) socket: UdpSocket,
    /// The only peer, if the socket is connected to one.
    pub(crate) peer: Option<SocketAddr>,
}

impl Datagrams {
    /// One datagram, and who sent it.
    pub(crate) fn receive(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        loop {
            match self.socket.recv_from(buf) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    pub(crate) fn send(&self, to: SocketAddr, bytes: &[u8]) -> io::Result<usize> {
        loop {
            let result = match self.peer {
                Some(peer) if peer == to => self.socket.send(bytes),
                _ => self.socket.send_to(bytes, to),
            };
            match result {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}
