//! What `#[channel]` writes is ordinary code: pasted in the place of the attributes it compiles,
//! and passes the same tests as the macro.
//!
//! The pasted files are the snapshots of `asyncore-macros/core/tests/expand`, in the format of
//! prettyplease.

#![allow(missing_docs, unreachable_pub)]

#[path = "../../asyncore-macros/core/tests/expand/configured.rs"]
mod configured;
#[path = "../../asyncore-macros/core/tests/expand/configured.expanded.rs"]
#[rustfmt::skip]
mod configured_pasted;
#[path = "../../asyncore-macros/core/tests/expand/dispatcher.rs"]
mod dispatcher;
#[path = "../../asyncore-macros/core/tests/expand/dispatcher.expanded.rs"]
#[rustfmt::skip]
mod dispatcher_pasted;
#[path = "../../asyncore-macros/core/tests/expand/examples.rs"]
mod examples;
#[path = "../../asyncore-macros/core/tests/expand/examples.expanded.rs"]
#[rustfmt::skip]
mod examples_pasted;
#[path = "../../asyncore-macros/core/tests/expand/fields.rs"]
mod fields;
#[path = "../../asyncore-macros/core/tests/expand/fields.expanded.rs"]
#[rustfmt::skip]
mod fields_pasted;
#[path = "../../asyncore-macros/core/tests/expand/generics.rs"]
mod generics;
#[path = "../../asyncore-macros/core/tests/expand/generics.expanded.rs"]
#[allow(unused_imports)] // the path that `crate = ..` named
#[rustfmt::skip]
mod generics_pasted;
#[path = "../../asyncore-macros/core/tests/expand/request.rs"]
mod request;
#[path = "../../asyncore-macros/core/tests/expand/request.expanded.rs"]
#[rustfmt::skip]
mod request_pasted;
#[path = "../../asyncore-macros/core/tests/expand/shout.rs"]
mod shout;
#[path = "../../asyncore-macros/core/tests/expand/shout.expanded.rs"]
#[rustfmt::skip]
mod shout_pasted;
#[path = "../../asyncore-macros/core/tests/expand/smtp.rs"]
mod smtp;
#[path = "../../asyncore-macros/core/tests/expand/smtp.expanded.rs"]
#[rustfmt::skip]
mod smtp_pasted;
#[path = "../../asyncore-macros/core/tests/expand/terminators.rs"]
mod terminators;
#[path = "../../asyncore-macros/core/tests/expand/terminators.expanded.rs"]
#[rustfmt::skip]
mod terminators_pasted;

