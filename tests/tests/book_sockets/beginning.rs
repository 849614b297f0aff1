//! The README, and the chapters that begin.

mod readme {
    program!("readme_asyncore_for_rust");

    #[test]
    fn it_shouts() {
        assert_eq!(answers(|| Shout, "hello\r\nyou\r\n"), "HELLO\r\nYOU\r\n");
    }
}

mod first_server {
    program!("first_server_a_server");

    #[test]
    fn it_shouts() {
        assert_eq!(answers(|| Shout, "hello\r\n"), "HELLO\r\n");
    }
}

mod first_server_with_more {
    program!("first_server_say_more_than_one_thing");

    #[test]
    fn it_greets_counts_and_says_goodbye() {
        let said = "say something\r\nHELLO\r\n1 lines, bye\r\n";
        assert_eq!(answers(Shout::default, "hello\r\nquit\r\nand more"), said);
    }
}

mod from_asyncore {
    program!("from_asyncore_from_asyncore");

    fn shout() -> Shout {
        Shout { ibuffer: Vec::new(), until: Terminator::from(b"\r\n") }
    }

    #[test]
    fn a_port_with_fields_shouts() {
        assert_eq!(answers(shout, "hello\r\nyou\r\n"), "HELLO\r\nYOU\r\n");
        assert_eq!(every_cut(shout, "hello\r\nyou\r\n").0, "HELLO\r\nYOU\r\n");
    }
}

mod from_asyncore_when_new {
    program!("from_asyncore_from_asyncore_2");

    #[test]
    fn it_shouts() {
        assert_eq!(answers(|| Shout, "hello\r\n"), "HELLO\r\n");
    }
}

mod testing_session {
    program!("testing_one_channel_session");

    #[test]
    fn it_shouts_and_quits() {
        assert_eq!(answers(Shout::default, "abc\r\nquit\r\nabc\r\n"), "ABC\r\nQUIT\r\n");
    }
}

mod testing_cuts {
    program!("testing_one_channel_session_2");

    #[test]
    fn it_shouts() {
        assert_eq!(answers(|| Shout, "one\r\ntwo\r\n\r\n"), "ONE\r\nTWO\r\n\r\n");
    }
}

mod testing_example {
    program!("testing_an_example_that_is_a_test");

    #[test]
    fn its_examples_are_so_over_sockets() {
        assert_eq!(answers(|| Shout, Shout::EXAMPLES[0]), "HELLO\r\nA\r\nB\r\n");
    }
}

mod testing_fuzz {
    program!("testing_what_nobody_thought_of");

    #[test]
    fn it_shouts_what_was_fuzzed() {
        assert_eq!(answers(Shout::default, "a\r\n\r\n"), "A\r\n\r\n");
    }
}

mod testing_net {
    program!("testing_several_channels_net");

    #[test]
    fn the_client_is_answered_over_tcp() {
        let mut map = Map::new().unwrap();
        let listener = map.listen("127.0.0.1:0", |_peer| Shout).unwrap();
        map.connect(listener.local_addr(), Client).unwrap();
        run_until(&mut map, |map| map.counters().closed() == 2);
        assert_eq!(map.counters().panics(), 0);
    }
}

mod testing_sockets {
    program!("testing_what_a_test_in_memory_cannot_show");

    #[test]
    fn its_main_is_over_sockets() {
        main().unwrap();
    }
}

mod the_loop {
    program!("loop_asyncore_s_loop");

    #[test]
    fn its_main_ends() {
        main().unwrap();
        assert_eq!(answers(|| Echo, "hello"), "hello");
    }
}

mod expansion_one_state {
    program!("expansion_one_state");

    #[test]
    fn it_shouts() {
        assert_eq!(answers(|| Shout, "hello\r\n"), "HELLO\r\n");
    }
}

mod expansion_without_the_macro {
    program!("expansion_without_the_macro");

    #[test]
    fn it_echoes() {
        assert_eq!(answers(|| Echo, "hello"), "hello");
    }
}
