//! What is said and done with the layers that lie over a stream.

use std::io;

use super::proxy::ProxyHeader;
use super::stream::{Kind, Layer, Layered, Stream};

impl Stream {
    /// Puts a layer over this stream. The seat stays with what is seen from above.
    pub(crate) fn layered(mut self, layer: impl FnOnce(Self) -> Box<dyn Layer>) -> Self {
        let seat = self.seat.take();
        let layered = Layered { layer: layer(self), has_begun: false };
        Self::of(Kind::Layer(Box::new(layered))).seated(seat)
    }

    pub(crate) fn is_layered(&self) -> bool {
        matches!(self.kind, Kind::Layer(_))
    }

    /// Gets what lies over the stream going; whether it has begun just now. `WouldBlock` as long as
    /// payload has to wait for that.
    pub(crate) fn begin(&mut self) -> io::Result<bool> {
        let Kind::Layer(layered) = &mut self.kind else { return Ok(false) };
        if !layered.has_begun {
            layered.layer.below_mut().begin()?;
            layered.layer.begin()?;
        }
        Ok(!std::mem::replace(&mut layered.has_begun, true))
    }

    /// Whether something that was read waits in the layers, of which the system does not know.
    pub(crate) fn has_unread_inside(&self) -> bool {
        let Kind::Layer(layered) = &self.kind else { return false };
        layered.layer.has_unread() || layered.layer.below().has_unread_inside()
    }

    /// How much of a backlog the system has taken, since this was asked.
    pub(crate) fn take_sent(&mut self) -> usize {
        match &mut self.kind {
            Kind::Layer(layered) => layered.layer.take_sent(),
            _ => 0,
        }
    }

    /// Reads what comes, past the layers: to be dropped.
    pub(crate) fn read_below(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.base_mut().read(buf)
    }

    /// What a proxy said of the connection, once it did.
    pub(crate) fn proxy(&self) -> Option<&ProxyHeader> {
        match &self.kind {
            Kind::Layer(layered) => layered.layer.proxy(),
            _ => None,
        }
    }

    /// Whether it is a connection that TLS can begin on: one of its own, or handed on by a proxy.
    #[cfg(feature = "tls")]
    pub(crate) fn is_in_the_clear(&self) -> bool {
        match &self.kind {
            Kind::Layer(layered) => {
                layered.layer.tls().is_none() && layered.layer.below().is_in_the_clear()
            }
            _ => self.is_socket(),
        }
    }

    /// What was agreed, if there is TLS over it and has begun.
    #[cfg(feature = "tls")]
    pub(crate) fn tls(&self) -> Option<super::tls::TlsInfo<'_>> {
        match &self.kind {
            Kind::Layer(layered) if layered.has_begun => layered.layer.tls(),
            _ => None,
        }
    }

    pub(crate) fn has_backlog(&self) -> bool {
        let Kind::Layer(layered) = &self.kind else { return false };
        layered.layer.has_backlog() || layered.layer.below().has_backlog()
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let Kind::Layer(layered) = &mut self.kind else { return Ok(()) };
        layered.layer.flush()?;
        layered.layer.below_mut().flush()
    }
}
