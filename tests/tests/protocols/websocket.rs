//! WebSocket frames, after the upgrade: three states, as RFC 6455 draws them.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Error, Io};
use asyncore_tests::net::Server;
use std::fmt;

const MAX_MESSAGE: usize = 1 << 20;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Why a connection ends, as its peer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Status(u16);

const PROTOCOL_ERROR: Status = Status(1002);
const TOO_BIG: Status = Status(1009);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.0)
    }
}

impl std::error::Error for Status {}

/// Sends each message back.
#[channel]
#[derive(Default)]
struct WebSocket {
    fin: bool,
    opcode: u8,
    mask: [u8; 4],
    /// What the fragments of a message have brought so far, and its kind.
    message: Vec<u8>,
    kind: Option<u8>,
}

#[channel]
impl WebSocket {
    #[terminator(len = 2)]
    fn head(&mut self, [first, second]: [u8; 2], io: &mut Io<Self>) -> Result<(), Status> {
        (self.fin, self.opcode) = (first & 0x80 != 0, first & 0x0f);
        let (is_masked, len) = (second & 0x80 != 0, second & 0x7f);
        let is_control = self.opcode >= CLOSE;
        if !is_masked || first & 0x70 != 0 || is_control && (!self.fin || len > 125) {
            return Err(PROTOCOL_ERROR);
        }
        let extension = match len {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        self.mask[0] = len;
        io.set_terminator(WebSocketTerminator::Extension(extension + 4));
        Ok(())
    }

    #[terminator(len, max = 12)]
    fn extension(&mut self, extension: &[u8], io: &mut Io<Self>) -> Result<(), Status> {
        let (len, mask) = extension.split_at(extension.len() - 4);
        let len = match len {
            [] => u64::from(self.mask[0]),
            bytes => bytes.iter().fold(0, |len, byte| len << 8 | u64::from(*byte)),
        };
        if len > MAX_MESSAGE as u64 - self.message.len() as u64 {
            return Err(TOO_BIG);
        }
        self.mask.copy_from_slice(mask);
        io.set_terminator(WebSocketTerminator::Payload(len));
        Ok(())
    }

    #[terminator(len, max = MAX_MESSAGE, next = head)]
    fn payload(&mut self, mut data: Vec<u8>, io: &mut Io<Self>) -> Result<(), Status> {
        data.iter_mut().zip(self.mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        match (self.opcode, self.kind) {
            (PING, _) => send(PONG, &data, io),
            (PONG, _) => {}
            (CLOSE, _) => {
                send(CLOSE, &data, io);
                io.close_when_done();
            }
            (TEXT | BINARY, None) => self.fragment(self.opcode, &data, io),
            (CONTINUATION, Some(kind)) => self.fragment(kind, &data, io),
            _ => return Err(PROTOCOL_ERROR),
        }
        Ok(())
    }

    #[on_error]
    fn bad(error: &Error, io: &mut Io<Self>) {
        let status = match error {
            Error::Handler(source) => source.downcast_ref().copied().unwrap_or(PROTOCOL_ERROR),
            _ => PROTOCOL_ERROR,
        };
        send(CLOSE, &status.0.to_be_bytes(), io);
        io.close_when_done();
    }
}

impl WebSocket {
    fn fragment(&mut self, kind: u8, data: &[u8], io: &mut Io<Self>) {
        self.message.extend_from_slice(data);
        self.kind = (!self.fin).then_some(kind);
        if self.fin {
            send(kind, &std::mem::take(&mut self.message), io);
        }
    }
}

/// A frame of the server's: not masked.
fn send(opcode: u8, data: &[u8], io: &mut Io<WebSocket>) {
    io.push([0x80 | opcode]);
    match data.len() {
        len @ 0..=125 => io.push([len as u8]),
        len @ 126..=0xffff => {
            io.push([126]);
            io.push((len as u16).to_be_bytes());
        }
        len => {
            io.push([127]);
            io.push((len as u64).to_be_bytes());
        }
    }
    io.push(data);
}

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame of the client's: masked.
fn frame(first: u8, data: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match data.len() {
        len @ 0..=125 => frame.push(0x80 | len as u8),
        len @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(0x80 | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(data.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

#[track_caller]
fn answered(input: &[u8], expected: &[u8]) {
    for cut in (0..=input.len()).step_by(1 + input.len() / 100) {
        let mut session = Session::new(WebSocket::default());
        session.feed(&input[..cut]);
        session.feed(&input[cut..]);
        assert!(session.output() == expected, "cut at {cut}");
    }
}

#[test]
fn the_message_of_the_rfc_comes_back() {
    let input = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    answered(&input, b"\x81\x05Hello");
}

#[test]
fn a_message_of_medium_length_comes_back() {
    answered(&frame(0x82, &[7; 256]), &[&[0x82, 126, 1, 0][..], &[7; 256]].concat());
}

#[test]
fn a_long_message_comes_back() {
    let head = [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0];
    answered(&frame(0x82, &[7; 65_536]), &[&head[..], &[7; 65_536]].concat());
}

#[test]
fn fragments_with_a_ping_among_them_are_one_message() {
    let input = [frame(0x01, b"Hel"), frame(0x89, b"?"), frame(0x80, b"lo")].concat();
    answered(&input, b"\x8a\x01?\x81\x05Hello");
}

#[test]
fn an_empty_message_comes_back() {
    answered(&frame(0x81, b""), b"\x81\x00");
}

#[test]
fn a_frame_without_a_mask_ends_the_connection() {
    answered(b"\x81\x05Hello", b"\x88\x02\x03\xea");
}

#[test]
fn a_continuation_of_nothing_ends_the_connection() {
    answered(&frame(0x80, b"lo"), b"\x88\x02\x03\xea");
}

#[test]
fn a_message_of_exabytes_ends_the_connection_at_its_head() {
    let mut input = vec![0x82, 0xff];
    input.extend([0x7f; 8]);
    input.extend(MASK);
    answered(&input, b"\x88\x02\x03\xf1");
}

#[test]
fn a_close_is_answered_and_closes_over_a_socket() {
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| WebSocket::default()));
    let mut client = server.client();
    client.send(frame(0x81, b"Hello"));
    client.send(frame(0x88, b"\x03\xe8"));
    assert_eq!(client.receive_all(), b"\x81\x05Hello\x88\x02\x03\xe8");
}
