//! In: a block in which no method is marked. Out: the methods whose attribute was forgotten.
//!
//! Where some are marked, one of such a name may be called from another impl block, and rustc's own
//! `dead_code` says of it if it is not.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::events;
use crate::model::{Method, Protocol};
use crate::theirs;
use crate::words;

/// Reports each method that is called like an event, here or in asyncore, and that nobody calls.
pub(super) fn attributes(protocol: &Protocol, errors: &mut Errors) {
    if protocol.handlers().next().is_some() || !errors.is_empty() {
        return;
    }
    for method in protocol.methods.iter().filter(|method| method.is_private) {
        let name = &method.sig.ident;
        let Some(helper) = meant(method).filter(|_| !is_called(name, protocol)) else { continue };
        let attribute = if helper == "terminator" { "terminator(b\"\\r\\n\")" } else { helper };
        errors.help(
            name,
            format_args!("nothing calls `fn {name}`: no attribute says what it is for"),
            format_args!("mark it `#[{attribute}]`"),
        );
    }
}

/// The attribute that the method's name stands for.
fn meant(method: &Method) -> Option<&'static str> {
    let name = method.sig.ident.unraw().to_string();
    let ours = events::helpers().find(|helper| *helper == name && *helper != events::EXAMPLE);
    let as_runtime = || events::by_method(&name);
    ours.or_else(as_runtime).or_else(|| theirs::theirs(&name))
}

fn is_called(name: &Ident, protocol: &Protocol) -> bool {
    protocol.methods.iter().any(|method| words::mentions(&method.body, &name.to_string()))
}
