//! In: the attributes of an item. Out: what they say of lints.

use syn::Attribute;

use crate::model::{Level, Levels};
use crate::words;

/// What these attributes say.
pub(super) fn read(attrs: &[Attribute]) -> Levels {
    let is_deprecated = attrs.iter().any(|attr| attr.path().is_ident("deprecated"));
    let lifted = attrs.iter().filter_map(|attr| {
        let expected = attr.path().is_ident("expect");
        let list =
            attr.meta.require_list().ok().filter(|_| expected || attr.path().is_ident("allow"))?;
        let mut tokens = list.tokens.clone().into_iter();
        let of_dead_code = tokens.any(|token| words::is_word(Some(&token), "dead_code"));
        Some(Level { lints: list.tokens.clone(), expected, of_dead_code })
    });
    Levels { lifted: lifted.collect(), is_deprecated }
}
