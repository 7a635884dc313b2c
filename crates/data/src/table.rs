//! Text files of white-space separated numbers, as the published folders have them, in any encoding and with any line
//! ends that they may have taken on since.

use crate::{DataError, text};
use std::path::Path;
use std::str::FromStr;

/// Longest piece of a file that a message quotes.
const QUOTE: usize = 32;

/// Reads a file; one that does not exist is [`DataError::MissingFile`].
fn read(path: &Path, dataset: &'static str) -> Result<Vec<u8>, DataError> {
    std::fs::read(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => DataError::MissingFile { path: path.to_owned(), dataset },
        _ => DataError::Io { path: path.to_owned(), source },
    })
}

/// Rows of exactly `columns` finite numbers, one row after the other.
///
/// `capacity` is the number of values expected, so that a long file is read without moving.
pub(crate) fn floats(
    path: &Path,
    dataset: &'static str,
    columns: usize,
    capacity: usize,
) -> Result<Vec<f32>, DataError> {
    let values: Vec<f32> = parse(path, &read(path, dataset)?, columns, "a number", capacity)?;
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(values),
        Some(at) => Err(DataError::NotFinite {
            path: path.to_owned(),
            row: at / columns + 1,
            column: at % columns + 1,
            found: f64::from(values[at]),
        }),
    }
}

/// Rows of exactly `columns` whole numbers, one row after the other.
pub(crate) fn integers(path: &Path, dataset: &'static str, columns: usize) -> Result<Vec<i64>, DataError> {
    parse(path, &read(path, dataset)?, columns, "a whole number", 0)
}

fn parse<T: FromStr>(
    path: &Path,
    bytes: &[u8],
    columns: usize,
    expected: &'static str,
    capacity: usize,
) -> Result<Vec<T>, DataError> {
    let decoded = text::decode(bytes).map_err(|text::Invalid { encoding, byte }| DataError::Encoding {
        path: path.to_owned(),
        encoding,
        byte,
    })?;
    let rows = decoded.trim_ascii_end();
    if text::lines(rows).all(<[u8]>::is_empty) {
        return Err(DataError::EmptyFile { path: path.to_owned() });
    }
    let mut values = Vec::with_capacity(capacity);
    for (row, line) in text::lines(rows).enumerate() {
        let before = values.len();
        let fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
        for (column, field) in fields.enumerate() {
            let value = std::str::from_utf8(field).ok().and_then(|field| field.parse().ok());
            values.push(value.ok_or_else(|| DataError::NotANumber {
                path: path.to_owned(),
                row: row + 1,
                column: column + 1,
                expected,
                found: quote(field),
            })?);
        }
        let found = values.len() - before;
        if found != columns {
            return Err(DataError::RowLength {
                path: path.to_owned(),
                row: row + 1,
                expected: columns,
                found,
            });
        }
    }
    Ok(values)
}

fn quote(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    let mut quoted: String = text.chars().take(QUOTE).flat_map(char::escape_default).collect();
    if text.chars().count() > QUOTE {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats_of(text: impl AsRef<[u8]>, columns: usize) -> Result<Vec<f32>, DataError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        floats(file.path(), "test", columns, 0)
    }

    #[test]
    fn published_number_formats_are_read() {
        let values = floats_of("  1.8085150e-001 -1.5e+00\r\n 2 -.5  \n\n", 2).unwrap();
        assert_eq!(values, [0.180_851_5, -1.5, 2.0, -0.5]);
    }

    #[test]
    fn damage_is_reported_with_row_and_column() {
        let place = |text| floats_of(text, 2).unwrap_err().to_string();
        assert!(place("1 2\n3\n").contains("row 2: expected 2 numbers, found 1"));
        assert!(place("1 2\n3 4 5\n").contains("row 2: expected 2 numbers, found 3"));
        assert!(place("1 2\n\n3 4\n").contains("row 2: expected 2 numbers, found 0"));
        assert!(place("1 2\n3 x4\n").contains("row 2, column 2: expected a number, found `x4`"));
        assert!(place("1 2\nNaN 4\n").contains("row 2, column 1: expected a finite number, found NaN"));
        assert!(place("1 2\n3 1e60\n").contains("row 2, column 2: expected a finite number, found inf"));
        assert!(place("1 \u{0}\u{7}\n").contains("row 1, column 2"));
        for nothing in ["", " \n", "\u{feff}", "\u{feff}\r\n"] {
            assert!(matches!(floats_of(nothing, 2), Err(DataError::EmptyFile { .. })), "{nothing:?}");
        }
    }

    #[test]
    fn text_of_any_system_and_encoding_is_read() {
        let utf16: Vec<u8> = "\u{feff}1 2\r\n-3.5 4\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let all: [&[u8]; 5] = [
            b"\xef\xbb\xbf1 2\n-3.5 4\n",
            b"1 2\r-3.5 4\r",
            b"1 2\r\r\n-3.5 4\r\r\n",
            &utf16,
            b"1\t2\n-3.5\xc2\xa04",
        ];
        for (index, bytes) in all.into_iter().enumerate() {
            let found = floats_of(bytes, 2);
            match index {
                // A no-break space separates nothing; the message shows it.
                4 => assert!(found.unwrap_err().to_string().contains("found `-3.5\\u{a0}4`")),
                _ => assert_eq!(found.unwrap(), [1.0, 2.0, -3.5, 4.0], "{index}"),
            }
        }
        let error = floats_of(&utf16[..utf16.len() - 1], 2).unwrap_err().to_string();
        assert!(error.contains("is UTF-16LE only up to byte 26"), "{error}");
        assert!(floats_of("1 2\r3 x\r", 2).unwrap_err().to_string().contains("row 2, column 2"));
    }
}
