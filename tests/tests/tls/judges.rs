//! Clients and proxies that people use: openssl, curl, Python's ssl, HAProxy.

use asyncore_runtime::tls::{self, ServerTls};
use asyncore_runtime::{channel, tcp, Io, Map};
use asyncore_tests::net::{until, Log, Server};
use asyncore_tests::process::{client, python, run, stdout_of, Folder, Running};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};

use crate::certificates::{issuer_pem, server_of, Identity};
use crate::handshakes::wait_for;
use crate::memory::Shout;

/// A folder with the issuer's certificate, and one for `localhost` with its key.
fn files(name: &str) -> Folder {
    let (folder, identity) = (Folder::new(&format!("tls-{name}")), Identity::of("localhost"));
    let write = |name, text: String| std::fs::write(folder.path(name), text).unwrap();
    write("ca.pem", issuer_pem());
    write("cert.pem", identity.certificate.pem());
    write("key.pem", identity.key.serialize_pem());
    write("both.pem", identity.certificate.pem() + &identity.key.serialize_pem());
    folder
}

fn path(folder: &Folder, name: &str) -> String {
    folder.path(name).to_string_lossy().into_owned()
}

fn server_from(folder: &Folder) -> ServerTls {
    let _ = rustls::crypto::ring::default_provider().install_default();
    tls::server(folder.path("cert.pem"), folder.path("key.pem")).unwrap()
}

fn shouts(config: impl Into<ServerTls>) -> (Server, Log) {
    let (config, log) = (config.into(), Log::default());
    let noted = log.clone();
    let listen = move |map: &mut Map| {
        map.listen(tcp("127.0.0.1:0").tls(config), move |_| Shout(noted.clone()))
    };
    (Server::start(listen), log)
}

/// What `openssl s_client` prints that says `bye` to this server.
fn s_client(addr: SocketAddr, folder: &Folder, more: &[&str]) -> Option<String> {
    let mut openssl = client("openssl")?;
    let (addr, trusted) = (addr.to_string(), path(folder, "ca.pem"));
    openssl.args(["s_client", "-ign_eof", "-verify_return_error", "-connect", &addr]);
    openssl.args(["-CAfile", &trusted, "-servername", "localhost"]).args(more);
    let mut openssl = Running::start(openssl.stderr(Stdio::null()));
    openssl.say("bye\n");
    Some(openssl.finish().join("\n"))
}

#[test]
fn openssl_comes_back_with_a_ticket_in_both_versions() {
    let files = files("tickets");
    let (server, _) = shouts(server_from(&files));
    let session = path(&files, "session");
    for version in ["-tls1_2", "-tls1_3"] {
        let save = [version, "-sess_out", &session];
        let Some(first) = s_client(server.addr(), &files, &save) else { return };
        assert!(first.contains("\nNew, ") && first.contains("BYE"), "{first}");
        let second = s_client(server.addr(), &files, &[version, "-sess_in", &session]).unwrap();
        assert!(second.contains("\nReused, ") && second.contains("BYE"), "{second}");
    }
}

#[test]
fn openssl_agrees_on_a_protocol_or_is_refused() {
    let files = files("alpn");
    let (server, _) = shouts(server_of(&Identity::of("localhost")));
    let Some(agreed) = s_client(server.addr(), &files, &["-alpn", "theirs,ours"]) else { return };
    assert!(agreed.contains("ALPN protocol: ours") && agreed.contains("BYE"), "{agreed}");
    let refused = s_client(server.addr(), &files, &["-alpn", "theirs"]).unwrap();
    assert!(!refused.contains("BYE"), "{refused}");
    let silent = s_client(server.addr(), &files, &[]).unwrap();
    assert!(silent.contains("No ALPN negotiated") && silent.contains("BYE"), "{silent}");
}

#[test]
fn openssl_refuses_a_certificate_of_another_name_or_another_time() {
    let files = files("refused");
    for (identity, why) in [
        (Identity::of("example.org"), "hostname mismatch"),
        (Identity::expired("localhost"), "certificate has expired"),
    ] {
        let (server, log) = shouts(server_of(&identity));
        let mut openssl = match client("openssl") {
            Some(openssl) => openssl,
            None => return,
        };
        let (addr, trusted) = (server.addr().to_string(), path(&files, "ca.pem"));
        openssl.args(["s_client", "-verify_return_error", "-verify_hostname", "localhost"]);
        let output = run(openssl.args(["-CAfile", &trusted, "-connect", &addr]));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(why), "{said}");
        let heard = wait_for(&server, &log).remove(0);
        assert!(heard.starts_with("server: handshake with 127.0.0.1:"), "{heard}");
    }
}

