use asyncore_runtime::{channel, terminator};

#[channel]
#[on_read]
struct Chat(Vec<u8>);

#[channel]
impl Chat {
    fn data(&mut self, data: &[u8]) {
        self.0.extend(data);
    }
}

// What stands in front of `#[channel]` is expanded before it.
#[terminator(prefix = u16)]
#[channel]
#[derive(Default)]
struct Above {
    lines: u32,
}

#[terminator(b"\n")]
#[channel]
impl Above {
    fn line(&mut self, _line: &str) {
        self.lines += 1;
    }
}

fn main() {
    let _ = asyncore_runtime::testing::Session::new(Chat(Vec::new()));
    let _ = asyncore_runtime::testing::Session::new(Above::default());
}
