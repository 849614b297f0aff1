//! Connections that get no older than they may.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, tcp, Cause, Channel, Closed, Io, Limit, Limits, Owed};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Echoes lines, for a hundred seconds; what begins with `?` is answered later.
#[channel(max_connection_age = "100s", idle_timeout = "never", first_frame_timeout = "never")]
#[derive(Default)]
struct Aging {
    owed: Option<Owed<Self>>,
}

#[channel]
impl Aging {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> Option<String> {
        if line.starts_with('?') {
            self.owed = Some(io.owe());
            return None;
        }
        Some(format!("{line}\n"))
    }
}

/// Whether it has ended for its age, and nothing else.
#[track_caller]
fn has_aged<T: Channel>(session: &mut Session<T>) -> bool {
    let Some(why) = session.closed() else { return false };
    assert!(matches!(why.cause, Cause::Aged) && why.unsent == 0, "{why}");
    assert_eq!(session.net().counters().hits(Limit::Age), 1);
    true
}

#[test]
fn a_connection_at_rest_ends_between_nine_tenths_of_its_age_and_all_of_it() {
    let mut session = Session::new(Aging::default());
    session.feed("one\n");
    assert_eq!(session.output(), b"one\n");
    session.advance(89 * SECOND);
    assert!(session.is_open());
    session.advance(11 * SECOND);
    assert!(has_aged(&mut session));
}

#[test]
fn a_frame_that_has_begun_is_finished() {
    let mut session = Session::new(Aging::default());
    session.advance(89 * SECOND);
    session.feed("hel");
    session.advance(11 * SECOND);
    assert!(session.is_open());
    session.feed("lo\n");
    assert_eq!(session.output(), b"hello\n");
    assert!(has_aged(&mut session));
}

#[test]
fn an_answer_that_is_owed_is_given() {
    let mut session = Session::new(Aging::default());
    session.feed("?\n");
    session.advance(100 * SECOND);
    let owed = session.with(|aging, _| aging.owed.take()).flatten().unwrap();
    owed.answer(|_, _| "at last\n");
    assert_eq!(session.output(), b"at last\n");
    assert!(has_aged(&mut session));
}

#[test]
fn whoever_is_never_at_rest_has_a_frame_timeout_more() {
    let mut session = Session::new(Aging::default());
    session.feed("half");
    let mut seconds = 0;
    while session.is_open() {
        session.advance(SECOND);
        seconds += 1;
        session.feed("\nhalf");
    }
    assert!((121..=131).contains(&seconds), "{seconds} s");
    assert!(matches!(session.closed().unwrap().cause, Cause::Aged));
}

#[test]
fn those_that_came_together_do_not_go_together() {
    let mut net = Net::new();
    let keys: Vec<_> = (0..1_000).map(|_| net.open(Aging::default())).collect();
    net.advance(90 * SECOND);
    let mut left = keys.len();
    for second in 0..10 {
        net.advance(SECOND);
        let open = keys.iter().filter(|key| net.is_open(**key)).count();
        assert!((80..=120).contains(&(left - open)), "{} in second {second}", left - open);
        left = open;
    }
    assert_eq!(left, 0);
}

/// As old as its listener says.
#[channel(idle_timeout = "never", first_frame_timeout = "never")]
struct Ageless;

#[channel]
impl Ageless {
    #[terminator(b"\n")]
    fn line(_line: &[u8]) {}
}

#[test]
fn without_a_bound_a_connection_does_not_age() {
    let mut session = Session::new(Ageless);
    session.advance(1_000_000_000 * SECOND);
    assert!(session.is_open());
}

#[test]
fn a_listener_can_say_how_old_its_connections_get() {
    let mut net = Net::new();
    let limits = Limits::DEFAULT.max_connection_age(10 * SECOND).idle_timeout(Duration::MAX);
    net.listen(tcp("10.0.0.1:7").limits(limits), |_| Ageless).unwrap();
    let client = net.connect("10.0.0.1:7", Ageless).unwrap();
    net.advance(8 * SECOND);
    assert!(net.is_open(client));
    net.advance(2 * SECOND);
    assert!(matches!(net.closed(client).unwrap().cause, Cause::ByPeer));
}

/// Comes again.
#[channel(max_connection_age = "10s", idle_timeout = "never")]
struct Returns {
    connections: u32,
}

#[channel]
impl Returns {
    #[on_connect]
    fn up(&mut self) {
        self.connections += 1;
    }

    #[on_read]
    fn read(_data: &[u8]) {}

    #[on_close]
    fn down(&mut self, why: &Closed, io: &mut Io<Self>) {
        assert!(matches!(why.cause, Cause::Aged), "{why}");
        io.reconnect(SECOND);
    }
}

#[test]
fn whoever_connects_again_is_young_again() {
    let mut net = Net::new();
    let key = net.connect("10.0.0.1:7", Returns { connections: 0 }).unwrap();
    for _ in 0..33 {
        net.advance(SECOND);
    }
    assert_eq!(net.with(key, |returns, _| returns.connections), Some(4));
}
