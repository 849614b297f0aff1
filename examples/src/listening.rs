//! Where the servers listen, and what lies over their connections: their arguments.

use asyncore_runtime::{tcp, tls, Listen, Workers};
use std::io;
use std::path::Path;
use std::process::exit;
use std::sync::{Arc, OnceLock};

use crate::trace;

const OPTIONS: &str = "[-v] [--tls CERT.pem KEY.pem] [--proxy NETWORK] ";

const HELP: &str = "[ADDRESS]

  ADDRESS                    where to listen: 127.0.0.1:8080, unix:name, a path
  --tls CERT.pem KEY.pem     speak TLS, with this certificate and its key
  --proxy NETWORK            take the PROXY header that a proxy from there sends: 10.0.0.0/8
  -v                         trace every event";

const WORKERS: &str = "[--workers N] ";

const HELP_OF_WORKERS: &str = "
  --workers N                serve in so many threads; in 1 unless told otherwise";

/// Where to listen by the arguments, or here.
pub fn listen_or(default: &str) -> io::Result<Listen> {
    Ok(listen(default, None)?.0)
}

/// The same, and in how many threads to serve.
pub fn workers_or(default: &str) -> io::Result<(Workers, Listen)> {
    let (at, workers) = listen(default, Some(1))?;
    Ok((Workers::new(workers.unwrap_or_default()), at))
}

/// Takes `--workers`, if there is to be a number of them.
fn listen(default: &str, workers: Option<usize>) -> io::Result<(Listen, Option<usize>)> {
    let mut given = std::env::args();
    let program =
        Program { path: given.next().unwrap_or_default(), has_workers: workers.is_some() };
    let (mut count, mut address, mut certificate, mut proxies) = (workers, None, None, Vec::new());
    while let Some(argument) = given.next() {
        let mut value = || given.next().unwrap_or_else(|| program.usage(2));
        match argument.as_str() {
            "-v" => trace::start(true),
            "-h" | "--help" => program.usage(0),
            "--tls" => certificate = Some((value(), value())),
            "--proxy" => proxies.push(value()),
            "--workers" if program.has_workers => {
                count = Some(value().parse().unwrap_or_else(|_| program.usage(2)));
            }
            _ if argument.starts_with('-') || address.is_some() => program.usage(2),
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
    Ok((at, count))
}

/// What its usage depends on.
struct Program {
    path: String,
    has_workers: bool,
}

impl Program {
    fn usage(&self, status: i32) -> ! {
        let name = Path::new(&self.path).file_name().unwrap_or_default().to_string_lossy();
        let (workers, help) =
            if self.has_workers { (WORKERS, HELP_OF_WORKERS) } else { Default::default() };
        if status == 0 {
            println!("usage: {name} {OPTIONS}{workers}{HELP}{help}");
        } else {
            let address = HELP.lines().next().unwrap_or_default();
            eprintln!("usage: {name} {OPTIONS}{workers}{address}");
        }
        exit(status)
    }
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
