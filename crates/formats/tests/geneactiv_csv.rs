//! GENEActiv exports: rows behind 100 lines, and averages that are refused.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, ReadOptions, open};
use ambulo_signal::{Start, Unit};
use common::{Random, bytes, damage, file, read, shared, write_new};

fn header() -> String {
    let mut lines = vec![""; 100];
    lines[..5].copy_from_slice(&[
        "Device Type,GENEActiv",
        "Device Model,1.1",
        "Device Unique Serial Code,987654",
        "Device Firmware Version,Ver5.16",
        "Calibration Date,2023-01-10 09:00:00:000",
    ]);
    lines[10..15].copy_from_slice(&[
        "Measurement Frequency,50.0 Hz",
        "Start Time,2024-03-05 10:00:00:000",
        "Last measurement,",
        "Device Location Code,right thigh",
        "Time Zone,GMT -05:00",
    ]);
    lines[20] = "Subject Code,secret person";
    lines[50..53].copy_from_slice(&["Sensor type,MEMS accelerometer x-axis", "Range,-8 to 8", "Units,g"]);
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}

fn rows(from: usize, to: usize) -> String {
    (from..to)
        .map(|i| {
            let (second, ms) = (i / 50, i % 50 * 20);
            format!(
                "2024-03-05 10:{:02}:{:02}:{ms:03},0.{i:04},-0.25,0.5,48,0,24.5\r\n",
                second / 60,
                second % 60
            )
        })
        .collect()
}

#[test]
fn rows_behind_a_hundred_lines() {
    let options = ReadOptions { identity: true, ..ReadOptions::default() };
    let whole = bytes((header() + &rows(0, 4000)).as_bytes(), &options).unwrap();
    let header = &whole.header;
    assert_eq!(header.start, Start::Utc { utc_ns: 1_709_650_800_000_000_000, offset_s: Some(-18_000) });
    assert_eq!((header.sensors[0].unit, header.sensors[0].rate_hz), (Some(Unit::G), Some(50.0)));
    assert_eq!(header.device.as_deref(), Some("GENEActiv"));
    assert_eq!(header.placement.as_deref(), Some("right_thigh"));
    assert_eq!(header.identity, [("serial number".to_owned(), "987654".to_owned())]);
    assert!(!header.autocalibrate && header.findings.is_empty(), "{header:?}");
    assert_eq!((whole.parts.len(), whole.parts[0].len()), (1, 4000));
    for i in 0..4000 {
        let value: f32 = format!("0.{i:04}").parse().unwrap();
        assert_eq!(whole.parts[0].values[i], [value, -0.25, 0.5]);
        assert_eq!(whole.parts[0].times_ns[i], i as i64 * 20_000_000);
    }
    let plain = bytes((self::header() + &rows(0, 9)).as_bytes(), &ReadOptions::default()).unwrap();
    let said = format!("{:?}", plain.header);
    assert!(!said.contains("987654") && !said.contains("secret"), "{said}");
}

#[test]
fn averages_and_headers_alone_are_refused() {
    let fails = |rows: &str| bytes((header() + rows).as_bytes(), &ReadOptions::default()).err().unwrap();
    assert_eq!(fails("").kind(), ErrorKind::Empty);
    let averages = "2024-03-05 10:00:00:000,0.9,0.1,0.2,48,0,24.5,3.2,0.1,0.1,0.1,50\r\n\
        2024-03-05 10:01:00:000,0.9,0.1,0.2,48,0,24.5,3.2,0.1,0.1,0.1,50\r\n";
    let narrow =
        "2024-03-05 10:00:00:000,0.9,0.1,0.2,48,0,24.5\r\n2024-03-05 10:00:05:000,0.9,0.1,0.2,48,0,24.5\r\n";
    for (rows, words) in [(averages, ["12 columns", "60 s"]), (narrow, ["7 columns", "5 s"])] {
        let error = fails(rows);
        let text = error.to_string();
        assert!(
            error.kind() == ErrorKind::NotARecording && words.iter().all(|word| text.contains(word)),
            "{text}"
        );
        assert!(text.contains("hint: ") && text.contains(".bin"), "{text}");
    }
}

#[test]
fn some_thousand_damaged_exports() {
    let content = (header() + &rows(0, 60)).into_bytes();
    let (mut random, mut answered) = (Random(5), 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    for _ in 0..2000 {
        write_new(&path, &damage(&content, &mut random));
        match open(&path, &ReadOptions::default()) {
            Ok(mut all) => answered += usize::from(read(all.remove(0)).is_ok()),
            Err(error) => assert!(error.to_string().contains("damaged"), "{error}"),
        }
    }
    assert!(answered > 1000, "{answered}");
}

#[test]
fn shared_sample() {
    let Some(folder) = shared("formats") else { return };
    let whole = file(&folder.join("geneactiv.csv"), &ReadOptions::default()).unwrap();
    let part = &whole.parts[0];
    assert_eq!((part.len(), part.times_ns[1799]), (1800, 35_980_000_000));
    assert_eq!((part.values[0], part.values[1799]), ([0.9861, -0.3278, 0.0986], [1.0167, -0.2306, -0.1097]));
    assert_eq!(whole.header.start, Start::Utc { utc_ns: 1_709_629_200_000_000_000, offset_s: Some(3600) });
    assert!(whole.header.findings.is_empty(), "{:?}", whole.header.findings);
}
