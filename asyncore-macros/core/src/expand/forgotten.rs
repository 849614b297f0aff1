//! In: a block in which no method is marked. Out: the methods whose attribute was forgotten.
//!
//! Where some are marked, one of such a name may be called from another impl block, and rustc's own
//! `dead_code` says of it if it is not.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::events;
use crate::model::{Method, Protocol};
use crate::theirs;
use crate::words;

/// Each method that is called like an event, here or in asyncore, and that nobody in the block calls;
/// with its attribute.
pub(super) fn methods(protocol: &Protocol) -> Vec<(&Ident, String)> {
    let methods = protocol.methods.iter().filter(|method| method.is_private);
    let forgotten = methods.filter_map(|method| {
        let name = &method.sig.ident;
        let helper = meant(method).filter(|_| !is_called(name, protocol))?;
        Some((
            name,
            match helper {
                "terminator" => "#[terminator(b\"\\r\\n\")]".to_owned(),
                helper => format!("#[{helper}]"),
            },
        ))
    });
    forgotten.collect()
}

/// The attribute that the method's name stands for.
fn meant(method: &Method) -> Option<&'static str> {
    let name = method.sig.ident.unraw().to_string();
    let ours = events::HELPERS
        .iter()
        .copied()
        .find(|helper| *helper == name && *helper != events::EXAMPLE);
    let as_runtime = || events::by_method(&name);
    ours.or_else(as_runtime).or_else(|| theirs::theirs(&name))
}

fn is_called(name: &Ident, protocol: &Protocol) -> bool {
    protocol.methods.iter().any(|method| words::mentions(&method.body, &name.to_string()))
}
