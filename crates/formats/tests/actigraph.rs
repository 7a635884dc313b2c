//! ActiGraph's archives and exports: real ones and the shared samples against their truth, and synthetic ones.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]
#![allow(clippy::approx_constant, reason = "0.318 g is no part of a circle")]

mod common;

use ambulo_formats::{ErrorKind, FormatError, ReadOptions, open};
use ambulo_signal::{FindingKind, Sensor, Start, Unit};
use common::{Whole, file, shared};

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
fn shared_exports() {
    let local = |local_ns| Start::Local { local_ns };
    let morning = local(1_709_632_800_000_000_000);
    for (name, start, samples, last_s, first, last) in [
        ("actigraph-raw", morning, 2145, 71.466_667, [0.996, -0.318, 0.083], [0.997, -0.064, -0.024]),
        ("actigraph-raw-time", morning, 2400, 59.975, [0.996, -0.318, 0.083], [1.095, -0.215, -0.139]),
        ("actigraph-raw-comma", morning, 1800, 59.966_667, [0.978, -0.301, 0.096], [0.924, -0.329, -0.13]),
        (
            "trap-date-dotted",
            local(1_522_749_600_000_000_000),
            600,
            19.966_667,
            [0.992, -0.308, 0.087],
            [0.766, -0.418, -0.108],
        ),
        (
            "trap-date-order",
            local(1_712_138_400_000_000_000),
            900,
            29.967,
            [0.992, -0.308, 0.087],
            [1.049, -0.504, -0.225],
        ),
    ] {
        let Some(whole) = read(&format!("formats/{name}.csv")) else { return };
        expect(&whole, samples, last_s, first, last);
        assert_eq!(whole.header.start, start, "{name}");
        assert!(whole.header.findings.is_empty(), "{name}: {:?}", whole.header.findings);
        let sensor = &whole.header.sensors[0];
        assert!(sensor.unit == Some(Unit::G) && sensor.rate_hz.is_some(), "{sensor:?}");
        assert_eq!(whole.header.device.as_deref(), Some("ActiGraph wGT3XBT"));
        assert!(!format!("{:?}", whole.header).contains("MOS2E"));
    }
    let whole = read("formats/trap-idle-sleep.csv").unwrap();
    let part = &whole.parts[0];
    assert_eq!((part.len(), part.times_ns[1799]), (1800, 59_966_666_667));
    for (row, value) in part.values.iter().enumerate() {
        let filled = row < 120 || (900..1500).contains(&row);
        assert_eq!(value[0].is_nan(), filled, "row {row}");
    }
    assert_eq!(part.values[1799], [1.328, -0.241, -0.025]);
    let finding = &whole.header.findings[0];
    assert_eq!((finding.kind, finding.count, whole.header.findings.len()), (FindingKind::Filled, 2, 1));
    for words in ["120 samples (4.0 s) are all zero", "600 samples (20.0 s) repeat", "40.0 %"] {
        assert!(finding.text.contains(words), "{}", finding.text);
    }
}

#[test]
fn shared_exports_that_are_refused() {
    for (name, kind, words) in [
        ("actigraph-counts", ErrorKind::NotARecording, ["15 s", "counts", "raw"]),
        ("actigraph-counts-time", ErrorKind::NotARecording, ["1 s", "counts", "raw"]),
        ("trap-date-order-conflict", ErrorKind::Damaged, ["M/d/yyyy", "26/03/2024", "line 4"]),
    ] {
        let Some(error) = refused(&format!("formats/{name}.csv")) else { return };
        let text = error.to_string();
        assert!(error.kind() == kind && words.iter().all(|word| text.contains(word)), "{name}: {text}");
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
