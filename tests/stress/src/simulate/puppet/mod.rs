//! A channel that does what its script says.

mod acts;

use std::rc::Rc;
use std::time::Duration;

use asyncore_runtime::{channel, Closed, Error, Io, Piece};

use crate::simulate::script::{Act, Life};
use crate::simulate::world::{record, Phase, World};

/// The longest queue of what a channel has pushed itself, and what stands there before a handler.
const CAP: usize = 2048 + 256;
/// So much is gathered of producers.
const GATHERED: usize = 16 * 1024 + 1024;
/// So much can come of others before they wait.
const FOREIGN: usize = 32 * 1024;

/// Where a channel is just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Connect,
    Event,
    Task,
    /// What is pushed stands in another place than at the end.
    Elsewhere,
    Error,
    Close,
}

/// A handler's error.
#[derive(Debug)]
pub struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the script fails")
    }
}

impl std::error::Error for Failed {}

/// A `Display` that fails behind half of what it says.
struct Bad;

impl std::fmt::Display for Bad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("half")?;
        Err(std::fmt::Error)
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::panic_any("a panic of a drop");
        }
    }
}

#[channel(
    max_frame = 40,
    max_length = 64,
    output_high = 256,
    max_output = 2048,
    frames_per_turn = 3,
    bytes_per_turn = 100,
    max_owed = 2
)]
pub struct Puppet {
    id: usize,
    life: Life,
    world: Rc<World>,
    at: At,
    timer: Option<asyncore_runtime::TimerId>,
    /// The producer that is a method, while it is queued: pieces left, and its place.
    pieces: Option<(usize, u64)>,
    is_armed: bool,
    /// So often it still answers to errors and silence: two of a kind would do so for ever.
    patience: u8,
}

#[channel]
impl Puppet {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) -> Result<(), Failed> {
        let key = io.key();
        self.log(|log| {
            log.connects += 1;
            log.key = Some(key);
        });
        self.enter(At::Connect, io);
        let acts = self.life.on_connect.clone();
        self.play(&acts, io)
    }

    #[terminator(b"\n")]
    fn line(&mut self, line: &[u8], io: &mut Io<Self>) -> Result<(), Failed> {
        self.enter(At::Event, io);
        self.log(|log| log.handled += line.len() + 1);
        let number = std::str::from_utf8(line).ok().and_then(|line| line.parse::<usize>().ok());
        let acts = number.and_then(|number| self.world.lines.borrow().get(number).cloned());
        self.play(&acts.unwrap_or_default(), io)
    }

    #[terminator(len, end = b"\n", next = line)]
    fn block(&mut self, block: &[u8], io: &mut Io<Self>) {
        self.enter(At::Event, io);
        self.log(|log| {
            log.handled += block.len() + 1;
            log.awaits_other = false;
        });
    }

    #[terminator(len, next = line)]
    fn stream(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        self.enter(At::Event, io);
        self.log(|log| {
            log.handled += piece.data.len();
            log.awaits_other &= !piece.last;
        });
    }

    #[producer]
    fn method(&mut self) -> Option<String> {
        let (left, place) = self.pieces.take()?;
        self.pieces = Some((left.checked_sub(1)?, place));
        Some(record(if place == 0 { "free" } else { "own" }, self.id, place, 50))
    }

    #[on_timer]
    fn timer(&mut self, acts: Vec<Act>, io: &mut Io<Self>) -> Result<(), Failed> {
        // What was told between two connections may have set it.
        self.enter(At::Task, io);
        self.play(&acts, io)
    }

    #[on_idle]
    fn idle(&mut self, io: &mut Io<Self>) -> Result<(), Failed> {
        self.enter(At::Event, io);
        let acts = self.life.on_idle.clone();
        if self.has_patience() {
            self.play(&acts, io)
        } else {
            Ok(())
        }
    }

    #[on_eof]
    fn ended(&mut self, io: &mut Io<Self>) -> Result<(), Failed> {
        self.enter(At::Event, io);
        match self.life.on_eof.clone() {
            Some(acts) => self.play(&acts, io),
            None => {
                self.log(|log| log.is_lossy = true);
                io.close_when_done();
                Ok(())
            }
        }
    }

    #[on_error]
    fn failed(&mut self, _error: &Error, io: &mut Io<Self>) -> Result<(), Failed> {
        self.enter(At::Error, io);
        self.log(|log| log.is_lossy = true);
        let acts = self.life.on_error.clone().filter(|_| self.has_patience());
        let Some(acts) = acts else {
            io.close();
            return Ok(());
        };
        self.play(&acts, io)
    }

    #[on_close]
    fn closed(&mut self, why: &Closed, io: &mut Io<Self>) {
        self.enter(At::Close, io);
        let (again, after) = self.life.reconnects;
        self.log(|log| {
            log.phase = Phase::Closed;
            log.closes += 1;
            log.unread_at_close = Some(why.unread);
            (log.is_paused, log.owes, log.pending) = (false, 0, 0);
            log.returns = log.has_dialled && again > 0;
        });
        if again > 0 {
            self.life.reconnects.0 -= 1;
            io.reconnect(Duration::from_millis(after));
        }
        let acts = self.life.on_close.clone();
        let _ = self.play(&acts, io);
    }
}

