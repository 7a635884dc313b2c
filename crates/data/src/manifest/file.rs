//! One file of a data set: read, divided, labelled.

use super::DescribedError;
use super::find::{Base, Found};
use super::labels::{Labelled, Source, joined};
use super::pattern::Captures;
use super::plan::{Entry, Label, Plan, Roles};
use super::samples::{self, DivideError, DrainError, Drained, Piece, Track};
use super::words::Meaning;
use super::{Gravity, tables};
use crate::check::look;
use crate::moving::{moving, within};
use crate::{DataError, Facts, FileFinding, LabelInterval, LabelledRecording};
use ambulo_formats::{Opened, ReadOptions};
use ambulo_record::PersonId;
use ambulo_signal::{Clock, Finding, FindingKind, Header, Recording, Sensor, Severity};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// What files are read with.
pub(super) struct Reading<'a> {
    pub(super) plan: &'a Plan,
    pub(super) base: &'a Base,
    /// Of each entry.
    pub(super) sources: Vec<Source>,
    /// Group of each person by a table.
    pub(super) groups: HashMap<String, String>,
    pub(super) leave_out_people: &'a std::collections::BTreeMap<String, String>,
    /// Files that several entries read.
    pub(super) shared: std::collections::HashSet<String>,
}

/// What a file gave.
#[derive(Default)]
pub(super) struct Read {
    pub(super) recordings: Vec<LabelledRecording>,
    pub(super) findings: Vec<FileFinding>,
    pub(super) conversions: Vec<String>,
}

