//! Channels that note what happens to them.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, BoxError, Closed, Error, Io, Map, Terminator};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What happened, in order; it outlives the channels.
#[derive(Debug, Clone, Default)]
pub struct Events(Rc<RefCell<Vec<String>>>);

impl Events {
    pub fn note(&self, event: impl Into<String>) {
        self.0.borrow_mut().push(event.into());
    }

    pub fn list(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    pub fn count(&self, event: &str) -> usize {
        self.0.borrow().iter().filter(|noted| *noted == event).count()
    }
}

pub fn text(data: &[u8]) -> String {
    data.escape_ascii().to_string()
}

/// What one handler of a test does.
pub type Hook = Option<Box<dyn FnMut(&mut Chat, &mut Io<Chat>) -> Result<(), BoxError>>>;

/// asynchat's channel, with the three names on fields.
#[channel]
#[derive(Default)]
pub struct Chat {
    pub events: Events,
    #[terminator]
    pub until: Terminator,
    pub on_collect: Hook,
    pub on_found: Hook,
    pub on_close: Option<fn(&mut Chat)>,
    /// Whether errors close the channel, as by default.
    pub survives: bool,
    pub unread: Rc<RefCell<usize>>,
}

#[channel]
impl Chat {
    #[on_read]
    fn collect(&mut self, data: &[u8], io: &mut Io<Self>) -> Result<(), BoxError> {
        self.events.note(format!("collect {}", text(data)));
        let mut hook = self.on_collect.take();
        let result = hook.as_mut().map_or(Ok(()), |hook| hook(self, io));
        self.on_collect = self.on_collect.take().or(hook);
        result
    }

    #[terminator]
    fn found(&mut self, io: &mut Io<Self>) -> Result<(), BoxError> {
        self.events.note("found");
        let mut hook = self.on_found.take();
        let result = hook.as_mut().map_or(Ok(()), |hook| hook(self, io));
        self.on_found = self.on_found.take().or(hook);
        result
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        self.events.note(format!("error {error}"));
        if !self.survives {
            io.close();
        }
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.events.note("close");
        *self.unread.borrow_mut() = why.unread;
        if let Some(hook) = self.on_close {
            hook(self);
        }
    }
}

impl Chat {
    pub fn new(until: impl Into<Terminator>) -> Self {
        Self { until: until.into(), ..Self::default() }
    }

    pub fn collect_hook(
        mut self,
        hook: impl FnMut(&mut Self, &mut Io<Self>) -> Result<(), BoxError> + 'static,
    ) -> Self {
        self.on_collect = Some(Box::new(hook));
        self
    }

    pub fn found_hook(
        mut self,
        hook: impl FnMut(&mut Self, &mut Io<Self>) -> Result<(), BoxError> + 'static,
    ) -> Self {
        self.on_found = Some(Box::new(hook));
        self
    }
}

/// Feeds each read, and tells what happened.
pub fn events_of(chat: Chat, reads: &[&str]) -> Vec<String> {
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    for read in reads {
        session.feed(read);
    }
    events.list()
}

/// The frames that come of a stream.
pub fn frames_of(until: &'static [u8], reads: &[&[u8]]) -> Vec<String> {
    let chat = Chat::new(until);
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    for read in reads {
        session.feed(read);
    }
    let (mut frames, mut frame) = (Vec::new(), String::new());
    for event in events.list() {
        match event.strip_prefix("collect ") {
            Some(data) => frame += data,
            None => frames.push(std::mem::take(&mut frame)),
        }
    }
    frames.push(frame);
    frames
}

/// Far longer than anything takes.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Passes until something is so.
#[track_caller]
pub fn run_until(map: &mut Map, mut is_so: impl FnMut(&Map) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so(map) {
        assert!(Instant::now() < deadline, "it never comes");
        map.poll(Some(Duration::from_millis(10))).expect("a pass");
    }
}

/// Passes until the map has nothing to do just now.
pub fn settle(map: &mut Map) {
    for _ in 0..20 {
        map.poll(Some(Duration::ZERO)).expect("a pass");
    }
}

/// Whether a type has a trait: what the compiler would say, as a value.
#[macro_export]
macro_rules! has {
    ($type:ty: $($bound:tt)+) => {{
        struct Asked<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        trait Otherwise {
            const YES: bool = false;
        }
        impl<T: ?Sized> Otherwise for Asked<T> {}
        #[allow(dead_code)]
        impl<T: ?Sized + $($bound)+> Asked<T> {
            const YES: bool = true;
        }
        <Asked<$type>>::YES
    }};
}
