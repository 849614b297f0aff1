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
    const COLLECTS: ::core::primitive::bool = true;
    fn collect(&mut self, data_: &[::core::primitive::u8]) {
        ::asyncore_runtime::Collect::collect(&mut self.inbox, data_);
    }
    fn take_back(&mut self, len_: ::core::primitive::usize) {
        ::asyncore_runtime::Collect::take_back(&mut self.inbox, len_);
    }
    /// From `#[terminator]` on the field.
    const HAS_TERMINATOR: ::core::primitive::bool = true;
    fn terminator_field(
        &mut self,
    ) -> ::core::option::Option<&mut ::asyncore_runtime::Terminator> {
        let field_: &mut ::asyncore_runtime::Terminator = &mut self.until;
        ::core::option::Option::Some(field_)
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
        const WAITS_FOR_FIELD: ::core::primitive::bool = true;
        #[inline]
        fn found_terminator(&mut self, _: Frame<'_>, io_: &mut Io<Self>) -> Result {
            Self::found(self, io_);
            ::core::result::Result::Ok(())
        }
    }
};
pub struct Feed(pub Box<dyn Producer>);
/// What `#[channel]` says of `Feed`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Feed {
    /// From `#[producer]` on the field.
    const PRODUCES: ::core::primitive::bool = true;
    fn producer_field(
        &mut self,
    ) -> ::core::option::Option<&mut dyn ::asyncore_runtime::Producer> {
        ::core::option::Option::Some(&mut self.0)
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
    const COLLECTS: ::core::primitive::bool = true;
    fn collect(&mut self, data_: &[::core::primitive::u8]) {
        ::asyncore_runtime::Collect::collect(&mut self.inbox, data_);
    }
    fn take_back(&mut self, len_: ::core::primitive::usize) {
        ::asyncore_runtime::Collect::take_back(&mut self.inbox, len_);
    }
}
impl Collector {
    fn line(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.inbox)
    }
}
mod collector_terminator_ {
    /// What `Collector` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum CollectorTerminator {
        #[default]
        Line,
    }
}
type CollectorTerminator = collector_terminator_::CollectorTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Result, Settings, Until, ensure, reply};
    const _: () = ensure(
        <Collector as Settings>::COLLECTS,
        "`fn line` takes no frame: mark a method or a field with `#[on_read]` for its data",
    );
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Line` | up to `b"\n"` | `max_frame` | `frame_timeout` | `line` | itself |
    #[automatically_derived]
    impl Channel for Collector {
        type Terminator = CollectorTerminator;
        fn until<'a>(
            &'a self,
            _: &'a CollectorTerminator,
        ) -> Until<'a, CollectorTerminator> {
            Until::bytes(b"\n").collected()
        }
        #[inline]
        fn found_terminator(&mut self, _: Frame<'_>, io_: &mut Io<Self>) -> Result {
            reply(Self::line(self), io_)
        }
    }
};
