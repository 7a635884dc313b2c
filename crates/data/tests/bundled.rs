//! The bundled recordings are the published ones, and a damaged file is refused.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{
    Availability, DataError, HAPT_SHA256, OFFICIAL_TEST_SUBJECTS, content_hash, lookup, open_folder,
    read_hapt_parquet, summarise, verify,
};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::levelling::level;
use ambulo_signal::{Channel, Preprocessing};
use common::{
    NAMES, acceleration, angular_velocity, bundled, codes, cut, inertial_signals, recordings, with_samples,
};
use parquet::data_type::{ByteArrayType, Int32Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/hapt/hapt.parquet");

fn official_test() -> BTreeSet<PersonId> {
    OFFICIAL_TEST_SUBJECTS.into_iter().map(PersonId::from).collect()
}

#[test]
fn the_content_is_the_published_one() {
    let dataset = bundled();
    assert_eq!(dataset.sha256, HAPT_SHA256);
    assert_eq!(content_hash(recordings(dataset)).unwrap(), HAPT_SHA256);
    let verification = verify(dataset).unwrap();
    assert_eq!(verification.matches(), Some(true));
    assert_eq!(lookup("hapt").unwrap().availability, Availability::Bundled);
}

#[test]
fn one_changed_count_or_label_changes_the_hash() {
    let mut dataset = bundled().clone();
    let ambulo_data::Content::Recordings(all) = &mut dataset.content else { panic!() };
    let published = all[60].clone();
    all[60] = with_samples(&published, |_, turning| turning[7][2] += 0.000_305_432_6);
    assert_eq!(verify(&dataset).unwrap().matches(), Some(false));
    assert!(matches!(verify(&dataset).unwrap().check(), Err(DataError::HashMismatch { .. })));
    let ambulo_data::Content::Recordings(all) = &mut dataset.content else { panic!() };
    all[60] = published;
    assert_eq!(verify(&dataset).unwrap().matches(), Some(true));
    for label in ["lie_to_stand", "running"] {
        let ambulo_data::Content::Recordings(all) = &mut dataset.content else { panic!() };
        let mut labels = recordings(bundled())[0].labels.clone();
        labels[3].label = label.into();
        all[0].labels = labels;
        assert_eq!(verify(&dataset).unwrap().matches(), Some(false));
    }
}

#[test]
fn people_experiments_and_samples_are_complete() {
    let all = recordings(bundled());
    assert!(all.iter().map(|r| r.name.clone()).eq((1..=61).map(|n| n.to_string())));
    assert_eq!(bundled().subjects(), (1..=30).map(PersonId::from).collect());
    assert_eq!(all.iter().map(|r| acceleration(r).len()).sum::<usize>(), 1_122_772);
    for r in all {
        assert_eq!(angular_velocity(r).len(), acceleration(r).len());
        assert_eq!(r.rate_hz(), Some(50.0));
        assert!(r.labels.windows(2).all(|pair| pair[0].end_ns <= pair[1].start_ns));
        assert!(r.labels.last().unwrap().end_ns <= acceleration(r).len() as i64 * 20_000_000);
    }
}

#[test]
fn the_first_sample_is_the_published_one_in_g_and_rad_per_s() {
    let first = &recordings(bundled())[0];
    assert_eq!(acceleration(first)[0], [661.0 / 720.0, -81.0 / 720.0, 367.0 / 720.0]);
    let expected = [-180.0, -228.0, -101.0].map(|count: f64| count * 17.5e-3_f64.to_radians());
    for (found, expected) in angular_velocity(first)[0].into_iter().zip(expected) {
        assert!((f64::from(found) - expected).abs() < 1e-8, "{found} {expected}");
    }
}

#[test]
fn the_summary_counts_samples_per_activity_and_person() {
    let summary = summarise(bundled(), 128, 64).unwrap();
    let activities = summary.activities();
    let samples = NAMES.map(|name| activities[name].samples);
    let labelled =
        [122_091, 116_707, 107_961, 126_677, 138_105, 136_865, 10_316, 8_029, 12_428, 11_150, 14_418, 10_867];
    assert_eq!(samples, labelled);
    assert_eq!(activities["unlabelled"].samples, 1_122_772 - 815_614);
    assert_eq!(activities.len(), 13);
    assert_eq!((summary.recordings, summary.subjects.len(), summary.total().samples), (61, 30, 1_122_772));
    assert!((summary.total().seconds - 22_455.44).abs() < 1e-6);
    let six: u64 = NAMES[..6].iter().map(|&name| activities[name].windows).sum();
    assert_eq!(six, 7_415 + 2_996);
    assert_eq!(activities["unlabelled"].windows, 0);
    assert_eq!(bundled().info.activities, NAMES);
}

#[test]
fn windows_per_class_are_those_on_record() {
    let p = Preprocessing { channels: Channel::INERTIAL.to_vec(), ..Preprocessing::default() };
    let all = cut(bundled(), &p, &LabelSet::six(), &bundled().subjects()).unwrap();
    let test = all.filter(&official_test());
    let train = all.filter(&(&bundled().subjects() - &official_test()));
    assert_eq!((train.len(), test.len()), (7_415, 2_996));
    assert_eq!(test.class_counts(6), [496, 471, 420, 508, 556, 545]);
    assert_eq!(train.class_counts(6), [1_226, 1_073, 987, 1_293, 1_423, 1_413]);
    let x = test.input(&p).unwrap();
    assert_eq!(x.len(), 2_996 * 128 * 9);
    assert_eq!(test.subjects(), official_test());

    let n = x.len() as f64;
    let mean = x.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let sd = (x.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!((mean - 0.1000).abs() < 5e-5 && (sd - 0.3937).abs() < 5e-5, "mean {mean}, sd {sd}");
}

#[test]
fn windows_of_twelve_activities_are_those_on_record() {
    let p = Preprocessing { channels: vec![Channel::INERTIAL[0]], ..Preprocessing::default() };
    let all = cut(bundled(), &p, &LabelSet::twelve(), &bundled().subjects()).unwrap();
    // Counted from the labels alone: windows within segments, and one for each transition of 64 to 127 samples.
    let mut expected = [0; 12];
    for recording in recordings(bundled()) {
        for run in codes(recording).chunk_by(|a, b| a == b) {
            let Some(class) = run[0].checked_sub(1) else { continue };
            expected[usize::from(class)] += match run.len() {
                n if n >= 128 => (n - 128) / 64 + 1,
                64..128 if class >= 6 => 1,
                _ => 0,
            };
        }
    }
    assert_eq!(all.class_counts(12), expected);
    assert_eq!(expected, PINNED_TWELVE);
}

const PINNED_TWELVE: [usize; 12] = [1_722, 1_544, 1_407, 1_801, 1_979, 1_958, 77, 62, 107, 87, 139, 86];

#[test]
fn a_folder_with_the_parquet_file_is_recognised() {
    let folder = Path::new(FILE).parent().unwrap();
    assert_eq!(open_folder(folder).unwrap().sha256, HAPT_SHA256);
}

fn refused(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    match read_hapt_parquet(file.path()) {
        Err(error @ DataError::Parquet { .. }) => error.to_string(),
        Err(error) => panic!("unexpected error {error}"),
        Ok(_) => panic!("accepted"),
    }
}

#[test]
fn a_truncated_file_is_refused() {
    let bytes = std::fs::read(FILE).unwrap();
    for length in [0, 3, 100, bytes.len() / 2, bytes.len() - 1] {
        let message = refused(&bytes[..length]);
        assert!(message.contains("convert.py"), "{message}");
    }
    // The end intact and the middle gone: the footer points past its data.
    refused(&[&bytes[..1000], &bytes[bytes.len() - 8000..]].concat());
}

#[test]
fn a_changed_byte_is_refused_or_changes_the_hash() {
    let bytes = std::fs::read(FILE).unwrap();
    // The footer, where damage is likeliest to mislead the reader.
    for place in (bytes.len() - 3000..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[place] ^= 0x55;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &changed).unwrap();
        // An error or a data set, but no panic; what is read is checked by its hash.
        if let Ok(dataset) = read_hapt_parquet(file.path()) {
            assert_eq!(dataset.info.name, "hapt");
        }
    }
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 0x10;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &changed).unwrap();
    let accepted = read_hapt_parquet(file.path()).is_ok_and(|dataset| dataset.sha256 == HAPT_SHA256);
    assert!(!accepted);
}

