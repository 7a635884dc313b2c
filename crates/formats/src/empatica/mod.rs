//! Empatica E4 and EmbracePlus.

mod avro;
pub(crate) mod e4;
pub(crate) mod embrace;
mod schema;
mod session;
