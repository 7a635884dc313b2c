//! Matrix recordings: what a writer of ours put in comes out, and damage is named.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, Format, ReadOptions, open};
use ambulo_signal::{FindingKind, Sensor, Severity, Source, Start, Unit};
use common::{Random, Whole, bytes, damage, file, read, samples, write_new};

const START_S: u32 = 1_709_632_800;

fn header(packets: u32, g: u16, degrees: u16) -> Vec<u8> {
    let mut bytes = vec![b' '; 512];
    bytes.extend(b"MDTC");
    bytes.extend(packets.to_le_bytes());
    bytes.extend(g.to_le_bytes());
    bytes.extend(degrees.to_le_bytes());
    bytes
}

fn count(sample: usize, axis: usize) -> i16 {
    ((sample * 331 + axis * 9000) % 65_536) as u16 as i16
}

fn value(sample: usize, range: f64) -> [f32; 3] {
    [0, 1, 2].map(|axis| {
        let count = f64::from(count(sample, axis));
        (count * range / if count > 0.0 { 32_767.0 } else { 32_768.0 }) as f32
    })
}

/// A packet of the samples from `from` on, whose seconds count from the start.
fn packet(seconds: (u32, u32), from: usize, acceleration: usize, rotation: usize) -> Vec<u8> {
    let mut body = Vec::new();
    for second in [seconds.0, seconds.1] {
        body.extend((START_S + second).to_le_bytes());
    }
    for count in [acceleration as u32, rotation as u32, 2, 1] {
        body.extend(count.to_le_bytes());
    }
    for samples in [acceleration, rotation] {
        body.extend(
            (from..from + samples).flat_map(|i| [0, 1, 2].map(|axis| count(i, axis).to_le_bytes())).flatten(),
        );
    }
    body.extend([7; 4 * 3]);
    let mut bytes = b"MDTCPACK".to_vec();
    bytes.extend(crc32fast::hash(&body).to_le_bytes());
    bytes.extend(body);
    bytes
}

fn whole(content: &[u8]) -> Whole {
    bytes(content, &ReadOptions::default()).unwrap()
}

fn texts(whole: &Whole) -> Vec<&str> {
    whole.header.findings.iter().map(|finding| finding.text.as_str()).collect()
}

/// Packets of 10 s at 50 Hz, without the header.
fn plain(packets: std::ops::Range<u32>) -> Vec<Vec<u8>> {
    packets.map(|i| packet((i * 10, i * 10 + 10), i as usize * 500, 500, 500)).collect()
}

#[test]
fn what_was_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    std::fs::write(&path, [header(60, 8, 2000), plain(0..60).concat()].concat()).unwrap();
    let opened = open(&path, &ReadOptions::default()).unwrap().remove(0);
    assert_eq!(opened.format(), Format::Matrix);
    let whole = read(opened).unwrap();
    let header = &whole.header;
    assert_eq!(header.start, Start::Local { local_ns: i64::from(START_S) * 1_000_000_000 });
    let sensors: Vec<_> = header.sensors.iter().map(|s| (s.sensor, s.unit, s.rate_hz)).collect();
    assert_eq!(
        sensors,
        [
            (Sensor::Accelerometer, Some(Unit::G), Some(50.0)),
            (Sensor::Gyroscope, Some(Unit::DegreesPerSecond), Some(50.0))
        ]
    );
    assert!(whole.chunks > 2 && texts(&whole).is_empty(), "{} {:?}", whole.chunks, texts(&whole));
    for (part, range) in whole.parts.iter().zip([8.0, 2000.0]) {
        assert_eq!(part.len(), 30_000);
        for i in 0..30_000 {
            assert_eq!((part.times_ns[i], part.values[i]), (i as i64 * 20_000_000, value(i, range)), "{i}");
        }
    }
    // The same again.
    let mut opened = open(&path, &ReadOptions::default()).unwrap().remove(0);
    let mut chunk = ambulo_signal::Chunk::default();
    opened.read(&mut chunk).unwrap();
    opened.rewind().unwrap();
    assert_eq!(read(opened).unwrap().parts, whole.parts);
}

#[test]
fn whole_seconds_make_neither_gaps_nor_leaps() {
    // Packets of 480 to 530 samples at 50 Hz, stamped with the second in which they begin and end.
    let (mut content, mut from) = (header(40, 8, 0), 0usize);
    for i in 0..40 {
        let samples = 480 + i * 7 % 50;
        let seconds = |sample: usize| (sample as f64 / 50.0).floor() as u32;
        content.extend(packet((seconds(from), seconds(from + samples - 1)), from, samples, 0));
        from += samples;
    }
    let whole = whole(&content);
    let times = &whole.parts[0].times_ns;
    assert_eq!((whole.parts.len(), times.len()), (1, from));
    for (i, pair) in times.windows(2).enumerate() {
        let step = (pair[1] - pair[0]) as f64 / 2e7;
        assert!((0.979..1.021).contains(&step), "{i}: {step}");
    }
    for (i, time) in times.iter().enumerate() {
        assert!((*time as f64 / 1e9 - i as f64 / 50.0).abs() < 1.1, "{i}: {time}");
    }
    // A minute without packets.
    let late = [header(2, 8, 0), packet((0, 10), 0, 500, 0), packet((70, 80), 500, 500, 0)].concat();
    let times = bytes(&late, &ReadOptions::default()).unwrap().parts[0].times_ns.clone();
    assert_eq!((times[499], times[500], times[999]), (9_980_000_000, 70_000_000_000, 79_980_000_000));
    // Sensors with rates of their own; the first packet without rotation.
    let two = [header(2, 8, 500), packet((0, 10), 0, 125, 0), packet((10, 20), 125, 125, 1000)].concat();
    let whole = self::whole(&two);
    assert_eq!((whole.parts[0].times_ns[1], whole.parts[1].times_ns[0]), (80_000_000, 10_000_000_000));
    assert_eq!((whole.parts[1].times_ns[1], whole.parts[1].values[0]), (10_010_000_000, value(125, 500.0)));
}

