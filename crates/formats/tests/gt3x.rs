//! ActiGraph archives that the tests write themselves: both layouts, and what is odd or damaged in them.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;
#[path = "common/gt3x.rs"]
mod write;

use ambulo_formats::{ErrorKind, FormatError, Need, ReadOptions, open};
use ambulo_signal::{Finding, FindingKind, Start};
use common::{Random, Whole, bytes, damage, write_new};
use write::{archive, counts, info, pack12, pack16, parameters, record};

/// 2024-03-05 10:00 of a clock.
const MORNING: u32 = 1_709_632_800;
const ZONE: &str = "TimeZone: 01:00:00\r\n";

fn samples(from: usize, n: usize) -> Vec<[i16; 3]> {
    (from..from + n).map(|i| counts(i, 256.0)).collect()
}

/// Records of some seconds of 12 bits.
fn seconds(list: impl IntoIterator<Item = u32>, rate: usize) -> Vec<u8> {
    list.into_iter()
        .flat_map(|s| record(0, MORNING + s, &pack12(&samples(s as usize * rate, rate))))
        .collect()
}

fn log(log: &[u8], info: &str) -> Vec<u8> {
    archive(&[("log.bin", log), ("info.txt", info.as_bytes())], true)
}

fn read(log_bytes: &[u8]) -> Whole {
    read_with(log_bytes, &info("MOS2E1", 31, MORNING, ZONE))
}

fn read_with(log_bytes: &[u8], info: &str) -> Whole {
    bytes(&log(log_bytes, info), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn fails(content: &[u8], kind: ErrorKind, words: &[&str]) {
    let error: FormatError = bytes(content, &ReadOptions::default()).err().unwrap();
    let text = error.to_string();
    assert!(
        error.kind() == kind && words.iter().all(|word| text.contains(word)),
        "{:?} {text}",
        error.kind()
    );
    assert!(!text.contains("MOS2E"), "{text}");
}

fn says<'a>(whole: &'a Whole, kind: FindingKind, words: &[&str]) -> &'a Finding {
    let findings = &whole.header.findings;
    let found = findings.iter().find(|f| f.kind == kind && words.iter().all(|word| f.text.contains(word)));
    found.unwrap_or_else(|| panic!("{findings:?} say nothing of {words:?}"))
}

#[test]
fn samples_of_12_bits_are_those_that_were_packed() {
    // An odd number in each second: half a byte is left over.
    let whole = read(&seconds(0..5, 31));
    let part = &whole.parts[0];
    assert_eq!(part.len(), 155);
    for (i, (value, time)) in part.values.iter().zip(&part.times_ns).enumerate() {
        assert_eq!(value.map(|v| v * 256.0), counts(i, 256.0).map(f32::from), "sample {i}");
        let (second, within) = (i / 31, i % 31);
        assert_eq!(*time, second as i64 * 1_000_000_000 + (within as f64 * 1e9 / 31.0).round() as i64);
    }
    assert_eq!(
        whole.header.start,
        Start::Utc { utc_ns: (i64::from(MORNING) - 3600) * 1_000_000_000, offset_s: Some(3600) }
    );
    assert!(whole.header.findings.is_empty(), "{:?}", whole.header.findings);
    // Both ends of what 12 bits hold.
    let ends = read(&record(0, MORNING, &pack12(&[[2047, -2048, 0], [-1, 1, -2048]])));
    assert_eq!(ends.parts[0].values, [[2047.0 / 256.0, -8.0, 0.0], [-1.0 / 256.0, 1.0 / 256.0, -8.0]]);
}

