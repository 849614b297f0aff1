//! What a script can have a channel do.

use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use asyncore_runtime::{Io, SlowReader};

use super::{addr, Bad, Bomb, Failed, Puppet, PuppetTerminator};
use crate::simulate::script::{Act, Life, Slow};
use crate::simulate::world::{record, Debt};

impl Puppet {
    pub(super) fn play(&mut self, acts: &[Act], io: &mut Io<Self>) -> Result<(), Failed> {
        acts.iter().try_for_each(|act| self.act(act, io))
    }

    pub(super) fn act(&mut self, act: &Act, io: &mut Io<Self>) -> Result<(), Failed> {
        match act {
            Act::Panic => {
                // What was read behind this frame is nobody's any more.
                self.log(|log| log.is_lossy = true);
                self.world.panic()
            }
            Act::Fail => return Err(Failed),
            Act::Arm => self.is_armed = true,
            Act::Timer(after, acts) => {
                self.timer = Some(io.set_timer(Duration::from_millis(*after), acts.clone()));
            }
            Act::CancelTimer => {
                self.timer.take().map(|timer| io.cancel(timer));
            }
            Act::Pause => {
                self.log(|log| log.is_paused = true);
                io.pause();
            }
            Act::Resume => self.resume(io),
            Act::AwaitBlock(len) => self.await_other(PuppetTerminator::Block(*len), io),
            Act::AwaitStream(len) => self.await_other(PuppetTerminator::Stream(*len), io),
            Act::Owe | Act::OweUnordered => self.owe(*act == Act::Owe, io),
            Act::Drain(within) => {
                self.world.is_draining.set(true);
                io.drain(Duration::from_millis(*within));
            }
            _ => self.output(act, io),
        }
        Ok(())
    }

    fn await_other(&self, what: PuppetTerminator, io: &mut Io<Self>) {
        self.log(|log| log.awaits_other = true);
        io.set_terminator(what);
    }

    pub(super) fn owe(&self, in_order: bool, io: &mut Io<Self>) {
        let owed = if in_order { io.owe() } else { io.owe_unordered() };
        let place = (in_order && self.goes_last()).then(|| self.place());
        let connection = self.log(|log| {
            log.owes += 1;
            log.connects + log.closes
        });
        self.world.debts.borrow_mut().push(Debt { by: self.id, place, connection, owed });
    }

    pub(super) fn output(&mut self, act: &Act, io: &mut Io<Self>) {
        match act {
            Act::Push(len) => self.push(*len, io),
            Act::PushBad => io.push(format_args!("{Bad}")),
            Act::Discard | Act::CloseWhenDone | Act::Close | Act::EndOutput => self.end(act, io),
            Act::Produce(_)
            | Act::ProduceSlowly(_)
            | Act::ProduceByMethod(_)
            | Act::ProduceArmed
            | Act::ProduceAndPanic => self.produce(act, io),
            Act::Connect(to, life) => self.connect(*to, life, io),
            Act::Listen(at) => self.listen(*at, io),
            _ => self.others(act, io),
        }
    }

    pub(super) fn push(&self, len: usize, io: &mut Io<Self>) {
        let kind = if self.goes_last() { "own" } else { "free" };
        io.push(record(kind, self.id, self.place(), len));
    }

    pub(super) fn end(&self, act: &Act, io: &mut Io<Self>) {
        match act {
            Act::Discard => {
                self.log(|log| (log.is_lossy, log.has_discarded) = (true, true));
                io.discard_buffers();
            }
            Act::CloseWhenDone => {
                self.log(|log| log.is_lossy = true);
                io.close_when_done();
            }
            Act::EndOutput => io.end_output(),
            _ => io.close(),
        }
    }

