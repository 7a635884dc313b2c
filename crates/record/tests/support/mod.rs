//! Invented runs, which the tests of this crate and of the report share.
#![allow(dead_code, reason = "each test file uses its own part")]

mod directory;
pub(crate) mod folds;
pub(crate) mod sample;
pub(crate) mod several;

pub(crate) use directory::write_run;
