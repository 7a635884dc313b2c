//! Readers made of readers: sensors of several files as one recording, sums, signs, clocks put right.

mod by_time;
mod counted;
mod joined;
mod mapped;
mod retimed;
mod summed;

pub(crate) use by_time::Join;
pub(crate) use counted::Counted;
pub(crate) use joined::{Joined, Source};
pub(crate) use mapped::{Mapped, Output};
pub(crate) use retimed::{Jump, Retimed, Unwrapped};
pub(crate) use summed::Summed;
