//! What is learned from, as it is named on the command line.

use super::super::data::{described, open_each};
use super::super::reading::{Failure, Item, Tally, find};
use crate::progress::Reading;
use ambulo_data::{DataError, Dataset, LooseRecordings};
use ambulo_formats::{Opened, ReadOptions};
use ambulo_signal::{Chunk, Clock, Header, Recording, Sensor, SensorSeries, Source as _, SourceError};
use std::path::{Path, PathBuf};

/// Everything that was named, as one data set; files that cannot be read are told and left out. None if nothing is left.
pub(super) fn open(words: &[PathBuf], placements: &[String]) -> anyhow::Result<Option<Dataset>> {
    let (mut sets, mut files) = (Vec::new(), Vec::new());
    for word in words {
        match data_set(word)? {
            Some(set) => sets.push(set),
            None => files.push(word.clone()),
        }
    }
    if let Some(loose) = recordings(&files)? {
        sets.push(loose);
    }
    if sets.is_empty() {
        return Ok(None);
    }
    let mut dataset = Dataset::join(sets)?;
    dataset.keep_placements(placements)?;
    Ok(Some(dataset))
}

/// The data set that a word names; none where it names recordings.
fn data_set(word: &Path) -> anyhow::Result<Option<Dataset>> {
    let is_manifest = word.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    if word.is_file() && !is_manifest {
        return Ok(None);
    }
    if word.is_dir() && described(word)?.is_none() {
        return match ambulo_data::open_folder(word) {
            Err(DataError::UnknownFolder { .. }) => Ok(None),
            _ => Ok(open_each(&[word.to_owned()])?.pop()),
        };
    }
    let known = described(word)?.is_some() || word.as_os_str() == "hapt";
    // What does not exist is said like any recording that does not.
    if known { Ok(open_each(&[word.to_owned()])?.pop()) } else { Ok(None) }
}

/// The recordings of files and folders; none where there is none.
fn recordings(files: &[PathBuf]) -> anyhow::Result<Option<Dataset>> {
    let mut all = LooseRecordings::new()?;
    let items = find(files);
    let progress = Reading::new(items.len());
    let mut tally = Tally::default();
    for (number, item) in items.iter().enumerate() {
        progress.file(number, &item.file);
        let failure = read(item, files, &mut all)?;
        tally.take(item, failure);
    }
    progress.finish();
    tally.add_barren(files, &items);
    tally.say("read");
    Ok((!all.is_empty()).then(|| all.finish()))
}

/// Takes the recordings of a file, as many as can be read; why one could not.
fn read(item: &Item, files: &[PathBuf], all: &mut LooseRecordings) -> anyhow::Result<Option<Failure>> {
    let candidate = match &item.candidate {
        Ok(candidate) => candidate,
        Err(failure) => return Ok(Some(failure.clone())),
    };
    let opened = match candidate.open(&ReadOptions::default()) {
        Ok(opened) => opened,
        Err(error) => return Ok(Some(Failure::from(&error))),
    };
    // No more of the path than was found below what was named: it stands in the file.
    let path = Path::new(&item.file);
    let given = files.get(item.argument).map_or(Path::new(""), PathBuf::as_path);
    let below = path.strip_prefix(given).ok().filter(|below| !below.as_os_str().is_empty());
    let name = below.map_or_else(|| path.file_name().unwrap_or_default().into(), PathBuf::from);
    let name = name.display().to_string();
    let mut failed = Vec::new();
    for opened in opened {
        match drain(opened) {
            Ok(recording) => all.push(&name, &name, recording)?,
            Err(error) => failed.push(Failure::from(&error)),
        }
    }
    Ok(Failure::of_all(failed))
}

/// Acceleration and angular velocity of a recording, as its reader gives them.
fn drain(mut opened: Opened) -> Result<Recording, SourceError> {
    let mut series: Vec<(SensorSeries, Vec<i64>)> = opened
        .header()
        .sensors
        .iter()
        .map(|info| SensorSeries { info: info.clone(), clock: Clock::Stamps(Vec::new()), values: Vec::new() })
        .map(|series| (series, Vec::new()))
        .collect();
    let mut chunk = Chunk::default();
    while opened.read(&mut chunk)? {
        for (part, (series, stamps)) in chunk.parts.iter().zip(&mut series) {
            if series.info.sensor != Sensor::Magnetometer {
                stamps.extend_from_slice(&part.times_ns);
                series.values.extend_from_slice(&part.values);
            }
        }
    }
    let header: Header = opened.header().clone();
    let series = series.into_iter().filter(|(series, _)| !series.values.is_empty());
    let series = series.map(|(series, stamps)| SensorSeries { clock: Clock::Stamps(stamps), ..series });
    Ok(Recording::new(header, series.collect()))
}
