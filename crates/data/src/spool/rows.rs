//! Rows of inertial signals, in memory or in a file.

use super::budget::{Lease, Spool};
use super::file::SpoolFile;
use ambulo_signal::{InertialSignals, Layout};
use std::borrow::Cow;
use std::io;
use std::sync::Arc;

/// Rows of inertial signals, wherever they are kept. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Rows {
    layout: Layout,
    length: usize,
    held: Held,
}

#[derive(Clone, Debug)]
enum Held {
    Memory(Arc<InMemory>),
    Disk { file: Arc<SpoolFile>, at: u64 },
}

#[derive(Debug)]
struct InMemory {
    signals: InertialSignals,
    /// What they take of a budget.
    _lease: Option<Lease>,
}

impl Rows {
    /// In memory, whatever they take.
    pub fn in_memory(signals: InertialSignals) -> Self {
        Self::held(signals, None)
    }

    /// In memory, or in the file of the spool if they do not fit any more.
    ///
    /// # Errors
    /// The file system's.
    pub fn store(spool: &Spool, signals: InertialSignals) -> io::Result<Self> {
        let (layout, length) = (signals.layout(), signals.len());
        match spool.lease(size_of_val(signals.values()) as u64) {
            Some(lease) => Ok(Self::held(signals, Some(lease))),
            None => {
                let file = spool.file()?;
                let at = file.append_f32(signals.values())?;
                Ok(Self { layout, length, held: Held::Disk { file, at } })
            }
        }
    }

    fn held(signals: InertialSignals, lease: Option<Lease>) -> Self {
        let (layout, length) = (signals.layout(), signals.len());
        Self { layout, length, held: Held::Memory(Arc::new(InMemory { signals, _lease: lease })) }
    }

    /// Which signals a row holds.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether they lie in a file.
    pub fn is_on_disk(&self) -> bool {
        matches!(self.held, Held::Disk { .. })
    }

    /// The rows from `start` on, `length` of them, row-major.
    ///
    /// # Errors
    /// The file system's, or rows that are not there.
    pub fn rows(&self, start: usize, length: usize) -> io::Result<Cow<'_, [f32]>> {
        match self.borrowed(start, length)? {
            Some(rows) => Ok(Cow::Borrowed(rows)),
            None => {
                let mut rows = Vec::new();
                self.read(start, length, &mut rows)?;
                Ok(Cow::Owned(rows))
            }
        }
    }

    /// Puts the rows from `start` on, `length` of them, into `out`, and nothing else.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub fn read(&self, start: usize, length: usize, out: &mut Vec<f32>) -> io::Result<()> {
        match self.borrowed(start, length)? {
            Some(rows) => {
                out.clear();
                out.extend_from_slice(rows);
            }
            None => {
                out.resize(length * self.layout.width(), 0.0);
                if let Held::Disk { file, at } = &self.held {
                    file.read_f32(at + 4 * (start * self.layout.width()) as u64, out)?;
                }
            }
        }
        Ok(())
    }

    /// Them if they lie in memory.
    fn borrowed(&self, start: usize, length: usize) -> io::Result<Option<&[f32]>> {
        if start.checked_add(length).is_none_or(|end| end > self.length) {
            let text = format!("{length} rows from {start} on of {}", self.length);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
        }
        match &self.held {
            Held::Memory(own) => Ok(Some(own.signals.rows(start, length))),
            Held::Disk { .. } => Ok(None),
        }
    }
}

impl PartialEq for Rows {
    /// Whether they hold the same numbers, wherever these lie; what cannot be read is equal to nothing.
    fn eq(&self, other: &Self) -> bool {
        let all = |rows: &Self| rows.rows(0, rows.length).map(Cow::into_owned);
        self.layout == other.layout
            && self.length == other.length
            && matches!((all(self), all(other)), (Ok(a), Ok(b)) if a == b)
    }
}
