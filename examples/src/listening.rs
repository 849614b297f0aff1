//! Where the servers listen, and what lies over their connections: their arguments.

use asyncore_runtime::{tcp, tls, Listen};
use std::io;
use std::path::Path;
use std::process::exit;
use std::sync::{Arc, OnceLock};

use crate::trace;

const HELP: &str = "[-v] [--tls CERT.pem KEY.pem] [--proxy NETWORK] [ADDRESS]

  ADDRESS                    where to listen: 127.0.0.1:8080, unix:name, a path
  --tls CERT.pem KEY.pem     speak TLS, with this certificate and its key
  --proxy NETWORK            take the PROXY header that a proxy from there sends: 10.0.0.0/8
  -v                         trace every event";

/// Where to listen by the arguments, or here.
pub fn listen_or(default: &str) -> io::Result<Listen> {
    let mut given = std::env::args();
    let program = given.next().unwrap_or_default();
    let (mut address, mut certificate, mut proxies) = (None, None, Vec::new());
    while let Some(argument) = given.next() {
        let mut value = || given.next().unwrap_or_else(|| usage(&program, 2));
        match argument.as_str() {
            "-v" => trace::start(true),
            "-h" | "--help" => usage(&program, 0),
            "--tls" => certificate = Some((value(), value())),
            "--proxy" => proxies.push(value()),
            _ if argument.starts_with('-') || address.is_some() => usage(&program, 2),
            _ => address = Some(argument),
        }
    }
    let mut at = tcp(address.as_deref().unwrap_or(default));
    if !proxies.is_empty() {
        at = at.proxy_protocol(proxies);
    }
    if let Some((certificate, key)) = certificate {
        choose_cryptography();
        at = at.tls(tls::server(certificate, key)?);
    }
    Ok(at)
}

/// The library leaves the choice to its users.
fn choose_cryptography() {
    // It fails if there is one already.
    let _ = tls::rustls::crypto::CryptoProvider::install_default(
        rustls::crypto::ring::default_provider(),
    );
}

/// What clients speak TLS by: the roots of the platform, read once.
pub fn tls_client() -> io::Result<Arc<rustls::ClientConfig>> {
    static CLIENT: OnceLock<Arc<rustls::ClientConfig>> = OnceLock::new();
    if let Some(client) = CLIENT.get() {
        return Ok(Arc::clone(client));
    }
    choose_cryptography();
    let client = tls::client()?;
    Ok(Arc::clone(CLIENT.get_or_init(|| client)))
}

fn usage(program: &str, status: i32) -> ! {
    let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy();
    if status == 0 {
        println!("usage: {name} {HELP}");
    } else {
        eprintln!("usage: {name} {}", HELP.lines().next().unwrap_or_default());
    }
    exit(status)
}
