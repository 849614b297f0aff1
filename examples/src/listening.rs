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

/// An option that one program has.
#[derive(Clone, Copy)]
pub struct Extra {
    /// `--workers`
    pub option: &'static str,
    /// What stands behind it: `N`.
    pub value: &'static str,
    /// What it does, in a line.
    pub help: &'static str,
}

/// Where to listen by the arguments, or here.
pub fn listen_or(default: &str) -> io::Result<Listen> {
    Ok(listen(default, &Program::new(None))?.0)
}

/// The same, and what was given with an option of this program's own.
pub fn listen_with(default: &str, extra: Extra) -> io::Result<(Listen, Option<String>)> {
    listen(default, &Program::new(Some(extra)))
}

/// The same, and in how many threads to serve.
pub fn workers_or(default: &str) -> io::Result<(Workers, Listen)> {
    let help = "serve in so many threads; in 1 unless told otherwise";
    let program = Program::new(Some(Extra { option: "--workers", value: "N", help }));
    let (at, count) = listen(default, &program)?;
    let count = count.map_or(Ok(1), |count| count.parse());
    Ok((Workers::new(count.unwrap_or_else(|_| program.usage(2))), at))
}

fn listen(default: &str, program: &Program) -> io::Result<(Listen, Option<String>)> {
    let mut given = std::env::args().skip(1);
    let (mut extra, mut address, mut certificate, mut proxies) = (None, None, None, Vec::new());
    while let Some(argument) = given.next() {
        let mut value = || given.next().unwrap_or_else(|| program.usage(2));
        match argument.as_str() {
            "-v" => trace::start(true),
            "-h" | "--help" => program.usage(0),
            "--tls" => certificate = Some((value(), value())),
            "--proxy" => proxies.push(value()),
            option if program.extra.is_some_and(|it| it.option == option) => extra = Some(value()),
            _ if argument.starts_with('-') || address.is_some() => program.usage(2),
            _ => address = Some(argument),
        }
    }
    let mut at = tcp(address.as_deref().unwrap_or(default));
    if !proxies.is_empty() {
        at = at.proxy_protocol(proxies);
    }
    if let Some((certificate, key)) = certificate {
        at = at.tls(tls_server(certificate, key)?);
    }
    Ok((at, extra))
}

/// What its usage depends on.
struct Program {
    path: String,
    extra: Option<Extra>,
}

impl Program {
    fn new(extra: Option<Extra>) -> Self {
        Self { path: std::env::args().next().unwrap_or_default(), extra }
    }

    fn usage(&self, status: i32) -> ! {
        let name = Path::new(&self.path).file_name().unwrap_or_default().to_string_lossy();
        let option = self.extra.map(|extra| format!("{} {}", extra.option, extra.value));
        let help = self.extra.map(|extra| extra.help);
        let shown = option.as_ref().map(|option| format!("[{option}] ")).unwrap_or_default();
        if status == 0 {
            println!("usage: {name} {OPTIONS}{shown}{HELP}");
            if let (Some(option), Some(help)) = (option, help) {
                println!("  {option:<25}  {help}");
            }
        } else {
            let address = HELP.lines().next().unwrap_or_default();
            eprintln!("usage: {name} {OPTIONS}{shown}{address}");
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

/// What servers speak TLS by: a certificate and its key, from files.
pub fn tls_server(
    certificate: impl AsRef<Path>,
    key: impl AsRef<Path>,
) -> io::Result<tls::ServerTls> {
    choose_cryptography();
    tls::server(certificate, key)
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
