//! The programs side by side with Python's.

mod an_http_client {
    program!("asyncore_an_http_client");

    #[test]
    fn it_asks_call_by_call() {
        let request = "GET / HTTP/1.0\r\nHost: www.python.org\r\n\r\n";
        let client = HttpClient { buffer: request.into() };
        assert_eq!(super::asked(client), request);
    }
}

mod an_http_client_with_events {
    program!("asyncore_an_http_client_2");

    #[test]
    fn it_asks_when_it_is_connected() {
        let request = "GET / HTTP/1.0\r\nHost: www.python.org\r\n\r\n";
        let client = HttpClient { path: "/", host: "www.python.org" };
        assert_eq!(super::asked(client), request);
    }
}

/// What a client says to a server that answers and closes.
fn asked<T: asyncore_runtime::Channel>(client: T) -> String {
    use crate::kit::*;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut map = Map::new().unwrap();
    map.connect(listener.local_addr().unwrap(), client).unwrap();
    let served = bounded(move || {
        let mut peer = Peer::from(listener.accept().unwrap().0);
        let mut request = String::new();
        while !request.ends_with("\r\n\r\n") {
            request += &peer.receive_line();
        }
        peer.send("HTTP/1.0 200 OK\r\n\r\nhello\n");
        request
    });
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(map.counters().panics(), 0);
    served()
}

mod an_echo_server {
    program!("asyncore_an_echo_server");

    #[test]
    fn it_echoes_each_connection() {
        let mut map = Map::new().unwrap();
        let listener = map.serve("127.0.0.1:0", EchoServer).unwrap();
        let addr = listener.local_addr().inet().unwrap();
        let peers = bounded(move || {
            Peer::connect(addr).converse("hello", "hello");
            Peer::connect(addr).converse("you", "you");
        });
        run_until(&mut map, |map| map.counters().closed() == 2);
        peers();
    }
}

mod by_fields {
    program!("asyncore_an_http_request_handler");

    #[test]
    fn a_body_is_waited_for_and_more_is_ignored() {
        let answer = "HTTP/1.0 204 No Content\r\n\r\n";
        let post = "POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbodymore than was said";
        assert_eq!(answers(HttpRequestHandler::new, post), answer);
        assert_eq!(every_cut(HttpRequestHandler::new, post), (answer.to_owned(), true));
        assert_eq!(answers(HttpRequestHandler::new, "GET / HTTP/1.0\r\n\r\n"), answer);
    }

    #[test]
    fn a_length_that_is_none_is_refused() {
        for len in ["", "-1", "+4", " 4", "4 ", "four", "18446744073709551616"] {
            let post = format!("POST / HTTP/1.0\r\nContent-Length: {len}\r\n\r\nbody");
            assert_eq!(every_cut(HttpRequestHandler::new, post), (String::new(), false), "{len}");
        }
    }
}

mod by_states {
    program!("asyncore_an_http_request_handler_2");

    #[test]
    fn a_body_is_waited_for_and_the_connection_closes() {
        let answer = "HTTP/1.0 204 No Content\r\n\r\n";
        let post = "POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbodymore than was said";
        assert_eq!(answers(|| HttpRequestHandler, post), answer);
        assert_eq!(every_cut(|| HttpRequestHandler, post), (answer.to_owned(), false));
    }

    #[test]
    fn a_length_that_is_none_or_beyond_the_limit_is_refused() {
        for len in ["", "+4", "1048577", "18446744073709551615", "18446744073709551616"] {
            let post = format!("POST / HTTP/1.0\r\nContent-Length: {len}\r\n\r\nbody");
            assert_eq!(every_cut(|| HttpRequestHandler, post), (String::new(), false), "{len}");
        }
    }
}

mod reading_a_file {
    program!("asyncore_reading_a_file");

    #[test]
    fn it_reads_to_the_end() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/lorem.txt");
        let mut map = Map::new().unwrap();
        map.add_file(File::open(file).unwrap(), FileReader).unwrap();
        run_until(&mut map, |map| map.is_empty());
        assert_eq!((map.counters().closed(), map.counters().panics()), (1, 0));
    }
}
