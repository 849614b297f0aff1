//! Ways into the map: the methods that [`Map`](crate::Map) and [`Io`](crate::Io) share.

use std::io;
use std::rc::Rc;

use crate::channel::io::Io;
use crate::channel::{Channel, Unframed};
use crate::driver::start::{self, start};
use crate::map::datagram::BindDatagrams;
use crate::map::dial::Connect;
use crate::map::listen::Bind;
use crate::map::listener::{Accept, ClosureListener, Listener};
use crate::scheduler::Scheduler;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::socket::IntoSocket;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::guard::dispose;
use crate::vocabulary::key::Key;

pub(crate) fn listen<F, A>(
    scheduler: &Rc<Scheduler>,
    at: impl Bind,
    accept: F,
) -> io::Result<Listener>
where
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    let at = at.listen();
    let key = scheduler.reserve();
    let opened = scheduler.admits_anew().and_then(|()| {
        let acceptor = at.open(scheduler, key)?;
        let addr = acceptor.addr.clone();
        let mut endpoint = Endpoint::Listening(Box::new(acceptor));
        scheduler.system.register(key, &mut endpoint)?;
        Ok((endpoint, addr))
    });
    let (endpoint, addr) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            scheduler.release(key);
            dispose(accept);
            return Err(error);
        }
    };
    let listener = ClosureListener { scheduler: Rc::clone(scheduler), key, endpoint, accept };
    scheduler.fill(key, Box::new(listener), false);
    Ok(Listener { scheduler: Rc::clone(scheduler), key, addr })
}

pub(crate) fn serve<T>(scheduler: &Rc<Scheduler>, at: impl Bind, channel: T) -> io::Result<Listener>
where
    T: Channel<Terminator = Unframed>,
{
    let at = at.listen();
    let mut addr = Addr::Unix(None);
    let open = |key| {
        scheduler.admits_anew()?;
        let acceptor = at.open(scheduler, key)?;
        addr = acceptor.addr.clone();
        Ok(Endpoint::Listening(Box::new(acceptor)))
    };
    let key = start(scheduler, channel, open, |connection| {
        connection.io.state.ready = Ready::default();
    })?;
    Ok(Listener { scheduler: Rc::clone(scheduler), key: key.raw, addr })
}

pub(crate) fn connect<T: Channel>(
    scheduler: &Rc<Scheduler>,
    to: impl Connect,
    channel: T,
) -> io::Result<Key<T>> {
    let target = match to.dial().target() {
        Ok(target) => target,
        Err(error) => {
            dispose(channel);
            return Err(error);
        }
    };
    start(
        scheduler,
        channel,
        |_| Ok(Endpoint::None),
        |connection| {
            connection.io.extra().target = target;
            start::connecting(&mut connection.io);
        },
    )
}

pub(crate) fn add<T: Channel>(
    scheduler: &Rc<Scheduler>,
    socket: impl IntoSocket,
    channel: T,
) -> io::Result<Key<T>> {
    match socket.into_socket() {
        Ok(socket) => start::add(scheduler, socket, channel),
        Err(error) => {
            dispose(channel);
            Err(error)
        }
    }
}

pub(crate) fn datagram<T>(
    scheduler: &Rc<Scheduler>,
    at: impl BindDatagrams,
    channel: T,
) -> io::Result<Key<T>>
where
    T: Channel<Terminator = Unframed>,
{
    let at = at.udp();
    let open = |_| {
        if scheduler.system.network().is_some() {
            // Nobody would poll it there.
            let why = "no datagrams in a `testing::Net`";
            return Err(io::Error::new(io::ErrorKind::Unsupported, why));
        }
        Ok(Endpoint::Datagrams(Box::new(at.open()?)))
    };
    start(scheduler, channel, open, |_| ())
}

