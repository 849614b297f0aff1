//! The recipes.

mod dots {
    program!("recipes_dots_at_the_beginning_of_a_line");

    const SENT: &str = "STORE\r\none\r\n..two\r\n...\r\n\r\n.\r\nFETCH\r\nSTORE\r\n.\r\nFETCH\r\n";
    const ANSWER: &str =
        "go on\r\nstored\r\none\r\n..two\r\n...\r\n\r\n.\r\ngo on\r\nstored\r\n.\r\n";

    #[test]
    fn a_text_comes_back_as_it_was_sent() {
        assert_eq!(answers(Mailbox::default, SENT), ANSWER);
        assert_eq!(every_cut(Mailbox::default, SENT), (ANSWER.to_owned(), true));
    }

    #[test]
    fn no_other_line_end_ends_a_text() {
        for end in ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n"] {
            let sent = format!("STORE\r\none{end}FETCH\r\n");
            assert_eq!(every_cut(Mailbox::default, sent).0, "go on\r\n", "{end:?}");
        }
    }

    #[test]
    fn a_text_too_long_is_read_to_its_dot_and_refused() {
        let sent = |lines| format!("STORE\r\n{}.\r\nFETCH\r\n", "x\r\n".repeat(lines));
        assert_eq!(answers(Mailbox::default, sent(LINES + 1)), "go on\r\ntoo long\r\n.\r\n");
        let stored = answers(Mailbox::default, sent(LINES));
        assert_eq!(stored, format!("go on\r\nstored\r\n{}.\r\n", "x\r\n".repeat(LINES)));
    }
}

mod lengths {
    program!("recipes_lengths_in_front");

    #[test]
    fn each_answer_has_its_length_in_front() {
        let answer = "\0\0\0\x09hello you\0\0\0\x06hello ";
        assert_eq!(answers(|| Rpc, "\0\0\0\x03you\0\0\0\0"), answer);
        assert_eq!(every_cut(|| Rpc, "\0\0\0\x03you\0\0\0\0"), (answer.to_owned(), true));
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_its_bytes_come() {
        for len in [4097, 1 << 31, u32::MAX] {
            assert_eq!(every_cut(|| Rpc, len.to_be_bytes()), (String::new(), false), "{len}");
        }
        assert!(every_cut(|| Rpc, 4096_u32.to_be_bytes()).1);
    }
}

mod varints {
    program!("recipes_lengths_in_front_2");
    use proptest::prelude::*;

    #[test]
    fn a_frame_comes_back_with_its_length() {
        let sent = [&[0xac, 0x02][..], &[b'x'; 300]].concat();
        assert_eq!(answers(|| Echo, &sent), String::from_utf8_lossy(&sent));
    }

