//! One block of 512 bytes of a `.cwa` file: what stands before its samples, and whether it is sound.

use crate::time::days_from_civil;
use std::fmt;

/// Bytes of a block.
pub(super) const LENGTH: usize = 512;
/// Where the samples begin, and the bytes that they may fill.
pub(super) const DATA: usize = 30;
pub(super) const DATA_LENGTH: usize = 480;
/// Where the checksum stands.
const SUM: usize = 510;
/// The length that a block states: without the four bytes before it.
const STATED: u16 = 508;
/// Rate code r stands for `3200 / 2^(15 - (r & 15))` Hz, so this is the time between samples at r = 15.
const FASTEST_NS: i64 = 312_500;

/// How the samples of a block are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Three axes of 10 bits with a common exponent in 4 bytes.
    Packed,
    /// 16 bits for each axis of acceleration.
    Acceleration,
    /// 16 bits for each axis, the gyroscope first.
    Six,
    /// Likewise, the magnetometer last.
    Nine,
}

impl Layout {
    fn of(code: u8) -> Option<Self> {
        match code {
            0x30 => Some(Self::Packed),
            0x32 => Some(Self::Acceleration),
            0x62 => Some(Self::Six),
            0x92 => Some(Self::Nine),
            _ => None,
        }
    }

    /// Bytes of a sample.
    pub(super) fn stride(self) -> usize {
        match self {
            Self::Packed => 4,
            Self::Acceleration => 6,
            Self::Six => 12,
            Self::Nine => 18,
        }
    }

    pub(super) fn has_gyroscope(self) -> bool {
        matches!(self, Self::Six | Self::Nine)
    }
}

/// What stands before the samples of a sound block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block {
    pub(super) session: u32,
    pub(super) sequence: u32,
    /// When its first sample was taken by its own stamp and the nominal rate: nanoseconds since 1970 of the device's clock.
    pub(super) start_ns: i64,
    /// By how much later that may be: a second, less one nanosecond, where stamps are whole seconds of no certain sample.
    pub(super) slack_ns: i64,
    /// How long its samples last at the nominal rate.
    pub(super) span_ns: i64,
    pub(super) samples: usize,
    pub(super) layout: Layout,
    /// Counts of 1 g.
    pub(super) per_g: f32,
    /// Full scale of the gyroscope, in degrees per second.
    pub(super) full_scale: f32,
    pub(super) rate_hz: f64,
}

/// Why a block gives no samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsound {
    /// Nothing was written there.
    Blank(u8),
    /// Neither `AX` nor a length of 508 bytes.
    NoData,
    /// What its words add up to.
    Sum(u16),
    /// The code for axes and packing.
    Axes(u8),
    /// More samples than the block can hold.
    Count(u16),
    /// A packed time that is none.
    Time(u32),
    /// A rate of 0 Hz.
    Rate,
}

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank(byte) => write!(f, "nothing but bytes of 0x{byte:02x}"),
            Self::NoData => f.write_str("it does not begin with `AX` and a length of 508"),
            Self::Sum(sum) => write!(f, "checksum wrong, its words add up to 0x{sum:04x} instead of 0"),
            Self::Axes(code) => {
                write!(f, "axes and packing 0x{code:02x}, expected 0x30, 0x32, 0x62 or 0x92")
            }
            Self::Count(count) => write!(f, "{count} samples, more than fit into it"),
            Self::Time(packed) => write!(f, "0x{packed:08x} is no time"),
            Self::Rate => f.write_str("a rate of 0 Hz"),
        }
    }
}

/// A block of 512 bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Parsed {
    Sound(Block),
    Unsound(Unsound),
    /// Of another kind: header, usage, session.
    Other,
}

fn word(bytes: &[u8; LENGTH], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8; LENGTH], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

pub(super) fn parse(bytes: &[u8; LENGTH]) -> Parsed {
    if matches!(&bytes[..2], b"MD" | b"UB" | b"SI") {
        return Parsed::Other;
    }
    match sound(bytes) {
        Ok(block) => Parsed::Sound(block),
        Err(why) => Parsed::Unsound(why),
    }
}

