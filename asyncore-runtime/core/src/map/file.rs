//! A file on its way into a map.

use std::fs::File;
use std::io;
use std::rc::Rc;

use crate::channel::Channel;
use crate::driver::start::start_stream;
use crate::scheduler::Scheduler;
use crate::transport::os::{self, OwnedFd, Watched};
use crate::transport::readiness::Ready;
use crate::transport::stream::Stream;
use crate::vocabulary::error::OpenError;
use crate::vocabulary::guard::dispose;
use crate::vocabulary::key::Key;

pub(crate) fn add_file<T: Channel>(
    scheduler: &Rc<Scheduler>,
    file: impl Into<OwnedFd>,
    channel: T,
) -> io::Result<Key<T>> {
    let file = file.into();
    let given = os::number(&file);
    let file = match Watched::new(File::from(file)) {
        Ok(file) => file,
        Err(error) => {
            dispose(channel);
            return Err(OpenError::wrap_given("add", "the file", given, error));
        }
    };
    let added = start_stream(scheduler, channel, Stream::from(Box::new(file)), |connection| {
        let io = &mut connection.io;
        let Some(stream) = io.endpoint.stream() else { return };
        if stream.is_always_ready() && stream.can_read() {
            io.state.ready.add(Ready::READABLE);
        }
        // What cannot be written says so when it is tried; there is no room to tell of.
        io.state.room = stream.can_write();
    });
    added.map_err(|error| OpenError::wrap_given("add", "the file", given, error))
}
