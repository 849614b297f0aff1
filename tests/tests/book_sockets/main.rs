//! Every program of the README and of the book, over real sockets and with real peers. What is
//! included here is the text of the page (see `build.rs`); `tests/book.rs` fails if a program is
//! missing.
#![allow(dead_code, unused_imports)] // of a program: what only its page needs

/// A program of the book, by its page and heading, and what the tests of it need.
macro_rules! program {
    ($name:literal) => {
        use crate::kit::*;
        include!(concat!(env!("OUT_DIR"), "/book/", $name, ".rs"));
    };
}

mod kit;

mod asyncore;
mod beginning;
mod channels;
mod clients;
mod dispatchers;
mod framing;
mod output;
mod recipes;
mod scanners;
mod tls;
mod workers;
