//! The 81 functions of CPython's test_smtpd.py that can be asked of a server which is not smtpd, under
//! their names. The words are this server's; where its answer is another one, the test says why.
//!
//! Eight are not here: four of `DebuggingServer`, which prints, two of options that exclude each
//! other, one of deprecated attributes and one of `__all__`.

mod channel_mail;
mod channel_session;
mod others;

use crate::mail::Mail;

/// The answer to the last of these lines.
fn last(lines: &[&str]) -> String {
    let mut mail = Mail::new();
    lines.iter().fold(String::new(), |_, line| mail.say(line))
}

/// Its code.
fn code(lines: &[&str]) -> String {
    last(lines).lines().last().map_or_else(String::new, |line| line[..3].to_owned())
}
