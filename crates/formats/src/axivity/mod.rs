//! Axivity AX3 and AX6.

mod block;
pub(crate) mod cwa;
mod decode;
mod header;
mod losses;
mod track;
pub(crate) mod wav;
