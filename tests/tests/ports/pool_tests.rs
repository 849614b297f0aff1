//! The HTTP server, driven by curl.

use super::peers::{client, run, Tap, Theirs};
use super::pool::{App, Http, Pool, Request, Response};
use asyncore_tests::net::{Client, Server};
use std::net::SocketAddr;
use std::sync::{Arc, Barrier};

/// The same applications as in `pool.py`.
fn app() -> App {
    let meeting = Barrier::new(3);
    Arc::new(move |request: &Request| match request.path.as_str() {
        "/" => Response("200 OK", "hello\n".into()),
        "/echo" => Response("200 OK", request.body.clone()),
        "/meet" => {
            meeting.wait();
            Response("200 OK", "met\n".into())
        }
        // A panic that the harness prints nothing of.
        "/boom" => std::panic::resume_unwind(Box::new("boom")),
        _ => Response("404 Not Found", "404 Not Found\n".into()),
    })
}

fn server() -> Server {
    Server::start(|map| {
        let (app, pool) = (app(), Pool::new(4));
        map.listen("127.0.0.1:0", move |_peer| Http::new(&app, &pool))
    })
}

fn assert_both_say(play: impl Fn(SocketAddr) -> String) -> String {
    let ours = server();
    let said = play(ours.addr());
    if let Some(theirs) = Theirs::start("pool.py", &[]) {
        assert_eq!(said, play(theirs.addr()), "left: ours, right: asyncore's");
    }
    said
}

/// What curl prints, and what the server says on each of its connections.
fn curl(server: SocketAddr, options: &[&str], paths: &[&str]) -> String {
    let (tap, mut curl) = (Tap::on(server), client("curl").expect("curl"));
    curl.args(["--silent", "--max-time", "10"]).args(options);
    curl.args(paths.iter().map(|path| format!("http://127.0.0.1:{}{path}", tap.port())));
    let output = run(&mut curl);
    let printed = output.stdout.escape_ascii();
    format!("{options:?} {paths:?} {:?}: {printed}\n{}\n", output.status.code(), tap.heard())
}

#[test]
fn curl_is_answered_as_by_asyncore_with_threads() {
    let Some(_) = client("curl") else { return };
    let manifest = concat!("@", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let large = "x".repeat(50_000);
    let said = assert_both_say(|server| {
        let upload = ["--header", "Expect: 100-continue", "--data-binary", &large];
        let played = [
            curl(server, &[], &["/", "/none", "/"]),
            curl(server, &["--head"], &["/"]),
            curl(server, &["--http1.0"], &["/"]),
            curl(server, &["--header", "Connection: close"], &["/"]),
            curl(server, &["--data-binary", manifest], &["/echo", "/echo"]),
            curl(server, &upload, &["/echo"]),
            curl(server, &["--header", "Transfer-Encoding: chunked", "--data", "x"], &["/echo"]),
            curl(server, &[], &["/boom"]),
        ];
        played.concat()
    });
    assert_eq!(said.matches("100 Continue").count(), 1, "{said}");
    assert_eq!(said.matches("[package]").count(), 4, "twice printed, twice heard: {said}");
    assert!(said.contains("500 Internal Server Error"), "{said}");
}

#[test]
fn threads_work_at_the_same_time() {
    let Some(_) = client("curl") else { return };
    // Each waits for the others.
    let said = assert_both_say(|server| {
        curl(server, &["--parallel", "--parallel-immediate"], &["/meet", "/meet", "/meet"])
    });
    assert!(said.contains("met\\nmet\\nmet\\n"), "{said}");
}

#[test]
fn answers_leave_in_the_order_of_the_requests_whichever_is_ready_first() {
    let said = assert_both_say(|server| {
        let (mut first, mut others) = (Client::connect(server), Client::connect(server));
        first.send("GET /meet HTTP/1.1\r\n\r\nGET / HTTP/1.0\r\n\r\nGET /ignored HTTP/1.1\r\n\r\n");
        others.send("GET /meet HTTP/1.1\r\n\r\nGET /meet HTTP/1.0\r\n\r\n");
        let all = [first.receive_all(), others.receive_all()];
        all.map(|said| String::from_utf8(said).expect("text")).concat()
    });
    let (met, hello) = (said.find("met").expect("met"), said.find("hello").expect("hello"));
    assert!(met < hello && !said.contains("404"), "{said}");
}

#[test]
fn what_is_no_request_is_refused_as_by_asyncore() {
    assert_both_say(|server| {
        let say = |text: &str| {
            let mut client = Client::connect(server);
            client.send(text);
            String::from_utf8(client.receive_all()).expect("text")
        };
        let refused = [
            say("what?\r\n\r\n"),
            say("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
            say("PUT / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n"),
            say("GET / HTTP/1.1\r\n\r\nGET / HTTP/2.0\r\n\r\n"),
        ];
        refused.concat()
    });
}
