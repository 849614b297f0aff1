// cargo run --release --example http_server -- --root /var/www 127.0.0.1:8080
//! A web server: HTTP/1.1 as RFC 9110 and 9112 have it, files with ranges and conditions, an echo of bodies, answers
//! of a thread pool, and WebSocket.

mod conditions;
mod files;
mod pool;
mod protocol;
mod request;
mod response;
mod sending;
mod site;
mod target;
mod types;
mod websocket;

use asyncore_examples::Extra;
use asyncore_runtime::Map;
use std::io::{self, Write};
use std::rc::Rc;

use protocol::Http;
use site::Site;

const ROOT: Extra =
    Extra { option: "--root", value: "DIRECTORY", help: "where the files are; here, if not told" };

/// What a connection too many is told.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const CONNECTIONS: usize = 10_000;

fn main() -> asyncore_examples::Result {
    let (place, root) = asyncore_examples::listen_with("127.0.0.1:8080", ROOT)?;
    let site = Rc::new(Site::new(root.as_deref().unwrap_or("."))?);
    let place = place.max_connections(CONNECTIONS).when_full(TOO_MANY);
    let mut map = Map::new()?;
    let listener = map.listen(place, move |_peer| Http::new(Rc::clone(&site)))?;
    println!("listening on {}", listener.local_addr());
    io::stdout().flush()?;
    map.until_signal(asyncore_examples::DRAIN)?;
    Ok(())
}
