//! Markdown tables, and figures as people read them.

use std::fmt::{self, Display};

/// The first column is text, the others are figures.
pub(crate) struct Table {
    width: usize,
    text: String,
}

impl Table {
    pub(crate) fn new<S: AsRef<str>>(heads: &[S]) -> Self {
        let mut table = Self { width: heads.len(), text: String::new() };
        table.line(heads);
        table.text.push_str("|---|");
        table.text.push_str(&"--:|".repeat(heads.len() - 1));
        table.text.push('\n');
        table
    }

    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let cells: Vec<S> = cells.into_iter().collect();
        debug_assert_eq!(cells.len(), self.width);
        self.line(&cells);
    }

    fn line<S: AsRef<str>>(&mut self, cells: &[S]) {
        for cell in cells {
            self.text.push_str("| ");
            self.text.push_str(cell.as_ref());
            self.text.push(' ');
        }
        self.text.push_str("|\n");
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Three digits that count; `–` for what was not measured.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        size if size.is_nan() => "–".into(),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => thousands(value.round() as i64),
    }
}

/// With commas: `1,234,567`.
pub(crate) fn thousands(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of messages in a second.
pub(crate) fn rate(value: f64) -> String {
    match value {
        value if value.is_nan() => figure(value),
        value if value < 1e6 => format!("{:.0} k", value / 1e3),
        _ => format!("{:.2} M", value / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(figure(1.234), "1.23");
        assert_eq!(figure(56.78), "56.8");
        assert_eq!(figure(1234.5), "1,235");
        assert_eq!(figure(f64::NAN), "–");
        assert_eq!(thousands(-1_234_567), "-1,234,567");
        assert_eq!((rate(123_400.0), rate(2_345_678.0)), ("123 k".into(), "2.35 M".into()));
    }
}
