//! Who is trained, chosen and tested on, and choosing without the latter.

pub(crate) mod labels_of_data;
pub(crate) mod out_of_fold;
pub(crate) mod people;
pub(crate) mod select;
