//! Parquet.
use crate::error::Fault;
use crate::options::ReadOptions;
use crate::plan::Plan;
use ambulo_signal::{Chunk, Finding};
use std::path::Path;

pub(crate) struct ParquetReader;

pub(crate) fn open(_: &Path, _: &ReadOptions) -> Result<(Plan, ParquetReader), Fault> {
    Err(Fault::Unsupported { what: String::new(), hint: String::new() })
}

impl ParquetReader {
    pub(crate) fn read(&mut self, _: &mut Chunk) -> Result<bool, Fault> {
        Ok(false)
    }
    pub(crate) fn ended(&self) -> bool {
        true
    }
    pub(crate) fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }
    pub(crate) fn rewind(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}
