//! TLS as a layer over a stream.

use bytes::{Buf, BytesMut};
use core::fmt;
use rustls::Connection;
use std::io::{self, IoSlice, Read, Write};

use super::info::TlsInfo;
use crate::transport::stream::{Layer, Stream};
use crate::vocabulary::guard::guarded;

/// What a handshake is read by; the rest comes in the loop's own buffer.
const FLIGHT: usize = 4 * 1024;

/// What a record of TLS begins with at most: enough to see that it is none.
const HEAD: usize = 24;

/// A stream with TLS over it.
pub(super) struct TlsLayer {
    below: Stream,
    tls: Connection,
    /// What was said before TLS began; it leaves first.
    in_clear: Vec<u8>,
    /// Records that rustls has not taken yet: it takes so much at a time.
    records: BytesMut,
    /// Payload that waits in rustls.
    payload: usize,
    /// This read has shown that nothing is left below: of an earlier one it would say nothing.
    below_is_dry: bool,
    /// The peer has said its end, which stands behind the payload.
    is_ended: bool,
    /// Bytes that the stream below has taken, since this was asked.
    sent: usize,
    /// The first bytes of the peer.
    begins: Vec<u8>,
    end: End,
}

/// How far this side has come with its end.
#[derive(PartialEq, Eq)]
enum End {
    No,
    /// The peer is told; the stream below ends when that is written.
    Said,
    Done,
}

impl TlsLayer {
    pub(super) fn new(below: Stream, tls: Connection, in_clear: Vec<u8>) -> Self {
        Self {
            below,
            tls,
            in_clear,
            records: BytesMut::new(),
            payload: 0,
            below_is_dry: false,
            is_ended: false,
            sent: 0,
            begins: Vec::new(),
            end: End::No,
        }
    }

    /// Reads records, through `buf`, and has them decrypted as far as there is room for it. Whether
    /// the stream below is at its end.
    fn receive(&mut self, buf: &mut [u8]) -> io::Result<bool> {
        if self.records.is_empty() {
            let len = self.below.read(buf)?;
            self.below_is_dry = self.below.is_all(len, buf.len());
            let read = buf.get(..len).unwrap_or_default();
            if self.tls.is_handshaking() && self.begins.len() < HEAD {
                self.begins.extend(read.iter().take(HEAD.saturating_sub(self.begins.len())));
            }
            let taken = self.decrypt(read, len == 0)?;
            self.records.extend_from_slice(read.get(taken..).unwrap_or_default());
            return Ok(len == 0);
        }
        let mut records = std::mem::take(&mut self.records);
        let taken = self.decrypt(&records, false)?;
        records.advance(taken.min(records.len()));
        if !records.is_empty() {
            self.records = records;
        }
        Ok(false)
    }

    /// How many of these bytes were taken: all, unless there is payload to be read first.
    fn decrypt(&mut self, records: &[u8], is_end: bool) -> io::Result<usize> {
        let mut rest = records;
        loop {
            let taken = self.tls.read_tls(&mut rest)?;
            // Guarded: what comes behind our own last word trips an assertion of rustls, where these
            // are compiled in.
            let state = guarded(|| self.tls.process_new_packets());
            let state = state.map_err(io::Error::other)?.map_err(|error| self.refused(error))?;
            self.payload = state.plaintext_bytes_to_read();
            self.is_ended = state.peer_has_closed();
            if taken == 0 && !is_end {
                // The peer has said its end: what is behind it is nothing.
                rest = &[];
            }
            if rest.is_empty() || self.payload > 0 {
                return Ok(records.len().saturating_sub(rest.len()));
            }
        }
    }

    /// What is wrong is said to the peer as well, as far as it takes it.
    fn refused(&mut self, error: rustls::Error) -> io::Error {
        let _ = self.flush();
        let is_other =
            matches!(error, rustls::Error::InvalidMessage(_)) && !is_record(&self.begins);
        if self.tls.is_handshaking() && is_other {
            let begins = std::mem::take(&mut self.begins);
            return io::Error::new(io::ErrorKind::InvalidData, NotTls { begins });
        }
        io::Error::new(io::ErrorKind::InvalidData, error)
    }

    fn flush_what_goes(&mut self) -> io::Result<()> {
        match self.flush() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            result => result,
        }
    }
}

/// Whether this can be the beginning of TLS: a record of a handshake, or of an alert.
fn is_record(begins: &[u8]) -> bool {
    matches!(begins, [] | [0x15 | 0x16] | [0x15 | 0x16, 3, ..])
}

impl Layer for TlsLayer {
    fn below(&self) -> &Stream {
        &self.below
    }

    fn below_mut(&mut self) -> &mut Stream {
        &mut self.below
    }

    fn begin(&mut self) -> io::Result<()> {
        let mut flight = [0; FLIGHT];
        loop {
            let flushed = self.flush_what_goes();
            if !self.tls.is_handshaking() {
                self.begins = Vec::new();
                // A peer that went after its last word of the handshake may have said more: the next
                // write finds what this one did.
                return Ok(());
            }
            flushed?;
            if self.receive(&mut flight)? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.below_is_dry = false;
        loop {
            match self.tls.reader().read(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(len) => {
                    self.payload = self.payload.saturating_sub(len);
                    return Ok(len);
                }
                result => return result,
            }
            if buf.len() < FLIGHT {
                self.receive(&mut [0; FLIGHT])?;
            } else {
                self.receive(buf)?;
            }
        }
    }

    fn is_dry(&self) -> bool {
        !self.has_unread() && self.below_is_dry
    }

    fn has_unread(&self) -> bool {
        self.payload > 0 || !self.records.is_empty() || self.is_ended
    }

    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        // What does not go is no reason to take more: the queue is where it waits, and is bounded.
        self.flush()?;
        let len = self.tls.writer().write(buf)?;
        self.flush_what_goes()?;
        Ok(len)
    }

    fn has_backlog(&self) -> bool {
        !self.in_clear.is_empty() || self.tls.wants_write() || self.end == End::Said
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.in_clear.is_empty() {
            let len = self.below.write(&self.in_clear)?;
            self.in_clear.drain(..len.min(self.in_clear.len()));
        }
        while self.tls.wants_write() {
            let sent = self.tls.write_tls(&mut Below(&mut self.below))?;
            self.sent = self.sent.saturating_add(sent);
        }
        if self.end == End::Said {
            self.end = End::Done;
            self.below.shutdown_write()?;
        }
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        if self.end == End::No {
            self.tls.send_close_notify();
            self.end = End::Said;
        }
        self.flush_what_goes()
    }

    fn take_sent(&mut self) -> usize {
        std::mem::take(&mut self.sent)
    }

    fn tls(&self) -> Option<TlsInfo<'_>> {
        Some(TlsInfo::new(&self.tls))
    }
}

impl fmt::Debug for TlsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsLayer").field("below", &self.below).finish_non_exhaustive()
    }
}

/// The stream below, as rustls writes to it: several records at once.
struct Below<'a>(&'a mut Stream);

impl Write for Below<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where TLS was to begin came something else: a client that speaks in the clear, most often. Inside the
/// `io::Error` of [`Error::Handshake`](crate::Error::Handshake).
#[derive(Debug)]
pub struct NotTls {
    /// The first bytes that came, 24 at most.
    pub begins: Vec<u8>,
}

impl fmt::Display for NotTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no TLS: it begins with b\"{}\"", self.begins.escape_ascii())
    }
}

impl std::error::Error for NotTls {}
