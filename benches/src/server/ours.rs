//! asyncore-runtime, as its users write it.

use std::net::Ipv4Addr;

use anyhow::Result;
use asyncore_runtime::{channel, tcp, Io, Listen, Map, Workers};

use super::announce;

#[channel]
struct LineEcho;

#[channel]
impl LineEcho {
    #[terminator(b"\r\n")]
    fn line(line: &[u8], io: &mut Io<Self>) {
        io.push(line);
        io.push(b"\r\n");
    }
}

/// Beside the load client both loops have one core, as one loop has: what is compared is work.
pub(super) fn serve_in_two() -> Result<()> {
    let workers = Workers::new(2).listen((Ipv4Addr::LOCALHOST, 0), || |_peer| LineEcho)?;
    announce(workers.local_addrs()[0].inet().expect("it listens on an address"))?;
    Ok(workers.run()?)
}

pub(super) fn serve() -> Result<()> {
    serve_with(|at| at)
}

pub(super) fn serve_with(options: impl FnOnce(Listen) -> Listen) -> Result<()> {
    let mut map = Map::new()?;
    // 10,000, the bound unless told otherwise, are idle beside the busy ones in one section.
    let addr = tcp((Ipv4Addr::LOCALHOST, 0)).max_connections(15_000);
    let listener = map.listen(options(addr), |_peer| LineEcho)?;
    announce(listener.local_addr().inet().expect("it listens on an address"))?;
    Ok(map.run()?)
}
