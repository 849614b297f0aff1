//! Which layers are to lie over a stream, before there is one.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::proxy::{Announced, Announcing, Networks};
use super::stream::Stream;

/// The layers of a connection to be, the lowest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Over {
    /// A header of the PROXY protocol comes, from one of these.
    pub(crate) proxies: Option<Arc<Networks>>,
    /// One goes out: whose connection it is, and to whom.
    pub(crate) announces: Option<(SocketAddr, SocketAddr)>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<super::tls::Tls>,
}

impl Over {
    /// Puts them over the stream.
    ///
    /// # Errors
    /// A configuration that does not fit.
    #[cfg_attr(not(feature = "tls"), allow(clippy::unnecessary_wraps))]
    pub(crate) fn put(&self, stream: Stream) -> io::Result<Stream> {
        let stream = match &self.proxies {
            Some(trusted) => Announced::over(stream, trusted),
            None => stream,
        };
        let stream = match self.announces {
            Some((source, destination)) => Announcing::over(stream, source, destination),
            None => stream,
        };
        #[cfg(feature = "tls")]
        let stream = match &self.tls {
            Some(tls) => tls.prepare()?.over(stream, Vec::new()),
            None => stream,
        };
        Ok(stream)
    }
}
