//! What is fuzzed. A further protocol is a line in [`TARGETS`], a folder in `corpus/`, and, as a rule,
//! a call of [`testing::fuzz`].

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use asyncore_runtime::testing::{self, Net, Session};
use asyncore_runtime::{channel, tcp, Channel, Closed, Error, Io};

use super::super::simulate;
use super::framing::Framed;
use crate::dice::{Bytes, Dice};
use crate::protocol::Memcached;
use crate::store::Store;

/// Something that takes bytes.
#[derive(Debug)]
pub struct Target {
    /// Its name, and that of its folder in `corpus/`.
    pub name: &'static str,
    /// What often stands in its input.
    pub words: &'static [&'static [u8]],
    /// Panics at a fault; else says in a number what came of the input.
    pub run: fn(&[u8]) -> u64,
}

pub const TARGETS: &[Target] = &[
    Target { name: "framing", words: &[b"\r\n", b"\0\x04", b"\x80\x01", b"ab"], run: framing },
    Target { name: "io", words: &[], run: io },
    Target { name: "proxy", words: PROXY, run: proxy },
    Target { name: "memcached", words: MEMCACHED, run: memcached },
];

const PROXY: &[&[u8]] = &[
    b"PROXY ",
    b"TCP4 ",
    b"TCP6 ",
    b"UNKNOWN",
    b"\r\n",
    b"\r\n\r\n\0\r\nQUIT\n",
    b"\x21\x11\0\x0c",
    b"\x20\0\0\0",
    b"255.255.255.255 ",
    b"::1 ",
    b"65535",
];

const MEMCACHED: &[&[u8]] = &[
    b"get ", b"gets ", b"set ", b"add ", b"cas ", b"append ", b"delete ", b"incr ", b"touch ",
    b"gat ", b"flush_all", b"stats", b"verbosity ", b"quit\r\n", b" noreply", b"\r\n", b" 0 0 1",
    b"4294967296", b"-1",
];

/// What came of a channel that is fed this, in short. It costs another play, so only some are looked at.
fn outcome<T: Channel>(channel: T, data: &[u8]) -> u64 {
    if data.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) % 16 != 0 {
        return 0;
    }
    let mut session = Session::new(channel);
    session.feed(data);
    session.feed_eof();
    let output = session.output();
    let words = output.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let why = session.closed().map(|why| why.to_string());
    let mut hasher = DefaultHasher::new();
    words.take(6).for_each(|word| word.hash(&mut hasher));
    why.map(|why| why.replace(|c: char| c.is_ascii_digit(), "")).hash(&mut hasher);
    hasher.finish()
}

/// A terminator of any kind, and input that may end it.
fn framing(data: &[u8]) -> u64 {
    let mut dice = Bytes(data);
    let framed = Framed::new(&mut dice);
    testing::fuzz(|| framed.clone(), dice.0);
    outcome(framed, dice.0)
}

/// A simulated world, by bytes instead of a seed.
fn io(data: &[u8]) -> u64 {
    let steps = simulate::script::script(&mut Bytes(data));
    if let Err(why) = simulate::run(&steps) {
        panic!("{why}: {steps:?}");
    }
    steps.len() as u64
}

/// What a proxy may say before the first byte.
fn proxy(data: &[u8]) -> u64 {
    let whole = behind(data, data.len());
    for cut in [1, 5] {
        let parts = behind(data, cut);
        assert_eq!(parts, whole, "in reads of {cut}");
    }
    let mut hasher = DefaultHasher::new();
    whole.replace(|c: char| c.is_ascii_digit(), "").hash(&mut hasher);
    hasher.finish()
}

#[channel]
struct Behind(Rc<RefCell<String>>);

#[channel]
impl Behind {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        *self.0.borrow_mut() += &format!("{:?} {:?};", io.peer_addr(), io.proxy());
    }

    #[terminator(b"\n")]
    fn line(&mut self, line: &[u8]) {
        *self.0.borrow_mut() += &line.escape_ascii().to_string();
    }

    #[on_error]
    fn failed(&mut self, _: &Error, io: &mut Io<Self>) {
        io.close();
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        let error = why.error().map(ToString::to_string);
        *self.0.borrow_mut() += &error.unwrap_or_default();
    }
}

fn behind(data: &[u8], cut: usize) -> String {
    let (mut net, said) = (Net::new(), Rc::new(RefCell::new(String::new())));
    let at = tcp("10.0.0.1:80").proxy_protocol(["0.0.0.0/0"]);
    let log = Rc::clone(&said);
    net.listen(at, move |_| Behind(Rc::clone(&log))).expect("free");
    assert!(net.dial("10.0.0.1:80"), "it listens");
    let key = net.keys::<Behind>().pop().expect("it was accepted");
    data.chunks(cut.max(1)).for_each(|part| net.feed(key, part));
    net.feed_eof(key);
    assert_eq!(net.counters().panics(), 0);
    let said = said.borrow().clone();
    said
}

fn memcached(data: &[u8]) -> u64 {
    let make = || Memcached::new(Rc::new(RefCell::new(Store::new(1 << 20))));
    // Its statistics tell the time of day, which goes on between two plays.
    if !data.windows(5).any(|word| word == b"stats") {
        testing::fuzz(make, data);
    }
    outcome(make(), data)
}

/// A choice among kinds of terminators needs dice.
pub(super) fn pick<T: Copy>(dice: &mut Bytes<'_>, of: &[T]) -> T {
    of[dice.below(of.len())]
}
