//! TLS: over sockets and in memory, from the first byte and in the middle of a conversation.

mod certificates;
mod corners;
mod hand;
mod handshakes;
mod judges;
mod memory;
mod truncation;
mod upgrade;
