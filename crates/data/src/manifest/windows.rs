//! Windows that were published as such: an axis of a window in each row, labels and people in files beside them.

use super::error::DescribedError;
use super::find::{Base, Files, Found};
use super::pattern::filled;
use super::plan::{Entry, Plan};
use super::read::Progress;
use super::samples::Door;
use super::tables::{self, Table};
use super::words::Meaning;
use super::{Manifest, PublishedWindows};
use crate::check::check;
use crate::hash::hex;
use crate::{
    Content, DataError, Dataset, DatasetInfo, Facts, FileFinding, PublishedPartition, WindowedData, table,
};
use ambulo_record::PersonId;
use ambulo_signal::{InertialSignals, Layout, Recording, Sensor, Signal};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The signals of a row, in its order, and which sensor gives them.
const SIGNALS: [(Signal, Sensor); 3] = [
    (Signal::TotalAcceleration, Sensor::Accelerometer),
    (Signal::BodyAcceleration, Sensor::Accelerometer),
    (Signal::AngularVelocity, Sensor::Gyroscope),
];

impl PublishedWindows {
    /// What a row of the windows holds.
    fn layout(&self) -> Layout {
        if self.angular_velocity.is_some() { Layout::WITH_GYROSCOPE } else { Layout::ACCELERATION }
    }

    /// What the windows hold, in words.
    pub(super) fn channels(&self) -> Vec<String> {
        let all = [
            "total acceleration x, y, z in g, with gravity",
            "body acceleration x, y, z in g",
            "angular velocity x, y, z in rad/s",
        ];
        all.into_iter().take(self.signals().count()).map(str::to_owned).collect()
    }
}

/// What was read so far.
struct Windows<'a> {
    manifest: &'a Manifest,
    plan: &'a Plan,
    base: &'a Base,
    layout: Layout,
    /// Rows of the layout.
    values: Vec<f32>,
    labels: Vec<Arc<str>>,
    people: Vec<PersonId>,
    published: Vec<PublishedPartition>,
    findings: Vec<FileFinding>,
    left_out: usize,
}

