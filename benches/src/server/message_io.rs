//! message-io over `Transport::Tcp`.
//!
//! Its `FramedTcp` frames with a varint length and writes twice for each message, which no other
//! server here could be compared with. So the lines are cut by hand, as in the `mio` server.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use anyhow::Result;
use message_io::network::{NetEvent, Transport};
use message_io::node;

use super::{announce, by_hand};

pub(super) fn serve() -> Result<()> {
    let (handler, listener) = node::split::<()>();
    let (_, addr) = handler.network().listen(Transport::Tcp, (Ipv4Addr::LOCALHOST, 0))?;
    announce(addr)?;
    let mut partials: HashMap<_, Vec<u8>> = HashMap::new();
    let mut out = Vec::new();
    listener.for_each(move |event| match event.network() {
        NetEvent::Message(endpoint, data) => {
            let partial = partials.entry(endpoint.resource_id()).or_default();
            let seen = partial.len();
            partial.extend_from_slice(data);
            let (used, reply) = by_hand::lines(partial, seen, &mut out);
            if !reply.is_empty() {
                handler.network().send(endpoint, reply);
            }
            partial.drain(..used);
        }
        NetEvent::Disconnected(endpoint) => {
            partials.remove(&endpoint.resource_id());
        }
        NetEvent::Accepted(..) | NetEvent::Connected(..) => {}
    });
    Ok(())
}
