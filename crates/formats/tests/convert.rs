//! Recordings written as Parquet and read again.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ConvertError, ReadOptions, convert, open};
use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::{
    Clock, Finding, FindingKind, Header, Recording, Sensor, SensorInfo, SensorSeries, Severity, Source,
    Start, Unit,
};
use common::read;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use std::path::Path;

const STEP: i64 = 20_000_000;

fn series(sensor: Sensor, unit: Unit, times: Vec<i64>, value: impl Fn(usize) -> [f32; 3]) -> SensorSeries {
    let values = (0..times.len()).map(value).collect();
    let info = SensorInfo { unit: Some(unit), unit_because: "stated".to_owned(), ..SensorInfo::new(sensor) };
    SensorSeries { info, clock: Clock::Stamps(times), values }
}

fn walk(i: usize) -> [f32; 3] {
    let t = i as f32 / 50.0;
    [
        9.81 + 2.0 * (12.0 * t).sin(),
        (6.0 * t).sin(),
        if i % 100 == 7 { f32::NAN } else { 0.5 + 0.25 * (i % 5) as f32 },
    ]
}

/// Acceleration at 50 Hz and angular velocity at 25 Hz, half of whose times are those of a sample of acceleration.
fn recording(n: usize) -> Recording {
    let header = Header {
        origin: "walk.csv".to_owned(),
        device: Some("Phone 7".to_owned()),
        placement: Some("waist".to_owned()),
        identity: vec![("serial number".to_owned(), "SECRET".to_owned())],
        start: Start::Utc { utc_ns: 1_709_629_200_000_000_000, offset_s: Some(3600) },
        conversions: vec!["a column turned over".to_owned()],
        findings: vec![Finding::new(FindingKind::File, Severity::Note, "three lines before the header")],
        ..Header::default()
    };
    let acc = (0..n as i64).map(|i| i * STEP).collect();
    let gyro = (0..n as i64 / 2).map(|i| 2 * i * STEP + if i % 2 == 0 { 0 } else { 5_000_000 }).collect();
    let turning = |i: usize| [(i as f32).sin(), 0.25, -0.5];
    Recording::new(
        header,
        vec![
            series(Sensor::Accelerometer, Unit::MetresPerSecondSquared, acc, walk),
            series(Sensor::Gyroscope, Unit::RadiansPerSecond, gyro, turning),
        ],
    )
}

fn write(
    recording: &Recording,
    folder: &Path,
    overwrite: bool,
) -> Result<ambulo_formats::Converted, ConvertError> {
    let declared = Declared::default();
    let mut source = recording.source();
    let report = survey(&mut source, &declared).unwrap();
    convert(&mut source, "table", &report, &declared, folder, "walk", overwrite)
}

#[test]
fn the_same_samples_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let original = recording(20_000);
    let done = write(&original, folder.path(), false).unwrap();
    assert_eq!(done.files, [folder.path().join("walk.parquet")]);
    assert_eq!((done.rows, done.left_out), (25_000, 0));
    let mut opened = open(&done.files[0], &ReadOptions::default()).unwrap();
    assert!(opened[0].because().contains("Ambulo"));
    let whole = read(opened.remove(0)).unwrap();
    for (number, part) in whole.parts.iter().enumerate() {
        let series = &original.series()[number];
        let Clock::Stamps(times) = &series.clock else { panic!() };
        assert_eq!(&part.times_ns, times);
        let unit = series.info.unit.unwrap();
        for (i, (read, stored)) in part.values.iter().zip(&series.values).enumerate() {
            let same = |(a, b): (&f32, &f32)| {
                a.to_bits() == unit.to_project(*b).to_bits() || (a.is_nan() && b.is_nan())
            };
            assert!(read.iter().zip(stored).all(same), "{i}: {read:?} {stored:?}");
        }
    }
    let header = &whole.header;
    assert_eq!((header.origin.as_str(), header.device.as_deref()), ("walk.csv", Some("Phone 7")));
    assert_eq!((header.placement.as_deref(), header.start), (Some("waist"), original.header().start));
    assert_eq!(header.sensors[0].unit, Some(Unit::G));
    assert_eq!(header.conversions[0], "a column turned over");
    assert!(header.conversions[1].contains("from m/s2 (stated) to g"), "{:?}", header.conversions);
    assert_eq!(header.findings, original.header().findings);
    // Nobody's serial number goes along.
    let bytes = std::fs::read(&done.files[0]).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"SECRET"));
    assert!(header.identity.is_empty());
}

