//! Sizes that the pages of a column state, checked before the decoder believes them.
//!
//! The decoder reserves what a page's header says. A damaged or malicious header may say anything; here it is read first, in
//! Thrift's compact protocol (apache/thrift, doc/specs/thrift-compact-protocol.md; parquet.thrift, `PageHeader`).

use crate::bytes::Bytes;
use parquet::basic::Compression;

/// A page is decoded whole: larger ones would break the promise of bounded memory. Writers use about 1 MB.
const LARGEST_PAGE: i64 = 64 << 20;

/// Encodings that are read: plain, both names of the dictionary's, and differences of whole numbers. Others are rare for
/// numbers, and their decoders trust the data.
const ENCODINGS: [i64; 4] = [0, 2, 8, 5];

/// Bytes of a header that are looked at; statistics of text columns can be long.
const LONGEST_HEADER: usize = 64 << 10;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct PageHeader {
    uncompressed: i64,
    compressed: i64,
    /// Values of a dictionary.
    dictionary: Option<i64>,
    /// How the values of a data page are stored.
    encoding: Option<i64>,
    /// Bytes of the header itself.
    length: usize,
}

/// Checks all pages of a column between two places of the file.
pub(super) fn check(file: &Bytes, start: u64, length: u64, compression: Compression) -> Result<(), String> {
    let most_per_byte = match compression {
        Compression::UNCOMPRESSED => 1,
        // A copy of 64 bytes takes at least 2.
        Compression::SNAPPY => 40,
        // Deflate reaches 1032.
        _ => 1100,
    };
    let (mut at, end) = (start, start.checked_add(length).ok_or("a column without end")?);
    let mut page = 0;
    while at < end {
        let header = header_at(file, at, end)?;
        let wrong = |what: &str, value: i64| format!("page {page} at byte {at} says it has {value} {what}");
        let PageHeader { uncompressed, compressed, dictionary, encoding, length } = header;
        let room = (end - at).saturating_sub(length as u64);
        if compressed < 0 || compressed as u64 > room {
            return Err(wrong("compressed bytes, more than the column", compressed));
        }
        if !(0..=LARGEST_PAGE).contains(&uncompressed) || uncompressed > compressed * most_per_byte + 1024 {
            return Err(wrong("bytes, more than a page can have", uncompressed));
        }
        if let Some(encoding) = encoding.filter(|encoding| !ENCODINGS.contains(encoding)) {
            return Err(wrong("as the number of its encoding, which is not read", encoding));
        }
        if let Some(values) = dictionary.filter(|values| !(0..=uncompressed).contains(values)) {
            return Err(wrong("values in its dictionary, more than it has bytes", values));
        }
        at += length as u64 + compressed as u64;
        page += 1;
    }
    Ok(())
}

fn header_at(file: &Bytes, at: u64, end: u64) -> Result<PageHeader, String> {
    for size in [128, LONGEST_HEADER] {
        let size = (size as u64).min(end - at);
        let bytes = file.part(at, size as usize).map_err(|error| error.to_string())?;
        if let Some(header) = parse(&bytes) {
            return Ok(header);
        }
    }
    Err(format!("no page header at byte {at}"))
}

fn parse(bytes: &[u8]) -> Option<PageHeader> {
    let mut input = Compact { bytes, at: 0 };
    let mut header = PageHeader { compressed: -1, uncompressed: -1, ..PageHeader::default() };
    let mut field = 0;
    while let Some(kind) = input.field(&mut field)? {
        match (field, kind) {
            (2, Compact::I32) => header.uncompressed = input.integer()?,
            (3, Compact::I32) => header.compressed = input.integer()?,
            (5 | 7 | 8, Compact::STRUCT) => {
                let mut inner = 0;
                while let Some(kind) = input.field(&mut inner)? {
                    match (field, inner, kind) {
                        (7, 1, Compact::I32) => header.dictionary = Some(input.integer()?),
                        (5, 2, Compact::I32) | (8, 4, Compact::I32) => {
                            header.encoding = Some(input.integer()?);
                        }
                        _ => input.skip(kind, 0)?,
                    }
                }
            }
            _ => input.skip(kind, 0)?,
        }
    }
    header.length = input.at;
    Some(header)
}

/// Thrift's compact protocol, as far as it is needed; nothing where the bytes end or make no sense.
struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Compact<'_> {
    const I32: u8 = 5;
    const STRUCT: u8 = 12;

    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn integer(&mut self) -> Option<i64> {
        self.varint().map(|value| (value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The type of the next field, whose number goes to `field`; inner nothing at the end of the struct.
    fn field(&mut self, field: &mut i64) -> Option<Option<u8>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Some(None);
        }
        match byte >> 4 {
            0 => *field = self.integer()?,
            delta => *field = field.checked_add(i64::from(delta))?,
        }
        Some(Some(byte & 0xf))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        const DEEPEST: usize = 16;
        if depth > DEEPEST || self.at > self.bytes.len() {
            return None;
        }
        match kind {
            // Truth values of fields stand in the type.
            1 | 2 => {}
            3 => self.at += 1,
            4..=6 => _ = self.varint()?,
            7 => self.at += 8,
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.at = self.at.checked_add(length)?;
            }
            9 | 10 => {
                let byte = self.byte()?;
                let n = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
                for _ in 0..n {
                    // Each element has a byte at least: a count that is too large ends with the bytes.
                    match byte & 0xf {
                        1 | 2 => self.at += 1,
                        kind => self.skip(kind, depth + 1)?,
                    }
                    if self.at > self.bytes.len() {
                        return None;
                    }
                }
            }
            Self::STRUCT => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.skip(kind, depth + 1)?;
                }
            }
            _ => return None,
        }
        (self.at <= self.bytes.len()).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header() {
        // type 2, sizes 1000 and 300, a dictionary of 100 values in encoding 0.
        let bytes = [0x15, 4, 0x15, 0xd0, 0x0f, 0x15, 0xd8, 0x04, 0x4c, 0x15, 0xc8, 0x01, 0x15, 0, 0, 0, 77];
        let header = parse(&bytes).unwrap();
        assert_eq!(
            header,
            PageHeader {
                uncompressed: 1000,
                compressed: 300,
                dictionary: Some(100),
                encoding: None,
                length: 16
            }
        );
        for n in 0..16 {
            assert!(parse(&bytes[..n]).is_none());
        }
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(header) = parse(&bytes) {
                prop_assert!(header.length <= bytes.len());
            }
        }
    }
}
