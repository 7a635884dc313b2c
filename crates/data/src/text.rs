//! Bytes of a text file as lines of UTF-8, whatever wrote them.

use std::borrow::Cow;

/// U+FEFF, which programs put before a text to mark its encoding, in UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Where a text stops being what it began as.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Invalid {
    /// Name of the encoding.
    pub(crate) encoding: &'static str,
    /// The first byte that does not belong to it, from 0.
    pub(crate) byte: usize,
}

/// The bytes as they are, or as UTF-8 where they are UTF-16 or UTF-32.
///
/// These are known by their byte order mark; UTF-16 also by the zero that every second byte is in a text that begins with a digit, sign,
/// blank or Latin letter. Anything else is left to its reader: UTF-8, or a code page that has ASCII in common with it.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Invalid> {
    match bytes {
        // Before UTF-16, of whose mark this one is the longer.
        [0xff, 0xfe, 0, 0, ..] => utf32(bytes, "UTF-32LE", u32::from_le_bytes),
        [0, 0, 0xfe, 0xff, ..] => utf32(bytes, "UTF-32BE", u32::from_be_bytes),
        [0xff, 0xfe, ..] => utf16(bytes, "UTF-16LE", u16::from_le_bytes),
        [0xfe, 0xff, ..] => utf16(bytes, "UTF-16BE", u16::from_be_bytes),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => utf16(bytes, "UTF-16LE", u16::from_le_bytes),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => utf16(bytes, "UTF-16BE", u16::from_be_bytes),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

fn utf16<'a>(
    bytes: &[u8],
    encoding: &'static str,
    unit: fn([u8; 2]) -> u16,
) -> Result<Cow<'a, [u8]>, Invalid> {
    let (units, rest) = bytes.as_chunks();
    let mut text = String::with_capacity(units.len());
    let mut byte = 0;
    for character in char::decode_utf16(units.iter().map(|&pair| unit(pair))) {
        let character = character.map_err(|_| Invalid { encoding, byte })?;
        byte += 2 * character.len_utf16();
        text.push(character);
    }
    if rest.is_empty() { Ok(Cow::Owned(text.into_bytes())) } else { Err(Invalid { encoding, byte }) }
}

fn utf32<'a>(
    bytes: &[u8],
    encoding: &'static str,
    unit: fn([u8; 4]) -> u32,
) -> Result<Cow<'a, [u8]>, Invalid> {
    let (units, rest) = bytes.as_chunks();
    let mut text = String::with_capacity(units.len());
    for (index, &quadruple) in units.iter().enumerate() {
        let character = char::from_u32(unit(quadruple));
        text.push(character.ok_or(Invalid { encoding, byte: 4 * index })?);
    }
    if rest.is_empty() {
        Ok(Cow::Owned(text.into_bytes()))
    } else {
        Err(Invalid { encoding, byte: 4 * units.len() })
    }
}

/// The lines of a text in UTF-8, without their ends: LF, CR LF or CR alone, also where files of several systems were joined into one. A
/// byte order mark at the start of a line is left out for that reason too.
///
/// As many lines as an editor shows, except that nothing follows the last line end.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(rest.len());
        let line = &rest[..end];
        rest = &rest[end..];
        // CR CR LF is one end as well: what text mode on Windows makes of CR LF.
        let returns = rest.iter().take_while(|&&byte| byte == b'\r').count();
        let ending = match rest.get(returns) {
            Some(b'\n') => returns + 1,
            _ => returns.min(1),
        };
        rest = &rest[ending..];
        Some(line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn utf32(text: &str, bytes: fn(u32) -> [u8; 4]) -> Vec<u8> {
        text.chars().map(u32::from).flat_map(bytes).collect()
    }

    /// The text in every encoding with a byte order mark.
    fn encodings(text: &str) -> [Vec<u8>; 5] {
        let marked = format!("\u{feff}{text}");
        [
            marked.clone().into_bytes(),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
            utf32(&marked, u32::to_le_bytes),
            utf32(&marked, u32::to_be_bytes),
        ]
    }

    fn split(text: &str) -> Vec<String> {
        lines(text.as_bytes()).map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    }

    #[test]
    fn texts_without_a_mark_are_told_by_their_zeros() {
        for text in ["1 2\n", "-0.5", " x\u{2013}y😀"] {
            assert_eq!(*decode(&utf16(text, u16::to_le_bytes)).unwrap(), *text.as_bytes());
            assert_eq!(*decode(&utf16(text, u16::to_be_bytes)).unwrap(), *text.as_bytes());
        }
        // UTF-8, a code page, a stray zero: as they are.
        for bytes in [b"1 \x002".as_slice(), "é1".as_bytes(), b"\xe91 2", b"", b"\0", b"1\0", b"\xff"] {
            assert_eq!(*decode(bytes).unwrap(), *bytes);
        }
    }

    #[test]
    fn a_text_that_breaks_off_is_refused_with_the_place() {
        let invalid = |encoding, byte| Err(Invalid { encoding, byte });
        assert_eq!(decode(b"\xff\xfe1\x002"), invalid("UTF-16LE", 4));
        assert_eq!(decode(b"\xfe\xff\x001\xd8\x00\x002"), invalid("UTF-16BE", 4));
        assert_eq!(decode(b"\xff\xfe\0\0\x31\0\0\0\0\0\x11\0"), invalid("UTF-32LE", 8));
        assert_eq!(decode(b"\0\0\xfe\xff\0\0"), invalid("UTF-32BE", 4));
    }

    #[test]
    fn lines_end_as_any_system_ends_them() {
        assert_eq!(split("a\nb\r\nc\rd\r\r\ne"), ["a", "b", "c", "d", "e"]);
        assert_eq!(split("a\r\rb\n\nc\r\n\r\nd\r"), ["a", "", "b", "", "c", "", "d"]);
        assert_eq!(split(""), [""; 0]);
        assert_eq!(split("\n"), [""]);
        assert_eq!(split("\u{feff}a\n\u{feff}b\u{feff}"), ["a", "b\u{feff}"]);
    }

    proptest! {
        #[test]
        fn every_encoding_gives_the_same_lines(rows in prop::collection::vec("[^\0\r\n\u{feff}]{0,8}", 1..5)) {
            for end in ["\n", "\r\n", "\r"] {
                let text: String = rows.iter().flat_map(|row| [row.as_str(), end]).collect();
                for bytes in encodings(&text) {
                    let decoded = decode(&bytes).unwrap();
                    let found: Vec<&[u8]> = lines(&decoded).collect();
                    let expected: Vec<&[u8]> = rows.iter().map(String::as_bytes).collect();
                    prop_assert_eq!(found, expected);
                }
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            if let Ok(text) = decode(&bytes) {
                lines(&text).count();
            }
        }
    }
}
