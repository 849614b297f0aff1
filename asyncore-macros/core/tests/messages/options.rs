//! The options of `#[channel]` itself.

use super::{item, Case};

pub(crate) const CASES: &[Case] = &[
    item("misspelt", r#"#[channel(«max_fram» = 8)]
struct Chat;"#, &[("unknown option `max_fram`", "an option with a similar name is `max_frame`")]),
    item("unknown", r#"#[channel(«colour» = 1)]
struct Chat;"#, &[("unknown option `colour`", "the options are `max_frame`, `max_length`, `output_high`, `output_low`, `max_output`, `frames_per_turn`, `bytes_per_turn`, `max_owed`, `min_drain_rate`, `handshake_timeout`, `first_frame_timeout`, `frame_timeout`, `idle_timeout`, `connect_timeout`, `write_timeout`, `stopped_timeout`, `answer_timeout`, `linger_timeout`, `max_connection_age` and `crate`")]),
    item("of_a_terminator", r#"#[channel(«max» = 512)]
struct Chat;"#, &[("`max` belongs to `#[terminator]`, not here", "move it there")]),
    item("of_the_impl", r#"#[channel(«states» = State)]
struct Chat;"#, &[("`states` belongs to `#[channel]` on the impl block, not here", "move it there")]),
    item("twice", r#"#[channel(max_frame = 1, «max_frame» = 2)]
struct Chat;"#, &[("`max_frame` is set twice", "remove one of them")]),
    item("size_as_string", r#"#[channel(max_frame = «"8192"»)]
struct Chat;"#, &[("`max_frame` is a number", "write `max_frame = 8192`")]),
    item("size_negative", r#"#[channel(max_frame = «-1»)]
struct Chat;"#, &[("`max_frame` is a number", "write `max_frame = 1`")]),
    item("size_as_call", r#"#[channel(«max_frame(8192)»)]
struct Chat;"#, &[("`max_frame` is set with `=`", "write `max_frame = 8192`")]),
    item("time_as_number", r#"#[channel(idle_timeout = «60»)]
struct Chat;"#, &[("this is not a time", r#"write `idle_timeout = "60s"`; the units are `ms`, `s`, `m` and `h`, or `"never"`"#)]),
    item("time_of_unknown_unit", r#"#[channel(idle_timeout = «"60 sec"»)]
struct Chat;"#, &[("this is not a time", r#"write `idle_timeout = "60s"`; the units are `ms`, `s`, `m` and `h`, or `"never"`"#)]),
    item("time_bare", r#"#[channel(«idle_timeout»)]
struct Chat;"#, &[("`idle_timeout` needs a value", r#"write `idle_timeout = "10s"`"#)]),
    item("literal", r#"#[channel(«"8192"»)]
struct Chat;"#, &[("an option has a name", "the options are `max_frame`, `max_length`, `output_high`, `output_low`, `max_output`, `frames_per_turn`, `bytes_per_turn`, `max_owed`, `min_drain_rate`, `handshake_timeout`, `first_frame_timeout`, `frame_timeout`, `idle_timeout`, `connect_timeout`, `write_timeout`, `stopped_timeout`, `answer_timeout`, `linger_timeout`, `max_connection_age` and `crate`")]),
    item("crate_relative", r#"#[channel(crate = «asyncore»)]
struct Chat;"#, &[("the path must be absolute", "write `crate = ::asyncore`")]),
    item("crate_string", r#"#[channel(crate = «"::asyncore"»)]
struct Chat;"#, &[("`crate` is the path of the runtime", "write `crate = ::asyncore`")]),
    item("missing_comma_between", r#"#[channel(max_frame = 1 «max_length» = 2)]
struct Chat;"#, &[("expected `,` between two arguments", "")]),
    item("of_the_struct", r#"#[channel(«max_frame» = 8192)]
impl Chat {
    #[on_eof]
    fn end(&mut self) {}
}"#, &[("`max_frame` belongs to `#[channel]` on the struct, not here", "move it there")]),
    item("states_without_name", r#"#[channel(«states»)]
impl Chat {
    #[on_eof]
    fn end(&mut self) {}
}"#, &[("`states` needs a value", "write `states = pub Name`")]),
    item("states_string", r#"#[channel(states = «"State"»)]
impl Chat {
    #[on_eof]
    fn end(&mut self) {}
}"#, &[("`states` is the name of the enum", "write `states = Name` or `states = pub Name`")]),
    item("states_of_the_channel_name", r#"#[channel(states = «Chat»)]
impl Chat {
    #[on_eof]
    fn end(&mut self) {}
}"#, &[("the enum of the states cannot have the channel's name", "write `states = ChatState`")]),
    item("misspelt_on_impl", r#"#[channel(«state» = State)]
impl Chat {
    #[on_eof]
    fn end(&mut self) {}
}"#, &[("unknown option `state`", "an option with a similar name is `states`")]),
    item(
        "bounds_of_zero",
        "#[channel(output_high = «0», max_frame = «1 - 1», output_low = 0, min_drain_rate = 0)]
struct Chat;",
        &[
            (
                "with `output_high = 0` nothing could ever pass",
                "write a number above 0, or remove it for the default",
            ),
            (
                "with `max_frame = 0` nothing could ever pass",
                "write a number above 0, or remove it for the default",
            ),
        ],
    ),
];