/// Reads the windows of a plan whose entries all have them.
pub(super) fn read(
    manifest: &Manifest,
    plan: &Plan,
    files: &Files,
    first: &PublishedWindows,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Dataset, DataError> {
    let mut all = Windows {
        manifest,
        plan,
        base: &files.base,
        layout: first.layout(),
        values: Vec::new(),
        labels: Vec::new(),
        people: Vec::new(),
        published: Vec::new(),
        findings: Vec::new(),
        left_out: 0,
    };
    for (done, found) in (1..).zip(&files.found) {
        let entry = &plan.entries[found.entry];
        if let Some(windows) = &entry.windows {
            all.part(entry, windows, found)?;
        }
        progress(Progress { done, files: files.found.len(), file: &found.relative });
    }
    all.into_dataset(first)
}

impl Windows<'_> {
    /// Reads the windows to which one file belongs.
    fn part(&mut self, entry: &Entry, windows: &PublishedWindows, found: &Found) -> Result<(), DataError> {
        let path = |text: &str| self.base.path(&filled(text, &found.captures));
        let name = self.manifest.name.as_str();
        let labels = column(&path(&windows.labels), name)?;
        let people = column(&path(&windows.people), name)?;
        let count = labels.rows.len();
        let same_length = |path: &Path, found: usize| {
            if found == count {
                return Ok(());
            }
            let (path, other) = (path.to_owned(), labels.path.clone());
            Err(DataError::UnequalLength { path, found, other, expected: count })
        };
        same_length(&people.path, people.rows.len())?;

        let width = self.layout.width();
        let mut values = vec![0.0; count * windows.length * width];
        for ((signal, sensor), files) in SIGNALS.into_iter().zip(windows.signals()) {
            let Some(offset) = self.layout.offset(signal) else { continue };
            let door = door(entry, sensor, found)?;
            for (axis, file) in files.iter().enumerate() {
                let path = path(file);
                let read = table::floats(&path, name, windows.length, count * windows.length)?;
                same_length(&path, read.len() / windows.length)?;
                for (row, value) in values.chunks_exact_mut(width).zip(read) {
                    row[offset + axis] = value;
                }
            }
            for row in values.chunks_exact_mut(width) {
                let converted = door(std::array::from_fn(|axis| row[offset + axis]));
                row[offset..offset + 3].copy_from_slice(&converted);
            }
        }
        let of_sensor = |sensor| match &windows.angular_velocity {
            Some(files) if sensor == Sensor::Gyroscope => path(&files[0]),
            _ => path(&windows.total_acceleration[0]),
        };
        let findings = first_look(&values, self.layout, entry.rate_hz.unwrap_or_default(), of_sensor)?;
        self.findings.extend(findings);

        let published = windows.part.as_ref().map(|part| found.captures.get(part).map(String::as_str));
        let rows = values.chunks_exact(windows.length * width);
        for ((label, person), window) in labels.rows.iter().zip(&people.rows).zip(rows) {
            let label = self.label(&labels, label)?.cloned();
            let word = person.1.first().map_or("", String::as_str);
            let person = PersonId::new(word.trim()).map_err(|source| {
                let file = format!("{}, row {}", people.path.display(), person.0);
                DescribedError::Person { file, source }
            })?;
            let Some(label) = label.filter(|_| !self.manifest.leave_out_people.contains_key(person.as_str()))
            else {
                self.left_out += 1;
                continue;
            };
            let test = match published {
                Some(part) => part == Some("test"),
                None => self.plan.test_people.contains(&person),
            };
            self.published.push(if test { PublishedPartition::Test } else { PublishedPartition::Train });
            self.labels.push(label);
            self.people.push(person);
            self.values.extend_from_slice(window);
        }
        Ok(())
    }

    /// The activity of a row; none where it is left out or nobody says.
    fn label(
        &self,
        table: &Table,
        (line, row): &(u64, Vec<String>),
    ) -> Result<Option<&Arc<str>>, DescribedError> {
        let word = row.first().map_or("", String::as_str);
        let words = &self.plan.words;
        let meaning = words.meaning(word).ok_or_else(|| DescribedError::Word {
            file: table.path.display().to_string(),
            row: Some(*line),
            word: word.chars().take(80).collect(),
            known: words.known().to_owned(),
        });
        meaning.map(Meaning::activity)
    }

    /// SHA-256 over the values as little-endian f32, then the label and the person of each window, each with its length before it.
    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for some in self.values.chunks(4096) {
            let bytes: Vec<u8> = some.iter().flat_map(|value| value.to_le_bytes()).collect();
            hash.update(&bytes);
        }
        for (label, person) in self.labels.iter().zip(&self.people) {
            for text in [label, person.as_str()] {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text);
            }
        }
        hex(hash)
    }

    fn into_dataset(self, first: &PublishedWindows) -> Result<Dataset, DataError> {
        let (manifest, plan) = (self.manifest, self.plan);
        let Some(entry) = plan.entries.first().filter(|_| !self.labels.is_empty()) else {
            let reason = "its files hold no window".to_owned();
            return Err(DescribedError::NotReadable { name: manifest.name.clone(), reason }.into());
        };
        let sha256 = self.hash();
        let everyone: BTreeSet<&PersonId> = self.people.iter().collect();
        let info = DatasetInfo {
            people: u16::try_from(everyone.len()).unwrap_or(u16::MAX),
            channels: first.channels(),
            ..manifest.info()
        };
        let facts = Facts {
            dataset: plan.name.as_str().into(),
            placement: entry.placement.as_deref().map(Arc::from),
            device: entry.device.as_deref().map(Arc::from),
            ..Facts::default()
        };
        let test: BTreeSet<PersonId> =
            plan.test_people.iter().filter(|person| everyone.contains(person)).cloned().collect();
        let mut conversions =
            vec![format!("windows of {} samples, filtered and cut as they were published", first.length)];
        if self.left_out > 0 {
            conversions.push(format!("{} windows are left out, as the manifest says", self.left_out));
        }
        Ok(Dataset {
            info,
            parts: Vec::new(),
            published_test: (!test.is_empty()).then_some(test),
            parents: plan.parents.clone(),
            sha256,
            content: Content::Windows(WindowedData {
                rate_hz: entry.rate_hz.unwrap_or_default(),
                time: first.length,
                signals: InertialSignals::new(self.layout, self.values),
                labels: self.labels,
                people: self.people,
                published: self.published,
                facts: Arc::new(facts),
            }),
            conversions,
            findings: self.findings,
        })
    }
}

/// A file with one word in each row.
fn column(path: &Path, dataset: &str) -> Result<Table, DataError> {
    if !path.is_file() {
        return Err(DataError::MissingFile { path: path.to_owned(), dataset: dataset.to_owned() });
    }
    Ok(tables::read(path, &["1"])?)
}

/// What is done with three values of a sensor.
fn door(
    entry: &Entry,
    sensor: Sensor,
    found: &Found,
) -> Result<impl Fn([f32; 3]) -> [f32; 3], DescribedError> {
    let no_unit = || DescribedError::NoUnit { file: found.relative.clone(), sensor };
    let door = Door::new(sensor, entry.options.units.of(sensor).ok_or_else(no_unit)?, entry.axes);
    let scale = entry.options.scale.iter().find(|(of, _)| *of == sensor).map(|(_, factor)| *factor);
    Ok(move |values: [f32; 3]| match scale {
        Some(factor) => door.pass(values.map(|value| (f64::from(value) * factor) as f32)),
        None => door.pass(values),
    })
}

/// The intake's first look at all windows as if they were one recording.
fn first_look(
    values: &[f32],
    layout: Layout,
    rate_hz: f64,
    file: impl Fn(Sensor) -> PathBuf,
) -> Result<Vec<FileFinding>, DataError> {
    let triad = |signal| -> Option<Vec<[f32; 3]>> {
        let offset = layout.offset(signal)?;
        let rows = values.chunks_exact(layout.width());
        Some(rows.map(|row| [row[offset], row[offset + 1], row[offset + 2]]).collect())
    };
    let total = triad(Signal::TotalAcceleration).unwrap_or_default();
    check(&Recording::uniform(rate_hz, total, triad(Signal::AngularVelocity)), file)
}
