//! Mutated channels: the macro never panics, whatever it is given, and of what is Rust it makes Rust.
//!
//! 100,000 inputs, the same in each run; `FUZZ_INPUTS` sets another number.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Real channels, the snapshots' inputs.
const CHANNELS: &[&str] = &[
    include_str!("expand/shout.rs"),
    include_str!("expand/request.rs"),
    include_str!("expand/terminators.rs"),
    include_str!("expand/generics.rs"),
    include_str!("expand/configured.rs"),
    include_str!("expand/dispatcher.rs"),
    include_str!("expand/fields.rs"),
    include_str!("expand/examples.rs"),
    include_str!("expand/smtp.rs"),
];

#[test]
fn no_input_makes_it_panic() {
    let inputs = std::env::var("FUZZ_INPUTS").ok().and_then(|text| text.parse().ok());
    let inputs: u32 = inputs.unwrap_or(100_000);
    let channels: Vec<TokenStream> =
        CHANNELS.iter().map(|source| source.parse().unwrap()).collect();
    let items: Vec<TokenStream> = channels.into_iter().flat_map(items).collect();
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for _ in 0..inputs {
        let item = &items[random.below(items.len())];
        let mut mutated = item.clone();
        for _ in 0..=random.below(3) {
            let other = &items[random.below(items.len())];
            mutated = mutate(mutated, other, &mut random);
        }
        let text = mutated.to_string();
        // All else goes through the printer only.
        let is_marked = text.starts_with("# [channel") || text.starts_with("# [asyncore_runtime");
        let is_rust = is_marked && syn::parse2::<syn::File>(mutated.clone()).is_ok();
        let outcome = std::panic::catch_unwind(|| asyncore_macros_core::file(mutated));
        let Ok(written) = outcome else { panic!("panicked on:\n{text}") };
        let is_read = |written: &TokenStream| syn::parse2::<syn::File>(written.clone()).is_ok();
        assert!(!is_rust || is_read(&written), "of\n{text}\nit made\n{written}");
    }
}

/// The marked items of a file.
fn items(file: TokenStream) -> Vec<TokenStream> {
    let file: syn::File = syn::parse2(file).unwrap();
    file.items.iter().map(|item| quote::quote!(#item)).collect()
}

/// Deletes, doubles, swaps or replaces a token, at any depth.
fn mutate(tokens: TokenStream, other: &TokenStream, random: &mut Random) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if tokens.is_empty() {
        return other.clone();
    }
    let at = random.below(tokens.len());
    if let (TokenTree::Group(group), true) = (&tokens[at], random.below(8) > 0) {
        let mut inside = Group::new(group.delimiter(), mutate(group.stream(), other, random));
        inside.set_span(group.span());
        tokens[at] = TokenTree::Group(inside);
        return tokens.into_iter().collect();
    }
    let with = random.below(tokens.len());
    match random.below(6) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[with].clone()),
        2 => tokens.swap(at, with),
        3 => tokens[at] = any_token(other.clone(), random),
        4 => tokens.insert(at, any_token(other.clone(), random)),
        _ => {
            let tail: TokenStream = tokens.split_off(at).into_iter().collect();
            tokens.push(TokenTree::Group(Group::new(Delimiter::None, tail)));
        }
    }
    tokens.into_iter().collect()
}

fn any_token(tokens: TokenStream, random: &mut Random) -> TokenTree {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    match tokens.swap_remove(random.below(tokens.len())) {
        TokenTree::Group(group) if !group.stream().is_empty() && random.below(4) > 0 => {
            any_token(group.stream(), random)
        }
        token => token,
    }
}

/// xorshift64*: the same inputs in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }
}
