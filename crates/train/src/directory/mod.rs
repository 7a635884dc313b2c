//! What lies in a run directory: its files and lock, the checkpoint, the records that grow.

pub(crate) mod checkpoint;
pub(crate) mod files;
pub(crate) mod journal;
