//! STARTTLS and AUTH: what crosses the upgrade, and who may log in.

use asyncore_runtime::testing::Session;
use asyncore_runtime::tls;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::rc::Rc;

use crate::auth::{Exchange, Step, Users};
use crate::certificate::Certificate;
use crate::mail::{site, Folder};
use crate::process::{client, expect, stdout_of, Server};
use crate::protocol::Smtp;

/// A server with TLS, and with one user.
pub struct Secured {
    pub server: Server,
    pub certificate: Certificate,
    pub folder: Folder,
}

impl Secured {
    pub fn start(name: &str) -> Self {
        let (certificate, folder) = (Certificate::new(name), Folder::new());
        let users = folder.text() + "/users";
        std::fs::write(&users, "ann:sesame\n").unwrap();
        let maildir = folder.text();
        let options = ["--users", &users, "--maildir", &maildir, "--domain", "example.com"];
        let server = certificate.server("smtp", &options);
        Self { server, certificate, folder }
    }

    /// Python's smtplib after STARTTLS, in `smtp`, runs this.
    pub fn python(&self, script: &str) {
        let Some(mut python) = client("python3") else { return };
        let begin = "
import sys, smtplib, ssl, base64
smtp = smtplib.SMTP('localhost', int(sys.argv[1]), timeout=10)
context = ssl.create_default_context(cafile=sys.argv[2])
";
        let (port, trusted) = (self.server.address.port(), self.certificate.path("cert.pem"));
        let script = format!("{begin}{script}");
        stdout_of(python.args(["-c", &script, &port.to_string(), &trusted]));
    }
}

#[test]
fn smtplib_starts_tls_and_logs_in_and_sends() {
    let secured = Secured::start("smtp-login");
    secured.python(
        "
smtp.ehlo()
assert smtp.has_extn('starttls') and not smtp.has_extn('auth')
assert smtp.docmd('AUTH', 'PLAIN AGFubgBzZXNhbWU=')[0] == 538
assert smtp.starttls(context=context)[0] == 220
assert smtp.docmd('MAIL', 'FROM:<a@b.test>')[0] == 503
smtp.ehlo()
assert smtp.has_extn('auth') and not smtp.has_extn('starttls')
assert smtp.docmd('STARTTLS')[0] == 503
assert smtp.login('ann', 'sesame')[0] == 235
assert smtp.docmd('AUTH', 'PLAIN AGFubgBzZXNhbWU=')[0] == 503
smtp.sendmail('a@b.test', 'c@example.com', 'one\\n')
smtp.quit()",
    );
    let text = &secured.folder.raw("new")[0];
    assert!(text.contains(" with ESMTPSA; "), "{text}");
}

#[test]
fn every_way_to_log_in_is_taken_or_refused_as_rfc_4954_says() {
    let secured = Secured::start("smtp-auth");
    secured.python(
        "
smtp.starttls(context=context)
def say(*lines):
    return [smtp.docmd(line)[0] for line in lines]
b = lambda text: base64.b64encode(text.encode()).decode()
assert say('AUTH PLAIN') == [503]
smtp.ehlo()
assert say('AUTH', 'AUTH CRAM-MD5') == [504, 504]
assert say('AUTH PLAIN', '*') == [334, 501]
assert say('AUTH PLAIN =', 'AUTH PLAIN !', 'AUTH PLAIN ' + b('ann')) == [501, 501, 501]
assert say('AUTH PLAIN ' + b('\\0ann\\0wrong'), 'AUTH PLAIN ' + b('\\0eve\\0')) == [535, 535]
assert say('AUTH PLAIN ' + b('bob\\0ann\\0sesame')) == [501]
assert say('AUTH LOGIN', b('ann'), b('wrong')) == [334, 334, 535]
assert say('AUTH LOGIN', '*', 'NOOP') == [334, 501, 250]
assert say('MAIL FROM:<a@b.test>', 'AUTH PLAIN ' + b('\\0ann\\0sesame')) == [250, 503]
assert say('RSET', 'AUTH LOGIN ' + b('ann'), b('sesame'), 'NOOP') == [250, 334, 235, 250]",
    );
}

#[test]
fn whom_a_mail_is_from_may_be_said_before_login_too() {
    let secured = Secured::start("smtp-auth-parameter");
    secured.python(
        "
smtp.starttls(context=context)
smtp.ehlo()
assert smtp.docmd('MAIL FROM:<a@b.test> AUTH=<>')[0] == 250
smtp.rset()
assert smtp.docmd('MAIL FROM:<a@b.test> AUTH=' + 'a' * 530)[0] == 250",
    );
}

