//! What goes wrong: who is told, and whether the channel lives on.

use super::Connection;
use crate::channel::io::stop;
use crate::channel::Channel;
use crate::output::push::push_failed;
use crate::vocabulary::error::Error;
use crate::vocabulary::guard::guarded;

impl<T: Channel> Connection<T> {
    /// Shows an error to `#[on_error]`, once, and closes after it if it has to be.
    #[cold]
    pub(crate) fn fail(&mut self, error: Error) {
        let is_ending = self.io.extra.as_ref().is_some_and(|extra| extra.error.is_some());
        if is_ending || self.io.state.stop & stop::CLOSING != 0 {
            self.io.state.stop |= stop::CLOSING;
            return;
        }
        if let Some(limit) = error.limit() {
            self.hit(limit);
        }
        crate::trace!(self.io, "handle_error", "{error}");
        // What has no one peer survives: nobody else has to pay for what is wrong here.
        if !self.show(&error) && !self.io.state.is_shared {
            self.io.state.stop |= stop::CLOSING;
        }
        self.after_error(error);
        // What was said of it has the bound of what a handler says.
        self.check_cap(0);
    }

    /// Calls `#[on_error]`; whether nothing was wrong with it in turn, its pushes included: of that nobody
    /// is told any more.
    fn show(&mut self, error: &Error) -> bool {
        let had_failed = self.io.out.queue.has_failed();
        let shown = guarded(|| self.user.on_error(error, &mut self.io));
        if shown.is_err() {
            self.io.scheduler.count_panic();
        }
        let has_broken = !had_failed && self.io.out.queue.take_failure();
        if has_broken {
            self.io.state.stop &= !stop::BROKEN;
        }
        matches!(shown, Ok(Ok(()))) && !has_broken
    }

    fn after_error(&mut self, error: Error) {
        // Whoever has something to say about a deadline or bad input can still say it.
        let may_say = error.leaves_the_stream() && self.io.state.stop & stop::ENDING != 0;
        if self.is_fatal(&error) && !may_say {
            self.io.state.stop |= stop::CLOSING;
        }
        if self.io.state.stop & (stop::CLOSING | stop::ENDING) != 0 {
            self.io.extra().error = Some(error);
        } else if self.io.next.is_some() && !self.framer.is_skipping() {
            self.change_terminator();
        }
        self.obey();
    }

    /// Of a channel without one peer only the death of its own socket is the end.
    fn is_fatal(&self, error: &Error) -> bool {
        if self.io.state.is_shared {
            return error.is_own_death();
        }
        error.is_fatal()
    }

    /// What nobody is told of by itself: pushes that went nowhere, or broke.
    #[cold]
    pub(super) fn pushes_failed(&mut self) {
        self.io.state.stop &= !stop::BROKEN;
        if self.io.out.queue.take_failure() {
            self.fail(push_failed());
        }
    }

    /// Pushes without anybody to go to, since this was asked last.
    pub(crate) fn tell_unaddressed(&mut self) {
        let bytes =
            self.io.extra.as_mut().map_or(0, |extra| std::mem::take(&mut extra.unaddressed));
        if bytes > 0 {
            self.fail(Error::Unaddressed { bytes });
        }
    }
}
