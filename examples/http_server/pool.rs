//! Threads for what would hold up the loop.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

const THREADS: usize = 4;
/// So many jobs wait at most.
const WAITING: usize = 256;

type Job = Box<dyn FnOnce() + Send>;

pub struct Pool {
    jobs: SyncSender<Job>,
    waiting: Arc<AtomicUsize>,
}

impl Pool {
    pub fn new() -> io::Result<Self> {
        let (jobs, taken) = mpsc::sync_channel(WAITING);
        let (taken, waiting) = (Arc::new(Mutex::new(taken)), Arc::default());
        for _ in 0..THREADS {
            let (taken, waiting) = (Arc::clone(&taken), Arc::clone(&waiting));
            let thread = thread::Builder::new().name("pool".to_owned());
            thread.spawn(move || work(&taken, &waiting))?;
        }
        Ok(Self { jobs, waiting })
    }

    /// Whether there is room for a job; nobody takes it but who asks.
    pub fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Acquire) < WAITING
    }

    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        // Without room it is dropped, and what it would have answered with it.
        drop(self.jobs.try_send(Box::new(job)));
    }
}

fn work(jobs: &Mutex<Receiver<Job>>, waiting: &AtomicUsize) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        waiting.fetch_sub(1, Ordering::AcqRel);
        job();
    }
}
