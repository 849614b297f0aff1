//! What fuzzing began with, or has found, is played again.

use asyncore_stress::fuzz::targets::TARGETS;
use asyncore_stress::fuzz::{corpus, tried};
use asyncore_stress::simulate;

#[test]
fn nothing_in_the_corpora_is_a_fault() {
    asyncore_stress::hush();
    for target in TARGETS {
        let inputs = corpus(target);
        assert!(!inputs.is_empty(), "{} has no corpus", target.name);
        for input in inputs {
            let said = tried(target, &input);
            assert!(said.is_ok(), "{}, b\"{}\": {said:?}", target.name, input.escape_ascii());
        }
    }
}

#[test]
fn a_thousand_seeds_are_played() {
    asyncore_stress::hush();
    assert!(simulate::simulate(0, 1000, 2));
}