#[test]
fn pythons_ssl_speaks_to_it_and_closes_in_order() {
    let files = files("python");
    let (server, log) = shouts(server_from(&files));
    let program = "
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
plain = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
tls = context.wrap_socket(plain, server_hostname='localhost')
lines = tls.makefile('rw', newline='\\n')
print(lines.readline(), end='')
lines.write('one\\n'); lines.flush()
print(lines.readline(), end='')
tls.unwrap()
print(tls.version() if tls.version() else 'unwrapped')
";
    let Some(mut python) = python(program) else { return };
    let port = server.addr().port().to_string();
    let printed = stdout_of(python.args([&port, &path(&files, "ca.pem")]));
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.starts_with("hello\nONE\n"), "{printed}");
    until(|| {
        server.ask(|_| ());
        log.len() == 2
    });
    assert_eq!(log.take()[1], "server: closed by the peer");
}

/// As much of HTTP as a download needs: `GET /SIZE`.
#[channel]
struct Download;

#[channel]
impl Download {
    #[terminator(b"\r\n\r\n")]
    fn head(&mut self, head: &str, io: &mut Io<Self>) {
        let size = head.strip_prefix("GET /").and_then(|rest| rest.split(' ').next());
        let size = size.and_then(|size| size.parse().ok()).unwrap_or(0);
        io.push(format_args!("HTTP/1.0 200 OK\r\nContent-Length: {size}\r\n\r\n"));
        io.push_with_producer(std::io::repeat(b'x').take(size));
        io.close_when_done();
    }
}

const CHILD: &str = "ASYNCORE_TLS_DOWNLOADS";

/// The server of the test below, in a process of its own: its memory is nobody else's.
#[test]
#[ignore = "run by a test"]
fn serve_downloads() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let folder = std::path::PathBuf::from(folder);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = tls::server(folder.join("cert.pem"), folder.join("key.pem")).unwrap();
    let mut map = Map::new().unwrap();
    let listener = map.listen(tcp("127.0.0.1:0").tls(config), |_| Download).unwrap();
    println!("\nlistening on {}", listener.local_addr());
    map.run().unwrap();
}

