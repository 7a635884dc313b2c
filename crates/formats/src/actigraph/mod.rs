//! ActiGraph: its archives and its exports.

pub(crate) mod csv;
pub(crate) mod gt3x;
