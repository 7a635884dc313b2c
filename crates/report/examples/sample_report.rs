//! Writes an invented run with its report and model card into a directory, to look at the page while changing it:
//! `cargo run -p ambulo-report --example sample_report -- DIR [SEEDS | groups10 | loso | several]`. `groups10` and `loso` are
//! runs over folds, with twelve activities; `several` is one on several data sets, with a transfer matrix beside it.

#[path = "../tests/support/mod.rs"]
mod support;

use ambulo_record::files::TRANSFER_PAGE;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("give a directory to write the run into")?);
    let kind = arguments.next().map(|a| a.to_string_lossy().into_owned());
    let records = match kind.as_deref() {
        Some("groups10") => support::folds::fold_records(3),
        Some("loso") => support::folds::fold_records(1),
        Some("several") => support::several::several_records(),
        Some(seeds) => support::sample::records(seeds.parse()?),
        None => support::sample::records(5),
    };
    support::write_run(&dir, &records)?;
    ambulo_report::write_report(&dir)?;
    ambulo_report::write_model_card(&dir)?;
    if kind.as_deref() == Some("several") {
        ambulo_report::write_transfer(&dir.join(TRANSFER_PAGE), &support::several::transfer())?;
    }
    Ok(())
}
