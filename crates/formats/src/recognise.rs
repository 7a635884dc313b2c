//! What a file is, by its first bytes; names and extensions decide nothing.

use crate::error::Fault;
use crate::options::Format;

/// Bytes that are looked at.
pub(crate) const LOOK: usize = 4096;

/// What the first bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Empty,
    Known(Format),
    /// Recognised, but there is no reader.
    Foreign {
        what: &'static str,
        hint: &'static str,
        /// No samples in it, whoever reads it.
        results: bool,
    },
}

/// A format without a reader: where its sign stands, the sign, what it is, what to do.
struct Signature {
    at: usize,
    sign: &'static [u8],
    what: &'static str,
    hint: &'static str,
    results: bool,
}

const fn binary(at: usize, sign: &'static [u8], what: &'static str, hint: &'static str) -> Signature {
    Signature { at, sign, what, hint, results: false }
}

const SIGNATURES: &[Signature] = &[
    binary(0, b"PK\x03\x04", "a zip archive", "unpack it first"),
    binary(0, b"PK\x05\x06", "an empty zip archive", "pack it again"),
    binary(0, b"\x1f\x8b", "compressed with gzip", "unpack it first"),
    binary(0, b"MD\xfc\x03", "an Axivity recording (.cwa)", "export it as CSV"),
    binary(0, b"RIFF", "a RIFF file, such as .wav", "export the recording as CSV"),
    binary(0, b"Device Identity", "a GENEActiv recording (.bin)", "export it as CSV"),
    binary(0, b"Obj\x01", "an Avro container", "export the recording as CSV"),
    binary(8, b".FIT", "a FIT file", "export raw acceleration as CSV"),
    binary(0, b"MATLAB 5.0 MAT-file", "a MATLAB file", "write it with writetimetable(…, \"acc.csv\")"),
    binary(0, b"\x89HDF\r\n\x1a\n", "an HDF5 file", "export the recording as CSV"),
    binary(0, b"SQLite format 3\0", "a database", "use the CSV export of the app"),
    binary(
        0,
        b"------------ Data",
        "an ActiGraph export",
        "it cannot be told here whether it holds raw data",
    ),
    binary(
        0,
        b"Device Type,GENEActiv",
        "a GENEActiv export",
        "save the rows behind its header as a table of their own",
    ),
    binary(0, b"{", "JSON", "export the recording as CSV"),
    binary(0, b"[", "JSON", "export the recording as CSV"),
    Signature {
        at: 0,
        sign: b"<?xml",
        what: "XML, such as the export of a health app: summaries, no raw acceleration",
        hint: "record with an app that stores the raw sensors",
        results: true,
    },
    Signature {
        at: 0,
        sign: b"acceleration (mg) - ",
        what: "a table of averages per epoch",
        hint: "use the raw file that it was computed from",
        results: true,
    },
    Signature {
        at: 0,
        sign: b"\"acceleration (mg) - ",
        what: "a table of averages per epoch",
        hint: "use the raw file that it was computed from",
        results: true,
    },
    Signature {
        at: 0,
        sign: b"\"Time\",\"DataCount",
        what: "a table of events",
        hint: "export the raw samples",
        results: true,
    },
];

/// Recognises a file by its first bytes.
///
/// # Errors
/// Bytes that are no text and nothing known.
pub(crate) fn recognise(head: &[u8]) -> Result<Content, Fault> {
    if head.is_empty() {
        return Ok(Content::Empty);
    }
    if head.starts_with(b"PAR1") {
        return Ok(Content::Known(Format::Parquet));
    }
    let plain = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let found = SIGNATURES.iter().find(|s| plain.get(s.at..).is_some_and(|rest| rest.starts_with(s.sign)));
    if let Some(&Signature { what, hint, results, .. }) = found {
        return Ok(Content::Foreign { what, hint, results });
    }
    let utf16 = matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    if !utf16 && let Some(at) = memchr::memchr(0, head) {
        return Err(Fault::Unsupported {
            what: format!("neither text nor any known recording (byte {at} is 0)"),
            hint: "tables of text and Parquet are read".to_owned(),
        });
    }
    Ok(Content::Known(Format::Table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_content() {
        assert_eq!(recognise(b"").unwrap(), Content::Empty);
        assert_eq!(recognise(b"PAR1...").unwrap(), Content::Known(Format::Parquet));
        assert_eq!(recognise(b"time,x\n").unwrap(), Content::Known(Format::Table));
        assert_eq!(recognise(b"\xff\xfet\0i\0").unwrap(), Content::Known(Format::Table));
        assert!(matches!(
            recognise(b"PK\x03\x04abc").unwrap(),
            Content::Foreign { what: "a zip archive", .. }
        ));
        assert!(matches!(recognise(b"\xef\xbb\xbf<?xml ").unwrap(), Content::Foreign { results: true, .. }));
        assert!(matches!(
            recognise(b"0123456\x0e.FIT").unwrap(),
            Content::Foreign { what: "a FIT file", .. }
        ));
        assert!(matches!(recognise(b"ab\0cd"), Err(Fault::Unsupported { .. })));
    }
}
