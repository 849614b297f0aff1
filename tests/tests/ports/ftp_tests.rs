//! The FTP server, driven by ftplib and by curl.

use super::ftp::{Files, Ftp};
use super::peers::{client, python, run, stdout_of, Tap, Theirs};
use asyncore_tests::net::Server;
use std::net::SocketAddr;

fn server() -> Server {
    Server::start(|map| {
        let files = Files::default();
        let large = (0..=255).collect::<Vec<u8>>().repeat(131_072);
        files.borrow_mut().insert("hello".into(), "hello, world\n".into());
        files.borrow_mut().insert("large".into(), large.into());
        map.listen("127.0.0.1:0", move |_peer| Ftp::new(files.clone()))
    })
}

/// The same, played against ours and against asyncore's, if there is one.
fn assert_both_say(play: impl Fn(SocketAddr) -> String) -> String {
    let ours = server();
    let said = without_ports(&play(ours.addr()));
    if let Some(theirs) = Theirs::start("ftp.py", &[]) {
        assert_eq!(said, without_ports(&play(theirs.addr())), "left: ours, right: asyncore's");
    }
    said
}

/// A transcript in which the ports that the kernel chose are not told.
fn without_ports(said: &str) -> String {
    let mut parts = said.split("127,0,0,1,");
    let first = parts.next().unwrap_or_default().to_owned();
    let port = |c: char| c.is_ascii_digit() || c == ',';
    first
        + &parts
            .map(|part| "127,0,0,1,P".to_owned() + part.trim_start_matches(port))
            .collect::<String>()
}

const FTPLIB: &str = r#"
import ftplib, io, sys

def conversation(passive):
    ftp = ftplib.FTP()
    ftp.set_debuglevel(1)
    ftp.connect("127.0.0.1", int(sys.argv[1]), timeout=10)
    ftp.login()
    ftp.set_pasv(passive)
    print(sorted(ftp.nlst()))
    ftp.storbinary("STOR new", io.BytesIO(b"stored " * 100000))
    for name in "new", "large":
        parts = []
        ftp.retrbinary("RETR " + name, parts.append)
        content = b"".join(parts)
        print(len(content), content[:7], content[-7:])
    data = ftp.transfercmd("RETR large")
    data.recv(1000)
    print(ftp.abort(), ftp.voidresp())
    data.close()
    print(ftp.abort())
    data = ftp.transfercmd("STOR cut")
    data.sendall(b"not all")
    print(ftp.abort(), ftp.voidresp())
    data.close()
    for command in "SIZE new", "SIZE cut", "RETR none", "RETR hello", "PORT 1", "WHAT":
        try:
            print(ftp.sendcmd(command))
        except ftplib.error_reply as error:
            print(error)
        except ftplib.Error as error:
            print(error)
    ftp.retrbinary("RETR hello", print)
    ftp.quit()

conversation(True)
conversation(False)
"#;

#[test]
fn ftplib_stores_reads_and_gives_up_in_both_modes_as_at_asyncores() {
    let Some(_) = python("") else { return };
    let said = assert_both_say(|server| {
        let port = server.port().to_string();
        let printed = stdout_of(python(FTPLIB).expect("Python").arg(port));
        String::from_utf8(printed).expect("text")
    });
    assert_eq!(said.matches("33554432 b'\\x00\\x01\\x02").count(), 2, "{said}");
    assert_eq!(said.matches("700000 b'stored ' b'stored '").count(), 2, "{said}");
    assert_eq!(said.matches("426 Aborted. 226 Done.\n").count(), 4, "{said}");
    assert!(said.contains("550 No such file.\n") && said.ends_with("'221 Bye.'\n"), "{said}");
}

#[test]
fn curl_stores_and_reads_in_both_modes_as_at_asyncores() {
    let Some(_) = client("curl") else { return };
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let said = assert_both_say(|server| {
        let played = [
            (&["--list-only"][..], ""),
            (&[], "hello"),
            (&["--ftp-port", "127.0.0.1"], "hello"),
            (&["--upload-file", manifest], "manifest"),
            (&["--ftp-port", "127.0.0.1"], "manifest"),
            (&["--ftp-port", "127.0.0.1", "--upload-file", manifest], "hello"),
            (&[], "hello"),
            (&[], "none"),
        ];
        let play = |(options, name): (&[&str], &str)| {
            let tap = Tap::on(server);
            let mut curl = client("curl").expect("curl");
            let url = format!("ftp://127.0.0.1:{}/{name}", tap.port());
            let output = run(curl.args(["--silent", "--max-time", "10"]).args(options).arg(url));
            let printed = String::from_utf8_lossy(&output.stdout);
            format!("{options:?} {:?}\n{printed}\n{}\n", output.status.code(), tap.heard())
        };
        played.map(play).concat()
    });
    let content = std::fs::read_to_string(manifest).expect("the manifest");
    assert_eq!(said.matches(&content).count(), 2, "{said}");
    assert_eq!(said.matches("hello, world\n").count(), 2, "{said}");
    assert!(said.contains("Some(78)"), "curl's word for no such file: {said}");
}
