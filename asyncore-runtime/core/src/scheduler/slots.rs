//! The slots of a map: what stands in each, and what waits for it.

use super::turn::Driven;
use crate::transport::readiness::Ready;
use crate::transport::system::{told, GENERATION_BITS};
use crate::vocabulary::key::RawKey;

#[derive(Default)]
pub(super) struct Slot {
    generation: u32,
    /// It stands on the ready list.
    pub(super) is_ready: bool,
    /// Its channel has closed, and something stays here for a while.
    pub(super) has_ended: bool,
    /// It may be told things.
    pub(super) takes_tasks: bool,
    /// What the system said since its last turn. It waits here, so that a pass over many events
    /// touches these few bytes of each channel and not the channel.
    pub(super) news: Ready,
    /// Tasks waiting for it: what is pushed meanwhile has to queue behind them.
    pub(super) tasks: u32,
    state: Occupant,
}

#[derive(Default)]
enum Occupant {
    #[default]
    Free,
    /// It has its turn just now, or is being built.
    Out,
    In(Box<dyn Driven>),
}

#[derive(Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
    occupied: usize,
}

impl Slots {
    pub(super) fn occupied(&self) -> usize {
        self.occupied
    }

    pub(super) fn reserve(&mut self) -> RawKey {
        self.occupied = self.occupied.saturating_add(1);
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            u32::try_from(self.slots.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        let generation = self.slots.get_mut(index as usize).map_or(0, |slot| {
            slot.state = Occupant::Out;
            slot.generation
        });
        RawKey { index, generation }
    }

    pub(super) fn release(&mut self, key: RawKey) {
        let Some(slot) = self.slots.get_mut(key.index as usize) else { return };
        // A slot whose generations are used up is retired: an old key must never fit again.
        if slot.generation != u32::MAX {
            self.free.push(key.index);
        }
        *slot = Slot { generation: slot.generation.wrapping_add(1), ..Slot::default() };
        self.occupied = self.occupied.saturating_sub(1);
    }

    #[inline]
    pub(super) fn with<R>(&mut self, key: RawKey, f: impl FnOnce(&mut Slot) -> R) -> Option<R> {
        let slot = self.slots.get_mut(key.index as usize)?;
        (slot.generation == key.generation && !matches!(slot.state, Occupant::Free))
            .then(|| f(slot))
    }

    /// The key whose token was told. Where a token holds all of a key, that is it.
    #[inline]
    pub(super) fn whole(&self, key: RawKey) -> RawKey {
        if GENERATION_BITS >= u32::BITS {
            return key;
        }
        let slot = self.slots.get(key.index as usize);
        let fits = slot.map(|slot| slot.generation).filter(|it| told(*it) == key.generation);
        fits.map_or(key, |generation| RawKey { generation, ..key })
    }

    /// Takes what is at rest out of its slot, with what the system said of it.
    #[inline]
    pub(super) fn take(
        &mut self,
        key: RawKey,
        from_list: bool,
    ) -> Option<(Box<dyn Driven>, Ready)> {
        self.with(key, |slot| {
            // From here on it may become ready again.
            slot.is_ready &= !from_list;
            match std::mem::replace(&mut slot.state, Occupant::Out) {
                Occupant::In(driven) => Some((driven, std::mem::take(&mut slot.news))),
                _ => None,
            }
        })?
    }

    #[inline]
    pub(super) fn put(&mut self, key: RawKey, driven: Box<dyn Driven>) {
        self.with(key, |slot| slot.state = Occupant::In(driven));
    }

    /// Takes what is at rest out of its slot, to be put back at once.
    pub(super) fn lift(&mut self, key: RawKey) -> Option<Box<dyn Driven>> {
        self.with(key, |slot| match std::mem::replace(&mut slot.state, Occupant::Out) {
            Occupant::In(driven) => Some(driven),
            _ => None,
        })?
    }

    pub(super) fn keys(&self) -> Vec<RawKey> {
        self.used().map(|(key, _)| key).collect()
    }

    /// Who at rest holds most bytes.
    pub(super) fn largest(&self) -> Option<RawKey> {
        let held = self.used().filter_map(|(key, slot)| match &slot.state {
            Occupant::In(driven) => Some((driven.held(), key)),
            _ => None,
        });
        held.max_by_key(|(bytes, _)| *bytes).filter(|(bytes, _)| *bytes > 0).map(|(_, key)| key)
    }

    fn used(&self) -> impl Iterator<Item = (RawKey, &Slot)> {
        let is_used = |slot: &&Slot| !matches!(slot.state, Occupant::Free);
        let keyed = |(index, slot): (u32, _)| index_key(index, slot);
        (0..).zip(self.slots.iter()).filter(move |(_, slot)| is_used(slot)).map(keyed)
    }

    pub(super) fn into_occupants(self) -> impl Iterator<Item = Box<dyn Driven>> {
        self.slots.into_iter().filter_map(|slot| match slot.state {
            Occupant::In(driven) => Some(driven),
            _ => None,
        })
    }
}

fn index_key(index: u32, slot: &Slot) -> (RawKey, &Slot) {
    (RawKey { index, generation: slot.generation }, slot)
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::super::turn::{After, Wake};
    use super::*;

    /// Holds so many bytes.
    struct Holds(usize);
    impl Driven for Holds {
        fn heard(&mut self, _: Ready) {}
        fn run(&mut self, _: Wake, _: &mut Scratch) -> After {
            After::Rest
        }
        fn ask(&mut self, _: &mut Scratch) -> After {
            After::Rest
        }
        fn held(&self) -> usize {
            self.0
        }
        fn dismantle(self: Box<Self>) {}
    }

    fn filled(slots: &mut Slots, bytes: usize) -> RawKey {
        let key = slots.reserve();
        slots.put(key, Box::new(Holds(bytes)));
        key
    }

    #[test]
    fn an_old_key_never_fits_the_next_one_in_its_slot() {
        let mut slots = Slots::default();
        let old = filled(&mut slots, 0);
        slots.release(old);
        let new = filled(&mut slots, 0);
        assert_eq!((old.index, slots.occupied()), (new.index, 1));
        assert!(slots.with(old, |_| ()).is_none());
        assert!(slots.with(new, |_| ()).is_some());
    }

    #[test]
    fn a_slot_whose_generations_are_used_up_is_retired() {
        let mut slots = Slots::default();
        let key = slots.reserve();
        slots.slots[0].generation = u32::MAX;
        slots.release(RawKey { generation: u32::MAX, ..key });
        assert_ne!(slots.reserve().index, key.index);
    }

    #[test]
    fn what_is_out_cannot_be_taken_twice_and_keeps_its_news() {
        let mut slots = Slots::default();
        let key = filled(&mut slots, 0);
        slots.with(key, |slot| slot.news.add(Ready::READABLE));
        let lifted = slots.lift(key).expect("at rest");
        assert!(slots.lift(key).is_none() && slots.take(key, false).is_none());
        slots.put(key, lifted);
        let (_, news) = slots.take(key, true).expect("at rest again");
        assert!(news.has(Ready::READABLE));
    }

    #[test]
    fn who_holds_most_is_found_and_who_holds_nothing_is_not() {
        let mut slots = Slots::default();
        filled(&mut slots, 0);
        assert_eq!(slots.largest(), None);
        let most = filled(&mut slots, 7);
        filled(&mut slots, 3);
        assert_eq!(slots.largest(), Some(most));
    }
}
