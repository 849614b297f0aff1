//! What is wrong although each part is right.

use super::{item, method, Case};

pub(crate) const CASES: &[Case] = &[
    method(
        "starts_with_a_length",
        r#"#[terminator(«len»)]
fn body(&mut self, body: &[u8]) {}"#,
        &[(
            "a connection starts in `fn body`, before anybody could set a length",
            "set it in `#[on_connect]`, write it here, or put another state first",
        )],
    ),
    method(
        "starts_with_a_length_that_on_connect_does_not_set",
        r#"#[on_connect]
fn up(&mut self, io: &mut Io<Self>) { io.push("hello") }
#[terminator(«len»)]
fn body(&mut self, body: &[u8]) {}"#,
        &[(
            "a connection starts in `fn body`, before anybody could set a length",
            "set it in `#[on_connect]`, write it here, or put another state first",
        )],
    ),
    method(
        "starts_with_run_time_bytes",
        r#"#[terminator(«bytes»)]
fn part(&mut self, part: &[u8]) {}"#,
        &[(
            "a connection starts in `fn part`, before anybody could set a delimiter",
            "write it here, or put another state first",
        )],
    ),
    method(
        "starts_behind_cfg",
        r#"«#[cfg(unix)]»
#[terminator(b"\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[(
            "a connection starts in `fn line`, which may be configured away",
            "put a state without `#[cfg]` first",
        )],
    ),
    method(
        "next_needs_a_length",
        r#"#[terminator(b"\n", next = «body»)]
fn line(&mut self, line: &[u8]) {}
#[terminator(len, next = line)]
fn body(&mut self, body: &[u8]) {}"#,
        &[(
            "`fn body` waits for a value that `next` cannot give",
            "call `io.set_terminator(ChatTerminator::Body(..))` in `fn line`",
        )],
    ),
    method(
        "length_that_nothing_leaves",
        r#"#[terminator(b"\n")]
fn line(&mut self, n: N, io: &mut Io<Self>) { io.set_terminator(ChatTerminator::Body(n.0)) }
#[terminator(«len»)]
fn body(&mut self, body: &[u8]) {}"#,
        &[(
            "nothing leaves `fn body`: after its bytes the same length is waited for again",
            "write `len, next = line`",
        )],
    ),
    method(
        "length_that_its_context_does_not_leave",
        r#"#[terminator(b"\n")]
fn line(&mut self, n: N, io: &mut Io<Self>) { io.set_terminator(ChatTerminator::Body(n.0)) }
#[terminator(«len», end = b"\r\n")]
fn body(&mut self, body: &[u8], io: &mut Io<Self>) { io.push(body); self.note(io) }
fn note(&mut self, io: &mut Io<Self>) { io.push("ok") }"#,
        &[(
            "nothing leaves `fn body`: after its bytes the same length is waited for again",
            "write `len, next = line`",
        )],
    ),
    method(
        "length_that_only_the_start_would_leave",
        r#"#[terminator(b"\n")]
fn line(&mut self, n: N, io: &mut Io<Self>) { io.set_terminator(ChatTerminator::Body(n.0)) }
#[terminator(«len»)]
fn body(&mut self, body: &[u8]) -> Vec<u8> { body.to_vec() }
#[on_connect]
fn up(&mut self, io: &mut Io<Self>) { io.set_terminator(ChatTerminator::Line) }"#,
        &[(
            "nothing leaves `fn body`: after its bytes the same length is waited for again",
            "write `len, next = line`",
        )],
    ),
    method(
        "next_behind_the_end",
        r#"#[terminator(eof, next = «raw»)]
fn all(&mut self, all: &[u8]) {}
#[terminator(none, next = all)]
fn raw(&mut self, piece: Piece<'_>) {}"#,
        &[(
            "`next` of `fn all` and of `fn raw` is never taken",
            "remove it: nothing follows `eof`, and `none` never ends",
        )],
    ),
    item(
        "example_of_a_generic_channel",
        r#"#[channel]
impl<T> Chat<T> {
    #[terminator(b"\n")]
    #[«example»(b"a\n" => b"a")]
    fn line(line: &[u8]) -> &[u8] { line }
}"#,
        &[(
            "an `#[example]` of a generic channel has to say of which `Chat`",
            "add `with = Chat::<..>::default()` to it, or how else it is built",
        )],
    ),
    method(
        "on_read_never_called",
        r#"#[terminator(b"\n")]
fn line(&mut self, line: &[u8]) {}
«#[on_read]»
fn data(&mut self, data: &[u8]) {}"#,
        &[(
            "`fn data` is never called: each state hands its frame to its own method",
            "remove it, or take the frame's parameter off the state whose data it wants",
        )],
    ),
    method(
        "raw_read_beside_frames",
        r#"#[terminator(len = 4)]
fn done(&mut self) {}
«#[on_read]»
fn data(&mut self, io: &mut Io<Self>) {}"#,
        &[(
            "`fn data` takes no data, but the framing reads for this channel",
            "write `fn data(&mut self, data: &[u8])`",
        )],
    ),
    method(
        "field_and_method_terminators",
        r#"#[terminator(b"\n")]
fn line(&mut self, line: &[u8]) {}
«#[terminator]»
fn found(&mut self) {}"#,
        &[(
            "nothing says what ends the frame of `fn found`, as it does for `fn line`",
            r#"write `#[terminator(b"\r\n")]`; only the handler of a `#[terminator]` field has no arguments"#,
        )],
    ),
    method(
        "two_field_terminators",
        r#"#[terminator]
fn a(&mut self) {}
«#[terminator]»
fn b(&mut self) {}"#,
        &[(
            "`fn a` is already the handler of the terminator field",
            r#"say what ends the frame of `fn b`: `#[terminator(b"\r\n")]`"#,
        )],
    ),
    method(
        "field_terminator_with_a_frame",
        r#"#[terminator]
fn found(&mut self, frame: «&[u8]») {}"#,
        &[(
            "the handler of a terminator field takes no frame: `#[on_read]` had it",
            r#"for frames write `#[terminator(b"\r\n")]` on `fn found`"#,
        )],
    ),
    method(
        "six_mistakes",
        r#"#[terminator(«b""», «maxx» = 3)]
fn line(«self», line: &[u8]) {}
«#[on_read(all)]»
fn data(&mut self, data: &[u8]) {}
#[on_close]
«async» fn gone(&mut self) -> «u8» { 0 }"#,
        &[
            (
                "the terminator is empty, so no frame would ever end",
                "for frames of a fixed size use `len = 4`, for raw bytes use `none`",
            ),
            ("unknown option `maxx`", "an option with a similar name is `max`"),
            (
                "a handler cannot consume `self`: the channel lives on after the call",
                "take `&mut self`",
            ),
            ("`#[on_read]` has no arguments", "write `#[on_read]`"),
            (
                "handlers run inside the event loop and cannot be `async`",
                "hand the work to a thread, and answer with `io.handle().post(..)`",
            ),
            ("nobody is left to reply to: `#[on_close]` returns nothing", "remove the return type"),
        ],
    ),
];
