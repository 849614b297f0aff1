//! Clients and timers.

mod reconnecting {
    program!("clients_reconnecting");
    use std::net::TcpListener;

    #[test]
    fn it_subscribes_again_when_the_server_is_back() {
        let mut map = Map::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        map.connect(listener.local_addr().unwrap(), Subscriber::default()).unwrap();
        let server = bounded(move || {
            let heard = |_| Peer::from(listener.accept().unwrap().0).receive_line();
            (0..2).map(heard).collect::<Vec<_>>()
        });
        run_until(&mut map, |map| map.counters().closed() == 1);
        let key = map.keys::<Subscriber>()[0];
        run_until(&mut map, |map| map.counters().closed() == 2);
        assert!(map.is_alive(key), "the same key");
        assert_eq!(server(), ["SUB news\r\n", "SUB news\r\n"]);
    }
}

mod reconnecting_watch {
    program!("clients_reconnecting_2");
    use asyncore_runtime::{tcp, Limits};

    #[test]
    fn a_silent_peer_is_asked_and_then_given_up() {
        let quick = Limits::DEFAULT.idle_timeout(Duration::from_secs(2));
        let server =
            Server::start(move |map| map.listen(tcp("127.0.0.1:0").limits(quick), |_peer| Watch));
        let mut peer = server.client();
        peer.send("hello\r\n");
        assert_eq!(peer.receive_all(), b"PING\r\n");
    }
}
