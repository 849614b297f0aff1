//! A scenario without a socket.

use asyncore_runtime::testing::Session;

use super::record::Trace;
use super::scenario::{Action, End, Scenario};
use super::script::{Before, Log, PeerSaw, Scripted};

/// Plays a scenario through [`Session`].
#[must_use]
pub fn play(scenario: &Scenario) -> Trace {
    let log = Log::default();
    match Scripted::new(scenario, &log) {
        Err(raised) => Trace::rejected(raised.name()),
        Ok(channel) => {
            let session = Session::new(channel);
            Line { session, scenario, log: &log, peer: PeerSaw::default() }.play()
        }
    }
}

/// The session, and what its peer saw.
struct Line<'a> {
    session: Session<Scripted>,
    scenario: &'a Scenario,
    log: &'a Log,
    peer: PeerSaw,
}

impl Line<'_> {
    fn play(mut self) -> Trace {
        if self.scenario.raw {
            self.limit_sends();
        }
        self.act(self.scenario.output.clone());
        self.receive();
        if self.is_closed() {
            self.peer.unwritten = self.scenario.pieces().map(<[u8]>::len).sum();
            self.peer.eof = true;
        } else {
            self.converse();
        }
        let before = Before::of(self.log);
        self.session.with(|_, io| io.close());
        let trace = self.log.look().trace(self.scenario, &before, self.peer);
        Trace::Played(trace)
    }

    fn act(&mut self, output: Vec<Action>) {
        self.session.with(move |channel, io| channel.act_all(output, io));
    }

    fn is_closed(&self) -> bool {
        self.log.look().is_closed
    }

    fn converse(&mut self) {
        let received = self.peer.received.len();
        if self.scenario.burst {
            self.feed(&self.scenario.chunks.concat());
        } else {
            self.scenario.pieces().for_each(|piece| self.write(piece));
        }
        let was_closed = self.is_closed();
        match self.scenario.end {
            End::None => {}
            End::Reset => self.session.feed_reset(),
            End::Close | End::Shutdown => self.session.feed_eof(),
        }
        self.receive();
        let stays = matches!(self.scenario.end, End::Shutdown | End::None);
        self.peer.eof = self.is_closed() && (stays || was_closed);
        if self.scenario.is_peer_gone() {
            self.peer.eof = false;
            self.peer.received.truncate(received);
        }
    }

    fn write(&mut self, piece: &[u8]) {
        if self.is_closed() {
            self.peer.unwritten += piece.len();
        } else {
            self.feed(piece);
        }
    }

    fn feed(&mut self, piece: &[u8]) {
        for read in piece.chunks(self.scenario.read_size()) {
            self.log.change(|seen| seen.feed(read));
            self.session.feed(read);
            self.receive();
        }
    }

    /// From now on the peer takes so much at a time: each is a send.
    fn limit_sends(&mut self) {
        self.peer.sends = Some(Vec::new());
        self.session.window(self.send_size());
    }

    /// As on a socket, where nobody limits a send, if one may be the last.
    fn send_size(&self) -> usize {
        match self.scenario.out_buffer {
            0 => usize::MAX,
            _ if self.scenario.cuts_output() => usize::MAX,
            size => size,
        }
    }

    fn receive(&mut self) {
        loop {
            let output = self.session.output();
            let is_empty = output.is_empty();
            let len = output.len();
            self.peer.received.extend(output);
            match &mut self.peer.sends {
                Some(sends) if !is_empty => sends.push(len),
                _ => return,
            }
            self.session.window(self.send_size());
        }
    }
}
