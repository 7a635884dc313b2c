//! GENEActiv recordings: what a writer of ours put in comes out, so do the values of published files, and damage is named.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, Format, ReadOptions, open};
use ambulo_signal::{FindingKind, Sensor, Severity, Source, Start, Unit};
use common::{Random, Whole, bytes, damage, file, read, samples, shared, write_new};
use std::io::Read;
use std::path::Path;

const MARCH_5_NS: i64 = 1_709_632_800_000_000_000;
const GAIN: [f64; 3] = [25_600.0, 25_750.0, 25_500.0];
const OFFSET: [f64; 3] = [120.0, -340.0, 900.0];

/// A count for each sample and axis.
fn count(sample: usize, axis: usize) -> i32 {
    (sample * 37 + axis * 1300) as i32 % 4096 - 2048
}

fn value(sample: usize) -> [f32; 3] {
    [0, 1, 2].map(|axis| ((f64::from(count(sample, axis) * 100) - OFFSET[axis]) / GAIN[axis]) as f32)
}

/// Lines between two ends.
fn lines(lines: &[String], end: &str) -> String {
    lines.iter().map(|line| format!("{line}{end}")).collect()
}

fn header(pages: usize, zone: &str, end: &str) -> String {
    let text = format!(
        "Device Identity|Device Unique Serial Code:987654|Device Type:GENEActiv   \0\0|Device Model:1.1||\
         Configuration Info|Measurement Frequency:50.0 Hz|Start Time:2024-03-05 09:59:55:000|{zone}||Trial Info|\
         Study Centre:secret clinic|Subject Info|Device Location Code:left wrist|Subject Code:secret person|\
         Calibration Data|x gain:25600|x offset:120|y gain:25750|y offset:-340|z gain:25500|z offset:900|Volts:300|\
         Lux:800||Memory Status|Number of Pages:{pages}|"
    );
    lines(&text.split('|').map(str::to_owned).collect::<Vec<_>>(), end)
}

/// A page with the samples from `from` on.
fn page(number: usize, time: &str, rate: &str, from: usize, samples: usize, end: &str) -> String {
    let digits: String = (from..from + samples)
        .map(|i| (0..3).map(|axis| format!("{:03X}", count(i, axis) & 0xfff)).collect::<String>() + "090")
        .collect();
    let text = format!(
        "Recorded Data|Device Unique Serial Code:987654|Sequence Number:{number}|Page Time:2024-03-05 {time}|Unassigned:|\
         Temperature:24.5|Battery voltage:4.10|Device Status:Recording|Measurement Frequency:{rate}|{digits}"
    );
    lines(&text.split('|').map(str::to_owned).collect::<Vec<_>>(), end)
}

/// Times of pages at 50 Hz.
fn at(page: usize) -> String {
    format!("10:{:02}:{:02}:000", page / 10, page % 10 * 6)
}

fn pages(from: usize, to: usize) -> String {
    (from..to).map(|i| page(i, &at(i), "50.0", i * 300, 300, "\r\n")).collect()
}

const ZONE: &str = "Time Zone:GMT +01:00";

fn whole(content: &str) -> Whole {
    bytes(content.as_bytes(), &ReadOptions::default()).unwrap()
}

fn texts(whole: &Whole) -> Vec<&str> {
    whole.header.findings.iter().map(|finding| finding.text.as_str()).collect()
}

#[test]
fn what_was_written_is_read() {
    for end in ["\r\n", "\n"] {
        let mut content = header(12, ZONE, end);
        content.extend((0..11).map(|i| page(i, &at(i), "50.0", i * 300, 300, end)));
        content += &page(11, &at(11), "50.0", 3300, 17, end);
        let whole = whole(&content);
        let header = &whole.header;
        assert_eq!(header.start, Start::Utc { utc_ns: MARCH_5_NS - 3_600_000_000_000, offset_s: Some(3600) });
        assert_eq!(
            (header.sensors[0].sensor, header.sensors[0].unit),
            (Sensor::Accelerometer, Some(Unit::G))
        );
        assert_eq!((header.sensors[0].rate_hz, header.autocalibrate), (Some(50.0), true));
        assert_eq!(header.device.as_deref(), Some("GENEActiv"));
        assert_eq!(header.placement.as_deref(), Some("left_wrist"));
        assert_eq!(texts(&whole), ["the last page, 11, has 17 of 300 samples"]);
        let part = &whole.parts[0];
        assert_eq!(part.len(), 3317);
        for i in 0..3317 {
            assert_eq!((part.times_ns[i], part.values[i]), (i as i64 * 20_000_000, value(i)), "{i}");
        }
        let said = format!("{header:?}");
        assert!(!said.contains("987654") && !said.contains("secret"), "{said}");
    }
}

