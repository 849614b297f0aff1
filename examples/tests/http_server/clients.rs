//! Clients that people use, and load, on real sockets.

use std::io::{Read, Write};

use crate::certificate::Certificate;
use crate::kit::Www;
use crate::process::{client, expect, run, stdout_of, Server};

fn server(www: &Www) -> Server {
    Server::with("http_server", &["--root", &www.root()])
}

fn python(server: &Server, program: &str) -> Option<String> {
    let mut python = client("python3")?;
    let port = server.address.to_string().rsplit_once(':').unwrap().1.to_owned();
    Some(stdout_of(python.args(["-W", "ignore", "-c", program, &port])))
}

#[test]
fn curl_gets_posts_resumes_and_asks_again() {
    let www = Www::new("curl");
    let server = server(&www);
    let url = |path: &str| format!("http://{}{path}", server.address);
    let Some(mut curl) = client("curl") else { return };
    assert_eq!(stdout_of(curl.args(["-s", &url("/")])), "<p>hello</p>\n");
    let curl = |args: &[&str]| stdout_of(client("curl").unwrap().arg("-s").args(args));
    assert_eq!(curl(&["-L", &url("/folder")]), "in the folder");
    assert_eq!(curl(&["-r", "2-4", &url("/digits.txt")]), "234");
    assert_eq!(curl(&["-d", "a=b", &url("/echo")]), "a=b");
    assert_eq!(curl(&["-T", &format!("{}/digits.txt", www.root()), &url("/echo")]), "0123456789");
    let chunked = ["-H", "Transfer-Encoding: chunked", "-d", "chunks", &url("/echo")];
    assert_eq!(curl(&chunked), "chunks");
    let etag = format!("{}/etag", www.0.display());
    let asked = ["--etag-save", &etag, "--etag-compare", &etag, &url("/digits.txt")];
    let with_status = [&asked[..], &["-w", "%{http_code}"]].concat();
    assert_eq!(curl(&with_status), "0123456789200");
    assert_eq!(curl(&with_status), "304");
    let waits = ["-H", "Expect: 100-continue", "-d", "waited", &url("/echo")];
    assert_eq!(curl(&waits), "waited");
    assert_eq!(curl(&["-0", &url("/plaintext")]), "Hello, World!");
}

#[test]
fn curl_comes_over_tls() {
    let (www, certificate) = (Www::new("curl-tls"), Certificate::new("http-server"));
    let server = certificate.server("http_server", &["--root", &www.root()]);
    let Some(mut curl) = client("curl") else { return };
    let port = server.address.to_string().rsplit_once(':').unwrap().1.to_owned();
    let to = format!("localhost:{port}:127.0.0.1");
    let trusted = certificate.path("cert.pem");
    let args = ["-s", "--resolve", &to, "--cacert", &trusted];
    let printed = stdout_of(curl.args(args).arg(format!("https://localhost:{port}/digits.txt")));
    assert_eq!(printed, "0123456789");
}

#[test]
fn pythons_http_client_keeps_its_connection() {
    let www = Www::new("http-client");
    let server = server(&www);
    let program = "
import http.client, sys
connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=20)
for method, path, body in [('GET', '/digits.txt', None), ('HEAD', '/', None), ('POST', '/echo', b'x' * 100000),
                           ('POST', '/echo', iter([b'one', b'two'])), ('GET', '/nowhere', None)]:
    connection.request(method, path, body)
    first = connection.sock
    answer = connection.getresponse()
    data = answer.read()
    print(answer.status, len(data), connection.sock is first)
";
    let Some(printed) = python(&server, program) else { return };
    assert_eq!(printed, "200 10 True\n200 0 True\n200 100000 True\n200 6 True\n404 16 True\n");
}