const FACTS: [(&str, &str); 5] = [
    ("rate_hz", "50"),
    ("acc_unit", "g"),
    ("acc_scale", "1/720"),
    ("gyro_unit", "rad/s"),
    ("gyro_scale", "0.00030543261909900764"),
];

/// A file of three rows with these columns of type `kind`, the last one text if `text`.
fn file(columns: &str, rows: &[[i32; 9]], facts: &[(&str, &str)]) -> Vec<u8> {
    let kv = facts
        .iter()
        .map(|&(k, v)| parquet::file::metadata::KeyValue::new(k.to_owned(), v.to_owned()))
        .collect();
    let properties = WriterProperties::builder().set_key_value_metadata(Some(kv)).build();
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {columns} }}")).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut index = 0;
    while let Some(mut column) = group.next_column().unwrap() {
        let values: Vec<i32> = rows.iter().map(|row| row[index.min(8)]).collect();
        let levels = vec![1; rows.len()];
        if columns.split(';').nth(index).unwrap().contains("binary") {
            let text: Vec<_> = values.iter().map(|v| v.to_string().as_str().into()).collect();
            column.typed::<ByteArrayType>().write_batch(&text, None, None).unwrap();
        } else {
            column.typed::<Int32Type>().write_batch(&values, Some(&levels), None).unwrap();
        }
        column.close().unwrap();
        index += 1;
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

const COLUMNS: [&str; 9] =
    ["subject", "experiment", "acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z", "activity"];

fn columns(change: impl Fn(&str) -> String) -> String {
    COLUMNS.iter().map(|name| change(name)).collect()
}

#[test]
fn a_file_of_another_shape_is_refused_with_the_reason() {
    let row = [1, 1, 720, 0, 0, 0, 0, 0, 4];
    let required = |name: &str| format!("required int32 {name};");
    let good = file(&columns(required), &[row; 3], &FACTS);
    let readable = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(readable.path(), &good).unwrap();
    let dataset = read_hapt_parquet(readable.path()).unwrap();
    assert_eq!(acceleration(&recordings(&dataset)[0])[2], [1.0, 0.0, 0.0]);

    let message = refused(&file(&columns(|n| required(&n.replace("gyro_z", "gyro_w"))), &[row; 3], &FACTS));
    assert!(message.contains("gyro_w"), "{message}");
    let text = |n: &str| if n == "activity" { format!("required binary {n};") } else { required(n) };
    let message = refused(&file(&columns(text), &[row; 3], &FACTS));
    assert!(message.contains("column activity does not hold INT32"), "{message}");
    let message = refused(&file(&columns(|n| format!("optional int32 {n};")), &[row; 3], &FACTS));
    assert!(message.contains("column subject may hold nulls"), "{message}");
    let message = refused(&file(&columns(required), &[row; 3], &FACTS[1..]));
    assert!(message.contains("`rate_hz` should be `50`, found `nothing`"), "{message}");
    let mut metres = FACTS;
    metres[2].1 = "9.80665/720";
    assert!(refused(&file(&columns(required), &[row; 3], &metres)).contains("acc_scale"));

    for (column, value, expected) in
        [(8, 13, "13 is no activity"), (2, 40_000, "40000 is no 16-bit count"), (0, 0, "subject 0")]
    {
        let mut rows = [row; 3];
        rows[1][column] = value;
        let message = refused(&file(&columns(required), &rows, &FACTS));
        assert!(message.contains(expected), "{message}");
    }
    let mut rows = [row; 3];
    rows[1][1] = 2;
    assert!(refused(&file(&columns(required), &rows, &FACTS)).contains("do not follow one another"));
    assert!(refused(&file(&columns(required), &[], &FACTS)).contains("no rows"));
}

#[test]
fn every_recording_has_a_vertical_which_is_that_of_its_wearer_walking() {
    let p = Preprocessing::default();
    let mut angles = Vec::new();
    let official = official_test();
    for recording in recordings(bundled()) {
        let signals = inertial_signals(&p, recording);
        let level = level(&signals, p.rate_hz, [1.0, 0.0, 0.0]).unwrap();
        // The labels of the official test people are not for looking at.
        if official.contains(&recording.person) {
            continue;
        }
        let mut sum = [0f64; 3];
        for (row, _) in signals.iter().zip(codes(recording)).filter(|(_, label)| *label == 1) {
            let row = level.apply([row[0], row[1], row[2]]);
            sum.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(v));
        }
        let length = sum.iter().map(|s| s * s).sum::<f64>().sqrt();
        if length > 0.0 {
            angles.push((sum[0] / length).acos().to_degrees());
        }
    }
    angles.sort_by(f64::total_cmp);
    assert_eq!(angles.len(), 42);
    assert!(angles[41] < 2.5 && angles[21] < 0.7, "{angles:.1?}");
}
