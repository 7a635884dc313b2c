//! The parts of the page that are prose and tables rather than figures, and what belongs with a figure.

pub(crate) mod breakdowns;
pub(crate) mod calibration;
pub(crate) mod depths;
pub(crate) mod folds;
pub(crate) mod headline;
pub(crate) mod individuals;
pub(crate) mod people;
pub(crate) mod provenance;
pub(crate) mod seeds;
pub(crate) mod wearings;