#[test]
fn samples_of_16_bits_and_a_scale_among_the_parameters() {
    let mut content = record(0x15, MORNING, &parameters(&[(0, 55, 0x0940_0000), (1, 10, 40), (7, 7, 7)]));
    content.extend(record(0x1a, MORNING, &pack16(&samples(0, 40))));
    content.extend(record(0x1a, MORNING + 1, &pack16(&samples(40, 40))));
    content.extend(record(0x1a, MORNING + 2, &[1]));
    let whole = read_with(&content, "Serial Number: XYZ1\r\n");
    assert_eq!(whole.parts[0].values[79].map(|v| v * 256.0), counts(79, 256.0).map(f32::from));
    assert_eq!((whole.parts[0].len(), whole.parts[0].times_ns[1]), (80, 25_000_000));
    assert_eq!(whole.header.start, Start::Local { local_ns: i64::from(MORNING) * 1_000_000_000 });
    fails(
        &log(&seconds(0..2, 30), "Serial Number: XYZ1\r\nSample Rate: 30\r\n"),
        ErrorKind::Damaged,
        &["Acceleration Scale"],
    );
    let comma = read_with(&seconds(0..1, 30), "Acceleration Scale: 128,0\r\nSample Rate: 30\r\n");
    assert_eq!(comma.parts[0].values[7].map(|v| v * 128.0), counts(7, 256.0).map(f32::from));
}

#[test]
fn the_old_layout() {
    let all = samples(0, 300_001);
    let members =
        [("some/Activity.BIN", pack12(&all)), ("some/INFO.txt", info("NEO1", 30, MORNING, "").into_bytes())];
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, content)| (*name, content.as_slice())).collect();
    let whole = bytes(&archive(&members, false), &ReadOptions::default()).unwrap();
    let part = &whole.parts[0];
    assert!(part.len() == 300_001 && whole.chunks > 1);
    for i in [0, 1, 131_071, 131_072, 131_073, 300_000] {
        assert_eq!(
            part.values[i].map(|v| (v * 341.0).round()),
            counts(i, 256.0).map(f32::from),
            "sample {i}"
        );
        assert_eq!(part.times_ns[i], (i as f64 * 1e9 / 30.0).round() as i64);
    }
    assert_eq!(whole.header.start, Start::Local { local_ns: i64::from(MORNING) * 1_000_000_000 });
    let no_rate =
        archive(&[("activity.bin", &pack12(&all[..9])), ("info.txt", b"Serial Number: NEO1\r\n")], true);
    fails(&no_rate, ErrorKind::Needs(Need::Rate), &["Sample Rate"]);
}

#[test]
fn axes_of_one_firmware_are_turned() {
    let content = record(0, MORNING, &pack12(&[[1, 2, 3], [4, 5, 6]]));
    let turned = read_with(&content, &info("MOS2E1", 30, MORNING, "Firmware: 1.6.0\r\n"));
    assert_eq!(turned.parts[0].values[0].map(|v| v * 256.0), [2.0, -1.0, 3.0]);
    assert!(turned.header.conversions.iter().any(|text| text.contains("1.6.0")));
    let other = read_with(&content, &info("TAS1E1", 30, MORNING, "Firmware: 1.6.0\r\n"));
    assert_eq!(other.parts[0].values[0].map(|v| v * 256.0), [1.0, 2.0, 3.0]);
}

#[test]
fn sleep_loss_and_repeats() {
    let mut content = seconds(0..3, 30);
    content.extend(record(3, MORNING + 3, &[8]));
    content.extend(record(3, MORNING + 10, &[9]));
    content.extend(seconds([10, 11, 11, 10, 12, 17], 30));
    let whole = read_with(&content, &info("MOS2E1", 30, MORNING, ZONE));
    let part = &whole.parts[0];
    let starts: Vec<i64> = part.times_ns.iter().step_by(30).map(|time| time / 1_000_000_000).collect();
    assert_eq!(starts, [0, 1, 2, 10, 11, 12, 17]);
    let sleep = says(&whole, FindingKind::Gap, &["idle sleep", "7 s", "1 stretch"]);
    assert_eq!(sleep.first_place.time_s, Some(3.0));
    let lost = says(&whole, FindingKind::Gap, &["4 s are missing"]);
    assert_eq!(lost.first_place.time_s, Some(13.0));
    // Records 0 to 2, two events, 10 and 11; the first repeat is record 7.
    let again = says(&whole, FindingKind::Clock, &["2 seconds", "record 7"]);
    assert_eq!((again.count, again.first_place.line), (2, Some(7)));
    // An hour back is a clock that was set, and left to whoever takes the samples.
    let whole = read_with(&seconds([4000, 4001, 401, 402], 30), &info("MOS2E1", 30, MORNING, ZONE));
    assert_eq!((whole.parts[0].len(), whole.parts[0].times_ns[60]), (120, -3_599_000_000_000));
}

