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
pub trait Reply<T: Channel> {
    /// Sends the reply.
    ///
    /// # Errors
    /// What `#[on_error]` is to hear of; an `Err` returned by a handler is [`Error::Handler`].
    fn send(self, io: &mut Io<T>) -> Result;
}

impl<T: Channel> Reply<T> for () {
    #[inline]
    fn send(self, _: &mut Io<T>) -> Result {
        Ok(())
    }
}

impl<T: Channel, P: Push> Reply<T> for P {
    #[inline]
    fn send(self, io: &mut Io<T>) -> Result {
        io.push(self);
        Ok(())
    }
}

impl<T: Channel, R: Reply<T>> Reply<T> for Option<R> {
    #[inline]
    fn send(self, io: &mut Io<T>) -> Result {
        self.map_or(Ok(()), |reply| reply.send(io))
    }
}

impl<T: Channel, R: Reply<T>, E: Into<BoxError>> Reply<T> for core::result::Result<R, E> {
    #[inline]
    fn send(self, io: &mut Io<T>) -> Result {
        self.map_err(Error::handler)?.send(io)
    }
}
