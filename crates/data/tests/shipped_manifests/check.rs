//! What is checked of each data set that was read.

use super::body::{TURNING, upright};
pub(crate) use crate::common::{counts, recordings};
use ambulo_data::manifest::Manifest;
use ambulo_data::{DataError, Dataset, LabelledRecording, shipped_manifest};
use ambulo_signal::{Recording, Sensor};
use std::collections::BTreeSet;
use std::path::Path;

/// What a folder should give.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) people: &'a [&'a str],
    /// In the order of the numbers that the rows were made with.
    pub(crate) placements: &'a [&'a str],
    /// In alphabetical order.
    pub(crate) labels: &'a [&'a str],
    pub(crate) recordings: usize,
    pub(crate) rate_hz: f64,
    pub(crate) gyroscope: bool,
}

pub(crate) fn manifest(name: &str) -> Manifest {
    let shipped = shipped_manifest(name).unwrap();
    Manifest::parse(shipped.text, name).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn read(name: &str, root: &Path) -> Result<Dataset, DataError> {
    manifest(name).read_dataset(root, &mut |_| {})
}

pub(crate) fn samples(recording: &LabelledRecording) -> &Recording {
    recording.recording.in_memory().unwrap()
}

/// Samples of a sensor whose time has one of these labels, but for those that are missing.
pub(crate) fn with_labels(recording: &LabelledRecording, sensor: Sensor, labels: &[&str]) -> Vec<[f64; 3]> {
    let Some(series) = samples(recording).sensor(sensor) else { return Vec::new() };
    let at = |i: usize| {
        recording.label_at(series.clock.time_ns(i)).is_some_and(|label| labels.contains(&&**label))
    };
    (0..series.values.len())
        .filter(|&i| at(i))
        .map(|i| series.values[i].map(f64::from))
        .filter(|v| v[0].is_finite())
        .collect()
}

/// Reads a folder by the manifest that ships, and compares people, placements, labels, rates, units and columns.
#[track_caller]
pub(crate) fn check(name: &str, root: &Path, expected: Expected<'_>) -> Dataset {
    let dataset = read(name, root).unwrap_or_else(|error| panic!("{name}: {error}"));
    check_dataset(name, &dataset, expected);
    dataset
}

#[track_caller]
pub(crate) fn check_dataset(name: &str, dataset: &Dataset, expected: Expected<'_>) {
    let all = recordings(dataset);
    let names: BTreeSet<&str> = all.iter().map(|r| r.name.as_str()).collect();
    assert_eq!((names.len(), all.len()), (expected.recordings, expected.recordings), "{name}: {names:?}");
    let people: Vec<String> = dataset.subjects().iter().map(ToString::to_string).collect();
    assert_eq!(people, expected.people, "{name}");
    let placements: BTreeSet<&str> =
        all.iter().map(|r| r.facts.placement.as_deref().unwrap_or("-")).collect();
    let worn = expected.placements.iter().copied().filter(|placement| *placement != "-");
    assert_eq!(placements, worn.collect(), "{name}");
    let mut labels = counts(all);
    labels.remove("-");
    assert_eq!(labels.keys().map(String::as_str).collect::<Vec<_>>(), expected.labels, "{name}");
    let mut turned = false;
    for recording in all {
        let what = format!("{name}, {}", recording.name);
        let loaded = samples(recording);
        let acceleration = loaded.sensor(Sensor::Accelerometer).unwrap();
        let place = expected.placements.iter().position(|p| Some(*p) == recording.facts.placement.as_deref());
        let resting = with_labels(recording, Sensor::Accelerometer, &["sitting", "standing"]);
        if !resting.is_empty() {
            let mean = [0, 1, 2].map(|i| resting.iter().map(|v| v[i]).sum::<f64>() / resting.len() as f64);
            let expected = upright(place.unwrap());
            for i in 0..3 {
                assert!(
                    (mean[i] - expected[i]).abs() < 0.02,
                    "{what}: {mean:?} at rest, expected {expected:?}"
                );
            }
        }
        for v in with_labels(recording, Sensor::Accelerometer, &["lying"]) {
            assert!((v.iter().map(|v| v * v).sum::<f64>().sqrt() - 1.0).abs() < 0.05, "{what}: {v:?} lying");
        }
        let times: Vec<i64> = (0..acceleration.values.len()).map(|i| acceleration.clock.time_ns(i)).collect();
        let mut steps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_unstable();
        let rate = 1e9 / steps[steps.len() / 2] as f64;
        assert!((rate / expected.rate_hz - 1.0).abs() < 0.02, "{what}: {rate} Hz");
        let gyroscope = loaded.sensor(Sensor::Gyroscope);
        if !expected.gyroscope {
            assert!(gyroscope.is_none(), "{what}");
        }
        let moving = with_labels(recording, Sensor::Gyroscope, &["walking", "running"]);
        if moving.len() > 20 {
            turned = true;
            for (i, about) in TURNING.into_iter().enumerate() {
                let rms = (moving.iter().map(|v| v[i] * v[i]).sum::<f64>() / moving.len() as f64).sqrt();
                let expected = about / 2f64.sqrt();
                assert!((rms / expected - 1.0).abs() < 0.2, "{what}: {rms} rad/s, expected {expected}");
            }
        }
    }
    assert_eq!(turned, expected.gyroscope, "{name}");
}
