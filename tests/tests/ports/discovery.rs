//! Who is there? Nodes that find each other over UDP, by a group or by broadcast, all on one port of one
//! machine: each says that it is alive, answers who looks for its kind, and forgets whom it hears no more.

use asyncore_runtime::{channel, udp, Error, Io, Key, Map, TimerId};
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

pub const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 77, 7);

/// The interface of this machine alone.
const INTERFACE: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Whoever has not been heard for so many announcements is gone.
const MISSED: u32 = 3;

/// The most that are known: names are whatever comes.
const MOST: usize = 256;

struct Announce;

struct Forget(String);

#[channel]
pub struct Node {
    name: String,
    kind: String,
    every: Duration,
    known: BTreeMap<String, TimerId>,
}

#[channel]
impl Node {
    #[on_read]
    fn heard(&mut self, text: &str, io: &mut Io<Self>) -> Option<String> {
        let (verb, arg) = text.split_once(' ').unwrap_or((text, ""));
        match verb {
            "FIND" if arg == self.kind || arg == "*" => {
                return Some(format!("HERE {} {}", self.name, self.kind));
            }
            "LIST" => {
                let names: Vec<&str> = self.known.keys().map(String::as_str).collect();
                return Some(format!("KNOWN {}: {}", self.name, names.join(", ")));
            }
            "ALIVE" if arg != self.name => self.meet(arg, io),
            "BYE" => self.forget(Forget(arg.to_owned()), io),
            _ => {}
        }
        None
    }

    #[on_timer]
    fn announce(&mut self, _: Announce, io: &mut Io<Self>) {
        self.say("ALIVE", io);
        io.set_timer(self.every, Announce);
    }

    #[on_timer]
    fn forget(&mut self, Forget(name): Forget, io: &mut Io<Self>) {
        self.known.remove(&name).map(|timer| io.cancel(timer));
    }

    /// What is no text is nobody's, and an answer that cannot be sent is not missed.
    #[on_error]
    fn is_noise(_: &Error) {}
}

impl Node {
    /// Binds, and begins to be alive.
    pub fn start(
        map: &mut Map,
        port: u16,
        name: &str,
        kind: &str,
        every: Duration,
    ) -> io::Result<Key<Self>> {
        let known = BTreeMap::new();
        let node = Self { name: name.to_owned(), kind: kind.to_owned(), every, known };
        let at = udp((Ipv4Addr::UNSPECIFIED, port)).reuse_address().broadcast();
        let key = map.datagram(at.join_multicast_v4(GROUP, INTERFACE), node)?;
        map.tell(key, |node, io| {
            let socket = io.socket_options().ok_or(io::ErrorKind::NotConnected)?;
            socket.set_multicast_if_v4(&INTERFACE)?;
            node.announce(Announce, io);
            Ok::<_, io::Error>(())
        });
        Ok(key)
    }

    pub fn leave(&mut self, io: &mut Io<Self>) {
        self.say("BYE", io);
        io.close_when_done();
    }

    fn say(&mut self, verb: &str, io: &mut Io<Self>) {
        let port = io.local_addr().map_or(0, |addr| addr.port());
        io.push_to_addr((GROUP, port).into(), format_args!("{verb} {}", self.name));
    }

    fn meet(&mut self, name: &str, io: &mut Io<Self>) {
        self.forget(Forget(name.to_owned()), io);
        if self.known.len() < MOST {
            let timer = io.set_timer(self.every * MISSED, Forget(name.to_owned()));
            self.known.insert(name.to_owned(), timer);
        }
    }
}