impl Puppet {
    pub fn new(id: usize, life: Life, world: Rc<World>) -> Self {
        let (timer, pieces) = (None, None);
        Self { id, life, world, at: At::Event, timer, pieces, is_armed: false, patience: 8 }
    }

    pub fn id(&self) -> usize {
        self.id
    }

    fn has_patience(&mut self) -> bool {
        self.patience = self.patience.saturating_sub(1);
        self.patience > 0
    }

    fn log<R>(&self, f: impl FnOnce(&mut crate::simulate::world::Log) -> R) -> R {
        self.world.log(self.id, f)
    }

    /// A handler is called: is this the time for it?
    fn enter(&mut self, at: At, io: &Io<Self>) {
        self.at = at;
        let (phase, returns) = self.log(|log| (log.phase, log.returns));
        let is_time = match at {
            At::Connect => phase == Phase::New || phase == Phase::Closed && returns,
            At::Event => phase == Phase::Open,
            // Whoever waits to connect again can be told something, and owe for it.
            At::Task | At::Elsewhere => phase == Phase::Open || returns,
            At::Error | At::Close => phase != Phase::Closed || returns,
        };
        if !is_time {
            self.world.fault(format!("#{}: {at:?} while it is {phase:?}", self.id));
        }
        if at == At::Connect {
            self.log(|log| log.phase = Phase::Open);
        }
        self.check_queue(at, io);
    }

    fn check_queue(&self, at: At, io: &Io<Self>) {
        let (has_produced, is_pushed_to) = self.log(|log| (log.has_produced, log.is_pushed_to));
        let gathered = if has_produced { GATHERED } else { 0 };
        let foreign = if is_pushed_to { FOREIGN } else { 0 };
        let is_over = matches!(at, At::Error | At::Close | At::Elsewhere);
        if !is_over && io.queued() > CAP + gathered + foreign {
            self.world.fault(format!("#{}: {} bytes are queued", self.id, io.queued()));
        }
    }

    /// Whether what is pushed now goes to the end of the queue: not in an answer, nor in what is said of
    /// one that is missing, nor before `on_connect` has said its word.
    fn goes_last(&self) -> bool {
        let is_open = self.log(|log| log.phase == Phase::Open);
        is_open && matches!(self.at, At::Event | At::Task | At::Connect)
    }

    fn place(&self) -> u64 {
        self.log(|log| {
            log.places += 1;
            log.places
        })
    }

    /// What another one said is to be done here.
    pub fn told(
        &mut self,
        from: Option<(usize, u64)>,
        acts: &[Act],
        io: &mut Io<Self>,
    ) -> Result<(), Failed> {
        self.enter(At::Task, io);
        if let Some((from, number)) = from {
            io.push(record("from", from, number, 10));
        }
        self.play(acts, io)
    }

    /// Gives an answer, in its place.
    pub fn answer(
        &mut self,
        place: Option<u64>,
        acts: &[Act],
        io: &mut Io<Self>,
    ) -> Result<(), Failed> {
        self.enter(At::Elsewhere, io);
        self.log(|log| log.owes = log.owes.saturating_sub(1));
        let kind = if place.is_some() { "own" } else { "free" };
        io.push(record(kind, self.id, place.unwrap_or(0), 30));
        self.play(acts, io)
    }

    pub fn resume(&mut self, io: &mut Io<Self>) {
        self.log(|log| log.is_paused = false);
        io.resume();
    }

    pub fn wake(&mut self, io: &mut Io<Self>) {
        io.wake_producer();
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        self.log(|log| log.drops += 1);
        if self.is_armed && !std::thread::panicking() {
            // Printed, and not counted.
            std::panic::panic_any("a panic of a drop");
        }
    }
}

/// The addresses of a simulation.
pub fn addr(number: usize) -> std::net::SocketAddr {
    ([10, 0, 0, 1], 1 + u16::try_from(number).unwrap_or(0)).into()
}
