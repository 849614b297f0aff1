//! `#[example(..)]`: what it says wrong, and where.

use super::{method, Case};

pub(crate) const CASES: &[Case] = &[
    method(
        "example_without_pairs",
        r#"#[terminator(b"\n")]
«#[example]»
fn line(&mut self, line: &[u8]) {}"#,
        &[(
            "an example shows what comes in and what goes out",
            r#"write `#[example(b"in\r\n" => b"out\r\n")]`"#,
        )],
    ),
    method(
        "example_without_arrow",
        r#"#[terminator(b"\n")]
#[example(b"a\n"«,» b"A\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[("expected `=>`", r#"write `#[example(b"a\n" => b"A\n")]`"#)],
    ),
    method(
        "example_with_the_arrow_of_a_function",
        r#"#[terminator(b"\n")]
#[example("a\n" «-»> "A\n", "b\n" => "B\n", with = Chat)]
fn line(&mut self, line: &[u8]) {}"#,
        &[("expected `=>`", r#"write `#[example("a\n" => "A\n", "b\n" => "B\n", with = Chat)]`"#)],
    ),
    method(
        "example_with_an_option_that_is_none",
        r#"#[terminator(b"\n")]
#[example("a\n" => "A\n", «from» = Chat)]
fn line(&mut self, line: &[u8]) {}"#,
        &[(
            "`from` is no option of an example, which knows only `with`",
            r#"write `#[example("a\n" => "A\n")]`"#,
        )],
    ),
    method(
        "example_of_a_number",
        r#"#[terminator(b"\n")]
#[example(«1» => b"A\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[("an example is told in byte strings", r#"write `#[example(b"1" => b"A\n")]`"#)],
    ),
    method(
        "example_on_an_event",
        r#"#[on_connect]
«#[example(b"a" => b"b")]»
fn up(&mut self) {}"#,
        &[("an example shows a `#[terminator]` method at work", "move it to one of them")],
    ),
    method(
        "example_on_a_plain_method",
        r#"«#[example(b"a" => b"b")]»
fn helper(&mut self) {}
#[terminator(b"\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[("an example shows a `#[terminator]` method at work", "move it to one of them")],
    ),
    method(
        "example_with_another_sign",
        r#"#[terminator(b"\n")]
#[example("a\n" => "A\n", "b\n"«:» "B\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[("expected `=>`", r#"write `#[example("a\n" => "A\n", "b\n" => "B\n")]`"#)],
    ),
    method(
        "example_with_another_sign_between_pairs",
        r#"#[terminator(b"\n")]
#[example("a\n" => "A\n"«;» "b\n" => "B\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[("expected `,`", r#"write `#[example("a\n" => "A\n", "b\n" => "B\n")]`"#)],
    ),
    method(
        "example_without_a_comma",
        r#"#[terminator(b"\n")]
#[example(with = Chat «"a\n"» => "A\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[("expected `,`", r#"write `#[example("a\n" => "A\n", with = Chat)]`"#)],
    ),
    method(
        "example_in_parentheses",
        r#"#[terminator(b"\n")]
#[example(«(»"a\n" => "A\n"))]
fn line(&mut self, line: &[u8]) {}"#,
        &[("an example is told in byte strings", r#"write `#[example("a\n" => "A\n")]`"#)],
    ),
    method(
        "example_of_named_strings",
        r#"#[terminator(b"\n")]
#[example(«input» = "a\n", output = "A\n")]
fn line(&mut self, line: &[u8]) {}"#,
        &[(
            "`input` is no option of an example, which knows only `with`",
            r#"write `#[example("a\n" => "A\n")]`"#,
        )],
    ),
    method(
        "example_of_bytes",
        r#"#[terminator(b"\n")]
#[example(«b'a'» => b'A')]
fn line(&mut self, line: &[u8]) {}"#,
        &[("an example is told in byte strings", r#"write `#[example(b"a" => b"A")]`"#)],
    ),
    method(
        "example_that_ends_too_soon",
        r#"#[terminator(b"\n")]
#[example("a\n" =>«)»]
fn line(&mut self, line: &[u8]) {}"#,
        &[("an example is told in byte strings", r#"write `#[example("a\n" => b"out\r\n")]`"#)],
    ),
    // Who tells one in the wrong way tells them all so: from the first mistake to the last.
    method(
        "examples_of_one_method",
        r#"#[terminator(b"\n")]
#[example("a\n"«, "b\n")]
#[example("c\n" -> "d\n")]
#[example("e\n" => "f\n", with = Chat, x» = 3)]
fn line(&mut self, line: &[u8]) {}"#,
        &[(
            "expected `=>`; `x` is no option of an example, which knows only `with`",
            r#"write `#[example("a\n" => "b\n")]`
help: write `#[example("c\n" => "d\n")]`
help: write `#[example("e\n" => "f\n", with = Chat)]`"#,
        )],
    ),
];
