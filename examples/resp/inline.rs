//! Commands typed by hand: words between spaces, in quotes where they have spaces themselves.

use asyncore_runtime::Bytes;

/// Quotes that nothing closes, or that something stands right behind.
#[derive(Debug, PartialEq, Eq)]
pub struct Unbalanced;

/// The words of a line, as the shell reads them: `"a\x00\n"` knows escapes, `'a b'` only `\'`.
pub fn words(line: &[u8]) -> Result<Vec<Bytes>, Unbalanced> {
    // Redis's lines are C strings.
    let mut rest = line.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut words = Vec::new();
    loop {
        let Some(start) = rest.iter().position(|byte| !is_space(*byte)) else { return Ok(words) };
        rest = &rest[start..];
        let mut word = Vec::new();
        rest = read(rest, &mut word)?;
        words.push(word.into());
    }
}

/// As in C, where a vertical tab is one, unlike inside a word.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// Reads one word; what is behind it.
fn read<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], Unbalanced> {
    loop {
        match rest {
            [b'"', behind @ ..] => return closed(double(behind, word)?),
            [b'\'', behind @ ..] => return closed(single(behind, word)?),
            [byte, behind @ ..] if !b" \t\r\n".contains(byte) => {
                word.push(*byte);
                rest = behind;
            }
            _ => return Ok(rest),
        }
    }
}

/// Behind a closing quote there is a space, or the end.
fn closed(rest: &[u8]) -> Result<&[u8], Unbalanced> {
    match rest.first() {
        Some(byte) if !is_space(*byte) => Err(Unbalanced),
        _ => Ok(rest),
    }
}

fn double<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], Unbalanced> {
    loop {
        let (byte, behind) = match rest {
            [b'"', behind @ ..] => return Ok(behind),
            [b'\\', b'x', a, b, behind @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                (hex(*a) << 4 | hex(*b), behind)
            }
            [b'\\', escaped, behind @ ..] => (unescaped(*escaped), behind),
            [byte, behind @ ..] => (*byte, behind),
            [] => return Err(Unbalanced),
        };
        word.push(byte);
        rest = behind;
    }
}

fn single<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], Unbalanced> {
    loop {
        let (byte, behind) = match rest {
            [b'\\', b'\'', behind @ ..] => (b'\'', behind),
            [b'\'', behind @ ..] => return Ok(behind),
            [byte, behind @ ..] => (*byte, behind),
            [] => return Err(Unbalanced),
        };
        word.push(byte);
        rest = behind;
    }
}

fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).map_or(0, |digit| digit as u8)
}

fn unescaped(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'a' => 7,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Result<Vec<String>, Unbalanced> {
        let words = words(line.as_bytes())?;
        Ok(words.iter().map(|word| word.escape_ascii().to_string()).collect())
    }

    #[test]
    fn words_stand_between_spaces() {
        assert_eq!(split("  set  k\tv\r\n"), Ok(vec!["set".into(), "k".into(), "v".into()]));
        assert_eq!(split("\x0ba\x0bb\x0c\n"), Ok(vec!["a\\x0bb\\x0c".into()]));
        assert_eq!(split("\r\n"), Ok(vec![]));
    }

    #[test]
    fn quotes_keep_spaces_and_know_escapes() {
        let expected = ["a b", "\\x00\\n\\\"q", "it\\'s\\\\n", ""].map(String::from);
        assert_eq!(split(r#""a b" "\x00\n\"q" 'it\'s\n' """#), Ok(expected.to_vec()));
    }

    #[test]
    fn quotes_that_do_not_close_are_no_words() {
        for line in [r#""a"#, r#"'a"#, r#""a"b"#, r#"'a'b"#, r#""""a""""#, r#""a\"#] {
            assert_eq!(split(line), Err(Unbalanced), "{line}");
        }
    }
}
