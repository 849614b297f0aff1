//! Real clients, and the server as a process.

use std::fs;
use std::io::Write;
use std::process::Command;

use crate::mail::Folder;
use crate::process::{client, closed, expect, run, stdout_of, Process, Server};
use crate::tls::Secured;

/// A server for `example.com`, and its maildir.
fn start(more: &[&str]) -> (Server, Folder) {
    let folder = Folder::new();
    let maildir = folder.text();
    let options = ["--maildir", &maildir, "--domain", "example.com"];
    (Server::with("smtp", &[&options, more].concat()), folder)
}

const TEXT: &str = "Subject: test\n\none\n.two\n..three\n.\nfour\n";

fn text_file(folder: &Folder) -> String {
    let path = folder.text() + "/text";
    fs::write(&path, TEXT.replace('\n', "\r\n")).unwrap();
    path
}

#[test]
fn smtplib_sends_and_is_told_of_what_is_refused() {
    let Some(mut python) = client("python3") else { return };
    let (server, folder) = start(&[]);
    let script = "
import smtplib, sys
with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=10) as smtp:
    text = 'Subject: test\\n\\none\\n.two\\n..three\\n.\\nfour\\n'
    refused = smtp.sendmail('a@b.test', ['c@example.com', 'd@other.test'], text)
    assert refused == {'d@other.test': (550, b'Relaying denied')}, refused
    options = ['SMTPUTF8', 'BODY=8BITMIME']
    smtp.sendmail('n\\u00e4@b.test', 'n\\u00e4@example.com', 'n\\u00e4\\r\\n'.encode(), options)
    try:
        smtp.sendmail('a@b.test', 'c@example.com', 'x' * 999)
    except smtplib.SMTPDataError as error:
        assert error.smtp_code == 500
    assert smtp.verify('c')[0] == 252 and smtp.expn('all')[0] == 502
    assert smtp.noop()[0] == 250 and smtp.rset()[0] == 250
    assert b'MAIL' in smtp.help()";
    let port = server.address.port().to_string();
    stdout_of(python.args(["-c", script, &port]));
    assert_eq!(folder.files("new"), [TEXT, "n\u{e4}\n"]);
}

#[test]
fn swaks_logs_in_over_tls_and_sends() {
    let Some(mut swaks) = client("swaks") else { return };
    let secured = Secured::start("smtp-swaks");
    let port = secured.server.address.port().to_string();
    for mechanism in ["PLAIN", "LOGIN"] {
        let mut swaks = Command::new("swaks");
        swaks.args(["--server", "127.0.0.1", "--port", &port, "--tls", "--auth", mechanism]);
        swaks.args(["--auth-user", "ann", "--auth-password", "sesame"]);
        let output = run(swaks
            .args(["--from", "a@b.test", "--to", "c@example.com", "--body", "one"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped()));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}");
    }
    let relay = ["--from", "a@b.test", "--to", "c@other.test"];
    let output = run(swaks.args(["--server", "127.0.0.1", "--port", &port]).args(relay));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("<** 550 Relaying denied"), "{said}");
    let texts = secured.folder.files("new");
    assert_eq!(texts.len(), 2);
    assert!(texts.iter().all(|text| text.contains("\n\none\n")));
}

#[test]
fn curl_sends_over_tls() {
    let Some(mut curl) = client("curl") else { return };
    let secured = Secured::start("smtp-curl");
    let url = format!("smtp://localhost:{}/client", secured.server.address.port());
    let (trusted, text) = (secured.certificate.path("cert.pem"), text_file(&secured.folder));
    curl.args(["-sS", "--ssl-reqd", "--cacert", &trusted, "--user", "ann:sesame", "-T", &text]);
    stdout_of(curl.args(["--mail-from", "a@b.test", "--mail-rcpt", "c@example.com", &url]));
    assert_eq!(secured.folder.files("new"), [TEXT]);
}

#[test]
fn msmtp_sends_over_tls() {
    let Some(mut msmtp) = client("msmtp") else { return };
    let secured = Secured::start("smtp-msmtp");
    let (port, trusted) =
        (secured.server.address.port().to_string(), secured.certificate.path("cert.pem"));
    let text = fs::File::open(text_file(&secured.folder)).unwrap();
    msmtp.args(["--file=/dev/null", "--host=localhost", "--port", &port, "--tls=on"]);
    msmtp.args([&format!("--tls-trust-file={trusted}"), "--auth=plain", "--user=ann"]);
    msmtp.args(["--passwordeval=echo sesame", "--from=a@b.test", "c@example.com"]);
    stdout_of(msmtp.stdin(text));
    let texts = secured.folder.files("new");
    assert_eq!(texts.len(), 1);
    assert!(texts[0].ends_with(TEXT), "{}", texts[0]);
}

#[test]
fn openssl_starts_tls() {
    let Some(mut openssl) = client("openssl") else { return };
    let secured = Secured::start("smtp-openssl");
    let (address, trusted) =
        (secured.server.address.to_string(), secured.certificate.path("cert.pem"));
    openssl.args(["s_client", "-quiet", "-verify_return_error", "-verify_quiet"]);
    openssl.args(["-connect", &address, "-CAfile", &trusted, "-starttls", "smtp"]);
    let mut openssl = Process::start(openssl.args(["-servername", "localhost"]));
    openssl.0.stdin.as_mut().unwrap().write_all(b"EHLO x\r\n").unwrap();
    let answer =
        "250-example.com\r\n250-PIPELINING\r\n250-SIZE 33554432\r\n250-AUTH PLAIN LOGIN\r\n";
    expect(openssl.0.stdout.as_mut().unwrap(), answer);
}

/// Postfix's own load, in twenty sessions at once.
#[test]
fn every_message_of_smtp_source_is_there() {
    // Debian has it where no path of a user leads.
    let path = "/usr/sbin/smtp-source";
    if !fs::exists(path).unwrap() {
        return crate::process::skip("smtp-source");
    }
    let (server, folder) = start(&[]);
    for more in [&[][..], &["-d"]] {
        let mut load = Command::new(path);
        load.args(["-s", "20", "-m", "500", "-l", "1024", "-f", "a@b.test", "-t", "c@example.com"]);
        load.args(more).arg(format!("inet:{}", server.address));
        load.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        stdout_of(&mut load);
    }
    assert_eq!(folder.files("new").len(), 1000);
    assert_eq!(fs::read_dir(folder.path().join("tmp")).unwrap().count(), 0);
}

// The process

#[test]
fn at_sigterm_a_message_that_is_whole_is_acknowledged() {
    let (server, folder) = start(&[]);
    let mut stream = server.connect();
    expect(&mut stream, "220 example.com ESMTP\r\n");
    stream.write_all(b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<c@example.com>\r\nDATA\r\n").unwrap();
    expect(
        &mut stream,
        "250 example.com\r\n250 OK\r\n250 OK\r\n354 End data with <CR><LF>.<CR><LF>\r\n",
    );
    stream.write_all(b"one\r\n.\r\n").unwrap();
    expect(&mut stream, "250 OK\r\n");
    server.signal("-TERM");
    closed(&mut stream);
    assert_eq!(server.status(), Some(0));
    assert_eq!(folder.files("new"), ["one\n"]);
}

#[test]
fn a_command_line_that_is_none_is_answered_with_the_usage() {
    for wrong in [&["--what"][..], &["--tls", "cert.pem"], &["--domain", "../etc"]] {
        let output = run(crate::process::example("smtp").args(wrong));
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stderr.starts_with(b"usage: smtp "), "{wrong:?}");
    }
}
