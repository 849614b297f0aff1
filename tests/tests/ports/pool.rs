//! An HTTP server whose applications block, in waitress's shape: the loop reads and writes, threads answer.
//! Answers leave in the order of the requests, whichever is ready first.

use asyncore_runtime::{channel, Error, Io, Limit};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{mpsc, Arc, Mutex, PoisonError};
use std::{mem, thread};

#[derive(Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub body: Vec<u8>,
    keeps_alive: bool,
}

pub struct Response(pub &'static str, pub Vec<u8>);

/// What may block.
pub type App = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that take the jobs as they come, until nobody is left who gives them any.
#[derive(Clone)]
pub struct Pool(mpsc::Sender<Job>);

impl Pool {
    pub fn new(threads: usize) -> Self {
        let (sender, jobs) = mpsc::channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads {
            let jobs = Arc::clone(&jobs);
            let next = move || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
            // A job that panics owes its answer still, and the loop hears of it.
            thread::spawn(move || {
                std::iter::from_fn(next).for_each(|job| drop(catch_unwind(AssertUnwindSafe(job))))
            });
        }
        Self(sender)
    }
}

#[channel(max_frame = 16384, max_length = 1 << 20)]
pub struct Http {
    app: App,
    pool: Pool,
    request: Request,
}

#[channel]
impl Http {
    #[terminator(b"\r\n\r\n", within = "30s")]
    fn head(&mut self, head: &str, io: &mut Io<Self>) {
        let mut lines = head.trim_start().split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let [method, path, version] = [(); 3].map(|()| words.next().unwrap_or_default().to_owned());
        let headers: Vec<(String, &str)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
            .collect();
        let header = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, value)| *value);
        let keeps_alive = match header("connection").map(str::to_ascii_lowercase).as_deref() {
            Some(said) => said == "keep-alive",
            None => version == "HTTP/1.1",
        };
        self.request = Request { method, path, body: Vec::new(), keeps_alive };
        let Ok(len) = header("content-length").unwrap_or("0").parse() else {
            return self.refuse("400 Bad Request", io);
        };
        if !version.starts_with("HTTP/1.") {
            return self.refuse("400 Bad Request", io);
        }
        if header("transfer-encoding").is_some() {
            return self.refuse("501 Not Implemented", io);
        }
        let is_asked =
            header("expect").is_some_and(|said| said.eq_ignore_ascii_case("100-continue"));
        if is_asked && len <= io.limits().max_length as u64 {
            io.push("HTTP/1.1 100 Continue\r\n\r\n");
        }
        io.set_terminator(HttpTerminator::Body(len));
    }

    #[terminator(len, next = head)]
    fn body(&mut self, body: Vec<u8>, io: &mut Io<Self>) {
        let request = Request { body, ..mem::take(&mut self.request) };
        if !request.keeps_alive {
            io.close_when_done();
        }
        let (app, owed) = (Arc::clone(&self.app), io.owe());
        let job = move || {
            let response = app(&request);
            owed.answer(move |_http, _io| written(&request, response));
        };
        // A job that nobody takes is dropped, and its answer with it, which is told to `failed`.
        let _ = self.pool.0.send(Box::new(job));
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        let status = match (error, error.limit()) {
            (Error::Unanswered, _) => "500 Internal Server Error",
            (_, Some(Limit::Frame)) => "431 Request Header Fields Too Large",
            (_, Some(Limit::Length)) => "413 Content Too Large",
            (_, Some(_)) => "408 Request Timeout",
            _ => "400 Bad Request",
        };
        self.refuse(status, io);
    }
}

impl Http {
    pub fn new(app: &App, pool: &Pool) -> Self {
        Self { app: Arc::clone(app), pool: pool.clone(), request: Request::default() }
    }

    fn refuse(&mut self, status: &'static str, io: &mut Io<Self>) {
        let request = Request::default();
        io.push(written(&request, Response(status, format!("{status}\n").into())));
        io.close_when_done();
    }
}

fn written(request: &Request, Response(status, body): Response) -> Vec<u8> {
    let close = if request.keeps_alive { "" } else { "Connection: close\r\n" };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{close}\r\n", body.len());
    let body = if request.method == "HEAD" { &[] } else { &body[..] };
    [head.as_bytes(), body].concat()
}
