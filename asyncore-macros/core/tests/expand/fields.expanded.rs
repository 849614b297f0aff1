//! The same three names on fields: asynchat as it was, in data.
use asyncore_runtime::{Io, Producer, Terminator};
pub struct Chat {
    pub inbox: Vec<u8>,
    pub until: Terminator,
}
/// What `#[channel]` says of `Chat`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Chat {
    /// From `#[on_read]` on the field.
    const COLLECTS: bool = true;
    fn collect(&mut self, data: &[u8]) {
        ::asyncore_runtime::Collect::collect(&mut self.inbox, data);
    }
    fn take_back(&mut self, len: usize) {
        ::asyncore_runtime::Collect::take_back(&mut self.inbox, len);
    }
    /// From `#[terminator]` on the field.
    const HAS_TERMINATOR: bool = true;
    fn terminator_field(&mut self) -> Option<&mut ::asyncore_runtime::Terminator> {
        let field: &mut ::asyncore_runtime::Terminator = &mut self.until;
        Some(field)
    }
}
const _: () = ::asyncore_runtime::ensure(
    <Chat as ::asyncore_runtime::Channel>::WAITS_FOR_FIELD,
    "nothing handles what field `until` ends: mark a method with a bare `#[terminator]`",
);
impl Chat {
    fn found(&mut self, io: &mut Io<Self>) {
        let frame = std::mem::take(&mut self.inbox);
        io.push(frame);
        self.until = Terminator::Len(3);
    }
}
const _: () = {
    use ::asyncore_runtime::{
        Channel, FieldTerminator, Frame, Io, Result, Settings, ensure,
    };
    const _: () = ensure(
        <Chat as Settings>::HAS_TERMINATOR,
        "`fn found` has no terminator to wait for: mark a field of `Chat` with `#[terminator]`",
    );
    const _: () = ensure(
        <Chat as Settings>::COLLECTS,
        "`fn found` takes no frame: mark a method or a field with `#[on_read]` for its data",
    );
    /// The protocol of `Chat`: a field says what ends a frame.
    #[automatically_derived]
    impl Channel for Chat {
        type Terminator = FieldTerminator;
        /// From `#[terminator]` without arguments.
        const WAITS_FOR_FIELD: bool = true;
        /// Calls the handler of the state whose frame is complete.
        #[inline]
        fn found_terminator(&mut self, _frame: Frame<'_>, io: &mut Io<Self>) -> Result {
            self.found(io);
            Ok(())
        }
    }
};
pub struct Feed(pub Box<dyn Producer>);
/// What `#[channel]` says of `Feed`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Feed {
    /// From `#[producer]` on the field.
    const PRODUCES: bool = true;
    fn producer_field(&mut self) -> Option<&mut dyn ::asyncore_runtime::Producer> {
        Some(&mut self.0)
    }
}
impl Feed {}
const _: () = {
    use ::asyncore_runtime::{Channel, Settings, Unframed, ensure};
    const _: () = ensure(
        <Feed as Settings>::COLLECTS || <Feed as Settings>::PRODUCES,
        "`impl Feed` has no handler: mark a method with `#[terminator(..)]` or `#[on_read]`",
    );
    /// What `Feed` does when something happens.
    #[automatically_derived]
    impl Channel for Feed {
        type Terminator = Unframed;
    }
};
pub struct Collector {
    pub inbox: Vec<u8>,
}
/// What `#[channel]` says of `Collector`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Collector {
    /// From `#[on_read]` on the field.
    const COLLECTS: bool = true;
    fn collect(&mut self, data: &[u8]) {
        ::asyncore_runtime::Collect::collect(&mut self.inbox, data);
    }
    fn take_back(&mut self, len: usize) {
        ::asyncore_runtime::Collect::take_back(&mut self.inbox, len);
    }
}
impl Collector {
    fn line(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.inbox)
    }
}
mod collector_terminator {
    /// What `Collector` can wait for: a variant for each `#[terminator]` method.
    #[derive(Debug, Default)]
    pub enum CollectorTerminator {
        /// `fn line`: up to `b"\n"`.
        #[default]
        Line,
    }
}
use collector_terminator::CollectorTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Reply, Result, Settings, Until, ensure};
    const _: () = ensure(
        <Collector as Settings>::COLLECTS,
        "`fn line` takes no frame: mark a method or a field with `#[on_read]` for its data",
    );
    /// The protocol of `Collector`.
    ///
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Line` | up to `b"\n"` | `max_frame` | `frame_timeout` | `line` | itself |
    #[automatically_derived]
    impl Channel for Collector {
        type Terminator = CollectorTerminator;
        /// What ends the frame of each state.
        fn until<'a>(&'a self, _: &'a CollectorTerminator) -> Until<'a> {
            Until::bytes(b"\n").collected()
        }
        /// Calls the handler of the state whose frame is complete.
        #[inline]
        fn found_terminator(&mut self, _frame: Frame<'_>, io: &mut Io<Self>) -> Result {
            Reply::send(self.line(), io)
        }
    }
};
