//! Time: which deadline of a channel comes next, and what happens when one has passed.
//!
//! No timer is touched for a frame, a read or a write. A channel notes when things happened; the
//! loop's timers hold at most one entry for it, which may be early, and is set anew when it comes.

use core::time::Duration;

use super::Entry;
use crate::channel::io::{stop, Phase};
use crate::channel::Channel;
use crate::error::Error;
use crate::framing::until::Ends;
use crate::limits::Limit;
use crate::scheduler::clock::nanos;
use crate::scheduler::timers::Tick;

/// A frame's deadline moves a second for so many bytes: Postfix's minimum data rate.
const BYTES_PER_SECOND: u64 = 500;

/// A deadline: when, which, and how long it was.
type Deadline = (Tick, Limit, Duration);

impl<T: Channel> Entry<T> {
    /// At the start of a turn: what is pushed in it waits for the system from now on.
    pub(super) fn mark_output(&mut self) {
        if !self.io.out.is_waiting_for_room() {
            self.io.state.written_at = self.io.shared.clock.now();
        }
    }

    /// At the end of a turn: since when what goes on goes on. A frame that ended has cleared it.
    pub(super) fn mark_times(&mut self) {
        let now = self.io.shared.clock.now();
        let state = &mut self.io.state;
        if state.first_frame_due || !self.kept.is_empty() || self.framer.mid_frame() {
            state.frame_at.get_or_insert(now);
        } else {
            state.frame_at = None;
        }
    }

    /// Sees to it that the loop looks at this channel in time.
    pub(super) fn arm(&mut self) {
        let Some((at, ..)) = self.deadline() else { return };
        if self.io.state.deadline.is_none_or(|id| id.at() > at) {
            self.set_deadline(at);
        }
    }

    /// The deadline that comes next as things stand now.
    fn deadline(&self) -> Option<Deadline> {
        let state = &self.io.state;
        let limits = self.io.limits();
        if state.phase == Phase::Connecting {
            return self.connect_deadline();
        }
        if !self.io.link.has_peer() {
            return None;
        }
        if self.io.out.is_waiting_for_room() {
            return deadline(state.written_at, Limit::WriteStall, limits.write_timeout);
        }
        // While it is us who wait, the peer has no deadline.
        if state.stop & !stop::ENDING != 0 || !self.io.out.is_empty() {
            return None;
        }
        self.frame_deadline()
            .or_else(|| deadline(state.active_at, Limit::Idle, limits.idle_timeout))
    }

    fn frame_deadline(&self) -> Option<Deadline> {
        let since = self.io.state.frame_at?;
        let limits = self.io.limits();
        let until = self.user.until(&self.io.at);
        if let Some(within) = until.within {
            return deadline(since, Limit::FrameTime, within);
        }
        match until.ends {
            Ends::Nothing | Ends::Eof => None,
            _ if self.io.state.first_frame_due => {
                deadline(since, Limit::FirstFrame, limits.first_frame_timeout)
            }
            _ => {
                let received = self.framer.taken() + self.kept.len();
                let rate = Duration::from_secs(received as u64 / BYTES_PER_SECOND);
                deadline(since, Limit::FrameTime, limits.frame_timeout.saturating_add(rate))
            }
        }
    }

    /// The loop's timer for this channel came.
    pub(super) fn deadline_passed(&mut self) {
        self.io.state.deadline = None;
        if self.dial_if_due() {
            return;
        }
        if self.is_due(Limit::WriteStall) {
            // The system speaks of room only when a third of its buffer is free; a slow peer may
            // have taken less than that.
            self.io.state.ready.writable = true;
            self.flush_again();
        }
        let now = self.io.shared.clock.now();
        if let Some((at, limit, after)) = self.deadline() {
            if at <= now {
                self.fail(Error::Timeout { limit, after });
            }
        }
    }

    fn is_due(&self, which: Limit) -> bool {
        let now = self.io.shared.clock.now();
        self.deadline().is_some_and(|(at, limit, _)| at <= now && limit == which)
    }
}

/// `None` if it never comes.
pub(super) fn deadline(since: Tick, limit: Limit, after: Duration) -> Option<Deadline> {
    let at = since.checked_add(nanos(after))?;
    (at != Tick::MAX).then_some((at, limit, after))
}
