//! The servers over TLS and behind a proxy, with the clients that people use.

use std::io::{BufRead, BufReader, Write};

use crate::certificate::Certificate;
use crate::process::{client, example, expect, rest, run, stdout_of, Process, Server};

/// `openssl s_client`, which trusts the certificate and closes on its end of input.
fn s_client(server: &Server, certificate: &Certificate, more: &[&str]) -> Option<Process> {
    let mut openssl = client("openssl")?;
    let (address, trusted) = (server.address.to_string(), certificate.path("cert.pem"));
    let arguments = ["s_client", "-quiet", "-verify_return_error", "-verify_quiet"];
    openssl.args(arguments).args(["-connect", &address, "-CAfile", &trusted]);
    Some(Process::start(openssl.args(["-servername", "localhost"]).args(more)))
}

#[test]
fn line_echo_speaks_both_versions_to_openssl() {
    let certificate = Certificate::new("versions");
    let server = certificate.server("line_echo", &[]);
    for version in ["-tls1_2", "-tls1_3"] {
        let Some(mut openssl) = s_client(&server, &certificate, &[version]) else { return };
        let mut stdin = openssl.0.stdin.take().unwrap();
        stdin.write_all(b"hello\r\n").unwrap();
        expect(openssl.0.stdout.as_mut().unwrap(), "hello\r\n");
    }
}

#[test]
fn line_echo_behind_a_proxy_takes_its_header_below_tls() {
    let certificate = Certificate::new("proxy");
    let server = certificate.server("line_echo", &["--proxy", "127.0.0.1"]);
    let Some(mut curl) = client("curl") else { return };
    let address = format!("localhost:{}:{}", server.address.port(), server.address.ip());
    let url = format!("https://localhost:{}/", server.address.port());
    let trusted = certificate.path("cert.pem");
    let arguments =
        ["-s", "--http0.9", "--max-time", "2", "--haproxy-protocol", "--resolve", &address];
    let output = run(curl.args(arguments).args(["--cacert", &trusted, &url]));
    // Its request comes back, line for line, until it gives up.
    let heard = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(heard.starts_with("GET / HTTP/1.1\r\nHost: localhost:"), "{heard}");
}

#[test]
fn http_request_handler_answers_curl_over_tls() {
    let certificate = Certificate::new("curl");
    let server = certificate.server("http_request_handler", &[]);
    let Some(mut curl) = client("curl") else { return };
    let address = format!("localhost:{}:{}", server.address.port(), server.address.ip());
    let url = format!("https://localhost:{}", server.address.port());
    let trusted = certificate.path("cert.pem");
    let arguments = ["-s", "--resolve", &address, "--cacert", &trusted];
    let heard = stdout_of(curl.args(arguments).args([format!("{url}/one"), format!("{url}/two")]));
    assert_eq!(heard, "you asked for /one\nyou asked for /two\n");
}

#[test]
fn a_client_in_the_clear_is_named_by_its_first_bytes() {
    let certificate = Certificate::new("plain");
    let mut server = certificate.server("line_echo", &[]);
    let errors = server.stderr();
    let mut peer = server.connect();
    peer.write_all(b"hello\r\n").unwrap();
    rest(&mut peer);
    let line = errors.recv_timeout(crate::process::PATIENCE).unwrap();
    assert!(line.ends_with("no TLS: it begins with b\"hello\\r\\n\"; closing"), "{line}");
}

#[test]
fn the_help_names_every_option() {
    for name in ["line_echo", "http_request_handler"] {
        let help = stdout_of(example(name).arg("--help"));
        assert!(["--tls CERT.pem KEY.pem", "--proxy NETWORK"].iter().all(|it| help.contains(it)));
        let output = run(example(name).arg("--nothing"));
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn a_certificate_that_is_none_is_a_line_and_status_1() {
    let output = run(example("line_echo").args(["--tls", "/nowhere/cert.pem", "/nowhere/key.pem"]));
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("cannot load /nowhere/cert.pem: "), "{said}");
}

#[test]
fn http_client_speaks_https_to_openssl_and_checks_its_name() {
    let certificate = Certificate::new("https");
    let Some(mut openssl) = client("openssl") else { return };
    let (cert, key) = (certificate.path("cert.pem"), certificate.path("key.pem"));
    let server = ["s_server", "-www", "-accept", "127.0.0.1:0", "-cert", &cert, "-key", &key];
    let mut server = Process::start(openssl.args(server));
    let mut lines = BufReader::new(server.0.stdout.as_mut().unwrap()).lines();
    let line = lines.find_map(|line| line.unwrap().strip_prefix("ACCEPT ").map(str::to_owned));
    let port = line.unwrap().rsplit_once(':').unwrap().1.to_owned();
    let printed = stdout_of(
        example("http_client")
            .env("SSL_CERT_FILE", &cert)
            .arg(format!("https://localhost:{port}/")),
    );
    assert!(printed.starts_with(&format!("https://localhost:{port}/ got ")), "{printed}");
    let output = run(example("http_client")
        .env("SSL_CERT_FILE", &cert)
        .arg(format!("https://127.0.0.1:{port}/")));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("handshake with"), "{said}");
}
