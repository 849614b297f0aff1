//! No terminators: every event, and a channel that reads by itself.
use asyncore_runtime::{Addr, Closed, Error, Io, Socket};
#[derive(Default)]
pub struct Events {
    pub seen: Vec<&'static str>,
    pub quiet: bool,
}
impl ::asyncore_runtime::Settings for Events {}
impl Events {
    fn up(&mut self) {
        self.seen.push("connect");
    }
    fn secured(&mut self) {
        self.seen.push("tls");
    }
    fn data(&mut self, data: &[u8]) -> Vec<u8> {
        self.seen.push("read");
        data.to_vec()
    }
    fn accepted(&mut self, _socket: Socket, _peer: Addr) {
        self.seen.push("accepted");
    }
    fn room(&mut self, _io: &mut Io<Self>) {
        self.seen.push("write");
    }
    fn urgent(&mut self) {
        self.seen.push("expt");
    }
    fn half_closed(&mut self, io: &mut Io<Self>) {
        self.seen.push("eof");
        io.close_when_done();
    }
    fn silent(&mut self) -> &'static str {
        "are you there?"
    }
    fn failed(&mut self, _error: &Error) {
        self.seen.push("error");
    }
    fn gone(&mut self, _why: &Closed, _io: &mut Io<Self>) {
        self.seen.push("close");
    }
    fn wants_read(&self) -> bool {
        !self.quiet
    }
    fn wants_write(&self) -> bool {
        false
    }
}
const _: () = {
    use ::asyncore_runtime::{
        Addr, Channel, Closed, Error, Frame, Io, Result, Settings, Socket, Unframed,
        ensure, reply,
    };
    const _: () = ensure(
        !<Events as Settings>::COLLECTS,
        "both a field of `Events` and `fn data` are `#[on_read]`: keep one of them",
    );
    /// What `Events` does when something happens.
    #[automatically_derived]
    impl Channel for Events {
        type Terminator = Unframed;
        /// From `#[readable]`, `#[writable]`: asked in each pass.
        const ASKED: ::core::primitive::bool = true;
        /// From `#[on_idle]`: told of silence.
        const HEARS_IDLE: ::core::primitive::bool = true;
        fn on_connect(&mut self, _: &mut Io<Self>) -> Result {
            Self::up(self);
            ::core::result::Result::Ok(())
        }
        fn on_tls(&mut self, _: &mut Io<Self>) -> Result {
            Self::secured(self);
            ::core::result::Result::Ok(())
        }
        fn on_read(&mut self, data_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            reply(Self::data(self, data_.parse()?), io_)
        }
        fn on_accepted(
            &mut self,
            socket_: Socket,
            peer_: Addr,
            _: &mut Io<Self>,
        ) -> Result {
            Self::accepted(self, socket_, peer_);
            ::core::result::Result::Ok(())
        }
        fn on_write(&mut self, io_: &mut Io<Self>) -> Result {
            Self::room(self, io_);
            ::core::result::Result::Ok(())
        }
        fn on_expt(&mut self, _: &mut Io<Self>) -> Result {
            Self::urgent(self);
            ::core::result::Result::Ok(())
        }
        fn on_eof(&mut self, io_: &mut Io<Self>) -> Result {
            Self::half_closed(self, io_);
            ::core::result::Result::Ok(())
        }
        fn on_idle(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::silent(self), io_)
        }
        fn on_error(&mut self, error_: &Error, _: &mut Io<Self>) -> Result {
            Self::failed(self, error_);
            ::core::result::Result::Ok(())
        }
        fn on_close(&mut self, why_: &Closed, io_: &mut Io<Self>) {
            Self::gone(self, why_, io_);
        }
        fn readable(&mut self) -> ::core::primitive::bool {
            Self::wants_read(self)
        }
        fn writable(&mut self) -> ::core::primitive::bool {
            Self::wants_write(self)
        }
    }
};
pub struct Raw;
/// What `#[channel]` says of `Raw`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Raw {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
}
impl Raw {
    fn handle_read(&mut self, io: &mut Io<Self>) -> std::io::Result<Vec<u8>> {
        let mut buffer = [0; 16];
        let read = io.recv(&mut buffer)?;
        Ok(buffer[..read].to_vec())
    }
}
const _: () = {
    use ::asyncore_runtime::{Channel, Io, Result, Settings, Unframed, ensure, reply};
    const _: () = ensure(
        !<Raw as Settings>::COLLECTS,
        "both a field of `Raw` and `fn handle_read` are `#[on_read]`: keep one of them",
    );
    /// What `Raw` does when something happens.
    #[automatically_derived]
    impl Channel for Raw {
        type Terminator = Unframed;
        /// From `#[on_read]` without data.
        const RAW: ::core::primitive::bool = true;
        fn on_readable(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::handle_read(self, io_), io_)
        }
    }
};