/// The tests, of the macro's channels and of the pasted ones.
macro_rules! behaviour {
    ($($module:ident: $configured:ident $dispatcher:ident $examples:ident $fields:ident $generics:ident
       $request:ident $shout:ident $smtp:ident $terminators:ident;)*) => {$(
        mod $module {
            use std::time::Duration;

            use asyncore_runtime::testing::Session;
            use asyncore_runtime::{Channel, SimpleProducer, Terminator};

            use super::{$configured, $dispatcher, $examples, $fields, $generics};
            use super::{$request, $shout, $smtp, $terminators};

            #[test]
            fn one_state() {
                let mut session = Session::new($shout::Shout);
                session.feed(b"hel");
                session.feed(b"lo\r\nworld\r\n");
                assert_eq!(session.output(), b"HELLO\r\nWORLD\r\n");
            }

            #[test]
            fn two_states_and_an_error() {
                let mut session = Session::new($request::Request::default());
                session.feed(b"5\r\n\r\nhello0\r\n\r\n");
                assert_eq!(session.output(), b"hello");
                session.feed(b"many\r\n\r\n");
                assert_eq!(session.output(), b"HTTP/1.1 400 Bad Request\r\n\r\n");
                assert!(!session.is_open());
                assert_eq!($request::Request::MAX_FRAME, 1 << 20);
            }

            #[test]
            fn every_kind_of_terminator() {
                let mut session = Session::new($terminators::Kinds);
                let mut converse = |sent: &[u8], expected: &[u8]| {
                    session.feed(sent);
                    assert_eq!(session.output(), expected, "after {}", sent.escape_ascii());
                };
                converse(b"string\nabc\r\n", b"abc");
                converse(b"boundary\r\nab-c--", b"ab-c");
                converse(b"fixed\n1234", b"1234");
                converse(b"header\n5678", b"5678");
                converse(b"block\nxyz\r\n", b"xyz");
                converse(b"small\n\x02hi", b"hi");
                converse(b"big\n\x03\0\0\0abc", b"abc");
                converse(b"varint\n\x01z", b"z");
                converse(b"scanned\nend\0", b"end\0");
                converse(b"swallowed\nlost", b"gone");
                converse(b"stream\nab", b"ab");
                converse(b"cdtunnel\nall", b"cdall");
            }

            #[test]
            fn a_length_that_is_set_when_the_connection_stands() {
                let mut session = Session::new($terminators::Records { size: 3 });
                session.feed(b"abcdefg");
                assert_eq!(session.output(), b"abc\ndef\n");
            }

            #[test]
            fn all_until_the_end() {
                let mut session = Session::new($terminators::Kinds);
                session.feed(b"rest\nof it");
                assert_eq!(session.output(), b"");
                session.feed_eof();
                assert_eq!(session.output(), b"of it");
            }

            #[test]
            fn moves_between_states() {
                let mut session = Session::new($smtp::Smtp::default());
                assert_eq!(session.output(), b"220 ready\r\n");
                session.feed(b"DATA\r\na\r\nb\r\n.\r\nBDAT 3\r\nabcEHLO\r\n");
                assert_eq!(
                    session.output(),
                    b"354 go on\r\n250 2 lines\r\n354 go on\r\n250 ok\r\n500 what?\r\n"
                );
                session.feed(b"DATA\r\n");
                session.advance(Duration::from_secs(60));
                assert_eq!(session.output(), b"354 go on\r\n421 too late\r\n");
            }

            #[test]
            fn a_generic_channel() {
                struct Twice;

                impl $generics::Store for Twice {
                    fn get(&self, key: &str) -> Vec<u8> {
                        format!("{key}{key}").into_bytes()
                    }
                }

                let channel = $generics::Memcache::<Twice, 100_000> { store: Twice };
                let mut session = Session::new(channel);
                session.feed(b"ab\r\n");
                assert_eq!(session.output(), b"abab");
                session.with(|_, io| {
                    io.set_timer(Duration::from_secs(1), ());
                    io.set_timer(Duration::from_secs(2), $generics::Frame);
                });
                session.advance(Duration::from_secs(1));
                assert_eq!(session.output(), b"tick\r\n");
                session.advance(Duration::from_secs(1));
                assert_eq!(session.output(), b"frame\r\n");
            }

            #[test]
            fn events_of_a_dispatcher() {
                let mut session = Session::new($dispatcher::Events::default());
                session.feed(b"abc");
                assert_eq!(session.output(), b"abc");
                let seen = session.with(|channel, _| channel.seen.clone()).unwrap();
                assert_eq!(seen[..2], ["connect", "read"]);
                session.feed_eof();
                assert!(!session.is_open());
            }

            #[test]
            fn a_dispatcher_that_reads_by_itself() {
                let mut session = Session::new($dispatcher::Raw);
                session.feed(b"raw");
                assert_eq!(session.output(), b"raw");
            }

            #[test]
            fn the_three_names_on_fields() {
                let channel = $fields::Chat {
                    inbox: Vec::new(),
                    until: Terminator::Bytes("\n".into()),
                };
                let mut session = Session::new(channel);
                session.feed(b"one\ntwo");
                assert_eq!(session.output(), b"onetwo");

                let producer = SimpleProducer::new("bytes");
                let mut session = Session::new($fields::Feed(Box::new(producer)));
                assert_eq!(session.output(), b"bytes");

                let mut session = Session::new($fields::Collector { inbox: Vec::new() });
                session.feed(b"li");
                session.feed(b"ne\n");
                assert_eq!(session.output(), b"line");
            }

            #[cfg(unix)]
            #[test]
            fn what_is_configured() {
                let mut session = Session::new($configured::Ported::default());
                session.feed(b"block\nabcdline\n");
                assert_eq!(session.output(), b"blockabcdline");
            }

            #[test]
            fn examples_are_seeds() {
                assert_eq!($examples::Echo::EXAMPLES, [b"a\nb\nc\n"]);
                assert_eq!($examples::Counter::EXAMPLES, [b"a\nb\n"]);
            }
        }
    )*};
}

behaviour! {
    written: configured dispatcher examples fields generics request shout smtp terminators;
    pasted: configured_pasted dispatcher_pasted examples_pasted fields_pasted generics_pasted
        request_pasted shout_pasted smtp_pasted terminators_pasted;
}
