//! A size is a number of any integer type, wherever it comes from.

use asyncore_runtime::channel;
use asyncore_runtime::testing::Session;

const LONG: u64 = 5;
const FOUR: usize = 4;
const UNIX: bool = true;
const TEN: i16 = 10;
const ONE: std::num::NonZeroU8 = std::num::NonZeroU8::MIN;

macro_rules! eight {
    () => {
        2 * 4
    };
}

trait Fixed {
    const SIZE: u32;
}

struct Two;

impl Fixed for Two {
    const SIZE: u32 = 2;
}

#[channel(max_frame = 4 * FOUR)]
struct Chat;

impl Chat {
    const HERE: u32 = 9;
}

#[channel]
impl Chat {
    #[terminator(b"\n", max = LONG, next = array)]
    fn line(&mut self, _line: &[u8]) {}

    #[terminator(len = FOUR, next = signed)]
    fn array(&mut self, _array: [u8; FOUR]) {}

    #[terminator(len = TEN, next = sum)]
    fn signed(&mut self, _array: [u8; 10]) {}

    #[terminator(len = 10, next = of_the_channel)]
    fn sum(&mut self, _sum: [u8; 2 * FOUR + 2]) {}

    #[terminator(len = Self::HERE, next = by_configuration)]
    fn of_the_channel(&mut self, _frame: &[u8]) {}

    #[terminator(len = if cfg!(unix) { 4 } else { 8 }, next = block)]
    fn by_configuration(&mut self, _frame: &[u8]) {}

    #[terminator(len = match cfg!(unix) { UNIX => 4, _ => 4 }, next = not_zero)]
    fn block(&mut self, _frame: &[u8]) {}

    #[terminator(len = ONE, next = product)]
    fn not_zero(&mut self, _frame: &[u8]) {}

    #[terminator(len = eight!(), next = call)]
    fn product(&mut self, _frame: &[u8]) {}

    #[terminator(len = core::mem::size_of::<u64>() + FOUR, next = prefixed)]
    fn call(&mut self, _frame: &[u8]) {}

    #[terminator(prefix = u32, max = Self::HERE)]
    fn prefixed(&mut self, frame: &[u8]) -> Vec<u8> {
        frame.to_vec()
    }
}

#[channel]
struct Generic<T: Fixed + 'static>(std::marker::PhantomData<T>);

#[channel]
impl<T: Fixed + 'static> Generic<T> {
    #[terminator(len = T::SIZE)]
    fn record(&mut self, record: &[u8]) -> Vec<u8> {
        record.to_vec()
    }
}

fn main() {
    let mut chat = Session::new(Chat);
    chat.feed(b"five5\n");
    // 4, 10, 10, 9, 4 or 8, 4, 1, 8 and 12 bytes, and then what a prefix announces.
    let unix = if cfg!(unix) { 4 } else { 8 };
    chat.feed(&vec![b'x'; 4 + 10 + 10 + 9 + unix + 4 + 1 + 8 + 12]);
    chat.feed(b"\0\0\0\x02ok");
    assert_eq!(chat.output(), b"ok");

    let mut records = Session::new(Generic::<Two>(std::marker::PhantomData));
    records.feed(b"abc");
    assert_eq!(records.output(), b"ab");
}
