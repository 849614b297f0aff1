//! The default map of a thread, as asyncore's global one was of a process.

use std::cell::{OnceCell, RefCell};
use std::io;
use std::rc::Rc;

use crate::channel::Channel;
use crate::key::Key;
use crate::map::listen::Bind;
use crate::map::open;
use crate::map::reception::{Accept, Listener};
use crate::map::Map;
use crate::scheduler::shared::Shared;
use crate::transport::addr::{Addr, ToAddr};

thread_local! {
    static MAP: RefCell<Option<Map>> = const { RefCell::new(None) };
    /// Beside the map, which is borrowed as long as it runs.
    static SHARED: OnceCell<Rc<Shared>> = const { OnceCell::new() };
}

fn shared() -> io::Result<Rc<Shared>> {
    SHARED.with(|cell| match cell.get() {
        Some(shared) => Ok(Rc::clone(shared)),
        None => {
            let map = Map::new()?;
            let shared = Rc::clone(map.shared());
            MAP.with_borrow_mut(|slot| *slot = Some(map));
            Ok(Rc::clone(cell.get_or_init(|| shared)))
        }
    })
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
    open::listen(&shared()?, at, accept)
}

/// [`Map::connect`] on the thread's default map, from anywhere, handlers included.
///
/// # Errors
/// As of [`Map::connect`], and of [`Map::new`] at the first use.
pub fn connect<T: Channel>(to: impl ToAddr, channel: T) -> io::Result<Key<T>> {
    open::connect(&shared()?, to, channel)
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
    shared()?;
    MAP.with(|slot| match slot.try_borrow_mut().as_deref_mut() {
        Ok(Some(map)) => Ok(f(map)),
        _ => Err(io::Error::new(io::ErrorKind::ResourceBusy, "the default map runs already")),
    })
}
