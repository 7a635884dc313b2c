//! MATLAB files, written by `fixtures/make_mat.py`.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{
    ColumnRef, ErrorKind, Format, Need, Opened, ReadOptions, open, open_bytes, read_mat_matrix,
    read_mat_matrix_bytes,
};
use ambulo_signal::{Chunk, Sensor, Source as _, Unit};
use common::{Random, bytes, damage, file, read_on};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn content(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

fn options() -> ReadOptions {
    ReadOptions {
        columns: Some("acc=1-3,gyro=4-6".parse().unwrap()),
        units: "acc=g,gyro=deg/s".parse().unwrap(),
        rate_hz: Some(100.0),
        variable: Some("sensor_readings".to_owned()),
        ..ReadOptions::default()
    }
}

/// What stands in row `i` of the readings.
fn reading(i: usize) -> [f32; 6] {
    let i = i as f32;
    [i * 0.5 - 1.0, i * 0.25, i * 0.125 - 2.0, i, i * 2.0 - 4.0, i * 3.0 - 0.5]
}

#[test]
fn a_matrix_is_a_recording() {
    for name in ["motion.mat", "motion_plain.mat", "big_endian.mat"] {
        let whole = file(&fixture(name), &options()).unwrap();
        let sensors: Vec<_> =
            whole.header.sensors.iter().map(|sensor| (sensor.sensor, sensor.unit)).collect();
        let expected =
            [(Sensor::Accelerometer, Some(Unit::G)), (Sensor::Gyroscope, Some(Unit::DegreesPerSecond))];
        assert_eq!(sensors, expected);
        assert_eq!(whole.parts[0].values.len(), 40, "{name}");
        for i in 0..40 {
            let [a, b, c, d, e, f] = reading(i);
            assert_eq!(
                (whole.parts[0].values[i], whole.parts[1].values[i]),
                ([a, b, c], [d, e, f]),
                "{name}, {i}"
            );
            assert_eq!(whole.parts[1].times_ns[i], i as i64 * 10_000_000);
        }
        assert!(whole.header.findings.is_empty(), "{:?}", whole.header.findings);
        // By its content, whatever it is called, and packed.
        let whole = bytes(&content(name), &options()).unwrap();
        assert_eq!(whole.parts[0].values[39][..2], reading(39)[..2]);
    }
    // The only matrix that can be samples need not be named.
    let mut opened =
        open(fixture("motion.mat"), &ReadOptions { variable: None, ..options() }).unwrap().remove(0);
    assert_eq!((opened.format(), opened.format_name()), (Format::Mat, "mat"));
    assert!(opened.because().contains("`sensor_readings` of 40 rows and 6 columns"), "{}", opened.because());
    let first = read_on(&mut opened).unwrap();
    opened.rewind().unwrap();
    assert_eq!(read_on(&mut opened).unwrap().parts, first.parts);
    assert_eq!("mat".parse::<Format>(), Ok(Format::Mat));
}

#[test]
fn what_is_declared_of_tables_is_declared_here() {
    let mut asked = options();
    asked.scale = vec![(Sensor::Accelerometer, -2.0)];
    asked.added = vec![ColumnRef::Number(4), ColumnRef::Number(5), ColumnRef::Number(6)];
    let whole = file(&fixture("motion.mat"), &asked).unwrap();
    assert_eq!(whole.parts[0].values[8], [-22.0, -28.0, -45.0]);
    assert!(whole.header.conversions.contains(&"accelerometer x -2".to_owned()));
    // A column of times, and one of labels.
    let asked = ReadOptions {
        columns: Some("time=4,acc=1-3".parse().unwrap()),
        time: Some("s".parse().unwrap()),
        rate_hz: None,
        texts: vec![ColumnRef::Number(4), ColumnRef::Number(2)],
        ..options()
    };
    let mut opened = open(fixture("motion.mat"), &asked).unwrap().remove(0);
    let mut chunk = Chunk::default();
    assert!(opened.read(&mut chunk).unwrap());
    assert_eq!(chunk.parts[0].times_ns[..3], [0, 1_000_000_000, 2_000_000_000]);
    let runs = opened.take_texts();
    assert_eq!(runs.len(), 40);
    assert_eq!((runs[3].sample, &*runs[3].texts[0], &*runs[3].texts[1]), (3, "3", "0.75"));
    let error = |asked: &ReadOptions| open(fixture("motion.mat"), asked).unwrap_err();
    let no_rate = error(&ReadOptions { rate_hz: None, ..options() });
    assert_eq!(no_rate.kind(), ErrorKind::Needs(Need::Rate));
    let beyond = error(&ReadOptions { columns: Some("acc=5-7".parse().unwrap()), ..options() });
    assert_eq!(beyond.kind(), ErrorKind::Needs(Need::Columns));
    let named = error(&ReadOptions { columns: Some("x,y,z".parse().unwrap()), ..options() });
    assert!(named.to_string().contains("no column `x`"), "{named}");
}

#[test]
fn numbers_of_every_type() {
    for name in ["types.mat", "types_plain.mat"] {
        let read = |variable: &str| read_mat_matrix(fixture(name), variable);
        let kinds =
            ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"];
        for kind in kinds {
            let matrix = read(&format!("m_{kind}")).unwrap();
            assert_eq!((matrix.rows, matrix.columns), (2, 3), "{kind}");
            assert_eq!(matrix.values, [0.0, 1.0, 100.0, 2.0, 3.0, 127.0], "{kind}");
        }
        let values = |variable: &str| read(variable).unwrap().values;
        assert_eq!(values("least"), [-128.0, -1.0]);
        assert_eq!(values("wide"), [2f64.powi(40), -2f64.powi(40)]);
        assert_eq!(values("flags"), [1.0, 0.0, 1.0]);
        assert_eq!(values("number"), [7.0]);
        assert_eq!(values("empty"), [0.0; 0]);
        assert_eq!(read("empty").unwrap().columns, 3);
        assert_eq!(values("labels"), [1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 17.0, 30.0, 2.0]);
        let odd = values("nan");
        assert!(odd[0] == 1.5 && odd[1].is_nan() && odd[2] == f64::NEG_INFINITY);
        for (variable, what) in [
            ("text", "text"),
            ("cells", "cells"),
            ("struct", "a struct"),
            ("complex", "complex"),
            ("sparse", "sparse"),
            ("deep", "2 x 3 x 4"),
        ] {
            let error = read(variable).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Needs(Need::Variable));
            let text = error.to_string();
            assert!(text.contains("is no matrix of real numbers") && text.contains(what), "{text}");
        }
        let text = read("lables").unwrap_err().to_string();
        assert!(text.contains(name) && text.contains("no variable `lables`"), "{text}");
        assert!(text.contains("`m_int8` (2 x 3)"), "{text}");
        // Which of many is meant has to be said.
        let error =
            open(fixture(name), &ReadOptions { variable: None, ..options() }).unwrap_err().to_string();
        assert!(error.contains("say which one"), "{error}");
    }
    // Whole numbers in fewer bytes than their class has, in the tag itself and behind it.
    for (variable, expected) in [("s", [1.0, -2.0, 3.0]), ("w", [1.0, -2.0, 300.0])] {
        let matrix = read_mat_matrix_bytes("big.mat", content("big_endian.mat"), variable).unwrap();
        assert_eq!(matrix.values, expected);
    }
}

