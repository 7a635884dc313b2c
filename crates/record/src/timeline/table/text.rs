//! Numbers and cells as text.

/// A cell of CSV, in quotes where RFC 4180 asks for them.
pub(in crate::timeline) fn quoted(out: &mut Vec<u8>, cell: &str) {
    if !cell.contains(['"', ',', '\r', '\n']) {
        out.extend_from_slice(cell.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in cell.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Nanoseconds as seconds, exactly and without zeros at the end: `2.56`.
pub(super) fn seconds(out: &mut Vec<u8>, ns: i64) {
    scaled(out, ns < 0, ns.unsigned_abs(), 9);
}

/// A number with so many digits behind the point at most, at most 9, without zeros at the end; nothing and false if it is not finite.
pub(in crate::timeline) fn decimal(out: &mut Vec<u8>, value: f64, digits: u32) -> bool {
    if !value.is_finite() {
        return false;
    }
    // The cast saturates; no result has 10^10 minutes.
    let whole = (value.abs() * f64::from(10u32.pow(digits.min(9)))).round() as u64;
    scaled(out, value < 0.0 && whole > 0, whole, digits.min(9));
    true
}

/// A whole number of so many decimal places.
fn scaled(out: &mut Vec<u8>, negative: bool, value: u64, digits: u32) {
    if negative {
        out.push(b'-');
    }
    let unit = 10u64.pow(digits);
    let (whole, mut fraction) = (value / unit, value % unit);
    let mut text = [0u8; 20];
    let mut at = text.len();
    let mut rest = whole;
    loop {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&text[at..]);
    if fraction == 0 {
        return;
    }
    let mut places = digits as usize;
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        places -= 1;
    }
    for digit in text[..places].iter_mut().rev() {
        *digit = b'0' + (fraction % 10) as u8;
        fraction /= 10;
    }
    out.push(b'.');
    out.extend_from_slice(&text[..places]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cell = |cell: &str| text(|out| quoted(out, cell));
        assert_eq!(cell("walk 1"), "walk 1");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("the \"long\" walk\n"), "\"the \"\"long\"\" walk\n\"");
    }

    #[test]
    fn numbers_have_the_digits_that_count() {
        let ns = |ns| text(|out| seconds(out, ns));
        assert_eq!((ns(0), ns(2_560_000_000), ns(-1)), ("0".into(), "2.56".into(), "-0.000000001".into()));
        assert_eq!(ns(i64::MIN), "-9223372036.854775808");
        let number = |value| text(|out| _ = decimal(out, value, 4));
        assert_eq!(
            (number(0.99996), number(12.5), number(-0.00001)),
            ("1".into(), "12.5".into(), "0".into())
        );
        assert_eq!((number(f64::NAN), number(f64::INFINITY)), (String::new(), String::new()));
        assert!(decimal(&mut Vec::new(), 1e300, 9));
    }

    proptest! {
        #[test]
        fn seconds_are_exact(ns in any::<i64>()) {
            let written = text(|out| seconds(out, ns));
            let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
            prop_assert!(!fraction.ends_with('0') && fraction.len() <= 9);
            let read: i128 = format!("{whole}{fraction:0<9}").parse().unwrap();
            prop_assert_eq!(read, i128::from(ns));
        }

        #[test]
        fn decimals_are_to_the_nearest(value in -1e6f64..1e6) {
            let read: f64 = text(|out| _ = decimal(out, value, 6)).parse().unwrap();
            // Besides half a step, what numbers of this size cannot tell apart: once when scaled, once when read.
            prop_assert!((read - value).abs() <= 0.5e-6 + value.abs() * f64::EPSILON);
        }
    }
}