#[test]
fn damaged_records_are_skipped_and_named() {
    let good = seconds(0..40, 30);
    let length = record(0, 0, &pack12(&samples(0, 30))).len();
    // The content of one, the size of another, bytes between, and an end that is missing.
    let mut content = good.clone();
    content[5 * length + 50] ^= 4;
    content[20 * length + 6] = 0xff;
    content.truncate(39 * length + 77);
    content.splice(30 * length..30 * length, *b"\0\0\0what is this\0");
    let whole = read_with(&content, &info("MOS2E1", 30, MORNING, ZONE));
    let part = &whole.parts[0];
    let expected: Vec<i64> = (0..39).filter(|s| ![5, 20].contains(s)).collect();
    let starts: Vec<i64> = part.times_ns.iter().step_by(30).map(|time| time / 1_000_000_000).collect();
    assert_eq!(starts, expected);
    for (second, values) in expected.iter().zip(part.values.chunks(30)) {
        assert_eq!(values[29].map(|v| v * 256.0), counts(*second as usize * 30 + 29, 256.0).map(f32::from));
    }
    let damaged = says(&whole, FindingKind::File, &["2 damaged records", "record 5", "checksum", "expected"]);
    assert!(damaged.text.contains(&format!("byte {}", 5 * length)) && damaged.count == 2, "{}", damaged.text);
    says(&whole, FindingKind::File, &["bytes of log.bin belong to no record"]);
    says(&whole, FindingKind::File, &["ends within the record"]);
    says(&whole, FindingKind::Gap, &["2 s are missing in 2 stretches"]);
}

