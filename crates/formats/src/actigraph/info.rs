//! `info.txt`: a key and a value in each line.

use crate::bytes::Bytes;
use crate::error::Fault;
use crate::number::Point;
use crate::time::{TimeFormat, TimeReader, utc_offset_s};

/// It has some twenty lines; nothing longer is one.
const LONGEST: usize = 64 << 10;

/// What a recording says of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Info(Vec<(String, String)>);

impl Info {
    pub(super) fn read(bytes: &Bytes) -> Result<Self, Fault> {
        let bytes = bytes.head(LONGEST)?;
        let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
        let line = |line: &str| {
            let (key, value) = line.split_once(':')?;
            Some((key.trim().to_lowercase(), value.trim().to_owned()))
        };
        Ok(Self(text.split(['\n', '\r']).filter_map(line).collect()))
    }

    /// A value, by the key in lower case.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|entry| entry.0 == key).map(|entry| entry.1.as_str()).filter(|v| !v.is_empty())
    }

    /// A number, written with a point or a comma.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        let value: f64 = self.get(key)?.replace(',', ".").parse().ok()?;
        value.is_finite().then_some(value)
    }

    /// A date: nanoseconds since 1970 of the local clock; none where it is 0.
    pub(super) fn date_ns(&self, key: &str) -> Option<i64> {
        let ticks: i64 = self.get(key)?.parse().ok()?;
        TimeReader::new(TimeFormat::Ticks, Point::DOT).whole(ticks).filter(|_| ticks > 0)
    }

    /// Seconds by which the local clock was ahead of UTC.
    pub(super) fn offset_s(&self) -> Option<i32> {
        offset_s(self.get("timezone")?)
    }

    /// What tells of the kind of device in the serial number, and of nothing else.
    pub(super) fn prefix(&self) -> Option<&str> {
        self.get("serial number").and_then(|serial| serial.get(..3))
    }

    /// Whatever tells of a person or one device.
    pub(super) fn identity(&self) -> Vec<(String, String)> {
        const KEYS: [&str; 10] = [
            "serial number",
            "subject name",
            "sex",
            "height",
            "mass",
            "age",
            "race",
            "limb",
            "side",
            "dominance",
        ];
        let of = |key: &&str| Some(((*key).to_owned(), self.get(key)?.to_owned()));
        KEYS.iter().filter_map(of).collect()
    }
}

/// An offset as .NET writes a span of time, `-05:00:00` or `01:00:00`, in seconds.
pub(super) fn offset_s(text: &str) -> Option<i32> {
    let (sign, plain) = match text.strip_prefix('-') {
        Some(plain) => (-1, plain),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = plain.split(':');
    utc_offset_s(sign, parts.next()?, parts.next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let text = "\u{feff}Serial Number: MOS2E00000001\r\nStart Date: 638452296000000000\r\nStop Date: 0\r\nTimeZone: -05:30:00\r\n\
                    Battery Voltage: 4,16\r\nSubject Name: \r\n";
        let info = Info::read(&Bytes::memory(text.as_bytes().to_vec())).unwrap();
        assert_eq!(info.date_ns("start date"), Some(1_709_632_800_000_000_000));
        assert_eq!((info.date_ns("stop date"), info.get("subject name")), (None, None));
        assert_eq!((info.offset_s(), info.number("battery voltage")), (Some(-19_800), Some(4.16)));
        assert_eq!(info.prefix(), Some("MOS"));
        assert_eq!(info.identity(), [("serial number".to_owned(), "MOS2E00000001".to_owned())]);
        for odd in ["", ":", "99:00:00", "1", "a:b", "01:77:00"] {
            assert_eq!(offset_s(odd), None, "{odd}");
        }
    }
}
