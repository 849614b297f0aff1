//! A mail server as CPython's smtpd: its verbs, its words, its limits. What it does otherwise is in
//! `docs/asyncore.md`, rows M1 to M9: text comes a line at a time, and lines end with CR LF only.

use asyncore_runtime::{channel, Error, Io};
use std::rc::Rc;

#[derive(Default)]
pub struct Mail {
    pub from: Option<String>,
    pub to: Vec<String>,
    pub data: Vec<u8>,
}

const TOO_MUCH: &str = "552 Error: Too much mail data";

#[channel(idle_timeout = "5m", first_frame_timeout = "5m", frame_timeout = "5m")]
pub struct Smtp {
    process: Rc<dyn Fn(Mail) -> Option<String>>,
    max_data: usize,
    is_greeted: bool,
    is_extended: bool,
    mail: Mail,
    refused: Option<&'static str>,
}

#[channel]
impl Smtp {
    #[on_connect]
    fn greet() -> &'static str {
        "220 mx.test ready\r\n"
    }

    #[terminator(b"\r\n", max = 512)]
    fn command(&mut self, line: &str, io: &mut Io<Self>) -> String {
        let (verb, arg) = line.split_once(' ').unwrap_or((line, ""));
        let (verb, arg) = (verb.to_ascii_uppercase(), arg.trim());
        let said = match verb.as_str() {
            _ if line.is_empty() || line.contains(['\r', '\n']) => "500 Error: bad syntax".into(),
            "HELO" | "EHLO" if arg.is_empty() => format!("501 Syntax: {verb} hostname"),
            "HELO" | "EHLO" if self.is_greeted => "503 Duplicate HELO/EHLO".into(),
            "HELO" | "EHLO" => self.hello(verb == "EHLO"),
            "MAIL" | "RCPT" | "DATA" if !self.is_greeted => "503 Error: send HELO first".into(),
            "MAIL" => self.sender(arg).unwrap_or_else(|refused| refused),
            "RCPT" if self.mail.from.is_none() => "503 Error: need MAIL command".into(),
            "RCPT" => self.recipient(arg).unwrap_or_else(|refused| refused),
            "DATA" if self.mail.to.is_empty() => "503 Error: need RCPT command".into(),
            "DATA" | "NOOP" | "RSET" if !arg.is_empty() => format!("501 Syntax: {verb}"),
            "DATA" => {
                io.set_terminator(SmtpTerminator::Text);
                "354 End data with <CR><LF>.<CR><LF>".into()
            }
            "NOOP" => "250 OK".into(),
            "RSET" => {
                self.mail = Mail::default();
                "250 OK".into()
            }
            "VRFY" if arg.is_empty() => "501 Syntax: VRFY <address>".into(),
            "VRFY" => "252 Cannot VRFY user, but will accept message and attempt delivery".into(),
            "HELP" => "250 Supported commands: EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY".into(),
            "EXPN" => "502 EXPN not implemented".into(),
            "QUIT" => {
                io.close_when_done();
                "221 Bye".into()
            }
            _ => format!("500 Error: command \"{verb}\" not recognized"),
        };
        said + "\r\n"
    }

    #[terminator(b"\r\n", max = 1 << 16)]
    fn text(&mut self, line: &[u8], io: &mut Io<Self>) -> Option<String> {
        if line == b"." {
            io.set_terminator(SmtpTerminator::Command);
            let mail = std::mem::take(&mut self.mail);
            let said = self.refused.take().map(str::to_owned).or_else(|| (self.process)(mail));
            return Some(said.unwrap_or("250 OK".into()) + "\r\n");
        }
        if line.iter().any(|byte| b"\r\n".contains(byte)) {
            self.refused = Some("554 Error: lines end with <CR><LF>");
        } else if self.mail.data.len() + line.len() > self.max_data {
            self.refused.get_or_insert(TOO_MUCH);
        } else {
            self.mail.data.extend([line.strip_prefix(b".").unwrap_or(line), b"\r\n"].concat());
        }
        None
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) -> Option<&'static str> {
        match (error, io.terminator()) {
            (Error::FrameTooLong { .. }, SmtpTerminator::Text) => self.refused = Some(TOO_MUCH),
            (Error::FrameTooLong { .. }, _) => return Some("500 Error: line too long\r\n"),
            (Error::Frame(_), _) => return Some("500 Error: bad syntax\r\n"),
            _ => {}
        }
        None
    }
}

impl Smtp {
    pub fn new(max_data: usize, process: Rc<dyn Fn(Mail) -> Option<String>>) -> Self {
        let (is_greeted, is_extended) = (false, false);
        Self { process, max_data, is_greeted, is_extended, mail: Mail::default(), refused: None }
    }

    fn hello(&mut self, is_extended: bool) -> String {
        (self.is_greeted, self.is_extended) = (true, is_extended);
        match is_extended {
            true => {
                format!("250-mx.test\r\n250-SIZE {}\r\n250-8BITMIME\r\n250 HELP", self.max_data)
            }
            false => "250 mx.test".into(),
        }
    }

    /// An address behind its keyword, with options where both sides speak ESMTP.
    fn path<'a>(&self, syntax: &str, arg: &'a str) -> Result<(&'a str, &'a str), String> {
        let (keyword, path) = arg.split_once(':').unwrap_or_default();
        let end = if path.trim().starts_with('<') { '>' } else { ' ' };
        let (address, options) = path.trim().split_once(end).unwrap_or((path.trim(), ""));
        let is_one = syntax.ends_with(&format!(" {}:", keyword.to_uppercase()));
        if is_one && !address.is_empty() && (self.is_extended || options.is_empty()) {
            return Ok((address.trim_start_matches('<'), options.trim()));
        }
        let options = if self.is_extended { " [SP <mail-parameters>]" } else { "" };
        Err(format!("501 Syntax: {syntax} <address>{options}"))
    }

    fn sender(&mut self, arg: &str) -> Result<String, String> {
        let (address, options) = self.path("MAIL FROM:", arg)?;
        if self.mail.from.is_some() {
            return Err("503 Error: nested MAIL command".into());
        }
        for option in options.to_uppercase().split_whitespace() {
            let refused = match option.split_once('=') {
                Some(("BODY", "7BIT" | "8BITMIME")) => continue,
                Some(("BODY", _)) => "501 Error: BODY can only be one of 7BIT, 8BITMIME",
                Some(("SIZE", size))
                    if size.parse().is_ok_and(|size: usize| size <= self.max_data) =>
                {
                    continue
                }
                Some(("SIZE", _)) => "552 Error: message size exceeds fixed maximum message size",
                _ => "555 MAIL FROM parameters not recognized or not implemented",
            };
            return Err(refused.into());
        }
        self.mail.from = Some(address.to_owned());
        Ok("250 OK".into())
    }

    fn recipient(&mut self, arg: &str) -> Result<String, String> {
        let (address, options) = self.path("RCPT TO:", arg)?;
        if !options.is_empty() {
            return Err("555 RCPT TO parameters not recognized or not implemented".into());
        }
        self.mail.to.push(address.to_owned());
        Ok("250 OK".into())
    }
}
