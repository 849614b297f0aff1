//! One channel, whose peer is the test.

use core::time::Duration;

use super::Net;
use crate::channel::io::Io;
use crate::channel::Channel;
use crate::vocabulary::closed::Closed;
use crate::vocabulary::key::Key;

/// One channel, whose peer is the test.
///
/// ```
/// # use asyncore_runtime::{channel, testing::Session};
/// # #[channel] struct Shout;
/// # #[channel] impl Shout {
/// #     #[terminator(b"\r\n")] fn line(line: &str) -> String { line.to_uppercase() + "\r\n" }
/// # }
/// let mut session = Session::new(Shout);
/// session.feed(b"hel");
/// session.feed(b"lo\r\n");
/// assert_eq!(session.output(), b"HELLO\r\n");
/// ```
#[derive(Debug)]
pub struct Session<T> {
    net: Net,
    key: Key<T>,
}

impl<T: Channel + Default> Session<T> {
    /// What an `#[example]` is tried on: a channel with its default.
    #[must_use]
    pub fn of_example() -> Self {
        Self::new(T::default())
    }
}

/// What an `#[example]` is tried on where the channel has no `Default`, and needs none: it is a
/// struct without fields. [`Session::of_example`] goes before this.
pub trait Sample {
    /// A session with the only value of its channel.
    ///
    /// # Panics
    /// If the channel has fields: its examples have to say how it is built.
    fn of_example() -> Self;
}

impl<T: Channel> Sample for Session<T> {
    fn of_example() -> Self {
        let built = T::UNIT;
        Self::new(built.expect("derive `Default`, or write `#[example(.., with = ..)]`"))
    }
}

impl<T: Channel> Session<T> {
    /// A session in which `channel` was connected to.
    pub fn new(channel: T) -> Self {
        let mut net = Net::new();
        let key = net.open(channel);
        Self { net, key }
    }

    /// The peer sends `data`.
    pub fn feed(&mut self, data: impl AsRef<[u8]>) {
        self.net.feed(self.key, data);
    }

    /// The peer closes its side.
    pub fn feed_eof(&mut self) {
        self.net.feed_eof(self.key);
    }

    /// The peer goes without a word.
    pub fn feed_reset(&mut self) {
        self.net.feed_reset(self.key);
    }

    /// What the channel sent since the last look.
    pub fn output(&mut self) -> Vec<u8> {
        self.net.output(self.key)
    }

    /// Feeds each input and compares what comes out: what `#[example]` tests.
    ///
    /// # Panics
    /// If the output differs, showing both.
    #[track_caller]
    pub fn converse(&mut self, exchanges: &[(&[u8], &[u8])]) {
        for (sent, expected) in exchanges {
            self.feed(sent);
            let output = self.output();
            assert!(
                output == *expected,
                "after b\"{}\": expected b\"{}\", found b\"{}\"",
                sent.escape_ascii(),
                expected.escape_ascii(),
                output.escape_ascii()
            );
        }
    }

    /// The peer reads so many bytes from now on, and then no more.
    pub fn window(&mut self, bytes: usize) {
        self.net.window(self.key, bytes);
    }

    /// Lets time pass.
    pub fn advance(&mut self, time: Duration) {
        self.net.advance(time);
    }

    /// Runs `f` on the channel; `None` if it has closed.
    pub fn with<R: 'static>(
        &mut self,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R + 'static,
    ) -> Option<R> {
        self.net.with(self.key, f)
    }

    /// Whether the channel has not closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.net.is_open(self.key)
    }

    /// Why the connection ended; told once.
    pub fn closed(&mut self) -> Option<Closed> {
        self.net.closed(self.key)
    }

    /// The channel's key.
    #[must_use]
    pub fn key(&self) -> Key<T> {
        self.key
    }

    /// The network the session is in: to look at what the channel opened.
    pub fn net(&mut self) -> &mut Net {
        &mut self.net
    }
}