#[test]
fn base64_has_one_way_to_be_written() {
    let name = |text: &str| match Exchange::Name.respond(text.as_bytes()) {
        Step::Ask(Exchange::Password { name }) => Some(name),
        _ => None,
    };
    for (text, found) in [
        ("", Some("")),
        ("YQ==", Some("a")),
        ("YWI=", Some("ab")),
        ("YWJj", Some("abc")),
        ("YWJjZA==", Some("abcd")),
        ("YQ", None),
        ("YQ=", None),
        ("Y===", None),
        ("====", None),
        ("YQ==YQ==", None),
        ("YW=j", None),
        ("YW J", None),
        ("/w==", None),
    ] {
        assert_eq!(name(text).as_deref(), found, "{text}");
    }
}

#[test]
fn a_file_of_users_has_a_name_and_a_password_on_each_line() {
    let folder = Folder::new();
    let path = folder.text() + "/users";
    std::fs::write(&path, "ann:se:same\n\nbob:\n").unwrap();
    let users = Users::read(&path).unwrap();
    assert!(users.admit("ann", "se:same") && users.admit("bob", ""));
    assert!(!users.admit("ann", "se") && !users.admit("eve", "") && !users.admit("", ""));
    std::fs::write(&path, "ann\n").unwrap();
    assert!(Users::read(&path).is_err());
}

// What is sent behind STARTTLS in the clear

const BEFORE: &str = "EHLO client\r\n";
const STARTTLS: &str = "STARTTLS\r\n";
const INJECTED: &str = "EHLO evil\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<c@example.com>\r\n";

fn session(certificate: &Certificate, folder: &Folder) -> Session<Smtp> {
    let _ = tls::rustls::crypto::CryptoProvider::install_default(
        rustls::crypto::ring::default_provider(),
    );
    let tls = tls::server(certificate.path("cert.pem"), certificate.path("key.pem")).unwrap();
    let site = crate::site::Site { tls: Some(tls), ..site(folder) };
    let mut session = Session::new(Smtp::new(Rc::new(site)));
    session.feed(BEFORE);
    session.output();
    session
}

#[test]
fn what_is_injected_behind_starttls_is_never_handled_wherever_it_is_cut() {
    let (certificate, folder) = (Certificate::new("smtp-injected"), Folder::new());
    let sent = STARTTLS.to_owned() + INJECTED;
    for cut in 0..=sent.len() {
        let mut session = session(&certificate, &folder);
        let (head, tail) = sent.split_at(cut);
        session.feed(head);
        session.feed(tail);
        let heard = session.output();
        assert!(heard.starts_with(b"220 Go ahead\r\n"), "cut at {cut}");
        assert!(!heard.windows(3).any(|it| it == b"250"), "cut at {cut}");
        assert!(!session.is_open(), "cut at {cut}");
    }
}

/// Over a socket, in two segments of every size, and then a handshake.
#[test]
fn what_is_injected_is_not_handled_over_a_socket_either() {
    let secured = Secured::start("smtp-injected-socket");
    let sent = STARTTLS.to_owned() + INJECTED;
    for cut in STARTTLS.len() - 1..=sent.len() {
        let mut stream = secured.server.connect();
        stream.set_nodelay(true).unwrap();
        expect(&mut stream, "220 example.com ESMTP\r\n");
        let (head, tail) = sent.split_at(cut);
        stream.write_all(head.as_bytes()).unwrap();
        // It fails where the server has closed already.
        let _ = stream.write_all(tail.as_bytes());
        let heard = all_of(&mut stream);
        assert!(heard.starts_with(b"220 Go ahead\r\n"), "cut at {cut}");
        assert!(!heard.windows(3).any(|it| it == b"250"), "cut at {cut}");
    }
}

/// What comes until the end, or the reset, of the connection.
fn all_of(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    heard
}

#[test]
fn a_starttls_behind_a_message_waits_until_it_is_stored() {
    let secured = Secured::start("smtp-behind");
    let mut stream = secured.server.connect();
    expect(&mut stream, "220 example.com ESMTP\r\n");
    stream.write_all(b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@example.com>\r\nDATA\r\n").unwrap();
    expect(
        &mut stream,
        "250 example.com\r\n250 OK\r\n250 OK\r\n354 End data with <CR><LF>.<CR><LF>\r\n",
    );
    stream.write_all(b"one\r\n.\r\nSTARTTLS\r\n").unwrap();
    expect(&mut stream, "250 OK\r\n220 Go ahead\r\n");
}
