//! One state: what the first page of the book shows.

use asyncore_runtime::channel;

#[channel]
pub struct Shout;

#[channel]
impl Shout {
    #[terminator(b"\r\n")]
    fn line(&mut self, line: &str) -> String {
        line.to_uppercase() + "\r\n"
    }
}
