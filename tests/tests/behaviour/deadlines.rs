//! Deadlines, on a clock that is turned by hand.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Channel, Error, Io, Limit, Map, Piece};
use asyncore_tests::net::{run_until, Client};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Lines, echoed; the deadlines are the defaults.
#[channel]
struct Lines;

#[channel]
impl Lines {
    #[terminator(b"\n", max = 64 * 1024)]
    fn line(line: &str, io: &mut Io<Self>) -> String {
        match line {
            "quick" => io.set_terminator(LinesTerminator::Quick),
            "tunnel" => io.set_terminator(LinesTerminator::Tunnel),
            "upload" => io.set_terminator(LinesTerminator::Upload),
            "pause" => io.pause(),
            _ => {}
        }
        format!("{line}\n")
    }

    #[terminator(b"\n", within = "5s", next = line)]
    fn quick(line: &[u8]) -> &[u8] {
        line
    }

    #[terminator(none)]
    fn tunnel(piece: Piece<'_>, io: &mut Io<Self>) {
        if piece.data == b"!" {
            io.set_terminator(LinesTerminator::Line);
        }
    }

    #[terminator(len = 1000, next = line)]
    fn upload(_piece: Piece<'_>) {}
}

/// Which deadline closed the session, if one did; its counter must say the same.
#[track_caller]
fn passed<T: Channel>(session: &mut Session<T>) -> Option<Limit> {
    let why = session.closed()?;
    let Some(Error::Timeout { limit, .. }) = why.error() else { panic!("{why}") };
    assert_eq!(session.net().counters().hits(*limit), 1);
    Some(*limit)
}

/// Lets so much time pass without an end, and then a moment more.
#[track_caller]
fn ends_after<T: Channel>(session: &mut Session<T>, time: Duration) -> Option<Limit> {
    session.advance(time - MS);
    assert!(session.is_open(), "ended before {time:?}: {:?}", session.closed());
    session.advance(MS);
    passed(session)
}

/// A session that has had its first frame.
fn begun() -> Session<Lines> {
    let mut session = Session::new(Lines);
    session.feed("first\n");
    session
}

#[test]
fn the_first_frame_has_ten_seconds() {
    assert_eq!(ends_after(&mut Session::new(Lines), secs(10)), Some(Limit::FirstFrame));
}

#[test]
fn a_dripping_peer_has_no_more_time_for_its_first_frame() {
    let mut session = Session::new(Lines);
    for _ in 0..9 {
        session.feed("x");
        session.advance(secs(1));
    }
    assert_eq!(ends_after(&mut session, secs(1)), Some(Limit::FirstFrame));
}

#[test]
fn a_frame_has_thirty_seconds() {
    let mut session = begun();
    session.advance(secs(7));
    session.feed("x");
    assert_eq!(ends_after(&mut session, secs(30)), Some(Limit::FrameTime));
}

#[test]
fn a_frame_has_a_second_more_for_each_500_bytes() {
    let mut session = begun();
    session.feed("x".repeat(5_000));
    assert_eq!(ends_after(&mut session, secs(40)), Some(Limit::FrameTime));
}

#[test]
fn a_dripping_peer_has_no_more_time_for_its_frame() {
    let mut session = begun();
    for _ in 0..29 {
        session.feed("x");
        session.advance(secs(1));
    }
    assert_eq!(ends_after(&mut session, secs(1)), Some(Limit::FrameTime));
}

#[test]
fn what_others_do_gives_a_frame_no_more_time() {
    let mut session = begun();
    session.feed("second\nx");
    for _ in 0..29 {
        session.advance(secs(1));
        session.with(|_, _| ());
    }
    assert_eq!(ends_after(&mut session, secs(1)), Some(Limit::FrameTime));
}

#[test]
fn a_dripping_peer_has_no_more_time_for_a_streamed_frame() {
    let mut session = begun();
    session.feed("upload\n");
    for _ in 0..29 {
        session.feed("x");
        session.advance(secs(1));
    }
    assert_eq!(ends_after(&mut session, secs(1)), Some(Limit::FrameTime));
}

#[test]
fn a_pause_takes_nothing_of_a_frames_time() {
    let mut session = begun();
    session.feed("upload\nx");
    session.with(|_, io| io.pause());
    session.advance(secs(100));
    session.with(|_, io| io.resume());
    assert_eq!(ends_after(&mut session, secs(30)), Some(Limit::FrameTime));
}

#[test]
fn a_new_terminator_begins_a_frame_of_its_own() {
    let mut session = begun();
    session.feed("tunnel\n");
    for _ in 0..10 {
        session.feed("x");
        session.advance(secs(20));
    }
    // Both are read in one turn.
    session.with(|_, io| io.pause());
    session.feed("!");
    session.feed("part of a line");
    session.with(|_, io| io.resume());
    assert_eq!(ends_after(&mut session, secs(30)), Some(Limit::FrameTime));
}

#[test]
fn a_frame_that_comes_in_time_is_handled() {
    let mut session = begun();
    session.feed("x");
    session.advance(secs(29));
    session.feed("\n");
    session.advance(secs(29));
    assert_eq!(session.output(), b"first\nx\n");
    assert!(session.is_open());
}

#[test]
fn a_state_has_the_time_it_says() {
    let mut session = Session::new(Lines);
    session.feed("quick\nx");
    assert_eq!(ends_after(&mut session, secs(5)), Some(Limit::FrameTime));
}

#[test]
fn a_channel_has_a_minute_between_frames() {
    assert_eq!(ends_after(&mut begun(), secs(60)), Some(Limit::Idle));
}

#[test]
fn each_frame_begins_the_minute_anew() {
    let mut session = begun();
    session.advance(secs(50));
    session.feed("another\n");
    assert_eq!(ends_after(&mut session, secs(60)), Some(Limit::Idle));
}

#[test]
fn a_tunnel_has_a_minute_between_bytes() {
    let mut session = Session::new(Lines);
    session.feed("tunnel\nx");
    session.advance(secs(50));
    session.feed("y");
    assert_eq!(ends_after(&mut session, secs(60)), Some(Limit::Idle));
}

#[test]
fn a_peer_that_reads_nothing_has_thirty_seconds() {
    let mut session = begun();
    session.window(0);
    session.feed("answer me\n");
    assert_eq!(ends_after(&mut session, secs(30)), Some(Limit::WriteStall));
}

#[test]
fn a_peer_that_reads_a_byte_has_thirty_seconds_more() {
    let mut session = begun();
    session.window(0);
    session.feed("answer me\n");
    session.advance(secs(29));
    session.window(1);
    assert_eq!(ends_after(&mut session, secs(30)), Some(Limit::WriteStall));
}

#[test]
fn a_peer_has_no_deadline_while_the_channel_is_paused_but_the_pause_has() {
    let mut session = Session::new(Lines);
    session.feed("pause\nx");
    assert_eq!(ends_after(&mut session, secs(300)), Some(Limit::Stopped));
}

/// Follows something that may have nothing to say for a day.
#[channel(stopped_timeout = "never")]
struct Follower;

#[channel]
impl Follower {
    #[terminator(b"\n")]
    fn line(_line: &str, io: &mut Io<Self>) {
        io.pause();
    }
}

#[test]
fn a_pause_may_be_without_end_if_the_channel_says_so() {
    let mut session = Session::new(Follower);
    session.feed("follow\nx");
    session.advance(secs(3_600));
    assert!(session.is_open());
}

/// Answers each line with 100,000 bytes.
#[channel]
struct Large;

#[channel]
impl Large {
    #[terminator(b"\n")]
    fn line(_line: &str) -> Vec<u8> {
        vec![b'x'; 100_000]
    }
}

#[test]
fn a_peer_that_drips_has_thirty_seconds_for_thirty_kilobytes() {
    let mut session = Session::new(Large);
    session.window(0);
    session.feed("answer me\n");
    for _ in 0..5 {
        session.advance(secs(5));
        session.window(2_000);
    }
    assert_eq!(ends_after(&mut session, secs(5)), Some(Limit::DrainRate));
}

#[test]
fn a_peer_that_reads_slowly_and_steadily_gets_all() {
    let mut session = Session::new(Large);
    session.window(0);
    session.feed("answer me\n");
    for _ in 0..50 {
        session.advance(secs(1));
        session.window(2_000);
    }
    assert!(session.is_open());
    assert_eq!(session.output().len(), 100_000);
}

/// Reads for itself, and has 5 seconds.
#[channel(idle_timeout = "5s")]
struct Dispatcher;

#[channel]
impl Dispatcher {
    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

#[test]
fn a_dispatcher_has_its_own_time_between_bytes() {
    let mut session = Session::new(Dispatcher);
    session.advance(secs(3));
    session.feed("x");
    assert_eq!(ends_after(&mut session, secs(5)), Some(Limit::Idle));
}

/// Without any deadline.
#[channel(first_frame_timeout = "never", idle_timeout = "never", frame_timeout = "never")]
struct Patient;

#[channel]
impl Patient {
    #[terminator(b"\n", max = 64 * 1024)]
    fn line(line: &[u8]) -> &[u8] {
        line
    }
}

#[test]
fn a_channel_without_deadlines_waits_for_ever() {
    let mut session = Session::new(Patient);
    session.advance(secs(1_000_000_000));
    session.feed("half");
    session.advance(secs(1_000_000_000));
    session.feed("\n");
    assert_eq!(session.output(), b"half");
}

/// Writes to another's peer, and then does nothing for longer than that one may wait.
#[channel]
struct Blocks(UnixStream);

#[channel]
impl Blocks {
    #[on_connect]
    fn block(&mut self) -> std::io::Result<()> {
        self.0.write_all(b"in time\n")?;
        std::thread::sleep(Duration::from_millis(150));
        Ok(())
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

/// Waits for its first frame for a moment.
#[channel(first_frame_timeout = "100ms")]
struct Hasty;

#[channel]
impl Hasty {
    #[terminator(b"\n")]
    fn line(line: &[u8]) -> &[u8] {
        line
    }
}

#[test]
fn what_came_while_a_handler_took_long_is_in_time() {
    let mut map = Map::new().unwrap();
    let (ours, peer) = UnixStream::pair().unwrap();
    map.add(ours, Hasty).unwrap();
    map.poll(Some(Duration::ZERO)).unwrap();
    let (blocks, _other) = UnixStream::pair().unwrap();
    map.add(blocks, Blocks(peer.try_clone().unwrap())).unwrap();
    let mut peer = Client::from(peer);
    run_until(&mut map, |_| peer.has_input());
    assert_eq!(peer.receive(7), b"in time");
}

/// Says why it closes.
#[channel]
struct Polite;

#[channel]
impl Polite {
    #[terminator(b"\n")]
    fn line(line: &[u8]) -> &[u8] {
        line
    }

    #[on_error]
    fn late(error: &Error, io: &mut Io<Self>) -> String {
        io.close_when_done();
        format!("421 {error}\r\n")
    }
}

#[test]
fn what_on_error_says_to_a_deadline_is_sent() {
    let mut session = Session::new(Polite);
    session.advance(secs(10));
    assert_eq!(session.output(), b"421 no first frame after 10s\r\n");
    assert!(!session.is_open());
}
