//! A page of a GENEActiv recording: a few lines of text, then 300 samples as hexadecimal digits.

use super::clock_ns;
use crate::error::quoted;

/// What each page begins with.
pub(super) const MARK: &[u8] = b"Recorded Data";
/// Samples of a whole page.
pub(super) const SAMPLES: usize = 300;
/// Digits of a sample, 48 bits: x, y and z of 12 bits each, light 10, button 1, reserved 1.
const DIGITS: usize = 12;
/// Lines of a page before its samples.
const LINES: usize = 9;
/// No other line is as long as the samples are.
const LONG: usize = 120;

/// Counts of 12 bits.
const COUNTS: usize = 1 << 12;

/// From counts to g.
#[derive(Clone, Debug)]
pub(super) struct Calibration {
    /// What each count of each axis is, by its 12 bits: quicker than to compute it for each sample.
    axes: [Vec<f32>; 3],
}

impl Calibration {
    /// `(100 · count - offset) / gain`, with what the device's header has for each axis.
    pub(super) fn new(gain: [f64; 3], offset: [f64; 3]) -> Self {
        let value = |bits: usize, axis: usize| {
            // Shifted to the top and back, for the sign.
            let count = ((bits << 4) as u16 as i16) >> 4;
            ((f64::from(i32::from(count) * 100) - offset[axis]) / gain[axis]) as f32
        };
        Self { axes: [0, 1, 2].map(|axis| (0..COUNTS).map(|bits| value(bits, axis)).collect()) }
    }
}

/// What a page says of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Page {
    pub(super) number: Option<u64>,
    /// When its first sample was taken, by the device's clock, in nanoseconds from 1970.
    pub(super) time_ns: i64,
    pub(super) rate_hz: Option<f64>,
    pub(super) samples: usize,
}

/// What is wrong with a page, and what would be right.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Damage {
    pub(super) found: String,
    pub(super) expected: &'static str,
}

fn damage<T>(found: impl Into<String>, expected: &'static str) -> Result<T, Damage> {
    Err(Damage { found: found.into(), expected })
}

/// A line without the blanks and zero bytes that fill it up.
pub(super) fn trimmed(line: &[u8]) -> &[u8] {
    let is_filler = |c: &u8| c.is_ascii_whitespace() || *c == 0;
    let from = line.iter().position(|c| !is_filler(c)).unwrap_or(line.len());
    let to = line.iter().rposition(|c| !is_filler(c)).map_or(from, |at| at + 1);
    &line[from..to]
}

/// What stands before and behind the first colon of a line.
pub(super) fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b':', line)?;
    Some((trimmed(&line[..at]), trimmed(&line[at + 1..])))
}

/// A rate as it stands in the header and in pages, e.g. `85.7 Hz`, in Hz.
pub(super) fn rate(text: &[u8]) -> Option<f64> {
    /// Ten times what the device can do.
    const FASTEST: f64 = 1000.0;
    let text = std::str::from_utf8(text).ok()?;
    let rate: f64 = text.trim_end_matches("Hz").trim_end().parse().ok()?;
    (0.1..=FASTEST).contains(&rate).then_some(rate)
}

/// Reads a page, from its mark on, and puts its samples, in g, into the first of `values`, of which there are [`SAMPLES`].
pub(super) fn read(page: &[u8], calibration: &Calibration, values: &mut [[f32; 3]]) -> Result<Page, Damage> {
    let (mut number, mut time_ns, mut rate_hz, mut digits) = (None, None, None, None);
    for (index, line) in crate::text::lines(page, b'\n').enumerate().take(2 * LINES) {
        if index == LINES || line.len() > LONG {
            digits = Some(trimmed(line));
            break;
        }
        match field(line) {
            Some((b"Sequence Number", value)) => {
                number = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
            }
            Some((b"Page Time", value)) => match clock_ns(value) {
                Some(ns) => time_ns = Some(ns),
                None => return damage(format!("Page Time {}", quoted(value)), "2024-03-05 10:00:00:000"),
            },
            Some((b"Measurement Frequency", value)) => rate_hz = rate(value),
            _ => {}
        }
    }
    let Some(time_ns) = time_ns else { return damage("no Page Time", "a time in every page") };
    let samples = match digits.map(<[u8]>::len) {
        None | Some(0) => return damage("no line of samples", "3,600 hexadecimal digits"),
        Some(n) if n > SAMPLES * DIGITS => {
            return damage(format!("{n} digits in a line of samples"), "3,600");
        }
        Some(n) => n / DIGITS,
    };
    let digits = digits.unwrap_or_default();
    if let Err(at) = decode(digits, calibration, &mut values[..samples]) {
        let from = at * DIGITS;
        let found = quoted(&digits[from..digits.len().min(from + DIGITS)]);
        return damage(format!("sample {at} is {found}"), "12 hexadecimal digits");
    }
    Ok(Page { number, time_ns, rate_hz, samples })
}

