//! What the two servers written by hand on mio do with what was read.

use memchr::memchr_iter;

/// No framing: all that came goes back, from where it was read to.
pub(super) fn raw<'a>(input: &'a [u8], _seen: usize, _out: &'a mut Vec<u8>) -> (usize, &'a [u8]) {
    (input.len(), input)
}

/// Calls [`line()`] for each whole line, and sends all replies at once.
pub(super) fn lines<'a>(input: &'a [u8], seen: usize, out: &'a mut Vec<u8>) -> (usize, &'a [u8]) {
    out.clear();
    let mut start = 0;
    for at in memchr_iter(b'\n', &input[seen..]) {
        let end = seen + at;
        if end > start && input[end - 1] == b'\r' {
            line(&input[start..end - 1], out);
            start = end + 1;
        }
    }
    (start, out)
}

/// The handler. It knows nothing of where the line lies and what lies around it, as no handler of
/// a server does: one that wrote back whole reads would be [`raw`].
fn line(line: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(line);
    out.extend_from_slice(b"\r\n");
}
