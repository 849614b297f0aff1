//! The load client: closed-loop, on one thread, and every byte of every reply is compared.
//!
//! A connection sends a batch with one write and sends the next when the whole reply is there, as
//! `redis-benchmark -P` does: so each read of the server meets the same amount of work in each run.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Context, Result};
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::script::{Batch, Script};
use crate::wire::Wire;

/// A server that answers nothing for this long has failed.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Load<'a> {
    script: &'a Script,
    poll: Poll,
    connections: Vec<Connection>,
    /// Connections with nothing in flight, the one that has rested longest in front.
    resting: VecDeque<usize>,
    buffer: Box<[u8]>,
    /// In flight now.
    active: usize,
}

/// What was done in a time.
pub(crate) struct Tally {
    pub(crate) messages: u64,
    pub(crate) time: Duration,
    /// Nanoseconds from the write of a batch to the last byte of its reply.
    pub(crate) round_trips: Histogram<u64>,
}

struct Connection {
    stream: Wire,
    batch: usize,
    sent: usize,
    received: usize,
    since: Instant,
}

impl<'a> Load<'a> {
    /// Opens the connections one after the other, each when the one before was answered.
    pub(crate) fn connect(
        addr: SocketAddr,
        script: &'a Script,
        connections: usize,
        is_tls: bool,
    ) -> Result<Self> {
        let poll = Poll::new()?;
        let connections = (0..connections)
            .map(|index| Connection::open(addr, script, index, is_tls, poll.registry()))
            .collect::<Result<Vec<_>>>()?;
        let resting = (0..connections.len()).collect();
        let buffer = vec![0; 256 * 1024].into_boxed_slice();
        Ok(Self { script, poll, connections, resting, buffer, active: 0 })
    }

    /// Keeps `active` of the connections busy for a time, and until something was answered. What is
    /// in flight at its end stays so.
    pub(crate) fn run(&mut self, active: usize, time: Duration) -> Result<Tally> {
        let start = Instant::now();
        let mut tally = Tally::new()?;
        let mut events = Events::with_capacity(1024);
        while self.active < active && !self.resting.is_empty() {
            self.send_next()?;
        }
        while start.elapsed() < time || tally.messages == 0 {
            self.pass(&mut events, &mut tally, true)?;
        }
        tally.time = start.elapsed();
        Ok(tally)
    }

    /// Waits for what is in flight.
    pub(crate) fn finish(&mut self) -> Result<()> {
        let mut tally = Tally::new()?;
        let mut events = Events::with_capacity(1024);
        while self.active > 0 {
            self.pass(&mut events, &mut tally, false)?;
        }
        Ok(())
    }

    /// The next connection sends its next batch.
    fn send_next(&mut self) -> Result<()> {
        let index = self.resting.pop_front().context("all connections are busy")?;
        self.active += 1;
        Ok(self.connections[index].start(self.script)?)
    }

    /// Waits for events and answers them; `go_on` sends a batch for each that came back.
    fn pass(&mut self, events: &mut Events, tally: &mut Tally, go_on: bool) -> Result<()> {
        self.poll.poll(events, Some(PATIENCE))?;
        ensure!(!events.is_empty(), "no answer for {PATIENCE:?}");
        for event in &*events {
            let Token(index) = event.token();
            let connection = &mut self.connections[index];
            if event.is_writable() {
                connection.write(self.script)?;
            }
            if !event.is_readable() || !connection.read(self.script, &mut self.buffer)? {
                continue;
            }
            tally.add(self.script.messages, connection.since.elapsed());
            self.active -= 1;
            self.resting.push_back(index);
            if go_on {
                self.send_next()?;
            }
        }
        Ok(())
    }
}

impl Tally {
    fn new() -> Result<Self> {
        let round_trips = Histogram::new_with_bounds(1, 60_000_000_000, 3)?;
        Ok(Self { messages: 0, time: Duration::ZERO, round_trips })
    }

    fn add(&mut self, messages: usize, round_trip: Duration) {
        self.messages += messages as u64;
        self.round_trips.saturating_record(round_trip.as_nanos() as u64);
    }

    /// Messages in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.messages as f64 / self.time.as_secs_f64()
    }
}

impl Connection {
    fn open(
        addr: SocketAddr,
        script: &Script,
        index: usize,
        is_tls: bool,
        registry: &mio::Registry,
    ) -> Result<Self> {
        let batch = index % script.batches.len();
        let stream = std::net::TcpStream::connect(addr).context("connect")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        // Blocking, as long as it is not watched.
        let mut stream = Wire::new(TcpStream::from_std(stream), is_tls)?;
        converse(&mut stream, &script.batches[batch])?;
        let socket = stream.socket();
        socket2::SockRef::from(&*socket).set_nonblocking(true)?;
        registry.register(socket, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        let since = Instant::now();
        // Nothing to send until it is started.
        let sent = script.batches[batch].request.len();
        Ok(Self { stream, batch, sent, received: 0, since })
    }

    fn start(&mut self, script: &Script) -> io::Result<()> {
        self.batch = (self.batch + 1) % script.batches.len();
        self.sent = 0;
        self.received = 0;
        self.since = Instant::now();
        self.write(script)
    }

    fn write(&mut self, script: &Script) -> io::Result<()> {
        let request = &script.batches[self.batch].request;
        while self.sent < request.len() {
            match self.stream.write(&request[self.sent..]) {
                Ok(sent) => self.sent += sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads and compares what has come. Whether the reply is whole.
    fn read(&mut self, script: &Script, buffer: &mut [u8]) -> Result<bool> {
        let batch = &script.batches[self.batch];
        loop {
            let read = match self.stream.read(buffer) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            let end = self.received + read;
            ensure!(batch.says(self.received, &buffer[..read]), "a wrong reply");
            self.received = end;
            if end == batch.reply.len() {
                return Ok(true);
            }
            if read < buffer.len() && matches!(self.stream, Wire::Plain(_)) {
                return Ok(false);
            }
        }
    }
}

/// Sends a batch and waits for its reply.
pub(crate) fn exchange(stream: &mut std::net::TcpStream, batch: &Batch) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    converse(stream, batch)
}

fn converse(stream: &mut (impl Read + Write), batch: &Batch) -> Result<()> {
    stream.write_all(&batch.request)?;
    let mut reply = vec![0; batch.reply.len()];
    stream.read_exact(&mut reply).context("no reply")?;
    ensure!(batch.says(0, &reply), "a wrong reply");
    Ok(())
}
