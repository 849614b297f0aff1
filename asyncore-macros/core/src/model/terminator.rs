//! What a `#[terminator(..)]` says.

use proc_macro2::{Ident, Literal, TokenStream};
use syn::Expr;

use super::Time;

/// The arguments of `#[terminator(..)]`.
pub(crate) struct Terminator {
    pub(crate) ends: Ends,
    /// The tokens that say so, for the caret.
    pub(crate) at: TokenStream,
    pub(crate) end: Option<Bytes>,
    pub(crate) max: Option<Expr>,
    pub(crate) within: Option<(Time, String)>,
    pub(crate) discard: Option<Ident>,
    /// A drain waits while the channel is in this state.
    pub(crate) busy: bool,
    pub(crate) next: Option<Ident>,
    /// What stands behind `next =`, if it is no name.
    pub(crate) misnamed: Option<Misnamed>,
}

/// `next = "body"`
pub(crate) struct Misnamed {
    pub(crate) at: TokenStream,
    /// The name that can be read from it.
    pub(crate) meant: Option<String>,
}

/// What ends a frame.
pub(crate) enum Ends {
    Bytes(Bytes),
    Any(Vec<Bytes>),
    /// `bytes`: the delimiter is set at run time.
    BytesAtRunTime,
    /// `len`: the length is set at run time.
    LenAtRunTime,
    Len(Expr),
    Prefix {
        width: Width,
        order: Order,
    },
    Varint,
    Eof,
    /// `none`: not framed.
    Nothing,
    With(TokenStream),
}

/// The bytes of a terminator.
#[derive(Clone)]
pub(crate) struct Bytes {
    /// As a byte string, with the span of what the user wrote.
    pub(crate) token: Literal,
    pub(crate) value: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Big,
    Little,
}

/// `u8` to `u64`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Width {
    pub(crate) bytes: u8,
}
