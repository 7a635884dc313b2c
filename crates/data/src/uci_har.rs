//! Reads the published folder `UCI HAR Dataset`: nine channels already cut into windows of 128 samples.

use crate::content_hash::hex;
use crate::{Activity, Content, DataError, Dataset, PublishedPartition, SubjectId, WindowedData};
use crate::{catalogue, table, units};
use sha2::{Digest, Sha256};
use std::path::Path;

const TITLE: &str = "UCI HAR Dataset";
const RATE_HZ: f64 = 50.0;
/// Samples per window, one a column.
const TIME: usize = 128;
/// Signals in the order of the ordinary channels.
const SIGNALS: [&str; 3] = ["total_acc", "body_acc", "body_gyro"];

/// Reads `folder/train` and `folder/test`.
pub(crate) fn read(folder: &Path) -> Result<Dataset, DataError> {
    let mut windows = WindowedData {
        rate_hz: RATE_HZ,
        time: TIME,
        ordinary: Vec::new(),
        labels: Vec::new(),
        subjects: Vec::new(),
        published: Vec::new(),
    };
    read_part(folder, "train", PublishedPartition::Train, &mut windows)?;
    read_part(folder, "test", PublishedPartition::Test, &mut windows)?;
    Ok(Dataset {
        info: catalogue::lookup("uci-har")?,
        sha256: content_hash(&windows),
        content: Content::Windows(windows),
        conversions: vec![
            "acceleration in g and angular velocity in rad/s, filtered and cut into windows: as published"
                .to_owned(),
        ],
    })
}

fn read_part(
    folder: &Path,
    part: &str,
    published: PublishedPartition,
    windows: &mut WindowedData,
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

    let first = windows.ordinary.len();
    windows.ordinary.resize(first + count * TIME, [0.0; 9]);
    for (group, signal) in SIGNALS.into_iter().enumerate() {
        for (axis, letter) in ["x", "y", "z"].into_iter().enumerate() {
            let path = folder.join("Inertial Signals").join(format!("{signal}_{letter}_{part}.txt"));
            let values = table::floats(&path, TITLE, TIME, count * TIME)?;
            same_length(&path, values.len() / TIME)?;
            for (row, value) in windows.ordinary[first..].iter_mut().zip(values) {
                row[3 * group + axis] = value;
            }
        }
    }
    let total = windows.ordinary[first..].iter().map(|row| [row[0], row[1], row[2]]);
    units::check_acceleration(
        &folder.join("Inertial Signals").join(format!("total_acc_x_{part}.txt")),
        total,
    )?;

    for (row, (&label, &subject)) in labels.iter().zip(&subjects).enumerate() {
        let out_of_range = |path: &Path, expected: &str, found| DataError::OutOfRange {
            path: path.to_owned(),
            row: row + 1,
            column: 1,
            expected: expected.to_owned(),
            found,
        };
        let activity = u8::try_from(label).ok().filter(|l| (1..=6).contains(l)).and_then(Activity::new);
        let activity = activity.ok_or_else(|| out_of_range(&label_file, "an activity from 1 to 6", label))?;
        let subject = u16::try_from(subject)
            .ok()
            .filter(|&s| s > 0)
            .ok_or_else(|| out_of_range(&subject_file, "the number of a subject, from 1", subject))?;
        windows.labels.push(activity.code());
        windows.subjects.push(SubjectId(subject));
        windows.published.push(published);
    }
    Ok(())
}

/// See [`Dataset::sha256`].
fn content_hash(windows: &WindowedData) -> String {
    let mut hash = Sha256::new();
    for window in windows.ordinary.chunks(windows.time) {
        let bytes: Vec<u8> = window.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
        hash.update(&bytes);
    }
    hash.update(&windows.labels);
    for subject in &windows.subjects {
        hash.update(subject.0.to_le_bytes());
    }
    hex(hash)
}
