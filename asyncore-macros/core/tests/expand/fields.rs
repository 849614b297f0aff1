//! The same three names on fields: asynchat as it was, in data.

use asyncore_runtime::{channel, Io, Producer, Terminator};

#[channel]
pub struct Chat {
    #[on_read]
    pub inbox: Vec<u8>,
    #[terminator]
    pub until: Terminator,
}

#[channel]
impl Chat {
    #[terminator]
    fn found(&mut self, io: &mut Io<Self>) {
        let frame = std::mem::take(&mut self.inbox);
        io.push(frame);
        self.until = Terminator::Len(3);
    }
}

#[channel]
pub struct Feed(#[producer] pub Box<dyn Producer>);

#[channel]
impl Feed {}

#[channel]
pub struct Collector {
    #[on_read]
    pub inbox: Vec<u8>,
}

#[channel]
impl Collector {
    #[terminator(b"\n")]
    fn line(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.inbox)
    }
}