#[test]
fn long_recordings_are_the_same_however_they_are_cut() {
    // Several blocks; the second file takes the careful way in the block with the damage.
    let good = seconds(0..12_000, 30);
    let length = record(0, 0, &pack12(&samples(0, 30))).len();
    let whole = read_with(&good, &info("MOS2E1", 30, MORNING, ZONE));
    assert!(whole.chunks > 1 && whole.parts[0].len() == 360_000);
    for i in (0..360_000).step_by(997) {
        assert_eq!(whole.parts[0].values[i].map(|v| v * 256.0), counts(i, 256.0).map(f32::from));
    }
    let mut damaged = good;
    damaged[9000 * length + 8] ^= 1;
    let other = read_with(&damaged, &info("MOS2E1", 30, MORNING, ZONE));
    assert_eq!(other.parts[0].values[..270_000], whole.parts[0].values[..270_000]);
    assert_eq!(other.parts[0].values[270_000..], whole.parts[0].values[270_030..]);
    assert_eq!(other.parts[0].times_ns[270_000], 9_001_000_000_000);
    says(&other, FindingKind::File, &["1 damaged records", "record 9000 (from 0)"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let text = info("MOS2E1", 30, MORNING, ZONE);
    let with = |name: &str, content: &[u8]| archive(&[(name, content), ("info.txt", text.as_bytes())], true);
    fails(
        &with("log.bin", &record(6, MORNING, b"{}")),
        ErrorKind::Empty,
        &["no samples", "1 of kind 0x06", "log.bin"],
    );
    fails(&with("log.bin", &record(0, MORNING, &[1])), ErrorKind::Empty, &["no samples"]);
    fails(&with("log.bin", b"nothing here"), ErrorKind::Empty, &["no whole record"]);
    fails(&with("log.bin", b""), ErrorKind::Empty, &["0 bytes"]);
    fails(&with("log.bin", &record(0x1b, MORNING, &[0; 90])), ErrorKind::Unsupported, &["newer", "CSV"]);
    fails(&with("epoch.bin", &[0; 99]), ErrorKind::NotARecording, &["counts", "raw"]);
    let calibrated = |state: &[u8]| {
        let log = seconds(0..2, 30);
        archive(&[("log.bin", &log), ("info.txt", text.as_bytes()), ("calibration.json", state)], true)
    };
    fails(
        &calibrated(b"{\"isCalibrated\": false, \"calibrationMethod\": 2}"),
        ErrorKind::Unsupported,
        &["isCalibrated"],
    );
    assert!(bytes(&calibrated(b"{\"isCalibrated\": true}"), &ReadOptions::default()).is_ok());
    let mut short = with("log.bin", &seconds(0..9, 30));
    short.truncate(1500);
    fails(&short, ErrorKind::Damaged, &["cut short", "byte 1500"]);
}

#[test]
fn clocks_of_metadata() {
    let meta = |text: &str| [record(6, MORNING, text.as_bytes()), seconds(0..2, 30)].concat();
    let utc = "{\"MetadataType\":\"LocalTimeLog\",\"UtcOffset\":\"02:00:00\",\"UsedUtc\":true}";
    let whole = read_with(&meta(utc), &info("MOS2E1", 30, MORNING, ""));
    let ns = i64::from(MORNING) * 1_000_000_000;
    assert_eq!(whole.header.start, Start::Utc { utc_ns: ns, offset_s: Some(7200) });
    let local = "{\"MetadataType\":\"LocalTimeLog\",\"UtcOffset\":\"02:00:00\"}";
    let whole = read_with(&meta(local), &info("MOS2E1", 30, MORNING, ""));
    assert_eq!(whole.header.start, Start::Utc { utc_ns: ns - 7_200_000_000_000, offset_s: Some(7200) });
}

#[test]
fn some_thousand_damaged_archives() {
    let mut random = Random(11);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    let text = info("MOS2E1", 30, MORNING, ZONE);
    let old = archive(&[("activity.bin", &pack12(&samples(0, 300))), ("info.txt", text.as_bytes())], false);
    let mut records = record(0x15, MORNING, &parameters(&[(0, 55, 0x0940_0000)]));
    records.extend(seconds(0..9, 30));
    records.extend(record(0x1a, MORNING + 20, &pack16(&samples(0, 30))));
    let packed = archive(&[("log.bin", &records), ("info.txt", text.as_bytes())], false);
    let (mut answered, mut refused) = (0, 0);
    for round in 0..4000 {
        // The archive, or what is in it.
        let content = match round % 4 {
            0 => damage(&old, &mut random),
            1 => damage(&packed, &mut random),
            2 => log(&damage(&records, &mut random), &text),
            _ => log(&records, &String::from_utf8_lossy(&damage(text.as_bytes(), &mut random))),
        };
        write_new(&path, &content);
        match open(&path, &ReadOptions::default()) {
            Ok(mut all) if !all.is_empty() => match common::read(all.remove(0)) {
                Ok(whole) => {
                    assert!(whole.parts[0].len() <= 10_000);
                    answered += 1;
                }
                Err(error) => assert!(error.to_string().contains("damaged"), "{error}"),
            },
            Ok(_) => panic!("nothing, and no error"),
            Err(error) => {
                assert!(error.to_string().contains("damaged"), "{error}");
                refused += 1;
            }
        }
    }
    assert!(answered > 1000 && refused > 300, "{answered} answered, {refused} refused");
}

#[test]
fn marks_everywhere_take_no_time() {
    // Each byte could begin a record, of 7,710 bytes: nothing may be looked at again and again.
    let text = info("MOS2E1", 30, MORNING, ZONE);
    let mut content = seconds(0..3, 30);
    content.extend(vec![0x1e; 8 << 20]);
    content.extend(seconds(5..7, 30));
    let whole = read_with(&content, &text);
    assert!(whole.parts[0].len() >= 90);
}
