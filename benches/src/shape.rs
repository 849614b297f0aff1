//! How much load, and of what.

use std::fmt;
use std::str::FromStr;

use crate::script::Script;

/// Connections, messages in flight on each, and bytes in a message without its CRLF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub(crate) connections: usize,
    pub(crate) in_flight: usize,
    pub(crate) length: usize,
}

impl Shape {
    /// Those of the page.
    pub(crate) const ALL: [Self; 6] = [
        Self::new(1, 1, 64),
        Self::new(50, 1, 64),
        Self::new(50, 16, 64),
        Self::new(50, 128, 64),
        Self::new(50, 16, 1024),
        Self::new(1000, 1, 64),
    ];

    pub(crate) const fn new(connections: usize, in_flight: usize, length: usize) -> Self {
        Self { connections, in_flight, length }
    }

    pub(crate) fn script(self) -> Script {
        Script::echo(self.in_flight, self.length)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.connections, self.in_flight)?;
        match self.length {
            64 => Ok(()),
            1024 => f.write_str(" of 1 KiB"),
            bytes => write!(f, " of {bytes} B"),
        }
    }
}

impl FromStr for Shape {
    type Err = String;

    /// `50x16`, or `50x16x1024` for lines of 1,024 bytes.
    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<usize>, _> = text.split(['x', '×']).map(str::parse).collect();
        let shape = match numbers.as_deref() {
            Ok([connections, in_flight]) => Self::new(*connections, *in_flight, 64),
            Ok([connections, in_flight, length]) => Self::new(*connections, *in_flight, *length),
            _ => return Err("expected CONNECTIONSxIN_FLIGHT or CONNECTIONSxIN_FLIGHTxBYTES".into()),
        };
        let positive = shape.connections > 0 && shape.in_flight > 0 && shape.length >= 8;
        positive.then_some(shape).ok_or_else(|| "at least 1, 1 and 8 bytes".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_typed() {
        assert_eq!("50x16".parse(), Ok(Shape::new(50, 16, 64)));
        assert_eq!("50×16×1024".parse(), Ok(Shape::new(50, 16, 1024)));
        assert!("50".parse::<Shape>().is_err());
        assert!("0x1".parse::<Shape>().is_err());
    }
}
