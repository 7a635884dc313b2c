//! Data elements of a MATLAB 5 file: a tag with type and length, and what it holds.
//!
//! Layout after the maker's document "MAT-File Format", chapter "Level 5 MAT-File Format".

use crate::error::Fault;
use std::io::{ErrorKind, Read};

/// Types of elements that hold others.
pub(super) const MATRIX: u32 = 14;
pub(super) const COMPRESSED: u32 = 15;
/// The highest type there is: UTF-32 text.
pub(super) const LAST_TYPE: u32 = 18;

/// Bytes of a tag, and what elements in a matrix are padded to.
pub(super) const TAG: u64 = 8;

/// How the numbers of an element are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
    I64,
    U64,
}

impl Storage {
    pub(super) fn of(kind: u32) -> Option<Self> {
        Some(match kind {
            1 => Self::I8,
            2 => Self::U8,
            3 => Self::I16,
            4 => Self::U16,
            5 => Self::I32,
            6 => Self::U32,
            7 => Self::F32,
            9 => Self::F64,
            12 => Self::I64,
            13 => Self::U64,
            _ => return None,
        })
    }

    /// Bytes of a number.
    pub(super) fn width(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// The number at the beginning of some bytes; NaN where there are too few.
    pub(super) fn number(self, bytes: &[u8], order: Order) -> f64 {
        let read = || {
            Some(match self {
                Self::I8 => f64::from(i8::from_ne_bytes([*bytes.first()?])),
                Self::U8 => f64::from(*bytes.first()?),
                Self::I16 => f64::from(order.u16(bytes)?.cast_signed()),
                Self::U16 => f64::from(order.u16(bytes)?),
                Self::I32 => f64::from(order.u32(bytes)?.cast_signed()),
                Self::U32 => f64::from(order.u32(bytes)?),
                Self::F32 => f64::from(f32::from_bits(order.u32(bytes)?)),
                Self::F64 => f64::from_bits(order.u64(bytes)?),
                Self::I64 => order.u64(bytes)?.cast_signed() as f64,
                Self::U64 => order.u64(bytes)? as f64,
            })
        };
        read().unwrap_or(f64::NAN)
    }
}

/// The order of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn u16(self, bytes: &[u8]) -> Option<u16> {
        let bytes = *bytes.first_chunk()?;
        Some(if self == Self::Little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    pub(super) fn u32(self, bytes: &[u8]) -> Option<u32> {
        let bytes = *bytes.first_chunk()?;
        Some(if self == Self::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn u64(self, bytes: &[u8]) -> Option<u64> {
        let bytes = *bytes.first_chunk()?;
        Some(if self == Self::Little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }
}

/// What a tag says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) kind: u32,
    pub(super) len: u64,
    /// What a small element holds, which stands in the tag itself.
    pub(super) small: Option<[u8; 4]>,
}

impl Tag {
    /// # Errors
    /// A small element of more than four bytes.
    pub(super) fn of(bytes: [u8; 8], order: Order, place: &str) -> Result<Self, Fault> {
        let [first, second] =
            [0, 4].map(|at| bytes.get(at..).and_then(|part| order.u32(part)).unwrap_or_default());
        let (kind, len) = (first & 0xffff, first >> 16);
        if len == 0 {
            return Ok(Self { kind: first, len: second.into(), small: None });
        }
        if len > 4 {
            let found = format!("{len} bytes in an element of four");
            return Err(Fault::damaged(place, found, "a data element"));
        }
        let [.., a, b, c, d] = bytes;
        Ok(Self { kind, len: len.into(), small: Some([a, b, c, d]) })
    }
}

/// Reads the elements of a matrix, one behind the other.
pub(super) struct Elements<'a> {
    from: &'a mut dyn Read,
    order: Order,
    /// Bytes of the matrix that are left.
    left: u64,
    /// For messages.
    pub(super) place: String,
}

impl<'a> Elements<'a> {
    pub(super) fn new(from: &'a mut dyn Read, order: Order, len: u64, place: String) -> Self {
        Self { from, order, left: len, place }
    }

    pub(super) fn damaged(&self, found: impl Into<String>, expected: &str) -> Fault {
        Fault::damaged(&self.place, found, expected)
    }

    fn exact(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            return Err(self.damaged("an element that goes on behind its end", "a whole array"));
        };
        self.left = left;
        self.from.read_exact(bytes).map_err(|error| fault(&self.place, error))
    }

    pub(super) fn tag(&mut self) -> Result<Tag, Fault> {
        let mut bytes = [0; 8];
        self.exact(&mut bytes)?;
        Tag::of(bytes, self.order, &self.place)
    }

    /// What an element holds, which must be at most so many bytes; memory grows with what is really there.
    pub(super) fn content(&mut self, tag: Tag, most: u64) -> Result<Vec<u8>, Fault> {
        if tag.len > most {
            let found = format!("an element of {} bytes", tag.len);
            return Err(self.damaged(found, &format!("at most {most}")));
        }
        if let Some(small) = tag.small {
            return Ok(small.into_iter().take(tag.len as usize).collect());
        }
        if tag.len > self.left {
            return Err(self.damaged("an element that goes on behind its end", "a whole array"));
        }
        let mut bytes = Vec::new();
        let read = (&mut *self.from).take(tag.len).read_to_end(&mut bytes);
        read.map_err(|error| fault(&self.place, error))?;
        if (bytes.len() as u64) < tag.len {
            let found = format!("{} of {} bytes: the file is cut short", bytes.len(), tag.len);
            return Err(self.damaged(found, "a whole array"));
        }
        self.left -= tag.len;
        let padding = (TAG - tag.len % TAG) % TAG;
        // Behind the last one it may be left out.
        let padding = padding.min(self.left) as usize;
        let mut waste = [0; TAG as usize];
        self.exact(&mut waste[..padding])?;
        Ok(bytes)
    }
}

/// An error of reading, which in compressed data may be one of the data.
pub(super) fn fault(place: &str, error: std::io::Error) -> Fault {
    match error.kind() {
        ErrorKind::UnexpectedEof => Fault::damaged(place, "the file is cut short", "a whole array"),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            Fault::damaged(place, error.to_string(), "compressed data")
        }
        _ => Fault::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        let small = Tag::of([0, 2, 0, 5, 1, 2, 0, 0], Order::Big, "x").unwrap();
        assert_eq!(small, Tag { kind: 5, len: 2, small: Some([1, 2, 0, 0]) });
        let large = Tag::of([9, 0, 0, 0, 16, 1, 0, 0], Order::Little, "x").unwrap();
        assert_eq!(large, Tag { kind: 9, len: 272, small: None });
        assert!(Tag::of([0, 5, 0, 5, 0, 0, 0, 0], Order::Big, "x").is_err());
    }

    #[test]
    fn numbers() {
        let bytes = [0xff, 0xfe, 0, 0, 0, 0, 0, 0x80];
        assert_eq!(Storage::I8.number(&bytes, Order::Big), -1.0);
        assert_eq!(Storage::I16.number(&bytes, Order::Big), -2.0);
        assert_eq!(Storage::U16.number(&bytes, Order::Little), f64::from(0xfeff));
        assert_eq!(Storage::F64.number(&1.5f64.to_be_bytes(), Order::Big), 1.5);
        assert_eq!(Storage::I64.number(&(-3i64).to_le_bytes(), Order::Little), -3.0);
        assert!(Storage::F32.number(&bytes[..3], Order::Big).is_nan());
    }
}
