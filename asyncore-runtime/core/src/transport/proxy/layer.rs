//! The layers: one that reads a header, and one that writes one.

use bytes::{Buf, BytesMut};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::header::{self, BadHeader, ProxyHeader};
use super::networks::Networks;
use crate::transport::stream::{Layer, Stream};
use crate::vocabulary::addr::Addr;

/// A stream that a proxy hands on, with a header in front of it.
#[derive(Debug)]
pub(crate) struct Announced {
    below: Stream,
    trusted: Arc<Networks>,
    header: Option<ProxyHeader>,
    /// What was read: the header as far as it came, and then what came behind it.
    read: BytesMut,
    is_dry: bool,
}

impl Announced {
    pub(crate) fn over(stream: Stream, trusted: &Arc<Networks>) -> Stream {
        let trusted = Arc::clone(trusted);
        stream.layered(|below| {
            let (header, read) = (None, BytesMut::new());
            Box::new(Self { below, trusted, header, read, is_dry: false })
        })
    }

    /// Whose word is taken. Who can reach a Unix socket is decided where its file is.
    fn check_proxy(&self) -> Result<(), BadHeader> {
        match self.below.peer_addr() {
            Some(Addr::Inet(peer)) if !self.trusted.contain(peer.ip()) => {
                Err(BadHeader("the peer is none of the trusted proxies"))
            }
            _ => Ok(()),
        }
    }
}

fn refused(why: BadHeader) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Layer for Announced {
    fn below(&self) -> &Stream {
        &self.below
    }

    fn below_mut(&mut self) -> &mut Stream {
        &mut self.below
    }

    fn begin(&mut self) -> io::Result<()> {
        self.check_proxy().map_err(refused)?;
        let mut buf = [0; 1024];
        while self.header.is_none() {
            let len = self.below.read(&mut buf)?;
            if len == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.read.extend_from_slice(buf.get(..len).unwrap_or_default());
            if let Some((header, len)) = header::parse(&self.read).map_err(refused)? {
                self.read.advance(len.min(self.read.len()));
                self.header = Some(header);
            }
        }
        Ok(())
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.read.is_empty() {
            let len = self.below.read(buf)?;
            self.is_dry = self.below.is_all(len, buf.len());
            return Ok(len);
        }
        self.is_dry = false;
        let part = self.read.split_to(buf.len().min(self.read.len()));
        if let Some(buf) = buf.get_mut(..part.len()) {
            buf.copy_from_slice(&part);
        }
        if self.read.is_empty() {
            self.read = BytesMut::new();
        }
        Ok(part.len())
    }

    fn is_dry(&self) -> bool {
        self.read.is_empty() && self.is_dry
    }

    fn has_unread(&self) -> bool {
        !self.read.is_empty()
    }

    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.below.write(buf)
    }

    fn proxy(&self) -> Option<&ProxyHeader> {
        self.header.as_ref()
    }

    fn peer_addr(&self) -> Option<Addr> {
        let source = self.header.as_ref().and_then(|header| header.source.clone());
        source.or_else(|| self.below.peer_addr())
    }
}

/// A stream that begins with a header of ours.
#[derive(Debug)]
pub(crate) struct Announcing {
    below: Stream,
    header: Vec<u8>,
    is_dry: bool,
}

impl Announcing {
    pub(crate) fn over(stream: Stream, source: SocketAddr, destination: SocketAddr) -> Stream {
        let header = header::write(source, destination);
        stream.layered(|below| Box::new(Self { below, header, is_dry: false }))
    }
}

impl Layer for Announcing {
    fn below(&self) -> &Stream {
        &self.below
    }

    fn below_mut(&mut self) -> &mut Stream {
        &mut self.below
    }

    fn begin(&mut self) -> io::Result<()> {
        while !self.header.is_empty() {
            let len = self.below.write(&self.header)?;
            self.header.drain(..len.min(self.header.len()));
        }
        Ok(())
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.below.read(buf)?;
        self.is_dry = self.below.is_all(len, buf.len());
        Ok(len)
    }

    fn is_dry(&self) -> bool {
        self.is_dry
    }

    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.below.write(buf)
    }
}
