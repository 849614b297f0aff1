//! What the runtime promises, a test for each: in memory where the clock or the cuts matter, over
//! real sockets where the truth is in the kernel.

mod admission;
mod blocking;
mod broadcast;
mod closing;
mod connecting;
mod corners;
mod datagrams;
mod deadlines;
mod detaching;
mod draining;
mod drops;
mod ending;
mod faults;
mod fields;
mod files;
mod framing;
mod kinds;
mod limits;
mod listening;
mod many;
mod map;
mod marks;
mod output;
mod owed;
mod pressure;
mod producers;
mod properties;
mod resets;
mod resting;
mod short_reads;
mod silence;
mod sockets;
mod threads;
mod timers;
mod unix;
