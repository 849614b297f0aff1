//! What a load client says, and what it must hear.

/// In a reply: any digit, as a counter's depend on who counts beside.
pub(crate) const DIGIT: u8 = 0;

/// What one connection has in flight at a time, sent with one write.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) request: Vec<u8>,
    pub(crate) reply: Vec<u8>,
}

/// Batches said one after the other, and again from the start.
pub(crate) struct Script {
    pub(crate) batches: Vec<Batch>,
    /// In each batch.
    pub(crate) messages: usize,
}

impl Batch {
    /// Whether `read` is what stands in the reply from `at` on.
    pub(crate) fn says(&self, at: usize, read: &[u8]) -> bool {
        let expected = self.reply.get(at..at + read.len()).unwrap_or_default();
        let agree = |(a, b): (&u8, &u8)| a == b || *a == DIGIT && b.is_ascii_digit();
        expected == read || expected.len() == read.len() && expected.iter().zip(read).all(agree)
    }
}

impl Script {
    /// So many batches of `messages`, each of which `operate` writes by its number.
    pub(crate) fn numbered(
        count: usize,
        messages: usize,
        operate: impl Fn(usize, &mut Batch),
    ) -> Self {
        let batch = |index| {
            let mut batch = Batch::default();
            let first = index * messages;
            (first..first + messages).for_each(|number| operate(number, &mut batch));
            batch
        };
        Self { batches: (0..count).map(batch).collect(), messages }
    }

    /// Lines of `length` bytes and CRLF, no two of them alike, that are to come back as they are.
    pub(crate) fn echo(messages: usize, length: usize) -> Self {
        // Enough that a reply to another batch is noticed; few enough to stay in the cache.
        let count = (128 * 1024 / (messages * (length + 2))).clamp(4, 64);
        let mut batches = Vec::with_capacity(count);
        for batch in 0..count {
            let lines = (0..messages).map(|message| batch * messages + message);
            let request: Vec<u8> = lines.flat_map(|number| line(number, length)).collect();
            batches.push(Batch { reply: request.clone(), request });
        }
        Self { batches, messages }
    }
}

/// Numbered, and then printable bytes of a sequence that is different for each number.
fn line(number: usize, length: usize) -> Vec<u8> {
    let mut text = format!("{number:08}").into_bytes();
    let mut state = number as u32;
    text.resize_with(length, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b' ' + (state >> 24) as u8 % 95
    });
    text.extend_from_slice(b"\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_of_the_length_asked_for_and_differ() {
        let script = Script::echo(16, 64);
        let bytes: Vec<u8> =
            script.batches.iter().flat_map(|batch| batch.request.clone()).collect();
        let mut lines: Vec<&[u8]> = bytes.chunks(66).collect();
        assert!(lines.iter().all(|line| line.ends_with(b"\r\n") && line[..64].is_ascii()));
        assert!(lines.iter().all(|line| !line[..64].contains(&b'\n')));
        let count = lines.len();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), count);
    }
}
