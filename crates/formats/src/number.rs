//! Decimal numbers in text: exact, without allocation, and faster than the standard library's general parser.

use crate::digits::{self, POWERS};

/// The decimal signs that a table uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point(u8, u8);

impl Point {
    pub(crate) const DOT: Self = Self(b'.', b'.');
    pub(crate) const COMMA: Self = Self(b',', b',');
    /// Not known yet: no fraction has been seen.
    pub(crate) const EITHER: Self = Self(b'.', b',');
}

/// A number as it was written: `± mantissa · 10^exponent`, at most 19 digits of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Decimal {
    pub(crate) negative: bool,
    pub(crate) mantissa: u64,
    pub(crate) exponent: i32,
}

/// Digits that always fit in 64 bits.
const DIGITS: usize = 19;

/// Powers of ten that f64 holds exactly.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Reads the number that begins at `at`; also where it ends.
#[inline]
pub(crate) fn scan(text: &[u8], at: usize, point: Point) -> Option<(Decimal, usize)> {
    match usual(text, at, point) {
        Some(number) => Some(number),
        None => general(text, at, point),
    }
}

/// A number without a power that has no more digits than are kept, and enough text behind it to read many at once.
// Always inlined, and not mixed with the result of another function: what it returns is then kept in registers. By way of memory
// a number costs half as much again.
#[inline(always)]
pub(crate) fn usual(text: &[u8], at: usize, point: Point) -> Option<(Decimal, usize)> {
    let sign = *text.get(at)?;
    let negative = sign == b'-';
    let at = at + usize::from(negative || sign == b'+');
    let (whole, mut mantissa) = digits::run(text, at)?;
    let mut end = at + whole;
    let (mut count, mut exponent) = (whole, 0);
    let mut next = *text.get(end)?;
    if next == point.0 || next == point.1 {
        let (fraction, value) = digits::run(text, end + 1)?;
        count += fraction;
        if count > DIGITS {
            return None;
        }
        mantissa = mantissa * POWERS[fraction] + value;
        exponent = -(fraction as i32);
        end += 1 + fraction;
        next = *text.get(end)?;
    }
    let usual = count > 0 && next != b'e' && next != b'E';
    usual.then_some((Decimal { negative, mantissa, exponent }, end))
}

/// Any number.
#[cold]
#[inline(never)]
fn general(text: &[u8], mut at: usize, point: Point) -> Option<(Decimal, usize)> {
    let begin = at;
    let negative = match text.get(at) {
        Some(b'-') => {
            at += 1;
            true
        }
        Some(b'+') => {
            at += 1;
            false
        }
        _ => false,
    };
    let mut mantissa = 0u64;
    let digits = |mantissa: &mut u64, mut at: usize| {
        while let Some(&c) = text.get(at) {
            let digit = c.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            *mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            at += 1;
        }
        at
    };
    let whole = at;
    at = digits(&mut mantissa, at);
    let mut count = at - whole;
    let mut exponent = 0;
    if let Some(&c) = text.get(at)
        && (c == point.0 || c == point.1)
    {
        let fraction = at + 1;
        at = digits(&mut mantissa, fraction);
        count += at - fraction;
        exponent = -((at - fraction) as i32);
    }
    if count == 0 {
        return None;
    }
    if count > DIGITS {
        (mantissa, exponent) = many_digits(&text[whole..at]);
    }
    if let Some(b'e' | b'E') = text.get(at)
        && let Some((power, end)) = power(text, at + 1)
    {
        exponent = exponent.saturating_add(power);
        at = end;
    }
    debug_assert!(at > begin);
    Some((Decimal { negative, mantissa, exponent }, at))
}

/// The power behind an `e`.
fn power(text: &[u8], mut at: usize) -> Option<(i32, usize)> {
    let negative = text.get(at) == Some(&b'-');
    if let Some(b'-' | b'+') = text.get(at) {
        at += 1;
    }
    let begin = at;
    let mut power = 0i32;
    while let Some(c @ b'0'..=b'9') = text.get(at) {
        power = power.saturating_mul(10).saturating_add(i32::from(c - b'0'));
        at += 1;
    }
    (at > begin).then_some((if negative { -power } else { power }, at))
}

/// The first 19 digits that count, and their power of ten.
#[cold]
fn many_digits(text: &[u8]) -> (u64, i32) {
    let (mut mantissa, mut kept, mut exponent, mut fraction) = (0u64, 0, 0i32, false);
    for &c in text {
        if !c.is_ascii_digit() {
            fraction = true;
        } else if kept < DIGITS {
            mantissa = mantissa * 10 + u64::from(c - b'0');
            kept += usize::from(mantissa > 0);
            exponent -= i32::from(fraction);
        } else {
            exponent += i32::from(!fraction);
        }
    }
    (mantissa, exponent)
}