fn sound(bytes: &[u8; LENGTH]) -> Result<Block, Unsound> {
    if &bytes[..2] != b"AX" || word(bytes, 2) != STATED {
        let blank = matches!(bytes[0], 0 | 0xff) && bytes.iter().all(|byte| *byte == bytes[0]);
        return Err(if blank { Unsound::Blank(bytes[0]) } else { Unsound::NoData });
    }
    let rate_code = bytes[24];
    check_sum(bytes, rate_code)?;
    let layout = Layout::of(bytes[25]).ok_or(Unsound::Axes(bytes[25]))?;
    let count = word(bytes, 28);
    let samples = usize::from(count);
    if samples * layout.stride() > DATA_LENGTH {
        return Err(Unsound::Count(count));
    }
    let packed = long(bytes, 14);
    let second_ns = time_ns(packed).ok_or(Unsound::Time(packed))?;
    let offset = i64::from(word(bytes, 26) as i16);
    let (start_ns, slack_ns, span_ns, rate_hz) = if rate_code == 0 {
        // The first firmware: Hz where the offset is now.
        let rate_hz = i64::from(word(bytes, 26));
        let span_ns = (i64::from(count) * 1_000_000_000).checked_div(rate_hz).ok_or(Unsound::Rate)?;
        (second_ns, 999_999_999, span_ns, rate_hz as f64)
    } else {
        let step_ns = FASTEST_NS << (15 - (rate_code & 15));
        (second_ns - offset * step_ns, 0, i64::from(count) * step_ns, 1e9 / step_ns as f64)
    };
    let scale = word(bytes, 18);
    // A gyroscope without a scale is one of 2000 °/s, as in the maker's converter.
    let full_scale = match scale >> 10 & 7 {
        0 => 2000.0,
        code => 8000.0 / f32::from(1u16 << code),
    };
    Ok(Block {
        session: long(bytes, 6),
        sequence: long(bytes, 10),
        start_ns,
        slack_ns,
        span_ns,
        samples,
        layout,
        per_g: f32::from(256u16 << (scale >> 13)),
        full_scale,
        rate_hz,
    })
}

/// The words of a block add up to 0. None was kept by the first firmware, nor where 0 is stored; some devices stored the
/// sum of the bytes.
fn check_sum(bytes: &[u8; LENGTH], rate_code: u8) -> Result<(), Unsound> {
    let sum = sum(bytes);
    if sum == 0 || rate_code == 0 {
        return Ok(());
    }
    let stored = word(bytes, SUM);
    let of_bytes = bytes[..SUM].iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    if stored == 0 || stored == of_bytes { Ok(()) } else { Err(Unsound::Sum(sum)) }
}

/// The sum of the words: four at a time, in two sums of 32 bits, which 256 words cannot overflow.
fn sum(bytes: &[u8; LENGTH]) -> u16 {
    const WORDS: u64 = 0x0000_ffff_0000_ffff;
    let mut sums = 0u64;
    for four in bytes.as_chunks::<8>().0 {
        let four = u64::from_le_bytes(*four);
        sums += (four & WORDS) + (four >> 16 & WORDS);
    }
    (sums as u16).wrapping_add((sums >> 32) as u16)
}

/// Nanoseconds since 1970 of a time that is packed as year since 2000, month, day, hour, minute and second in 6, 4, 5, 5, 6 and
/// 6 bits.
fn time_ns(packed: u32) -> Option<i64> {
    let bits = |from: u32, n: u32| i64::from(packed >> from & ((1 << n) - 1));
    let (year, month, day) = (bits(26, 6), bits(22, 4), bits(17, 5));
    let (hour, minute, second) = (bits(12, 5), bits(6, 6), bits(0, 6));
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day);
    if !fits || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_from_civil(2000 + year, month, day);
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(year: u32, month: u32, day: u32, hour: u32, minute: u32, second: u32) -> u32 {
        (year - 2000) << 26 | month << 22 | day << 17 | hour << 12 | minute << 6 | second
    }

    #[test]
    fn packed_times() {
        let seconds = |y, mo, d, h, mi, s| time_ns(packed(y, mo, d, h, mi, s)).map(|ns| ns / 1_000_000_000);
        assert_eq!(seconds(2000, 1, 1, 0, 0, 0), Some(946_684_800));
        assert_eq!(seconds(2000, 2, 29, 0, 0, 0), Some(951_782_400));
        assert_eq!(seconds(2000, 3, 1, 0, 0, 0), Some(951_868_800));
        assert_eq!(seconds(2024, 2, 29, 23, 59, 59), Some(1_709_251_199));
        assert_eq!(seconds(2024, 3, 1, 0, 0, 0), Some(1_709_251_200));
        assert_eq!(seconds(2023, 12, 31, 12, 30, 15), Some(1_704_025_815));
        assert_eq!(seconds(2063, 12, 31, 0, 0, 0), Some(2_966_284_800));
        assert_eq!(time_ns(0), None);
        assert_eq!(time_ns(u32::MAX), None);
        assert_eq!(time_ns(packed(2024, 13, 1, 0, 0, 0)), None);
    }

    #[test]
    fn sums_of_words_and_of_bytes() {
        let mut bytes = [0u8; LENGTH];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = (i * 7 + i / 9) as u8;
        }
        let slow = (0..LENGTH / 2).fold(0u16, |sum, i| sum.wrapping_add(word(&bytes, 2 * i)));
        assert_eq!(sum(&bytes), slow);
        assert_eq!(check_sum(&bytes, 0), Ok(()));
        assert_eq!(check_sum(&bytes, 0x4a), Err(Unsound::Sum(slow)));
        let of_bytes: u16 = bytes[..SUM].iter().map(|byte| u16::from(*byte)).sum();
        bytes[SUM..].copy_from_slice(&of_bytes.to_le_bytes());
        assert_eq!(check_sum(&bytes, 0x4a), Ok(()));
        bytes[SUM..].copy_from_slice(&[0, 0]);
        assert_eq!(check_sum(&bytes, 0x4a), Ok(()));
    }
}
