//! One input made of others.

use crate::dice::Dice;

/// An input of the corpus, changed a few times.
pub fn mutated(
    corpus: &[Vec<u8>],
    words: &[Vec<u8>],
    longest: usize,
    dice: &mut impl Dice,
) -> Vec<u8> {
    let mut input = corpus[dice.below(corpus.len())].clone();
    for _ in 0..=dice.below(4) {
        change(&mut input, corpus, words, dice);
    }
    input.truncate(longest);
    input
}

fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[Vec<u8>], dice: &mut impl Dice) {
    let at = dice.below(input.len() + 1);
    let end = at + dice.below(input.len() - at + 1).min(1 << dice.below(6));
    match dice.below(8) {
        0 => input.insert(at, dice.below(256) as u8),
        1 if at < input.len() => input[at] ^= 1 << dice.below(8),
        2 if at < input.len() => input[at] = dice.pick(b"\r\n\0 0129:.\x01\x7f\x80\xff"),
        3 => drop(input.drain(at..end)),
        4 => {
            let part = input[at..end].to_vec();
            insert(input, at, &part);
        }
        5 => {
            let other = &corpus[dice.below(corpus.len())];
            let from = dice.below(other.len() + 1);
            let to = from + dice.below(other.len() - from + 1);
            insert(input, at, &other[from..to]);
        }
        6 => input.truncate(at),
        _ if !words.is_empty() => insert(input, at, &words[dice.below(words.len())]),
        _ => {}
    }
}

fn insert(input: &mut Vec<u8>, at: usize, part: &[u8]) {
    input.splice(at..at, part.iter().copied());
}
