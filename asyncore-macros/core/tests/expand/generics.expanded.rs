//! Type and const parameters, a where clause, `#[cfg]`, another path of the runtime, a published
//! enum, and user types that share names with the runtime's.
pub(crate) mod net {
    pub(crate) use asyncore_runtime as rt;
}
pub trait Store: 'static {
    fn get(&self, key: &str) -> Vec<u8>;
}
/// Not the runtime's.
pub struct Frame;
pub struct Memcache<S: Store, const N: usize> {
    pub store: S,
}
const _: () = {
    use crate::generics::net::rt as rt_;
    /// What `#[channel]` says of `Memcache`.
    #[automatically_derived]
    impl<S: Store, const N: usize> rt_::Settings for Memcache<S, N>
    where
        S: 'static,
    {
        /// From `output_high = N`.
        const LIMITS: rt_::Limits = rt_::Limits::DEFAULT.output_high(N).checked();
    }
};
impl<S, const N: usize> Memcache<S, N>
where
    S: Store,
{
    fn get(&mut self, key: &str) -> Vec<u8> {
        self.store.get(key)
    }
    #[cfg(windows)]
    fn never(&mut self, frame: &[u8]) {
        drop(frame);
    }
    #[cfg(windows)]
    fn end(&mut self) {}
    fn framed(&mut self, _value: Frame) -> &'static str {
        "frame\r\n"
    }
    fn tick(&mut self) -> &'static str {
        "tick\r\n"
    }
}
/// What `Memcache` can wait for: a variant for each `#[terminator]` method.
#[derive(::core::fmt::Debug, ::core::default::Default)]
pub enum Waiting {
    /// `fn get`: up to `b"\r\n"`.
    #[default]
    Get,
    #[cfg(windows)]
    /// `fn never`: as many bytes as a `u16` in front says.
    Never,
}
const _: () = {
    use crate::generics::net::rt as rt_;
    use rt_::{Channel, Io, OnTimer, Result, Settings, Size, Until, largest_frame, reply};
    type State = Waiting;
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Get` | up to `b"\r\n"` | `N` | `frame_timeout` | `get` | itself |
    /// | `Never` | as many bytes as a `u16` in front says | `max_length` | `frame_timeout` | `never` | itself |
    #[automatically_derived]
    impl<S, const N: usize> Channel for Memcache<S, N>
    where
        S: Store,
        S: 'static,
    {
        type Terminator = Waiting;
        const MAX_FRAME: ::core::primitive::usize = largest_frame::<
            Self,
        >(&[Size(N).get(), #[cfg(windows)] <Self as Settings>::LIMITS.max_length]);
        fn until<'a>(&'a self, at_: &'a State) -> Until<'a, State> {
            match at_ {
                State::Get => Until::bytes(b"\r\n").max(Size(N).get()),
                #[cfg(windows)]
                State::Never => Until::prefix_be(2),
            }
        }
        fn found_terminator(
            &mut self,
            frame_: rt_::Frame<'_>,
            io_: &mut Io<Self>,
        ) -> Result {
            match Io::terminator(io_) {
                State::Get => reply(Self::get(self, frame_.parse()?), io_)?,
                #[cfg(windows)]
                State::Never => Self::never(self, frame_.parse()?),
            }
            ::core::result::Result::Ok(())
        }
        #[cfg(windows)]
        fn on_eof(&mut self, _: &mut Io<Self>) -> Result {
            Self::end(self);
            ::core::result::Result::Ok(())
        }
    }
    /// From `#[on_timer] fn framed`.
    #[automatically_derived]
    impl<S, const N: usize> OnTimer<Frame> for Memcache<S, N>
    where
        S: Store,
        S: 'static,
    {
        fn on_timer(&mut self, value_: Frame, io_: &mut Io<Self>) -> Result {
            reply(Self::framed(self, value_), io_)
        }
    }
    /// From `#[on_timer] fn tick`.
    #[automatically_derived]
    impl<S, const N: usize> OnTimer<()> for Memcache<S, N>
    where
        S: Store,
        S: 'static,
    {
        fn on_timer(&mut self, _: (), io_: &mut Io<Self>) -> Result {
            reply(Self::tick(self), io_)
        }
    }
};