#[test]
fn damaged_packets_are_skipped_and_named() {
    let packets = plain(0..4);
    let (length, head) = (packets[0].len(), header(4, 8, 2000));
    let content = [head.clone(), packets.concat()].concat();
    let second = 524 + length;
    for (at, word) in
        [(second + 100, "checksum "), (second + 2, "no MDTCPACK"), (second + 22, "bytes by its counts")]
    {
        let mut broken = content.clone();
        broken[at] ^= 0x40;
        let whole = whole(&broken);
        let wanted = format!("1 damaged packets skipped, the first is packet 1 (byte {second}): ");
        let text = texts(&whole)[0];
        assert!(
            text.starts_with(&wanted) && text.contains(word) && text.ends_with("10 s lost between others"),
            "{text}"
        );
        let finding = &whole.header.findings[0];
        assert_eq!(
            (finding.kind, finding.severity, finding.count),
            (FindingKind::File, Severity::Warning, 1)
        );
        assert_eq!(finding.first_place.line, Some(1));
        assert_eq!((whole.parts[0].len(), whole.parts[1].times_ns[500]), (1500, 20_000_000_000));
    }
    let whole = whole(&content[..content.len() - 10]);
    let said = texts(&whole);
    assert!(said.len() == 1 && said[0].contains("packet 3"), "{said:?}");
    let whole = self::whole(&[header(9, 8, 2000), packets.concat()].concat());
    assert_eq!(texts(&whole), ["the header says 9 packets, the file has 4"]);
}

#[test]
fn what_has_no_samples_is_refused() {
    let fails = |content: &[u8]| bytes(content, &ReadOptions::default()).err().unwrap();
    assert_eq!(fails(&header(0, 8, 0)).kind(), ErrorKind::Empty);
    assert_eq!(fails(&header(1, 8, 0)[..518]).kind(), ErrorKind::Empty);
    assert_eq!(fails(&[header(1, 8, 0), packet((0, 10), 0, 0, 0)].concat()).kind(), ErrorKind::Empty);
    assert_eq!(fails(&[header(1, 0, 0), packet((0, 10), 0, 9, 0)].concat()).kind(), ErrorKind::Damaged);
    let mut broken = [header(1, 8, 0), packet((0, 10), 0, 500, 0)].concat();
    broken[700] ^= 1;
    let error = fails(&broken);
    assert!(
        error.kind() == ErrorKind::Damaged && error.to_string().contains("packet 0 (byte 524)"),
        "{error}"
    );
}

#[test]
fn some_thousand_damaged_recordings() {
    let packets: Vec<u8> =
        (0..5).flat_map(|i| packet((i * 2, i * 2 + 2), i as usize * 100, 100, 50)).collect();
    let content = [header(5, 8, 2000), packets].concat();
    let (mut random, mut answered) = (Random(7), 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    for _ in 0..3000 {
        let mut broken = damage(&content, &mut random);
        if random.below(3) == 0 && broken.len() > 600 {
            // Huge counts.
            let at = 524 + random.below(broken.len() - 600);
            for byte in &mut broken[at..at + 4] {
                *byte = 0xff;
            }
        }
        write_new(&path, &broken);
        match open(&path, &ReadOptions::default()) {
            Ok(mut all) => {
                let whole = read(all.remove(0));
                answered += usize::from(whole.is_ok_and(|whole| whole.parts[0].len() <= 600));
            }
            Err(error) => assert!(error.to_string().contains("damaged"), "{error}"),
        }
    }
    assert!(answered > 1500, "{answered}");
    // Packets in packets in packets, none with the right checksum.
    let mut hostile = header(5, 8, 2000);
    for _ in 0..100_000 {
        hostile.extend(b"MDTCPACK\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0");
    }
    assert_eq!(bytes(&hostile, &ReadOptions::default()).err().unwrap().kind(), ErrorKind::Damaged);
    // Marks and nothing else, each with a count that the file cannot hold.
    let mut hostile = header(5, 8, 2000);
    hostile.extend(b"MDTCPACK".repeat(100_000));
    assert_eq!(bytes(&hostile, &ReadOptions::default()).err().unwrap().kind(), ErrorKind::Damaged);
}

#[test]
fn shared_sample() {
    let Some((folder, truth)) = samples() else { return };
    let whole = file(&folder.join("matrix.BIN"), &ReadOptions::default()).unwrap();
    for (i, suffix) in ["g", "rad_per_s"].into_iter().enumerate() {
        let (part, sensor) = (&whole.parts[i], &truth["matrix.BIN"]["sensors"][i]);
        assert_eq!((part.len(), part.times_ns[1999]), (2000, 39_980_000_000));
        let factor = whole.header.sensors[i].unit.unwrap().factor();
        for (found, name) in [(part.values[0], "first"), (part.values[1999], "last")] {
            for axis in 0..3 {
                let expected = sensor[format!("{name}_{suffix}")][axis].as_f64().unwrap();
                assert!((f64::from(found[axis]) * factor - expected).abs() < 2e-6);
            }
        }
    }
    assert_eq!(whole.header.start, Start::Local { local_ns: i64::from(START_S) * 1_000_000_000 });
    assert!(texts(&whole).is_empty());
}
