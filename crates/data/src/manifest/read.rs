//! From a folder to a data set.

use super::error::{KeyPlace, ManifestError};
use super::file::{Read, Reading};
use super::find::{Found, find};
use super::hash::ContentHash;
use super::info::channels;
use super::labels::Source;
use super::place::shown;
use super::plan::Plan;
use super::{DescribedError, Manifest, tables};
use crate::hapt::content_hash;
use crate::{Content, DataError, Dataset, DatasetInfo, Facts, FileFinding, LabelledRecording, Spool};
use ambulo_record::PersonId;
use ambulo_signal::{Finding, FindingKind, Sensor, Severity};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Files that are read side by side before their recordings are handed on in order.
const AT_ONCE: usize = 16;
/// Different conversions that are told.
const MOST_CONVERSIONS: usize = 50;
/// The data set whose content is known by exact counts, whichever way it is read.
const HAPT: &str = "hapt";

/// How far reading has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Files that were read.
    pub done: usize,
    /// Files to be read.
    pub files: usize,
    /// The last one.
    pub file: &'a str,
}

impl Manifest {
    /// Reads the files that the manifest describes below `root`: the data set's folder, one above it, or one inside it with which all
    /// patterns begin. Samples beyond what memory is meant to hold are kept in a temporary file ([`Spool::shared`]).
    ///
    /// # Errors
    /// [`DataError::Manifest`] for a manifest that contradicts itself, [`DataError::Described`] for files that are not as described,
    /// [`DataError::NoFolder`], [`DataError::Io`].
    pub fn read_dataset(
        &self,
        root: &Path,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Dataset, DataError> {
        let spool = Spool::shared()?;
        self.read_dataset_keeping(root, progress, &mut |recording| spool.keep(recording))
    }

    /// The same with each recording handed to `keep` once it is complete, in order, which gives it back as it is to be kept: with its
    /// samples outside of memory, for example. Not more than a few files are in memory besides.
    ///
    /// # Errors
    /// As [`read_dataset`](Self::read_dataset), and those of `keep`.
    pub fn read_dataset_keeping(
        &self,
        root: &Path,
        progress: &mut dyn FnMut(Progress<'_>),
        keep: &mut dyn FnMut(LabelledRecording) -> Result<LabelledRecording, DataError>,
    ) -> Result<Dataset, DataError> {
        self.read_dataset_despite(root, progress, keep, &mut |_, error| Err(error))
    }

    /// The same with the fault of a file told to `despite` with the file's path below the data set's folder: reading goes on with the
    /// next file unless it gives an error back.
    ///
    /// # Errors
    /// As [`read_dataset_keeping`](Self::read_dataset_keeping), and those of `despite`.
    pub fn read_dataset_despite(
        &self,
        root: &Path,
        progress: &mut dyn FnMut(Progress<'_>),
        keep: &mut dyn FnMut(LabelledRecording) -> Result<LabelledRecording, DataError>,
        despite: &mut dyn FnMut(&str, DataError) -> Result<(), DataError>,
    ) -> Result<Dataset, DataError> {
        if let Some(reason) = &self.refused {
            return Err(
                DescribedError::NotReadable { name: self.name.clone(), reason: reason.clone() }.into()
            );
        }
        if self.holds_windows() {
            let dataset = crate::open_folder(root)?;
            if dataset.info.name != self.name {
                let reason = format!("{} holds {}", root.display(), dataset.info.name);
                return Err(DescribedError::NotReadable { name: self.name.clone(), reason }.into());
            }
            return Ok(dataset);
        }
        let plan = Plan::new(self).map_err(|(path, problem)| ManifestError::At {
            place: KeyPlace { file: self.name.clone(), line: 0, key: shown(&path) },
            problem: Box::new(problem),
        })?;
        let files = find(&plan, root)?;
        let sources =
            plan.entries.iter().map(|entry| Source::new(&entry.label, |file| files.base.path(file)));
        let reading = Reading {
            plan: &plan,
            base: &files.base,
            sources: sources.collect::<Result<_, _>>()?,
            groups: self.groups_by_table(|file| files.base.path(file))?,
            leave_out_people: &self.leave_out_people,
            shared: shared(&files.found),
        };
        let mut all = Collected::default();
        for index in &files.without {
            let pattern = plan.entries[*index].pattern.text();
            all.note(pattern, format!("no file matches the pattern `{pattern}`"));
        }
        let mut done = 0;
        for some in files.found.chunks(AT_ONCE) {
            let read: Vec<Result<Read, DataError>> =
                some.par_iter().map(|found| reading.file(found)).collect();
            for (found, read) in some.iter().zip(read) {
                match read {
                    Ok(read) => all.add(read, keep)?,
                    Err(error) => despite(&found.relative, error)?,
                }
                done += 1;
                progress(Progress { done, files: files.found.len(), file: &found.relative });
            }
        }
        if all.recordings.is_empty() {
            let reason = format!("none of its {} files gave a recording", files.found.len());
            return Err(DescribedError::NotReadable { name: self.name.clone(), reason }.into());
        }
        self.expected(&mut all, files.found.len());
        if files.left_out > 0 {
            all.conversions.push(format!("{} files are left out, as the manifest says", files.left_out));
        }
        let people: BTreeSet<&PersonId> = all.recordings.iter().map(|r| &r.person).collect();
        let test: BTreeSet<PersonId> =
            plan.test_people.iter().filter(|person| people.contains(person)).cloned().collect();
        let sha256 = if self.name == HAPT {
            content_hash(&all.recordings).map_err(|source| DataError::Io { path: root.to_owned(), source })?
        } else {
            all.hash.finish()
        };
        Ok(Dataset {
            published_test: (!test.is_empty()).then_some(test),
            parents: plan.parents,
            conversions: all.conversions,
            findings: all.findings,
            ..Dataset::new(self.info_of(&all.recordings), sha256, Content::Recordings(all.recordings))
        })
    }

    fn expected(&self, all: &mut Collected, files: usize) {
        let people = all.recordings.iter().map(|r| &r.person).collect::<BTreeSet<_>>().len();
        for (what, expected, found) in
            [("people", self.expect.people, people), ("files", self.expect.files, files)]
        {
            if let Some(expected) = expected.filter(|&expected| expected != found) {
                all.note(&self.name, format!("a complete copy has {expected} {what}, this one has {found}"));
            }
        }
    }

    /// The group of each person by a table of ages.
    fn groups_by_table(
        &self,
        path: impl Fn(&str) -> std::path::PathBuf,
    ) -> Result<HashMap<String, String>, DescribedError> {
        let Some(ages) = &self.ages else { return Ok(HashMap::new()) };
        let table = tables::read(&path(&ages.file), &[&ages.person, &ages.column])?;
        let mut groups = HashMap::new();
        for (line, row) in &table.rows {
            let [person, word] = row.as_slice() else { continue };
            let group = if ages.from.is_empty() {
                word.clone()
            } else if word.is_empty() {
                continue;
            } else {
                let age: f64 = word
                    .parse()
                    .ok()
                    .filter(|age| (0.0..150.0).contains(age))
                    .ok_or_else(|| table.fault(*line, format!("`{word}` is no age"), "expected years"))?;
                group_of(age, &ages.from)
            };
            if !group.is_empty() {
                groups.insert(tables::key(person), group);
            }
        }
        Ok(groups)
    }

    /// What the data set is, counted from what was read.
    fn info_of(&self, recordings: &[LabelledRecording]) -> DatasetInfo {
        let info = self.info();
        let list = |get: fn(&Facts) -> &Option<Arc<str>>, stated: String| {
            let found: BTreeSet<&str> = recordings.iter().filter_map(|r| get(&r.facts).as_deref()).collect();
            if found.is_empty() { stated } else { found.into_iter().collect::<Vec<_>>().join(", ") }
        };
        let people = recordings.iter().map(|r| &r.person).collect::<BTreeSet<_>>().len();
        let measured = |sensor: &Sensor| recordings.iter().any(|r| r.recording.series(*sensor).is_some());
        let labels: HashSet<&str> =
            recordings.iter().flat_map(|r| r.labels.iter().map(|l| &*l.label)).collect();
        DatasetInfo {
            people: u16::try_from(people).unwrap_or(u16::MAX),
            rate_hz: if info.rate_hz > 0.0 { info.rate_hz } else { typical_rate(recordings) },
            device: list(|facts| &facts.device, info.device.clone()),
            placement: list(|facts| &facts.placement, info.placement.clone()),
            activities: info
                .activities
                .iter()
                .filter(|name| labels.contains(name.as_str()))
                .cloned()
                .collect(),
            channels: [Sensor::Accelerometer, Sensor::Gyroscope]
                .into_iter()
                .filter(measured)
                .map(channels)
                .collect(),
            ..info
        }
    }
}

/// Files that several entries read.
fn shared(found: &[Found]) -> HashSet<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for found in found {
        *seen.entry(&found.relative).or_default() += 1;
    }
    seen.into_iter().filter(|(_, times)| *times > 1).map(|(name, _)| name.to_owned()).collect()
}

fn group_of(age: f64, from: &[f64]) -> String {
    let place = from.partition_point(|&from| from <= age);
    match (place.checked_sub(1).and_then(|before| from.get(before)), from.get(place)) {
        (None, Some(next)) => format!("below {next}"),
        (Some(first), None) => format!("{first} and above"),
        (Some(first), Some(next)) => format!("{first} to {}", next - 1.0),
        (None, None) => String::new(),
    }
}

/// Samples per second of the median recording, in Hz: by its clock, or by its stamps.
fn typical_rate(recordings: &[LabelledRecording]) -> f64 {
    let rate = |r: &LabelledRecording| {
        let by_stamps = || {
            let clock = r.recording.clock(Sensor::Accelerometer).ok()??;
            let last = usize::try_from(r.len()).ok()?.checked_sub(1)?;
            let seconds = (clock.time_ns(last) - clock.time_ns(0)) as f64 / 1e9;
            (seconds > 0.0).then(|| last as f64 / seconds)
        };
        r.rate_hz().or_else(by_stamps).or(r.recording.series(Sensor::Accelerometer)?.info.rate_hz)
    };
    let mut rates: Vec<f64> = recordings.iter().filter_map(rate).collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(0.0)
}

/// What has been read so far.
#[derive(Default)]
struct Collected {
    recordings: Vec<LabelledRecording>,
    findings: Vec<FileFinding>,
    conversions: Vec<String>,
    names: HashSet<String>,
    facts: HashMap<Facts, Arc<Facts>>,
    hash: ContentHash,
}

impl Collected {
    fn note(&mut self, file: &str, text: String) {
        let finding = Finding::new(FindingKind::File, Severity::Warning, text);
        self.findings.push(FileFinding { file: file.to_owned(), finding });
    }

    fn add(
        &mut self,
        read: Read,
        keep: &mut dyn FnMut(LabelledRecording) -> Result<LabelledRecording, DataError>,
    ) -> Result<(), DataError> {
        self.findings.extend(read.findings);
        for conversion in read.conversions {
            if self.conversions.len() < MOST_CONVERSIONS && !self.conversions.contains(&conversion) {
                self.conversions.push(conversion);
            }
        }
        for mut recording in read.recordings {
            let mut number = 1;
            let plain = recording.name.clone();
            while !self.names.insert(recording.name.clone()) {
                number += 1;
                recording.name = format!("{plain} ({number})");
            }
            recording.facts = self.facts.entry((*recording.facts).clone()).or_insert(recording.facts).clone();
            if let Some(in_memory) = recording.recording.in_memory() {
                self.hash.add(&recording, in_memory);
            }
            self.recordings.push(keep(recording)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::group_of;

    #[test]
    fn ages_make_groups() {
        let group = |age| group_of(age, &[30.0, 60.0]);
        assert_eq!(
            [group(29.9), group(30.0), group(59.0), group(60.0)],
            ["below 30", "30 to 59", "30 to 59", "60 and above"]
        );
    }
}