#[test]
fn many_pages_come_in_chunks_and_twice_alike() {
    let content = header(700, ZONE, "\n") + &pages(0, 600);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.txt");
    std::fs::write(&path, &content).unwrap();
    let mut opened =
        open(&path, &ReadOptions { identity: true, ..ReadOptions::default() }).unwrap().remove(0);
    assert_eq!(
        (opened.format(), opened.because()),
        (Format::GeneActivBin, "it begins with \"Device Identity\"")
    );
    assert_eq!(opened.header().identity, [("serial number".to_owned(), "987654".to_owned())]);
    let mut chunk = ambulo_signal::Chunk::default();
    assert!(opened.read(&mut chunk).unwrap());
    opened.rewind().unwrap();
    let whole = read(opened).unwrap();
    assert!(whole.chunks > 2 && whole.parts[0].len() == 180_000, "{} chunks", whole.chunks);
    for i in 0..180_000 {
        let (time, found) = (whole.parts[0].times_ns[i], whole.parts[0].values[i]);
        assert_eq!((time, found), (i as i64 * 20_000_000, value(i)), "{i}");
    }
    assert_eq!(texts(&whole), ["the header says 700 pages, the file has 600"]);
}

#[test]
fn the_clock_of_the_pages() {
    // Without a zone, and the header's clock wrong by years.
    let old = header(2, "Time Zone:GMT", "\n").replace("2024-03-05 09:59", "2012-01-01 00:00");
    let found = whole(&(old + &pages(0, 2)));
    assert_eq!(found.header.start, Start::Local { local_ns: MARCH_5_NS });
    assert!(texts(&found)[0].contains("the header's start is -106"), "{:?}", texts(&found));
    // A page that is half a second late is a gap; one that is early, or late by little, closes up.
    let two = |second: &str, rate: &str| {
        let two = page(0, &at(0), rate, 0, 300, "\n") + &page(1, second, rate, 300, 300, "\n");
        whole(&(header(2, ZONE, "\n") + &two)).parts[0].times_ns.clone()
    };
    let times = two("10:00:06:500", "50.0");
    assert_eq!((times[299], times[300]), (5_980_000_000, 6_500_000_000));
    let times = two("10:00:05:500", "50.0");
    assert_eq!((times[299], times[300]), (5_481_666_667, 5_500_000_000));
    let times = two("10:00:03:500", "85.7");
    assert_eq!((times[1], times[300], times[301]), (11_666_667, 3_500_000_000, 3_511_668_611));
    let times = two("10:00:06:060", "50.0");
    assert_eq!((times[1], times[300]), (20_200_000, 6_060_000_000));
    // The clock set back: as it stands.
    let times = two("09:00:00:000", "50.0");
    assert_eq!((times[299], times[300]), (5_980_000_000, -3_600_000_000_000));
}

