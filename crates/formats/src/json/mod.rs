//! Recordings in JSON.

mod lanes;
pub(crate) mod lines;
pub(crate) mod live;
pub(crate) mod movesense;
mod objects;
pub(crate) mod push;
mod rows;
pub(crate) mod sensor_logger;
mod walk;
