//! The macro in a crate that takes every name it could: no prelude, types and constants and macros
//! with the names of the language and of the runtime, traits with the methods of both. Every
//! construct the macro knows stands in it, and has to work as if nothing were there.
//!
//! Built in each edition, and with the dependency renamed.

#![no_implicit_prelude]
#![deny(warnings)]
// What is here to be in the way is used by nobody, and named by no custom.
#![allow(dead_code, unused_imports, unused_macros)]
#![allow(non_camel_case_types, non_upper_case_globals, non_snake_case)]

extern crate std;

#[cfg(not(feature = "renamed"))]
extern crate asyncore_runtime as rt;

/// Everything that could be taken for something else, to be imported by a glob.
mod hostile {
    pub struct Option;
    pub struct Result;
    pub struct String;
    pub struct Vec;
    pub struct Box;
    pub struct Some;
    pub struct None;
    pub struct Err;
    pub struct Duration;
    pub struct bool;
    pub struct u8;
    pub struct u64;
    pub struct usize;
    pub struct str;

    pub trait Default {}
    pub trait Debug {}
    pub trait Into {}
    pub trait From {}

    pub struct Channel;
    pub struct Settings;
    pub struct Until;
    pub struct Frame;
    pub struct Io;
    pub struct Limits;
    pub struct Reply;
    pub struct OnTimer;
    pub struct Unframed;
    pub struct FieldTerminator;
    pub struct Terminator;
    pub struct Collect;
    pub struct Producer;
    pub struct Closed;
    pub struct Error;
    pub struct Socket;
    pub struct Addr;
    pub struct Piece;
    pub struct Scan;
    pub struct Size;
    pub struct Expires;
    pub struct Bytes;
    pub struct State;

    /// As `anyhow::Ok`.
    pub fn Ok<T>(it: T) -> T {
        it
    }
    pub fn reply() {}
    pub fn ensure() {}

    pub const data: () = ();
    pub const at: () = ();
    pub const io: () = ();
    pub const frame: () = ();
    pub const len: () = ();
    pub const bytes: () = ();
    pub const error: () = ();
    pub const why: () = ();
    pub const value: () = ();
    pub const socket: () = ();
    pub const peer: () = ();
    pub const input: () = ();
    pub const this: () = ();
    pub const reply_: () = ();
    pub static state: () = ();

    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod asyncore_runtime {}

    macro_rules! taken {
        ($($name:ident)*) => {$(
            macro_rules! $name { ($d:tt) => { ::core::compile_error!("a macro of the user") }; }
            pub(crate) use $name;
        )*};
    }
    taken! { matches assert panic write format vec unreachable todo }

    /// Of every type, by value: found before any method that takes `&self`.
    pub trait ByValue: ::core::marker::Sized {
        fn send(self) {
            ::std::panic!("not the runtime's")
        }
        fn parse(self) {
            ::std::panic!("not the runtime's")
        }
        fn terminator(self) {
            ::std::panic!("not the runtime's")
        }
        fn largest(self) {
            ::std::panic!("not the runtime's")
        }
        fn max(self) {
            ::std::panic!("not the runtime's")
        }
        fn within(self) {
            ::std::panic!("not the runtime's")
        }
        fn of(self) {
            ::std::panic!("not the runtime's")
        }
        fn collect(self) {
            ::std::panic!("not the runtime's")
        }
        fn converse(self) {
            ::std::panic!("not the runtime's")
        }
        fn into(self) {
            ::std::panic!("not the runtime's")
        }
        fn line(self) {
            ::std::panic!("not the handler")
        }
        fn sample() {
            ::std::panic!("not the runtime's")
        }
    }
    impl<T> ByValue for T {}

    /// The handlers' own names, on `&mut self`.
    pub trait Service {
        fn line(&mut self, _: &[::core::primitive::u8]) {
            ::std::panic!("not the handler")
        }
        fn collect(&mut self, _: &[::core::primitive::u8]) {
            ::std::panic!("not the handler")
        }
        fn next(&mut self) {
            ::std::panic!("not the handler")
        }
        fn until(&mut self) {
            ::std::panic!("not the handler")
        }
        fn on_connect(&mut self) {
            ::std::panic!("not the handler")
        }
        fn on_timer(&mut self) {
            ::std::panic!("not the handler")
        }
        fn readable(&mut self) {
            ::std::panic!("not the handler")
        }
        fn handle(&mut self) {
            ::std::panic!("not the handler")
        }
    }
    impl<T> Service for T {}
}

