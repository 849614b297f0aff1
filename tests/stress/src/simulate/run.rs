//! One simulation, from its first step to the end of its last channel.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::time::Duration;

use asyncore_runtime::testing::Net;
use asyncore_runtime::{Io, Key};

use super::puppet::{addr, Puppet};
use super::script::{Act, Step};
use super::world::{Log, Phase, World};

/// So often everybody is helped at the end, since one helped may hold up the next.
const ROUNDS: usize = 8;

struct Simulation {
    net: Net,
    world: Rc<World>,
}

/// Plays a script; what was wrong first.
///
/// # Errors
/// The first thing that must not be.
pub fn run(steps: &[Step]) -> Result<(), String> {
    let played = catch_unwind(AssertUnwindSafe(|| play(steps)));
    played.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("the runtime panicked: {}", text.unwrap_or("?")))
    })
}

fn play(steps: &[Step]) -> Result<(), String> {
    let mut simulation = Simulation { net: Net::new(), world: Rc::default() };
    for (at, step) in steps.iter().enumerate() {
        simulation.step(step);
        simulation.check();
        simulation.verdict().map_err(|why| format!("step {at}: {why}"))?;
    }
    simulation.heal();
    simulation.verdict().map_err(|why| format!("healed: {why}"))?;
    simulation.end();
    simulation.verdict().map_err(|why| format!("at the end: {why}"))
}

