//! Recordings in JSON.

pub(crate) mod lines;
pub(crate) mod movesense;
pub(crate) mod push;
pub(crate) mod sensor_logger;
