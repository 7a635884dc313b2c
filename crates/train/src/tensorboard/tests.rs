//! Byte for byte what tensorboardX writes, and files that were cut off anywhere.

use super::*;
use std::path::Path;

/// Written by `make_tensorboard.py`.
const FIXTURE: &[u8] = include_bytes!("../../tests/fixtures/tensorboard.tfevents");
const START: f64 = 1_700_000_000.25;

fn scalars() -> Vec<(&'static str, u64, f32, f64)> {
    vec![
        ("train/loss", 0, 1.75, START + 0.5),
        ("train/loss", 1, 1.25, START + 1.0),
        ("validation/macro_f1", 1, 0.9, START + 1.0),
        ("learning_rate", 127, 1e-8, START + 2.0),
        ("learning_rate", 128, 0.0, START + 2.5),
        ("größe", 1_000_000_000_000, f32::MIN, START + 3.0),
    ]
}

fn write_fixture(dir: &Path) -> PathBuf {
    let mut writer = EventWriter::create(dir, START).unwrap();
    for (tag, step, value, wall_time) in scalars() {
        writer.scalar(tag, step, value, wall_time).unwrap();
    }
    writer.flush().unwrap();
    writer.path().to_owned()
}

/// Lengths of the fixture after each of its seven records.
fn ends() -> Vec<usize> {
    let mut ends = vec![0];
    while let Some(record) = record::first(&FIXTURE[ends[ends.len() - 1]..]) {
        ends.push(ends[ends.len() - 1] + record.framed_len);
    }
    assert_eq!(ends.len(), 8);
    assert_eq!(ends[7], FIXTURE.len());
    ends
}

#[test]
fn checksums_agree_with_rfc_3720() {
    // Appendix B.4 (there in network byte order), and the check value of the CRC catalogue.
    assert_eq!(crc32c::crc32c(b"123456789"), 0xE306_9283);
    assert_eq!(crc32c::crc32c(&[0; 32]), 0x8A91_36AA);
    assert_eq!(crc32c::crc32c(&[0xFF; 32]), 0x62A8_AB43);
    let up: Vec<u8> = (0..32).collect();
    let down: Vec<u8> = (0..32).rev().collect();
    assert_eq!(crc32c::crc32c(&up), 0x46DD_794E);
    assert_eq!(crc32c::crc32c(&down), 0x113F_DB5C);
    assert_eq!(crc32c::crc32c(&[]), 0);
}

#[test]
fn the_file_is_what_tensorboardx_writes() {
    let dir = tempfile::tempdir().unwrap();
    let path = write_fixture(dir.path());
    assert_eq!(path.file_name().unwrap(), "events.out.tfevents.1700000000.ambulo");
    assert_eq!(fs::read(&path).unwrap(), FIXTURE);
    assert_eq!(EventWriter::find(dir.path()).unwrap(), Some(path));
}

#[test]
fn a_file_cut_anywhere_continues_to_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    // The time in the name has no fraction: cut inside the first record, the version event is written with
    // it.
    let path = dir.path().join("events.out.tfevents.1700000000.ambulo");
    let ends = ends();
    for cut in 0..=FIXTURE.len() {
        fs::write(&path, &FIXTURE[..cut]).unwrap();
        let mut writer = EventWriter::open_truncated(&path, u64::MAX).unwrap();
        // Whole records survive; the rest is written again.
        let whole = ends.iter().rposition(|&end| end <= cut).unwrap().max(1);
        for (tag, step, value, wall_time) in scalars().split_off(whole - 1) {
            writer.scalar(tag, step, value, wall_time).unwrap();
        }
        writer.flush().unwrap();
        let found = fs::read(&path).unwrap();
        assert_eq!(&found[ends[1]..], &FIXTURE[ends[1]..], "cut at {cut}");
        let version = record::first(&found).unwrap();
        let seconds = if cut < ends[1] { START.floor() } else { START };
        assert_eq!(version.payload, event::version(seconds), "cut at {cut}");
    }
}

