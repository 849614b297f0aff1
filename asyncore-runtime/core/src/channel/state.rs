//! What a channel has beside its struct, its endpoint and its queue.

use core::time::Duration;
use std::collections::BTreeMap;
use std::io;

use crate::scheduler::timers::{Since, Tick, TimerId};
use crate::scheduler::turn::TaskFn;
use crate::transport::endpoint::Endpoint;
use crate::transport::names::LookUp;
use crate::transport::readiness::Ready;
use crate::transport::socket::Socket;
use crate::transport::system::Target;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::error::Error;
use crate::vocabulary::key::RawKey;
use crate::vocabulary::limits::Limits;

/// Where a connection is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Phase {
    /// Waiting to be dialled, or for the answer.
    Connecting,
    /// Connected, and nobody was told yet.
    #[default]
    Fresh,
    Open,
    /// `#[on_close]` is being told.
    Ending,
}

/// What became of the wish to send no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Half {
    #[default]
    No,
    Asked,
    Done,
}

/// Why no frame is handled just now: bits of one number, so that the loop over frames tests one.
pub(crate) mod stop {
    /// By `pause`.
    pub(crate) const PAUSED: u16 = 1;
    /// A producer has its place in the channel.
    pub(crate) const HOLDING: u16 = 1 << 1;
    /// Another channel's queue is full, and this one pushed to it.
    pub(crate) const WAITING: u16 = 1 << 2;
    /// Its own queue is high.
    pub(crate) const CHOKED: u16 = 1 << 3;
    /// `close_when_done` was called.
    pub(crate) const ENDING: u16 = 1 << 4;
    /// `close` was called.
    pub(crate) const CLOSING: u16 = 1 << 5;
    /// `discard_buffers` was called: what was read and not handled is to go.
    pub(crate) const DISCARD: u16 = 1 << 6;
    /// As many answers are owed as may be.
    pub(crate) const OWING: u16 = 1 << 7;
    /// `detach` was called.
    pub(crate) const DETACHING: u16 = 1 << 8;
    /// `start_tls` was called.
    #[cfg(feature = "tls")]
    pub(crate) const SECURING: u16 = 1 << 9;
    /// A push did not become bytes, and nobody was told yet.
    pub(crate) const BROKEN: u16 = 1 << 10;
}

/// The small facts of a channel.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // independent facts, not one state
pub(crate) struct State {
    pub(crate) phase: Phase,
    pub(crate) stop: u16,
    /// Readiness as the system reported it and nobody has used up.
    pub(crate) ready: Ready,
    /// There is *one* peer, with whom the channel ends, and who may go silent for ever. Not so of
    /// files; and what listens or takes datagrams survives whatever one peer does.
    pub(crate) has_peer: bool,
    /// Whatever one peer does is no end: datagrams, listeners.
    pub(crate) is_shared: bool,
    /// Room appeared, and `on_write` was not called for it yet.
    pub(crate) room: bool,
    /// What `#[readable]` and `#[writable]` said.
    pub(crate) wants_read: bool,
    pub(crate) wants_write: bool,
    /// The end was read; and the channel was told.
    pub(crate) eof: bool,
    pub(crate) eof_told: bool,
    /// The channel has read or tried to since this was last looked at.
    pub(crate) has_read: bool,
    /// What is pushed now is too late.
    pub(crate) late: bool,
    /// Whether this side says no more, and still listens.
    pub(crate) half: Half,
    /// It has reached its age, and drains by itself.
    pub(crate) is_old: bool,
    /// The time to drain was over before it was done.
    pub(crate) is_cut_off: bool,
    /// It came by a listener, and its first frame is not complete.
    pub(crate) first_frame_due: bool,
    /// What was read before has to be looked at again.
    pub(crate) look_again: bool,
    /// What lies over the stream holds output that the stream has not taken.
    pub(crate) has_backlog: bool,
    /// What lies over the stream has not begun: there is no payload in either direction.
    pub(crate) is_beginning: bool,
    /// The channel was told of the silence that goes on.
    pub(crate) idle_told: bool,
    /// The field marked `#[producer]` may have more.
    pub(crate) field_left: bool,
    /// So many queues of other channels are full with what this one pushed.
    pub(crate) waits: u16,
    /// So many of the queued bytes were pushed by other channels or given by producers, at most: none
    /// of the channel's own handlers has gone too far with them.
    pub(crate) foreign: usize,
    /// Bytes held, as the map was told last.
    pub(crate) held: usize,
    /// When a byte last came or went.
    pub(crate) active_at: Tick,
    /// When the frame under way began, if one is.
    pub(crate) frame_at: Since,
    /// Since when no input is taken, by our own will.
    pub(crate) stopped_at: Since,
    /// When the system last took output, or output began to wait.
    pub(crate) written_at: Tick,
    /// Since when output waits, or how it is drained was looked at; and how much went since.
    pub(crate) draining_at: Since,
    pub(crate) drained: usize,
    /// The deadline the loop's timers know of.
    pub(crate) deadline: Option<TimerId>,
}

