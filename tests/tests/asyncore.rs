//! asyncore and asynchat: the 122 behaviours of CPython that have a meaning here, each in a test
//! named after its row, and CPython's own tests, under their names. `docs/asyncore.md` is the table
//! of both.
//!
//! A row says in its comment what CPython 3.11 did where we do otherwise. The nine rows of smtpd
//! (m1 to m9) are with its port, in `ports/`.

mod asyncore {
    pub mod common;

    mod accepting;
    mod claims;
    mod connections;
    mod event_loop;
    mod features;
    mod files;
    mod output;
    mod readiness;
    mod spies;
    mod table;
    mod terminators;
    mod test_asynchat;
    mod test_asyncore;
    mod transcript;
}
