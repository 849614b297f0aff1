//! Which layers are to lie over a stream, before there is one.

use std::io;

use super::stream::Stream;

/// The layers of a connection to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Over {
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<super::tls::Tls>,
}

impl Over {
    /// Puts them over the stream.
    ///
    /// # Errors
    /// A configuration that does not fit.
    #[cfg_attr(not(feature = "tls"), allow(clippy::unnecessary_wraps, clippy::unused_self))]
    pub(crate) fn put(&self, stream: Stream) -> io::Result<Stream> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return Ok(tls.prepare()?.over(stream, Vec::new()));
        }
        Ok(stream)
    }
}
