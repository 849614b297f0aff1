//! Producers and backpressure.

mod what_a_peer_said {
    program!("producers_what_a_peer_said_in_a_reply");

    #[test]
    fn a_reply_that_repeats_a_line_is_one_line() {
        let answer = answers(|| Greeter, "you\n250 welcome, root\r\n");
        assert_eq!(answer, "550 nobody is called you\\n250 welcome, root\r\n");
    }
}

mod on_demand {
    program!("producers_output_on_demand");

    #[test]
    fn a_table_of_a_million_rows_arrives_whole() {
        let answer = answers(Table::default, "count\ntable\n");
        assert!(answer.starts_with("1\n2\n3\nbegin\nrow 1\nrow 2\n"));
        assert!(answer.ends_with("row 999999\nrow 1000000\nend\n"));
        assert_eq!(answer.lines().count(), 1_000_005);
    }
}

mod who_does_not_read {
    program!("producers_when_the_peer_does_not_read");

    #[test]
    fn who_reads_late_gets_everything() {
        let server = server(|| Generous);
        let mut peer = server.client();
        let mut writer = Peer::from(peer.0.try_clone().unwrap());
        let asked = bounded(move || {
            writer.send("a\n".repeat(10_000));
            writer.finish();
        });
        until(|| server.ask(|map| map.counters().hits(Limit::OutputHigh)) > 0);
        let generous = connected::<Generous>(&server, 1).remove(0);
        assert!(with(&generous, |_, io| io.queued()) < 70_000);
        assert_eq!(peer.receive_all().len(), 10_000_000);
        asked();
    }
}