#[test]
fn requests_gets_streams_and_posts() {
    let www = Www::new("requests");
    let server = server(&www);
    let Some(mut python3) = client("python3") else { return };
    if !python3.args(["-c", "import requests"]).output().unwrap().status.success() {
        return crate::process::skip("requests for Python");
    }
    let program = "
import requests, sys
url = 'http://127.0.0.1:' + sys.argv[1]
with requests.Session() as session:
    print(session.get(url + '/folder').text)
    print(session.post(url + '/echo', data=(part for part in [b'a', b'b', b'c'])).text)
    print(session.get(url + '/digits.txt', headers={'Range': 'bytes=-3'}).text)
    answer = session.get(url + '/plaintext')
    print(answer.status_code, answer.text, answer.headers['Content-Type'])
";
    let printed = python(&server, program).unwrap();
    assert_eq!(printed, "in the folder\nabc\n789\n200 Hello, World! text/plain\n");
}

/// A second of load: nothing but answers.
#[test]
fn wrk_h2load_and_ab_find_no_error() {
    let www = Www::new("load");
    let server = server(&www);
    let url = format!("http://{}/plaintext", server.address);
    if let Some(mut wrk) = client("wrk") {
        // It prints its version, and fails.
        let printed = stdout_of(wrk.args(["-t1", "-c50", "-d1s", &url]));
        assert!(printed.contains("requests in") && !printed.contains("Non-2xx"), "{printed}");
        assert!(!printed.contains("Socket errors"), "{printed}");
    }
    if let Some(mut h2load) = client("h2load") {
        let printed = stdout_of(h2load.args(["--h1", "-n5000", "-c20", "-m8", &url]));
        assert!(printed.contains("5000 succeeded, 0 failed"), "{printed}");
    }
    if let Some(mut ab) = client("ab") {
        let printed = stdout_of(ab.args(["-k", "-n5000", "-c20", "-q", &url]));
        assert!(printed.contains("Complete requests:      5000"), "{printed}");
        assert!(printed.contains("Failed requests:        0"), "{printed}");
    }
}

#[test]
fn sigterm_lets_an_upload_finish_and_ends_who_is_idle() {
    let www = Www::new("sigterm");
    let server = server(&www);
    let (mut idle, mut busy) = (server.connect(), server.connect());
    idle.write_all(b"GET /plaintext HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").unwrap();
    expect(&mut idle, "HTTP/1.1 200 OK\r\n");
    busy.write_all(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n").unwrap();
    expect(&mut busy, "HTTP/1.1 200 OK\r\n");
    server.signal("-TERM");
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(b"Hello, World!"));
    busy.write_all(b"0123456789").unwrap();
    let mut answer = String::new();
    busy.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\n0123456789"), "{answer}");
    assert_eq!(server.status(), Some(0));
}

#[test]
fn a_root_that_is_none_is_named() {
    let output = run(crate::process::example("http_server").args(["--root", "/no/such/folder"]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("Error: /no/such/folder: "), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

/// What the page says in the end: how wide its picture is, and what the WebSocket has answered. It has
/// time for that until its slow picture, which is none, has come.
const PAGE: &str = r#"<p id="said">nothing</p><img id="picture" src="picture.svg"><img src="/slow?ms=3000"><script>
const socket = new WebSocket("ws://" + location.host + "/ws");
socket.onopen = () => socket.send("over WebSocket");
socket.onmessage = (event) => {
    const wide = document.getElementById("picture").naturalWidth;
    document.getElementById("said").textContent = `${wide} wide, ${event.data}`;
};
</script>"#;

#[test]
fn a_browser_shows_a_picture_and_speaks_websocket() {
    let www = Www::new("browser");
    www.write("www/page.html", PAGE);
    let picture = "<svg xmlns='http://www.w3.org/2000/svg' width='120' height='80'/>";
    www.write("www/picture.svg", picture);
    let server = server(&www);
    let Some(mut chromium) = client("chromium") else { return };
    let profile = format!("--user-data-dir={}", www.0.join("profile").display());
    // It asks nobody but the server.
    chromium.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
    ]);
    chromium.args(["--disable-background-networking", "--disable-component-update"]);
    chromium.args(["--disable-sync", "--dump-dom", &profile]);
    let shown = stdout_of(chromium.arg(format!("http://{}/page.html", server.address)));
    assert!(shown.contains("120 wide, over WebSocket"), "{shown}");
}
