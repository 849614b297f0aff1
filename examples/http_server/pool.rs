//! Threads for what would hold up the loop.

use std::io;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

const THREADS: usize = 4;
/// So many jobs wait at most.
const WAITING: usize = 256;

type Job = Box<dyn FnOnce() + Send>;

pub struct Pool(SyncSender<Job>);

impl Pool {
    pub fn new() -> io::Result<Self> {
        let (jobs, taken) = mpsc::sync_channel(WAITING);
        let taken = Arc::new(Mutex::new(taken));
        for _ in 0..THREADS {
            let taken = Arc::clone(&taken);
            thread::Builder::new().name("pool".to_owned()).spawn(move || work(&taken))?;
        }
        Ok(Self(jobs))
    }

    /// Drops the job if there are too many, and what it would have answered with it.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        drop(self.0.try_send(Box::new(job)));
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job();
    }
}
