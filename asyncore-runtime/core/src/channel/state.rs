//! What a channel has beside its struct, its descriptor and its queue.

use core::time::Duration;
use std::io;
use std::net::SocketAddr;

use crate::error::Error;
use crate::limits::Limits;
use crate::scheduler::timers::{Tick, TimerId};
use crate::scheduler::turn::{Ready, TaskFn};
use crate::transport::addr::Addr;

/// Where a connection is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Phase {
    /// Waiting to be dialled, or for the answer.
    Connecting,
    /// Connected, and nobody was told yet.
    #[default]
    Fresh,
    Open,
}

/// What became of the wish to send no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Half {
    #[default]
    No,
    Asked,
    Done,
}

/// Why no frame is handled just now: one byte, so that the loop over frames tests one byte.
pub(crate) mod stop {
    /// By `pause`.
    pub(crate) const PAUSED: u8 = 1;
    /// A producer has its place in the channel.
    pub(crate) const HOLDING: u8 = 1 << 1;
    /// Another channel's queue is high with what this one pushed.
    pub(crate) const WAITING: u8 = 1 << 2;
    /// Its own queue is high.
    pub(crate) const CHOKED: u8 = 1 << 3;
    /// `close_when_done` was called.
    pub(crate) const ENDING: u8 = 1 << 4;
    /// `close` was called.
    pub(crate) const CLOSING: u8 = 1 << 5;
    /// `discard_buffers` was called: what was read and not handled is to go.
    pub(crate) const DISCARD: u8 = 1 << 6;
}

/// The small facts of a channel.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // independent facts, not one state
pub(crate) struct State {
    pub(crate) phase: Phase,
    pub(crate) stop: u8,
    /// Readiness as the system reported it and nobody has used up.
    pub(crate) ready: Ready,
    /// Room appeared, and `on_write` was not called for it yet.
    pub(crate) room: bool,
    /// What `#[readable]` and `#[writable]` said.
    pub(crate) wants_read: bool,
    pub(crate) wants_write: bool,
    /// The end was read; and the channel was told.
    pub(crate) eof: bool,
    pub(crate) eof_told: bool,
    /// What is pushed now is too late.
    pub(crate) late: bool,
    /// Whether this side says no more, and still listens.
    pub(crate) half: Half,
    /// The time to drain was over before it was done.
    pub(crate) is_cut_off: bool,
    /// It came by a listener, and its first frame is not complete.
    pub(crate) first_frame_due: bool,
    /// What was read before has to be looked at again.
    pub(crate) look_again: bool,
    /// The field marked `#[producer]` may have more.
    pub(crate) field_left: bool,
    /// So many of the queued bytes were pushed by other channels, at most: these must wait for the
    /// queue, and not this one.
    pub(crate) foreign: usize,
    /// When to connect again.
    pub(crate) dial_at: Option<Tick>,
    /// So many queues of other channels are high with what this one pushed.
    pub(crate) waits: u16,
    /// When a byte last came or went.
    pub(crate) active_at: Tick,
    /// When the frame under way began, if one is.
    pub(crate) frame_at: Option<Tick>,
    /// When the system last took output, or output began to wait.
    pub(crate) written_at: Tick,
    /// The deadline the loop's timers know of.
    pub(crate) deadline: Option<TimerId>,
}

impl State {
    /// It was us who waited, or another frame is waited for: what was read is looked at again, and
    /// the peer has its time anew. Not for its first frame, which counts from accept.
    pub(crate) fn begin_anew(&mut self) {
        self.look_again = true;
        if !self.first_frame_due {
            self.frame_at = None;
        }
    }

    /// What was said of the frame under way is over.
    #[inline]
    pub(crate) fn frame_ended(&mut self) {
        self.first_frame_due = false;
        self.frame_at = None;
    }
}

/// What few channels have.
pub(crate) struct Extra<F> {
    /// Tightened by the listener.
    pub(crate) limits: Option<Limits>,
    /// Where to connect to, and which of these is tried.
    pub(crate) target: Vec<Addr>,
    pub(crate) trying: usize,
    pub(crate) refused: Option<io::Error>,
    pub(crate) reconnect: Option<Duration>,
    /// What to run when a timer is due.
    pub(crate) timers: Vec<(TimerId, F)>,
    /// Channels that read no further until this one's queue is low.
    pub(crate) waiters: Vec<Waiter>,
    /// Who sent the datagram that is being handled.
    pub(crate) sender: Option<SocketAddr>,
    pub(crate) pushed_late: usize,
    /// The error that ends the connection.
    pub(crate) error: Option<Error>,
}

impl<F> Default for Extra<F> {
    fn default() -> Self {
        Self {
            limits: None,
            target: Vec::new(),
            trying: 0,
            refused: None,
            reconnect: None,
            timers: Vec::new(),
            waiters: Vec::new(),
            sender: None,
            pushed_late: 0,
            error: None,
        }
    }
}

/// Somebody who reads no further while this queue is high.
pub(crate) struct Waiter {
    pub(crate) key: crate::key::RawKey,
    /// Makes the task that tells it to wait (`true`) or to go on.
    pub(crate) task: fn(bool) -> TaskFn,
}
