//! Figures of whole recordings, which are answered step by step and not cut into windows of one label; docs/CONTINUOUS.md
//! has the definitions.

mod intervals;
#[cfg(test)]
mod reference;
mod shuffle;
mod summary;
mod tally;
#[cfg(test)]
mod tests;
mod truth;
mod ward;
#[cfg(test)]
mod ward_tests;

pub use intervals::Interval;
pub use shuffle::shuffled;
pub use summary::{SeedTally, continuous_variant};
pub use tally::{Answers, Tally};
pub use truth::{TrueStretch, Truth};
pub use ward::{Activity, ActivityScore};