/// What a digit stands for; a number beyond 15 for what is none.
const VALUE: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut i = 0;
    while i < 16 {
        table[b"0123456789ABCDEF"[i] as usize] = i as u8;
        table[b"0123456789abcdef"[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// Decodes as many samples as there is room for; the first that is not one, if any.
fn decode(digits: &[u8], calibration: &Calibration, values: &mut [[f32; 3]]) -> Result<(), usize> {
    for (i, (digits, value)) in digits.chunks_exact(DIGITS).zip(values).enumerate() {
        let mut all = 0;
        let mut triple = |at: usize| {
            let [a, b, c] = [0, 1, 2].map(|k| VALUE[usize::from(digits[at + k])]);
            all |= a | b | c;
            usize::from(a) << 8 | usize::from(b) << 4 | usize::from(c)
        };
        let [x, y, z, _] = [triple(0), triple(3), triple(6), triple(9)];
        if all > 0xf {
            return Err(i);
        }
        let [of_x, of_y, of_z] = &calibration.axes;
        *value = [of_x[x % COUNTS], of_y[y % COUNTS], of_z[z % COUNTS]];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Calibration {
        Calibration::new([100.0; 3], [0.0; 3])
    }

    #[test]
    fn twelve_bits_with_a_sign() {
        let mut values = [[0.0; 3]; 3];
        decode(b"7FF800FFF000001000ABCfff", &plain(), &mut values[..2]).unwrap();
        assert_eq!(values, [[2047.0, -2048.0, -1.0], [1.0, 0.0, -1348.0], [0.0; 3]]);
        let other = Calibration::new([200.0, 25_600.0, -1.0], [100.0, -50.0, 7.0]);
        decode(b"001100001000", &other, &mut values).unwrap();
        assert_eq!(values[0], [0.0, 1.001_953_1, -93.0]);
        assert_eq!(decode(b"00110000100000110000100G", &plain(), &mut values), Err(1));
    }

    #[test]
    fn lines_of_a_page() {
        let page = b"Recorded Data\r\nDevice Unique Serial Code:1\r\nSequence Number:7\r\nPage Time:2024-03-05 10:00:00:000\r\n\
            Unassigned:\r\nTemperature:24\r\nBattery voltage:4\r\nDevice Status:Recording\r\nMeasurement Frequency:85.7\r\n\
            001002003004\r\n";
        let mut values = [[0.0; 3]; SAMPLES];
        let read = |page: &[u8], values: &mut [[f32; 3]]| read(page, &plain(), values);
        let found = read(page, &mut values).unwrap();
        assert_eq!((found.number, found.rate_hz, found.samples), (Some(7), Some(85.7), 1));
        assert_eq!((found.time_ns, values[0]), (1_709_632_800_000_000_000, [1.0, 2.0, 3.0]));
        let text = String::from_utf8(page.to_vec()).unwrap();
        for (from, to, word) in [
            ("Page Time", "Page Tine", "no Page Time"),
            ("03-05", "03-55", "`2024-03-55"),
            ("001002003004", "", "no line of samples"),
            ("001002003004", "0010020030#4", "sample 0 is `0010020030#4`"),
            ("001002003004", &"0".repeat(3601), "3601 digits"),
        ] {
            let damage = read(text.replace(from, to).as_bytes(), &mut values).unwrap_err();
            assert!(damage.found.contains(word), "{damage:?}");
        }
        assert_eq!(rate(b"66.7 Hz"), Some(66.7));
        for text in ["", "Hz", "0", "NaN", "inf Hz", "1e9", "-50"] {
            assert_eq!(rate(text.as_bytes()), None, "{text}");
        }
    }
}
