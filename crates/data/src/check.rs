//! The intake's first look at what a file holds: units, gravity, values that no sensor measures.

use crate::{DataError, FileFinding};
use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::{Finding, Recording, Sensor, Severity, SourceError};
use std::path::{Path, PathBuf};

/// What is worth a warning, and the first thing that speaks against the recording if anything does.
pub(crate) fn look(recording: &Recording) -> Result<(Vec<Finding>, Option<Finding>), SourceError> {
    let report = survey(&mut recording.source(), &Declared::default())?;
    let refusal = report.refusals().next().cloned();
    let warnings = report.findings.into_iter().filter(|finding| finding.severity == Severity::Warning);
    Ok((warnings.collect(), refusal))
}

/// What is worth a warning; `file` names the file of a sensor.
///
/// # Errors
/// [`DataError::Refused`] with the first thing that speaks against the recording.
pub(crate) fn check(
    recording: &Recording,
    file: impl Fn(Sensor) -> PathBuf,
) -> Result<Vec<FileFinding>, DataError> {
    let io =
        |error| DataError::Io { path: file(Sensor::Accelerometer), source: std::io::Error::other(error) };
    let (warnings, refusal) = look(recording).map_err(io)?;
    let file = |finding: &Finding| file(finding.first_place.sensor.unwrap_or(Sensor::Accelerometer));
    if let Some(finding) = refusal {
        return Err(DataError::Refused { path: file(&finding), finding: Box::new(finding) });
    }
    let name = |path: &Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let named = |finding| FileFinding { file: name(&file(&finding)), finding };
    Ok(warnings.into_iter().map(named).collect())
}
