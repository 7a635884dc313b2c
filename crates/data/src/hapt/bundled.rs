//! The HAPT recordings that ship inside the binary.

use super::HAPT_SHA256;
use super::parquet::decode;
use crate::{DataError, Dataset};
use bytes::Bytes;

static HAPT: &[u8] = include_bytes!("../../../../datasets/hapt/hapt.parquet");

/// The complete HAPT recordings: 30 people, 61 recordings, 1,122,772 samples at 50 Hz.
///
/// Each call decodes the file anew (a fraction of a second, about 30 MB).
///
/// # Errors
/// [`DataError::Parquet`] or [`DataError::HashMismatch`] where the file was changed before the binary was
/// built.
pub fn hapt() -> Result<Dataset, DataError> {
    let dataset = decode(Bytes::from_static(HAPT), "the bundled HAPT data")?;
    if dataset.sha256 != HAPT_SHA256 {
        return Err(DataError::HashMismatch {
            dataset: dataset.info.name,
            expected: HAPT_SHA256.to_owned(),
            found: dataset.sha256,
        });
    }
    Ok(dataset)
}
