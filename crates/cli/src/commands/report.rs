//! `ambulo report`

use super::missing;
use crate::cli::ReportArgs;
use crate::failure::Usage;
use ambulo_record::files::METRICS;
use std::io::Write as _;
use std::process::ExitCode;

pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    if !args.run.join(METRICS).is_file() {
        return Err(Usage(missing(&args.run.join(METRICS), "finished run with", METRICS)).into());
    }
    let report = ambulo_report::write_report(&args.run)?;
    let card = ambulo_report::write_model_card(&args.run)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\n{}", report.display(), card.display())?;
    Ok(ExitCode::SUCCESS)
}
