//! Host names, looked up by threads of their own: the system's resolver blocks, for as long as a name
//! server that does not answer likes.
//!
//! One pool serves all maps of the process. It has no thread until the first name is asked for, and none
//! when nobody has asked for a while.

use core::fmt;
use core::time::Duration;
use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// So many names are looked up at a time. Most of that time goes by in waiting for a server.
const THREADS: usize = 16;

/// So many more wait for a thread: beyond that a look-up fails at once.
const WAITING: usize = 1024;

/// A thread without work ends after this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// What was found. Dropping it gives the look-up up: what is found then goes nowhere.
#[derive(Debug)]
pub(crate) struct LookUp(Arc<Mutex<Option<Found>>>);

type Found = io::Result<Vec<SocketAddr>>;

impl LookUp {
    /// What was found, if it was.
    pub(crate) fn take(&self) -> Option<Found> {
        lock(&self.0).take()
    }
}

/// The addresses of a name, one family after the other in turn, so that one that does not work costs
/// one attempt (RFC 8305, section 4). The system has put them into its order (RFC 6724), of which the
/// first stays the first.
pub(crate) fn interleaved(addrs: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let is_of_first = {
        let first = addrs.first().map(SocketAddr::is_ipv6);
        move |addr: &SocketAddr| Some(addr.is_ipv6()) == first
    };
    let len = addrs.len();
    let (firsts, others): (VecDeque<_>, VecDeque<_>) = addrs.into_iter().partition(is_of_first);
    let mut queues = [firsts, others];
    let in_turn = (0..len.saturating_mul(2)).filter_map(|at| queues.get_mut(at % 2)?.pop_front());
    in_turn.collect()
}

/// Asks the system, in this thread.
pub(crate) fn look_up_here(name: &Name) -> Found {
    Ok(interleaved((name.host.as_str(), name.port).to_socket_addrs()?.collect()))
}

/// Asks the system, in another thread, which then calls `wake`.
///
/// # Errors
/// Too many names are looked up, or no thread can be started.
pub(crate) fn look_up(name: Name, wake: impl FnOnce() + Send + 'static) -> io::Result<LookUp> {
    let found = Arc::new(Mutex::new(None));
    let look_up = LookUp(Arc::clone(&found));
    POOL.add(Box::new(move || {
        // Nobody waits for it any more.
        if Arc::strong_count(&found) == 1 {
            return;
        }
        let result = look_up_here(&name);
        *lock(&found) = Some(result);
        wake();
    }))?;
    Ok(look_up)
}

type Job = Box<dyn FnOnce() + Send>;

struct Pool {
    state: Mutex<State>,
    bell: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

static POOL: Pool = Pool {
    state: Mutex::new(State { jobs: VecDeque::new(), threads: 0, idle: 0 }),
    bell: Condvar::new(),
};

impl Pool {
    fn add(&'static self, job: Job) -> io::Result<()> {
        let mut state = lock(&self.state);
        if state.jobs.len() >= WAITING {
            let why = format!("{WAITING} look-ups of names wait already");
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, why));
        }
        if state.idle <= state.jobs.len() && state.threads < THREADS {
            let thread = thread::Builder::new().name("asyncore-names".to_owned());
            match thread.spawn(|| self.work()) {
                Ok(_) => state.threads = state.threads.saturating_add(1),
                // Those there are will come to it.
                Err(_) if state.threads > 0 => {}
                Err(error) => return Err(error),
            }
        }
        state.jobs.push_back(job);
        self.bell.notify_one();
        Ok(())
    }

    fn work(&self) {
        let mut state = lock(&self.state);
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job();
                state = lock(&self.state);
                continue;
            }
            state.idle = state.idle.saturating_add(1);
            let waited = self.bell.wait_timeout_while(state, PATIENCE, |it| it.jobs.is_empty());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.idle = state.idle.saturating_sub(1);
            if state.jobs.is_empty() {
                state.threads = state.threads.saturating_sub(1);
                return;
            }
        }
    }
}

/// No user code runs under these locks.
fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn addr(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn families_take_turns_and_the_first_stays_the_first() {
        let (a, b, c) = (addr("[::1]:1"), addr("[::2]:1"), addr("[::3]:1"));
        let (x, y) = (addr("1.0.0.1:1"), addr("1.0.0.2:1"));
        for (given, expected) in [
            (vec![a, b, c, x, y], vec![a, x, b, y, c]),
            (vec![x, y, a], vec![x, a, y]),
            (vec![x, a, y], vec![x, a, y]),
            (vec![a, b], vec![a, b]),
            (vec![x], vec![x]),
            (vec![], vec![]),
        ] {
            assert_eq!(interleaved(given), expected);
        }
    }

    #[test]
    fn a_name_is_found_by_another_thread_which_says_so() {
        let (say, hear) = mpsc::channel();
        let name = Name { host: "localhost".to_owned(), port: 7 };
        let wake = move || say.send(thread::current().id()).unwrap();
        let look_up = look_up(name, wake).unwrap();
        assert_ne!(hear.recv().unwrap(), thread::current().id());
        let found = look_up.take().unwrap().unwrap();
        assert!(found.iter().all(|addr| addr.ip().is_loopback() && addr.port() == 7), "{found:?}");
        assert!(!found.is_empty() && look_up.take().is_none());
    }

    /// Its own pool: what it does would fail the look-ups of other tests.
    #[test]
    fn a_pool_has_so_many_threads_and_so_many_jobs_that_wait() {
        static POOL: Pool = Pool {
            state: Mutex::new(State { jobs: VecDeque::new(), threads: 0, idle: 0 }),
            bell: Condvar::new(),
        };
        let (say, hear) = mpsc::channel();
        let mut releases = Vec::new();
        for _ in 0..THREADS {
            let (release, released) = mpsc::channel::<()>();
            let say = say.clone();
            POOL.add(Box::new(move || {
                say.send("begins").unwrap();
                let _ = released.recv();
            }))
            .unwrap();
            releases.push(release);
        }
        for _ in 0..THREADS {
            hear.recv().unwrap();
        }
        for _ in 0..WAITING {
            let say = say.clone();
            POOL.add(Box::new(move || say.send("waited").unwrap())).unwrap();
        }
        let error = POOL.add(Box::new(|| ())).unwrap_err();
        assert_eq!(error.to_string(), "1024 look-ups of names wait already");
        assert_eq!(lock(&POOL.state).threads, THREADS);
        drop(releases);
        for _ in 0..WAITING {
            assert_eq!(hear.recv().unwrap(), "waited");
        }
        assert!(POOL.add(Box::new(|| ())).is_ok());
    }
}