#[test]
fn missing_and_damaged_pages_are_named() {
    let content = header(4, ZONE, "\n") + &pages(0, 2) + &pages(5, 7);
    let found = whole(&content);
    assert_eq!(texts(&found), ["3 pages are missing, the first before page 2 of the file"]);
    let finding = &found.header.findings[0];
    assert_eq!((finding.kind, finding.severity), (FindingKind::File, Severity::Warning));
    assert_eq!((finding.count, finding.first_place.line), (3, Some(2)));
    assert_eq!((found.parts[0].len(), found.parts[0].times_ns[600]), (1200, 30_000_000_000));

    let head = header(4, ZONE, "\n");
    let third = head.len() + pages(0, 2).len();
    for (from, to, text) in [
        (
            "Page Time:2024-03-05 10:00:12",
            "Page Time:2024-03-05 1?:00:12",
            "Page Time `2024-03-05 1?:00:12:000`",
        ),
        ("Page Time:2024-03-05 10:00:12", "Page Team:2024-03-05 10:00:12", "no Page Time"),
    ] {
        let found = whole(&(head.clone() + &pages(0, 4)).replace(from, to));
        let said = texts(&found).join(";");
        let wanted =
            format!("1 damaged pages skipped, the first is page 2 (byte {third}): {text}; expected ");
        assert!(said.starts_with(&wanted) && !said.contains("missing"), "{said}");
        assert_eq!((found.parts[0].len(), found.parts[0].times_ns[600]), (900, 18_000_000_000));
    }
    let mut broken = (head.clone() + &pages(0, 4)).into_bytes();
    broken[third + 1000] = b'?';
    let found = bytes(&broken, &ReadOptions::default()).unwrap();
    assert!(texts(&found)[0].contains("sample "), "{:?}", texts(&found));
    broken.drain(third + 1000..third + 1001);
    let found = bytes(&broken, &ReadOptions::default()).unwrap();
    assert!(texts(&found)[0].contains("299 samples; expected 300"), "{:?}", texts(&found));
    // The first page damaged: the recording begins with the second.
    let found = whole(&(head.clone() + &pages(0, 4)).replacen("Page Time", "Pige Time", 1));
    assert_eq!(
        (found.parts[0].len(), found.parts[0].times_ns[0], found.parts[0].values[0]),
        (900, 0, value(300))
    );
    let utc_ns = MARCH_5_NS - 3_594_000_000_000;
    assert_eq!(found.header.start, Start::Utc { utc_ns, offset_s: Some(3600) });
    // The rate changes.
    let faster = head
        + &pages(0, 1)
        + &page(1, &at(1), "100.0", 300, 300, "\n")
        + &page(2, "10:00:09:000", "100.0", 0, 300, "\n");
    let found = whole(&faster);
    assert_eq!(texts(&found)[0], "the rate changes from 50 to 100 Hz with page 1");
    assert_eq!(found.parts[0].times_ns[599], 8_990_000_000);
}

#[test]
fn what_has_no_samples_or_no_calibration_is_refused() {
    let fails = |content: &str| bytes(content.as_bytes(), &ReadOptions::default()).err().unwrap();
    let head = header(1, ZONE, "\n");
    assert_eq!(fails(&head).kind(), ErrorKind::Empty);
    assert_eq!(fails("Device Identity\n").kind(), ErrorKind::Empty);
    for (from, to, word) in [
        ("y gain:25750\n", "", "`y gain` of the header: nothing"),
        ("y gain:25750", "y gain:0", "`0`"),
        ("z offset:900", "z offset:x", "`z offset` of the header: `x`"),
    ] {
        let error = fails(&(head.replace(from, to) + &pages(0, 1)));
        assert!(error.kind() == ErrorKind::Damaged && error.to_string().contains(word), "{error}");
    }
    let error = fails(&(head + &pages(0, 1)).replace("Page Time", "Time"));
    assert!(error.kind() == ErrorKind::Damaged && error.to_string().contains("page 0 (byte "), "{error}");
}

