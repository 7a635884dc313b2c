//! What trained models answer: on test people, worn other ways, on people unseen, beside other runs.

pub(crate) mod compare;
pub(crate) mod continuous;
pub(crate) mod export;
pub(crate) mod few;
pub(crate) mod final_evaluation;
pub(crate) mod pooling;
pub mod predictions;
pub(crate) mod sources;
pub mod transfer;
pub(crate) mod unseen;
pub(crate) mod wearing;
