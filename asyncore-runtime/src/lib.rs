//! asyncore and asynchat for Rust: annotate a struct, and `#[channel]` writes the protocol handler
//! at compile time, for a small event loop on mio. No `async`, no `unsafe`.
//!
//! ```no_run
//! use asyncore_runtime::{channel, Map};
//!
//! #[channel]
//! struct Shout;
//!
//! #[channel]
//! impl Shout {
//!     #[terminator(b"\r\n")]
//!     fn line(&mut self, line: &str) -> String {
//!         line.to_uppercase() + "\r\n"
//!     }
//! }
//!
//! fn main() -> std::io::Result<()> {
//!     let mut map = Map::new()?;
//!     map.listen("127.0.0.1:8080", |_peer| Shout)?;
//!     map.run()
//! }
//! ```
//!
//! A **channel** is one connection and what you know about it. Each method with a `#[terminator]` is
//! a state: it says what ends a frame, and what is done with it. What a method returns is its
//! reply. A [`Map`] holds the channels of one loop, in one thread.
//!
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | options, limits | [`#[channel]`](macro@channel), [`Limits`], [`Map::set_max_held`] |
//! | what ends a frame | [`#[terminator]`](macro@terminator), [`Until`] |
//! | what a handler takes and returns | [`FromFrame`], [`Piece`], [`Reply`], [`Push`] |
//! | what a handler can do | [`Io`]: push, close, set a terminator, timers, other channels |
//! | output on demand | [`Io::push_with_producer`], [`Producer`], [`#[producer]`](macro@producer) |
//! | events | [`Channel`], which lists them with their order and defaults |
//! | errors and endings | [`Error`], [`Closed`], [`Map::drain`] |
//! | what happened how often | [`Counters`] |
//! | listening, connecting, files, datagrams | [`Map`], [`tcp`], [`Listen`], [`ToAddr`] |
//! | other channels | [`Key`], [`Io::tell`], [`Io::push_to`], [`Io::broadcast`] |
//! | TLS, and what a proxy says | the feature `tls`, [`Listen::proxy_protocol`] |
//! | the end at SIGTERM, other signals | the feature `signals`: `Map::until_signal`, `Map::on_signal` |
//! | another loop | [`Map::next_deadline`] |
//! | a connection that goes elsewhere | [`Io::detach`], [`Socket`] |
//! | all cores | [`Workers`], [`WorkersHandle`] |
//! | other threads | [`Io::owe`] for answers, [`Handle`], [`MapHandle`], [`Socket`] |
//! | tests | [`testing`] |
//!
//! `cargo doc` of a channel of yours shows its states as a table, with what ends each, its limit and
//! where it goes; it stands at the impl of [`Channel`].
//!
//! The [book](https://github.com/asyncore-rs/asyncore/blob/main/docs/SUMMARY.md) teaches all of it, a
//! subject a chapter. Its code is compiled and run by the tests.
//!
//! # Features
//!
//! None is on by default.
//!
//! * `signals`: `Map::until_signal` serves until SIGINT or SIGTERM, `Map::on_signal` does something at
//!   others, by signal-hook.
//! * `tls`: TLS over every stream, by rustls: `Listen::tls`, `tls(..)`, `Io::start_tls`. The provider of
//!   the cryptography is yours to choose.
//! * `tracing`: every event of every channel is a `tracing` event of level `TRACE`, and what nobody
//!   handles is one of level `ERROR`, with the target `asyncore`. Without it, or without a
//!   subscriber, the latter goes to stderr.
//!
//! # Platforms
//!
//! Unix, wherever mio has epoll or kqueue, and Windows for TCP, UDP, timers, threads and TLS: files, Unix
//! sockets, signals, `reuse_port` and the map's descriptor are absent there. Linux is what the tests run on;
//! macOS and FreeBSD are compiled, and a smoke test runs on Windows (by wine), 32 bits and musl.
//! Out-of-band data (`#[on_expt]`) and abstract names of Unix sockets are Linux's. A panic in a handler
//! is caught if panics unwind; with `panic = "abort"` it ends the process.
//!
//! # What is not promised
//!
//! * The order in which channels have their turns in one pass, and how input is cut into turns,
//!   pieces, and the data of a dispatcher.
//! * When exactly a deadline or a timer comes: not before its time, and as soon after as the loop comes
//!   round. A handler that takes long delays all channels of its loop.
//! * That what was written has reached the peer. [`Closed::unsent`] counts what did not even reach the
//!   system.
//! * That `listen` and `bind` do not block: they look a host name up at once. `connect` does not.
//! * Threads: a map and its channels stay in theirs. More cores take more maps, as [`Workers`] have
//!   them; which of these a connection comes to is not promised, only that they share evenly.
#![forbid(unsafe_code)]

pub use asyncore_macros::*;
#[doc(inline)]
pub use asyncore_runtime_core::*;
