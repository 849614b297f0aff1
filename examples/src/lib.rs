//! The examples live in `examples/`; this crate holds nothing itself.
