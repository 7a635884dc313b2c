//! Draws the page of a `continuous.json`, to look at it while changing it:
//! `cargo run -p ambulo-report --example continuous_page -- continuous.json continuous.html`.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("give a continuous.json and a file to write");
    let (json, page) = (next()?, next()?);
    let metrics = serde_json::from_slice(&std::fs::read(json)?)?;
    ambulo_report::write_continuous(Path::new(&page), &metrics)?;
    Ok(())
}
