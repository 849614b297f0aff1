//! The scanner that the book teaches: cut anywhere, and given every length there is.

mod netstrings {
    program!("terminators_a_frame_only_you_can_recognise");
    use proptest::prelude::*;

    /// Refused, with nothing said.
    fn refused() -> (String, bool) {
        (String::new(), false)
    }

    #[test]
    fn netstrings_over_sockets() {
        assert_eq!(answers(|| Netstrings, "5:hello,0:,2:"), "5:hello,0:,");
        assert_eq!(answers(|| Netstrings, "5:hello;"), "");
    }

    #[test]
    fn what_is_no_netstring_is_refused_at_every_cut() {
        for bad in
            ["+5:hello,", "-1:,", ":,", "5:hello;", "5;hello,", " 5:hello,", "5 :hello,", ","]
        {
            assert_eq!(every_cut(|| Netstrings, bad), refused(), "{bad}");
        }
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_its_bytes_come() {
        let powers = (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1]);
        for len in powers.chain([u64::MAX - 1, u64::MAX]) {
            let frame_len = len.saturating_add(len.to_string().len() as u64 + 2);
            let (said, is_open) = every_cut(|| Netstrings, format!("{len}:"));
            assert_eq!((said.as_str(), is_open), ("", frame_len <= 4096), "{len}");
        }
        for len in ["18446744073709551616", &"9".repeat(10), &"9".repeat(100), &"0".repeat(10)] {
            assert_eq!(every_cut(|| Netstrings, len), refused(), "{len}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn strings_come_back_whatever_the_cut(strings: Vec<Vec<u8>>) {
            let strings = strings.iter().map(|string| &string[..string.len().min(40)]);
            let frame = |string: &[u8]| [format!("{}:", string.len()).as_bytes(), string, b","].concat();
            let sent: Vec<_> = strings.take(6).flat_map(frame).collect();
            let said = String::from_utf8_lossy(&sent).into_owned();
            prop_assert_eq!(every_cut(|| Netstrings, &sent), (said, true));
        }

        #[test]
        fn anything_is_the_same_whatever_the_cut(input in "[0-9]{0,4}[:,;+ a]{0,3}[0-9:,]{0,12}") {
            every_cut(|| Netstrings, input);
        }
    }
}
