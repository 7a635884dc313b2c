//! One training: windows made ready and augmented, epochs of batches, whoever watches them.

pub(crate) mod ancestor;
pub(crate) mod assemble;
pub(crate) mod augment;
pub(crate) mod average;
pub(crate) mod balance;
pub(crate) mod inputs;
pub(crate) mod observer;
pub(crate) mod prepared;
pub(crate) mod stage;
