//! What every format gives: a recording that can be pulled in chunks.

use crate::error::Fault;
use crate::opened::TextRun;
use crate::options::Format;
use ambulo_signal::{Chunk, Finding, Header};

/// Pulls the samples of one recording. Memory is bounded: a chunk holds at most some 10,000 samples of each sensor, or a
/// couple of megabytes of the file.
pub(crate) trait Reader: Send {
    /// Clears `chunk` and fills it with the next samples, one part for each sensor of the header in its order; false, and
    /// nothing in it, at the end. Times are nanoseconds from the header's start.
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault>;

    /// Begins again, and forgets what was noticed.
    fn rewind(&mut self) -> Result<(), Fault>;

    /// What was noticed while reading; complete at the end. What was known when the file was opened stands in its header.
    fn findings(&self) -> Vec<Finding>;

    /// Texts of the samples given out since this was last asked; nothing where there are no columns of texts.
    fn take_texts(&mut self) -> Vec<TextRun> {
        Vec::new()
    }

    /// What the file's own clock says at the recording's zero, in nanoseconds of its count; none where it has none.
    fn origin_ns(&self) -> Option<i64> {
        None
    }
}

/// A recording that was found in a file.
pub(crate) struct Found {
    pub(crate) format: Format,
    /// The dialect's name, where a table told of one.
    pub(crate) dialect: Option<String>,
    /// Why it was recognised as that.
    pub(crate) because: String,
    /// Without an origin: the caller knows the file.
    pub(crate) header: Header,
    pub(crate) reader: Box<dyn Reader>,
}
