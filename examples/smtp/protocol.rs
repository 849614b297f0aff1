//! SMTP, in the order of RFC 5321: the session, its commands (section 4.1), the text of a message
//! (4.1.1.4), limits (4.5.3). Extensions: SIZE (RFC 1870), PIPELINING (2920), STARTTLS (3207),
//! AUTH (4954), 8BITMIME (6152), SMTPUTF8 (6531).

use asyncore_runtime::{channel, Error, Io};
use memchr::memchr2;
use std::io::{self, Write};
use std::rc::Rc;

use crate::address::{number, path};
use crate::auth::{Exchange, Step};
use crate::maildir::Draft;
use crate::site::Site;
use crate::trace::Trace;

/// A command line without its CRLF.
const COMMAND: usize = 510;
/// So much longer may `MAIL` be by SIZE, 8BITMIME and SMTPUTF8, and by AUTH.
const MAIL_MORE: usize = 26 + 17 + 10;
const USERS_MAIL_MORE: usize = MAIL_MORE + 500;
/// A line of text without its CRLF, and without the dot that was put before its own.
const TEXT_LINE: usize = 998;
/// A line of an AUTH exchange, from RFC 4954.
const AUTH_LINE: usize = 12288;
const MESSAGE: u64 = 32 << 20;
const RECIPIENTS: usize = 100;
/// A client that has been refused so often does something else than sending mail.
const ERRORS: u32 = 20;

const OK: &str = "250 OK\r\n";
const TOO_LONG: &str = "500 Line too long\r\n";
const BAD_SYNTAX: &str = "500 Syntax error\r\n";
const MAIL_SYNTAX: &str = "501 Syntax: MAIL FROM:<address> [SP parameters]\r\n";
const RCPT_SYNTAX: &str = "501 Syntax: RCPT TO:<address>\r\n";
const HELLO_FIRST: &str = "503 Say EHLO or HELO first\r\n";
const NOT_STORED: &str = "451 Cannot store it now\r\n";
const TOO_LARGE: &str = "552 Message too large\r\n";
const UNKNOWN_PARAMETER: &str = "555 Parameters not recognized or not implemented\r\n";
const NEEDS_SMTPUTF8: &str = "553 Such an address needs SMTPUTF8\r\n";

/// What is said to a command; as an error, why it is refused.
type Answer = Result<&'static str, &'static str>;

/// One connection. A command has five minutes, a line of text too (section 4.5.3.2.7).
#[channel(
    first_frame_timeout = "5m",
    frame_timeout = "5m",
    idle_timeout = "5m",
    // The next command waits for the fate of the message before it.
    max_owed = 1
)]
pub struct Smtp {
    site: Rc<Site>,
    client: Option<Client>,
    /// Who has authenticated.
    user: Option<String>,
    exchange: Exchange,
    mail: Option<Mail>,
    /// The message that comes, or why it will not be taken.
    text: Result<Draft, &'static str>,
    errors: u32,
}

/// What the client has said in `HELO` or `EHLO`.
struct Client {
    name: String,
    is_extended: bool,
}

/// The envelope.
struct Mail {
    from: String,
    to: Vec<String>,
    is_utf8: bool,
}

impl Smtp {
    pub fn new(site: Rc<Site>) -> Self {
        let exchange = Exchange::default();
        Self { site, client: None, user: None, exchange, mail: None, text: Err(""), errors: 0 }
    }

    /// What goes to the client. Who is refused too often is told to leave.
    fn say(&mut self, answer: Answer, io: &mut Io<Self>) -> &'static str {
        let refused = match answer {
            Ok(said) => return said,
            Err(refused) => refused,
        };
        self.errors += 1;
        if self.errors < ERRORS {
            return refused;
        }
        io.push(refused);
        io.close_when_done();
        "421 Too many errors\r\n"
    }
}

#[channel]
impl Smtp {
    // The session

    #[on_connect]
    fn greet(&mut self, io: &mut Io<Self>) {
        io.push(format_args!("220 {} ESMTP\r\n", self.site.name()));
    }

