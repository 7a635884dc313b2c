//! Axivity AX3 and AX6.

pub(crate) mod cwa;
pub(crate) mod wav;
