//! The parts of the page that are prose and tables rather than figures.

pub(crate) mod headline;
pub(crate) mod people;
pub(crate) mod provenance;
pub(crate) mod seeds;
