//! TLS over any stream: a layer by rustls.
//!
//! The provider of the cryptography is the user's, with the configuration: rustls has none here.

mod config;
mod info;
mod layer;
mod pem;

pub use config::{ServerTls, Tls};
pub use info::TlsInfo;
pub use layer::NotTls;
pub use pem::{certificates, client, private_key, server};
/// rustls, as it is used here.
pub use rustls;
