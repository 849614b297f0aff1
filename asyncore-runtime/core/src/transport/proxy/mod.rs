//! The PROXY protocol, versions 1 and 2, as a layer: whose connection this is that a proxy hands on.
//!
//! After haproxy.org's `proxy-protocol.txt`. A header is required where it is set, and believed only of
//! those who are trusted: guessing whether one comes would let anybody say who they are.

mod header;
mod layer;
mod networks;

pub use header::{BadHeader, ProxyHeader};
pub(crate) use layer::{Announced, Announcing};
pub(crate) use networks::Networks;
