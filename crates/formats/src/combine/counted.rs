//! A reader whose clock counts from somewhere: what it says at the recording's zero.

use crate::error::Fault;
use crate::opened::TextRun;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding};

/// Gives out what another reader gives.
pub(crate) struct Counted {
    reader: Box<dyn Reader>,
    origin_ns: i64,
}

impl Counted {
    pub(crate) fn new(reader: Box<dyn Reader>, origin_ns: i64) -> Self {
        Self { reader, origin_ns }
    }
}

impl Reader for Counted {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        self.reader.read(chunk)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.reader.rewind()
    }

    fn findings(&self) -> Vec<Finding> {
        self.reader.findings()
    }

    fn take_texts(&mut self) -> Vec<TextRun> {
        self.reader.take_texts()
    }

    fn origin_ns(&self) -> Option<i64> {
        Some(self.origin_ns)
    }
}