    pub(super) fn produce(&mut self, act: &Act, io: &mut Io<Self>) {
        let (id, world) = (self.id, Rc::clone(&self.world));
        let place = if self.goes_last() { self.place() } else { 0 };
        let kind = if place == 0 { "free" } else { "own" };
        let piece = move || record(kind, id, place, 50);
        self.log(|log| log.has_produced = true);
        match act {
            Act::Produce(pieces) => io.push_with_producer((0..*pieces).map(move |_| piece())),
            Act::ProduceSlowly(pieces) => {
                self.log(|log| log.pending += 1);
                let (mut left, mut has_waited) = (*pieces, false);
                io.push_with_producer(move |_: &mut Self| {
                    if left == 1 && !std::mem::replace(&mut has_waited, true) {
                        return Poll::Pending;
                    }
                    let is_last = left == 0;
                    left = left.saturating_sub(1);
                    if is_last {
                        world.log(id, |log| log.pending = log.pending.saturating_sub(1));
                    }
                    Poll::Ready((!is_last).then(&piece))
                });
            }
            Act::ProduceByMethod(pieces) => {
                // One at a time: the place is in the channel.
                if self.pieces.is_none() {
                    self.pieces = Some((*pieces, place));
                    io.push_with_producer(Self::method);
                }
            }
            Act::ProduceArmed => {
                let (bomb, mut left) = (Bomb, 1_u8);
                io.push_with_producer(move |_: &mut Self| {
                    let Bomb = &bomb;
                    left = left.checked_sub(1)?;
                    Some(piece())
                });
            }
            _ => io.push_with_producer(move |_: &mut Self| -> Option<String> { world.panic() }),
        }
    }

    pub(super) fn connect(&self, to: usize, life: &Life, io: &mut Io<Self>) {
        if !self.world.has_room() {
            return;
        }
        let puppet = self.world.puppet(life.clone());
        let id = puppet.id;
        let opened = io.connect(addr(to), puppet);
        self.world.log(id, |log| {
            log.has_dialled = true;
            log.key = opened.ok();
        });
    }

    pub(super) fn listen(&self, at: usize, io: &mut Io<Self>) {
        let world = Rc::clone(&self.world);
        let _ = io.listen(addr(at), move |_peer| world.puppet(Life::default()));
    }

    pub(super) fn others(&self, act: &Act, io: &mut Io<Self>) {
        match act {
            Act::PushTo(to, len) | Act::TryPushTo(to, len) => {
                let Some((id, key)) = self.world.target(*to) else { return };
                if id == self.id {
                    return self.push(*len, io);
                }
                let number = self.number(id);
                self.world.log(id, |log| log.is_pushed_to = true);
                let data = record("from", self.id, number, *len);
                if matches!(act, Act::PushTo(..)) {
                    io.push_to(key, data);
                } else {
                    let _ = io.try_push_to(key, data);
                }
            }
            Act::Broadcast(slow, len) => self.broadcast(*slow, *len, io),
            Act::Tell(to, acts) => {
                let Some((id, key)) = self.world.target(*to) else { return };
                let (from, acts) = ((self.id, self.number(id)), acts.clone());
                let from = (id != self.id).then_some(from);
                io.tell(key, move |puppet: &mut Self, io: &mut Io<Self>| {
                    puppet.told(from, &acts, io)
                });
            }
            Act::TellAll(acts) => {
                let acts = acts.clone();
                io.tell_all(move |puppet: &mut Self, io: &mut Io<Self>| {
                    puppet.told(None, &acts, io)
                });
            }
            _ => {}
        }
    }

    /// The next number of what this one says to that one.
    pub(super) fn number(&self, to: usize) -> u64 {
        self.log(|log| {
            log.pushes_to_others = true;
            let number = log.sent_to.entry(to).or_default();
            *number += 1;
            *number
        })
    }

    pub(super) fn broadcast(&self, slow: Slow, len: usize, io: &mut Io<Self>) {
        self.world.logs.borrow_mut().iter_mut().for_each(|log| log.is_pushed_to = true);
        self.log(|log| log.pushes_to_others = true);
        let keys = io.keys::<Self>();
        let slow = match slow {
            Slow::Skip => SlowReader::Skip,
            Slow::Wait => SlowReader::Wait,
            Slow::Close => SlowReader::Close,
        };
        io.broadcast(keys, record("free", self.id, 0, len), slow);
    }
}
