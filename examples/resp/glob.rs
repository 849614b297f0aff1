//! Patterns as `KEYS`, `SCAN`, `PSUBSCRIBE` and `CONFIG GET` have them.

/// Whether the whole of `text` matches: `*`, `?`, `[a-z]`, `[^a]`, and `\` in front of what is meant
/// as it stands.
///
/// It goes back to the last `*` alone, so no pattern takes longer than the product of both lengths.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    if text.is_empty() {
        // Redis does not look further.
        return pattern.is_empty() || pattern == b"*";
    }
    let (mut at, mut rest) = (pattern, text);
    let mut star = None;
    loop {
        if let [b'*', behind @ ..] = at {
            star = Some((behind, rest));
            at = behind;
        } else if let Some((behind, tail)) = one(at, rest) {
            (at, rest) = (behind, tail);
        } else if at.is_empty() && rest.is_empty() {
            return true;
        } else {
            // The star takes one byte more.
            let Some((behind, [_, tail @ ..])) = star else { return false };
            star = Some((behind, tail));
            (at, rest) = (behind, tail);
        }
    }
}

/// What is behind one element of the pattern and the byte that it matches.
fn one<'a, 'b>(pattern: &'a [u8], text: &'b [u8]) -> Option<(&'a [u8], &'b [u8])> {
    let (byte, tail) = text.split_first()?;
    match pattern {
        [] => None,
        [b'?', behind @ ..] => Some((behind, tail)),
        [b'[', class @ ..] => {
            let (is_in, behind) = class_has(class, *byte);
            is_in.then_some((behind, tail))
        }
        [b'\\', literal, behind @ ..] | [literal, behind @ ..] => {
            (literal == byte).then_some((behind, tail))
        }
    }
}

/// Whether a class has the byte, and what is behind its `]`. One without `]` goes to the end.
fn class_has(class: &[u8], byte: u8) -> (bool, &[u8]) {
    let (is_not, mut class) = match class {
        [b'^', class @ ..] => (true, class),
        class => (false, class),
    };
    let mut is_in = false;
    loop {
        let (first, last, behind) = match class {
            [] => return (is_in != is_not, class),
            [b']', behind @ ..] => return (is_in != is_not, behind),
            [b'\\', it, behind @ ..] => (*it, *it, behind),
            [first, b'-', last, behind @ ..] => (*first.min(last), *first.max(last), behind),
            [it, behind @ ..] => (*it, *it, behind),
        };
        is_in |= (first..=last).contains(&byte);
        class = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_redis_matches_them() {
        for (pattern, text, is_match) in [
            ("", "", true),
            ("*", "", true),
            ("*", "abc", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbbd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[c-a]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("[\\]]", "]", true),
            ("[ab", "b", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("\\", "\\", true),
            ("key:1??", "key:100", true),
            ("h*l*o", "hello world, hello", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), is_match, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "a*".repeat(100) + "b";
        assert!(!matches(pattern.as_bytes(), "a".repeat(10_000).as_bytes()));
    }
}
