//! ActiGraph: its archives and its exports.

pub(crate) mod csv;
pub(crate) mod gt3x;
mod info;
mod log;
mod look;
mod old;
mod record;
mod seconds;
mod unpack;
