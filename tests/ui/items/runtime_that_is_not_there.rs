use asyncore_runtime::{channel, Io};

#[channel(crate = ::nowhere, max_frame = 100)]
#[derive(Default)]
struct Chat {
    #[on_read]
    seen: Vec<u8>,
    #[producer]
    rows: Vec<u8>,
}

#[channel(crate = ::nowhere)]
impl Chat {
    #[terminator(b"\n", next = text)]
    fn line(&mut self) {}

    #[terminator(b"\0", next = line)]
    fn text(&mut self, io: &mut Io<Self>) {
        io.push("x");
    }

    #[on_timer]
    fn late(&mut self, _late: u8) {}
}

fn main() {}
