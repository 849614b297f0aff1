//! A channel comes into the map.

use core::any::TypeId;
use core::time::Duration;
use std::io;
use std::rc::Rc;

use super::Driver;
use crate::channel::io::{Io, Phase};
use crate::channel::{Channel, Unframed};
use crate::connection::Connection;
use crate::scheduler::Scheduler;
use crate::transport::endpoint::Endpoint;
use crate::transport::family::unfit;
use crate::transport::readiness::Ready;
use crate::transport::socket::Socket;
use crate::transport::stream::Stream;
use crate::vocabulary::error::OpenError;
use crate::vocabulary::guard::dispose;
use crate::vocabulary::key::{Key, RawKey};

/// Puts a channel into the map, complete or not at all.
pub(crate) fn start<T: Channel>(
    scheduler: &Rc<Scheduler>,
    channel: T,
    open: impl FnOnce(RawKey) -> io::Result<Endpoint>,
    prepare: impl FnOnce(&mut Connection<T>),
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
    let mut driver = Driver::new(channel, io);
    prepare(&mut driver.connection);
    scheduler.fill(key, Box::new(driver), T::ASKED);
    Ok(Key::new(key))
}

/// A stream that is connected.
pub(crate) fn start_stream<T: Channel>(
    scheduler: &Rc<Scheduler>,
    channel: T,
    stream: Stream,
    prepare: impl FnOnce(&mut Connection<T>),
) -> io::Result<Key<T>> {
    start(scheduler, channel, |_| Ok(Endpoint::Stream(stream)), prepare)
}

/// A connection, accepted here or elsewhere, with its seat, the bounds its listener has for it, and
/// what another channel has read of it and not used.
pub(crate) fn add<T: Channel>(
    scheduler: &Rc<Scheduler>,
    socket: Socket,
    channel: T,
) -> io::Result<Key<T>> {
    let Socket { kind, seat, limits, unread, over } = socket;
    let plain = scheduler.system.admit(kind).seated(seat);
    let stream = check_unread::<T>(&unread, over.is_some()).and_then(|()| match over {
        Some(over) => over.put(plain),
        None => Ok(plain),
    });
    let stream = match stream {
        Ok(stream) => stream,
        Err(error) => {
            dispose(channel);
            return Err(OpenError::wrap("add", "the socket", error));
        }
    };
    // As of an outgoing one: replies leave when they are complete.
    stream.set_nodelay();
    accepted(scheduler, stream, channel, |connection| {
        if let Some(limits) = limits {
            let extra = connection.io.extra();
            extra.limits = Some(T::LIMITS.tightened(&limits));
            extra.of_listener = Some(limits);
        }
        connection.heard_before(unread);
    })
}

/// Whether the channel can go on with what another one has read.
fn check_unread<T: Channel>(unread: &[u8], is_layered: bool) -> io::Result<()> {
    if unread.is_empty() {
        return Ok(());
    }
    if T::RAW {
        let why = "a channel that reads for itself cannot be given what was read before: \
                   `take_unread` first";
        return Err(unfit(why));
    }
    if is_layered {
        return Err(unfit("what was read of it before was sent in the clear: `take_unread` first"));
    }
    Ok(())
}

/// Whoever connects to us has to say something soon, if there are frames to be said.
pub(crate) fn accepted<T: Channel>(
    scheduler: &Rc<Scheduler>,
    stream: Stream,
    channel: T,
    prepare: impl FnOnce(&mut Connection<T>),
) -> io::Result<Key<T>> {
    start_stream(scheduler, channel, stream, |connection| {
        let is_framed = TypeId::of::<T::Terminator>() != TypeId::of::<Unframed>();
        connection.io.state.first_frame_due = is_framed;
        prepare(connection);
    })
}

/// A channel that is to connect.
pub(crate) fn connecting<T: Channel>(io: &mut Io<T>) {
    io.state.phase = Phase::Connecting;
    io.state.ready = Default::default();
}
