use asyncore_runtime::{channel, Io};

#[channel]
struct Chat {
    buffer: Vec<u8>,
}

#[channel]
impl Chat {
    fn collect_incoming_data(&mut self, data: &[u8]) {
        self.buffer.extend_from_slice(data);
    }

    fn found_terminator(&mut self, io: &mut Io<Self>) {
        io.push("found");
    }
}

#[channel]
struct Named;

#[channel]
impl Named {
    fn on_connect(&mut self) {
        self.on_error();
    }

    fn on_error(&mut self) {}

    pub fn on_eof(&mut self) {}
}

fn main() {}
