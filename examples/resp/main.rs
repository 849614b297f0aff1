// cargo run --release --example resp -- 127.0.0.1:6379
//! A Redis: strings, lists, hashes, sets and channels, spoken to as redis-server is.

mod command;
mod config;
mod connection;
mod counters;
mod database;
mod debug;
mod describe;
mod expiry;
mod frame;
mod glob;
mod hashes;
mod info;
mod inline;
mod keys;
mod lists;
mod number;
mod protocol;
mod pubsub;
mod reply;
mod scan;
mod server;
mod sets;
mod strings;
mod text;
mod transaction;
mod value;

use asyncore_runtime::{channel, Io, Map};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use protocol::Door;
use server::Server;

/// How long replies in flight may take when the server ends.
const DRAIN: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 10_000;
/// What a connection too many is told.
const TOO_MANY: &[u8] = b"-ERR max number of clients reached\r\n";
/// What is queued for clients, all together.
const MAX_HELD: usize = 2 * 1024 * 1024 * 1024;

fn main() -> asyncore_examples::Result {
    let place = asyncore_examples::listen_or("127.0.0.1:6379")?;
    let place = place.max_connections(CONNECTIONS).when_full(TOO_MANY);
    let mut map = Map::new()?;
    map.set_max_held(MAX_HELD);
    let listener = map.serve(place, Door::new(Server::new()))?;
    map.add(signals()?, Signals)?;
    println!("listening on {}", listener.local_addr());
    io::stdout().flush()?;
    map.run()?;
    Ok(())
}

/// A byte can be read here for each SIGINT and SIGTERM.
fn signals() -> io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(SIGINT, writer.try_clone()?)?;
    signal_hook::low_level::pipe::register(SIGTERM, writer)?;
    Ok(reader)
}

/// Ends the server when a signal has come.
#[channel(idle_timeout = "never")]
struct Signals;

#[channel]
impl Signals {
    #[on_read]
    fn signal(&mut self, _: &[u8], io: &mut Io<Self>) {
        io.drain(DRAIN);
    }
}
