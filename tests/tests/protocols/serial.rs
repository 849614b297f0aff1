//! A reader of a serial line: NMEA sentences from a receiver on a terminal.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Closed, Error, Frame, FromFrame, Map};
use asyncore_tests::net::{run_until, Log};
use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};
use rustix::termios::{tcgetattr, tcsetattr, OptionalActions};
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;

/// `$words,with,commas*checksum`, with a checksum that is right.
struct Sentence<'a>(Vec<&'a str>);

impl<'a> FromFrame<'a> for Sentence<'a> {
    type Error = Error;

    fn from_frame(frame: Frame<'a>) -> Result<Self, Error> {
        let line: &str = frame.parse()?;
        let parts = line.strip_prefix('$').and_then(|rest| rest.split_once('*'));
        let (words, sum) = parts.ok_or_else(|| Error::frame("no sentence"))?;
        let sum = u8::from_str_radix(sum, 16).map_err(Error::frame)?;
        if words.bytes().fold(0, |sum, byte| sum ^ byte) != sum {
            return Err(Error::frame("wrong checksum"));
        }
        Ok(Self(words.split(',').collect()))
    }
}

/// Notes where it is; asks for the next position.
#[channel(max_frame = 82)]
struct Gps(Log);

#[channel]
impl Gps {
    #[terminator(b"\r\n")]
    fn sentence(&mut self, Sentence(words): Sentence<'_>) -> Option<&'static str> {
        if let ["GPGLL", latitude, north, longitude, east, ..] = words[..] {
            self.0.note(format_args!("{latitude}{north} {longitude}{east}"));
            return Some("next\r\n");
        }
        None
    }

    #[on_error]
    fn noise(&mut self, error: &Error) {
        self.0.note(error);
    }

    #[on_close]
    fn unplugged(&mut self, _why: &Closed) {
        self.0.note("unplugged");
    }
}

const POSITION: &str = "$GPGLL,4916.45,N,12311.12,W,225444,A*31\r\n";

/// A terminal: the device's end, and ours, which changes no byte.
fn terminal() -> (File, File) {
    let device = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&device).unwrap();
    unlockpt(&device).unwrap();
    let name = ptsname(&device, Vec::new()).unwrap();
    let path = PathBuf::from(name.into_string().unwrap());
    let ours = File::options().read(true).write(true).open(path).unwrap();
    let mut modes = tcgetattr(&ours).unwrap();
    modes.make_raw();
    tcsetattr(&ours, OptionalActions::Now, &modes).unwrap();
    (device.into(), ours)
}

#[test]
fn a_position_is_noted_wherever_its_line_is_cut() {
    for cut in 0..=POSITION.len() {
        let log = Log::default();
        let mut session = Session::new(Gps(log.clone()));
        session.feed(&POSITION[..cut]);
        session.feed(&POSITION[cut..]);
        assert_eq!(log.take(), ["4916.45N 12311.12W"], "cut at {cut}");
    }
}

#[test]
fn noise_is_passed_over() {
    let log = Log::default();
    let mut session = Session::new(Gps(log.clone()));
    session.feed("half a sentence\r\n$GPGLL,1,N,2,E*00\r\n");
    session.feed("x".repeat(100));
    session.feed("\r\n");
    session.feed(POSITION);
    assert_eq!(
        log.take(),
        [
            "bad frame: no sentence",
            "bad frame: wrong checksum",
            "no end of frame within 82 bytes",
            "4916.45N 12311.12W"
        ]
    );
}

#[test]
fn positions_are_read_from_a_terminal() {
    let (mut map, log, (mut device, ours)) = (Map::new().unwrap(), Log::default(), terminal());
    map.add_file(ours, Gps(log.clone())).unwrap();
    device.write_all(POSITION.as_bytes()).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["4916.45N 12311.12W"]);
}

#[test]
fn what_a_channel_answers_goes_to_the_device() {
    let (mut map, log, (mut device, ours)) = (Map::new().unwrap(), Log::default(), terminal());
    map.add_file(ours, Gps(log.clone())).unwrap();
    device.write_all(POSITION.as_bytes()).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    let mut answer = [0; 6];
    device.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"next\r\n");
}

#[test]
fn a_device_that_is_unplugged_closes_its_channel() {
    let (mut map, log, (device, ours)) = (Map::new().unwrap(), Log::default(), terminal());
    map.add_file(ours, Gps(log.clone())).unwrap();
    map.poll(Some(std::time::Duration::ZERO)).unwrap();
    drop(device);
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.take().last().map(String::as_str), Some("unplugged"));
}
