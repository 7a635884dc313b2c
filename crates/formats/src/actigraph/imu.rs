//! The inertial measurement unit of some devices (GT9X Link): records of samples, whose columns another record describes.
//!
//! After `SENSOR_SCHEMA` and `SENSOR_DATA` of the maker's "GT3X File Format". Its accelerometer and magnetometer are left alone:
//! the device's own accelerometer has records of its own.

use super::look::fixed_point;

/// A column's description: flags, place, size, scale and name.
const COLUMN: usize = 23;
/// Before the columns and before the samples: which schema it is, how many columns and how many samples in a record.
const SCHEMA_HEAD: usize = 6;
const DATA_HEAD: usize = 2;

/// Where the gyroscope's samples lie in a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Schema {
    id: u16,
    /// Samples of a record, and bytes of a sample.
    samples: usize,
    bytes: usize,
    axes: [Column; 3],
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Column {
    at: usize,
    bytes: usize,
    signed: bool,
    big_endian: bool,
    /// Counts of one deg/s.
    scale: f32,
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

impl Schema {
    /// The gyroscope that a `SENSOR_SCHEMA` record describes; none if there is none, or it is of a kind that nobody documented.
    pub(super) fn read(content: &[u8]) -> Option<Self> {
        let (id, columns, samples) = (word(content, 0)?, word(content, 2)?, word(content, 4)?);
        let mut axes = [None; 3];
        let mut at = 0;
        let all = content.get(SCHEMA_HEAD..)?.chunks_exact(COLUMN).take(usize::from(columns));
        for column in all {
            let &[flags, _, bits, a, b, c, d, ref label @ ..] = column else { return None };
            if bits % 8 != 0 {
                return None;
            }
            let bytes = usize::from(bits / 8);
            let label = String::from_utf8_lossy(label).to_lowercase();
            let label = label.trim_matches([' ', '\0']);
            let axis = label.chars().next_back().and_then(|axis| "xyz".find(axis));
            if let Some(axis) = axis.filter(|_| label.starts_with("gyro") && (1..=2).contains(&bytes)) {
                let scale = fixed_point(u32::from_le_bytes([a, b, c, d]));
                let scale = if scale == 0.0 { 1.0 } else { scale as f32 };
                let (big_endian, signed) = (flags & 1 != 0, flags & 2 != 0);
                axes[axis] = Some(Column { at, bytes, signed, big_endian, scale });
            }
            at += bytes;
        }
        let [Some(x), Some(y), Some(z)] = axes else { return None };
        (samples > 0).then_some(Self { id, samples: usize::from(samples), bytes: at, axes: [x, y, z] })
    }

    /// Samples per second: a record holds one second.
    pub(super) fn rate(&self) -> usize {
        self.samples
    }

    /// Samples in a `SENSOR_DATA` record.
    pub(super) fn samples(&self, content: &[u8]) -> usize {
        if word(content, 0) != Some(self.id) {
            return 0;
        }
        ((content.len() - DATA_HEAD) / self.bytes).min(self.samples)
    }

    /// Unpacks as many samples as `values` takes, in deg/s.
    pub(super) fn unpack(&self, content: &[u8], values: &mut [[f32; 3]]) {
        let rows = content.get(DATA_HEAD..).unwrap_or_default().chunks_exact(self.bytes);
        for (row, value) in rows.zip(values) {
            *value = self.axes.map(|column| column.read(row));
        }
    }
}

impl Column {
    fn read(&self, row: &[u8]) -> f32 {
        let counts = match (row.get(self.at..self.at + self.bytes), self.signed) {
            (Some(&[byte]), true) => f32::from(byte.cast_signed()),
            (Some(&[byte]), false) => f32::from(byte),
            (Some(&[a, b]), signed) => {
                let word =
                    if self.big_endian { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) };
                if signed { f32::from(word.cast_signed()) } else { f32::from(word) }
            }
            _ => f32::NAN,
        };
        counts / self.scale
    }
}
