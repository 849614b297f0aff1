//! What Python leaves to run time and the compiler refuses: each of these does not compile.

#![allow(missing_docs)]

/// asynchat's channel without `collect_incoming_data`.
///
/// ```compile_fail
/// use asyncore_runtime::channel;
/// #[channel]
/// struct Chat;
/// #[channel]
/// impl Chat {
///     #[terminator(b"\r\n")]
///     fn found_terminator(&mut self) {}
/// }
/// fn main() {}
/// ```
pub fn t32_abstract_collect() {}
