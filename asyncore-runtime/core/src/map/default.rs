//! The default map of a thread, as asyncore's global one was of a process.

use std::cell::{OnceCell, RefCell};
use std::io;
use std::rc::Rc;
use std::thread::AccessError;

use crate::channel::Channel;
use crate::map::dial::Connect;
use crate::map::listen::Bind;
use crate::map::listener::{Accept, Listener};
use crate::map::open;
use crate::map::Map;
use crate::scheduler::Scheduler;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::key::Key;

thread_local! {
    static MAP: RefCell<Option<Map>> = const { RefCell::new(None) };
    /// Beside the map, which is borrowed as long as it runs.
    static SCHEDULER: OnceCell<Rc<Scheduler>> = const { OnceCell::new() };
}

/// At the end of a thread its channels are dropped, and find no map any more.
fn scheduler() -> io::Result<Rc<Scheduler>> {
    let known = SCHEDULER.try_with(|cell| cell.get().cloned()).map_err(gone)?;
    if let Some(scheduler) = known {
        return Ok(scheduler);
    }
    let map = Map::new()?;
    let scheduler = Rc::clone(map.scheduler());
    MAP.try_with(|slot| slot.replace(Some(map))).map_err(gone)?;
    SCHEDULER.try_with(|cell| Rc::clone(cell.get_or_init(|| scheduler))).map_err(gone)
}

fn gone(_: AccessError) -> io::Error {
    io::Error::other("the thread ends, and its default map with it")
}

/// [`Map::listen`] on the thread's default map, from anywhere, handlers included.
///
/// # Errors
/// As of [`Map::listen`], and of [`Map::new`] at the first use.
pub fn listen<F, A>(at: impl Bind, accept: F) -> io::Result<Listener>
where
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    open::listen(&scheduler()?, at, accept)
}

/// [`Map::connect`] on the thread's default map, from anywhere, handlers included.
///
/// # Errors
/// As of [`Map::connect`], and of [`Map::new`] at the first use.
pub fn connect<T: Channel>(to: impl Connect, channel: T) -> io::Result<Key<T>> {
    open::connect(&scheduler()?, to, channel)
}

/// [`Map::run`] on the thread's default map.
///
/// # Errors
/// As of [`Map::run`]; `ResourceBusy` if it runs already, which is so in every handler.
pub fn run() -> io::Result<()> {
    with_map(Map::run)?
}

/// The thread's default map itself, for everything else there is on a [`Map`].
///
/// # Errors
/// `ResourceBusy` while it runs, and of [`Map::new`] at the first use.
pub fn with_map<R>(f: impl FnOnce(&mut Map) -> R) -> io::Result<R> {
    scheduler()?;
    let busy = || io::Error::new(io::ErrorKind::ResourceBusy, "the default map runs already");
    MAP.try_with(|slot| match slot.try_borrow_mut().as_deref_mut() {
        Ok(Some(map)) => Ok(f(map)),
        _ => Err(busy()),
    })
    .map_err(gone)?
}