impl Decimal {
    /// The nearest f32, bit for bit that of `str::parse`; `text` is what was scanned.
    ///
    /// Two roundings in f64 (of the mantissa and of the power) leave an error of less than two units in its last place, which
    /// cannot change the rounding to f32 unless the result lies that close to the middle between two of them; then, and for
    /// very large and small numbers, the standard library decides.
    #[inline]
    pub(crate) fn to_f32(self, text: &[u8]) -> f32 {
        const MIDDLE: u64 = 1 << 28;
        const NEAR: u64 = 8;
        if self.mantissa == 0 {
            return if self.negative { -0.0 } else { 0.0 };
        }
        let wide = self.mantissa as f64;
        let wide = match self.exponent {
            -22..=0 => wide / EXACT[self.exponent.unsigned_abs() as usize],
            1..=22 => wide * EXACT[self.exponent as usize],
            _ => return self.slow_f32(text),
        };
        let tail = wide.to_bits() & ((1 << 29) - 1);
        if tail.abs_diff(MIDDLE) <= NEAR || wide < f64::from(f32::MIN_POSITIVE) {
            return self.slow_f32(text);
        }
        let value = wide as f32;
        if self.negative { -value } else { value }
    }

    #[cold]
    fn slow_f32(self, text: &[u8]) -> f32 {
        let text: String = text.iter().map(|&c| if c == b',' { '.' } else { char::from(c) }).collect();
        text.parse().unwrap_or(f32::NAN)
    }

    /// Nearest f64, to within two units in the last place: for judging, not for keeping.
    pub(crate) fn to_f64(self) -> f64 {
        let value = self.mantissa as f64 * 10f64.powi(self.exponent.clamp(-400, 400));
        if self.negative { -value } else { value }
    }

    /// `value · factor · 10^power`, rounded to the nearest whole number (halves away from zero); none beyond 64 bits.
    #[inline]
    pub(crate) fn scaled(self, factor: u64, power: i32) -> Option<i64> {
        let exponent = self.exponent.saturating_add(power);
        let magnitude = match (self.mantissa.checked_mul(factor), exponent) {
            (Some(product), 0..=19) => match product.checked_mul(POWERS[exponent.unsigned_abs() as usize]) {
                Some(value) => value,
                None if product == 0 => 0,
                None => return None,
            },
            (Some(product), -19..=-1) => divide(product, POWERS[exponent.unsigned_abs() as usize]),
            _ => wide_scaled(self.mantissa, factor, exponent)?,
        };
        let magnitude = i64::try_from(magnitude).ok()?;
        Some(if self.negative { -magnitude } else { magnitude })
    }
}

fn divide(value: u64, by: u64) -> u64 {
    value / by + u64::from(value % by >= by - value % by)
}

#[cold]
fn wide_scaled(mantissa: u64, factor: u64, exponent: i32) -> Option<u64> {
    let product = u128::from(mantissa) * u128::from(factor);
    if product == 0 {
        return Some(0);
    }
    let value = match exponent {
        0..=38 => product.checked_mul(10u128.pow(exponent.unsigned_abs()))?,
        -38..=-1 => {
            let by = 10u128.pow(exponent.unsigned_abs());
            product / by + u128::from(product % by >= by.div_ceil(2))
        }
        i32::MIN..0 => 0,
        _ => return None,
    };
    u64::try_from(value).ok()
}

/// Whether a cell says that there is no value: empty, `NaN`, `NA`, `N/A`, `null`, `None`, `-`, `--`, infinite.
pub(crate) fn is_missing(cell: &[u8]) -> bool {
    const WORDS: [&[u8]; 9] = [b"", b"-", b"--", b"na", b"n/a", b"nan", b"null", b"none", b"inf"];
    let cell = cell.trim_ascii();
    let unsigned = match cell {
        [b'-' | b'+', rest @ ..] if rest.len() >= 3 => rest,
        _ => cell,
    };
    WORDS.iter().any(|word| unsigned.eq_ignore_ascii_case(word)) || unsigned.eq_ignore_ascii_case(b"infinity")
}

