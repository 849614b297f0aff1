//! Methods the runtime could not call, and attributes that contradict each other.

use super::{method, Case};

pub(crate) const CASES: &[Case] = &[
    method(
        "takes_self_by_value",
        r#"#[terminator(b"\n")]
fn line(«self», line: &[u8]) {}"#,
        &[(
            "a handler cannot consume `self`: the channel lives on after the call",
            "take `&mut self`",
        )],
    ),
    method(
        "takes_mut_self",
        r#"#[terminator(b"\n")]
fn line(«mut self», line: &[u8]) {}"#,
        &[(
            "a handler cannot consume `self`: the channel lives on after the call",
            "take `&mut self`",
        )],
    ),
    method(
        "takes_boxed_self",
        r#"#[terminator(b"\n")]
fn line(«self: Box<Self>») {}"#,
        &[(
            "a handler cannot consume `self`: the channel lives on after the call",
            "take `&mut self`",
        )],
    ),
    method(
        "two_frames",
        r#"#[terminator(b"\n")]
fn line(&mut self, a: &[u8], «b: &[u8]») {}"#,
        &[(
            "`fn line` takes the frame twice",
            "write `fn line(&mut self, frame: &[u8], io: &mut Io<Self>)`",
        )],
    ),
    method(
        "two_contexts",
        r#"#[terminator(b"\n")]
fn line(&mut self, io: &mut Io<Self>, «o: &mut Io<Self>») {}"#,
        &[(
            "`fn line` takes the context twice",
            "write `fn line(&mut self, frame: &[u8], io: &mut Io<Self>)`",
        )],
    ),
    method(
        "mutable_slice",
        r#"#[terminator(b"\n")]
fn line(&mut self, line: «&mut [u8]») {}"#,
        &[(
            "a frame is borrowed, not lent: `&mut` here is the context",
            "take `&[u8]`, or own it with `Vec<u8>`",
        )],
    ),
    method(
        "mutable_vec",
        r#"#[terminator(b"\n")]
fn line(&mut self, line: «&mut Vec<u8>») {}"#,
        &[(
            "a frame is borrowed, not lent: `&mut` here is the context",
            "take `&[u8]`, or own it with `Vec<u8>`",
        )],
    ),
    method(
        "mutable_str",
        r#"#[terminator(b"\n")]
fn line(&mut self, line: «&mut str») {}"#,
        &[(
            "a frame is borrowed, not lent: `&mut` here is the context",
            "take `&str`, or own it with `Vec<u8>`",
        )],
    ),
    method(
        "async_handler",
        r#"#[terminator(b"\n")]
«async» fn line(&mut self, line: &[u8]) {}"#,
        &[(
            "handlers run inside the event loop and cannot be `async`",
            "hand the work to a thread, and answer with `io.handle().post(..)`",
        )],
    ),
    method(
        "unsafe_handler",
        r#"#[terminator(b"\n")]
«unsafe» fn line(&mut self, line: &[u8]) {}"#,
        &[("a handler cannot be `unsafe`", "keep the `unsafe` block inside")],
    ),
    method(
        "extern_handler",
        r#"#[terminator(b"\n")]
«extern "C"» fn line(&mut self, line: &[u8]) {}"#,
        &[("a handler is an ordinary method, not `extern`", "remove this")],
    ),
    method(
        "generic_handler",
        r#"#[terminator(b"\n")]
fn line<«T: Parse»>(&mut self, line: T) {}"#,
        &[(
            "`fn line` has type parameters, but `#[terminator]` calls it with one type",
            "name the type, or make it a parameter of the channel",
        )],
    ),
    method(
        "impl_parameter",
        r#"#[terminator(b"\n")]
fn line(&mut self, line: «impl AsRef<[u8]>») {}"#,
        &[("a handler is called with one type, not with any `impl`", "name the type")],
    ),
    method(
        "event_with_a_value",
        r#"#[on_connect]
fn up(&mut self, «n: u32») {}"#,
        &[(
            "`#[on_connect]` does not bring a value",
            "write `fn up(&mut self, io: &mut Io<Self>)`",
        )],
    ),
    method(
        "event_with_two_values",
        r#"#[on_close]
fn gone(&mut self, a: &Closed, «b: u8», io: &mut Io<Self>) {}"#,
        &[(
            "`fn gone` takes the reason twice",
            "write `fn gone(&mut self, why: &Closed, io: &mut Io<Self>)`",
        )],
    ),
    method(
        "three_values",
        r#"#[on_accepted]
fn new(&mut self, a: Socket, b: Addr, «c: u8») {}"#,
        &[(
            "`#[on_accepted]` brings two values, not more",
            "write `fn new(&mut self, socket: Socket, peer: Addr, io: &mut Io<Self>)`",
        )],
    ),
    method(
        "closing_reply",
        r#"#[on_close]
fn gone(&mut self) -> «&str» { "bye" }"#,
        &[("nobody is left to reply to: `#[on_close]` returns nothing", "remove the return type")],
    ),
    method(
        "question_without_answer",
        r#"#[readable]
fn «ready»(&self) {}"#,
        &[("`#[readable]` asks `fn ready` a question", "write `fn ready(&self) -> bool`")],
    ),
    method(
        "question_with_context",
        r#"#[writable]
fn ready(&self, «io: &mut Io<Self>») -> bool { true }"#,
        &[("`#[writable]` gives nothing but `self`", "write `fn ready(&self) -> bool`")],
    ),
    method(
        "producer_of_nothing",
        r#"#[producer]
fn «rows»(&mut self) {}
#[terminator(b"\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[(
            "`fn rows` returns nothing, but a producer hands out bytes",
            "return `Option<Bytes>`; `None` means done",
        )],
    ),
    method(
        "producer_with_a_value",
        r#"#[producer]
fn rows(&mut self, «n: u8») -> Option<Bytes> { None }
#[terminator(b"\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[("`#[producer]` does not bring a value", "write `fn rows(&mut self) -> Option<Bytes>`")],
    ),
    method(
        "handler_and_producer",
        r#"#[on_connect]
«#[producer]»
fn rows(&mut self) -> Option<Bytes> { None }"#,
        &[(
            "`fn rows` cannot be both `#[on_connect]` and `#[producer]`",
            "give each its own method",
        )],
    ),
    method(
        "marked_twice",
        r#"#[on_eof]
«#[on_eof]»
fn end(&mut self) {}"#,
        &[("`fn end` is already marked `#[on_eof]`", "remove this attribute")],
    ),
    method(
        "two_terminators_on_one_method",
        r#"#[terminator(b"\r\n")]
«#[terminator(b"\n")]»
fn line(&mut self, line: &[u8]) {}"#,
        &[(
            r#"`fn line` already ends its frames at `b"\r\n"`"#,
            r#"for either of several write `#[terminator(any(b"\n", b"\r\n"))]`"#,
        )],
    ),
    method(
        "two_methods_for_one_event",
        r#"#[on_error]
fn a(&mut self) {}
«#[on_error]»
fn b(&mut self) {}"#,
        &[(
            "`fn a` is already the `#[on_error]` of this channel",
            "keep one of them, and call the other from it",
        )],
    ),
    method(
        "two_methods_for_one_timer",
        r#"#[on_timer]
fn a(&mut self, t: Tick) {}
«#[on_timer]»
fn b(&mut self, t: Tick) {}"#,
        &[(
            "`fn a` already has the timers of this type",
            "give each kind of timer a type of its own",
        )],
    ),
    method(
        "event_with_arguments",
        r#"«#[on_read(b"\n")]»
fn data(&mut self, data: &[u8]) {}"#,
        &[("`#[on_read]` has no arguments", "write `#[on_read]`")],
    ),
    method(
        "method_without_a_name",
        r#"#[terminator(b"\n")]
fn «__»(&mut self, line: &[u8]) {}"#,
        &[("`fn __` gives its state no name", "use a word, as in `fn line`")],
    ),
    method(
        "method_named_self",
        r#"#[terminator(b"\n")]
fn «self_»(&mut self, line: &[u8]) {}"#,
        &[("`fn self_` gives its state no name", "use a word, as in `fn line`")],
    ),
    method(
        "asyncores_name_without_arguments",
        "#[«found_terminator»]\nfn line(&mut self, line: &[u8]) {}",
        &[(
            "`#[found_terminator]` is called `#[terminator]` here",
            r#"write `#[terminator(b"\r\n")]`"#,
        )],
    ),
    method(
        "producer_of_optional_numbers",
        "#[producer]\nfn more(&mut self) -> Option<«u32»> { None }",
        &[(
            "a `#[producer]` hands out bytes, and `u32` is none",
            "return `Option<Bytes>`; `None` means done",
        )],
    ),
    method(
        "two_methods_of_one_state",
        r#"#[terminator(b"\n")]
fn line(&mut self, line: &[u8]) {}
#[terminator(b"\r")]
fn «line_»(&mut self, line: &[u8]) {}"#,
        &[("`fn line_` and `fn line` are both the state `Line`", "rename one of them")],
    ),
    method(
        "array_longer_than_its_frame",
        "#[terminator(len = 4)]\nfn line(&mut self, line: &«[u8; 2 + 3]») {}",
        &[(
            "a frame with `len = 4` never fits `[u8; 2 + 3]`",
            "take `[u8; 4]`, or write `len = 5`",
        )],
    ),
    method(
        "array_longer_than_any_frame",
        "#[terminator(b\"\\n\", max = 3)]\nfn line(&mut self, line: «[u8; 5]») {}",
        &[("a frame with `max = 3` never fits `[u8; 5]`", "take `[u8; 3]`, or write `max = 5`")],
    ),
];
