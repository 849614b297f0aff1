use asyncore_runtime::{channel, Io};
use std::time::Duration;

struct Tick;
struct Tock;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        io.set_timer(Duration::ZERO, Tick);
        io.set_timer(Duration::ZERO, Tock);
    }

    #[on_timer]
    fn tick(&mut self, _tick: Tick) {}
}

#[channel]
struct Untimed;

#[channel]
impl Untimed {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        io.set_timer(Duration::ZERO, 5u8);
    }
}

fn main() {}
