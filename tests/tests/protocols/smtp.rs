//! An SMTP receiver: commands, a message by lines, and errors that a session survives.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Error, Io};
use asyncore_tests::net::Server;
use std::cell::RefCell;
use std::rc::Rc;

/// Messages that were taken over.
type Spool = Rc<RefCell<Vec<Vec<u8>>>>;

const MAX_MESSAGE: usize = 64 * 1024;

#[channel(first_frame_timeout = "5m", frame_timeout = "5m", idle_timeout = "5m")]
#[derive(Default)]
struct Smtp {
    spool: Spool,
    has_recipient: bool,
    message: Vec<u8>,
}

#[channel]
impl Smtp {
    #[on_connect]
    fn greet() -> &'static str {
        "220 mx ESMTP\r\n"
    }

    #[terminator(b"\r\n", max = 510)]
    fn command(&mut self, line: &str, io: &mut Io<Self>) -> &'static str {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "HELO" | "EHLO" => "250 mx\r\n",
            "MAIL" | "RSET" => self.reset(),
            "RCPT" => {
                self.has_recipient = true;
                "250 ok\r\n"
            }
            "DATA" if !self.has_recipient => "503 RCPT first\r\n",
            "DATA" => {
                io.set_terminator(SmtpTerminator::Text);
                "354 end with a dot\r\n"
            }
            "QUIT" => {
                io.close_when_done();
                "221 bye\r\n"
            }
            _ => "500 what?\r\n",
        }
    }

    #[terminator(b"\r\n", max = 998)]
    fn text(&mut self, line: &[u8], io: &mut Io<Self>) -> Option<&'static str> {
        if line == b"." {
            io.set_terminator(SmtpTerminator::Command);
            return Some(self.deliver());
        }
        if self.message.len() <= MAX_MESSAGE {
            self.message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            self.message.extend_from_slice(b"\r\n");
        }
        None
    }

    #[on_error]
    fn bad(error: &Error) -> &'static str {
        match error {
            Error::FrameTooLong { .. } => "500 line too long\r\n",
            Error::Timeout { .. } => "421 too slow\r\n",
            _ => "501 not UTF-8\r\n",
        }
    }
}

impl Smtp {
    fn reset(&mut self) -> &'static str {
        self.has_recipient = false;
        self.message.clear();
        "250 ok\r\n"
    }

    fn deliver(&mut self) -> &'static str {
        let message = std::mem::take(&mut self.message);
        self.has_recipient = false;
        if message.len() > MAX_MESSAGE {
            return "552 too much\r\n";
        }
        self.spool.borrow_mut().push(message);
        "250 queued\r\n"
    }
}

const ENVELOPE: &str = "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n";
const TO_ENVELOPE: &str = "220 mx ESMTP\r\n250 mx\r\n250 ok\r\n250 ok\r\n354 end with a dot\r\n";

/// What is answered to `text` sent as a message, and what was taken over.
fn sent(text: &[u8], cut: usize) -> (String, Vec<Vec<u8>>) {
    let spool = Spool::default();
    let mut session = Session::new(Smtp { spool: spool.clone(), ..Smtp::default() });
    session.feed(ENVELOPE);
    assert_eq!(session.output(), TO_ENVELOPE.as_bytes());
    session.feed(&text[..cut]);
    session.feed(&text[cut..]);
    let answer = String::from_utf8(session.output()).unwrap();
    (answer, spool.take())
}

#[test]
fn a_message_is_unstuffed_wherever_it_is_cut() {
    let text = b"one\r\n..two\r\n...\r\n\r\n.\r\n";
    for cut in 0..=text.len() {
        let expected = ("250 queued\r\n".to_owned(), vec![b"one\r\n.two\r\n..\r\n\r\n".to_vec()]);
        assert_eq!(sent(text, cut), expected, "cut at {cut}");
    }
}

#[test]
fn an_empty_message_is_taken() {
    assert_eq!(sent(b".\r\n", 0), ("250 queued\r\n".to_owned(), vec![Vec::new()]));
}

#[test]
fn only_a_dot_between_two_crlf_ends_a_message() {
    for smuggled in ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n"] {
        let text = format!("one{smuggled}RSET\r\n");
        let (answer, spool) = sent(text.as_bytes(), 0);
        assert_eq!((answer.as_str(), spool.len()), ("", 0), "{smuggled:?}");
    }
}

#[test]
fn a_message_too_large_is_refused_at_its_end() {
    let text = ["x".repeat(998) + "\r\n", ".\r\nNOOP\r\n".to_owned()];
    let text = text[0].repeat(66) + &text[1];
    let (answer, spool) = sent(text.as_bytes(), 0);
    assert_eq!((answer.as_str(), spool.len()), ("552 too much\r\n500 what?\r\n", 0));
}

#[test]
fn bad_lines_are_answered_and_the_session_goes_on() {
    let mut session = Session::new(Smtp::default());
    session.feed("x".repeat(600));
    session.feed("\r\n");
    session.feed(b"\xff\xfe\r\nDATA\r\nMAIL FROM:<a@b>\r\n");
    let expected =
        "220 mx ESMTP\r\n500 line too long\r\n501 not UTF-8\r\n503 RCPT first\r\n250 ok\r\n";
    assert_eq!(String::from_utf8(session.output()).unwrap(), expected);
}

#[test]
fn a_pipelined_session_ends_with_its_goodbye_over_a_socket() {
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| Smtp::default()));
    let mut client = server.client();
    client.send(format!("{ENVELOPE}hello\r\n.\r\nQUIT\r\nignored\r\n"));
    let expected = format!("{TO_ENVELOPE}250 queued\r\n221 bye\r\n");
    assert_eq!(String::from_utf8(client.receive_all()).unwrap(), expected);
}