impl Simulation {
    fn verdict(&self) -> Result<(), String> {
        self.world.first_fault().map_or(Ok(()), Err)
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Open(life) => {
                let puppet = self.world.puppet(life.clone());
                let id = puppet.id();
                self.world.log(id, |log| log.is_ours = true);
                let key = self.net.open(puppet);
                self.world.log(id, |log| log.key = Some(key));
            }
            Step::Listen(at, life) => {
                let (world, life) = (Rc::clone(&self.world), life.clone());
                let _ = self.net.listen(addr(*at), move |_peer| world.puppet(life.clone()));
            }
            Step::Dial(to) => {
                self.net.dial(addr(*to));
            }
            Step::Connect(to, life) => self.connect(*to, life),
            Step::Refuse(at) => self.net.refuse(addr(*at)),
            Step::Advance(time) => self.net.advance(Duration::from_millis(*time)),
            Step::MaxHeld(bytes) => self.net.set_max_held(*bytes),
            Step::Drain(within) => self.net.drain(Duration::from_millis(*within)),
            Step::CloseAll => self.net.close_all(),
            Step::Together(steps) => self.together(steps),
            Step::Answer(number, acts) => self.answer(*number, acts),
            Step::Forfeit(number) => self.forfeit(*number),
            step => self.step_of_one(step),
        }
    }

    fn together(&mut self, steps: &[Step]) {
        let world = Rc::clone(&self.world);
        self.net.at_once(|net| {
            let mut inner = Simulation { net: std::mem::take(net), world };
            steps.iter().for_each(|step| inner.step(step));
            std::mem::swap(net, &mut inner.net);
        });
    }

    fn connect(&mut self, to: usize, life: &super::script::Life) {
        let puppet = self.world.puppet(life.clone());
        let id = puppet.id();
        self.world.log(id, |log| log.has_dialled = true);
        let opened = self.net.connect(addr(to), puppet).ok();
        self.world.log(id, |log| log.key = log.key.or(opened));
    }

    fn step_of_one(&mut self, step: &Step) {
        let (Step::Lines { to: number, .. }
        | Step::Noise { to: number, .. }
        | Step::Spurious(number)
        | Step::Eof(number)
        | Step::Reset(number)
        | Step::Window(number, _)
        | Step::With(number, _)
        | Step::Post(number, _)
        | Step::Wake(number)) = step
        else {
            return;
        };
        let Some((id, key)) = self.world.target(*number) else { return };
        match step {
            Step::Lines { lines, cut, .. } => self.lines(id, key, lines, *cut),
            Step::Noise { len, ends, .. } => {
                let mut noise = vec![b'x'; *len];
                noise.extend(ends.then_some(b'\n'));
                self.feed(id, key, &noise);
            }
            Step::Spurious(_) => self.net.feed(key, b""),
            Step::Eof(_) => self.net.feed_eof(key),
            Step::Reset(_) => self.net.feed_reset(key),
            Step::Window(_, bytes) => self.window(id, key, *bytes),
            Step::With(_, acts) => self.tell(key, acts),
            Step::Post(_, acts) => self.post(key, acts),
            _ => {
                self.net.with(key, |puppet, io| puppet.wake(io));
            }
        }
    }

    fn feed(&mut self, id: usize, key: Key<Puppet>, data: &[u8]) {
        if self.net.is_open(key) {
            self.world.log(id, |log| {
                log.fed += data.len();
                log.fed_lines = data.ends_with(b"\n") || data.is_empty() && log.fed_lines;
            });
            self.net.feed(key, data);
        }
    }

    /// Each line names what is to be done, by a number.
    fn lines(&mut self, id: usize, key: Key<Puppet>, lines: &[Vec<Act>], cut: usize) {
        let mut data = String::new();
        for acts in lines {
            let mut known = self.world.lines.borrow_mut();
            data += &format!("{}\n", known.len());
            known.push(acts.clone());
        }
        data.as_bytes().chunks(cut).for_each(|part| self.feed(id, key, part));
    }

    fn window(&mut self, id: usize, key: Key<Puppet>, bytes: usize) {
        self.world.log(id, |log| log.window = (bytes != usize::MAX).then_some(bytes));
        self.net.window(key, bytes);
    }

    fn tell(&mut self, key: Key<Puppet>, acts: &[Act]) {
        let acts = acts.to_vec();
        // An error in here is the script's own, and nobody's to hear.
        self.net.with(key, move |puppet, io| puppet.told(None, &acts, io).is_ok());
    }

    fn post(&mut self, key: Key<Puppet>, acts: &[Act]) {
        let acts = acts.to_vec();
        let handle = self.net.with(key, |_, io| io.handle());
        let post = move |puppet: &mut Puppet, io: &mut Io<Puppet>| puppet.told(None, &acts, io);
        let _ = handle.map(|handle| handle.post(post));
        self.net.keys::<Puppet>();
    }

    fn answer(&mut self, number: usize, acts: &[Act]) {
        let mut debts = self.world.debts.borrow_mut();
        let Some(at) = number.checked_rem(debts.len()) else { return };
        let debt = debts.remove(at);
        drop(debts);
        let (place, acts) = (debt.place, acts.to_vec());
        debt.owed.answer(move |puppet: &mut Puppet, io| puppet.answer(place, &acts, io));
        self.net.keys::<Puppet>();
    }

    fn forfeit(&mut self, number: usize) {
        let mut debts = self.world.debts.borrow_mut();
        let Some(at) = number.checked_rem(debts.len()) else { return };
        let debt = debts.remove(at);
        drop(debts);
        self.world.log(debt.by, |log| {
            if log.connects + log.closes == debt.connection {
                log.owes = log.owes.saturating_sub(1);
            }
        });
        drop(debt);
        self.net.keys::<Puppet>();
    }

    // -- what must be

    fn keys(&self) -> Vec<(usize, Key<Puppet>)> {
        let logs = self.world.logs.borrow();
        logs.iter().enumerate().filter_map(|(id, log)| Some((id, log.key?))).collect()
    }

    fn check(&mut self) {
        for (id, key) in self.keys() {
            let output = self.net.output(key);
            self.world.hear(id, &output);
            let unread = self.net.unread(key);
            self.check_bytes(id, key, unread);
            if self.net.is_open(key) && !self.may_wait(id) {
                self.check_nothing_waits(id, unread);
            }
        }
        let (counted, raised) = (self.net.counters().panics(), self.world.panics.get());
        if counted != raised {
            self.world.fault(format!("{raised} panics, and {counted} of them counted"));
        }
    }

    /// What it was fed was read, and the lines of it were handled.
    fn check_nothing_waits(&self, id: usize, unread: usize) {
        let (is_known, kept) = self.world.log(id, |log| {
            let is_known = log.is_ours && !log.is_lossy && log.fed_lines && !log.awaits_other;
            (is_known, log.fed.saturating_sub(unread + log.handled))
        });
        if unread > 0 || is_known && kept > 0 {
            let what = format!("{unread} bytes are unread, {kept} not handled");
            self.world.fault(format!("#{id}: {what}, and nothing holds them up"));
        }
    }

    /// Whether a channel has a reason to leave something unread.
    fn may_wait(&self, id: usize) -> bool {
        let logs = self.world.logs.borrow();
        let log = &logs[id];
        log.phase != Phase::Open
            || log.is_paused
            || log.owes > 0
            || log.pending > 0
            || log.window.is_some()
            || log.pushes_to_others && logs.iter().any(Log::may_hold_up)
    }

    /// Of what came in nothing is lost without a word.
    fn check_bytes(&self, id: usize, key: Key<Puppet>, unread: usize) {
        let is_closed = !self.net.is_open(key);
        self.world.log(id, |log| {
            let Some(told) = log.unread_at_close.filter(|_| log.is_ours && is_closed) else {
                return;
            };
            let (read, known) = (log.fed.saturating_sub(unread), log.handled + told);
            if known > read || known < read && !log.is_lossy {
                let lossy = if log.is_lossy { "lossy" } else { "exact" };
                let why = format!(
                    "#{id}: {read} bytes read, {} handled, {told} told ({lossy})",
                    log.handled
                );
                self.world.fault(why);
            }
        });
    }

    /// Whatever holds anybody up is taken away: then nothing may be left.
    fn heal(&mut self) {
        self.net.set_max_held(usize::MAX);
        for round in 0..ROUNDS {
            if round < ROUNDS / 2 {
                // Who connects again does so.
                self.net.advance(Duration::from_secs(1));
            }
            for (id, key) in self.keys() {
                self.help(id, key);
            }
            while !self.world.debts.borrow().is_empty() {
                self.answer(0, &[]);
            }
            self.check();
        }
        for (id, key) in self.keys() {
            let is_open = self.world.log(id, |log| log.phase == Phase::Open);
            if !is_open || !self.net.is_open(key) {
                continue;
            }
            self.check_rest(id, key);
        }
    }

    fn help(&mut self, id: usize, key: Key<Puppet>) {
        let (window, is_paused, pending) =
            self.world.log(id, |log| (log.window, log.is_paused, log.pending));
        if window.is_some() {
            self.window(id, key, usize::MAX);
        }
        if is_paused {
            self.net.with(key, |puppet, io| puppet.resume(io));
        }
        if pending > 0 {
            self.net.with(key, |puppet, io| puppet.wake(io));
        }
    }

    fn check_rest(&mut self, id: usize, key: Key<Puppet>) {
        let unread = self.net.unread(key);
        self.feed(id, key, b"\n");
        let unread_now = self.net.unread(key);
        let queued = self.net.with(key, |_, io| io.queued()).unwrap_or(0);
        // What this one said to another one here may have begun something anew.
        if (unread > 0 || unread_now > 0 || queued > 0) && !self.may_wait(id) {
            let why =
                format!("#{id}: {unread} unread, {unread_now} after another, {queued} queued");
            self.world.fault(why);
        }
    }

    /// Everything ends: each channel was told of it, and nothing is left.
    fn end(&mut self) {
        self.check();
        self.net.close_all();
        self.net.advance(Duration::from_secs(60));
        self.check();
        if !self.net.is_empty() {
            self.world.fault(format!("{} are left in the map", self.net.len()));
        }
        for (id, log) in self.world.logs.borrow().iter().enumerate() {
            let is_told = log.key.is_none() || log.closes >= 1 && log.closes >= log.connects;
            if !is_told || log.phase == Phase::Open || log.drops != 1 {
                let (connects, closes, drops) = (log.connects, log.closes, log.drops);
                self.world
                    .fault(format!("#{id}: {connects} connects, {closes} closes, {drops} drops"));
            }
        }
    }
}