    #[test]
    fn a_length_beyond_every_limit_is_refused() {
        for sent in [&b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"[..], &[0xff; 11], &[0x80; 11]] {
            assert_eq!(every_cut(|| Echo, sent), (String::new(), false), "{sent:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(50))]

        #[test]
        fn frames_come_back_whatever_the_cut(lens in prop::collection::vec(0..400_usize, 0..4)) {
            let mut session = Session::new(Echo);
            for len in lens {
                session.with(move |_, io| io.push(Varint(vec![b'x'; len])));
            }
            let sent = session.output();
            let said = String::from_utf8_lossy(&sent).into_owned();
            prop_assert_eq!(every_cut(|| Echo, &sent), (said, true));
        }
    }
}

mod chunks {
    program!("recipes_chunked_bodies");

    const SENT: &str =
        "5\r\nhello\r\n1A;a=b\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nA: b\r\n\r\n0\r\n\r\n";
    const ANSWER: &str = "7\r\nit has \r\n2\r\n31\r\n6\r\n bytes\r\n0\r\n\r\n\
                          7\r\nit has \r\n1\r\n0\r\n6\r\n bytes\r\n0\r\n\r\n";

    #[test]
    fn a_body_is_counted_and_the_answer_is_chunked() {
        assert_eq!(answers(Count::default, SENT), ANSWER);
        assert_eq!(every_cut(Count::default, SENT), (ANSWER.to_owned(), true));
    }

    #[test]
    fn an_empty_piece_is_no_chunk() {
        let pieces = ["a", "", "b"].map(str::to_owned);
        let sent: String = chunked(pieces.into_iter()).collect();
        assert_eq!(sent, "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    }

    #[test]
    fn what_is_no_chunk_is_refused_at_every_cut() {
        let lens = ["+5", "-5", "0x5", "", " 5", "5 5", "g", "10000000000000000", ";a"];
        for sent in lens.map(|len| format!("{len}\r\nhello\r\n")).iter().map(String::as_str) {
            assert_eq!(every_cut(Count::default, sent), (String::new(), false), "{sent:?}");
        }
        assert_eq!(every_cut(Count::default, "5\r\nhello..0\r\n\r\n"), (String::new(), false));
        assert!(every_cut(Count::default, "ffffffffffffffff\r\nhello").1, "nothing of it is held");
    }
}

mod pings {
    program!("recipes_pings");
    use asyncore_runtime::{tcp, Limits};

    #[test]
    fn who_answers_lives_and_who_does_not_is_closed() {
        let quick = Limits::DEFAULT.idle_timeout(Duration::from_secs(2));
        let server =
            Server::start(move |map| map.listen(tcp("127.0.0.1:0").limits(quick), |_peer| Peer));
        let mut client = server.client();
        client.converse("PING\r\n", "PONG\r\n");
        client.converse("", "PING\r\n");
        client.send("PONG\r\n");
        assert_eq!(client.receive_all(), b"PING\r\n");
    }
}

mod slow_readers {
    program!("recipes_slow_readers");

    #[test]
    fn who_does_not_read_is_closed_and_the_others_hear_all() {
        let server = server(|| Feed);
        let (mut speaker, mut reads) = (server.client(), server.client());
        let _sleeps = server.client();
        connected::<Feed>(&server, 3);
        let line = "x".repeat(8_000) + "\n";
        let mut heard = 2;
        for _ in 0..10_000 {
            speaker.send(&line);
            assert_eq!(reads.receive(line.len()), line.as_bytes());
            let answer = speaker.receive_line();
            heard = answer["heard by ".len()..].split(' ').next().unwrap().parse().unwrap();
            if heard == 1 {
                break;
            }
        }
        assert_eq!(heard, 1, "the kernel's buffers have an end");
        connected::<Feed>(&server, 2);
    }
}

mod how_many {
    program!("recipes_how_many_there_are");

    #[test]
    fn who_has_gone_is_counted_no_more() {
        let server = Server::start(|map| {
            let here = Rc::new(());
            map.listen("127.0.0.1:0", move |_peer| Guest { here: Rc::clone(&here) })
        });
        let (mut first, second) = (server.client(), server.client());
        connected::<Guest>(&server, 2);
        first.converse("how many?\n", "2 of us\n");
        second.reset();
        connected::<Guest>(&server, 1);
        first.converse("and now?\n", "1 of us\n");
    }
}

mod a_queue {
    program!("recipes_a_queue_that_outlives_its_connection");
    use std::net::{SocketAddr, TcpListener};

    /// Answers one line of each connection, and goes without a word; what it was asked.
    fn server(connections: usize, listener: TcpListener) -> Vec<String> {
        let mut asked = Vec::new();
        for number in 1..=connections {
            let mut peer = Peer::from(listener.accept().unwrap().0);
            let lines = 4 - number;
            asked.extend((0..lines).map(|_| peer.receive_line()));
            peer.send(format!("{number}\n"));
            if number == connections {
                peer.finish();
                peer.receive_all();
            }
        }
        asked
    }

    #[test]
    fn what_was_not_answered_is_asked_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let asked = bounded(move || server(3, listener));
        let mut map = Map::new().unwrap();
        let key = map.connect(addr, Client::default()).unwrap();
        map.tell(key, |client, io| {
            ["one", "two", "three"].iter().for_each(|request| assert!(client.ask(request, io)));
        });
        let (done, answers) = std::sync::mpsc::channel();
        run_until(&mut map, |map| {
            let done = done.clone();
            map.tell(key, move |client, io| {
                if client.answers.len() == 3 {
                    let _ = done.send((client.answers.clone(), client.asked.len()));
                    io.drain(Duration::ZERO);
                }
            });
            map.is_empty()
        });
        let answers = answers.recv().unwrap();
        assert_eq!(answers, (["1", "2", "3"].map(str::to_owned).to_vec(), 0));
        let expected = ["one\n", "two\n", "three\n", "two\n", "three\n", "three\n"];
        assert_eq!(asked(), expected);
    }

    #[test]
    fn a_queue_that_is_full_takes_no_more_and_is_said_at_once() {
        let mut net = asyncore_runtime::testing::Net::new();
        let key = net.connect("10.0.0.1:9", Client::default()).unwrap();
        net.window(key, 0);
        let request = "x".repeat(1000);
        let ask = move |client: &mut Client, io: &mut Io<Client>| {
            assert!(!client.ask(&"x".repeat(1001), io));
            (0..2000).filter(|_| client.ask(&request, io)).count()
        };
        assert_eq!(net.with(key, ask), Some(1000));
        net.feed_reset(key);
        net.advance(Duration::from_millis(100));
        assert_eq!(net.output(key).len(), 1000 * 1001);
    }
}

mod a_listener_for_one {
    program!("recipes_a_listener_for_one");
    use std::net::{SocketAddr, TcpStream};

    /// Where it may be fetched.
    fn door(control: &mut crate::kit::Peer) -> SocketAddr {
        control.send("LIST\n");
        control.receive_line()["fetch it at ".len()..].trim().parse().unwrap()
    }

    #[test]
    fn one_may_fetch_it_and_no_other() {
        let server = server(Control::default);
        let mut control = server.client();
        let addr = door(&mut control);
        assert_eq!(Peer::connect(addr).receive_all(), b"one.txt\ntwo.txt\n");
        assert!(TcpStream::connect(addr).is_err());
    }

    #[test]
    fn who_asks_again_is_shown_another_door_and_the_first_is_shut() {
        let server = server(Control::default);
        let mut control = server.client();
        let (first, second) = (door(&mut control), door(&mut control));
        connected::<Control>(&server, 1);
        assert!(TcpStream::connect(first).is_err());
        assert_eq!(Peer::connect(second).receive_all(), b"one.txt\ntwo.txt\n");
    }
}

mod unix_sockets {
    program!("recipes_unix_sockets");

    #[test]
    fn its_main_is_over_a_unix_socket() {
        main().unwrap();
    }

    #[test]
    fn a_peer_connects_to_the_path() {
        let path = std::env::temp_dir().join(format!("book-{}.sock", std::process::id()));
        let mut map = Map::new().unwrap();
        map.listen(path.as_path(), |_peer| Shout).unwrap();
        let mut peer = Peer::connect_path(&path);
        peer.send("hello\n");
        run_until(&mut map, |_| peer.has_input());
        assert_eq!(peer.receive_line(), "HELLO\n");
    }
}

mod signals {
    program!("recipes_signals");

    use asyncore_runtime::signals::SIGTERM;
    use asyncore_tests::net::PATIENCE;
    use signal_hook::low_level::raise;
    use std::sync::mpsc;

    /// One test, as a signal is the process's: each loop that listens for it hears it.
    #[test]
    fn sighup_changes_the_greeting_and_sigterm_lets_the_others_finish() {
        let (say, hear) = mpsc::channel();
        let ended = bounded(move || {
            let mut map = Map::new().unwrap();
            say.send(serve(&mut map).unwrap().local_addr().inet().unwrap()).unwrap();
            map.until_signal(Duration::from_secs(10)).unwrap();
        });
        let mut peer = Peer::connect(hear.recv_timeout(PATIENCE).unwrap());
        peer.converse("Ada\nGra", "Hello, Ada\n");
        raise(SIGHUP).unwrap();
        raise(SIGTERM).unwrap();
        peer.send("ce\n");
        assert_eq!(peer.receive_all(), b"Welcome, Grace\n", "the line it was at");
        drop(peer);
        ended();
    }
}

mod posts {
    program!("recipes_posts_in_a_test");

    #[test]
    fn over_sockets_a_post_wakes_the_loop() {
        let server = server(|| Slow);
        let mut peer = server.client();
        peer.converse("hello\n", "HELLO\nworking\n");
        let slow = connected::<Slow>(&server, 1).remove(0);
        slow.post(|_, io| io.close()).unwrap();
        assert_eq!(peer.receive_all(), b"");
    }
}
