//! Empatica E4 and EmbracePlus.

pub(crate) mod e4;
pub(crate) mod embrace;
