//! Not there yet.

use crate::container::Member;
use crate::error::Fault;
use crate::options::ReadOptions;
use crate::reader::Found;

/// Whether the members of an archive are those of a recording.
pub(crate) fn claims(_members: &[Member]) -> bool {
    false
}

/// Opens the recording in an archive.
pub(crate) fn open(_members: &[Member], _options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    Ok(Vec::new())
}
