//! What a file is, by its first bytes; names and extensions decide nothing.

use crate::container::Input;
use crate::error::Fault;
use crate::options::{Format, ReadOptions};
use crate::reader::Found;
use crate::{actigraph, axivity, empatica, geneactiv, json, mat, matrix, parquet_file, table};

/// Bytes that are looked at.
pub(crate) const LOOK: usize = 4096;

/// Why the first bytes are of a format.
type Sign = fn(&[u8]) -> Option<String>;
type Open = fn(&Input, &ReadOptions) -> Result<Vec<Found>, Fault>;

/// The readers of single files, in the order in which they are asked; what none of them knows is a table, if it is text.
const READERS: [(Format, Sign, Open); 15] = [
    (Format::Parquet, parquet_file::sign, parquet_file::open),
    (Format::Cwa, axivity::cwa::sign, axivity::cwa::open),
    (Format::AxivityWav, axivity::wav::sign, axivity::wav::open),
    (Format::GeneActivBin, geneactiv::bin::sign, geneactiv::bin::open),
    (Format::GeneActivCsv, geneactiv::csv::sign, geneactiv::csv::open),
    (Format::Matrix, matrix::sign, matrix::open),
    (Format::Mat, mat::sign, mat::open),
    (Format::EmbracePlus, empatica::embrace::sign, empatica::embrace::open),
    (Format::EmpaticaE4, empatica::e4::sign, empatica::e4::open),
    (Format::ActiGraphCsv, actigraph::csv::sign, actigraph::csv::open),
    (Format::Movesense, json::movesense::sign, json::movesense::open),
    (Format::SensorLoggerJson, json::sensor_logger::sign, json::sensor_logger::open),
    (Format::SensorLoggerPush, json::push::sign, json::push::open),
    (Format::JsonLines, json::lines::sign, json::lines::open),
    (Format::Table, |_| None, table::open),
];

/// A format without a reader: where its sign stands, the sign, what it is, what to do.
struct Signature {
    at: usize,
    sign: &'static [u8],
    what: &'static str,
    hint: &'static str,
    /// No samples in it, whoever reads it.
    results: bool,
}

const fn binary(at: usize, sign: &'static [u8], what: &'static str, hint: &'static str) -> Signature {
    Signature { at, sign, what, hint, results: false }
}

const fn results(sign: &'static [u8], what: &'static str, hint: &'static str) -> Signature {
    Signature { at: 0, sign, what, hint, results: true }
}

const FOREIGN: &[Signature] = &[
    binary(0, b"RIFF", "a RIFF file that is no Axivity recording", "export the recording as CSV"),
    binary(
        0,
        b"GENEA/",
        "a recording of the older Genea device",
        "export it as CSV with the maker's software",
    ),
    binary(
        8,
        b".FIT",
        "a FIT file, whose activities hold no raw acceleration",
        "export raw acceleration as CSV, with an app on the watch that records it",
    ),
    binary(
        0,
        b"\x89HDF\r\n\x1a\n",
        "an HDF5 file (also what MATLAB 7.3 writes)",
        "export the recording as CSV or Parquet",
    ),
    binary(0, b"SQLite format 3\0", "a database", "use the CSV export of the app or software"),
    binary(0, b"\xd0\xcf\x11\xe0", "an office document", "export the recording as CSV"),
    binary(0, b"%PDF", "a PDF document", "export the recording as CSV"),
    binary(0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first"),
    binary(0, b"\x28\xb5\x2f\xfd", "compressed with Zstandard", "unpack it first"),
    binary(0, b"\xfd7zXZ\0", "compressed with xz", "unpack it first"),
    binary(0, b"BZh", "compressed with bzip2", "unpack it first"),
    results(
        b"<?xml",
        "XML, such as the export of Apple Health: summaries, no raw acceleration",
        "record with an app that stores the raw sensors, such as Sensor Logger or phyphox",
    ),
    results(
        b"acceleration (mg) - ",
        "a table of averages per epoch, the result of another program",
        "use the raw file that it was computed from",
    ),
    results(
        b"\"acceleration (mg) - ",
        "a table of averages per epoch, the result of another program",
        "use the raw file that it was computed from",
    ),
    results(
        b"\"Time\",\"DataCount",
        "a table of activPAL events: results, with no acceleration in it",
        "export the raw samples from the maker's software",
    ),
];

/// Opens the recordings in a file that was unpacked.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let head = input.bytes.head(LOOK)?;
    if head.is_empty() {
        return Err(Fault::Empty);
    }
    if let Some(wanted) = options.format
        && let Some((_, _, open)) = READERS.iter().find(|reader| reader.0 == wanted)
    {
        let mut found = open(input, options)?;
        for found in &mut found {
            found.because = "it was asked for".to_owned();
        }
        return Ok(found);
    }
    if let Some(wanted) = options.format
        && wanted != Format::Gt3x
    {
        return Err(Fault::Unsupported {
            what: format!("one file, and {} is read from several that lie together", wanted.title()),
            hint: "name the folder or the archive".to_owned(),
        });
    }
    let plain = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    if let Some((because, open)) = READERS.iter().find_map(|(_, sign, open)| Some((sign(plain)?, open))) {
        let mut found = open(input, options)?;
        for found in found.iter_mut().filter(|found| found.because.is_empty()) {
            found.because.clone_from(&because);
        }
        return Ok(found);
    }
    let known = |s: &&Signature| plain.get(s.at..).is_some_and(|rest| rest.starts_with(s.sign));
    if let Some(Signature { what, hint, results, .. }) = FOREIGN.iter().find(known) {
        let epoch = epoch_s(plain).map(|epoch_s| format!(", epochs of {epoch_s} s")).unwrap_or_default();
        let (what, hint) = (format!("{what}{epoch}"), (*hint).to_owned());
        return Err(if *results {
            Fault::NotARecording { what, hint }
        } else {
            Fault::Unsupported { what, hint }
        });
    }
    let utf16 = matches!(*head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    if !utf16 && let Some(at) = memchr::memchr(0, &head) {
        return Err(Fault::Unsupported {
            what: format!("neither text nor any known recording (byte {at} is 0)"),
            hint: "export the recording as CSV, or see docs/READERS.md for what is read".to_owned(),
        });
    }
    table::open(input, options)
}

/// Length of the epochs that a header states in seconds: `sampleRate = 30 seconds`.
fn epoch_s(head: &[u8]) -> Option<u32> {
    let at = memchr::memmem::find(head, b"sampleRate = ")?;
    let digits: String =
        head[at + 13..].iter().take_while(|c| c.is_ascii_digit()).map(|&c| char::from(c)).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Bytes;

    fn fault(bytes: &[u8]) -> Fault {
        let input = Input { name: "x".to_owned(), bytes: Bytes::memory(bytes.to_vec()), wrapped: Vec::new() };
        match open(&input, &ReadOptions::default()) {
            Ok(_) => panic!("it is read"),
            Err(fault) => fault,
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert!(matches!(fault(b""), Fault::Empty));
        assert!(matches!(fault(b"\xef\xbb\xbf<?xml "), Fault::NotARecording { .. }));
        let fit = fault(b"0123456\x0e.FIT");
        assert!(matches!(fit, Fault::Unsupported { what, .. } if what.starts_with("a FIT file")));
        let genea = fault(b"GENEA/1.00\r\n");
        assert!(matches!(genea, Fault::Unsupported { what, .. } if what.contains("older Genea device")));
        assert!(matches!(fault(b"ab\0cd"), Fault::Unsupported { .. }));
    }
}
