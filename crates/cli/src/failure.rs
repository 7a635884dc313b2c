//! From an error to what a person reads and an exit code.

use crate::talk::say;
use ambulo_baseline::BaselineError;
use ambulo_data::DataError;
use ambulo_model::ModelError;
use ambulo_model::adapt::AdaptError;
use ambulo_report::ReportError;
use ambulo_train::TrainError;
use std::io::ErrorKind;
use std::process::ExitCode;

/// Something the user asked for that does not exist or cannot be, found by the binary itself.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Prints the error, its causes and its hints; gives 2 for wrong usage, else 1.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if is_closed_pipe(error) {
        return ExitCode::SUCCESS;
    }
    // A cause whose text the message above already contains is not said twice.
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    if error.chain().any(|cause| matches!(cause.downcast_ref(), Some(DataError::Duplicate { .. }))) {
        text += "\nhint: --allow-duplicates trains on them all the same";
    }
    for cause in error.chain() {
        if let Some(option) = option_for(cause) {
            text = format!("{text}\nhint: {option}");
        }
    }
    // Hints come last, whichever cause they belong to.
    let (hints, lines): (Vec<&str>, Vec<&str>) = text.lines().partition(|l| l.starts_with("hint: "));
    say!("error: {}", lines.join("\n"));
    for hint in hints {
        say!("{hint}");
    }
    if is_usage(error) { ExitCode::from(2) } else { ExitCode::FAILURE }
}

/// The option or command that answers an error of the libraries, which know neither.
fn option_for(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(error) = cause.downcast_ref::<DataError>() {
        return match error {
            DataError::NoFolder { .. } => Some(
                "`ambulo datasets` lists the data sets that are read and where to get them; without --data the bundled \
                 recordings are used"
                    .into(),
            ),
            _ => None,
        };
    }
    match cause.downcast_ref::<TrainError>()? {
        TrainError::ForeignSetting { .. } => Some("`ambulo models` lists them with their sizes".into()),
        TrainError::Exists { .. } => Some("--out names another directory, --resume continues a run".into()),
        TrainError::Finished { path } => {
            Some(format!("if its report is missing: ambulo report {}", path.display()))
        }
        TrainError::OtherConfiguration { path } | TrainError::IncompleteConfiguration { path, .. } => {
            Some(format!("ambulo train --config {}", path.display()))
        }
        TrainError::NoReference { .. } => Some("--data names its folder".into()),
        _ => None,
    }
}

/// Whether whoever read our output has seen enough (`ambulo datasets | head -1`).
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe)
}

fn is_usage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<Usage>()
            || cause.downcast_ref::<TrainError>().is_some_and(TrainError::is_usage)
            || cause.downcast_ref::<BaselineError>().is_some_and(BaselineError::is_usage)
            || cause.downcast_ref::<DataError>().is_some_and(DataError::is_usage)
            || cause.downcast_ref::<ReportError>().is_some_and(ReportError::is_usage)
            || cause.downcast_ref::<AdaptError>().is_some_and(|e| !matches!(e, AdaptError::Model(_)))
            || cause.downcast_ref::<ModelError>().is_some_and(
                |e| matches!(e, ModelError::Read { source, .. } if source.kind() == ErrorKind::NotFound),
            )
    })
}