/// A whole cell as a number, blanks around it left out.
pub(crate) fn whole(cell: &[u8], point: Point) -> Option<Decimal> {
    let cell = cell.trim_ascii();
    scan(cell, 0, point).filter(|&(_, end)| end == cell.len()).map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> Option<f32> {
        scan(text.as_bytes(), 0, Point::DOT)
            .filter(|x| x.1 == text.len())
            .map(|x| x.0.to_f32(text.as_bytes()))
    }

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("1.23E-2", 0.0123),
            ("6.0E-4", 0.0006),
            ("1709629200.", 1709629200.0),
            ("-.5", -0.5),
            ("+0.1", 0.1),
            ("9.724927902E0", 9.724_928),
            ("1.04e+02", 104.0),
            ("00000000000000000000000000000.25", 0.25),
        ] {
            assert_eq!(value(text), Some(expected), "{text}");
        }
        for text in ["", "-", ".", "e5", "+-1", "x"] {
            assert_eq!(value(text), None, "{text}");
        }
        assert_eq!(whole(b" 0,993 ", Point::COMMA).map(Decimal::to_f64), Some(0.993));
        assert_eq!(whole(b"0,993", Point::DOT), None);
        assert_eq!(whole(b"1e", Point::DOT), None);
        assert_eq!(value("-0").map(f32::to_bits), Some((-0f32).to_bits()));
        for word in ["NaN", " n/a ", "NULL", "-", "--", "-inf", "None", "", "-nan"] {
            assert!(is_missing(word.as_bytes()), "{word}");
        }
        assert!(!is_missing(b"0") && !is_missing(b"time") && !is_missing(b"-0"));
    }

    #[test]
    fn times_beyond_53_bits_are_exact() {
        let ns = |text: &str, factor, power| {
            whole(text.as_bytes(), Point::DOT).and_then(|d| d.scaled(factor, power))
        };
        assert_eq!(ns("1709629200020000001", 1, 0), Some(1709629200020000001));
        assert_eq!(ns("1709629200.020000001", 1, 9), Some(1709629200020000001));
        assert_eq!(ns("-0.0200000004", 1, 9), Some(-20000000));
        assert_eq!(ns("0.5", 1, 0), Some(1));
        assert_eq!(ns("1.5E-1", 1, 9), Some(150000000));
        assert_eq!(ns("45356.4166666667", 86_400, 9), Some(3918794400000002880));
        assert_eq!(ns("1e30", 1, 0), None);
        assert_eq!(ns("0e30", 1, 9), Some(0));
        assert_eq!(ns("1e-300", 1, 9), Some(0));
        assert_eq!(ns("99999999999999999999999", 1, 9), None);
    }

    proptest! {
        #[test]
        fn many_digits_at_once_are_the_same(
            text in "[+-]?[0-9]{0,21}[.,]?[0-9]{0,21}([eE][+-]?[0-9]{0,3})?[;,. \n\r]{0,2}",
            behind in proptest::collection::vec(any::<u8>(), 0..30),
        ) {
            let text = [text.as_bytes(), &behind].concat();
            for point in [Point::DOT, Point::COMMA, Point::EITHER] {
                let slow = general(&text, 0, point);
                prop_assert_eq!(scan(&text, 0, point), slow);
                // Padded, so that the quick way has the room it wants.
                let long = [&text[..], b";;;;;;;;;;;;;;;;;;;;;;;;"].concat();
                let slow = general(&long, 0, point);
                prop_assert_eq!(scan(&long, 0, point), slow);
                if let Some((number, end)) = slow {
                    let exact = String::from_utf8_lossy(&long[..end]).replace(',', ".").parse::<f32>();
                    prop_assert_eq!(number.to_f32(&long[..end]).to_bits(), exact.unwrap().to_bits());
                }
            }
        }

        #[test]
        fn printed_floats_come_back(value in any::<f32>().prop_filter("finite", |x| x.is_finite()), digits in 0usize..12) {
            for text in [format!("{value}"), format!("{value:e}"), format!("{value:.digits$}")] {
                prop_assert_eq!(self::value(&text).map(f32::to_bits), Some(text.parse::<f32>().unwrap().to_bits()), "{}", text);
            }
            let wide = format!("{}", f64::from(value) * 0.123456789);
            prop_assert_eq!(self::value(&wide).map(f32::to_bits), Some(wide.parse::<f32>().unwrap().to_bits()), "{}", wide);
        }

        #[test]
        fn any_decimal_is_parsed_as_the_standard_library_does(text in "[+-]?[0-9]{0,25}\\.?[0-9]{1,25}([eE][+-]?[0-9]{1,2})?") {
            prop_assert_eq!(value(&text).map(f32::to_bits), text.parse::<f32>().ok().map(f32::to_bits), "{}", text);
        }

        #[test]
        fn middles_between_two_floats_too(bits in 0u32..0x7f00_0000, nudge in -2i64..=2) {
            let (a, b) = (f64::from(f32::from_bits(bits)), f64::from(f32::from_bits(bits + 1)));
            let middle = f64::from_bits(((a + b) / 2.0).to_bits().wrapping_add_signed(nudge));
            let text = format!("{middle:e}");
            prop_assert_eq!(value(&text).map(f32::to_bits), text.parse::<f32>().ok().map(f32::to_bits), "{}", text);
        }

        #[test]
        fn whole_numbers_keep_every_digit(number in any::<i64>().prop_filter("magnitude", |x| *x != i64::MIN)) {
            prop_assert_eq!(whole(number.to_string().as_bytes(), Point::DOT).and_then(|d| d.scaled(1, 0)), Some(number));
        }
    }
}
