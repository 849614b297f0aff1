//! The event loop under the servers written by hand: mio, edge-triggered, as little as is correct.
//!
//! One read buffer and one output buffer for all connections, both interests registered once, one
//! write for each read, and no second read where the first came back short.

use std::io::{self, ErrorKind, Read, Write};

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

const LISTENER: Token = Token(usize::MAX);
/// Also the longest line: a connection whose line fills it is closed.
const READ_BUFFER: usize = 64 * 1024;

/// Serves until an error. `answer` is given the bytes not used yet, how many of them it saw before,
/// and a buffer to write to; it returns how many bytes it used and the reply.
pub(super) fn serve<A>(listener: std::net::TcpListener, answer: A) -> io::Result<()>
where
    A: for<'a> Fn(&'a [u8], usize, &'a mut Vec<u8>) -> (usize, &'a [u8]),
{
    let mut server = Server::new(listener)?;
    let mut events = Events::with_capacity(1024);
    loop {
        match server.poll.poll(&mut events, None) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        for event in &events {
            match event.token() {
                LISTENER => server.accept()?,
                Token(key) => server.ready(key, event, &answer),
            }
        }
    }
}

struct Server {
    poll: Poll,
    listener: TcpListener,
    connections: Slab<Connection>,
    scratch: Scratch,
}

struct Scratch {
    input: Box<[u8]>,
    output: Vec<u8>,
}

impl Server {
    fn new(listener: std::net::TcpListener) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::from_std(listener);
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let scratch = Scratch {
            input: vec![0; READ_BUFFER].into_boxed_slice(),
            output: Vec::with_capacity(READ_BUFFER),
        };
        Ok(Self { poll, listener, connections: Slab::new(), scratch })
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => self.add(stream)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn add(&mut self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let entry = self.connections.vacant_entry();
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(entry.key()), both)?;
        entry.insert(Connection::new(stream));
        Ok(())
    }

    fn ready<A>(&mut self, key: usize, event: &Event, answer: &A)
    where
        A: for<'a> Fn(&'a [u8], usize, &'a mut Vec<u8>) -> (usize, &'a [u8]),
    {
        // A connection closed earlier in this pass is gone; one that took its place in the same
        // pass finds nothing to read.
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.readable |= event.is_readable() || event.is_read_closed();
        connection.ended |= event.is_read_closed() || event.is_error();
        if !matches!(connection.drive(&mut self.scratch, answer), Ok(State::Open)) {
            // Dropping the stream takes it out of the poll as well.
            self.connections.remove(key);
        }
    }
}

enum State {
    Open,
    Closed,
}

struct Connection {
    stream: TcpStream,
    /// The start of a line whose end has not come.
    partial: Vec<u8>,
    /// What the socket would not take; while there is any, nothing is read.
    unsent: Vec<u8>,
    readable: bool,
    /// The peer will send no more, so a short read is no sign that an event will follow.
    ended: bool,
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        Self { stream, partial: Vec::new(), unsent: Vec::new(), readable: false, ended: false }
    }

    fn drive<A>(&mut self, scratch: &mut Scratch, answer: &A) -> io::Result<State>
    where
        A: for<'a> Fn(&'a [u8], usize, &'a mut Vec<u8>) -> (usize, &'a [u8]),
    {
        self.flush()?;
        while self.readable && self.unsent.is_empty() {
            let seen = self.partial.len();
            scratch.input[..seen].copy_from_slice(&self.partial);
            let room = READ_BUFFER - seen;
            let read = match self.stream.read(&mut scratch.input[seen..]) {
                Ok(0) => return Ok(State::Closed),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.readable = false;
                    break;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.readable = read == room || self.ended;
            let input = &scratch.input[..seen + read];
            let (used, reply) = answer(input, seen, &mut scratch.output);
            self.send(reply)?;
            self.partial.clear();
            self.partial.extend_from_slice(&input[used..]);
        }
        Ok(State::Open)
    }

    fn send(&mut self, reply: &[u8]) -> io::Result<()> {
        if reply.is_empty() {
            return Ok(());
        }
        let sent = write(&mut self.stream, reply)?;
        self.unsent.extend_from_slice(&reply[sent..]);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        let sent = write(&mut self.stream, &self.unsent)?;
        self.unsent.drain(..sent);
        if self.unsent.is_empty() {
            self.unsent = Vec::new();
        }
        Ok(())
    }
}

/// How much the socket took. After less than all, it says when there is room again.
fn write(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match stream.write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(0),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
