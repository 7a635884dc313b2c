//! Reads the published folder `HAPT Data Set`: raw recordings in g and rad/s with a file of labelled ranges.

use super::{NAME, Raw, codes, content_hash};
use crate::check::check;
use crate::split::official_test_subjects;
use crate::{Content, DataError, Dataset, FileFinding, LabelledRecording, lookup, table};
use ambulo_signal::Sensor;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const TITLE: &str = "HAPT Data Set";
/// Values of a long recording, to reserve memory for.
const TYPICAL_VALUES: usize = 3 * 32_768;

/// Reads the folder `RawData`: `acc_expNN_userNN.txt`, `gyro_expNN_userNN.txt` and `labels.txt`.
pub(crate) fn read(raw: &Path) -> Result<Dataset, DataError> {
    let mut all = BTreeMap::new();
    for (experiment, (user, path)) in recording_files(raw)? {
        all.insert(experiment, read_recording(raw, &path, user, experiment)?);
    }
    apply_labels(raw, &mut all)?;
    let mut findings = Vec::new();
    let mut recordings = Vec::with_capacity(all.len());
    for recording in all.into_values() {
        recordings.push(finish(raw, recording, &mut findings)?);
    }
    let sha256 =
        content_hash(&recordings).map_err(|source| DataError::Io { path: raw.to_owned(), source })?;
    Ok(Dataset {
        published_test: Some(official_test_subjects()),
        conversions: vec![
            "acceleration in g and angular velocity in rad/s: as published".to_owned(),
            "labels.txt: ranges of samples (from 1, both ends inclusive) to intervals of time".to_owned(),
        ],
        findings,
        ..Dataset::new(lookup(NAME)?, sha256, Content::Recordings(recordings))
    })
}

fn finish(
    raw: &Path,
    recording: Raw,
    findings: &mut Vec<FileFinding>,
) -> Result<LabelledRecording, DataError> {
    let Raw { user, experiment, .. } = recording;
    let recording = recording.labelled();
    let file = |sensor| {
        let name = if sensor == Sensor::Gyroscope { "gyro" } else { "acc" };
        raw.join(file_name(name, experiment, user))
    };
    let loaded = recording.recording.load();
    let loaded = loaded.map_err(|source| DataError::Io { path: raw.to_owned(), source })?;
    findings.extend(check(&loaded, file)?);
    drop(loaded);
    Ok(recording)
}

/// Acceleration files by experiment number, with the number of the user.
fn recording_files(raw: &Path) -> Result<BTreeMap<u16, (u16, PathBuf)>, DataError> {
    let io = |source| DataError::Io { path: raw.to_owned(), source };
    let mut files: BTreeMap<u16, (u16, PathBuf)> = BTreeMap::new();
    let mut gyro = Vec::new();
    for entry in std::fs::read_dir(raw).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if let Some((experiment, user)) = numbers(name, "acc") {
            if let Some((_, first)) = files.get(&experiment) {
                return Err(DataError::DuplicateExperiment {
                    experiment,
                    first: first.clone(),
                    second: path,
                });
            }
            files.insert(experiment, (user, path));
        } else if let Some((experiment, user)) = numbers(name, "gyro") {
            gyro.push((experiment, user));
        }
    }
    gyro.sort_unstable();
    let orphan =
        gyro.into_iter().find(|(experiment, user)| files.get(experiment).is_none_or(|(u, _)| u != user));
    // Without a single recording the first published file is the one to name.
    let missing = orphan.or(files.is_empty().then_some((1, 1)));
    match missing {
        Some((experiment, user)) => {
            Err(DataError::MissingFile { path: raw.join(file_name("acc", experiment, user)), dataset: TITLE })
        }
        None => Ok(files),
    }
}

/// Experiment and user of `acc_exp01_user01.txt`.
fn numbers(name: &str, sensor: &str) -> Option<(u16, u16)> {
    let (experiment, user) =
        name.strip_prefix(sensor)?.strip_prefix("_exp")?.strip_suffix(".txt")?.split_once("_user")?;
    Some((experiment.parse().ok()?, user.parse().ok()?))
}

fn file_name(sensor: &str, experiment: u16, user: u16) -> String {
    format!("{sensor}_exp{experiment:02}_user{user:02}.txt")
}

fn read_recording(raw: &Path, acc: &Path, user: u16, experiment: u16) -> Result<Raw, DataError> {
    let gyro = raw.join(file_name("gyro", experiment, user));
    let acceleration = table::floats(acc, TITLE, 3, TYPICAL_VALUES)?;
    let angular_velocity = table::floats(&gyro, TITLE, 3, acceleration.len())?;
    if acceleration.len() != angular_velocity.len() {
        return Err(DataError::UnequalLength {
            path: gyro,
            found: angular_velocity.len() / 3,
            other: acc.to_owned(),
            expected: acceleration.len() / 3,
        });
    }
    let rows = |values: &[f32]| values.chunks_exact(3).map(|v| [v[0], v[1], v[2]]).collect::<Vec<_>>();
    let activities = vec![codes::UNLABELLED; acceleration.len() / 3];
    Ok(Raw {
        user,
        experiment,
        acceleration: rows(&acceleration),
        angular_velocity: rows(&angular_velocity),
        activities,
    })
}

/// Rows `experiment user activity start end`, samples counted from 1, both ends inclusive.
fn apply_labels(raw: &Path, recordings: &mut BTreeMap<u16, Raw>) -> Result<(), DataError> {
    let path = raw.join("labels.txt");
    for (index, row) in table::integers(&path, TITLE, 5)?.chunks_exact(5).enumerate() {
        let out_of_range = |column: usize, expected: String| DataError::OutOfRange {
            path: path.clone(),
            row: index + 1,
            column,
            expected,
            found: row[column - 1],
        };
        let number = |column: usize, what: &str| {
            u16::try_from(row[column - 1])
                .ok()
                .filter(|&n| n > 0)
                .ok_or_else(|| out_of_range(column, format!("the number of {what}, from 1")))
        };
        let (experiment, user) = (number(1, "an experiment")?, number(2, "a user")?);
        let activity = u8::try_from(row[2])
            .ok()
            .filter(|&code| codes::name(code).is_some())
            .ok_or_else(|| out_of_range(3, format!("an activity from 1 to {}", codes::LAST)))?;
        let Some(recording) = recordings.get_mut(&experiment).filter(|r| r.user == user) else {
            let recording = raw.join(file_name("acc", experiment, user));
            return Err(DataError::LabelWithoutRecording {
                path,
                row: index + 1,
                experiment,
                user,
                recording,
            });
        };
        let length = recording.activities.len();
        let within = |column: usize, from: usize| {
            usize::try_from(row[column - 1])
                .ok()
                .filter(|sample| (from..=length).contains(sample))
                .ok_or_else(|| {
                    out_of_range(
                        column,
                        format!("a sample from {from} to {length}, where experiment {experiment} ends"),
                    )
                })
        };
        let start = within(4, 1)?;
        let end = within(5, start)?;
        for (offset, known) in recording.activities[start - 1..end].iter_mut().enumerate() {
            if *known != codes::UNLABELLED && *known != activity {
                let name = |code| codes::name(code).unwrap_or_default();
                return Err(DataError::OverlappingLabels {
                    path,
                    row: index + 1,
                    experiment,
                    sample: start + offset,
                    found: name(activity),
                    earlier: name(*known),
                });
            }
            *known = activity;
        }
    }
    Ok(())
}
