use std::collections::HashMap;

use message_io::network::{NetEvent, Transport};
use message_io::node;

fn main() -> std::io::Result<()> {
    let (handler, listener) = node::split::<()>();
    handler.network().listen(Transport::Tcp, "127.0.0.1:8080")?;
    let mut partials: HashMap<_, Vec<u8>> = HashMap::new();
    listener.for_each(move |event| match event.network() {
        NetEvent::Message(endpoint, data) => {
            let partial = partials.entry(endpoint.resource_id()).or_default();
            partial.extend_from_slice(data);
            if let Some(end) = partial.windows(2).rposition(|two| two == b"\r\n") {
                let lines: Vec<u8> = partial.drain(..end + 2).collect();
                handler.network().send(endpoint, &lines);
            }
        }
        NetEvent::Disconnected(endpoint) => {
            partials.remove(&endpoint.resource_id());
        }
        _ => {}
    });
    Ok(())
}