use hostile::*;

type Text = ::std::string::String;
type Octets = ::std::vec::Vec<::core::primitive::u8>;
/// A type in pieces that is not called so.
type Part<'a> = rt::Piece<'a>;

fn scan(taken: &[::core::primitive::u8]) -> ::core::result::Result<rt::Scan, rt::Error> {
    ::core::result::Result::Ok(match taken {
        [] => rt::Scan::Need(1),
        _ => rt::Scan::Frame(1),
    })
}

/// A type of frame with the name of one of the runtime's.
pub struct Chess(::core::primitive::u8);
mod chess {
    pub type Piece = super::Chess;
}

impl<'a> rt::FromFrame<'a> for Chess {
    type Error = rt::Error;
    fn from_frame(given: rt::Frame<'a>) -> ::core::result::Result<Self, rt::Error> {
        let first = rt::Frame::as_bytes(given).first().copied();
        ::core::result::Result::Ok(Self(::core::option::Option::unwrap_or(first, b'?')))
    }
}

/// A size of a type that the runtime does not count in.
const SIX: ::core::primitive::u16 = 6;

/// Every kind of state, and every option.
#[cfg_attr(not(feature = "renamed"), rt::channel(max_frame = 1 << 10, max_length = { 1 << 12 }, idle_timeout = "5m", linger_timeout = "never", write_timeout = (::core::time::Duration::MAX)))]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt, max_frame = 1 << 10, max_length = { 1 << 12 }, idle_timeout = "5m", linger_timeout = "never", write_timeout = (::core::time::Duration::MAX)))]
#[derive(::core::default::Default)]
pub struct Kinds {
    moves: Text,
}

#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
impl Kinds {
    #[terminator(any(b"\n", b"\r\n"), within = "10s", max = (100))]
    fn line(&mut self, ctx: &mut rt::Io<Self>, line: &[::core::primitive::u8]) {
        match line {
            b"fixed" => ctx.set_terminator(KindsTerminator::Fixed),
            b"sized" => ctx.set_terminator(KindsTerminator::Sized(2)),
            b"delimited" => {
                ctx.set_terminator(KindsTerminator::Delimited(rt::Bytes::from_static(b";")))
            }
            b"prefixed" => ctx.set_terminator(KindsTerminator::Prefixed),
            b"little" => ctx.set_terminator(KindsTerminator::Little),
            b"varint" => ctx.set_terminator(KindsTerminator::Varint),
            b"scanned" => ctx.set_terminator(KindsTerminator::Scanned),
            b"streamed" => ctx.set_terminator(KindsTerminator::Streamed),
            b"chess" => ctx.set_terminator(KindsTerminator::Chess),
            b"dropped" => ctx.set_terminator(KindsTerminator::Dropped),
            b"collect" => ctx.set_terminator(KindsTerminator::Collect),
            b"rest" => ctx.set_terminator(KindsTerminator::Rest),
            _ => ctx.set_terminator(KindsTerminator::Raw),
        }
    }

    #[terminator(len = 4, within = "250ms", next = line)]
    fn fixed(record: [::core::primitive::u8; 4]) -> Octets {
        record.to_vec()
    }

    #[terminator(len, end = b"\r\n", max = 1 << 10, within = "never", next = line)]
    fn sized(&self, record: rt::Bytes) -> rt::Bytes {
        record
    }

