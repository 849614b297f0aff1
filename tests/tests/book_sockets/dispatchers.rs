//! Dispatchers, files and datagrams.

mod echo {
    program!("dispatchers_dispatchers_files_and_datagrams");

    #[test]
    fn it_echoes() {
        assert_eq!(answers(|| Echo, "as it comes"), "as it comes");
    }
}

mod pipes {
    program!("dispatchers_pipes_ttys_and_files");

    #[test]
    fn its_main_reads_a_child() {
        main().unwrap();
    }
}

/// Sends a datagram to a channel in a map of its own, and returns the answer and who asked.
fn asked<T>(channel: T, question: &str) -> (String, String)
where
    T: asyncore_runtime::Channel<Terminator = asyncore_runtime::Unframed>,
{
    let mut map = crate::kit::Map::new().unwrap();
    let key = map.datagram("127.0.0.1:0", channel).unwrap();
    let peer = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(asyncore_tests::net::PATIENCE)).unwrap();
    peer.connect(map.local_addr(key).unwrap().inet().unwrap()).unwrap();
    peer.send(question.as_bytes()).unwrap();
    let asks = peer.local_addr().unwrap().to_string();
    let answer = crate::kit::bounded(move || {
        let mut answer = [0; 100];
        let len = peer.recv(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..len]).into_owned()
    });
    map.poll(Some(asyncore_tests::net::PATIENCE)).unwrap();
    map.poll(Some(std::time::Duration::ZERO)).unwrap();
    (answer(), asks)
}

mod datagrams {
    program!("dispatchers_datagrams");

    #[test]
    fn who_asks_is_told_its_own_address() {
        let (answer, asks) = super::asked(WhoAmI, "?");
        assert_eq!(answer, asks);
    }
}

mod discovery {
    program!("dispatchers_datagrams_2");

    #[test]
    fn who_asks_is_answered() {
        assert_eq!(super::asked(Discovery, "who is there?").0, "a printer");
    }
}
