//! Empatica's recordings, and its files that are none.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, Format, ReadOptions, open};
use ambulo_signal::{FindingKind, Sensor, Source, Start, Unit};
use common::{Random, Whole, bytes, damage, file, named, read, samples, write_new};
use std::io::Write;

const START_S: i64 = 1_709_629_200;
const START_NS: i64 = START_S * 1_000_000_000;

fn whole(content: &[u8]) -> Whole {
    bytes(content, &ReadOptions::default()).unwrap()
}

fn texts(whole: &Whole) -> Vec<&str> {
    whole.header.findings.iter().map(|finding| finding.text.as_str()).collect()
}

fn e4(rows: usize) -> String {
    let three = |text: &str| format!("{text}, {text}, {text}\n");
    let rows: String = (0..rows).map(|i| format!("{},{},64\n", i % 256, 127 - i as i32 % 256)).collect();
    three(&format!("{START_S}.500000")) + &three("32.000000") + &rows.replace("256", "-128")
}

#[test]
fn acceleration_of_an_e4() {
    let whole = whole(e4(300_000).as_bytes());
    let header = &whole.header;
    assert_eq!(header.start, Start::Utc { utc_ns: START_NS + 500_000_000, offset_s: None });
    assert_eq!((header.sensors[0].unit, header.sensors[0].rate_hz), (Some(Unit::G), Some(32.0)));
    assert!(whole.chunks > 1 && texts(&whole).is_empty() && !header.autocalibrate);
    let part = &whole.parts[0];
    assert_eq!(
        (part.len(), part.times_ns[1], part.times_ns[299_999]),
        (300_000, 31_250_000, 9_374_968_750_000)
    );
    assert_eq!((part.values[0], part.values[255]), ([0.0, 127.0 / 64.0, 1.0], [255.0 / 64.0, -2.0, 1.0]));
    for end in ["\r\n", "\r"] {
        let other = self::whole(e4(40).replace('\n', end).as_bytes());
        assert_eq!((other.parts[0].len(), other.parts[0].values[39]), (40, [39.0 / 64.0, 88.0 / 64.0, 1.0]));
    }
    // A row that is none keeps its time; a last line that was being written is left out.
    let broken = e4(10).replacen("3,124,64", "3,124", 1) + "5,-";
    let other = self::whole(broken.as_bytes());
    assert!(other.parts[0].len() == 10 && other.parts[0].values[3][0].is_nan());
    assert_eq!(other.header.findings[0].kind, FindingKind::Missing);
    assert!(
        texts(&other)[0].contains("first in line 6") && texts(&other)[1].contains("line, 13, is cut"),
        "{:?}",
        texts(&other)
    );
    assert!(self::whole(e4(0).as_bytes()).parts[0].is_empty());
}

#[test]
fn other_files_of_an_e4_are_refused_as_what_they_are() {
    let column = |rate: &str, value: &str| format!("{START_S}.000000\n{rate}\n{value}\n{value}\n");
    for (name, content, what) in [
        ("HR.csv", column("1.000000", "70.25"), "heart rate"),
        ("BVP.csv", column("64.000000", "-0.00"), "blood volume pulse"),
        ("EDA.csv", column("4.000000", "0.31"), "skin conductance"),
        ("TEMP.csv", column("4.000000", "31.2"), "skin temperature"),
        ("x.txt", column("4.000000", "31.2"), "skin conductance or temperature"),
        ("IBI.csv", format!("{START_S}.000000, IBI\n1.5, 0.8\n"), "times between heart beats"),
        ("tags.csv", format!("{START_S}.50\n{START_S}.75\n"), "times without values"),
    ] {
        let error = named(name, content.as_bytes(), &ReadOptions::default()).err().unwrap();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::NotARecording, "{text}");
        assert!(
            text.contains(&format!("{what} of an Empatica E4: no acceleration in it"))
                || name == "tags.csv" && text.contains(what),
            "{text}"
        );
        assert!(text.contains("hint: acceleration is in ACC.csv"), "{text}");
    }
    assert_eq!(named("tags.csv", b"", &ReadOptions::default()).err().unwrap().kind(), ErrorKind::Empty);
}

