//! Answers that other threads give: taken where a question is handled, given wherever.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use super::Driver;
use crate::channel::io::Io;
use crate::channel::reply::Reply;
use crate::channel::state::Debt;
use crate::channel::Channel;
use crate::scheduler::inbox::{Inbox, Post};
use crate::vocabulary::guard::dispose;
use crate::vocabulary::key::RawKey;

impl<T: Channel> Io<T> {
    /// Owes the peer an answer: for work that is given to another thread, or to another channel.
    ///
    /// The answer's place in the output is held: whatever is pushed after it waits for it, so that
    /// answers come in the order of the questions, however the threads finish. Meanwhile the
    /// channel goes on with further frames, [`Limits::max_owed`](crate::Limits::max_owed) of them at
    /// most; and it is neither idle nor done: `drain`, `close_when_done` and the peer's half-close
    /// wait for the answer, for [`Limits::answer_timeout`](crate::Limits::answer_timeout) at most.
    ///
    /// ```
    /// # use asyncore_runtime::{channel, Bytes, Io};
    /// # #[channel] struct Rpc;
    /// #[channel]
    /// impl Rpc {
    ///     #[terminator(prefix = u32)]
    ///     fn call(&mut self, request: Bytes, io: &mut Io<Self>) {
    ///         let owed = io.owe();
    ///         std::thread::spawn(move || {
    ///             let answer = request.len().to_string(); // the slow work
    ///             owed.answer(move |_rpc, _io| answer);
    ///         });
    ///     }
    /// }
    /// ```
    #[must_use = "an answer that is dropped is an error of the channel"]
    pub fn owe(&mut self) -> Owed<T> {
        self.owes(true)
    }

    /// As [`owe`](Io::owe), for protocols whose answers name their question: no place is held, each
    /// goes out as it comes.
    #[must_use = "an answer that is dropped is an error of the channel"]
    pub fn owe_unordered(&mut self) -> Owed<T> {
        self.owes(false)
    }

    fn owes(&mut self, in_order: bool) -> Owed<T> {
        let debt = self.borrow_answer(in_order);
        Owed {
            claim: Some((Arc::clone(&self.scheduler.inbox), debt)),
            key: self.key,
            kind: PhantomData,
        }
    }
}

/// An answer that is owed to a channel's peer: `Send`. Dropped without an answer, as by a panic of
/// the thread that has it, it is [`Error::Unanswered`](crate::Error::Unanswered) on the channel.
pub struct Owed<T: Channel> {
    /// Taken by the answer.
    claim: Option<(Arc<Inbox>, Debt)>,
    key: RawKey,
    kind: PhantomData<fn(T)>,
}

impl<T: Channel> Owed<T> {
    /// Answers: `f` runs on the channel, in the loop's thread, and what it pushes and returns goes
    /// out at the answer's place. Unlike a post it is never refused: the channel has counted on it.
    /// If the channel has closed meanwhile, or connects anew, `f` is dropped.
    pub fn answer<R: Reply<T>>(mut self, f: impl FnOnce(&mut T, &mut Io<T>) -> R + Send + 'static) {
        if let Some((inbox, debt)) = self.claim.take() {
            self.post(&inbox, move |driver| driver.connection.answer(debt, f));
        }
    }

    fn post(&self, inbox: &Inbox, work: impl FnOnce(&mut Driver<T>) + Send + 'static) {
        let post = Post::Channel(
            self.key,
            Box::new(|any, scratch| {
                let Some(driver) = any.downcast_mut::<Driver<T>>() else {
                    dispose(work);
                    return crate::scheduler::turn::After::Rest;
                };
                driver.event(scratch, |driver, _| work(driver))
            }),
        );
        if let Err(post) = inbox.post_owed(post) {
            dispose(post);
        }
    }
}

impl<T: Channel> Drop for Owed<T> {
    fn drop(&mut self) {
        if let Some((inbox, debt)) = self.claim.take() {
            self.post(&inbox, move |driver| driver.connection.unanswered(debt));
        }
    }
}

impl<T: Channel> fmt::Debug for Owed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owed").field("debt", &self.claim.as_ref().map(|(_, debt)| debt)).finish()
    }
}
