//! Segments and probabilities as tables: CSV, JSON Lines and Parquet, the same columns in each.
//!
//! Several recordings may stand in one table, one after the other; nothing of it depends on what stands before. Every column is
//! described in `docs/RESULT_FORMATS.md`.

#[cfg(feature = "parquet")]
mod parquet;
mod probabilities;
mod segments;
mod steps;
mod text;

pub use probabilities::ProbabilityTable;
pub use segments::{SEGMENT_COLUMNS, SegmentTable};
pub use steps::{AnsweredStep, StepTable};
pub(super) use text::{decimal, quoted};

use std::io::{self, Write};
use std::path::Path;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// With a line of names, `,` between cells, quoted as RFC 4180 has it, lines that end in `\n`.
    Csv,
    /// A JSON object a line.
    JsonLines,
    /// Apache Parquet, compressed with Snappy.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl TableFormat {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Csv,
        Self::JsonLines,
        #[cfg(feature = "parquet")]
        Self::Parquet,
    ];

    /// Its name, and how the names of such files end.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
        }
    }

    /// The format that the end of a file's name says.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_str()?;
        Self::ALL.iter().copied().find(|format| format.name().eq_ignore_ascii_case(end))
    }
}

/// Rows of text on their way.
struct Text<W> {
    out: W,
    json: bool,
    buffer: Vec<u8>,
}

/// Bytes that are written at a time.
const PIECE: usize = 1 << 16;

impl<W: Write> Text<W> {
    fn new(out: W, json: bool) -> Self {
        Self { out, json, buffer: Vec::with_capacity(PIECE + 1024) }
    }

    /// Writes what has come together, once it is worth it.
    fn row_done(&mut self) -> io::Result<()> {
        if self.buffer.len() < PIECE { Ok(()) } else { self.write_out() }
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<W> {
        self.write_out()?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// A text as JSON.
fn json(text: &str) -> Vec<u8> {
    // Text is always JSON.
    serde_json::to_vec(text).unwrap_or_default()
}
