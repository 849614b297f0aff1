//! A channel comes into the map.

use core::any::TypeId;
use core::time::Duration;
use std::io;
use std::rc::Rc;

use super::Driver;
use crate::channel::io::{Io, Phase};
use crate::channel::{Channel, Unframed};
use crate::scheduler::Scheduler;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::socket::Socket;
use crate::transport::stream::Stream;
use crate::vocabulary::guard::dispose;
use crate::vocabulary::key::{Key, RawKey};
use crate::vocabulary::limits::Limits;

/// Puts a channel into the map, complete or not at all.
pub(crate) fn start<T: Channel>(
    scheduler: &Rc<Scheduler>,
    channel: T,
    open: impl FnOnce(RawKey) -> io::Result<Endpoint>,
    prepare: impl FnOnce(&mut Io<T>),
) -> io::Result<Key<T>> {
    let key = scheduler.reserve();
    let opened = scheduler.admits().and_then(|()| {
        let mut endpoint = open(key)?;
        scheduler.system.register(key, &mut endpoint)?;
        Ok(endpoint)
    });
    let endpoint = match opened {
        Ok(endpoint) => endpoint,
        Err(error) => {
            scheduler.release(key);
            dispose(channel);
            return Err(error);
        }
    };
    let mut io = Io::new(Rc::clone(scheduler), key, endpoint);
    // The last pass may be long ago.
    io.state.active_at = scheduler.clock.after(Duration::ZERO);
    // Most sockets can be written to at once; whether there is something to read, mio says.
    io.state.ready.add(Ready::WRITABLE);
    io.state.room = true;
    prepare(&mut io);
    scheduler.fill(key, Box::new(Driver::new(channel, io)), T::ASKED);
    Ok(Key::new(key))
}

/// A stream that is connected.
pub(crate) fn start_stream<T: Channel>(
    scheduler: &Rc<Scheduler>,
    channel: T,
    stream: Stream,
    prepare: impl FnOnce(&mut Io<T>),
) -> io::Result<Key<T>> {
    start(scheduler, channel, |_| Ok(Endpoint::Stream(stream)), prepare)
}

/// A connection, accepted here or elsewhere, with its seat, and the bounds its listener has for it.
pub(crate) fn add<T: Channel>(
    scheduler: &Rc<Scheduler>,
    socket: Socket,
    channel: T,
) -> io::Result<Key<T>> {
    let Socket { kind, seat, limits } = socket;
    let stream = scheduler.system.admit(kind).seated(seat);
    // As of an outgoing one: replies leave when they are complete.
    stream.set_nodelay();
    accepted(scheduler, stream, limits.map(|limits| *limits), channel)
}

/// Whoever connects to us has to say something soon, if there are frames to be said.
pub(crate) fn accepted<T: Channel>(
    scheduler: &Rc<Scheduler>,
    stream: Stream,
    limits: Option<Limits>,
    channel: T,
) -> io::Result<Key<T>> {
    start_stream(scheduler, channel, stream, |io| {
        if let Some(limits) = limits {
            io.extra().limits = Some(T::LIMITS.tightened(&limits));
        }
        io.state.first_frame_due = TypeId::of::<T::Terminator>() != TypeId::of::<Unframed>();
    })
}

/// A channel that is to connect.
pub(crate) fn connecting<T: Channel>(io: &mut Io<T>) {
    io.state.phase = Phase::Connecting;
    io.state.ready = Default::default();
}
