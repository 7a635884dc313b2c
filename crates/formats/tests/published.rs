//! Published data sets are readable with nothing but declared columns, and their rates are those of their stamps.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{Opened, ReadOptions, open};
use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::{Chunk, Sensor, Source as _};
use common::shared;
use std::path::{Path, PathBuf};

fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = shared(folder).into_iter().collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().is_some_and(|path| path.ends_with(end)) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Steps divided by their sum, without pauses, over all samples of a sensor.
fn rate(opened: &mut Opened, at: usize) -> f64 {
    let (mut chunk, mut last) = (Chunk::default(), None);
    let (mut steps, mut sum_ns) = (0u64, 0i64);
    while opened.read(&mut chunk).unwrap() {
        for &time in &chunk.parts[at].times_ns {
            if let Some(last) = last {
                let step: i64 = time - last;
                if (0..=200_000_000).contains(&step) {
                    (steps, sum_ns) = (steps + 1, sum_ns + step);
                }
            }
            last = Some(time);
        }
    }
    opened.rewind().unwrap();
    steps as f64 * 1e9 / sum_ns as f64
}

fn check(path: &Path, options: &ReadOptions, expected: &[(Sensor, f64)], tolerance: f64) -> usize {
    let all = open(path, options).unwrap_or_else(|error| panic!("{error}"));
    let count = all.len();
    for mut opened in all {
        let report = survey(&mut opened, &Declared::default()).unwrap();
        for (at, sensor) in report.sensors.iter().enumerate() {
            let found = sensor.rate_hz.unwrap();
            let by_stamps = rate(&mut opened, at);
            // Of batches that share a stamp only whole ones tell the rate: 8 of 3,000 samples are 0.3 %.
            let batches = sensor.samples > 0 && sensor.rate_hz.is_some_and(|hz| hz > 150.0);
            let tolerance_hz = if batches { 0.01 * found } else { 0.1 };
            assert!(
                (found - by_stamps).abs() < tolerance_hz,
                "{}: {found}, by stamps {by_stamps}",
                path.display()
            );
            let near =
                expected.iter().any(|(kind, hz)| *kind == sensor.kind && (found - hz).abs() < tolerance * hz);
            assert!(near, "{}: the {} has {found} Hz", path.display(), sensor.kind);
        }
    }
    count
}

#[test]
fn sp_sw() {
    let both = [(Sensor::Accelerometer, 103.0), (Sensor::Gyroscope, 103.0)];
    let files = files("sp-sw", ".csv");
    let recordings: Vec<&PathBuf> =
        files.iter().filter(|path| !path.to_string_lossy().ends_with("s_info.csv")).collect();
    for path in &recordings {
        check(path, &ReadOptions::default(), &both, 0.1);
    }
    assert!(recordings.is_empty() || recordings.len() == 446, "{}", recordings.len());
}

#[test]
fn sisfall() {
    let options = ReadOptions {
        columns: Some("acc=1-3,gyro=4-6".parse().unwrap()),
        rate_hz: Some(200.0),
        ..ReadOptions::default()
    };
    let both = [(Sensor::Accelerometer, 200.0), (Sensor::Gyroscope, 200.0)];
    // All were read once; a tenth of them keeps the tests short.
    for path in files("sisfall", ".txt").iter().filter(|path| !path.ends_with("Readme.txt")).step_by(10) {
        check(path, &options, &both, 1e-6);
    }
}

#[test]
fn umafall() {
    // A phone at some 200 Hz, tags at 20 Hz, of which the wrist's magnetometer and the like are slower or late.
    let rates = [
        (Sensor::Accelerometer, 200.0),
        (Sensor::Accelerometer, 20.0),
        (Sensor::Gyroscope, 20.0),
        (Sensor::Magnetometer, 20.0),
    ];
    let declared = ReadOptions {
        columns: Some("time=1,x=3,y=4,z=5,type=6,device=7".parse().unwrap()),
        time: Some("ms".parse().unwrap()),
        ..ReadOptions::default()
    };
    for path in files("umafall", ".csv") {
        let devices = check(&path, &ReadOptions::default(), &rates, 0.2);
        assert!((2..=5).contains(&devices), "{}: {devices} devices", path.display());
        assert_eq!(check(&path, &declared, &rates, 0.2), devices);
        let wrist = ReadOptions { device: Some("Wrist".to_owned()), ..ReadOptions::default() };
        if let Ok(wrist) = open(&path, &wrist) {
            assert_eq!(wrist.len(), 1);
            assert_eq!(wrist[0].header().placement.as_deref(), Some("wrist"));
        }
    }
}
