//! What the runtime promises, a test for each: in memory where the clock or the cuts matter, over
//! real sockets where the truth is in the kernel.

mod closing;
mod connecting;
mod deadlines;
mod draining;
mod faults;
mod framing;
mod limits;
mod listening;
mod many;
mod map;
mod output;
mod pressure;
mod producers;
mod properties;
mod sockets;
mod threads;
mod timers;
