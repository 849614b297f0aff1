// cargo run --release --example memcached_expanded -- 127.0.0.1:11211 -m 64 -c 1024 -v
//! A memcached: the text protocol, spoken as the C server speaks it.
#[path = "../../memcached/line.rs"]
mod line;
#[path = "protocol.expanded.rs"]
mod protocol;
#[path = "../../memcached/store.rs"]
mod store;
use asyncore_runtime::{tcp, Map};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use protocol::Memcached;
use store::Store;
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
    println!("listening on {}", listener.local_addr());
    io::stdout().flush()?;
    map.until_signal(asyncore_examples::DRAIN)?;
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
