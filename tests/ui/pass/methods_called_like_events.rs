//! A name alone makes no handler: of a channel that lives by its fields, other blocks may call these.

use asyncore_runtime::channel;
use asyncore_runtime::testing::Session;

#[channel]
#[derive(Default)]
struct Collector {
    #[on_read]
    inbox: Vec<u8>,
}

#[channel]
impl Collector {
    fn on_message(&mut self) -> usize {
        self.inbox.len()
    }
}

impl Collector {
    fn count(&mut self) -> usize {
        self.on_message()
    }
}

fn main() {
    let mut collector = Collector { inbox: b"abc".to_vec() };
    assert_eq!(collector.count(), 3);
    let _ = Session::new(collector);
}
