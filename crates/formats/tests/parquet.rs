//! Parquet files, written here.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, Format, Need, ReadOptions, open};
use ambulo_signal::{Sensor, Start, Unit};
use common::{Random, Whole, bytes, damage, write_new};
use parquet::basic::{Compression, GzipLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

enum Column {
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Float(Vec<Option<f32>>),
    Double(Vec<Option<f64>>),
    Text(Vec<Option<String>>),
}

fn split<T: Clone>(values: &[Option<T>]) -> (Vec<T>, Vec<i16>) {
    (values.iter().flatten().cloned().collect(), values.iter().map(|v| i16::from(v.is_some())).collect())
}

fn write(schema: &str, groups: &[Vec<Column>], compression: Compression, facts: &[(&str, &str)]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message recording {{ {schema} }}")).unwrap());
    let facts = facts.iter().map(|(k, v)| KeyValue::new((*k).to_owned(), (*v).to_owned())).collect();
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_data_page_row_count_limit(700)
        .set_write_batch_size(100)
        .set_key_value_metadata(Some(facts))
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for group in groups {
        let mut open = writer.next_row_group().unwrap();
        for column in group {
            let mut out = open.next_column().unwrap().unwrap();
            match column {
                Column::Int32(all) => {
                    let (values, levels) = split(all);
                    out.typed::<Int32Type>().write_batch(&values, Some(&levels), None).unwrap();
                }
                Column::Int64(all) => {
                    let (values, levels) = split(all);
                    out.typed::<Int64Type>().write_batch(&values, Some(&levels), None).unwrap();
                }
                Column::Float(all) => {
                    let (values, levels) = split(all);
                    out.typed::<FloatType>().write_batch(&values, Some(&levels), None).unwrap();
                }
                Column::Double(all) => {
                    let (values, levels) = split(all);
                    out.typed::<DoubleType>().write_batch(&values, Some(&levels), None).unwrap();
                }
                Column::Text(all) => {
                    let (values, levels) = split(all);
                    let values: Vec<ByteArray> =
                        values.iter().map(|text| ByteArray::from(text.as_str())).collect();
                    out.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
                }
            }
            out.close().unwrap();
        }
        open.close().unwrap();
    }
    writer.into_inner().unwrap()
}

const NOON_MS: i64 = 1_709_629_200_000;
const SCHEMA: &str = "OPTIONAL BYTE_ARRAY note (UTF8); OPTIONAL INT64 time (TIMESTAMP(MILLIS,true)); OPTIONAL FLOAT acc_x_g; \
                      OPTIONAL DOUBLE acc_y_g; OPTIONAL INT32 acc_z_g;";

fn walk(compression: Compression) -> Vec<u8> {
    let group = |from: i64, n: i64| {
        vec![
            Column::Text((0..n).map(|i| (i % 3 > 0).then(|| format!("note {i}"))).collect()),
            Column::Int64((from..from + n).map(|i| (i != 7).then_some(NOON_MS + i * 20)).collect()),
            Column::Float((from..from + n).map(|i| (i % 5 > 0).then_some(i as f32 * 0.5)).collect()),
            Column::Double((from..from + n).map(|i| Some(i as f64 * 0.1)).collect()),
            Column::Int32((from..from + n).map(|i| Some(-i as i32)).collect()),
        ]
    };
    write(SCHEMA, &[group(0, 20_000), group(20_000, 0), group(20_000, 900)], compression, &[])
}

fn check(whole: &Whole) {
    let part = &whole.parts[0];
    assert!(part.len() == 20_900 && whole.chunks >= 3);
    for (i, (time, value)) in part.times_ns.iter().zip(&part.values).enumerate() {
        assert_eq!(*time, i as i64 * 20_000_000);
        assert!(value[0].is_nan() == (i % 5 == 0) && (value[0].is_nan() || value[0] == i as f32 * 0.5));
        assert_eq!(value[1..], [(i as f64 * 0.1) as f32, -(i as f32)]);
    }
    assert_eq!(whole.header.start, Start::Utc { utc_ns: NOON_MS * 1_000_000, offset_s: Some(0) });
    assert_eq!(whole.header.sensors[0].unit, Some(Unit::G));
    assert!(whole.header.findings[0].text.contains("row 8"), "{:?}", whole.header.findings);
}

#[test]
fn columns_groups_nulls_and_codecs() {
    let options = ReadOptions::default();
    for compression in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(GzipLevel::default())]
    {
        check(&bytes(&walk(compression), &options).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("walk.csv");
    std::fs::write(&path, walk(Compression::SNAPPY)).unwrap();
    let mut opened = open(&path, &options).unwrap().remove(0);
    assert!(opened.format() == Format::Parquet && opened.because().contains("PAR1"));
    // Half of it, and then all of it.
    ambulo_signal::Source::read(&mut opened, &mut ambulo_signal::Chunk::default()).unwrap();
    ambulo_signal::Source::rewind(&mut opened).unwrap();
    check(&common::read(opened).unwrap());
}

#[test]
fn times_of_several_types() {
    let options = ReadOptions::default();
    let times = |schema: &str, column: Column| {
        let axes = (0..3).map(|_| Column::Float(vec![Some(1.0), Some(2.0)]));
        let columns = std::iter::once(column).chain(axes).collect();
        let schema = format!("OPTIONAL {schema}; OPTIONAL FLOAT x; OPTIONAL FLOAT y; OPTIONAL FLOAT z;");
        let whole = bytes(&write(&schema, &[columns], Compression::UNCOMPRESSED, &[]), &options).unwrap();
        assert_eq!(whole.parts[0].times_ns[0], 0);
        (whole.header.start, whole.parts[0].times_ns[1])
    };
    let utc = |utc_ns, offset_s| Start::Utc { utc_ns, offset_s };
    let noon = NOON_MS * 1_000_000;
    let two = |a: i64, b: i64| Column::Int64(vec![Some(a), Some(b)]);
    let step = 20_000_000;
    assert_eq!(
        times("INT64 at (TIMESTAMP(NANOS,false))", two(noon, noon + 1)),
        (Start::Local { local_ns: noon }, 1)
    );
    assert_eq!(
        times("INT64 index (TIMESTAMP(MICROS,true))", two(noon / 1000, noon / 1000 + 7)),
        (utc(noon, Some(0)), 7000)
    );
    assert_eq!(times("INT64 time", two(noon, noon + step + 1)), (utc(noon, None), step + 1));
    assert_eq!(times("INT64 timestamp", two(5_000_000_000, 5_020_000_000)), (Start::Unknown, step));
    assert_eq!(times("DOUBLE time", Column::Double(vec![Some(0.5), Some(0.52)])), (Start::Unknown, step));
    let text = Column::Text(
        ["2024-03-05T10:00:00+01:00", "2024-03-05T10:00:00.02+01:00"].map(|t| Some(t.to_owned())).to_vec(),
    );
    assert_eq!(times("BYTE_ARRAY time (UTF8)", text), (utc(noon, Some(3600)), step));
}

#[test]
fn questions_and_refusals() {
    let options = ReadOptions::default();
    let axes = || (0..6).map(|i| Column::Int32(vec![Some(i), Some(i + 1)])).collect();
    let schema = "OPTIONAL INT32 ax; OPTIONAL INT32 ay; OPTIONAL INT32 az; OPTIONAL INT32 gx; OPTIONAL INT32 gy; OPTIONAL INT32 gz;";
    let no_time = write(schema, &[axes()], Compression::UNCOMPRESSED, &[]);
    let error = bytes(&no_time, &options).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Needs(Need::Rate), "{error}");
    let rate = ReadOptions { rate_hz: Some(100.0), ..ReadOptions::default() };
    let whole = bytes(&no_time, &rate).unwrap();
    assert!(whole.parts[0].times_ns == [0, 10_000_000] && whole.parts[1].values[1] == [4.0, 5.0, 6.0]);
    assert_eq!(whole.header.sensors[1].sensor, Sensor::Gyroscope);
    let stated = write(schema, &[axes()], Compression::UNCOMPRESSED, &[("rate_hz", "50")]);
    assert_eq!(bytes(&stated, &options).unwrap().parts[0].times_ns, [0, 20_000_000]);
    let empty = write(schema, &[], Compression::UNCOMPRESSED, &[]);
    assert_eq!(bytes(&empty, &options).err().unwrap().kind(), ErrorKind::Empty);
    let text = "OPTIONAL INT64 time; OPTIONAL BYTE_ARRAY x (UTF8); OPTIONAL FLOAT y; OPTIONAL FLOAT z;";
    let columns = vec![
        Column::Int64(vec![Some(0), Some(20)]),
        Column::Text(vec![Some("1".to_owned()), Some("2".to_owned())]),
        Column::Float(vec![Some(1.0); 2]),
        Column::Float(vec![Some(1.0); 2]),
    ];
    let error = bytes(&write(text, &[columns], Compression::UNCOMPRESSED, &[]), &options).err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::Damaged | ErrorKind::Needs(Need::Columns)), "{error}");
    assert_eq!(bytes(b"PAR1", &options).err().unwrap().kind(), ErrorKind::Damaged);
}

