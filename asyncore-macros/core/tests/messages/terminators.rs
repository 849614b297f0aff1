//! The arguments of `#[terminator]`.

use super::{method, terminator, Case};

pub(crate) const CASES: &[Case] = &[
        terminator(
            "empty",
            r#"«b""»"#,
            &[(
                "the terminator is empty, so no frame would ever end",
                "for frames of a fixed size use `len = 4`, for raw bytes use `none`",
            )],
        ),
        terminator(
            "empty_string",
            r#"«""»"#,
            &[(
                "the terminator is empty, so no frame would ever end",
                "for frames of a fixed size use `len = 4`, for raw bytes use `none`",
            )],
        ),
        terminator(
            "character",
            r#"«'\n'»"#,
            &[(
                "the terminator is a string of bytes",
                r#"write `b"\n"`"#,
            )],
        ),
        terminator(
            "byte",
            r#"«b'\n'»"#,
            &[(
                "the terminator is a string of bytes",
                r#"write `b"\n"`"#,
            )],
        ),
        terminator(
            "c_string",
            r#"«c"\n"»"#,
            &[(
                "the terminator is a string of bytes",
                r#"write `b"\n"`"#,
            )],
        ),
        terminator(
            "number",
            "«10»",
            &[(
                "the terminator is a string of bytes",
                r#"write `b"\n"`"#,
            )],
        ),
        terminator(
            "number_of_bytes",
            "«64»",
            &[(
                "the terminator is a string of bytes",
                "write `len = 64`",
            )],
        ),
        terminator(
            "constant",
            "«CRLF»",
            &[(
                "the terminator must be a literal, so that its search is chosen now",
                r#"write it out like `b"\r\n"`, or use `bytes` and set it at run time"#,
            )],
        ),
        terminator(
            "array",
            "«[13, 10]»",
            &[(
                "the terminator is a string of bytes",
                r#"write `b"\r\n"`"#,
            )],
        ),
        terminator(
            "closure",
            "«|input: &[u8]| input.len()»",
            &[(
                "the terminator must be a literal, so that its search is chosen now",
                r#"write it out like `b"\r\n"`, or use `bytes` and set it at run time"#,
            )],
        ),
        terminator(
            "expression",
            "«CRLF.as_bytes()»",
            &[(
                "the terminator must be a literal, so that its search is chosen now",
                r#"write it out like `b"\r\n"`, or use `bytes` and set it at run time"#,
            )],
        ),
        terminator(
            "macro_call",
            r#"«concat!("a")»"#,
            &[(
                "the terminator must be a literal, so that its search is chosen now",
                r#"write it out like `b"\r\n"`, or use `bytes` and set it at run time"#,
            )],
        ),
        terminator(
            "raw_string",
            r#"«r"\r\n"»"#,
            &[(
                "this raw string holds a backslash and a letter, not CR LF",
                r#"write `b"\r\n"`, or `b"\\r\\n"` for the 4 characters"#,
            )],
        ),
        terminator(
            "raw_byte_string",
            r#"«br"END\n"»"#,
            &[(
                "this raw string holds a backslash and a letter, not the escape it looks like",
                r#"write `b"END\n"`, or `b"END\\n"` for the 5 characters"#,
            )],
        ),
        terminator(
            "dot_line",
            r#"«b"\r\n.\r\n"»"#,
            &[(
                r#"an empty message would never end: the b"\r\n" before its dot is already read"#,
                r#"read it by line, `#[terminator(b"\r\n")]`, up to the line `.`"#,
            )],
        ),
        terminator(
            "dot_line_in_any",
            r#"any(«b"\r\n.\r\n"», b"\0")"#,
            &[(
                r#"an empty message would never end: the b"\r\n" before its dot is already read"#,
                r#"read it by line, `#[terminator(b"\r\n")]`, up to the line `.`"#,
            )],
        ),
        terminator(
            "any_of_nothing",
            "«any»()",
            &[(
                "`any` lists nothing that could end the frame",
                r#"write `any(b"\n", b"\r\n")`"#,
            )],
        ),
        terminator(
            "any_with_an_empty_one",
            r#"any(b"\n", «b""»)"#,
            &[(
                "the terminator is empty, so no frame would ever end",
                "for frames of a fixed size use `len = 4`, for raw bytes use `none`",
            )],
        ),
        terminator(
            "any_with_one_twice",
            r#"any(b"\n", «"\n"»)"#,
            &[(
                r#"`b"\n"` is listed twice"#,
                "remove it",
            )],
        ),
        terminator(
            "any_with_a_hidden_one",
            r#"any(b"\r", «b"\r\n"»)"#,
            &[(
                r#"`b"\r\n"` can never match: `b"\r"` ends before it does"#,
                "remove one of them",
            )],
        ),
        terminator(
            "any_with_a_constant",
            r#"any(b"\r", «CR»)"#,
            &[(
                "the terminator must be a literal, so that its search is chosen now",
                r#"write it out like `b"\r"`, or use `bytes` and set it at run time"#,
            )],
        ),
        terminator(
            "any_without_list",
            "«any»",
            &[(
                "`any` needs a value",
                r#"write `any(b"\n", b"\r\n")`"#,
            )],
        ),
        terminator(
            "max_below_the_terminator",
            r#"b"\r\n\r\n", max = «3»"#,
            &[(
                "`max = 3` is less than the 4 bytes of the terminator itself",
                "write the size of the largest frame, without its terminator",
            )],
        ),
        terminator(
            "max_of_nothing",
            r#"b"\n", max = «0»"#,
            &[(
                "no frame fits in `max = 0`",
                "write the size of the largest frame",
            )],
        ),
        method("max_below_the_length", r#"#[terminator(len = 8, max = «1 << 2»)]
fn line(&mut self, line: [u8; 8]) {}"#, &[("`max = 4` is less than the 8 bytes of each frame", "remove `max`: `len = 8` says it all")]),
        terminator(
            "length_of_nothing",
            "len = «0»",
            &[(
                "a frame of 0 bytes would never use up input",
                "write the size of a frame, as in `len = 4`",
            )],
        ),
        terminator(
            "length_negative",
            "len = «-1»",
            &[(
                "`len` is a number",
                "write `len = 1`",
            )],
        ),
        terminator(
            "length_float",
            "len = «1.5»",
            &[(
                "`len` is a number",
                "write `len = 1`",
            )],
        ),
        terminator(
            "length_string",
            r#"len = «"4"»"#,
            &[(
                "`len` is a number",
                "write `len = 4`",
            )],
        ),
        terminator(
            "length_call",
            "«len(4)»",
            &[(
                "`len` is set with `=`",
                "write `len = 4`",
            )],
        ),
        terminator(
            "prefix_too_narrow",
            "prefix = u8, max = «300»",
            &[(
                "a `u8` prefix counts to 255, so `max = 300` is never reached",
                "write `prefix = u16`, or `max = 255`",
            )],
        ),
        terminator(
            "prefix_of_an_odd_width",
            "prefix = «u24»",
            &[(
                "`u24` is not the width of a prefix",
                "write `prefix = u32`; the widths are `u8`, `u16`, `u32`, `u64` and `varint`",
            )],
        ),
        terminator(
            "prefix_usize",
            "prefix = «usize»",
            &[(
                "`usize` is not the width of a prefix",
                "write `prefix = u32`; the widths are `u8`, `u16`, `u32`, `u64` and `varint`",
            )],
        ),
        terminator(
            "prefix_without_width",
            "«prefix», be",
            &[(
                "`prefix` needs a value",
                "write `prefix = u32`",
            )],
        ),
        terminator(
            "order_without_prefix",
            r#"b"\n", «le»"#,
            &[(
                "`le` is the byte order of a prefix, and there is none",
                "write `prefix = u32, le`",
            )],
        ),
        terminator(
            "order_twice",
            "prefix = u16, be, «le»",
            &[(
                "the byte order is already `be`",
                "keep one of them",
            )],
        ),
        terminator(
            "end_without_length",
            r#"b"\n", end = «b"\r\n"»"#,
            &[(
                "`end` follows a length",
                "write `len, end = ..`, or only the bytes",
            )],
        ),
        terminator(
            "end_of_nothing",
            r#"len = 4, end = «b""»"#,
            &[(
                "no bytes follow the length",
                "remove `end`",
            )],
        ),
        terminator(
            "end_number",
            "len = 4, end = «13»",
            &[(
                "the terminator is a string of bytes",
                r#"write `b"\r"`"#,
            )],
        ),
        terminator(
            "two_terminators",
            r#"b"\n", «b"\r\n"»"#,
            &[(
                r#"the frame already ends at `b"\n"`"#,
                r#"for either of them write `any(b"\n", b"\r\n")`"#,
            )],
        ),
        terminator(
            "terminator_and_length",
            r#"b"\n", «len = 4»"#,
            &[(
                r#"the frame already ends at `b"\n"`"#,
                "keep one of them",
            )],
        ),
        method("only_options", r#"«#[terminator(max = 512)]»
fn line(&mut self, line: &[u8]) {}"#, &[("this does not say what ends the frame", r#"begin with bytes like `b"\r\n"`, or with `len`, `prefix = u32`, `eof` or `none`"#)]),
        terminator(
            "misspelt_option",
            r#"b"\n", «maxx» = 512"#,
            &[(
                "unknown option `maxx`",
                "an option with a similar name is `max`",
            )],
        ),
        terminator(
            "unknown_option",
            r#"b"\n", «colour» = 3"#,
            &[(
                "unknown option `colour`",
                "the options are `any`, `bytes`, `len`, `prefix`, `varint`, `eof`, `none`, `with`, `max`, `within`, `next`, `busy`, `discard`, `end`, `be` and `le`",
            )],
        ),
        terminator(
            "option_of_the_struct",
            r#"b"\n", «max_frame» = 512"#,
            &[(
                "`max_frame` belongs to `#[channel]` on the struct, not here",
                "move it there",
            )],
        ),
        terminator(
            "misspelt_kind",
            "«bites»",
            &[(
                "unknown option `bites`",
                "an option with a similar name is `bytes`",
            )],
        ),
        terminator(
            "option_twice",
            r#"b"\n", max = 1, «max» = 2"#,
            &[(
                "`max` is set twice",
                "remove one of them",
            )],
        ),
        terminator(
            "max_without_value",
            r#"b"\n", «max»"#,
            &[(
                "`max` needs a value",
                "write `max = 4096`",
            )],
        ),
        terminator(
            "max_as_a_string",
            r#"b"\n", max = «"512"»"#,
            &[(
                "`max` is a number",
                "write `max = 512`",
            )],
        ),
        terminator(
            "max_as_a_call",
            r#"b"\n", «max(512)»"#,
            &[(
                "`max` is set with `=`",
                "write `max = 512`",
            )],
        ),
        terminator(
            "within_a_number",
            r#"b"\n", within = «10»"#,
            &[(
                "this is not a time",
                r#"write `within = "10s"`; the units are `ms`, `s`, `m` and `h`, or `"never"`"#,
            )],
        ),
        terminator(
            "within_without_unit",
            r#"b"\n", within = «"10"»"#,
            &[(
                "this is not a time",
                r#"write `within = "10s"`; the units are `ms`, `s`, `m` and `h`, or `"never"`"#,
            )],
        ),
        terminator(
            "within_no_time",
            r#"b"\n", within = «"0s"»"#,
            &[(
                "a time of 0 is over before it begins",
                r#"write `within = "10s"`; the units are `ms`, `s`, `m` and `h`, or `"never"`"#,
            )],
        ),
        terminator(
            "within_bare",
            r#"b"\n", «within»"#,
            &[(
                "`within` needs a value",
                r#"write `within = "10s"`"#,
            )],
        ),
        method("discard_with_a_value", r#"#[terminator(b"\n", «discard = true»)]
fn line(&mut self) {}"#, &[("`discard` takes no value", "write `discard`")]),
        method("busy_with_a_value", r#"#[terminator(b"\n", «busy = true»)]
fn line(&mut self) {}"#, &[("`busy` takes no value", "write `busy`")]),
        method("discard_with_a_frame", r#"#[terminator(b"\n", discard)]
fn line(&mut self, line: «&[u8]») {}"#, &[("a discarded frame cannot be handed over", "remove this parameter, or `discard`")]),
        terminator(
            "next_unknown",
            r#"b"\n", next = «lines»"#,
            &[(
                "no `#[terminator]` method is called `lines`",
                "write `next = line`",
            )],
        ),
        terminator(
            "next_nothing_like_it",
            r#"b"\n", next = «trailer»"#,
            &[(
                "no `#[terminator]` method is called `trailer`",
                "the states are `line`",
            )],
        ),
        terminator(
            "next_a_variant",
            r#"b"\n", next = «Line»"#,
            &[(
                "no `#[terminator]` method is called `Line`",
                "write `next = line`",
            )],
        ),
        terminator(
            "next_a_path",
            r#"b"\n", next = «Self::line»"#,
            &[(
                "`next` is the name of a `#[terminator]` method",
                "write `next = line`",
            )],
        ),
        terminator(
            "with_a_closure",
            "with = «|b| Ok(1)»",
            &[(
                "`with` is the path of a function",
                "write `with = path::scan`",
            )],
        ),
        terminator(
            "missing_comma",
            r#"b"\n" «max» = 3"#,
            &[(
                "expected `,` between two arguments",
                "",
            )],
        ),
        terminator(
            "missing_value",
            r#"b"\n", «max» = "#,
            &[(
                "`max` needs a value after `=`",
                "",
            )],
        ),
        method("equals_instead_of_parentheses", r#"«#[terminator = b"\n"]»
fn line(&mut self, line: &[u8]) {}"#, &[("the arguments of `#[terminator]` stand in parentheses", r#"write `#[terminator(b"\n")]`"#)]),
        terminator(
            "max_beside_a_length",
            "len = 4, max = «400»",
            &[("`max` says nothing beside `len = 4`, which is the size of each frame", "remove `max`")],
        ),
        terminator(
            "max_beside_a_length_of_the_compiler",
            "len = SIZE, max = «MOST»",
            &[(
                "`max` says nothing beside `len = SIZE`, which is the size of each frame",
                "remove `max`",
            )],
        ),
        terminator(
            "max_of_minus_one",
            r#"b"\n", max = «-1»"#,
            &[("every state has a limit, and `max` is its number of bytes", "write `max = 4096`")],
        ),
        terminator(
            "length_of_a_character",
            "len = «'4'»",
            &[("`len` is a number", "write `len = 4`")],
        ),
        terminator(
            "max_that_is_no_code",
            r#"b"\n", max = «impl * 2»"#,
            &[("`max` is a number", "write `max = 4096`")],
        ),
        terminator(
            "time_that_is_no_code",
            r#"b"\n", within = «: ::from_secs(5)»"#,
            &[(
                "this is not a time",
                r#"write `within = "10s"`; the units are `ms`, `s`, `m` and `h`, or `"never"`"#,
            )],
        ),
];