/// The most memory that a process has had, in KiB.
fn most_memory(id: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn curl_downloads_fast_and_slowly_and_the_server_holds_little() {
    let files = files("curl");
    let Some(_) = client("curl") else { return };
    let mut server = Command::new(std::env::current_exe().unwrap());
    server.args(["--exact", "judges::serve_downloads", "--ignored", "--nocapture"]);
    let server = Running::start(server.env(CHILD, &files.0));
    let addr = std::iter::repeat_with(|| server.line())
        .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
        .unwrap();
    let port = addr.rsplit_once(':').unwrap().1.to_owned();
    let before = most_memory(server.id());
    for (size, rate) in [(50_000_000, "1G"), (4_000_000, "2M")] {
        let mut curl = client("curl").unwrap();
        curl.args(["-sS", "--cacert", &path(&files, "ca.pem"), "--limit-rate", rate]);
        curl.args(["--resolve", &format!("localhost:{port}:127.0.0.1")]);
        let body = stdout_of(curl.arg(format!("https://localhost:{port}/{size}")));
        assert!(body.len() == size && body.iter().all(|byte| *byte == b'x'), "{}", body.len());
    }
    let grown = most_memory(server.id()) - before;
    assert!(grown <= 6 * 1024, "{grown} KiB");
}

/// Says who has come, and what the proxy says of it.
#[channel]
struct Who;

#[channel]
impl Who {
    #[terminator(b"\n")]
    fn who(&mut self, _: &str, io: &mut Io<Self>) -> String {
        let proxy = io.proxy().unwrap();
        let authority = proxy.authority().map(String::from_utf8_lossy);
        // PP2_TYPE_SSL: of its flags the first says that the client came over TLS.
        let over_tls =
            proxy.value(0x20).and_then(|ssl| ssl.first()).is_some_and(|flags| flags & 1 == 1);
        let ours = io.tls().is_some();
        format!("{} {authority:?} {over_tls} {ours}\n", io.peer_addr().unwrap())
    }
}

/// A HAProxy with such a line for its clients and for its server, and where it listens.
fn haproxy(folder: &Folder, bind: &str, server: &str) -> Option<(Running, SocketAddr)> {
    let mut program = match std::path::Path::new("/usr/sbin/haproxy").exists() {
        true => Command::new("/usr/sbin/haproxy"),
        false => client("haproxy")?,
    };
    // It cannot be told to take any port.
    let addr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = format!(
        "defaults\n mode tcp\n timeout connect 5s\n timeout client 20s\n timeout server 20s\n\
         listen all\n bind {addr} {bind}\n server one {server}\n"
    );
    let config = folder.path("haproxy.cfg");
    std::fs::write(&config, text).unwrap();
    let running = Running::start(program.args(["-db", "-f"]).arg(&config).stderr(Stdio::null()));
    until(|| TcpStream::connect(addr).is_ok());
    Some((running, addr))
}

fn who(config: Option<ServerTls>) -> Server {
    Server::start(move |map| {
        let at = tcp("127.0.0.1:0").proxy_protocol(["127.0.0.1"]);
        map.listen(
            match config {
                Some(config) => at.tls(config),
                None => at,
            },
            |_| Who,
        )
    })
}

#[test]
fn haproxy_says_in_both_versions_who_has_come() {
    let (files, server) = (files("haproxy"), who(None));
    for version in ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c"] {
        let to = format!("{} {version}", server.addr());
        let Some((_running, addr)) = haproxy(&files, "", &to) else { return };
        let mut peer = TcpStream::connect(addr).unwrap();
        peer.write_all(b"who\n").unwrap();
        let expected = format!("{} None false false\n", peer.local_addr().unwrap());
        let mut answer = vec![0; expected.len()];
        peer.read_exact(&mut answer).unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), expected, "{version}");
    }
}

#[test]
fn haproxy_that_ends_tls_says_for_which_name_it_was() {
    let (files, server) = (files("haproxy-ends"), who(None));
    let to = format!("{} send-proxy-v2 proxy-v2-options ssl,authority", server.addr());
    let bind = format!("ssl crt {}", path(&files, "both.pem"));
    let Some((_running, addr)) = haproxy(&files, &bind, &to) else { return };
    let Some(said) = ask_over_tls(addr, &files) else { return };
    assert!(said.contains(" Some(\"localhost\") true false"), "{said}");
}

#[test]
fn haproxy_that_passes_tls_on_puts_its_header_below_it() {
    let files = files("haproxy-passes");
    let server = who(Some(server_from(&files)));
    let to = format!("{} send-proxy-v2", server.addr());
    let Some((_running, addr)) = haproxy(&files, "", &to) else { return };
    let Some(said) = ask_over_tls(addr, &files) else { return };
    assert!(said.contains("127.0.0.1:") && said.contains(" None false true"), "{said}");
}

#[test]
fn haproxy_that_speaks_tls_to_us_puts_its_header_below_it() {
    let files = files("haproxy-begins");
    let server = who(Some(server_from(&files)));
    let trusted = path(&files, "ca.pem");
    let tls = format!("ssl sni str(localhost) verify required ca-file {trusted}");
    let Some((_running, addr)) =
        haproxy(&files, "", &format!("{} send-proxy {tls}", server.addr()))
    else {
        return;
    };
    let mut peer = TcpStream::connect(addr).unwrap();
    peer.write_all(b"who\n").unwrap();
    let expected = format!("{} None false true\n", peer.local_addr().unwrap());
    let mut answer = vec![0; expected.len()];
    peer.read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), expected);
}

/// The answer to `who` over TLS.
fn ask_over_tls(addr: SocketAddr, folder: &Folder) -> Option<String> {
    let mut openssl = client("openssl")?;
    let (addr, trusted) = (addr.to_string(), path(folder, "ca.pem"));
    openssl.args([
        "s_client",
        "-quiet",
        "-verify_return_error",
        "-verify_quiet",
        "-connect",
        &addr,
    ]);
    openssl.args(["-CAfile", &trusted, "-servername", "localhost"]);
    let mut openssl = Running::start(openssl.stderr(Stdio::null()));
    openssl.say("who\n");
    Some(openssl.line())
}
