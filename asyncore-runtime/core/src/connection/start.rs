//! A channel comes into the map.

use core::time::Duration;
use std::io;
use std::rc::Rc;

use crate::channel::io::{Io, Phase};
use crate::channel::{Channel, Unframed};
use crate::connection::Entry;
use crate::key::{Key, RawKey};
use crate::limits::Limits;
use crate::scheduler::shared::Shared;
use crate::transport::link::Link;
use crate::transport::listening::Seat;
use crate::transport::socket::Socket;

/// Puts a channel into the map, complete or not at all.
pub(crate) fn start<T: Channel>(
    shared: &Rc<Shared>,
    channel: T,
    link: impl FnOnce(RawKey) -> io::Result<Link>,
    prepare: impl FnOnce(&mut Io<T>),
) -> io::Result<Key<T>> {
    let key = shared.reserve();
    let registered = link(key).and_then(|mut link| shared.register(key, &mut link).map(|()| link));
    let link = registered.inspect_err(|_| shared.release(key))?;
    let mut io = Io::new(Rc::clone(shared), key, link);
    // The last pass may be long ago.
    io.state.active_at = shared.clock.after(Duration::ZERO);
    // Most sockets can be written to at once; whether there is something to read, mio says.
    io.state.ready.writable = io.state.phase != Phase::Connecting;
    io.state.room = true;
    prepare(&mut io);
    shared.fill(key, Box::new(Entry::new(channel, io)), T::ASKED);
    Ok(Key::new(key))
}

/// A connection of a listener. One that cannot be registered is closed: the others go on.
pub(crate) fn seat<T: Channel>(
    shared: &Rc<Shared>,
    socket: Socket,
    channel: T,
    seat: Seat,
    limits: Option<Limits>,
) {
    let started = start(
        shared,
        channel,
        |_| Ok(socket.0),
        |io| {
            io.seat = Some(seat);
            if let Some(limits) = limits {
                io.extra().limits = Some(T::LIMITS.tightened(&limits));
            }
            accepted(io);
        },
    );
    if let Err(error) = started {
        crate::log::note(&format_args!("cannot add a connection: {error}"));
    }
}

/// Whoever connects to us has to say something soon, if there are frames to be said.
pub(crate) fn accepted<T: Channel>(io: &mut Io<T>) {
    let is_framed = core::any::TypeId::of::<T::Terminator>() != core::any::TypeId::of::<Unframed>();
    io.state.first_frame_due = is_framed;
}
