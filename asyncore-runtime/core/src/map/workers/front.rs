//! The listening channel in the map that accepts: it gives each connection to a worker.

use std::sync::Arc;

use super::crew::Crew;
use super::desk::Arrival;
use crate::channel::io::Io;
use crate::channel::{Channel, Settings, Unframed};
use crate::transport::socket::Socket;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::error::{Error, Result};
use crate::vocabulary::log;

pub(super) struct Front {
    pub(super) crew: Arc<Crew>,
    /// Its number among the listeners.
    pub(super) listener: usize,
}

impl Settings for Front {}

impl Channel for Front {
    type Terminator = Unframed;

    fn on_accepted(&mut self, socket: Socket, peer: Addr, io: &mut Io<Self>) -> Result {
        let arrival = Arrival { listener: self.listener, socket, peer };
        if !self.crew.hand_over(Box::new(arrival)) {
            io.pause();
        }
        Ok(())
    }

    fn on_error(&mut self, error: &Error, io: &mut Io<Self>) -> Result {
        let addr = io.local_addr().unwrap_or(Addr::Unix(None));
        log::line(&format_args!("{addr}: no longer listening: {error}"));
        io.close();
        Ok(())
    }
}
