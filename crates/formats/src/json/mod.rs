//! Recordings in JSON.

mod lanes;
pub(crate) mod lines;
pub(crate) mod movesense;
mod objects;
pub(crate) mod push;
pub(crate) mod sensor_logger;
mod walk;
