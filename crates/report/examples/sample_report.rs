//! Writes an invented run with its report and model card into a directory, to look at the page while changing it:
//! `cargo run -p ambulo-report --example sample_report -- DIR [SEEDS]`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("give a directory to write the run into")?);
    let seeds = match arguments.next().map(|a| a.to_string_lossy().parse()) {
        Some(seeds) => seeds?,
        None => 5,
    };
    support::write_run(&dir, &support::sample::records(seeds))?;
    ambulo_report::write_report(&dir)?;
    ambulo_report::write_model_card(&dir)?;
    Ok(())
}
