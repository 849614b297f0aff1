//! The tests are in `tests/`: what a channel does on every platform.