#[test]
fn some_thousand_damaged_recordings() {
    let content = (header(3, ZONE, "\r\n") + &pages(0, 3)).into_bytes();
    let (mut random, mut answered) = (Random(11), 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    for _ in 0..3000 {
        let mut broken = damage(&content, &mut random);
        if random.below(3) == 0 {
            // Times and rates that no clock shows.
            let at = random.below(broken.len().saturating_sub(40));
            let huge = [
                &b"Page Time:9999-12-31 23:59:59:999"[..],
                b"Measurement Frequency:1e-300",
                b"Sequence Number:18446744073709551615",
            ];
            let huge = huge[random.below(3)];
            let end = broken.len().min(at + huge.len());
            broken.splice(at.min(end)..end, huge.iter().copied());
        }
        write_new(&path, &broken);
        match open(&path, &ReadOptions::default()) {
            Ok(mut all) => {
                let whole = read(all.remove(0)).unwrap();
                assert!(!whole.parts[0].is_empty() && whole.parts[0].len() <= 900);
                answered += 1;
            }
            Err(error) => assert!(error.to_string().contains("damaged"), "{error}"),
        }
    }
    assert!(answered > 1500, "{answered}");
    // Nothing but beginnings of pages.
    let marks = header(3, ZONE, "\n") + &"Recorded Data".repeat(200_000);
    assert_eq!(bytes(marks.as_bytes(), &ReadOptions::default()).err().unwrap().kind(), ErrorKind::Damaged);
}

/// Numbers of an array in an archive of NumPy.
fn array(path: &Path, name: &str) -> Vec<f64> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut content = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut content).unwrap();
    let begin = 10 + usize::from(u16::from_le_bytes([content[8], content[9]]));
    assert!(String::from_utf8_lossy(&content[..begin]).contains("'<f8'"));
    content[begin..].chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect()
}

#[test]
fn published_recordings() {
    let Some(device) = shared("device") else { return };
    let whole = file(&device.join("skdh/gnactv_sample.bin"), &ReadOptions::default()).unwrap();
    let (times, values) = (
        array(&device.join("skdh/gnactv_data.npz"), "time.npy"),
        array(&device.join("skdh/gnactv_data.npz"), "accel.npy"),
    );
    // Its times are those of the device's clock, four hours behind UTC.
    let Start::Utc { utc_ns, offset_s: Some(-14_400) } = whole.header.start else {
        panic!("{:?}", whole.header)
    };
    assert_eq!((whole.parts[0].len(), whole.header.placement.as_deref()), (900, Some("back")));
    for i in 0..900 {
        let found = (utc_ns - 14_400_000_000_000 + whole.parts[0].times_ns[i]) as f64 / 1e9;
        assert!((found - times[i]).abs() < 0.001, "{i}: {found}, expected {}", times[i]);
        for axis in 0..3 {
            let found = f64::from(whole.parts[0].values[i][axis]);
            // The published values have four decimals.
            assert!((found - values[3 * i + axis]).abs() < 0.000_051, "{i} {found}");
        }
    }
    assert!(texts(&whole).is_empty(), "{:?}", texts(&whole));

    let whole = file(&device.join("ggirread/GENEActiv_testfile.bin"), &ReadOptions::default()).unwrap();
    assert_eq!((whole.parts[0].len(), whole.header.sensors[0].rate_hz), (16 * 300 + 231, Some(85.7)));
    assert!(matches!(
        whole.header.start,
        Start::Utc { utc_ns: 1_369_905_174_500_000_000, offset_s: Some(3600) }
    ));
    assert_eq!(whole.parts[0].times_ns[300], 3_500_000_000);
    assert!(
        whole.parts[0]
            .times_ns
            .windows(2)
            .all(|pair| (11_000_000..13_000_000).contains(&(pair[1] - pair[0])))
    );
    assert_eq!(
        texts(&whole),
        ["the last page, 16, has 231 of 300 samples", "the header says 222048 pages, the file has 17"]
    );
    let norm = |v: &[f32; 3]| (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    let mean = whole.parts[0].values.iter().map(norm).sum::<f32>() / whole.parts[0].len() as f32;
    assert!((0.9..1.1).contains(&mean), "{mean}");
}

#[test]
fn shared_samples() {
    let Some((folder, truth)) = samples() else { return };
    let sensor = &truth["geneactiv.bin"]["sensors"][0];
    let whole = file(&folder.join("geneactiv.bin"), &ReadOptions::default()).unwrap();
    let part = &whole.parts[0];
    assert_eq!(part.len() as u64, sensor["samples"].as_u64().unwrap());
    assert_eq!(part.times_ns[part.len() - 1], 65_980_000_000);
    for (found, name) in [(part.values[0], "first_g"), (part.values[part.len() - 1], "last_g")] {
        for axis in 0..3 {
            assert!((f64::from(found[axis]) - sensor[name][axis].as_f64().unwrap()).abs() < 2e-6);
        }
    }
    assert!(texts(&whole).is_empty());
}
