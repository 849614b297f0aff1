//! Type and const parameters, a where clause, `#[cfg]`, another path of the runtime, a published
//! enum, and user types that share names with the runtime's.

pub(crate) mod net {
    pub(crate) use asyncore_runtime as rt;
}

use asyncore_runtime::channel;

pub trait Store: 'static {
    fn get(&self, key: &str) -> Vec<u8>;
}

/// Not the runtime's.
pub struct Frame;

#[channel(crate = crate::generics::net::rt, output_high = N)]
pub struct Memcache<S: Store, const N: usize> {
    pub store: S,
}

#[channel(crate = crate::generics::net::rt, states = pub Waiting)]
impl<S, const N: usize> Memcache<S, N>
where
    S: Store,
{
    #[terminator(b"\r\n", max = N)]
    fn get(&mut self, key: &str) -> Vec<u8> {
        self.store.get(key)
    }

    #[cfg(windows)]
    #[terminator(prefix = u16)]
    fn never(&mut self, frame: &[u8]) {
        drop(frame);
    }

    #[cfg(windows)]
    #[on_eof]
    fn end(&mut self) {}

    #[on_timer]
    fn framed(&mut self, _value: Frame) -> &'static str {
        "frame\r\n"
    }

    #[on_timer]
    fn tick(&mut self) -> &'static str {
        "tick\r\n"
    }
}
