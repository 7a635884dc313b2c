//! Who is trained, chosen and tested on, and choosing without the latter.

mod labels;
pub(crate) mod out_of_fold;
pub(crate) mod people;
pub(crate) mod select;
