//! What was agreed on a TLS connection.

use core::fmt;
use rustls::pki_types::CertificateDer;
use rustls::{Connection, ProtocolVersion};

/// What was agreed on a TLS connection: what [`Io::tls`](crate::Io::tls) returns.
#[derive(Clone, Copy)]
pub struct TlsInfo<'a>(&'a Connection);

impl<'a> TlsInfo<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self(connection)
    }

    /// TLS 1.2 or 1.3.
    #[must_use]
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    /// The protocol that both sides have agreed on (ALPN), if they did.
    #[must_use]
    pub fn alpn(&self) -> Option<&'a [u8]> {
        self.0.alpn_protocol()
    }

    /// On a server the name that the client asked for (SNI), if it did.
    #[must_use]
    pub fn server_name(&self) -> Option<&'a str> {
        match self.0 {
            Connection::Server(server) => server.server_name(),
            Connection::Client(_) => None,
        }
    }

    /// The peer's certificates, its own first: a server's, or those of a client that was asked for
    /// them and has some.
    #[must_use]
    pub fn peer_certificates(&self) -> Option<&'a [CertificateDer<'static>]> {
        self.0.peer_certificates()
    }
}

impl fmt::Debug for TlsInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsInfo")
            .field("version", &self.version())
            .field("alpn", &self.alpn())
            .field("server_name", &self.server_name())
            .finish_non_exhaustive()
    }
}