/// The same methods for whoever reaches the map: one text, two places.
macro_rules! ways_in {
    ($self:ident => $shared:expr) => {
        /// Listens: each connection becomes the channel the closure makes of the peer's address,
        /// or is refused with `None`. The closure may also return the channel as it is.
        ///
        /// `at` is an address (port 0 lets the kernel choose), a path, a ready-made listener of
        /// `std`, or [`tcp(addr)`](crate::tcp) with options.
        ///
        /// # Errors
        /// An [`OpenError`](crate::OpenError) in an `io::Error`: malformed, in use, not allowed, ..
        pub fn listen<F, A>(
            &mut $self,
            at: impl crate::map::listen::Bind,
            accept: F,
        ) -> std::io::Result<crate::map::listener::Listener>
        where
            F: FnMut(crate::vocabulary::addr::Addr) -> A + 'static,
            A: crate::map::listener::Accept,
        {
            crate::map::open::listen($shared, at, accept)
        }

        /// Listens with a channel of its own, whose `#[on_accepted]` is given each connection:
        /// asyncore's server.
        ///
        /// # Errors
        /// As of `listen`.
        pub fn serve<U>(
            &mut $self,
            at: impl crate::map::listen::Bind,
            channel: U,
        ) -> std::io::Result<crate::map::listener::Listener>
        where
            U: crate::channel::Channel<Terminator = crate::channel::Unframed>,
        {
            crate::map::open::serve($shared, at, channel)
        }

        /// Connects. What comes of it is told to the channel: `#[on_connect]`, or `#[on_error]`
        /// with [`Error::Connect`](crate::Error::Connect) and then `#[on_close]`. What is pushed
        /// before is sent when the connection stands, behind what `#[on_connect]` says. A name is
        /// looked up by another thread; of several addresses the next is tried when one refuses, or
        /// does not answer for 250 ms, and who answers first is the connection (RFC 8305).
        /// [`dial(addr)`](crate::dial) has options.
        ///
        /// # Errors
        /// The address is malformed.
        pub fn connect<U: crate::channel::Channel>(
            &mut $self,
            to: impl crate::map::dial::Connect,
            channel: U,
        ) -> std::io::Result<crate::vocabulary::key::Key<U>> {
            crate::map::open::connect($shared, to, channel)
        }

        /// Adds a connected socket: what `#[on_accepted]` was given, or a stream of `std`.
        ///
        /// # Errors
        /// The system refuses to watch it.
        pub fn add<U: crate::channel::Channel>(
            &mut $self,
            socket: impl crate::transport::socket::IntoSocket,
            channel: U,
        ) -> std::io::Result<crate::vocabulary::key::Key<U>> {
            crate::map::open::add($shared, socket, channel)
        }

        /// Adds a pipe, a tty, a regular file, or a child's output: asyncore's `file_dispatcher`.
        /// Unlike that one it takes the file over; give it a `try_clone()` to keep your own. It is
        /// read and written as its mode allows. The open file becomes non-blocking, for everyone
        /// who shares it, and is set back when the channel has gone. Deadlines do not apply.
        ///
        /// # Errors
        /// The system refuses to watch it.
        ///
        /// # Platforms
        /// Unix: other systems watch no files.
        #[cfg(unix)]
        pub fn add_file<U: crate::channel::Channel>(
            &mut $self,
            file: impl Into<crate::transport::os::OwnedFd>,
            channel: U,
        ) -> std::io::Result<crate::vocabulary::key::Key<U>> {
            crate::map::file::add_file($shared, file, channel)
        }

        /// Binds a datagram socket. Each datagram, empty ones too, goes to `#[on_read]`; each reply
        /// and each push while it is handled is a datagram to its sender.
        ///
        /// `at` is a UDP address, the path of a Unix socket, a ready-made datagram socket (raw ones
        /// too), or [`udp(addr)`](crate::udp) with options.
        ///
        /// # Errors
        /// An [`OpenError`](crate::OpenError) in an `io::Error`: malformed, in use, not allowed, no
        /// socket of datagrams, no multicast address, ..
        pub fn datagram<U>(
            &mut $self,
            at: impl crate::map::datagram::BindDatagrams,
            channel: U,
        ) -> std::io::Result<crate::vocabulary::key::Key<U>>
        where
            U: crate::channel::Channel<Terminator = crate::channel::Unframed>,
        {
            crate::map::open::datagram($shared, at, channel)
        }

        /// Connects a datagram socket: it hears this peer only, and each push goes there. What the
        /// network says of a datagram is told as [`Error::Datagram`](crate::Error::Datagram).
        ///
        /// # Errors
        /// As of `connect`, and if the system refuses.
        pub fn datagram_to<U>(
            &mut $self,
            to: impl crate::vocabulary::addr::ToAddr,
            channel: U,
        ) -> std::io::Result<crate::vocabulary::key::Key<U>>
        where
            U: crate::channel::Channel<Terminator = crate::channel::Unframed>,
        {
            crate::map::open::datagram($shared, crate::map::datagram::Udp::any(&to), channel)
        }
    };
}
pub(crate) use ways_in;

impl<T: Channel> Io<T> {
    ways_in!(self => &self.scheduler);
}

impl crate::map::Map {
    ways_in!(self => self.scheduler());
}
