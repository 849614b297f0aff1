//! Numbers as Redis reads and writes them.

/// A 64-bit integer, in the one way it is written: no sign `+`, no zero in front, no spaces.
pub fn integer(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] if !is_negative => return Some(0),
        [b'1'..=b'9', ..] if digits.len() <= 19 => {}
        _ => return None,
    }
    let mut value: u64 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        // 19 digits cannot go round.
        value = value * 10 + u64::from(digit - b'0');
    }
    match is_negative {
        true if value == i64::MIN.unsigned_abs() => Some(i64::MIN),
        true => i64::try_from(value).ok().map(|value| -value),
        false => i64::try_from(value).ok(),
    }
}

/// A floating point number. What it says is finite or infinite, but a number.
pub fn float(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse().ok().filter(|number: &f64| !number.is_nan())
}

/// Digits behind the point: as many as `%.17Lf` writes.
const PLACES: u32 = 17;
const ONE: i128 = 10_i128.pow(PLACES);

/// The sum of two numbers in decimal, as text; `None` if it is infinite or one of them no number.
///
/// Redis adds in 80 bits, so that 0.1 and 0.2 are 0.3. So are they here, as they are added as they
/// are written; only what has more digits than fit goes through binary.
pub fn sum(a: &[u8], b: &[u8]) -> Option<String> {
    let (float_a, float_b) = (float(a)?, float(b)?);
    match decimal(a).zip(decimal(b)).and_then(|(a, b)| a.checked_add(b)) {
        Some(sum) => Some(show(sum)),
        None => Some(float_a + float_b).filter(|sum| sum.is_finite()).map(|sum| sum.to_string()),
    }
}

fn show(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let number = number.unsigned_abs();
    let (whole, part) = (number / ONE.unsigned_abs(), number % ONE.unsigned_abs());
    let text = format!("{sign}{whole}.{part:0width$}", width = PLACES as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number in units of the last place, if it has no more places and is not too large.
fn decimal(text: &[u8]) -> Option<i128> {
    let text = std::str::from_utf8(text).ok()?;
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{part}").parse().ok()?;
    let places = i32::try_from(part.len()).ok()?.checked_sub(exponent)?;
    let shift = i32::try_from(PLACES).ok()?.checked_sub(places)?;
    let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
    match shift {
        0.. => digits.checked_mul(factor),
        _ if digits % factor == 0 => Some(digits / factor),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_written_in_one_way() {
        for (text, number) in [
            ("0", Some(0)),
            ("-1", Some(-1)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("-9223372036854775809", None),
            ("18446744073709551616", None),
            ("", None),
            ("-", None),
            ("-0", None),
            ("01", None),
            ("+1", None),
            (" 1", None),
            ("1 ", None),
        ] {
            assert_eq!(integer(text.as_bytes()), number, "{text:?}");
        }
    }

    #[test]
    fn a_sum_has_the_digits_that_were_written() {
        for (a, b, sum) in [
            ("0.1", "0.2", Some("0.3")),
            ("3.0", "1.1", Some("4.1")),
            ("5.0e3", "2.0e2", Some("5200")),
            ("1", "-1.1", Some("-0.1")),
            ("0.024390243902439025", "-0.024390243902439025", Some("0")),
            ("17179869184", "1.5", Some("17179869185.5")),
            ("1e30", "0", Some("1000000000000000000000000000000")),
            ("1", "inf", None),
            ("1", "x", None),
            ("", "1", None),
        ] {
            assert_eq!(super::sum(a.as_bytes(), b.as_bytes()).as_deref(), sum, "{a} {b}");
        }
    }
}