#[test]
fn damaged_files_are_refused_or_read_but_never_believed() {
    let small = |compression| {
        let group = vec![
            Column::Text((0..300).map(|i| Some(format!("note {}", i % 4))).collect()),
            Column::Int64((0..300).map(|i| Some(NOON_MS + i * 20)).collect()),
            Column::Float((0..300).map(|i| (i % 5 > 0).then_some(i as f32)).collect()),
            Column::Double((0..300).map(|i| Some(f64::from(i % 7))).collect()),
            Column::Int32((0..300).map(Some).collect()),
        ];
        write(SCHEMA, &[group], compression, &[])
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    let mut random = Random(7);
    let (mut read, mut refused) = (0, 0);
    for (compression, rounds) in [
        (Compression::UNCOMPRESSED, 800),
        (Compression::SNAPPY, 800),
        (Compression::GZIP(GzipLevel::default()), 300),
    ] {
        let whole = small(compression);
        for _ in 0..rounds {
            write_new(&path, &damage(&whole, &mut random));
            match open(&path, &ReadOptions::default()) {
                Ok(mut all) => match common::read(all.remove(0)) {
                    Ok(_) => read += 1,
                    Err(_) => refused += 1,
                },
                Err(_) => refused += 1,
            }
        }
    }
    assert!(read > 50 && refused > 300, "{read} read, {refused} refused");
}