/// A whole number as in Avro.
fn number(value: i64) -> Vec<u8> {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    let mut bytes = Vec::new();
    while rest > 0x7f {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    [number(text.len() as i64), text.as_bytes().to_vec()].concat()
}

const SCHEMA: &str = r#"{"type": "record", "name": "e.Session", "doc": "long", "fields": [
    {"name": "enrolment", "type": {"type": "record", "name": "Enrolment", "fields": [{"name": "participantID", "type": "string"}]}},
    {"name": "timezone", "type": "int"}, {"name": "deviceSn", "type": ["null", "string"]},
    {"name": "rawData", "type": {"type": "record", "name": "Raw", "fields": [
        {"name": "eda", "type": {"type": "array", "items": "float"}},
        {"name": "gyroscope", "type": {"type": "record", "name": "Imu", "fields": [
            {"name": "timestampStart", "type": "long"}, {"name": "samplingFrequency", "type": "float"},
            {"name": "imuParams", "type": {"type": "record", "name": "ImuParams", "fields": [
                {"name": "physicalMin", "type": ["null", "int"]}, {"name": "physicalMax", "type": ["null", "int"]},
                {"name": "digitalMin", "type": ["null", "int"]}, {"name": "digitalMax", "type": ["null", "int"]},
                {"name": "conversionFactor", "type": ["null", "double"]}]}},
            {"name": "x", "type": {"type": "array", "items": "int"}}, {"name": "y", "type": {"type": "array", "items": "int"}},
            {"name": "z", "type": {"type": "array", "items": "int"}}]}},
        {"name": "accelerometer", "type": "e.Imu"}]}}]}"#;

/// How a sensor's counts are scaled.
#[derive(Clone, Copy)]
enum Scale {
    Range(i64),
    Factor(f64),
}

fn count(sample: usize, axis: usize) -> i64 {
    (sample * 97 + axis * 20_000) as i64 % 65_536 - 32_768
}

fn sensor(start_us: i64, rate: f32, scale: Scale, from: usize, samples: usize) -> Vec<u8> {
    let mut bytes = [number(start_us), rate.to_le_bytes().to_vec()].concat();
    match scale {
        Scale::Range(range) => {
            for value in [-range, range, -32_768, 32_768] {
                bytes.extend([number(1), number(value)].concat());
            }
            bytes.extend(number(0));
        }
        Scale::Factor(factor) => {
            bytes.extend(number(0).repeat(4));
            bytes.extend([number(1), factor.to_le_bytes().to_vec()].concat());
        }
    }
    for axis in 0..3 {
        let items: Vec<u8> = (from..from + samples).flat_map(|i| number(count(i, axis))).collect();
        if samples > 0 && axis == 1 {
            // A block with its length in front.
            bytes.extend([number(-(samples as i64)), number(items.len() as i64), items].concat());
        } else if samples > 0 {
            bytes.extend([number(samples as i64), items].concat());
        }
        bytes.extend(number(0));
    }
    bytes
}

fn session(gyroscope: &[u8], accelerometer: &[u8]) -> Vec<u8> {
    let eda = [number(2), vec![0; 8], number(0)].concat();
    [&text("secret person"), &number(7200), &number(1), &text("987654"), &eda, gyroscope, accelerometer]
        .map(<[u8]>::to_vec)
        .concat()
}

fn container(schema: &str, codec: Option<&str>, blocks: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let sync: Vec<u8> = (100..116).collect();
    let mut bytes = b"Obj\x01".to_vec();
    bytes.extend([number(1 + i64::from(codec.is_some())), text("avro.schema"), text(schema)].concat());
    if let Some(codec) = codec {
        bytes.extend([text("avro.codec"), text(codec)].concat());
    }
    bytes.extend([number(0), sync.clone()].concat());
    for (count, block) in blocks {
        let packed = match codec {
            Some("deflate") => {
                let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
                packer.write_all(block).unwrap();
                packer.finish().unwrap()
            }
            _ => block.clone(),
        };
        bytes.extend([number(*count), number(packed.len() as i64), packed, sync.clone()].concat());
    }
    bytes
}

fn quiet() -> Vec<u8> {
    sensor(0, 0.0, Scale::Range(0), 0, 0)
}

