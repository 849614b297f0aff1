//! asyncore-runtime, as its users write it.

use std::net::Ipv4Addr;

use anyhow::Result;
use asyncore_runtime::{channel, tcp, Io, Listen, Map};

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
