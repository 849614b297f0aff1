//! What a struct marked `#[channel]` says.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, Generics, Member, Type};

use super::Levels;

/// A struct marked `#[channel]`.
pub(crate) struct Settings {
    /// Of the word `struct`: what is written for the item resolves as it does.
    pub(crate) keyword: Span,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) runtime: TokenStream,
    pub(crate) levels: Levels,
    /// `struct Shout;`
    pub(crate) is_unit: bool,
    pub(crate) limits: Vec<Limit>,
    pub(crate) fields: Vec<Field>,
    /// Helpers on the struct itself, which were reported.
    pub(crate) assumed: Vec<&'static str>,
}

/// `max_frame = 8 * 1024`
pub(crate) struct Limit {
    pub(crate) name: Ident,
    pub(crate) value: Amount,
    /// As the user wrote it, for the docs.
    pub(crate) written: String,
}

pub(crate) enum Amount {
    Size(Expr),
    Time(Time),
}

/// A length of time.
pub(crate) enum Time {
    Never,
    /// `count * scale` of a unit: `"5m"` is written `secs(5 * 60)`.
    Parts {
        unit: &'static str,
        count: u64,
        scale: u64,
    },
    Expr(Expr),
}

/// A field the runtime drives.
pub(crate) struct Field {
    pub(crate) drives: Drives,
    /// The word of the attribute that says so.
    pub(crate) helper: Option<Ident>,
    pub(crate) member: Member,
    /// How many follow, of a tuple's field that has no number: one before it may not be there.
    pub(crate) followed_by: Option<usize>,
    pub(crate) ty: Type,
    pub(crate) cfgs: Vec<TokenStream>,
}

/// How a field is called: its name, or its number.
pub(crate) fn member_name(member: &Member) -> String {
    match member {
        Member::Named(ident) => ident.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drives {
    /// `#[on_read]`: data is appended to it.
    Collects,
    /// `#[terminator]`: it says what to wait for.
    Terminates,
    /// `#[producer]`: output is pulled from it.
    Produces,
}

impl Drives {
    /// The attribute that says so.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Collects => "on_read",
            Self::Terminates => "terminator",
            Self::Produces => "producer",
        }
    }
}
