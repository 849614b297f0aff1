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
const ONE: u128 = 10_u128.pow(PLACES);
/// Of 80 bits those that are not sign and exponent.
const BITS: u32 = 64;

/// The sum of two numbers in decimal, as text; `None` if it is infinite or one of them no number.
///
/// Redis adds in 80 bits, so that 0.1 and 0.2 are 0.3, and 100.1 and 0.2 are not 100.3. So are they
/// added here; only what has more than 36 digits goes through a double.
pub fn sum(a: &[u8], b: &[u8]) -> Option<String> {
    let (float_a, float_b) = (float(a)?, float(b)?);
    match Extended::parse(a).zip(Extended::parse(b)) {
        Some((a, b)) => Some(a.plus(b).show()),
        None => Some(float_a + float_b).filter(|sum| sum.is_finite()).map(|sum| sum.to_string()),
    }
}

/// A number as x87 has it: up to 64 bits, of which the last is worth 2 to the power of minus `places`.
#[derive(Clone, Copy)]
struct Extended {
    is_negative: bool,
    bits: u128,
    places: i32,
}

impl Extended {
    /// The nearest one, unless the number is too long or too large to be found here.
    fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let is_negative = text.starts_with('-');
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{part}").parse::<i128>().ok()?.unsigned_abs();
        let shift = exponent.checked_sub(i32::try_from(part.len()).ok()?)?;
        let factor = 10_u128.checked_pow(shift.unsigned_abs()).filter(|it| it.ilog2() < 120)?;
        if shift < 0 {
            return Some(Self { is_negative, ..Self::quotient(digits, factor) });
        }
        let bits = digits.checked_mul(factor).filter(|bits| width(*bits) < 127)?;
        Some(Self { is_negative, bits, places: 0 }.rounded())
    }

    /// A bit at a time, until there are more than are kept, or nothing is left over.
    fn quotient(dividend: u128, divisor: u128) -> Self {
        let (mut bits, mut rest, mut places) = (dividend / divisor, dividend % divisor, 0);
        while rest > 0 && width(bits) < BITS + 2 {
            rest *= 2;
            bits = bits * 2 + rest / divisor;
            rest %= divisor;
            places += 1;
        }
        Self { is_negative: false, bits: bits | u128::from(rest > 0), places }.rounded()
    }

    fn rounded(self) -> Self {
        let excess = width(self.bits).saturating_sub(BITS);
        Self { bits: nearest(self.bits, excess), places: self.places - excess as i32, ..self }
    }

    fn plus(self, other: Self) -> Self {
        // With a bit for the carry, the larger one is at the top; the other one ends where it must.
        let top = |it: Self| it.places + 126 - width(it.bits) as i32;
        let places = self.places.max(other.places).min(top(self)).min(top(other));
        let [a, b] = [self, other].map(|it| it.at(places));
        let sum = a + b;
        Self { is_negative: sum < 0, bits: sum.unsigned_abs(), places }.rounded()
    }

    /// As so many times the worth of a bit with these places. What is cut off leaves its last bit.
    fn at(self, places: i32) -> i128 {
        let shift = (places - self.places).unsigned_abs();
        let bits = if places >= self.places {
            self.bits << shift
        } else {
            let kept = self.bits.checked_shr(shift).unwrap_or(0);
            kept | u128::from(kept.checked_shl(shift).unwrap_or(0) != self.bits)
        };
        let bits = bits.cast_signed();
        if self.is_negative {
            -bits
        } else {
            bits
        }
    }

    fn show(self) -> String {
        let places = self.places.unsigned_abs();
        if self.places <= 0 {
            let sign = if self.is_negative && self.bits > 0 { "-" } else { "" };
            return format!("{sign}{}", self.bits << places);
        }
        let whole = self.bits.checked_shr(places).unwrap_or(0);
        let part = self.bits - whole.checked_shl(places).unwrap_or(0);
        let part = nearest(part * ONE, places);
        let (whole, part) = (whole + part / ONE, part % ONE);
        let sign = if self.is_negative && whole + part > 0 { "-" } else { "" };
        let text = format!("{sign}{whole}.{part:0width$}", width = PLACES as usize);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

fn width(bits: u128) -> u32 {
    u128::BITS - bits.leading_zeros()
}

/// Without its last bits: the nearest number, or of two the even one.
fn nearest(bits: u128, without: u32) -> u128 {
    let Some(half) = without.checked_sub(1) else { return bits };
    let kept = bits.checked_shr(without).unwrap_or(0);
    let lost = bits - kept.checked_shl(without).unwrap_or(0);
    let half = 1_u128.checked_shl(half).unwrap_or(u128::MAX);
    kept + u128::from(lost > half || lost == half && kept % 2 == 1)
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
    fn a_sum_is_rounded_as_in_80_bits() {
        for (a, b, sum) in [
            ("0.1", "0.2", Some("0.3")),
            ("3.0", "1.1", Some("4.1")),
            ("5.0e3", "2.0e2", Some("5200")),
            ("1", "-1.1", Some("-0.1")),
            ("0.024390243902439025", "-0.024390243902439025", Some("0")),
            ("17179869184", "1.5", Some("17179869185.5")),
            ("100.1", "0.2", Some("100.3")),
            ("1e30", "0", Some("1000000000000000000024696061952")),
            ("-1e-20", "0", Some("0")),
            ("1", "inf", None),
            ("1", "x", None),
            ("", "1", None),
        ] {
            assert_eq!(super::sum(a.as_bytes(), b.as_bytes()).as_deref(), sum, "{a} {b}");
        }
    }
}
