//! `#[channel]` and its helpers on what they do not fit.

use super::{item, Case};

pub(crate) const CASES: &[Case] = &[
    item(
        "enum_is_no_channel",
        r#"#[channel]
«enum Chat» { A }"#,
        &[("`#[channel]` goes on a struct or on its impl block, not on an enum", "")],
    ),
    item(
        "function_is_no_channel",
        r#"#[channel]
«fn chat»() {}"#,
        &[("`#[channel]` goes on a struct or on its impl block, not on a function", "")],
    ),
    item(
        "trait_is_no_channel",
        r#"#[channel]
pub «trait Chat» {}"#,
        &[("`#[channel]` goes on a struct or on its impl block, not on a trait", "")],
    ),
    item(
        "union_is_no_channel",
        r#"#[channel]
«union Chat» { a: u8 }"#,
        &[("`#[channel]` goes on a struct or on its impl block, not on a union", "")],
    ),
    item(
        "module_is_no_channel",
        r#"#[channel]
«mod chat» {}"#,
        &[("`#[channel]` goes on a struct or on its impl block, not on a module", "")],
    ),
    item(
        "impl_of_a_trait",
        r#"#[channel]
impl «Read» for Chat<u8> {
    fn read(&mut self) {}
}"#,
        &[(
            "`#[channel]` reads the inherent impl block of `Chat<u8>`, not an impl of `Read`",
            "move the handlers to `#[channel] impl Chat<u8> { .. }`",
        )],
    ),
    item(
        "impl_of_no_name",
        r#"#[channel]
impl «[u8]» {}"#,
        &[("a channel is a struct with a name", "")],
    ),
    item(
        "struct_marked_twice",
        r#"#[channel]
«#[channel]»
struct Chat;"#,
        &[("`Chat` is already marked `#[channel]`", "remove this attribute")],
    ),
    item(
        "impl_marked_twice",
        r#"#[channel]
«#[asyncore_runtime::channel]»
impl Chat {
    #[terminator(b"\n")]
    fn line(l: &[u8]) {}
}"#,
        &[("`Chat` is already marked `#[channel]`", "remove this attribute")],
    ),
    item(
        "struct_that_borrows",
        r#"#[channel]
struct Chat<«'a»> {
    name: &'a str,
}"#,
        &[(
            "the event loop owns its channels, so `Chat` cannot borrow for `'a`",
            "own the data, or share it with `Rc`",
        )],
    ),
    item(
        "impl_that_borrows",
        r#"#[channel]
impl<«'a»> Chat<'a> {}"#,
        &[(
            "the event loop owns its channels, so `Chat` cannot borrow for `'a`",
            "own the data, or share it with `Rc`",
        )],
    ),
    item(
        "two_collecting_fields",
        r#"#[channel]
struct Chat {
    #[on_read]
    a: Vec<u8>,
    «#[on_read]»
    b: Vec<u8>,
}"#,
        &[("field `a` is already the `#[on_read]` of this channel", "keep one of them")],
    ),
    item(
        "field_with_two_roles",
        r#"#[channel]
struct Chat {
    #[on_read]
    «#[producer]»
    a: Vec<u8>,
}"#,
        &[(
            "field `a` cannot be both `#[on_read]` and `#[producer]`",
            "give each a field of its own",
        )],
    ),
    item(
        "field_marked_twice",
        r#"#[channel]
struct Chat {
    #[on_read]
    «#[on_read]»
    a: Vec<u8>,
}"#,
        &[("field `a` is already marked `#[on_read]`", "remove this attribute")],
    ),
    item(
        "event_on_a_field",
        r#"#[channel]
struct Chat {
    «#[on_connect]»
    a: Vec<u8>,
}"#,
        &[(
            "`#[on_connect]` goes on a method of the `#[channel]` impl, not on a field",
            "on a field go `#[on_read]`, `#[terminator]` and `#[producer]`",
        )],
    ),
    item(
        "terminator_in_a_field_attribute",
        r#"#[channel]
struct Chat {
    «#[terminator(b"\n")]»
    until: Terminator,
}"#,
        &[(
            "`#[terminator]` on a field has no arguments",
            "write `#[terminator]`, and set the field to a `Terminator`",
        )],
    ),
    item(
        "producer_on_a_const",
        r#"#[channel]
impl Chat {
    «#[producer]»
    const ROWS: u32 = 1;
    #[terminator(b"\n")]
    fn line(l: &[u8]) {}
}"#,
        &[("`#[producer]` goes on a method, not on a `const`", "")],
    ),
    item(
        "handlers_in_a_macro",
        r#"#[channel]
impl Chat {
    «handlers»! { line }
}"#,
        &[(
            "`#[channel]` cannot see into `handlers!`, so no handler was found",
            "write the methods out, or let the macro produce the whole `#[channel] impl`",
        )],
    ),
    item(
        "channel_on_a_method",
        r#"#[channel]
impl Chat {
    «#[channel]»
    #[terminator(b"\n")]
    fn line(l: &[u8]) {}
}"#,
        &[("`#[channel]` goes on a struct or on its impl block, not on a method", "")],
    ),
    item(
        "helper_inside_cfg_attr",
        r#"#[channel]
impl Chat {
    «#[cfg_attr(unix, on_connect)]»
    fn up(&mut self) {}
    #[on_eof]
    fn end(&mut self) {}
}"#,
        &[(
            "`#[channel]` cannot see `#[on_connect]` inside `cfg_attr`",
            "write `#[on_connect]`, and put `#[cfg(..)]` on the method",
        )],
    ),
    item(
        "parameter_whose_bounds_say_nothing_of_its_life",
        r#"#[channel]
impl<«T»> Chat<T> where T: Clone {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {}
}"#,
        &[("the event loop owns its channels, so `T` has to be `'static`", "write `T: 'static`")],
    ),
];
