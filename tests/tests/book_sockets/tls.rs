//! TLS and STARTTLS.

#[path = "../tls/certificates.rs"]
mod certificates;

mod from_the_first_byte {
    program!("tls_tls_and_starttls");
    use super::certificates::{client, server as config};
    use rustls::{ClientConnection, StreamOwned};
    use std::io::{Read, Write};

    #[test]
    fn a_client_of_another_library_is_answered() {
        let config = config();
        let server =
            Server::start(move |map| map.listen(tcp("127.0.0.1:0").tls(&config), |_| Shout));
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(client(), name).unwrap();
        let mut stream = StreamOwned::new(connection, server.client().0);
        stream.write_all(b"hello\r\n").unwrap();
        let mut answer = [0; 7];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HELLO\r\n");
    }
}

mod starttls {
    program!("tls_starttls");
    use super::certificates::{client, server as config};

    #[test]
    fn a_sender_is_told_when_the_rest_is_secret() {
        let (config, mut map) = (config(), Map::new().unwrap());
        let smtp = move |_| Smtp { tls: config.clone(), sender: None };
        let listener = map.listen("127.0.0.1:0", smtp).unwrap();
        let submit = Submit { tls: client(), heard: Vec::new() };
        let key = map.connect(listener.local_addr(), submit).unwrap();
        let (said, heard) = std::sync::mpsc::channel();
        run_until(&mut map, |map| {
            let said = said.clone();
            map.tell(key, move |submit, _| {
                let last = submit.heard.last().is_some_and(|line| line == "250 ok");
                let _ = last.then(|| said.send(submit.heard.len()));
            });
            heard.try_recv() == Ok(5)
        });
    }

    #[test]
    fn a_sender_in_the_clear_is_refused() {
        let make = || Smtp { tls: config(), sender: None };
        let answer = "220 ready\r\n250 STARTTLS\r\n530 STARTTLS first\r\n";
        assert_eq!(answers(make, "EHLO me\r\nMAIL from:<a>\r\n"), answer);
    }
}

mod behind_a_proxy {
    program!("tls_behind_a_proxy");

    #[test]
    fn a_header_comes_first() {
        let server = Server::start(|map| {
            map.listen(tcp("127.0.0.1:0").proxy_protocol(["127.0.0.0/8"]), |_proxy| Shout)
        });
        let mut peer = server.client();
        peer.converse("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nhello\r\n", "HELLO");
    }
}
