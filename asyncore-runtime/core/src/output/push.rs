//! What can be pushed.

use bytes::{Bytes, BytesMut};
use core::fmt;
use std::borrow::Cow;

use crate::output::Queue;
use crate::vocabulary::error::{Error, Result};
use crate::vocabulary::guard::filled;

/// Byte-like: what [`Io::push`](crate::Io::push) takes. Implement it for a type of your own to write
/// it without an intermediate buffer.
///
/// ```
/// use asyncore_runtime::{Push, Sink};
/// struct Status(u16, &'static str);
/// impl Push for Status {
///     fn push_to(self, out: &mut Sink<'_>) {
///         self.0.to_string().push_to(out);
///         " ".push_to(out);
///         self.1.push_to(out);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be pushed",
    label = "this is not bytes",
    note = "push `&[u8]`, `&str`, `Vec<u8>`, `String`, `Bytes` or `format_args!(..)`, or implement `Push` for `{Self}`"
)]
pub trait Push {
    /// Puts the bytes into `out`.
    fn push_to(self, out: &mut Sink<'_>);
}

/// Where [`Push`] puts bytes: the end of an output queue.
#[derive(Debug)]
pub struct Sink<'a>(&'a mut Queue);

impl<'a> Sink<'a> {
    #[inline]
    pub(crate) fn new(queue: &'a mut Queue) -> Self {
        Self(queue)
    }

    /// Appends bytes.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        self.0.put(bytes);
    }

    /// Appends bytes; large ones are kept as they are, without a copy.
    pub fn put_bytes(&mut self, bytes: Bytes) {
        self.0.put_bytes(bytes);
    }
}

/// What is told of a push that did not become bytes.
pub(crate) fn push_failed() -> Error {
    Error::handler("a `Display` that was pushed returned an error")
}

/// What was pushed, in one piece.
pub(crate) fn bytes_of(data: impl Push) -> Result<Bytes> {
    let mut queue = filled(Queue::default(), |queue| data.push_to(&mut Sink::new(queue)));
    if queue.take_failure() {
        return Err(push_failed());
    }
    Ok(queue.into_bytes())
}

impl fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

impl Push for &[u8] {
    #[inline]
    fn push_to(self, out: &mut Sink<'_>) {
        out.put(self);
    }
}

impl Push for Bytes {
    fn push_to(self, out: &mut Sink<'_>) {
        out.put_bytes(self);
    }
}

impl Push for fmt::Arguments<'_> {
    fn push_to(self, out: &mut Sink<'_>) {
        // A sink takes everything; only a `Display` of the user's can fail. Half of what it says
        // must not go out as if it were all: the channel is told.
        let mark = out.0.mark();
        if fmt::Write::write_fmt(out, self).is_err() {
            out.0.take_back(&mark);
        }
    }
}

/// Types that lend their bytes.
macro_rules! push_as_bytes {
    ($($type:ty),*) => {$(
        impl Push for $type {
            #[inline]
            fn push_to(self, out: &mut Sink<'_>) {
                out.put(self.as_ref());
            }
        }
    )*};
}

push_as_bytes!(&str, String, &String, &Vec<u8>, &BytesMut, Box<[u8]>, Cow<'_, [u8]>);

impl Push for &Bytes {
    #[inline]
    fn push_to(self, out: &mut Sink<'_>) {
        out.0.put_shared(self);
    }
}

impl<const N: usize> Push for [u8; N] {
    #[inline]
    fn push_to(self, out: &mut Sink<'_>) {
        out.put(&self);
    }
}

impl<const N: usize> Push for &[u8; N] {
    #[inline]
    fn push_to(self, out: &mut Sink<'_>) {
        out.put(self);
    }
}

impl Push for Cow<'_, str> {
    fn push_to(self, out: &mut Sink<'_>) {
        out.put(self.as_bytes());
    }
}

impl Push for Vec<u8> {
    fn push_to(self, out: &mut Sink<'_>) {
        out.put_bytes(self.into());
    }
}

impl Push for BytesMut {
    fn push_to(self, out: &mut Sink<'_>) {
        out.put_bytes(self.freeze());
    }
}

/// What a field marked `#[on_read]` can be: something that collects incoming data.
#[diagnostic::on_unimplemented(
    message = "incoming data cannot be collected into a `{Self}`",
    label = "this field is marked `#[on_read]`",
    note = "use `Vec<u8>`, `BytesMut` or `VecDeque<u8>`, or implement `Collect` for `{Self}`"
)]
pub trait Collect {
    /// Appends what came in.
    fn collect(&mut self, data: &[u8]);

    /// Takes back the last `len` bytes that were appended, or as many as are left of them: they
    /// are of a frame that outgrew its limit. Unless this is written, they stay.
    fn take_back(&mut self, len: usize) {
        let _ = len;
    }
}

impl Collect for Vec<u8> {
    fn collect(&mut self, data: &[u8]) {
        self.extend_from_slice(data);
    }

    fn take_back(&mut self, len: usize) {
        self.truncate(self.len().saturating_sub(len));
    }
}

impl Collect for BytesMut {
    fn collect(&mut self, data: &[u8]) {
        self.extend_from_slice(data);
    }

    fn take_back(&mut self, len: usize) {
        self.truncate(self.len().saturating_sub(len));
    }
}

impl Collect for std::collections::VecDeque<u8> {
    fn collect(&mut self, data: &[u8]) {
        self.extend(data);
    }

    fn take_back(&mut self, len: usize) {
        self.truncate(self.len().saturating_sub(len));
    }
}