    #[terminator(b"\r\n", max = COMMAND + USERS_MAIL_MORE)]
    fn command(&mut self, line: &str, io: &mut Io<Self>) -> &'static str {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let (verb, argument) = (verb.to_ascii_uppercase(), argument.trim_matches(' '));
        let answer = self.check(line, &verb).and_then(|()| match verb.as_str() {
            "RSET" | "STARTTLS" if !argument.is_empty() => Err("501 No argument is expected\r\n"),
            "EHLO" | "HELO" => self.hello(argument, verb == "EHLO", io),
            "STARTTLS" => self.start_tls(io),
            "AUTH" => self.auth(argument, io),
            "MAIL" => self.mail(argument),
            "RCPT" => self.rcpt(argument),
            "DATA" => self.data(argument, io),
            "RSET" => {
                self.mail = None;
                Ok(OK)
            }
            "NOOP" => Ok(OK),
            "QUIT" => {
                io.close_when_done();
                Ok("221 Bye\r\n")
            }
            "VRFY" if argument.is_empty() => Err("501 Syntax: VRFY address\r\n"),
            "VRFY" => Ok("252 Cannot verify, but will take mail and try to deliver it\r\n"),
            "EXPN" => Err("502 EXPN not implemented\r\n"),
            "HELP" => Ok("214 EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP QUIT VRFY HELP\r\n"),
            _ => Err("500 Command not recognized\r\n"),
        });
        self.say(answer, io)
    }

    /// Lines end with CRLF only: half of one inside is how messages were smuggled.
    fn check(&self, line: &str, verb: &str) -> Result<(), &'static str> {
        let more = match (verb, &self.client) {
            ("MAIL", Some(it)) if it.is_extended && self.site.has_users() => USERS_MAIL_MORE,
            ("MAIL", Some(it)) if it.is_extended => MAIL_MORE,
            _ => 0,
        };
        if line.len() > COMMAND + more {
            return Err(TOO_LONG);
        }
        if line.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(BAD_SYNTAX);
        }
        Ok(())
    }

    /// `EHLO domain`, `HELO domain`: the first command, and a `RSET` whenever it comes again.
    fn hello(&mut self, name: &str, is_extended: bool, io: &mut Io<Self>) -> Answer {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("501 Syntax: EHLO hostname\r\n");
        }
        self.client = Some(Client { name: name.to_owned(), is_extended });
        self.mail = None;
        let server = self.site.name();
        if !is_extended {
            io.push(format_args!("250 {server}\r\n"));
            return Ok("");
        }
        io.push(format_args!("250-{server}\r\n250-PIPELINING\r\n250-SIZE {MESSAGE}\r\n"));
        match (&self.site.tls, io.tls()) {
            (Some(_), None) => io.push("250-STARTTLS\r\n"),
            (_, Some(_)) if self.site.has_users() => io.push("250-AUTH PLAIN LOGIN\r\n"),
            _ => {}
        }
        Ok("250-8BITMIME\r\n250-SMTPUTF8\r\n250 HELP\r\n")
    }

    // STARTTLS (RFC 3207)

    fn start_tls(&mut self, io: &mut Io<Self>) -> Answer {
        let tls = match &self.site.tls {
            _ if io.tls().is_some() => return Err("503 TLS is spoken already\r\n"),
            None => return Err("502 STARTTLS not implemented\r\n"),
            Some(tls) => tls,
        };
        // What was sent behind it in the clear is not handled, but an error: see `failed`.
        io.start_tls(tls);
        Ok("220 Go ahead\r\n")
    }

    /// Whatever was said in the clear was said by anybody.
    #[on_tls]
    fn secured(&mut self) {
        (self.client, self.mail) = (None, None);
    }

    // AUTH (RFC 4954)

    fn auth(&mut self, argument: &str, io: &mut Io<Self>) -> Answer {
        let (mechanism, initial) = argument.split_once(' ').unwrap_or((argument, ""));
        match &self.client {
            _ if io.tls().is_none() => return Err("538 Encryption required: STARTTLS first\r\n"),
            _ if !self.site.has_users() => return Err("502 AUTH not implemented\r\n"),
            None => return Err(HELLO_FIRST),
            Some(_) if self.user.is_some() => return Err("503 Authenticated already\r\n"),
            Some(_) if self.mail.is_some() => return Err("503 Not during a mail\r\n"),
            Some(_) => {}
        }
        let unknown = "504 Mechanism not implemented\r\n";
        self.exchange = Exchange::new(mechanism).ok_or(unknown)?;
        match initial {
            "" => self.ask(io),
            // An initial response that is empty.
            "=" => self.respond(b"", io),
            initial => self.respond(initial.as_bytes(), io),
        }
    }

    fn ask(&mut self, io: &mut Io<Self>) -> Answer {
        io.set_terminator(SmtpTerminator::Response);
        Ok(self.exchange.challenge())
    }

    #[terminator(b"\r\n", max = AUTH_LINE, next = command)]
    fn response(&mut self, line: &[u8], io: &mut Io<Self>) -> &'static str {
        let answer = self.respond(line, io);
        self.say(answer, io)
    }

    fn respond(&mut self, line: &[u8], io: &mut Io<Self>) -> Answer {
        match std::mem::take(&mut self.exchange).respond(line) {
            Step::Ask(next) => {
                self.exchange = next;
                self.ask(io)
            }
            Step::Cancelled => Err("501 Cancelled\r\n"),
            Step::Malformed => Err("501 Not what the mechanism asks for, in base64\r\n"),
            Step::Login { name, password } if self.site.users.admit(&name, &password) => {
                self.user = Some(name);
                Ok("235 Authenticated\r\n")
            }
            Step::Login { .. } => Err("535 Authentication credentials invalid\r\n"),
        }
    }

    // A mail

    /// `MAIL FROM:<reverse-path> [SP parameters]`
    fn mail(&mut self, line: &str) -> Answer {
        let client = self.client.as_ref().ok_or(HELLO_FIRST)?;
        if self.mail.is_some() {
            return Err("503 Nested MAIL command\r\n");
        }
        let (from, parameters) = path(line, "FROM:", MAIL_SYNTAX)?;
        if !client.is_extended && !parameters.is_empty() || from.is_local() {
            return Err(MAIL_SYNTAX);
        }
        let is_utf8 = self.parameters(parameters)?;
        if !from.text.is_ascii() && !is_utf8 {
            return Err(NEEDS_SMTPUTF8);
        }
        self.mail = Some(Mail { from: from.text.to_owned(), to: Vec::new(), is_utf8 });
        Ok(OK)
    }

    /// Whether they ask for SMTPUTF8.
    fn parameters(&self, parameters: &str) -> Result<bool, &'static str> {
        let mut is_utf8 = false;
        for parameter in parameters.to_ascii_uppercase().split_ascii_whitespace() {
            match parameter.split_once('=').unwrap_or((parameter, "")) {
                ("SIZE", size) => match number(size).ok_or(MAIL_SYNTAX)? {
                    0..=MESSAGE => {}
                    _ => return Err(TOO_LARGE),
                },
                ("BODY", "7BIT" | "8BITMIME") => {}
                ("BODY", _) => return Err("501 BODY is one of 7BIT, 8BITMIME\r\n"),
                ("SMTPUTF8", "") => is_utf8 = true,
                // Not looked at, but to be understood, from whomever (RFC 4954, section 5).
                ("AUTH", _) if self.site.has_users() => {}
                _ => return Err(UNKNOWN_PARAMETER),
            }
        }
        Ok(is_utf8)
    }

    /// `RCPT TO:<forward-path>`: at one of our domains, as this is no relay.
    fn rcpt(&mut self, line: &str) -> Answer {
        self.client.as_ref().ok_or(HELLO_FIRST)?;
        let mail = self.mail.as_mut().ok_or("503 MAIL first\r\n")?;
        let (to, parameters) = path(line, "TO:", RCPT_SYNTAX)?;
        match to.domain {
            _ if !parameters.is_empty() => return Err(UNKNOWN_PARAMETER),
            _ if !to.text.is_ascii() && !mail.is_utf8 => return Err(NEEDS_SMTPUTF8),
            Some(domain) if self.site.is_ours(domain) => {}
            Some(_) => return Err("550 Relaying denied\r\n"),
            None if to.text.eq_ignore_ascii_case("postmaster") => {}
            None => return Err(RCPT_SYNTAX),
        }
        if mail.to.len() == RECIPIENTS {
            return Err("452 Too many recipients\r\n");
        }
        mail.to.push(to.text.to_owned());
        Ok(OK)
    }

    // Its text

    /// `DATA`
    fn data(&mut self, argument: &str, io: &mut Io<Self>) -> Answer {
        let client = self.client.as_ref().ok_or(HELLO_FIRST)?;
        let mail = self.mail.as_ref().filter(|mail| !mail.to.is_empty());
        let mail = mail.ok_or("503 RCPT first\r\n")?;
        if !argument.is_empty() {
            return Err("501 Syntax: DATA\r\n");
        }
        let trace = Trace {
            from: &mail.from,
            to: &mail.to,
            client: &client.name,
            peer: io.peer_addr().and_then(|peer| peer.inet()),
            server: self.site.name(),
            is_extended: client.is_extended,
            is_utf8: mail.is_utf8,
            is_tls: io.tls().is_some(),
            is_authenticated: self.user.is_some(),
        };
        self.text = Ok(self.site.maildir.draft(&trace).map_err(not_stored)?);
        io.set_terminator(SmtpTerminator::Text);
        Ok("354 End data with <CR><LF>.<CR><LF>\r\n")
    }

    /// A line, until one that is a dot: so a message ends with CRLF dot CRLF and nothing else. The
    /// first of the two may be the one behind `DATA`: such a message is empty (section 4.1.1.4).
    #[terminator(b"\r\n", max = TEXT_LINE + 1, busy)]
    fn text(&mut self, line: &[u8], io: &mut Io<Self>) -> &'static str {
        if line == b"." {
            let answer = self.end_of_text(io);
            return self.say(answer, io);
        }
        if let Ok(draft) = &mut self.text {
            // A dot that the client has put before that of a line is taken off (section 4.5.2).
            if let Err(refused) = append(draft, line.strip_prefix(b".").unwrap_or(line)) {
                self.text = Err(refused);
            }
        }
        ""
    }

    /// Nothing is acknowledged before it lies on the disk; meanwhile the loop serves others.
    fn end_of_text(&mut self, io: &mut Io<Self>) -> Answer {
        io.set_terminator(SmtpTerminator::Command);
        self.mail = None;
        let draft = std::mem::replace(&mut self.text, Err(""))?;
        let owed = io.owe();
        self.site.maildir.deliver(draft, move |delivered| {
            owed.answer(move |smtp: &mut Self, io| {
                smtp.say(delivered.map(|()| OK).map_err(not_stored), io)
            });
        });
        Ok("")
    }

    // What goes wrong

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) -> &'static str {
        match (error, io.terminator()) {
            (Error::FrameTooLong { .. }, SmtpTerminator::Text) => {
                self.text = Err(TOO_LONG);
                ""
            }
            (Error::FrameTooLong { .. }, SmtpTerminator::Command) => self.say(Err(TOO_LONG), io),
            (Error::Frame(_), SmtpTerminator::Command) => self.say(Err(BAD_SYNTAX), io),
            (Error::Unanswered, _) => self.say(Err(NOT_STORED), io),
            // TLS does not stand, and what is said in the clear would be taken for it.
            (Error::StartTls { .. } | Error::Handshake { .. }, _) => "",
            _ => {
                io.close_when_done();
                "421 Closing\r\n"
            }
        }
    }
}

/// A line of the text is kept, if it is one.
fn append(draft: &mut Draft, line: &[u8]) -> Result<(), &'static str> {
    if memchr2(b'\r', b'\n', line).is_some() {
        return Err("554 Lines end with CRLF only\r\n");
    }
    if line.len() > TEXT_LINE {
        return Err(TOO_LONG);
    }
    if draft.len() + line.len() as u64 + 2 > MESSAGE {
        return Err(TOO_LARGE);
    }
    draft.append(line).map_err(not_stored)
}

/// The client may try again; why it has to is for the log.
fn not_stored(error: io::Error) -> &'static str {
    let _ = writeln!(io::stderr(), "smtp: cannot store a message: {error}");
    NOT_STORED
}
