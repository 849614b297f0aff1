//! asyncore-runtime, as its users write it.

use std::net::Ipv4Addr;

use anyhow::Result;
use asyncore_runtime::{channel, Io, Map};

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
    let mut map = Map::new()?;
    let listener = map.listen((Ipv4Addr::LOCALHOST, 0), |_peer| LineEcho)?;
    announce(listener.local_addr().inet().expect("it listens on an address"))?;
    Ok(map.run()?)
}
