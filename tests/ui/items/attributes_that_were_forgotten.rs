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

fn main() {}