    #[terminator(bytes, next = line)]
    fn delimited<'f>(&self, part: &'f [::core::primitive::u8]) -> &'f [::core::primitive::u8] {
        part
    }

    #[terminator(prefix = u16, next = line)]
    fn prefixed(&mut self, given: Octets) -> ::core::option::Option<Octets> {
        ::core::option::Option::Some(given)
    }

    #[terminator(prefix = u32, le, max = SIX * SIX, next = line)]
    fn little(&mut self, given: Text) -> ::core::result::Result<Text, rt::Error> {
        ::core::result::Result::Ok(given)
    }

    #[terminator(varint, next = line)]
    fn varint(&mut self, given: rt::Frame<'_>) -> Octets {
        rt::Frame::as_bytes(given).to_vec()
    }

    #[terminator(with = scan, next = line)]
    fn scanned(&mut self, given: &[::core::primitive::u8]) -> Octets {
        given.to_vec()
    }

    #[terminator(len = SIX, next = line)]
    fn streamed<'p>(&mut self, part: Part<'p>, ctx: &mut rt::Io<Self>) {
        ctx.push(part.data);
        ctx.push("|");
    }

    #[terminator(b"\n", next = line)]
    fn chess(&mut self, piece: chess::Piece) -> Octets {
        ::std::vec![piece.0]
    }

    #[terminator(len = 3, discard, next = line)]
    fn dropped(&mut self) -> &'static ::core::primitive::str {
        "gone"
    }

    #[terminator(len = 3, next = line)]
    fn collect(&self) -> Text {
        ::core::clone::Clone::clone(&self.moves)
    }

    #[terminator(eof)]
    fn rest(&mut self, rest: Octets) -> Octets {
        rest
    }

    #[terminator(none)]
    fn raw(&mut self, part: rt::Piece<'_>, ctx: &mut rt::Io<Self>) {
        ctx.push(part.data);
    }

    #[on_read]
    fn until(&mut self, given: &[::core::primitive::u8]) {
        self.moves.push_str(::core::str::from_utf8(given).unwrap_or("?"));
    }
}

/// Every event, by handlers with the names of the traits' methods.
#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
#[derive(::core::default::Default)]
pub struct Events {
    seen: ::core::cell::RefCell<Text>,
}

impl Events {
    /// Not the limits of the channel.
    pub const LIMITS: () = ();
    pub const MAX_FRAME: () = ();
    pub const UNIT: () = ();

    fn note(&self, name: &::core::primitive::str) {
        self.seen.borrow_mut().push_str(name);
    }
}

#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
impl Events {
    #[on_connect]
    fn on_connect(&self) {
        self.note("connect ");
    }

    #[on_read]
    fn collect(&self, given: &[::core::primitive::u8]) -> Octets {
        self.note("read ");
        given.to_vec()
    }

    #[on_accepted]
    fn on_accepted(&self, _: rt::Socket, who: rt::Addr) {
        let _ = who;
    }

    #[on_write]
    fn on_write(&self, _: &mut rt::Io<Self>) {}

    #[on_expt]
    fn on_expt(&self) {}

    #[on_eof]
    fn on_eof(&self, ctx: &mut rt::Io<Self>) {
        self.note("eof ");
        ctx.close_when_done();
    }

    #[on_error]
    fn on_error(&self, _: &rt::Error) {}

    #[on_close]
    fn on_close(&self, _: &rt::Closed) {
        self.note("close ");
    }

    #[on_timer]
    fn on_timer(&self) -> Text {
        ::core::convert::From::from("tick")
    }

    #[on_timer]
    fn tick(&self, number: ::core::primitive::u8) -> Octets {
        ::std::vec![number]
    }

    #[readable]
    fn readable(&self) -> ::core::primitive::bool {
        true
    }

    #[writable]
    fn writable(&self) -> ::core::primitive::bool {
        false
    }

    #[producer]
    fn rows(&mut self) -> ::core::option::Option<rt::Bytes> {
        ::core::option::Option::None
    }
}

/// A channel that reads for itself.
#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
pub struct Raw;

#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
impl Raw {
    #[on_read]
    fn on_readable(&self, ctx: &mut rt::Io<Self>) -> ::std::io::Result<Octets> {
        let mut buffer = [0; 16];
        let read = ctx.recv(&mut buffer)?;
        ::core::result::Result::Ok(::core::convert::From::from(&buffer[..read]))
    }
}

/// What fields can do, two of each behind `#[cfg]`.
#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
pub struct Fields {
    #[cfg(unix)]
    #[on_read]
    inbox: Octets,
    #[cfg(not(unix))]
    #[on_read]
    inbox: NoSuchType,
    #[terminator]
    until: rt::Terminator,
    #[producer]
    out: Octets,
}

#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
impl Fields {
    #[cfg(unix)]
    #[terminator]
    fn found(&mut self) -> Octets {
        ::core::mem::take(&mut self.inbox)
    }

    #[cfg(not(unix))]
    #[terminator]
    fn found(&mut self) -> NoSuchType {}
}

/// A generic channel, whose reply is one of its parameter's own.
#[cfg_attr(not(feature = "renamed"), rt::channel(max_frame = N))]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt, max_frame = N))]
pub struct Generic<S: Service2, const N: ::core::primitive::usize = 16>
where
    S: Clone2,
{
    service: S,
}

