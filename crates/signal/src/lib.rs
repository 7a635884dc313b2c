//! Motion signals (types only, for now).
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod error;
mod finding;
mod recording;
mod sensor;
mod source;
mod units;

pub use error::SignalError;
pub use finding::{Finding, FindingKind, Place, Severity};
pub use recording::{Clock, Header, Recording, SensorInfo, SensorSeries, Start};
pub use sensor::Sensor;
pub use source::{Chunk, Samples, Source, SourceError};
pub use units::{STANDARD_GRAVITY, Unit};