#[test]
fn steps_after_the_resumed_one_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = write_fixture(dir.path());
    drop(EventWriter::open_truncated(&path, 127).unwrap());
    assert_eq!(fs::read(&path).unwrap(), &FIXTURE[..ends()[5]]);
    drop(EventWriter::open_truncated(&path, 0).unwrap());
    assert_eq!(fs::read(&path).unwrap(), &FIXTURE[..ends()[2]]);
}

#[test]
fn events_between_kept_ones_can_be_removed_by_tag() {
    let dir = tempfile::tempdir().unwrap();
    let path = write_fixture(dir.path());
    drop(EventWriter::open_retaining(&path, |step, tag| step < 1 || tag != "train/loss").unwrap());
    let ends = ends();
    assert_eq!(fs::read(&path).unwrap(), [&FIXTURE[..ends[2]], &FIXTURE[ends[3]..]].concat());
}

#[test]
fn a_flipped_bit_ends_the_file_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = write_fixture(dir.path());
    let ends = ends();
    for position in ends[3]..ends[4] {
        let mut bytes = FIXTURE.to_vec();
        bytes[position] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        drop(EventWriter::open_truncated(&path, u64::MAX).unwrap());
        assert_eq!(fs::read(&path).unwrap(), &FIXTURE[..ends[3]], "bit flipped in byte {position}");
    }
}

#[test]
fn a_tail_of_zeros_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = write_fixture(dir.path());
    fs::write(&path, [FIXTURE, &[0; 512]].concat()).unwrap();
    drop(EventWriter::open_truncated(&path, u64::MAX).unwrap());
    assert_eq!(fs::read(&path).unwrap(), FIXTURE);
}

#[test]
fn another_kind_of_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    let no_version = record::frame(&event::scalar("a", 1, 0.0, 0.0));
    for content in [b"these are my notes".as_slice(), &no_version] {
        fs::write(&path, content).unwrap();
        let result = EventWriter::open_truncated(&path, 3);
        assert!(matches!(result, Err(EventFileError::NotAnEventFile { .. })), "{result:?}");
        assert_eq!(fs::read(&path).unwrap(), content);
    }
    let missing = EventWriter::open_truncated(&dir.path().join("missing"), 3).unwrap_err();
    assert!(missing.to_string().contains("missing"), "{missing}");
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = write_fixture(dir.path());
    let result = EventWriter::create(dir.path(), START);
    assert!(matches!(result, Err(EventFileError::Exists { .. })), "{result:?}");
    assert_eq!(fs::read(&path).unwrap(), FIXTURE);
}

#[test]
fn the_file_begun_last_is_found() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(EventWriter::find(dir.path()).unwrap(), None);
    fs::write(dir.path().join("metrics.json"), "{}").unwrap();
    // 999,999,999 has one digit less than 1,000,000,000.
    EventWriter::create(dir.path(), 1_000_000_000.0).unwrap();
    EventWriter::create(dir.path(), 999_999_999.9).unwrap();
    let found = EventWriter::find(dir.path()).unwrap().unwrap();
    assert_eq!(found.file_name().unwrap(), "events.out.tfevents.1000000000.ambulo");
}

#[test]
fn strange_events_are_read_without_harm() {
    let scalar = event::scalar("loss", 300, 1.0, 2.0);
    assert_eq!(event::head(&scalar), event::Head { step: 300, version: false, tag: "loss" });
    // Cut anywhere, or filled with bytes that make no sense, the head is what could be read.
    for cut in 0..scalar.len() {
        assert!(!event::head(&scalar[..cut]).version);
    }
    assert_eq!(event::head(&[0xFF; 40]), event::Head::default());
    assert_eq!(
        event::head(&[0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]).step,
        u64::MAX
    );
    // A length beyond the end.
    assert_eq!(event::head(&[0x2A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), event::Head::default());
}