#[test]
fn other_versions_are_refused_by_name() {
    let mut newer = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".to_vec();
    newer.resize(512, b' ');
    newer[124..128].copy_from_slice(b"\0\x02IM");
    newer.extend(b"\x89HDF\r\n\x1a\n");
    for (bytes, words) in [
        (newer, "version 7.3, which is HDF5"),
        (content("version4.mat"), "version 4"),
        (b"\x89HDF\r\n\x1a\n and so on".to_vec(), "HDF5"),
    ] {
        let opened = open_bytes("x.mat", bytes.clone(), &options()).unwrap_err();
        let read = read_mat_matrix_bytes("x.mat", bytes, "sensor_readings").unwrap_err();
        for error in [opened, read] {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains(words), "{error}");
        }
    }
    let error = read_mat_matrix_bytes("x.mat", b"a note".to_vec(), "x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
}

/// Reads what can be read; nothing may panic, and errors name the file.
fn read_through(opened: Vec<Opened>) {
    let mut chunk = Chunk::default();
    for mut opened in opened {
        let mut samples = 0;
        while opened.read(&mut chunk).unwrap() {
            samples += chunk.parts[0].len();
            assert!(samples < 1_000_000);
        }
    }
}

#[test]
fn damaged_files() {
    let mut random = Random(7);
    for name in
        ["motion.mat", "motion_plain.mat", "types.mat", "types_plain.mat", "big_endian.mat", "version4.mat"]
    {
        let whole = content(name);
        let names = ["sensor_readings", "labels", "w"];
        let look = |bytes: &[u8]| {
            for variable in [Some("sensor_readings".to_owned()), None] {
                match open_bytes("x.mat", bytes.to_vec(), &ReadOptions { variable, ..options() }) {
                    Ok(opened) => read_through(opened),
                    Err(error) => assert!(error.to_string().contains("x.mat"), "{error}"),
                }
            }
            for variable in names {
                if let Ok(matrix) = read_mat_matrix_bytes("x.mat", bytes.to_vec(), variable) {
                    assert_eq!(matrix.values.len(), matrix.rows * matrix.columns);
                    assert!(matrix.values.len() <= bytes.len() * 1100);
                }
            }
        };
        for len in (0..whole.len()).step_by(whole.len() / 100 + 1) {
            look(&whole[..len]);
        }
        for _ in 0..150 {
            look(&damage(&whole, &mut random));
        }
        // Every bit of the first tags.
        for bit in 124 * 8..whole.len().min(256) * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            look(&bytes);
        }
    }
    let cut = &content("motion_plain.mat")[..2000];
    let error = read_mat_matrix_bytes("x.mat", cut.to_vec(), "sensor_readings").unwrap_err();
    assert!(error.to_string().contains("x.mat, variable `sensor_readings`"), "{error}");
    assert!(error.to_string().contains("cut short"), "{error}");
}

