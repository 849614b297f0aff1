//! No terminators: every event, and a channel that reads by itself.

use asyncore_runtime::{channel, Addr, Closed, Error, Io, Socket};

#[channel]
#[derive(Default)]
pub struct Events {
    pub seen: Vec<&'static str>,
    pub quiet: bool,
}

#[channel]
impl Events {
    #[on_connect]
    fn up(&mut self) {
        self.seen.push("connect");
    }

    #[on_tls]
    fn secured(&mut self) {
        self.seen.push("tls");
    }

    #[on_read]
    fn data(&mut self, data: &[u8]) -> Vec<u8> {
        self.seen.push("read");
        data.to_vec()
    }

    #[on_accepted]
    fn accepted(&mut self, _socket: Socket, _peer: Addr) {
        self.seen.push("accepted");
    }

    #[on_write]
    fn room(&mut self, _io: &mut Io<Self>) {
        self.seen.push("write");
    }

    #[on_expt]
    fn urgent(&mut self) {
        self.seen.push("expt");
    }

    #[on_eof]
    fn half_closed(&mut self, io: &mut Io<Self>) {
        self.seen.push("eof");
        io.close_when_done();
    }

    #[on_idle]
    fn silent(&mut self) -> &'static str {
        "are you there?"
    }

    #[on_error]
    fn failed(&mut self, _error: &Error) {
        self.seen.push("error");
    }

    #[on_close]
    fn gone(&mut self, _why: &Closed, _io: &mut Io<Self>) {
        self.seen.push("close");
    }

    #[readable]
    fn wants_read(&self) -> bool {
        !self.quiet
    }

    #[writable]
    fn wants_write(&self) -> bool {
        false
    }
}

#[channel]
pub struct Raw;

#[channel]
impl Raw {
    #[on_read]
    fn handle_read(&mut self, io: &mut Io<Self>) -> std::io::Result<Vec<u8>> {
        let mut buffer = [0; 16];
        let read = io.recv(&mut buffer)?;
        Ok(buffer[..read].to_vec())
    }
}
