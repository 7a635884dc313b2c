//! GENEActiv: its recordings and its exports.

pub(crate) mod bin;
pub(crate) mod csv;
mod page;

use crate::number::Point;
use crate::time::{DateOrder, TimeFormat, TimeReader};

/// A time as the device writes it, `2024-03-05 10:00:00:500`, in nanoseconds from 1970 of its own clock.
fn clock_ns(text: &[u8]) -> Option<i64> {
    let reader = TimeReader::new(TimeFormat::Text(DateOrder::YearMonthDay), Point::DOT);
    reader.read(text).ok().filter(|stamp| !stamp.of_day).map(|stamp| stamp.ns)
}

/// Seconds by which the device's clock is ahead of UTC, from `GMT +01:00`; nothing where no number stands.
fn offset_s(text: &str) -> Option<i32> {
    let at = text.find(['+', '-'])?;
    let (hours, minutes) = text[at + 1..].trim().split_once(':')?;
    crate::time::utc_offset_s(if text[at..].starts_with('-') { -1 } else { 1 }, hours, minutes)
}

/// Where the device was worn, if nothing but words for places on the body stand there: the field takes any text.
fn placement(text: &str) -> Option<String> {
    const PLACES: [&str; 23] = [
        "left", "right", "dominant", "non", "upper", "lower", "wrist", "hand", "arm", "forearm", "waist",
        "hip", "back", "chest", "neck", "head", "pocket", "leg", "thigh", "knee", "calf", "ankle", "foot",
    ];
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    (!words.is_empty() && words.iter().all(|word| PLACES.contains(word))).then(|| words.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_and_places() {
        assert_eq!(offset_s("GMT +01:00"), Some(3600));
        assert_eq!(offset_s("GMT -04:30"), Some(-16_200));
        for text in ["", "GMT", "GMT +", "GMT +1", "GMT +99:00", "GMT +01:75", "WEST"] {
            assert_eq!(offset_s(text), None, "{text}");
        }
        assert_eq!(placement("Left Wrist").as_deref(), Some("left_wrist"));
        assert_eq!(placement("waist").as_deref(), Some("waist"));
        assert_eq!(placement("wrist of Ann"), None);
        assert_eq!(placement(" "), None);
        assert_eq!(clock_ns(b"2024-03-05 10:00:00:020"), Some(1_709_632_800_020_000_000));
        assert_eq!(clock_ns(b"10:00:00:020"), None);
    }
}
