//! ActiGraph: its archives and its exports.

pub(crate) mod csv;
mod fill;
pub(crate) mod gt3x;
mod info;
mod log;
mod look;
mod old;
mod preamble;
mod record;
mod seconds;
mod unpack;
