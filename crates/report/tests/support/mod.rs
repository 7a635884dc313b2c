//! What the tests of this crate share.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

#[path = "../../../record/tests/support/directory.rs"]
mod directory;
#[path = "../../../record/tests/support/folds.rs"]
pub(crate) mod folds;
#[path = "../../../record/tests/support/sample.rs"]
pub(crate) mod sample;
#[path = "../../../record/tests/support/several.rs"]
pub(crate) mod several;
pub(crate) mod wellformed;

use ambulo_record::RunRecords;
use ambulo_report::html;
pub(crate) use directory::write_run;
use wellformed::{check_picture, elements, pictures};

/// The page, after holding all of it and each picture against the rules.
#[allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]
pub(crate) fn checked(records: &RunRecords) -> String {
    let page = html(records);
    let (before, after) = page.split_once("<style>").unwrap();
    let (_, after) = after.split_once("</style>").unwrap();
    elements(&format!("{before}{after}")).unwrap();
    for picture in pictures(&page) {
        check_picture(picture).unwrap_or_else(|e| panic!("{e}\n{picture}"));
    }
    page
}