pub trait Service2 {
    type Out;
    fn call(&mut self, line: &::core::primitive::str) -> Self::Out;
}
pub trait Clone2 {}

pub struct Upper;
impl Clone2 for Upper {}
impl Service2 for Upper {
    type Out = Text;
    fn call(&mut self, line: &::core::primitive::str) -> Text {
        line.to_uppercase()
    }
}

#[cfg_attr(not(feature = "renamed"), rt::channel(states = pub(crate) Match))]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt, states = pub(crate) Match))]
impl<S: Service2, const N: ::core::primitive::usize> Generic<S, N>
where
    S: Clone2,
    S::Out: rt::Reply<Generic<S, N>>,
{
    #[terminator(b"\n", max = N)]
    fn line(&mut self, line: &::core::primitive::str) -> S::Out {
        self.service.call(line)
    }
}

/// Handlers, parameters and starts that are there or not.
#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
pub struct Configured;

#[cfg_attr(not(feature = "renamed"), rt::channel(states = Super))]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt, states = Super))]
impl Configured {
    #[cfg(unix)]
    #[terminator(b"\n")]
    #[example(b"a\n" => b"up a")]
    fn line(
        line: Octets,
        #[cfg(unix)] ctx: &mut rt::Io<Self>,
        #[cfg(not(unix))] _io: No,
    ) -> Octets {
        ctx.set_terminator(Super::Other);
        line
    }

    #[cfg(not(unix))]
    #[terminator(len = 4)]
    fn line(line: NoSuchType) {}

    #[cfg(unix)]
    #[terminator(b"\r", next = line)]
    fn other(&mut self, #[cfg(not(unix))] _line: No, #[cfg(unix)] line: Text) -> Text {
        line
    }

    #[cfg(not(unix))]
    #[terminator(len, next = line)]
    fn other(&mut self, line: NoSuchType) {}

    #[cfg(unix)]
    #[on_connect]
    fn up(&mut self) -> &'static ::core::primitive::str {
        "up "
    }

    #[cfg(not(unix))]
    #[on_connect]
    fn up(&mut self) -> NoSuchType {}
}

/// Names of channels that differ in their case, and a module of the user with the name of another.
#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
pub struct HTTPServer;
#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
impl HTTPServer {
    #[terminator(b"\n")]
    fn line(line: Octets) -> Octets {
        line
    }
}
#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
pub struct HttpServer;
#[cfg_attr(not(feature = "renamed"), rt::channel)]
#[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
impl HttpServer {
    #[terminator(b"\n")]
    fn line(line: Octets) -> Octets {
        line
    }
}
mod http_server_terminator {}

/// A channel of the same name below another, with all of it imported.
mod below {
    use super::*;

    #[cfg_attr(not(feature = "renamed"), rt::channel)]
    #[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
    #[derive(::core::default::Default)]
    pub struct Kinds(::core::primitive::u8);
    #[cfg_attr(not(feature = "renamed"), rt::channel)]
    #[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
    impl Kinds {
        #[terminator(b"\n", next = second)]
        #[example(b"a\nb\n" => b"ab")]
        fn line(line: Octets) -> Octets {
            line
        }

        #[terminator(b"\n", next = line)]
        fn second(line: Octets) -> Octets {
            line
        }
    }
}

