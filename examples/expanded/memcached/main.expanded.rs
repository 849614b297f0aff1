// cargo run --release --example memcached_expanded -- 127.0.0.1:11211 -m 64 -c 1024 -v
//! A memcached: the text protocol, spoken as the C server speaks it.
#[path = "../../memcached/line.rs"]
mod line;
#[path = "protocol.expanded.rs"]
mod protocol;
#[path = "../../memcached/store.rs"]
mod store;
use asyncore_runtime::{tcp, Io, Map};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::cell::RefCell;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;
use protocol::Memcached;
use store::Store;
/// How long replies in flight may take when the server ends.
const DRAIN: Duration = Duration::from_secs(5);
/// What a connection too many is told.
const TOO_MANY: &[u8] = b"ERROR Too many open connections\r\n";
fn main() -> asyncore_examples::Result {
    let options = Options::from_args()
        .unwrap_or_else(|| {
            eprintln!("usage: memcached [-v] [-m MEGABYTES] [-c CONNECTIONS] [ADDRESS]");
            std::process::exit(2)
        });
    asyncore_examples::trace::start(options.is_verbose);
    let store = Rc::new(
        RefCell::new(Store::new(options.megabytes.saturating_mul(1024 * 1024))),
    );
    let place = tcp(options.address)
        .max_connections(options.connections)
        .when_full(TOO_MANY);
    let mut map = Map::new()?;
    let listener = map.listen(place, move |_peer| Memcached::new(Rc::clone(&store)))?;
    map.add(signals()?, Signals)?;
    println!("listening on {}", listener.local_addr());
    io::stdout().flush()?;
    map.run()?;
    Ok(())
}
/// What the command line says.
struct Options {
    address: String,
    megabytes: usize,
    connections: usize,
    is_verbose: bool,
}
impl Options {
    fn from_args() -> Option<Self> {
        let mut options = Self {
            address: "127.0.0.1:11211".to_owned(),
            megabytes: 64,
            connections: 1024,
            is_verbose: false,
        };
        let mut args = std::env::args_os()
            .skip(1)
            .map(|arg| arg.to_string_lossy().into_owned());
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "-v" => options.is_verbose = true,
                "-m" => options.megabytes = args.next()?.parse().ok()?,
                "-c" => options.connections = args.next()?.parse().ok()?,
                _ if arg.starts_with('-') => return None,
                _ => options.address = arg,
            }
        }
        Some(options)
    }
}
/// A byte can be read here for each SIGINT and SIGTERM.
fn signals() -> io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(SIGINT, writer.try_clone()?)?;
    signal_hook::low_level::pipe::register(SIGTERM, writer)?;
    Ok(reader)
}
/// Ends the server when a signal has come.
struct Signals;
/// What `#[channel]` says of `Signals`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Signals {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
    /// From `idle_timeout = "never"`.
    const LIMITS: ::asyncore_runtime::Limits = ::asyncore_runtime::Limits::DEFAULT
        .idle_timeout(::asyncore_runtime::NEVER);
}
impl Signals {
    fn signal(&mut self, _: &[u8], io: &mut Io<Self>) {
        io.drain(DRAIN);
    }
}
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Result, Settings, Unframed, ensure};
    const _: () = ensure(
        !<Signals as Settings>::COLLECTS,
        "both a field of `Signals` and `fn signal` are `#[on_read]`: keep one of them",
    );
    /// What `Signals` does when something happens.
    #[automatically_derived]
    impl Channel for Signals {
        type Terminator = Unframed;
        fn on_read(&mut self, data_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            Self::signal(self, data_.parse()?, io_);
            ::core::result::Result::Ok(())
        }
    }
};
