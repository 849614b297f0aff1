//! Signals of the system: those that end a server, and those that tell it something.
//!
//! In a signal's handler little may be done: `signal-hook` raises a flag there and writes a byte into a
//! socket, which ends the loop's wait. What the user wants done is done between two passes.

use signal_hook::consts::{FORBIDDEN, SIGINT, SIGTERM};
use signal_hook::low_level::{pipe, unregister};
use signal_hook::{flag, SigId};
use std::io::{self, Read};
use std::os::raw::c_int;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::{cell::Cell, mem};

use core::time::Duration;

use super::Map;
use crate::transport::system;
use crate::vocabulary::guard::{dispose_each, guarded};

/// What a map does at signals.
#[derive(Default)]
pub(super) struct Signals {
    /// The end of the socket that the loop waits for, and the one that is written.
    wake: Option<(mio::net::UnixStream, UnixStream)>,
    actions: Vec<Action>,
}

struct Action {
    signal: c_int,
    is_raised: Arc<AtomicBool>,
    registered: [SigId; 2],
    act: Box<dyn FnMut(&mut Map)>,
}

impl Map {
    /// Serves as [`run`](Self::run) does, and ends at SIGINT and SIGTERM: the first of them
    /// [drains](Self::drain) the map within `deadline`, the second [closes](Self::close_all) all that
    /// is left. Signals that come faster than the loop takes them are one.
    ///
    /// Returns when the last channel has closed. From then on the two signals end the
    /// process again. Of several maps in several threads each hears each signal.
    ///
    /// ```no_run
    /// # use asyncore_runtime::{channel, Map};
    /// # use std::time::Duration;
    /// # #[channel] struct Shout;
    /// # #[channel] impl Shout { #[terminator(b"\r\n")] fn line(line: &[u8]) -> &[u8] { line } }
    /// let mut map = Map::new()?;
    /// map.listen("127.0.0.1:8080", |_peer| Shout)?;
    /// map.until_signal(Duration::from_secs(5))?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of the poller, and as of [`on_signal`](Self::on_signal).
    pub fn until_signal(&mut self, deadline: Duration) -> io::Result<()> {
        self.serve_until_signal(move |map| map.drain(deadline), Self::close_all, Self::run)
    }

    /// Serves by `serve`, and at the signals does what is to be done at the first, and at others.
    pub(super) fn serve_until_signal(
        &mut self,
        drain: impl Fn(&mut Self) + Clone + 'static,
        close: impl Fn(&mut Self) + Clone + 'static,
        serve: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let _serving = Serving::begin()?;
        let is_draining = Rc::new(Cell::new(false));
        for signal in [SIGINT, SIGTERM] {
            let is_draining = Rc::clone(&is_draining);
            let (drain, close) = (drain.clone(), close.clone());
            self.on_signal(signal, move |map| match is_draining.replace(true) {
                false => drain(map),
                true => close(map),
            })?;
        }
        let done = serve(self);
        self.signals.forget(|action| [SIGINT, SIGTERM].contains(&action.signal));
        done
    }

    /// Has `act` run between two passes whenever this signal has come, instead of what the system does
    /// then: SIGHUP to read certificates or a configuration anew. The numbers are in
    /// [`signals`](crate::signals). A signal has one action in a map, the last that was given. It
    /// keeps no map alive: [`run`](Self::run) ends with the last channel, with the map its actions are
    /// dropped, and the signal is ignored.
    ///
    /// Signals that come faster than the loop takes them are one. A panic of `act` is caught and counted.
    ///
    /// # Errors
    /// No descriptor is left, or the signal cannot be caught.
    pub fn on_signal(
        &mut self,
        signal: i32,
        act: impl FnMut(&mut Self) + 'static,
    ) -> io::Result<()> {
        // What is registered for one of these panics.
        if FORBIDDEN.contains(&signal) {
            let why =
                format!("signal {signal} cannot be caught, or means that the process is broken");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let wake = self.signals.waker(self.poll.registry())?;
        let is_raised = Arc::new(AtomicBool::new(false));
        // The flag first: who is woken has to find it.
        let raise = flag::register(signal, Arc::clone(&is_raised))?;
        let ring = pipe::register(signal, wake).inspect_err(|_| {
            unregister(raise);
        })?;
        self.signals.forget(|action| action.signal == signal);
        let act = Box::new(act);
        self.signals.actions.push(Action { signal, is_raised, registered: [raise, ring], act });
        Ok(())
    }

    /// Does what is to be done at the signals that have come.
    pub(super) fn hear_signals(&mut self) {
        if !self.signals.actions.iter().any(Action::is_raised) {
            return;
        }
        self.signals.empty();
        for mut action in mem::take(&mut self.signals.actions) {
            if action.take() && guarded(|| (action.act)(self)).is_err() {
                self.scheduler.count_panic();
            }
            // It may have given itself a successor.
            if !self.signals.actions.iter().any(|newer| newer.signal == action.signal) {
                self.signals.actions.push(action);
            }
        }
    }
}

impl Action {
    fn is_raised(&self) -> bool {
        self.is_raised.load(Ordering::Acquire)
    }

    fn take(&self) -> bool {
        self.is_raised.swap(false, Ordering::AcqRel)
    }
}

impl Drop for Action {
    fn drop(&mut self) {
        for id in self.registered {
            unregister(id);
        }
    }
}

impl Signals {
    /// What wakes the loop when it is written.
    fn waker(&mut self, registry: &mio::Registry) -> io::Result<UnixStream> {
        if let Some((_, writer)) = &self.wake {
            return writer.try_clone();
        }
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        let mut reader = mio::net::UnixStream::from_std(reader);
        registry.register(&mut reader, system::WAKER, mio::Interest::READABLE)?;
        let clone = writer.try_clone();
        self.wake = Some((reader, writer));
        clone
    }

    /// Takes the bytes that have woken the loop. Others follow, so it never fills up.
    fn empty(&mut self) {
        let Some((reader, _)) = &mut self.wake else { return };
        while matches!(reader.read(&mut [0; 64]), Ok(64)) {}
    }

    fn forget(&mut self, which: impl Fn(&Action) -> bool) {
        dispose_each(self.actions.extract_if(.., |action| which(action)));
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.forget(|_| true);
    }
}

/// As long as a map serves until a signal comes, that does not end the process. `signal-hook` never gives
/// a signal back to the system: what it did is done by a handler, when no map is left.
struct Serving;

struct Served {
    maps: usize,
    none: Option<Arc<AtomicBool>>,
}

static SERVED: Mutex<Served> = Mutex::new(Served { maps: 0, none: None });

impl Serving {
    fn begin() -> io::Result<Self> {
        let mut served = SERVED.lock().unwrap_or_else(PoisonError::into_inner);
        let none = match &served.none {
            Some(none) => Arc::clone(none),
            None => ending_when(Arc::new(AtomicBool::new(false)))?,
        };
        none.store(false, Ordering::Release);
        served.none = Some(none);
        served.maps += 1;
        Ok(Self)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let mut served = SERVED.lock().unwrap_or_else(PoisonError::into_inner);
        served.maps -= 1;
        if let (0, Some(none)) = (served.maps, &served.none) {
            none.store(true, Ordering::Release);
        }
    }
}

/// The two signals end the process whenever this flag is set.
fn ending_when(flag: Arc<AtomicBool>) -> io::Result<Arc<AtomicBool>> {
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, Arc::clone(&flag))?;
    }
    Ok(flag)
}