impl State {
    /// It was us who waited: what was read is looked at again, and the peer has its time anew.
    pub(crate) fn begin_anew(&mut self) {
        self.look_again = true;
        self.stopped_at.is_over();
        self.forget_frame();
    }

    /// A frame begins anew, with all its time. Not the first one, which counts from accept.
    pub(crate) fn forget_frame(&mut self) {
        if !self.first_frame_due {
            self.frame_at.is_over();
        }
    }

    /// What was said of the frame under way is over.
    #[inline]
    pub(crate) fn frame_ended(&mut self) {
        self.first_frame_due = false;
        self.frame_at.is_over();
    }

    /// Ends a reason to stop, and with it the wait.
    pub(crate) fn go_on(&mut self, reason: u16) {
        if self.stop & reason != 0 {
            self.stop &= !reason;
            self.begin_anew();
        }
    }
}

/// What few channels have.
pub(crate) struct Extra<F> {
    /// Tightened by the listener.
    pub(crate) limits: Option<Limits>,
    /// What the listener bounds its connections by, whichever channel has them.
    pub(crate) of_listener: Option<Box<Limits>>,
    /// Since when what lies over the stream is beginning.
    pub(crate) beginning: Since,
    /// The side of TLS that is to begin when the handler has returned.
    #[cfg(feature = "tls")]
    pub(crate) start_tls: Option<crate::transport::tls::Tls>,
    /// Who is given the socket when all is written.
    pub(crate) detach: Option<F>,
    /// The socket, on its way there.
    pub(crate) detached: Option<Socket>,
    /// Where to connect to, and which of these is tried.
    pub(crate) target: Target,
    pub(crate) trying: usize,
    /// Their names are being looked up.
    pub(crate) look_up: Option<LookUp>,
    /// Attempts that were begun before this one, and to whom.
    pub(crate) earlier: Vec<(Addr, Endpoint)>,
    /// When to try the next one beside those.
    pub(crate) next_at: Since,
    /// What the last attempt that failed came to.
    pub(crate) refused: Option<(Addr, io::Error)>,
    /// When to connect again, or to try this address again.
    pub(crate) dial_at: Since,
    /// Its last connection has ended, which it was told, and the next has not begun.
    pub(crate) is_between: bool,
    pub(crate) reconnect: Option<Duration>,
    /// What to run when a timer is due.
    pub(crate) timers: BTreeMap<TimerId, F>,
    /// Channels that read no further until this one's queue is low.
    pub(crate) waiters: Vec<Waiter>,
    /// Bytes that others have pushed and that wait for their turn to be queued.
    pub(crate) pending: usize,
    /// Who sent the datagram that is being handled.
    pub(crate) sender: Option<Addr>,
    /// Bytes that nobody could take: pushed for nobody, or for who has gone meanwhile.
    pub(crate) unaddressed: usize,
    pub(crate) pushed_late: usize,
    pub(crate) owed: Debts,
    /// The error that ends the connection.
    pub(crate) error: Option<Error>,
}

/// Which answer is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Debt {
    pub(crate) number: u64,
    /// Its place in the output is held.
    pub(crate) in_order: bool,
    /// Who sent the datagram that asked.
    pub(crate) to: Option<Addr>,
}

/// Answers that are owed.
#[derive(Debug, Default)]
pub(crate) struct Debts {
    /// The number of the next one: unique in the life of the channel, so that an answer of an
    /// earlier connection fits none of this one.
    pub(crate) next: u64,
    /// Those of this connection begin here.
    pub(crate) first: u64,
    pub(crate) open: usize,
    /// Since when one is owed and none was given.
    pub(crate) since: Since,
}

impl<F> Default for Extra<F> {
    fn default() -> Self {
        Self {
            limits: None,
            of_listener: None,
            beginning: Since::default(),
            #[cfg(feature = "tls")]
            start_tls: None,
            detach: None,
            detached: None,
            target: Target::default(),
            trying: 0,
            look_up: None,
            earlier: Vec::new(),
            next_at: Since::default(),
            refused: None,
            dial_at: Since::default(),
            is_between: false,
            reconnect: None,
            timers: BTreeMap::new(),
            waiters: Vec::new(),
            pending: 0,
            sender: None,
            unaddressed: 0,
            pushed_late: 0,
            owed: Debts::default(),
            error: None,
        }
    }
}

/// Somebody who reads no further while this queue is full.
pub(crate) struct Waiter {
    pub(crate) key: RawKey,
    /// Makes the task that tells it to wait (`true`) or to go on.
    pub(crate) task: fn(bool) -> TaskFn,
}
