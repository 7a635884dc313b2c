//! `ambulo baseline`

use super::open_data;
use super::train::{print, quote};
use crate::cli::BaselineArgs;
use crate::progress::Terminal;
use ambulo_baseline::{BaselineKind, run_baseline};
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(args: &BaselineArgs) -> anyhow::Result<ExitCode> {
    let kind = BaselineKind::from_name(&args.kind)?;
    let dataset = open_data(&args.data)?;
    let command = format!(
        "ambulo baseline --kind {} --protocol {} --labels {} --out {}",
        args.kind,
        args.protocol,
        quote(Path::new(&args.labels.words())),
        quote(&args.out)
    );
    let mut terminal = Terminal::new();
    let metrics =
        run_baseline(&args.out, kind, args.protocol, &args.labels, &dataset, &command, &mut terminal);
    terminal.finish();
    let metrics = metrics?;
    ambulo_report::write_report(&args.out)?;
    print(&args.out, &metrics, args.json)?;
    Ok(ExitCode::SUCCESS)
}
