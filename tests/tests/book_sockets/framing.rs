//! Terminators and states, and what they cost: limits and errors.

mod moving_between_states {
    program!("terminators_moving_between_states");

    const SENT: &str = "a 5\r\nhello\r\nb 0\r\n\r\nc\r\n";
    const ANSWER: &str = "a: 5 bytes\r\nb: 0 bytes\r\nwhat?\r\n";

    #[test]
    fn a_body_is_as_long_as_its_head_says() {
        assert_eq!(answers(Store::default, SENT), ANSWER);
        assert_eq!(every_cut(Store::default, SENT), (ANSWER.to_owned(), true));
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_its_bytes_come() {
        for len in [(1 << 16) + 1, u64::MAX] {
            assert_eq!(every_cut(Store::default, format!("a {len}\r\n")), (String::new(), false));
        }
        assert_eq!(answers(Store::default, "a 99999999999999999999\r\n"), "what?\r\n");
    }
}

mod streaming {
    program!("terminators_streaming");

    #[test]
    fn an_upload_is_summed_up() {
        assert_eq!(answers(Upload::default, b"4\n\x01\x02\x03\x041\n\x05"), "10\n15\n");
        assert_eq!(every_cut(Upload::default, b"4\n\x01\x02\x03\x04").0, "10\n");
    }
}

mod frames_that_nobody_takes {
    program!("terminators_frames_that_nobody_takes");

    #[test]
    fn a_field_collects_a_line() {
        assert_eq!(answers(Collector::default, "abc\nd\n"), "abcd");
    }
}

mod expansion_two_states {
    program!("expansion_two_states_limits_an_error_handler");

    #[test]
    fn a_body_is_as_long_as_its_head_says() {
        assert_eq!(answers(Request::default, "3\r\n\r\nabc0\r\n\r\n"), "abc");
        let refused = "HTTP/1.1 400 Bad Request\r\n\r\n";
        assert_eq!(answers(Request::default, "three\r\n\r\nabc"), refused);
        assert_eq!(every_cut(Request::default, format!("{}\r\n\r\n", u64::MAX)).0, refused);
    }
}

mod expansion_fields {
    program!("expansion_fields_that_the_runtime_drives");

    fn chat() -> Chat {
        Chat { inbox: Vec::new(), until: Terminator::from(b"\n") }
    }

    #[test]
    fn a_field_says_what_ends_a_frame() {
        assert_eq!(answers(chat, "hello\nabcdefgh"), "helloabcdef");
        assert_eq!(every_cut(chat, "hello\nabcdefgh").0, "helloabcdef");
    }

    #[test]
    fn a_field_is_sent() {
        let feed = || Feed(Box::new(asyncore_runtime::SimpleProducer::new("news")));
        assert_eq!(answers(feed, ""), "news");
    }

    #[test]
    fn a_field_collects_a_line() {
        assert_eq!(answers(|| Collector { inbox: Vec::new() }, "abc\nd\n"), "abcd");
    }
}

mod limits {
    program!("limits_setting_them");

    #[test]
    fn a_line_too_long_ends_the_connection() {
        assert_eq!(answers(|| Mail, "x".repeat(1001)), "");
        assert_eq!(every_cut(|| Mail, format!("{}\r\n", "x".repeat(1000))), (String::new(), true));
    }
}

mod errors {
    program!("errors_what_you_do");

    #[test]
    fn errors_are_answered_and_survived() {
        let answer = "1\nerror: invalid digit found in string\n3\n";
        assert_eq!(answers(Sum::default, "1\nx\n2\n"), answer);
        assert_eq!(every_cut(Sum::default, "1\nx\n2\n").0, answer);
        let long = format!("{}\n4\n", "7".repeat(1000));
        assert_eq!(answers(Sum::default, long), "error: no end of frame within 64 bytes\n4\n");
    }
}

mod errors_http {
    program!("errors_what_can_go_wrong");

    #[test]
    fn the_limit_says_what_is_answered() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(answers(|| Http, "GET / HTTP/1.1\r\n\r\n"), answer);
        let answer = "HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n";
        assert_eq!(answers(|| Http, "x".repeat(2000)), answer);
        assert_eq!(answers(|| Http, b"\xff\r\n\r\n"), "HTTP/1.1 400 Bad Request\r\n\r\n");
    }
}

mod errors_of_callers {
    program!("errors_what_the_caller_is_told");

    #[test]
    fn its_main_finds_the_address_taken() {
        main().unwrap();
        assert_eq!(answers(|| Echo, "hello"), "hello");
    }
}
