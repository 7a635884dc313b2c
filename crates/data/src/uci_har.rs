//! Reads the published folder `UCI HAR Dataset`: signals already cut into windows of 128 samples.

use crate::check::check;
use crate::hash::hex;
use crate::split::official_test_subjects;
use crate::{
    Availability, Content, DataError, Dataset, DatasetInfo, FileFinding, PublishedPartition, WindowedData,
    hapt, lookup, table,
};
use ambulo_record::PersonId;
use ambulo_signal::{InertialSignals, Layout, Recording, Sensor, Signal};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The name on the command line.
pub(crate) const NAME: &str = "uci-har";
const TITLE: &str = "UCI HAR Dataset";
const RATE_HZ: f64 = 50.0;
/// Samples per window, one a column.
const TIME: usize = 128;
const LAYOUT: Layout = Layout::WITH_GYROSCOPE;
/// Names of the files of the signals in the order of a row.
const SIGNALS: [(Signal, &str); 3] = [
    (Signal::TotalAcceleration, "total_acc"),
    (Signal::BodyAcceleration, "body_acc"),
    (Signal::AngularVelocity, "body_gyro"),
];
/// The activities 1 to 6 in the words of the common vocabulary.
pub(crate) const ACTIVITIES: [&str; 6] =
    ["walking", "walking_upstairs", "walking_downstairs", "sitting", "standing", "lying"];

/// What the data set is, from what its manifest says: the windows also have body acceleration.
pub(crate) fn info(info: DatasetInfo) -> DatasetInfo {
    DatasetInfo {
        channels: vec![
            "total acceleration x, y, z in g, with gravity".into(),
            "body acceleration x, y, z in g".into(),
            "angular velocity x, y, z in rad/s".into(),
        ],
        availability: Availability::Folder { url: info.source.clone(), folder: TITLE.into() },
        ..info
    }
}

/// What the files of both parts hold.
#[derive(Default)]
struct Raw {
    /// Rows of [`LAYOUT`].
    values: Vec<f32>,
    activities: Vec<u8>,
    subjects: Vec<u16>,
    published: Vec<PublishedPartition>,
    findings: Vec<FileFinding>,
}

/// Reads `folder/train` and `folder/test`.
pub(crate) fn read(folder: &Path) -> Result<Dataset, DataError> {
    let mut raw = Raw::default();
    read_part(folder, "train", PublishedPartition::Train, &mut raw)?;
    read_part(folder, "test", PublishedPartition::Test, &mut raw)?;
    let sha256 = raw.hash();
    // Checked to be 1 to 6.
    let label = |&code: &u8| ACTIVITIES[usize::from(code) - 1].into();
    let content = Content::Windows(WindowedData {
        rate_hz: RATE_HZ,
        time: TIME,
        labels: raw.activities.iter().map(label).collect(),
        people: raw.subjects.iter().map(|&number| PersonId::from(number)).collect(),
        published: raw.published,
        facts: hapt::facts(NAME),
        signals: InertialSignals::new(LAYOUT, raw.values),
    });
    Ok(Dataset {
        published_test: Some(official_test_subjects()),
        conversions: vec![
            "acceleration in g and angular velocity in rad/s, filtered and cut into windows: as published"
                .to_owned(),
        ],
        findings: raw.findings,
        ..Dataset::new(lookup(NAME)?, sha256, content)
    })
}

fn read_part(
    folder: &Path,
    part: &str,
    published: PublishedPartition,
    raw: &mut Raw,
) -> Result<(), DataError> {
    let folder = folder.join(part);
    let label_file = folder.join(format!("y_{part}.txt"));
    let labels = table::integers(&label_file, TITLE, 1)?;
    let subject_file = folder.join(format!("subject_{part}.txt"));
    let subjects = table::integers(&subject_file, TITLE, 1)?;
    let count = labels.len();
    let same_length = |path: &Path, found: usize| {
        if found == count {
            return Ok(());
        }
        let other = label_file.clone();
        Err(DataError::UnequalLength { path: path.to_owned(), found, other, expected: count })
    };
    same_length(&subject_file, subjects.len())?;

    let width = LAYOUT.width();
    let first = raw.values.len();
    raw.values.resize(first + count * TIME * width, 0.0);
    let file =
        |name: &str, axis: &str| folder.join("Inertial Signals").join(format!("{name}_{axis}_{part}.txt"));
    for (signal, name) in SIGNALS {
        let Some(offset) = LAYOUT.offset(signal) else { continue };
        for (axis, letter) in ["x", "y", "z"].into_iter().enumerate() {
            let path = file(name, letter);
            let values = table::floats(&path, TITLE, TIME, count * TIME)?;
            same_length(&path, values.len() / TIME)?;
            for (row, value) in raw.values[first..].chunks_exact_mut(width).zip(values) {
                row[offset + axis] = value;
            }
        }
    }
    let triad = |signal| {
        let offset = LAYOUT.offset(signal).unwrap_or_default();
        let rows = raw.values[first..].chunks_exact(width);
        rows.map(|row| [row[offset], row[offset + 1], row[offset + 2]]).collect()
    };
    let total = triad(Signal::TotalAcceleration);
    let recording = Recording::uniform(RATE_HZ, total, Some(triad(Signal::AngularVelocity)));
    let of_sensor = |sensor| file(if sensor == Sensor::Gyroscope { "body_gyro" } else { "total_acc" }, "x");
    let findings = check(&recording, of_sensor)?;
    raw.findings.extend(findings);

    for (row, (&label, &subject)) in labels.iter().zip(&subjects).enumerate() {
        let out_of_range = |path: &Path, expected: &str, found| DataError::OutOfRange {
            path: path.to_owned(),
            row: row + 1,
            column: 1,
            expected: expected.to_owned(),
            found,
        };
        let known = |&code: &u8| (1..=ACTIVITIES.len()).contains(&usize::from(code));
        let activity = u8::try_from(label).ok().filter(known);
        let activity = activity.ok_or_else(|| out_of_range(&label_file, "an activity from 1 to 6", label))?;
        let subject = u16::try_from(subject)
            .ok()
            .filter(|&s| s > 0)
            .ok_or_else(|| out_of_range(&subject_file, "the number of a subject, from 1", subject))?;
        raw.activities.push(activity);
        raw.subjects.push(subject);
        raw.published.push(published);
    }
    Ok(())
}

impl Raw {
    /// SHA-256 over the values as little-endian f32, then activity numbers as bytes and subjects as little-endian u16.
    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for window in self.values.chunks(TIME * LAYOUT.width()) {
            let bytes: Vec<u8> = window.iter().flat_map(|value| value.to_le_bytes()).collect();
            hash.update(&bytes);
        }
        hash.update(&self.activities);
        for subject in &self.subjects {
            hash.update(subject.to_le_bytes());
        }
        hex(hash)
    }
}
