//! Samples beyond what memory is meant to hold: kept in a temporary file that nobody else sees, with the same bits.

mod budget;
mod file;
mod recording;
mod rows;

pub use budget::{MemorySettingError, Spool};
pub use recording::{DiskRecording, DiskSource};
pub use rows::Rows;
