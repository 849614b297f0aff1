//! A SOCKS5 proxy (RFC 1928) for TCP: a few counted reads, and then two channels carry bytes for each
//! other, neither read further than the other takes.

use asyncore_runtime::{channel, Error, Io, Key, Limit};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

const VERSION: u8 = 5;
const CONNECT: u8 = 1;

/// What a request is answered with.
enum Answer {
    Done = 0,
    Failed = 1,
    Unreachable = 4,
    Refused = 5,
    NoCommand = 7,
    NoAddress = 8,
}

#[channel]
#[derive(Default)]
pub struct Socks {
    name: String,
    upstream: Option<Key<Upstream>>,
}

#[channel]
impl Socks {
    #[terminator(len = 2)]
    fn greeting(&mut self, [version, methods]: [u8; 2], io: &mut Io<Self>) {
        if version != VERSION {
            io.close();
        }
        io.set_terminator(SocksTerminator::Methods(methods.into()));
    }

    #[terminator(len, max = 255, next = request)]
    fn methods(methods: &[u8], io: &mut Io<Self>) -> [u8; 2] {
        if methods.contains(&0) {
            return [VERSION, 0];
        }
        io.close_when_done();
        [VERSION, 255]
    }

    #[terminator(len = 4)]
    fn request(&mut self, [_, command, _, kind]: [u8; 4], io: &mut Io<Self>) {
        match kind {
            _ if command != CONNECT => self.refuse(Answer::NoCommand, io),
            1 => io.set_terminator(SocksTerminator::V4),
            3 => io.set_terminator(SocksTerminator::Name),
            4 => io.set_terminator(SocksTerminator::V6),
            _ => self.refuse(Answer::NoAddress, io),
        }
    }

    #[terminator(len = 6, next = tunnel)]
    fn v4(&mut self, [at @ .., high, low]: [u8; 6], io: &mut Io<Self>) {
        self.dial(Ok((Ipv4Addr::from(at), u16::from_be_bytes([high, low])).into()), io);
    }

    #[terminator(len = 18, next = tunnel)]
    fn v6(&mut self, [at @ .., high, low]: [u8; 18], io: &mut Io<Self>) {
        self.dial(Ok((Ipv6Addr::from(at), u16::from_be_bytes([high, low])).into()), io);
    }

    #[terminator(prefix = u8, next = port)]
    fn name(&mut self, name: String) {
        self.name = name;
    }

    /// To look a name up blocks: a thread does, and nothing is read meanwhile.
    #[terminator(len = 2, next = tunnel)]
    fn port(&mut self, port: [u8; 2], io: &mut Io<Self>) {
        let name = std::mem::take(&mut self.name);
        let owed = io.owe();
        io.pause();
        std::thread::spawn(move || {
            let found = (name.as_str(), u16::from_be_bytes(port)).to_socket_addrs();
            let first = found.and_then(|mut all| all.next().ok_or(io::ErrorKind::NotFound.into()));
            owed.answer(move |socks, io| socks.dial(first, io));
        });
    }

    #[terminator(none)]
    fn tunnel(&mut self, data: &[u8], io: &mut Io<Self>) {
        self.upstream.iter().for_each(|upstream| io.push_to(*upstream, data));
    }

    /// Who says no more may still listen.
    #[on_eof]
    fn no_more(&mut self, io: &mut Io<Self>) {
        match self.upstream {
            Some(upstream) => io.tell(upstream, |_, io| io.end_output()),
            None => io.close_when_done(),
        }
    }

    #[on_close]
    fn closed(&mut self, io: &mut Io<Self>) {
        self.upstream.iter().for_each(|upstream| io.tell(*upstream, |_, io| io.close_when_done()));
    }
}

impl Socks {
    fn dial(&mut self, to: io::Result<SocketAddr>, io: &mut Io<Self>) {
        let client = io.key();
        io.resume();
        match to.and_then(|to| io.connect(to, Upstream { client })) {
            Ok(upstream) => self.upstream = Some(upstream),
            Err(_) => self.refuse(Answer::Unreachable, io),
        }
    }

    fn refuse(&mut self, why: Answer, io: &mut Io<Self>) {
        answer(why, io);
        io.close_when_done();
    }
}

/// With the address that nobody has: no client looks at it.
fn answer(answer: Answer, io: &mut Io<Socks>) {
    io.push([VERSION, answer as u8, 0, 1, 0, 0, 0, 0, 0, 0]);
}

#[channel]
pub struct Upstream {
    client: Key<Socks>,
}

#[channel]
impl Upstream {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        io.tell(self.client, |_, io| answer(Answer::Done, io));
    }

    #[on_read]
    fn read(&mut self, data: &[u8], io: &mut Io<Self>) {
        io.push_to(self.client, data);
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        let why = match error {
            Error::Connect { source, .. } if source.kind() == io::ErrorKind::ConnectionRefused => {
                Answer::Refused
            }
            Error::Connect { .. } | Error::Timeout { limit: Limit::Connect, .. } => Answer::Failed,
            _ => return,
        };
        io.tell(self.client, move |socks, io| socks.refuse(why, io));
    }

    #[on_close]
    fn closed(&mut self, io: &mut Io<Self>) {
        io.tell(self.client, |_, io| io.close_when_done());
    }
}
