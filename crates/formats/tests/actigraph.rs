//! ActiGraph's archives and exports: real ones and the shared samples against their truth, and synthetic ones.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, FormatError, ReadOptions, open};
use ambulo_signal::{FindingKind, Sensor, Start};
use common::{Whole, file};
use std::path::{Path, PathBuf};

#[expect(clippy::print_stdout, reason = "says why nothing was tested")]
fn shared(name: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(3);
    let path = above.map(|folder| folder.join("shared/data").join(name)).find(|path| path.exists());
    if path.is_none() {
        println!("skipped: the shared samples are not here");
    }
    path
}

fn read(name: &str) -> Option<Whole> {
    shared(name).map(|path| file(&path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}")))
}

fn refused(name: &str) -> Option<FormatError> {
    shared(name)
        .map(|path| open(&path, &ReadOptions::default()).err().unwrap_or_else(|| panic!("{name} is read")))
}

/// 2024-03-05 10:00, of a clock one hour ahead of UTC.
const MORNING: Start = Start::Utc { utc_ns: 1_709_629_200_000_000_000, offset_s: Some(3600) };

/// Samples, time of the last, and the first and the last value in g.
fn expect(whole: &Whole, samples: usize, last_s: f64, first: [f32; 3], last: [f32; 3]) {
    let part = &whole.parts[0];
    assert_eq!(part.len(), samples);
    assert_eq!(part.times_ns[0], 0);
    assert!((part.times_ns[samples - 1] as f64 / 1e9 - last_s).abs() < 1e-6);
    for (found, expected) in [(part.values[0], first), (part.values[samples - 1], last)] {
        for axis in 0..3 {
            assert!((found[axis] - expected[axis]).abs() < 2e-6, "{found:?}, expected {expected:?}");
        }
    }
}

#[test]
fn shared_archives() {
    if let Some(whole) = read("formats/actigraph.gt3x") {
        expect(
            &whole,
            1650,
            69.966_667,
            [0.996_094, -0.316_406, 0.082_031],
            [0.902_344, -0.234_375, -0.003_906],
        );
        assert_eq!(whole.parts[0].times_ns[1049..1051], [34_966_666_667, 50_000_000_000]);
        assert_eq!(whole.header.start, MORNING);
        assert_eq!(whole.header.device.as_deref(), Some("ActiGraph wGT3XBT"));
        let findings = &whole.header.findings;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!((findings[0].kind, findings[0].first_place.time_s), (FindingKind::Gap, Some(35.0)));
        assert!(findings[0].text.contains("idle sleep") && findings[0].text.contains("15 s"));
        assert!(whole.header.autocalibrate && whole.header.identity.is_empty());
    }
    if let Some(whole) = read("formats/actigraph-activity2.gt3x") {
        expect(&whole, 3000, 29.99, [0.992_188, -0.308_594, 0.085_938], [0.964_844, -0.625, -0.074_219]);
        assert!(whole.header.start == MORNING && whole.header.findings.is_empty());
    }
    if let Some(whole) = read("formats/actigraph-old.gt3x") {
        expect(
            &whole,
            2145,
            71.466_667,
            [0.997_067, -0.316_716, 0.082_111],
            [0.997_067, -0.064_516, -0.023_46],
        );
        assert!(whole.header.start == MORNING && whole.header.findings.is_empty());
    }
    if let Some(error) = refused("formats/trap-truncated.gt3x") {
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Damaged);
        assert!(text.contains("cut short") && text.contains("byte"), "{text}");
    }
}

#[test]
fn a_real_archive_agrees_with_its_truth() {
    let Some(path) = shared("device/actfast/actigraph.csv") else { return };
    let whole = read("device/actfast/actigraph.gt3x").unwrap();
    let part = &whole.parts[0];
    let truth = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<f64>> = truth
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert_eq!((rows.len(), part.len()), (4860, 4860));
    for (i, row) in rows.iter().enumerate() {
        assert!((part.times_ns[i] as f64 / 1e9 - row[0]).abs() < 1e-3, "sample {i}");
        for axis in 0..3 {
            assert!((f64::from(part.values[i][axis]) - row[axis + 1]).abs() < 1e-6, "sample {i}");
        }
    }
    // 2024-04-30 14:53:00, five hours behind UTC.
    assert_eq!(whole.header.start, Start::Utc { utc_ns: 1_714_506_780_000_000_000, offset_s: Some(-18_000) });
    assert_eq!(whole.header.sensors[0].rate_hz, Some(60.0));
    assert_eq!(whole.header.sensors[0].sensor, Sensor::Accelerometer);
    assert!(whole.header.findings.is_empty(), "{:?}", whole.header.findings);
    let shown = format!("{:?}", whole.header);
    assert!(!shown.contains("MOS2E") && !shown.contains("Test_0001"));
    let options = ReadOptions { identity: true, ..ReadOptions::default() };
    let named = file(&shared("device/actfast/actigraph.gt3x").unwrap(), &options).unwrap();
    assert!(named.header.identity.iter().any(|entry| entry.1 == "Test_0001"));
}