/// An array of so many doubles, of which none are there.
fn claims(rows: u32, columns: u32, len: u32, packed: bool) -> Vec<u8> {
    let element = |kind: u32, len: u32| [kind.to_le_bytes(), len.to_le_bytes()].concat();
    let mut array = [element(6, 8), 6u64.to_le_bytes().to_vec(), element(5, 8)].concat();
    array.extend([rows.to_le_bytes(), columns.to_le_bytes()].concat());
    array.extend([element(1, 1), b"x\0\0\0\0\0\0\0".to_vec(), element(9, len)].concat());
    let array = [element(14, u32::MAX), array].concat();
    let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
    bytes.resize(124, b' ');
    bytes.extend(b"\0\x01IM");
    if packed {
        use std::io::Write as _;
        let mut to = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        to.write_all(&array).unwrap();
        to.write_all(&vec![0; 1 << 20]).unwrap();
        let packed = to.finish().unwrap();
        bytes.extend([element(15, packed.len() as u32), packed].concat());
    } else {
        bytes.extend(array);
    }
    bytes
}

#[test]
fn claims_take_no_memory() {
    for packed in [false, true] {
        let error = |rows, columns, len| {
            read_mat_matrix_bytes("x.mat", claims(rows, columns, len, packed), "x").unwrap_err().to_string()
        };
        assert!(error(u32::MAX, u32::MAX, u32::MAX).contains("larger than 1 GiB"));
        assert!(error(1 << 26, 4, 1 << 31).contains("larger than 1 GiB"));
        assert!(error(100, 3, 2000).contains("2000 bytes for 100 x 3 numbers; expected 2400 bytes"));
        let large = error(1 << 24, 4, 1 << 29);
        assert!(large.contains(if packed { "decompression bomb" } else { "cut short" }), "{large}");
    }
}
