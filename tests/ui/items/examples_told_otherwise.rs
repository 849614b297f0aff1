use asyncore_runtime::channel;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    #[example("a\n": "A\n")]
    fn line(line: &str) -> String {
        line.to_uppercase()
    }

    #[terminator(b"\0")]
    #[example("a\0", "A")]
    #[example("b\0" -> "B")]
    #[example("c\0" => "C", with = Chat; "d\0" => "D")]
    fn text(text: &str) -> String {
        text.to_uppercase()
    }

    #[terminator(b"\r")]
    #[example("a\r" =>)]
    fn rest(rest: &str) -> String {
        rest.to_uppercase()
    }
}

fn main() {}
