//! Ways into the map: the methods that [`Map`](crate::Map) and [`Io`](crate::Io) share.

use std::fs::File;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;
use std::rc::Rc;

use crate::channel::io::{Io, Phase};
use crate::channel::{Channel, Unframed};
use crate::connection::start::{accepted, start};
use crate::error::OpenError;
use crate::key::{Key, RawKey};
use crate::map::listen::Bind;
use crate::map::reception::{Accept, Listener, Reception};
use crate::scheduler::shared::Shared;
use crate::scheduler::turn::Ready;
use crate::transport::addr::{resolve, Addr, ToAddr};
use crate::transport::link::{Datagrams, Link, Readied};
use crate::transport::socket::IntoSocket;

pub(crate) fn listen<F, A>(shared: &Rc<Shared>, at: impl Bind, accept: F) -> io::Result<Listener>
where
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    let key = shared.reserve();
    let opened = acceptor(shared, key, at)
        .and_then(|mut link| shared.register(key, &mut link).map(|()| link));
    let link = opened.inspect_err(|_| shared.release(key))?;
    let addr = link.local_addr().unwrap_or(Addr::Unix(None));
    let reception = Reception { shared: Rc::clone(shared), key, link, accept };
    shared.fill(key, Box::new(reception), false);
    Ok(Listener { shared: Rc::clone(shared), key, addr })
}

fn acceptor(shared: &Shared, key: RawKey, at: impl Bind) -> io::Result<Link> {
    Ok(Link::Acceptor(Box::new(at.listen().open(shared, key)?)))
}

pub(crate) fn serve<T>(shared: &Rc<Shared>, at: impl Bind, channel: T) -> io::Result<Listener>
where
    T: Channel<Terminator = Unframed>,
{
    let mut addr = Addr::Unix(None);
    let key = start(
        shared,
        channel,
        |key| {
            let link = acceptor(shared, key, at)?;
            addr = link.local_addr().unwrap_or(Addr::Unix(None));
            Ok(link)
        },
        |io| io.state.ready = Ready::default(),
    )?;
    Ok(Listener { shared: Rc::clone(shared), key: key.raw, addr })
}

pub(crate) fn connect<T: Channel>(
    shared: &Rc<Shared>,
    to: impl ToAddr,
    channel: T,
) -> io::Result<Key<T>> {
    let target = resolve("connect to", &to)?;
    start(
        shared,
        channel,
        |_| Ok(Link::None),
        |io| {
            io.extra().target = target;
            io.state.phase = Phase::Connecting;
            io.state.ready = Ready::default();
        },
    )
}

pub(crate) fn add<T: Channel>(
    shared: &Rc<Shared>,
    socket: impl IntoSocket,
    channel: T,
) -> io::Result<Key<T>> {
    let socket = socket.into_socket()?;
    start(shared, channel, |_| Ok(socket.0), accepted)
}

pub(crate) fn add_file<T: Channel>(
    shared: &Rc<Shared>,
    file: impl Into<OwnedFd>,
    channel: T,
) -> io::Result<Key<T>> {
    let link = |_| Ok(Link::File(Readied::new(File::from(file.into()))?));
    start(shared, channel, link, |io| io.state.ready.readable = io.link.is_always_ready())
        .map_err(|error| OpenError::wrap("add", "the file", error))
}

pub(crate) fn datagram<T>(shared: &Rc<Shared>, at: impl ToAddr, channel: T) -> io::Result<Key<T>>
where
    T: Channel<Terminator = Unframed>,
{
    let addrs = inet(&resolve("bind to", &at)?);
    let socket =
        UdpSocket::bind(&*addrs).map_err(|e| OpenError::wrap("bind to", at.describe(), e))?;
    add_datagrams(shared, socket, None, channel)
}

pub(crate) fn datagram_to<T>(shared: &Rc<Shared>, to: impl ToAddr, channel: T) -> io::Result<Key<T>>
where
    T: Channel<Terminator = Unframed>,
{
    let addrs = inet(&resolve("send to", &to)?);
    let connected =
        addrs.first().ok_or_else(|| io::ErrorKind::AddrNotAvailable.into()).and_then(|peer| {
            let any: SocketAddr =
                if peer.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
            let socket = UdpSocket::bind(any)?;
            socket.connect(peer)?;
            Ok((socket, *peer))
        });
    let (socket, peer) = connected.map_err(|e| OpenError::wrap("send to", to.describe(), e))?;
    add_datagrams(shared, socket, Some(peer), channel)
}

