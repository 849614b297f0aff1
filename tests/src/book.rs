//! The Rust blocks of the README and of the book are compiled and run as doctests of this module.

macro_rules! pages {
    ($($page:ident: $path:literal)*) => {$(
        #[doc = include_str!(concat!("../../", $path))]
        pub mod $page {}
    )*};
}

pages! {
    readme: "README.md"
    asyncore: "docs/asyncore.md"
    channels: "docs/channels.md"
    clients: "docs/clients.md"
    dispatchers: "docs/dispatchers.md"
    errors: "docs/errors.md"
    expansion: "docs/expansion.md"
    first_server: "docs/first-server.md"
    from_asyncore: "docs/from-asyncore.md"
    limits: "docs/limits.md"
    r#loop: "docs/loop.md"
    producers: "docs/producers.md"
    protocols: "docs/protocols.md"
    recipes: "docs/recipes.md"
    terminators: "docs/terminators.md"
    testing: "docs/testing.md"
    tls: "docs/tls.md"
    workers: "docs/workers.md"
}