#[test]
fn the_schema_is_the_documented_one() {
    let folder = tempfile::tempdir().unwrap();
    let done = write(&recording(500), folder.path(), false).unwrap();
    let file = SerializedFileReader::new(std::fs::File::open(&done.files[0]).unwrap()).unwrap();
    let metadata = file.metadata().file_metadata();
    let schema = metadata.schema_descr();
    let columns: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
    let expected = ["time_ns", "time", "acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"];
    assert_eq!(columns, expected);
    let logical = format!("{:?}", schema.column(1).logical_type_ref());
    assert!(logical.contains("is_adjusted_to_u_t_c: true") || logical.contains("true"), "{logical}");
    let keys: Vec<&str> =
        metadata.key_value_metadata().unwrap().iter().map(|fact| fact.key.as_str()).collect();
    for key in
        ["version", "layout", "origin", "format", "device", "start_utc_ns", "offset_s", "findings", "sensors"]
    {
        assert!(keys.contains(&format!("ambulo.{key}").as_str()), "{key} of {keys:?}");
    }
    // A gyroscope's sample of its own time stands in a row without acceleration.
    let own_time = file.get_row_iter(None).unwrap().map(Result::unwrap).find(|row| {
        let fields: Vec<String> = row.get_column_iter().map(|(_, field)| field.to_string()).collect();
        fields[0] == "45000000"
    });
    let row = own_time.unwrap().to_string();
    assert!(row.contains("acc_x: null") && row.contains("gyro_y: 0.25"), "{row}");
}

#[test]
fn a_clock_that_begins_anew_gives_two_files() {
    let folder = tempfile::tempdir().unwrap();
    let times = (0..600).map(|i| (i % 300) * STEP).collect();
    let header = Header { start: Start::Local { local_ns: 77 }, ..Header::default() };
    let twice = Recording::new(
        header,
        vec![series(Sensor::Accelerometer, Unit::MetresPerSecondSquared, times, walk)],
    );
    let done = write(&twice, folder.path(), false).unwrap();
    let names: Vec<_> = done.files.iter().map(|file| file.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["walk.1.parquet", "walk.2.parquet"]);
    for (number, file) in done.files.iter().enumerate() {
        let whole = read(open(file, &ReadOptions::default()).unwrap().remove(0)).unwrap();
        let expected: Vec<i64> = (0..300).map(|i| i * STEP).collect();
        assert_eq!(whole.parts[0].times_ns, expected);
        let first = Unit::MetresPerSecondSquared.to_project(walk(300 * number)[0]);
        assert_eq!(whole.parts[0].values[0][0], first);
        assert_eq!(whole.header.start, Start::Local { local_ns: 77 });
    }
    assert!(matches!(write(&twice, folder.path(), false), Err(ConvertError::Exists { .. })));
}

#[test]
fn nothing_is_overwritten_and_nothing_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    write(&recording(400), folder.path(), false).unwrap();
    let before = std::fs::read(folder.path().join("walk.parquet")).unwrap();
    let error = write(&recording(800), folder.path(), false).unwrap_err();
    assert!(matches!(&error, ConvertError::Exists { .. }) && error.to_string().contains("walk.parquet"));
    assert_eq!(std::fs::read(folder.path().join("walk.parquet")).unwrap(), before);
    write(&recording(800), folder.path(), true).unwrap();
    assert_ne!(std::fs::read(folder.path().join("walk.parquet")).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_unit_in_doubt_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let times = (0..600).map(|i| i * STEP).collect();
    let wrong = series(Sensor::Accelerometer, Unit::G, times, walk);
    let error = write(&Recording::new(Header::default(), vec![wrong]), folder.path(), false).unwrap_err();
    assert!(
        matches!(&error, ConvertError::Refused { finding } if finding.kind == FindingKind::Unit),
        "{error}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn several_row_groups_and_a_second_reading() {
    let folder = tempfile::tempdir().unwrap();
    let n = (1 << 20) + 5000;
    let values =
        |i: usize| [9.81 + (i % 3) as f32 * 0.125, (i % 1000) as f32 * 0.001, (i % 7) as f32 * 0.125];
    let times = (0..n as i64).map(|i| i * 10_000_000).collect();
    let long = Recording::new(
        Header::default(),
        vec![series(Sensor::Accelerometer, Unit::MetresPerSecondSquared, times, values)],
    );
    let done = write(&long, folder.path(), false).unwrap();
    let mut opened = open(&done.files[0], &ReadOptions::default()).unwrap().remove(0);
    // A part of it first.
    opened.read(&mut ambulo_signal::Chunk::default()).unwrap();
    opened.rewind().unwrap();
    let whole = read(opened).unwrap();
    assert_eq!(whole.parts[0].len(), n);
    assert!(whole.parts[0].times_ns.windows(2).all(|pair| pair[1] - pair[0] == 10_000_000));
    let report =
        survey(&mut open(&done.files[0], &ReadOptions::default()).unwrap()[0], &Declared::default()).unwrap();
    assert_eq!(report.sensors[0].samples, n as u64);
    assert!(report.is_usable(), "{:?}", report.findings);
}