#[test]
fn acceleration_of_an_embraceplus() {
    let accelerometer = |from: usize, n: usize| {
        sensor(START_S * 1_000_000 + from as i64 * 15_625, 64.0, Scale::Range(16), from, n)
    };
    let first = session(&quiet(), &accelerometer(0, 20_000));
    let second = session(&quiet(), &accelerometer(20_000, 10_000));
    for codec in [None, Some("null"), Some("deflate")] {
        for blocks in [
            vec![(1, first.clone()), (1, second.clone())],
            vec![(2, [first.clone(), second.clone()].concat())],
            vec![(0, Vec::new()), (1, first.clone()), (1, second.clone())],
        ] {
            let whole = whole(&container(SCHEMA, codec, &blocks));
            let header = &whole.header;
            assert_eq!(header.start, Start::Utc { utc_ns: START_NS, offset_s: Some(7200) });
            assert_eq!(
                (header.sensors.len(), header.sensors[0].unit, header.sensors[0].rate_hz),
                (1, Some(Unit::G), Some(64.0))
            );
            let said = format!("{header:?}");
            assert!(
                !said.contains("secret") && !said.contains("987654") && header.findings.is_empty(),
                "{said}"
            );
            let part = &whole.parts[0];
            assert!(part.len() == 30_000 && whole.chunks > 3);
            for i in 0..30_000 {
                let value = [0, 1, 2].map(|axis| count(i, axis) as f32 / 2048.0);
                assert_eq!((part.times_ns[i], part.values[i]), (i as i64 * 15_625_000, value), "{i}");
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("any name");
    std::fs::write(&path, container(SCHEMA, None, &[(1, first)])).unwrap();
    let mut opened =
        open(&path, &ReadOptions { identity: true, ..ReadOptions::default() }).unwrap().remove(0);
    assert_eq!((opened.format(), opened.header().identity.len()), (Format::EmbracePlus, 1));
    assert_eq!(opened.header().identity[0].1, "987654");
    let mut chunk = ambulo_signal::Chunk::default();
    opened.read(&mut chunk).unwrap();
    opened.rewind().unwrap();
    assert_eq!(read(opened).unwrap().parts[0].len(), 20_000);
}

#[test]
fn angular_velocity_and_factors() {
    let start_us = START_S * 1_000_000;
    let rotation = sensor(start_us + 3000, 32.0, Scale::Range(1000), 7, 3200);
    let motion = sensor(start_us, 64.0, Scale::Factor(0.001), 0, 6400);
    let whole = whole(&container(SCHEMA, None, &[(1, session(&rotation, &motion))]));
    let units: Vec<_> = whole.header.sensors.iter().map(|s| (s.sensor, s.unit)).collect();
    assert_eq!(
        units,
        [(Sensor::Accelerometer, Some(Unit::G)), (Sensor::Gyroscope, Some(Unit::DegreesPerSecond))]
    );
    assert_eq!((whole.parts[0].len(), whole.parts[1].len()), (6400, 3200));
    assert_eq!((whole.parts[1].times_ns[0], whole.parts[1].times_ns[1]), (3_000_000, 34_250_000));
    assert_eq!(whole.parts[0].values[0], [-32.768, -12.768, 7.232]);
    assert!((f64::from(whole.parts[1].values[0][0]) - count(7, 0) as f64 / 32.768).abs() < 1e-4);
    // A range that rad/s could have as well: asked for.
    let small = sensor(start_us, 64.0, Scale::Range(35), 0, 64);
    let content = container(SCHEMA, None, &[(1, session(&small, &motion))]);
    assert_eq!(bytes(&content, &ReadOptions::default()).unwrap().header.sensors[1].unit, None);
}

#[test]
fn damaged_and_foreign_containers_are_named() {
    let start_us = START_S * 1_000_000;
    let one =
        |i: i64| (1, session(&quiet(), &sensor(start_us + i * 1_000_000, 64.0, Scale::Range(16), 0, 64)));
    let blocks: Vec<_> = (0..4).map(one).collect();
    let content = container(SCHEMA, None, &blocks);
    let fails = |content: &[u8]| bytes(content, &ReadOptions::default()).err().unwrap();
    // The second block loses its mark: with it goes the third, whose mark is the next.
    let length = (content.len() - container(SCHEMA, None, &blocks[..2]).len()) / 2;
    let mut broken = content.clone();
    let second = content.len() - 3 * length;
    broken[second + length - 3] ^= 1;
    let found = whole(&broken);
    assert_eq!((found.parts[0].len(), found.parts[0].times_ns[64]), (128, 3_000_000_000));
    let text = texts(&found)[0];
    assert!(
        text.starts_with(&format!(
            "1 damaged blocks or records skipped, the first is block 1 (byte {second})"
        )),
        "{text}"
    );
    assert_eq!(found.header.findings[0].first_place.line, Some(1));
    // Cut short.
    let found = whole(&content[..content.len() - 5]);
    assert!(found.parts[0].len() == 192 && texts(&found)[0].contains("block 3"), "{:?}", texts(&found));
    // Records that cannot be right.
    for (accelerometer, word) in [
        (sensor(start_us, f32::NAN, Scale::Range(16), 0, 64), "samplingFrequency NaN"),
        (sensor(start_us, 64.0, Scale::Range(0), 0, 64), "no scale"),
        (sensor(start_us, 64.0, Scale::Factor(f64::INFINITY), 0, 64), "no scale"),
    ] {
        let error = fails(&container(SCHEMA, None, &[(1, session(&quiet(), &accelerometer))]));
        assert!(error.kind() == ErrorKind::Damaged && error.to_string().contains(word), "{error}");
    }
    assert_eq!(fails(&container(SCHEMA, None, &[(1, session(&quiet(), &quiet()))])).kind(), ErrorKind::Empty);
    assert_eq!(fails(&container(SCHEMA, None, &[])).kind(), ErrorKind::Empty);
    for (content, kind, word) in [
        (
            container(r#"{"type": "record", "name": "X", "fields": []}"#, None, &[]),
            ErrorKind::Unsupported,
            "without acceleration",
        ),
        (container(SCHEMA, Some("snappy"), &[]), ErrorKind::Unsupported, "`snappy`"),
        (container("{", None, &[]), ErrorKind::Damaged, "no JSON"),
        (b"Obj\x01\0".to_vec(), ErrorKind::Damaged, "beyond the last byte"),
    ] {
        let error = fails(&content);
        assert!(error.kind() == kind && error.to_string().contains(word), "{error}");
    }
}

#[test]
fn bombs_end_early() {
    // Samples that unpack to a thousand times their size, more than a record may hold.
    let head = session(&quiet(), &sensor(START_S * 1_000_000, 64.0, Scale::Range(16), 0, 0));
    let mut record = head[..head.len() - 3].to_vec();
    record.extend([number(100_000_000), vec![0; 20_000_000]].concat());
    let error =
        bytes(&container(SCHEMA, Some("deflate"), &[(1, record)]), &ReadOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    // Any number of values without a byte.
    let nothing = SCHEMA.replace(r#""items": "float""#, r#""items": "null""#);
    let mut record = [text("a"), number(0), number(0)].concat();
    record.extend(number(i64::MAX));
    let error =
        bytes(&container(&nothing, None, &[(i64::MAX, record)]), &ReadOptions::default()).err().unwrap();
    assert!(error.to_string().contains("more values than bytes"), "{error}");
}

#[test]
fn some_thousand_damaged_files() {
    let rotation = sensor(START_S * 1_000_000, 64.0, Scale::Range(1000), 0, 60);
    let record = session(&rotation, &sensor(START_S * 1_000_000, 64.0, Scale::Range(16), 0, 120));
    let blocks = [(1, record.clone()), (1, record)];
    let files =
        [container(SCHEMA, None, &blocks), container(SCHEMA, Some("deflate"), &blocks), e4(60).into_bytes()];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    let (mut random, mut answered, mut refused) = (Random(23), 0, 0);
    for content in files {
        for _ in 0..1500 {
            let mut broken = damage(&content, &mut random);
            if random.below(4) == 0 && broken.len() > 20 {
                // A number as large as they come.
                let at = random.below(broken.len() - 10);
                broken.splice(at..at + 1, number([i64::MAX, i64::MIN, 1 << 40, -7][random.below(4)]));
            }
            write_new(&path, &broken);
            match open(&path, &ReadOptions::default()) {
                Ok(mut all) => answered += usize::from(read(all.remove(0)).is_ok()),
                Err(error) => {
                    assert!(error.to_string().contains("damaged"), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(answered > 1000 && refused > 500, "{answered} answered, {refused} refused");
}

#[test]
fn shared_samples() {
    let Some((folder, truth)) = samples() else { return };
    for (name, path, samples, last_ns) in [
        ("embraceplus.avro", "embraceplus.avro", 1920, 29_984_375_000),
        ("empatica-e4/", "empatica-e4/ACC.csv", 2272, 70_968_750_000i64),
    ] {
        let sensor = &truth[name]["sensors"][0];
        let whole = file(&folder.join(path), &ReadOptions::default()).unwrap();
        let part = &whole.parts[0];
        assert_eq!((whole.parts.len(), part.len(), part.times_ns[samples - 1]), (1, samples, last_ns));
        for (found, name) in [(part.values[0], "first_g"), (part.values[samples - 1], "last_g")] {
            for axis in 0..3 {
                assert!((f64::from(found[axis]) - sensor[name][axis].as_f64().unwrap()).abs() < 2e-6);
            }
        }
        assert!(
            matches!(whole.header.start, Start::Utc { utc_ns: START_NS, .. }),
            "{:?}",
            whole.header.start
        );
        assert!(texts(&whole).is_empty(), "{:?}", texts(&whole));
    }
    let error = open(folder.join("empatica-e4/HR.csv"), &ReadOptions::default()).err().unwrap();
    assert!(error.to_string().contains("heart rate of an Empatica E4: no acceleration in it"), "{error}");
}
