//! Producers: asked for more as there is room.

use core::task::Poll;

use super::Connection;
use crate::channel::io::{stop, Pull};
use crate::channel::Channel;
use crate::output::producer::Producer;
use crate::vocabulary::guard::{dispose, guarded};

/// Small chunks of a producer are gathered up to this size, to leave in one write.
const GATHER: usize = 16 * 1024;

impl<T: Channel> Connection<T> {
    /// Whether there is something to write, or somebody to ask for it.
    #[inline]
    pub(crate) fn has_output_to_try(&self) -> bool {
        T::PRODUCES || self.io.out.is_waiting_for_room()
    }

    /// Before a write: asks whoever stands next for more, while there is little. Whether something
    /// came of it.
    #[inline]
    pub(crate) fn gather(&mut self) -> bool {
        let has_sources = T::PRODUCES || self.io.out.has_producers();
        has_sources && self.io.out.may_gather(GATHER) && self.pull()
    }

    /// Asks the producer whose turn it is. Whether there was one that was ready.
    fn pull(&mut self) -> bool {
        let Some(mut pull) = self.io.out.take_producer() else {
            return T::PRODUCES && self.pull_field();
        };
        // Guarded by itself: its place in the queue is given up, and what it holds is dropped, whatever
        // it does.
        let asked = guarded(|| (pull.ask)(&mut self.user, &mut self.io));
        let answer = match asked {
            Ok(answer) => answer,
            Err(text) => {
                self.producer_ended(pull);
                self.panicked(text);
                return true;
            }
        };
        let is_ready = match answer {
            Ok(Poll::Ready(Some(chunk))) if !chunk.is_empty() => {
                let to = pull.to.clone();
                self.io.excuse(chunk.len());
                self.io.out.put_back(pull, Some(chunk), to);
                true
            }
            Ok(Poll::Pending) => {
                self.io.out.put_back(pull, None, None);
                false
            }
            ended => {
                self.producer_ended(pull);
                self.handled(ended.map(|_| ()));
                return true;
            }
        };
        self.handled(Ok(()));
        is_ready
    }

    /// The field marked `#[producer]` comes after everything that was pushed.
    fn pull_field(&mut self) -> bool {
        if !self.io.out.is_empty() {
            return false;
        }
        // If it panics it has no more.
        self.io.state.field_left = false;
        let chunk = self.user.producer_field().and_then(Producer::more);
        let chunk = chunk.filter(|chunk| !chunk.is_empty());
        self.io.state.field_left = chunk.is_some();
        let Some(chunk) = chunk else { return false };
        if self.io.state.is_shared {
            self.io.push(chunk);
        } else {
            self.io.excuse(chunk.len());
            self.io.out.queue.put_bytes(chunk);
        }
        true
    }

    fn producer_ended(&mut self, pull: Pull<T>) {
        self.io.out.ended(pull.holds_input);
        dispose(pull);
        if !self.io.out.holds_input() {
            self.io.state.go_on(stop::HOLDING);
        }
    }
}
