//! GENEActiv: its recordings and its exports.

pub(crate) mod bin;
pub(crate) mod csv;
