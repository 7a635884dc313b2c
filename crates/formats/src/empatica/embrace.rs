//! Not there yet.

use crate::container::Input;
use crate::error::Fault;
use crate::options::ReadOptions;
use crate::reader::Found;

/// Why the first bytes are of this format.
pub(crate) fn sign(_head: &[u8]) -> Option<String> {
    None
}

/// Opens the recordings in it.
pub(crate) fn open(_input: &Input, _options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    Ok(Vec::new())
}
