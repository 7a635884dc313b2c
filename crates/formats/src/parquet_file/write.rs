//! Writes recordings as Parquet in the project's units and clock: the schema is in docs/CONVERT.md.

mod file;
mod merge;

pub(crate) use file::{SensorFacts, VERSION_KEY, keys};

use ambulo_signal::intake::{Declared, Repair, Report};
use ambulo_signal::{Chunk, Finding, FindingKind, Severity, SignalError, Source};
use file::Facts;
use merge::Merge;
use std::path::{Path, PathBuf};

/// Why a recording was not converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// Its unit or its clock is in doubt: whatever was written might be wrong.
    #[error("{}", finding.text)]
    Refused {
        /// What speaks against it.
        finding: Box<Finding>,
    },
    /// What is declared cannot be, or a unit is missing.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// The recording could not be read to its end.
    #[error("{0}")]
    Source(#[from] ambulo_signal::SourceError),
    /// A file is there already.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("cannot write {}: {message}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// One file, or several where the clock began anew: none of them goes back in time.
    pub files: Vec<PathBuf>,
    /// Rows in all of them.
    pub rows: u64,
    /// Samples that came too late to find their place among those of the other sensors.
    pub left_out: u64,
}

/// Whether a finding of a report stands in the way of writing the recording: its unit is in doubt, or could not be held against
/// the values, as nothing but zeros or an axis that is stuck tell nothing of it; or nobody has said what an hour back means, so
/// that all times behind it may be an hour off.
pub fn stands_in_the_way(report: &Report) -> Option<&Finding> {
    use FindingKind::{AllZero, Calibration, ClockReset, StuckAxis, Unit, UnitUnknown};
    let in_doubt = |kind| matches!(kind, Unit | UnitUnknown | Calibration | StuckAxis | AllZero | ClockReset);
    report.findings.iter().find(|finding| finding.severity == Severity::Refusal && in_doubt(finding.kind))
}

/// Writes a recording into `folder` as `name.parquet`, or as `name.1.parquet`, `name.2.parquet` and so on where its clock began anew.
/// Rows go under temporary names until all are written.
///
/// `format` is what the recording was read as; `report` what a survey of it found.
///
/// # Errors
/// [`ConvertError`]; nothing is left behind then.
pub fn convert(
    source: &mut dyn Source,
    format: &str,
    report: &Report,
    declared: &Declared,
    folder: &Path,
    name: &str,
    overwrite: bool,
) -> Result<Converted, ConvertError> {
    if let Some(finding) = stands_in_the_way(report) {
        return Err(ConvertError::Refused { finding: Box::new(finding.clone()) });
    }
    let mut repair = Repair::new(report, declared)?;
    let single = folder.join(format!("{name}.parquet"));
    let first = folder.join(format!("{name}.1.parquet"));
    if let Some(path) = [&single, &first].into_iter().find(|path| !overwrite && path.exists()) {
        return Err(ConvertError::Exists { path: path.clone() });
    }
    let facts = Facts::new(source.header(), format, report);
    let mut merge = Merge::new(facts, folder, &single);
    let mut chunk = Chunk::default();
    while source.read(&mut chunk)? {
        repair.push(&chunk, &mut |sensor, repaired| merge.push(sensor, repaired));
        merge.write(false)?;
    }
    repair.finish(&mut |sensor, repaired| merge.push(sensor, repaired));
    merge.write(true)?;
    let (rows, left_out) = (merge.rows(), merge.left_out());
    let parts = merge.finish()?;
    let several = parts.len() > 1;
    let path = |number: usize| match several {
        true => folder.join(format!("{name}.{number}.parquet")),
        false => single.clone(),
    };
    // Before any of them has its name.
    if let Some(path) = (1..=parts.len()).map(path).find(|path| !overwrite && path.exists()) {
        return Err(ConvertError::Exists { path });
    }
    let mut files = Vec::with_capacity(parts.len());
    for (number, part) in (1..).zip(parts) {
        let path = path(number);
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => ConvertError::Exists { path: path.clone() },
            _ => ConvertError::Write { path: path.clone(), message: error.to_string() },
        };
        part.as_file().sync_all().map_err(failed)?;
        if overwrite {
            part.persist(&path).map_err(|error| failed(error.error))?;
        } else {
            part.persist_noclobber(&path).map_err(|error| failed(error.error))?;
        }
        files.push(path);
    }
    Ok(Converted { files, rows, left_out })
}
