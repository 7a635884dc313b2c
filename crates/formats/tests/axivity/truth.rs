//! Shared samples and real files, where they are: as their `truth.json` says, and as other readers read them.

use crate::common::{Whole, file, samples, shared};
use ambulo_formats::ReadOptions;
use ambulo_signal::{Sensor, Start};
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

fn read(path: &Path) -> Whole {
    file(path, &ReadOptions::default()).unwrap()
}

#[test]
fn synthetic_samples() {
    let Some((folder, truth)) = samples() else { return };
    let mut checked = 0;
    for (name, truth) in &truth {
        if !(name.ends_with(".cwa") || name == "axivity.wav") {
            continue;
        }
        checked += 1;
        check(name, truth, &read(&folder.join(name)));
    }
    assert_eq!(checked, 6);
}

fn check(name: &str, truth: &Value, whole: &Whole) {
    // The start is early by less than a sample.
    let Start::Local { local_ns } = whole.header.start else { panic!("{name}") };
    let late = local_ns - 1_709_632_800_430_000_000;
    assert!((-20_000_000..=2_000_000).contains(&late), "{name}: {late}");
    let sensors = truth["sensors"].as_array().unwrap();
    assert_eq!(whole.header.sensors.len(), sensors.len(), "{name}");
    for sensor in sensors {
        let (kind, suffix) = match sensor["role"].as_str().unwrap() {
            "total_acceleration" => (Sensor::Accelerometer, "g"),
            _ => (Sensor::Gyroscope, "rad_per_s"),
        };
        let at = whole.header.position(kind).unwrap();
        let (part, info) = (&whole.parts[at], &whole.header.sensors[at]);
        assert_eq!(part.len() as u64, sensor["samples"].as_u64().unwrap(), "{name}");
        let nominal = truth["nominal_rate_hz"].as_f64().unwrap_or(100.0);
        assert_eq!(info.rate_hz, Some(nominal), "{name}");
        for (row, which) in [(0, "first"), (part.len() - 1, "last")] {
            for axis in 0..3 {
                let found = f64::from(info.unit.unwrap().to_project(part.values[row][axis]));
                let expected = sensor[format!("{which}_{suffix}")][axis].as_f64().unwrap();
                assert!((found - expected).abs() < 1.5e-6, "{name}, {which}, {axis}: {found}, {expected}");
            }
        }
        let last = *part.times_ns.last().unwrap() as f64 / 1e9;
        assert!((last - sensor["t_last_s"].as_f64().unwrap()).abs() < 0.01, "{name}: {last}");
        let jumps: Vec<(f64, f64)> = part
            .times_ns
            .windows(2)
            .filter(|pair| pair[1] - pair[0] > 200_000_000)
            .map(|pair| (pair[0] as f64 / 1e9, (pair[1] - pair[0]) as f64 / 1e9))
            .collect();
        let gaps = truth["gaps"].as_array().unwrap();
        assert_eq!(jumps.len(), gaps.len(), "{name}");
        for ((after, length), gap) in jumps.into_iter().zip(gaps) {
            assert!((after - gap["after_s"].as_f64().unwrap()).abs() < 0.01, "{name}: {after}");
            // Both ends are exact to less than a sample.
            assert!((length - gap["length_s"].as_f64().unwrap()).abs() < 0.02, "{name}: {length}");
        }
    }
    let text: Vec<&str> = whole.header.findings.iter().map(|finding| finding.text.as_str()).collect();
    let text = text.join("\n");
    assert_eq!(text.is_empty(), truth["expect"] == "read", "{name}: {text}");
    for word in truth["report"].as_array().into_iter().flatten() {
        assert!(text.contains(word.as_str().unwrap()), "{name}: {text}");
    }
}

/// An array of doubles in a file of NumPy.
fn array(archive: &Path, name: &str) -> Vec<f64> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let mut bytes = Vec::new();
    archive.by_name(&format!("{name}.npy")).unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes.starts_with(b"\x93NUMPY\x01"));
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[10..10 + length]);
    assert!(header.contains("'<f8'") && header.contains("'fortran_order': False"), "{header}");
    bytes[10 + length..].as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
}

#[test]
fn real_files_as_scikit_digital_health_reads_them() {
    let Some(folder) = shared("device/skdh") else { return };
    for (name, per_g) in [("ax3", 64.0), ("ax6", 2048.0)] {
        let whole = read(&folder.join(format!("{name}_sample.cwa")));
        let archive = folder.join(format!("{name}_data.npz"));
        let Start::Local { local_ns } = whole.header.start else { panic!("{name}") };
        let times = array(&archive, "time");
        assert_eq!(times.len(), whole.parts[0].len());
        for (found, expected) in whole.parts[0].times_ns.iter().zip(&times) {
            // Differences first: doubles of seconds since 1970 are exact to 0.2 µs.
            let since = (local_ns + found - 1_500_000_000_000_000_000) as f64 / 1e9;
            assert!((since - (expected - 1.5e9)).abs() < 0.000_2, "{name}: {since}, {expected}");
        }
        let mut sensors = vec![("accel", 0, 1.0 / per_g)];
        if name == "ax6" {
            sensors.push(("gyro", 1, 2000.0 / 32768.0));
        }
        assert_eq!(whole.parts.len(), sensors.len());
        for (array_name, part, count) in sensors {
            let expected = array(&archive, array_name);
            let found = whole.parts[part].values.as_flattened();
            assert_eq!(found.len(), expected.len());
            let worst =
                found.iter().zip(&expected).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
            assert!(worst < 0.02 * count, "{name}, {array_name}: {worst}");
        }
        assert!(whole.header.findings.is_empty(), "{:?}", whole.header.findings);
    }
}

#[test]
fn corrupt_blocks_of_a_real_file() {
    let Some(folder) = shared("device/ggirread") else { return };
    let intact = read(&folder.join("ax3_testfile.cwa"));
    let corrupt = read(&folder.join("ax3_testfile_corrupt_blocks_0_13_14_142_143_144.cwa"));
    let lost = [0, 13, 14, 142, 143, 144];
    let kept: Vec<usize> = (0..145 * 120).filter(|i| !lost.contains(&(i / 120))).collect();
    assert_eq!(intact.parts[0].len(), 145 * 120);
    assert_eq!(corrupt.parts[0].len(), kept.len());
    let clock = |whole: &Whole, i: usize| {
        let Start::Local { local_ns } = whole.header.start else { panic!() };
        local_ns + whole.parts[0].times_ns[i]
    };
    for (i, &at) in kept.iter().enumerate() {
        assert_eq!(corrupt.parts[0].values[i], intact.parts[0].values[at]);
        // Where nothing precedes a block, its own stamp says when it began.
        let off = (clock(&corrupt, i) - clock(&intact, at)).abs();
        let follows = at % 120 + 120 * (at / 120) >= 120 && !lost.contains(&(at / 120 - 1));
        assert!(off <= if follows { 0 } else { 30_000_000 }, "sample {at}: {off}");
    }
    assert!(intact.header.findings.is_empty(), "{:?}", intact.header.findings);
    let [finding] = corrupt.header.findings.as_slice() else { panic!("{:?}", corrupt.header.findings) };
    for words in
        ["3 stretches", "block 0 (byte 1024", "blocks 13 and 14 (byte 7680", "blocks 142 to 144 (byte"]
    {
        assert!(finding.text.contains(words), "{words}: {}", finding.text);
    }
    let ax6 = read(&folder.join("ax6_testfile.cwa"));
    assert_eq!((ax6.parts[0].len(), ax6.parts[1].len(), ax6.header.findings.len()), (283 * 40, 283 * 40, 0));
}
