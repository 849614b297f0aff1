//! What a handler can return.

use crate::channel::io::Io;
use crate::channel::Channel;
use crate::output::push::Push;
use crate::vocabulary::error::{BoxError, Error, Result};

/// What a handler can return: nothing, anything byte-like, `Option` and `Result` of those, or a
/// type of your own.
///
/// ```
/// use asyncore_runtime::{Channel, Io, Reply, Result};
/// enum Answer { Stored, Count(u64) }
/// impl<T: Channel> Reply<T> for Answer {
///     fn send(self, io: &mut Io<T>) -> Result {
///         match self {
///             Answer::Stored => io.push("STORED\r\n"),
///             Answer::Count(n) => io.push(format_args!("{n}\r\n")),
///         }
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "this is not a reply",
    note = "return `()`, something byte-like, an `Option` or a `Result` of those, or implement `Reply` for `{Self}`"
)]
pub trait Reply<T> {
    /// Sends the reply.
    ///
    /// # Errors
    /// What `#[on_error]` is to hear of; an `Err` returned by a handler is [`Error::Handler`].
    // The bound is the method's, not the trait's: a channel's impl may then ask for a reply of its
    // own (`where S::Out: Reply<Self>`), and is not asked for itself in turn.
    fn send(self, io: &mut Io<T>) -> Result
    where
        T: Channel;
}

/// Sends what a handler returned: [`Reply::send`], as the macro calls it.
///
/// # Errors
/// As of [`Reply::send`].
#[inline]
pub fn reply<T: Channel, R: Reply<T>>(returned: R, io: &mut Io<T>) -> Result {
    returned.send(io)
}

impl<T> Reply<T> for () {
    #[inline]
    fn send(self, _: &mut Io<T>) -> Result
    where
        T: Channel,
    {
        Ok(())
    }
}

impl<T, P: Push> Reply<T> for P {
    #[inline]
    fn send(self, io: &mut Io<T>) -> Result
    where
        T: Channel,
    {
        io.push(self);
        Ok(())
    }
}

impl<T, R: Reply<T>> Reply<T> for Option<R> {
    #[inline]
    fn send(self, io: &mut Io<T>) -> Result
    where
        T: Channel,
    {
        self.map_or(Ok(()), |reply| reply.send(io))
    }
}

impl<T, R: Reply<T>, E: Into<BoxError>> Reply<T> for core::result::Result<R, E> {
    #[inline]
    fn send(self, io: &mut Io<T>) -> Result
    where
        T: Channel,
    {
        self.map_err(Error::handler)?.send(io)
    }
}
