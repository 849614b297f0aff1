//! Several channels, and other threads.

mod a_chat_room {
    program!("channels_a_chat_room");
    use std::io::{copy, sink, BufRead, BufReader, Write};
    use std::thread;

    const SPEAKERS: usize = 8;
    const LINES: usize = 2_000;

    fn room() -> Server {
        Server::start(|map| {
            let room = Room::default();
            let enter = move |_| Guest { name: "somebody".to_owned(), room: Rc::clone(&room) };
            map.listen("127.0.0.1:0", enter)
        })
    }

    /// Says its lines all at once, and hears the others meanwhile.
    fn speak(mut peer: Peer) {
        let hears = peer.0.try_clone().unwrap();
        thread::spawn(move || copy(&mut BufReader::new(hears), &mut sink()));
        let speech: String = (0..LINES).map(|line| format!("{line:063}\n")).collect();
        thread::spawn(move || peer.0.write_all(speech.as_bytes()));
    }

    #[test]
    fn who_reads_hears_every_line_of_eight_speakers() {
        let server = room();
        let bob = server.client();
        let speakers: Vec<_> = (0..SPEAKERS).map(|_| server.client()).collect();
        connected::<Guest>(&server, 1 + SPEAKERS);
        let lines = BufReader::new(bob.0).lines().take(SPEAKERS * LINES);
        let heard = bounded(move || lines.filter(Result::is_ok).count());
        speakers.into_iter().for_each(speak);
        assert_eq!(heard(), SPEAKERS * LINES);
        assert_eq!(server.ask(|map| map.counters().refused_pushes()), 0);
    }

    #[test]
    fn who_leaves_is_in_the_room_no_more() {
        let server = room();
        let (mut ann, bob) = (server.client(), server.client());
        connected::<Guest>(&server, 2);
        drop(bob);
        let left = connected::<Guest>(&server, 1);
        assert_eq!(with(&left[0], |guest, _| guest.room.borrow().len()), 1);
        ann.send("anybody?\n");
        ann.finish();
        assert_eq!(ann.receive_all(), b"", "nobody hears oneself");
    }
}

mod a_proxy {
    program!("channels_a_proxy");
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener};

    /// Behind the proxy: reads all of a request, and then says how long it was.
    fn proxy() -> Server {
        let behind = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = behind.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in behind.incoming() {
                let (mut stream, mut request) = (Peer::from(stream.unwrap()).0, Vec::new());
                stream.read_to_end(&mut request).unwrap();
                stream.write_all(format!("{} bytes", request.len()).as_bytes()).unwrap();
            }
        });
        server(move || Client { to: to.clone(), upstream: None })
    }

    #[test]
    fn a_client_that_half_closes_gets_its_answer() {
        let proxy = proxy();
        for len in [0, 1, 3_000_000] {
            let mut peer = proxy.client();
            peer.send(vec![b'x'; len]);
            peer.finish();
            assert_eq!(peer.receive_all(), format!("{len} bytes").as_bytes());
        }
    }

    #[test]
    fn a_server_that_cannot_be_reached_ends_the_client() {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let proxy = server(move || Client { to: nobody.clone(), upstream: None });
        assert_eq!(proxy.client().receive_all(), b"");
    }
}

mod a_connection_that_goes_elsewhere {
    program!("channels_a_connection_that_goes_elsewhere");

    #[test]
    fn it_goes_on_with_what_was_read_before() {
        assert_eq!(answers(|| Door, "echo\nand more"), "here it comes\nand more");
        assert_eq!(answers(|| Door, "gopher\nand more"), "no such protocol\n");
    }
}

mod other_threads {
    program!("channels_other_threads");

    #[test]
    fn answers_come_in_the_order_of_the_questions() {
        let answer = "one has 3 letters\nthree has 5 letters\n";
        assert_eq!(answers(|| Rpc, "one\nthree\n"), answer);
    }
}

mod other_threads_desk {
    program!("channels_other_threads_2");

    #[test]
    fn an_answer_waits_for_the_one_before_it() {
        let server = server(Desk::default);
        let mut peer = server.client();
        let desk = connected::<Desk>(&server, 1).remove(0);
        peer.send("first\nsecond\n");
        until(|| with(&desk, |desk, _| desk.open.len()) == 2);
        let (second, first) = with(&desk, |desk, _| (desk.open.pop(), desk.open.pop()));
        second.unwrap().answer(|_, _| "two\n");
        with(&desk, |_, _| ());
        assert!(!peer.has_input());
        first.unwrap().answer(|_, _| "one\n");
        assert_eq!((peer.receive_line(), peer.receive_line()), ("one\n".into(), "two\n".into()));
    }
}
