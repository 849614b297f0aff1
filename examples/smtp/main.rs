// cargo run --release --example smtp -- 127.0.0.1:2525 --domain example.org --maildir /tmp/mail -v
//! A mail server that takes the mail of its own domains, into a maildir.

mod address;
mod auth;
mod maildir;
mod protocol;
mod site;
mod trace;

use asyncore_examples::tls_server;
use asyncore_runtime::{tcp, Map};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::exit;
use std::rc::Rc;

use auth::Users;
use maildir::Maildir;
use protocol::Smtp;
use site::Site;

const USAGE: &str = "usage: smtp [-v] [--tls CERT.pem KEY.pem] [--users FILE] [--maildir DIR] \
                     [--domain NAME].. [--no-fsync] [ADDRESS]";

/// What a connection too many is told.
const TOO_MANY: &[u8] = b"421 Too many connections\r\n";
const CONNECTIONS: usize = 1000;

fn main() -> asyncore_examples::Result {
    let options = Options::from_args().unwrap_or_else(|| {
        eprintln!("{USAGE}");
        exit(2)
    });
    asyncore_examples::trace::start(options.is_verbose);
    let site = Rc::new(options.site()?);
    let place = tcp(options.address).max_connections(CONNECTIONS).when_full(TOO_MANY);
    let mut map = Map::new()?;
    let listener = map.listen(place, move |_peer| Smtp::new(Rc::clone(&site)))?;
    println!("listening on {}", listener.local_addr());
    io::stdout().flush()?;
    map.until_signal(asyncore_examples::DRAIN)?;
    Ok(())
}

/// What the command line says.
struct Options {
    address: String,
    domains: Vec<String>,
    maildir: PathBuf,
    certificate: Option<(String, String)>,
    users: Option<String>,
    is_synced: bool,
    is_verbose: bool,
}

impl Options {
    fn from_args() -> Option<Self> {
        let mut options = Self {
            address: "127.0.0.1:2525".to_owned(),
            domains: Vec::new(),
            maildir: PathBuf::from("Maildir"),
            certificate: None,
            users: None,
            is_synced: true,
            is_verbose: false,
        };
        let mut args = std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "-v" => options.is_verbose = true,
                "--tls" => options.certificate = Some((args.next()?, args.next()?)),
                "--users" => options.users = Some(args.next()?),
                "--maildir" => options.maildir = args.next()?.into(),
                "--domain" => options.domains.push(args.next()?),
                "--no-fsync" => options.is_synced = false,
                _ if arg.starts_with('-') => return None,
                _ => options.address = arg,
            }
        }
        if options.domains.is_empty() {
            options.domains.push("localhost".to_owned());
        }
        options.domains.iter().all(|domain| address::is_domain(domain)).then_some(options)
    }

    fn site(&self) -> io::Result<Site> {
        let name = self.domains.first().map_or("", String::as_str);
        Ok(Site {
            maildir: Maildir::open(&self.maildir, name, self.is_synced)?,
            tls: self
                .certificate
                .as_ref()
                .map(|(chain, key)| tls_server(chain, key))
                .transpose()?,
            users: self.users.as_deref().map(Users::read).transpose()?.unwrap_or_default(),
            domains: self.domains.clone(),
        })
    }
}