/// Every part a fragment of `macro_rules!`.
macro_rules! fragments {
    ($(#[$of_struct:meta])* $vis:vis $name:ident { $($(#[$of_field:meta])* $field:ident: $type:ty),* }
     $(#[$of_method:meta])* $method:ident($given:ident: $frame:ty, $context:ty) -> $reply:ty $body:block
     $max:expr, $time:literal, $end:literal, $next:ident) => {
        #[cfg_attr(not(feature = "renamed"), rt::channel(max_frame = $max, idle_timeout = $time))]
        #[cfg_attr(
            feature = "renamed",
            rt::channel(crate = $crate::rt, max_frame = $max, idle_timeout = $time)
        )]
        $(#[$of_struct])*
        $vis struct $name { $($(#[$of_field])* $field: $type),* }

        #[cfg_attr(not(feature = "renamed"), rt::channel(crate = $crate::rt))]
        #[cfg_attr(feature = "renamed", rt::channel(crate = $crate::rt))]
        impl $name {
            $(#[$of_method])*
            $vis fn $method($given: $frame, _: $context) -> $reply $body

            #[terminator($end, max = $max * 2, within = $time, next = $method)]
            fn $next(&mut self) -> Octets {
                ::core::mem::take(&mut self.inbox)
            }
        }
    };
}

fragments! {
    #[derive(::core::default::Default)]
    pub(crate) Fragments { #[on_read] inbox: Octets }
    #[terminator(b"\n", next = second)]
    line(given: Octets, &mut rt::Io<Self>) -> Octets { given }
    8 + 2, "3s", b"\r", second
}
#[cfg(feature = "renamed")]
use ::rt;

#[cfg(test)]
mod tests {
    use super::*;
    use rt::testing::Session;

    fn converse<T: rt::Channel>(
        mut session: Session<T>,
        exchanges: &[(&[::core::primitive::u8], &[::core::primitive::u8])],
    ) {
        Session::converse(&mut session, exchanges);
    }

    #[test]
    fn every_kind_of_state() {
        let session = Session::new(super::Kinds { moves: Text::new() });
        converse(
            session,
            &[
                (b"fixed\n1234", b"1234"),
                (b"sized\nab\r\n", b"ab"),
                (b"delimited\nab;", b"ab"),
                (b"prefixed\n\0\x02ab", b"ab"),
                (b"little\n\x02\0\0\0ab", b"ab"),
                (b"varint\n\x02ab", b"ab"),
                (b"scanned\na", b"a"),
                (b"streamed\nabc", b"abc|"),
                (b"def", b"def|"),
                (b"chess\nKnight\n", b"K"),
                (b"dropped\nabc", b"gone"),
                (b"collect\nabc", b"abc"),
                (b"raw\nabc", b"abc"),
            ],
        );
    }

    #[test]
    fn every_event() {
        let mut session = Session::new(Events { seen: ::core::default::Default::default() });
        Session::feed(&mut session, b"ab");
        ::std::assert_eq!(Session::output(&mut session), b"ab"[..]);
        let seen = session.with(|channel, _| {
            <Text as ::core::convert::From<&::core::primitive::str>>::from(&channel.seen.borrow())
        });
        ::std::assert_eq!(seen.as_deref(), ::core::option::Option::Some("connect read "));
    }

    #[test]
    fn a_channel_that_reads_for_itself() {
        converse(Session::new(Raw), &[(b"ab", b"ab")]);
    }

    #[test]
    fn fields() {
        let until = rt::Terminator::Bytes(rt::Bytes::from_static(b"\n"));
        let channel = Fields { inbox: Octets::new(), until, out: Octets::new() };
        converse(Session::new(channel), &[(b"ab\n", b"ab")]);
    }

    #[test]
    fn a_generic_channel() {
        converse(Session::new(Generic::<_, 16> { service: Upper }), &[(b"ab\n", b"AB")]);
    }

    #[test]
    fn what_is_configured() {
        converse(Session::new(Configured), &[(b"", b"up "), (b"a\nb\rc\n", b"abc")]);
    }

    #[test]
    fn names_that_differ_in_case() {
        converse(Session::new(HTTPServer), &[(b"a\n", b"a")]);
        converse(Session::new(HttpServer), &[(b"a\n", b"a")]);
        let channel: below::Kinds = ::core::default::Default::default();
        converse(Session::new(channel), &[(b"a\nb\n", b"ab")]);
    }

    #[test]
    fn fragments_of_macro_rules() {
        let channel: Fragments = ::core::default::Default::default();
        converse(Session::new(channel), &[(b"a\nb\rc\n", b"abc")]);
    }

    #[test]
    fn inside_of_a_function() {
        #[cfg_attr(not(feature = "renamed"), rt::channel)]
        #[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
        struct Inner;
        #[cfg_attr(not(feature = "renamed"), rt::channel)]
        #[cfg_attr(feature = "renamed", rt::channel(crate = ::rt))]
        impl Inner {
            #[terminator(b"\n", next = other)]
            fn line(line: Octets) -> Octets {
                line
            }

            #[terminator(b"\r", next = line)]
            fn other(line: Octets) -> Octets {
                line
            }
        }
        converse(Session::new(Inner), &[(b"a\nb\r", b"ab")]);
    }
}
