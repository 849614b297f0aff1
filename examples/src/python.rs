//! What reads better as Python has it, in programs that are compared with Python's.

use asyncore_runtime::{Addr, Channel, Io, Unframed};

/// asyncore's `recv`: at most `size` bytes; none at the end.
pub fn recv<T>(io: &mut Io<T>, size: usize) -> std::io::Result<Vec<u8>>
where
    T: Channel<Terminator = Unframed>,
{
    let mut data = vec![0; size];
    let len = io.recv(&mut data)?;
    data.truncate(len);
    Ok(data)
}

/// `(3) "abc"`, as PyMOTW logs what was read or written.
pub fn data(data: &[u8]) -> String {
    format!("({}) \"{}\"", data.len(), String::from_utf8_lossy(data))
}

/// `True` or `False`.
pub fn boolean(value: bool) -> &'static str {
    if value {
        "True"
    } else {
        "False"
    }
}

/// `('127.0.0.1', 8080)`.
pub fn address(addr: &Addr) -> String {
    match addr.inet() {
        Some(addr) => format!("('{}', {})", addr.ip(), addr.port()),
        None => format!("'{addr}'"),
    }
}
