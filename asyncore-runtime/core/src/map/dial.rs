//! Whom to connect to, and how: what `connect` takes.

use std::io;

use crate::transport::system::Target;
use crate::vocabulary::addr::{resolve, Addr, ToAddr};

/// What [`Map::connect`](crate::Map::connect) takes: an address, a path, or a [`Dial`] with options.
pub trait Connect {
    /// The connection to be, with its options.
    fn dial(self) -> Dial;
}

impl<A: ToAddr> Connect for A {
    fn dial(self) -> Dial {
        Dial { to: resolve("connect to", &self), from: None }
    }
}

impl Connect for Dial {
    fn dial(self) -> Dial {
        self
    }
}

/// An address to connect to, with options.
///
/// ```no_run
/// # use asyncore_runtime::{channel, dial, Map};
/// # #[channel] struct Client;
/// # #[channel] impl Client { #[on_read] fn read(_: &[u8]) {} }
/// # let mut map = Map::new()?;
/// map.connect(dial("192.0.2.7:21").bind("0.0.0.0:2020"), Client)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn dial(to: impl ToAddr) -> Dial {
    to.dial()
}

/// A connection to be made, with options.
#[derive(Debug)]
#[must_use = "nobody is connected to before `connect` takes it"]
pub struct Dial {
    to: io::Result<Vec<Addr>>,
    from: Option<io::Result<Vec<Addr>>>,
}

impl Dial {
    /// The address on this side, and its port, or 0 for any: asyncore's `bind` before `connect`. Of
    /// several the one of the peer's family is taken. TCP only.
    pub fn bind(mut self, local: impl ToAddr) -> Self {
        self.from = Some(resolve("bind to", &local));
        self
    }

    pub(crate) fn target(self) -> io::Result<Target> {
        Ok(Target { addrs: self.to?, from: self.from.transpose()?.unwrap_or_default() })
    }
}
