// cargo run --release --example resp -- 127.0.0.1:6379
//! A Redis: strings, lists, hashes, sets and channels, spoken to as redis-server is.

mod args;
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

use asyncore_runtime::Map;
use std::io::{self, Write};

use protocol::Door;
use server::Server;

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
    println!("listening on {}", listener.local_addr());
    io::stdout().flush()?;
    map.until_signal(asyncore_examples::DRAIN)?;
    Ok(())
}