impl Reading<'_> {
    /// Reads a file; one that may be missing and cannot be used becomes a finding.
    pub(super) fn file(&self, found: &Found) -> Result<Read, DataError> {
        let entry = &self.plan.entries[found.entry];
        let mut read = Read::default();
        match self.try_file(entry, found, &mut read) {
            Err(DataError::Described { source }) if entry.optional && source.is_of_the_file() => {
                read.findings.push(remark(&found.relative, &source));
                Ok(read)
            }
            Err(error) => Err(error),
            Ok(()) => Ok(read),
        }
    }

    fn try_file(&self, entry: &Entry, found: &Found, read: &mut Read) -> Result<(), DataError> {
        if let Label::Capture(name) = &entry.label {
            let word = found.captures.get(name).map_or("", String::as_str);
            if self.plan.words.meaning(word) == Some(&Meaning::LeftOut) {
                return Ok(());
            }
        }
        if found.captures.get("person").is_some_and(|person| self.is_left_out(person)) {
            return Ok(());
        }
        if entry.gravity == Gravity::Removed {
            let source = DescribedError::GravityRemoved { file: found.relative.clone() };
            return Err(source.into());
        }
        let opened = open(&found.path, &entry.options, found)?;
        let several = opened.len() > 1;
        for opened in opened {
            if let Err(error) = self.opened(entry, found, opened, several, read) {
                match error {
                    DataError::Described { source } if entry.optional && source.is_of_the_file() => {
                        read.findings.push(remark(&found.relative, &source));
                    }
                    error => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn opened(
        &self,
        entry: &Entry,
        found: &Found,
        opened: Opened,
        several: bool,
        read: &mut Read,
    ) -> Result<(), DataError> {
        let drained = drain(opened, entry, found)?;
        let header = drained.header.clone();
        let origin_ns = drained.origin_ns;
        read.conversions.extend(header.conversions.iter().cloned());
        let mut pieces = divide(drained, entry.texts, entry, found)?;
        for (with, path) in entry.with.iter().zip(&found.companions) {
            let Some(path) = path else { continue };
            for opened in open(path, &with.options, found)? {
                let drained = drain(opened, entry, found)?;
                let shift_ns =
                    samples::between((header.start, origin_ns), (drained.header.start, drained.origin_ns))
                        .unwrap_or(0);
                let others = divide(drained, Roles { label: None, ..entry.texts }, entry, found)?;
                samples::join(
                    &mut pieces,
                    others,
                    shift_ns,
                    with.optional,
                    &found.relative,
                    with.pattern.text(),
                )?;
            }
        }
        if pieces.is_empty() {
            return Err(DescribedError::NoSamples { file: found.relative.clone() }.into());
        }
        for piece in pieces {
            if piece.tracks.first().is_none_or(|t| t.info.sensor != ambulo_signal::Sensor::Accelerometer) {
                let error = DescribedError::NoSamples { file: found.relative.clone() };
                if entry.optional {
                    read.findings.push(remark(&found.relative, &error));
                    continue;
                }
                return Err(error.into());
            }
            match self.piece(entry, found, (&header, origin_ns), several, piece, read) {
                Err(DataError::Described { source }) if entry.optional && source.is_of_the_file() => {
                    read.findings.push(remark(&found.relative, &source));
                }
                done => done?,
            }
        }
        Ok(())
    }

    fn is_left_out(&self, person: &str) -> bool {
        self.leave_out_people.contains_key(person.trim())
    }

    fn piece(
        &self,
        entry: &Entry,
        found: &Found,
        (header, origin_ns): (&Header, Option<i64>),
        several: bool,
        mut piece: Piece,
        read: &mut Read,
    ) -> Result<(), DataError> {
        let mut known = found.captures.clone();
        for (role, text) in ["person", "trial", "device", "placement"].into_iter().zip(&piece.of) {
            if let Some(text) = text {
                known.insert(role.to_owned(), text.to_string());
            }
        }
        let person = match (known.get("person"), &entry.person) {
            (Some(name), _) => PersonId::new(name.trim())
                .map_err(|source| DescribedError::Person { file: found.relative.clone(), source })?,
            (None, Some(person)) => person.clone(),
            (None, None) => return Err(DescribedError::NoSamples { file: found.relative.clone() }.into()),
        };
        if self.is_left_out(person.as_str()) {
            return Ok(());
        }
        if let (true, Some(rate_hz)) = (entry.ignore_times, entry.rate_hz) {
            for track in &mut piece.tracks {
                track.times_ns = samples::regular(track.values.len(), rate_hz);
            }
        }
        let clock = samples::clock(piece.tracks[0].times_ns.clone(), piece.tracks[0].info.rate_hz);
        let end_ns = end_ns(&clock, piece.len());
        let labelled = Labelled {
            words: &self.plan.words,
            known: &known,
            file: &found.relative,
            piece: &piece,
            clock: &clock,
            end_ns,
            origin_ns,
            time: entry.options.time,
        };
        let path = |relative: &str| self.base.path(relative);
        let labels = labelled.intervals(&entry.label, &self.sources[found.entry], path)?;
        drop(clock);

        let facts = self.facts(entry, &known, header, several, &person);
        let name = self.name(found, header, several, &piece);
        let Some((tracks, labels, zero_ns)) = trimmed(piece.tracks, labels, entry.trim, end_ns) else {
            return Err(DescribedError::NoSamples { file: name }.into());
        };
        let header = Header {
            origin: name.clone(),
            device: facts.device.as_deref().map(str::to_owned),
            placement: facts.placement.as_deref().map(str::to_owned),
            start: samples::later(header.start, zero_ns),
            autocalibrate: header.autocalibrate,
            findings: header.findings.clone(),
            ..Header::default()
        };
        let recording = Recording::new(header, tracks.into_iter().map(samples::series).collect());
        let labels = self.while_moving(labels, &recording);
        read.findings.extend(check(&recording, &name)?);
        read.recordings.push(LabelledRecording {
            person,
            name,
            facts: Arc::new(facts),
            up: entry.up,
            recording: recording.into(),
            labels,
        });
        Ok(())
    }

    /// The labels, those of activities that count only while the wearer moves cut to when that is.
    fn while_moving(&self, labels: Vec<LabelInterval>, recording: &Recording) -> Vec<LabelInterval> {
        let counts = |label: &LabelInterval| self.plan.while_moving.contains(&*label.label);
        let acceleration = recording.sensor(Sensor::Accelerometer).filter(|_| labels.iter().any(counts));
        let Some(acceleration) = acceleration else { return labels };
        let stretches = moving(acceleration);
        let (cut, whole): (Vec<LabelInterval>, Vec<LabelInterval>) = labels.into_iter().partition(counts);
        let mut labels = [whole, within(&cut, &stretches)].concat();
        labels.sort_by_key(|label| label.start_ns);
        labels
    }

    fn facts(
        &self,
        entry: &Entry,
        known: &Captures,
        header: &Header,
        several: bool,
        person: &PersonId,
    ) -> Facts {
        let renamed = |kind: &str, word: &str| -> Arc<str> {
            let words = entry.rename.get(kind);
            let exact = words.and_then(|words| words.get(word));
            let same = |(other, _): &(&String, &String)| other.eq_ignore_ascii_case(word);
            let any_case = || words.and_then(|words| words.iter().find(same)).map(|(_, name)| name);
            exact.or_else(any_case).map_or(word, String::as_str).into()
        };
        let told = |kind: &str| {
            known.get(kind).filter(|word| !word.trim().is_empty()).map(|word| renamed(kind, word))
        };
        // Of several recordings in one file each is known by what the file says.
        let of_several = |kind: &str, word: &Option<String>| {
            word.as_ref().filter(|_| several).map(|word| renamed(kind, word))
        };
        let stated = |kind: &str, word: &Option<String>| word.as_ref().map(|word| renamed(kind, word));
        let by_person = || {
            self.plan
                .group(person)
                .or_else(|| self.groups.get(&tables::key(person.as_str())).map(String::as_str))
        };
        Facts {
            dataset: self.plan.name.as_str().into(),
            placement: told("placement")
                .or_else(|| of_several("placement", &header.placement))
                .or_else(|| stated("placement", &entry.placement))
                .or_else(|| stated("placement", &header.placement)),
            device: told("device")
                .or_else(|| stated("device", &entry.device))
                .or_else(|| stated("device", &header.device)),
            group: told("group").or_else(|| by_person().map(Arc::from)),
            condition: told("condition"),
        }
    }

    /// The file's path without its extension, and what tells several recordings of one file apart.
    fn name(&self, found: &Found, header: &Header, several: bool, piece: &Piece) -> String {
        let mut name = without_extension(&found.relative).to_owned();
        let mut add = |text: &str| {
            name.push('/');
            name.push_str(text.trim());
        };
        piece.of.iter().flatten().for_each(|text| add(text));
        let entry = &self.plan.entries[found.entry];
        let by_placement = several || entry.options.device.is_some();
        if let Some(placement) = header.placement.as_ref().filter(|_| by_placement) {
            add(placement);
        } else if let Some(device) = header.device.as_ref().filter(|_| several) {
            add(device);
        }
        if self.shared.contains(&found.relative)
            && let Some(placement) = &entry.placement
        {
            add(placement);
        }
        if piece.part > 0 {
            name.push_str(&format!("#{}", piece.part + 1));
        }
        name
    }
}

fn without_extension(path: &str) -> &str {
    let stem = |path: &str| {
        let file = path.rfind('/').map_or(0, |slash| slash + 1);
        path[file..].rfind('.').filter(|&dot| dot > 0).map_or(path.len(), |dot| file + dot)
    };
    let name = &path[..stem(path)];
    let packed = [".gz", ".zip", ".bz2", ".xz"].iter().any(|end| path.to_lowercase().ends_with(end));
    if packed { &name[..stem(name)] } else { name }
}

fn open(path: &Path, options: &ReadOptions, found: &Found) -> Result<Vec<Opened>, DescribedError> {
    ambulo_formats::open(path, options)
        .map_err(|source| DescribedError::Format { entry: format!("files[{}]", found.entry), source })
}

fn drain(mut opened: Opened, entry: &Entry, found: &Found) -> Result<Drained, DataError> {
    samples::drain(&mut opened, entry).map_err(|error| match error {
        DrainError::Source(source) => DescribedError::Source { file: found.relative.clone(), source }.into(),
        DrainError::Unit(sensor) => DescribedError::NoUnit { file: found.relative.clone(), sensor }.into(),
    })
}

fn divide(
    drained: Drained,
    roles: Roles,
    entry: &Entry,
    found: &Found,
) -> Result<Vec<Piece>, DescribedError> {
    samples::pieces(drained, roles, entry.ignore_times).map_err(|error| DescribedError::NotDivided {
        file: found.relative.clone(),
        why: match error {
            DivideError::NoColumns => "its format has no columns of texts",
            DivideError::Unequal => "its sensors have rows of their own",
        },
    })
}

/// When the last sample is over: one step after it began.
fn end_ns(clock: &Clock, samples: usize) -> i64 {
    match clock {
        Clock::Uniform { .. } => clock.time_ns(samples),
        Clock::Stamps(stamps) => {
            let (first, last) = (stamps.first().copied().unwrap_or(0), stamps.last().copied().unwrap_or(0));
            let highest = stamps.iter().copied().max().unwrap_or(last);
            let steps = i64::try_from(samples.saturating_sub(1)).unwrap_or(i64::MAX).max(1);
            highest.saturating_add((last.saturating_sub(first) / steps).max(1))
        }
    }
}

/// Cuts off the beginning and the end, and moves the recording's zero to the first sample that is left; none if nothing is. The last
/// value is the time of the new zero.
fn trimmed(
    mut tracks: Vec<Track>,
    mut labels: Vec<LabelInterval>,
    [start_s, end_s]: [f64; 2],
    mut end_ns: i64,
) -> Option<(Vec<Track>, Vec<LabelInterval>, i64)> {
    if start_s > 0.0 || end_s > 0.0 {
        let ns = |seconds: f64| (seconds * 1e9).round() as i64;
        let times = &tracks.first()?.times_ns;
        let from = times.iter().min()?.saturating_add(ns(start_s));
        let to = end_ns.saturating_sub(ns(end_s));
        for track in &mut tracks {
            let kept: Vec<bool> = track.times_ns.iter().map(|t| (from..to).contains(t)).collect();
            let mut keep = kept.iter();
            track.values.retain(|_| keep.next() == Some(&true));
            track.times_ns.retain(|t| (from..to).contains(t));
        }
        tracks.retain(|track| !track.values.is_empty());
        end_ns = to;
    }
    let zero_ns = tracks.iter().filter_map(|track| track.times_ns.iter().min()).min().copied()?;
    if zero_ns != 0 {
        for track in &mut tracks {
            track.times_ns.iter_mut().for_each(|t| *t = t.saturating_sub(zero_ns));
        }
    }
    let first = *tracks
        .iter()
        .find(|t| t.info.sensor == ambulo_signal::Sensor::Accelerometer)?
        .times_ns
        .iter()
        .min()?;
    for interval in &mut labels {
        interval.start_ns = interval.start_ns.saturating_sub(zero_ns).max(first);
        interval.end_ns = interval.end_ns.min(end_ns).saturating_sub(zero_ns);
    }
    Some((tracks, joined(labels.into_iter()), zero_ns))
}

/// The intake's first look: what is worth a warning.
fn check(recording: &Recording, name: &str) -> Result<Vec<FileFinding>, DescribedError> {
    let (warnings, refusal) =
        look(recording).map_err(|source| DescribedError::Source { file: name.to_owned(), source })?;
    if let Some(finding) = refusal {
        return Err(DescribedError::Refused { file: name.to_owned(), finding: Box::new(finding) });
    }
    let named = |finding| FileFinding { file: name.to_owned(), finding };
    Ok(warnings.into_iter().map(named).collect())
}

/// A file that is passed over.
fn remark(file: &str, error: &DescribedError) -> FileFinding {
    let text = format!("passed over: {}", error.to_string().lines().next().unwrap_or_default());
    FileFinding { file: file.to_owned(), finding: Finding::new(FindingKind::File, Severity::Warning, text) }
}
