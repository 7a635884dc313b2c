//! `ambulo datasets init`

use crate::cli::InitArgs;
use crate::failure::Usage;
use crate::talk::say;
use ambulo_data::manifest::propose;
use std::io::Write as _;
use std::process::ExitCode;

pub(super) fn run(args: &InitArgs) -> anyhow::Result<ExitCode> {
    let text = propose(&args.dir)?;
    let checks = text.matches("# CHECK:").count();
    match &args.out {
        Some(out) if out.exists() => {
            let text = format!("{} exists\nhint: remove it, or name another file with --out", out.display());
            return Err(Usage(text).into());
        }
        Some(out) => {
            ambulo_record::atomic::write(out, text.as_bytes())?;
            say!("{}: {checks} places to check", out.display());
            say!("hint: ambulo datasets check {}={}", out.display(), args.dir.display());
        }
        None => std::io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