fn add_datagrams<T: Channel>(
    shared: &Rc<Shared>,
    socket: UdpSocket,
    peer: Option<SocketAddr>,
    channel: T,
) -> io::Result<Key<T>> {
    if shared.network.is_some() {
        // Nobody would poll it there.
        return Err(io::Error::new(io::ErrorKind::Unsupported, "no datagrams in a `testing::Net`"));
    }
    socket.set_nonblocking(true)?;
    let socket = mio::net::UdpSocket::from_std(socket);
    start(shared, channel, |_| Ok(Link::Udp(Box::new(Datagrams { socket, peer }))), |_| ())
}

fn inet(addrs: &[Addr]) -> Vec<SocketAddr> {
    addrs.iter().filter_map(Addr::inet).collect()
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
        ) -> std::io::Result<crate::map::reception::Listener>
        where
            F: FnMut(crate::transport::addr::Addr) -> A + 'static,
            A: crate::map::reception::Accept,
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
        ) -> std::io::Result<crate::map::reception::Listener>
        where
            U: crate::channel::Channel<Terminator = crate::channel::Unframed>,
        {
            crate::map::open::serve($shared, at, channel)
        }

        /// Connects. What comes of it is told to the channel: `#[on_connect]`, or `#[on_error]`
        /// with [`Error::Connect`](crate::Error::Connect) and then `#[on_close]`. What is pushed
        /// before is sent when the connection stands. Of several addresses of a name, one after
        /// the other is tried.
        ///
        /// # Errors
        /// The address is malformed, or the name unknown. A name is looked up at once, which
        /// blocks the loop.
        pub fn connect<U: crate::channel::Channel>(
            &mut $self,
            to: impl crate::transport::addr::ToAddr,
            channel: U,
        ) -> std::io::Result<crate::key::Key<U>> {
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
        ) -> std::io::Result<crate::key::Key<U>> {
            crate::map::open::add($shared, socket, channel)
        }

        /// Adds a pipe, a tty, a regular file, or a child's output: asyncore's `file_dispatcher`.
        /// Unlike that one it takes the file over; give it a `try_clone()` to keep your own. The
        /// open file becomes non-blocking, for everyone who shares it. Deadlines do not apply.
        ///
        /// # Errors
        /// The system refuses to watch it.
        pub fn add_file<U: crate::channel::Channel>(
            &mut $self,
            file: impl Into<std::os::fd::OwnedFd>,
            channel: U,
        ) -> std::io::Result<crate::key::Key<U>> {
            crate::map::open::add_file($shared, file, channel)
        }

        /// Binds a UDP socket. Each datagram, empty ones too, goes to `#[on_read]`; each reply and
        /// each push while it is handled is a datagram to its sender.
        ///
        /// # Errors
        /// As of `listen`.
        pub fn datagram<U>(
            &mut $self,
            at: impl crate::transport::addr::ToAddr,
            channel: U,
        ) -> std::io::Result<crate::key::Key<U>>
        where
            U: crate::channel::Channel<Terminator = crate::channel::Unframed>,
        {
            crate::map::open::datagram($shared, at, channel)
        }

        /// Connects a UDP socket: it hears this peer only, and each push goes there.
        ///
        /// # Errors
        /// As of `connect`, and if the system refuses.
        pub fn datagram_to<U>(
            &mut $self,
            to: impl crate::transport::addr::ToAddr,
            channel: U,
        ) -> std::io::Result<crate::key::Key<U>>
        where
            U: crate::channel::Channel<Terminator = crate::channel::Unframed>,
        {
            crate::map::open::datagram_to($shared, to, channel)
        }
    };
}
pub(crate) use ways_in;

impl<T: Channel> Io<T> {
    ways_in!(self => &self.shared);
}

impl crate::map::Map {
    ways_in!(self => self.shared());
}
