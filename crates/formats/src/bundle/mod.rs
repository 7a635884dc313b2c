//! Recordings that are several files: a table for each sensor, in a folder or an archive.

use crate::container::Member;
use crate::error::Fault;
use crate::options::{Format, ReadOptions};
use crate::reader::Found;

/// Files that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Bundle {
    pub(crate) format: Format,
    pub(crate) members: Vec<Member>,
    /// The folder that holds them, below the one that was searched; empty at the top.
    pub(crate) folder: String,
}

/// Takes the files that belong together out of those of a folder or archive.
pub(crate) fn claim(_members: &mut Vec<Member>) -> Vec<Bundle> {
    Vec::new()
}

/// Opens the recordings in them.
pub(crate) fn open(_bundle: &Bundle, _options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    Ok(Vec::new())
}
