//! Draws the page of an examined data set, to look at it while changing it:
//! `cargo run -p ambulo-report --example examination_page -- examination.json page.html`, with what
//! `ambulo datasets check --json` prints.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next =
        || arguments.next().ok_or("give what `ambulo datasets check --json` printed and a file to write");
    let (json, page) = (next()?, next()?);
    let examination = serde_json::from_slice(&std::fs::read(json)?)?;
    ambulo_report::write_examination(Path::new(&page), &examination)?;
    Ok(())
}
