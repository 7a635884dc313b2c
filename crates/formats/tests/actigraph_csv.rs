//! Exports of ActiGraph's software that the tests write themselves.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, Format, Need, ReadOptions, open};
use ambulo_signal::{FindingKind, Severity, Source, Start};
use common::{Random, Whole, damage, named, write_new};

const MORNING_NS: i64 = 1_709_632_800_000_000_000;

/// The ten lines, with what differs.
fn header(first: &str, date: &str, epoch: &str) -> String {
    format!(
        "------------ Data File Created By ActiGraph GT3X+ ActiLife v6.13.4 Firmware v3.2.1 {first} -----------\nSerial Number: \
         NEO1X\nStart Time 10:00:00\nStart Date {date}\nEpoch Period (hh:mm:ss) {epoch}\nDownload Time 10:05:00\nDownload Date \
         {date}\nCurrent Memory Address: 0\nCurrent Battery Voltage: 4.10     Mode = \
         12\n--------------------------------------------------\n"
    )
}

fn raw() -> String {
    header("date format M/d/yyyy at 30 Hz  Filter Normal", "3/5/2024", "00:00:00")
}

const AXES: &str = "Accelerometer X,Accelerometer Y,Accelerometer Z\n";

fn value(i: usize) -> [f32; 3] {
    [900 + i as i32 % 97, -(i as i32 % 31) * 10, i as i32 % 13].map(|v| v as f32 / 1000.0)
}

fn row(i: usize) -> String {
    let [x, y, z] = value(i);
    format!("{x:.3},{y:.3},{z:.3}\n")
}

fn rows(n: usize) -> String {
    (0..n).map(row).collect()
}

fn read(content: &str) -> Whole {
    named("linear.csv", content.as_bytes(), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn fails(content: &str, kind: ErrorKind, words: &[&str]) {
    let error = named("x.csv", content.as_bytes(), &ReadOptions::default()).err().unwrap();
    let text = error.to_string();
    assert!(
        error.kind() == kind && words.iter().all(|word| text.contains(word)),
        "{:?} {text}",
        error.kind()
    );
    assert!(!text.contains("NEO1X"), "{text}");
}

fn check(whole: &Whole, n: usize) {
    let part = &whole.parts[0];
    assert_eq!(part.len(), n);
    for (i, (found, time)) in part.values.iter().zip(&part.times_ns).enumerate() {
        assert_eq!(*found, value(i), "row {i}");
        assert_eq!(*time, (i as f64 * 1e9 / 30.0).round() as i64);
    }
    assert_eq!(whole.header.start, Start::Local { local_ns: MORNING_NS });
}

#[test]
fn shapes_of_the_same_export() {
    let quoted = |text: &str| text.lines().map(|line| format!("\"{line}\",,\r\n")).collect::<String>();
    let tailed = |text: &str| text.lines().map(|line| format!("{line},,\n")).collect::<String>();
    let semicolons = |text: &str| {
        let cells = |line: &str| line.replace(',', ";").replace('.', ",");
        text.lines().map(|line| cells(line) + "\n").collect::<String>()
    };
    let comma = |text: &str| {
        let cells = |line: &str| format!("\"{}\"\n", line.replace(',', "\",\"").replace('.', ","));
        text.lines().map(cells).collect::<String>()
    };
    for content in [
        raw() + AXES + &rows(200),
        raw() + &rows(200),
        (raw() + AXES + &rows(200)).replace('\n', "\r\n"),
        (raw() + AXES + &rows(200)).replace('\n', "\r"),
        format!("\u{feff}{}{AXES}{}", raw(), rows(200)),
        quoted(&raw()) + &tailed(AXES) + &tailed(&rows(200)),
        raw() + AXES + &tailed(&rows(200)),
        raw() + &semicolons(AXES) + &semicolons(&rows(200)),
        raw() + &comma(AXES) + &comma(&rows(200)),
        raw() + &comma(&rows(200)),
        raw().replace("Data File", "Data Table File").replace("GT3X+", "  LEAP ") + AXES + &rows(200),
    ] {
        let whole = read(&content);
        check(&whole, 200);
        assert!(whole.header.findings.is_empty(), "{:?}", whole.header.findings);
    }
    let options = ReadOptions { identity: true, ..ReadOptions::default() };
    let content = raw() + &rows(99);
    let whole = named("x.csv", content.as_bytes(), &options).unwrap();
    assert_eq!(whole.header.identity, [("serial number".to_owned(), "NEO1X".to_owned())]);
    assert!(!format!("{:?}", read(&content).header).contains("NEO1X"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    std::fs::write(&path, content).unwrap();
    let opened = open(&path, &ReadOptions::default()).unwrap().remove(0);
    assert_eq!(
        (opened.format(), opened.header().device.as_deref()),
        (Format::ActiGraphCsv, Some("ActiGraph GT3X+"))
    );
    assert!(opened.because().contains("ActiGraph"), "{}", opened.because());
}

#[test]
fn times_of_rows_and_lines_of_the_file() {
    let stamp = |i: usize| format!("5-3-2024 10:00:{:02}.{:03},", i / 40, i % 40 * 25);
    let rows: String = (0..120).map(|i| stamp(i) + &row(i)).collect();
    let head = header("date format d-M-yyyy at 40 Hz", "5-3-2024", "00:00:00");
    for names in ["", "Timestamp,Accelerometer X,Accelerometer Y,Accelerometer Z\n"] {
        let whole = read(&(head.clone() + names + &rows));
        assert_eq!(whole.header.start, Start::Local { local_ns: MORNING_NS });
        assert_eq!(whole.parts[0].times_ns[119], 2_975_000_000);
        assert_eq!(whole.parts[0].values[119], value(119));
    }
    // A date that cannot be of that order stands in line 10 + 1 + 57.
    let mixed = rows.replacen(&stamp(56), "3-26-2024 10:00:01.400,", 1);
    let content = head.clone() + "Timestamp,Accelerometer X,Accelerometer Y,Accelerometer Z\n" + &mixed;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixed.csv");
    std::fs::write(&path, content).unwrap();
    let error =
        common::read(open(&path, &ReadOptions::default()).unwrap().remove(0)).err().unwrap().to_string();
    assert!(error.contains("line 68") && error.contains("3-26-2024"), "{error}");
    let words = raw() + AXES + &row(0) + "oops\n" + &self::rows(50);
    let whole = read(&words);
    assert_eq!(whole.header.findings[0].first_place.line, Some(13));
    // Stamps of another day than the header's.
    let other = head.replace("5-3-2024\nEpoch", "9-3-2024\nEpoch") + &rows;
    let whole = read(&other);
    let finding = &whole.header.findings[0];
    assert!(finding.kind == FindingKind::Clock && finding.text.contains("9-3-2024"), "{finding:?}");
}

#[test]
fn what_the_software_filled_in() {
    let still = "0.012,-0.020,1.004\n";
    let filled = |zeros: usize, repeats: usize| {
        raw()
            + AXES
            + &rows(60)
            + &"0,0,0\n".repeat(zeros)
            + &rows(60)
            + &still.repeat(1 + repeats)
            + &rows(60)
    };
    // 60 rows, 30 zeros (1 s), 60 rows, one that was measured (the first of second 5), and repeats of it from second 6 on.
    let whole = read(&filled(30, 29 + 300));
    let nans: Vec<usize> =
        (0..whole.parts[0].len()).filter(|&i| whole.parts[0].values[i][0].is_nan()).collect();
    let expected: Vec<usize> = (60..90).chain(180..480).collect();
    assert_eq!(nans, expected);
    let finding = &whole.header.findings[0];
    assert_eq!((finding.kind, finding.severity, finding.count), (FindingKind::Filled, Severity::Warning, 2));
    assert_eq!(finding.first_place.sample, Some(60));
    assert!(
        finding.text.contains("30 samples (1.0 s)") && finding.text.contains("300 samples (10.0 s)"),
        "{}",
        finding.text
    );
    // Shorter ones may have been measured.
    assert!(read(&filled(29, 290)).header.findings.is_empty());
    // At the end of the file, and across its blocks.
    let long = raw() + AXES + &rows(60) + &still.repeat(400_000);
    let whole = read(&long);
    assert!(whole.chunks > 2 && whole.parts[0].len() == 400_060);
    let filled = whole.parts[0].values.iter().filter(|value| value[0].is_nan()).count();
    assert_eq!(filled, 400_000 - 30);
    assert!(whole.header.findings[0].text.contains("399970 samples"), "{}", whole.header.findings[0].text);
}

#[test]
fn counts_are_refused() {
    let counts = "536,0,783,9\n0,590,610,0\n";
    let refused = ErrorKind::NotARecording;
    fails(
        &(header("date format M/d/yyyy", "3/5/2024", "00:01:00") + counts),
        refused,
        &["counts of 60 s", "raw"],
    );
    let old = header("date format M/d/yyyy", "3/5/2010", "00:00:30").replace("Epoch Period", "Cycle Period");
    fails(&(old + counts), refused, &["counts of 30 s"]);
    let named = "Date,Time,Axis1,Axis2,Axis3,Steps,Lux,Inclinometer Off\n3/5/2024,10:00:00,1,2,3,0,0,0\n";
    fails(&(raw() + named), refused, &["counts"]);
    fails("axis1,axis2,axis3\n536,0,783\n0,590,610\n0,0,0\n", refused, &["counts"]);
    fails(
        "TimeStamp,axis1,axis2,axis3,steps,vm\n2024-03-05T10:00:00Z,5,0,7,1,9\n2024-03-05T10:00:10Z,5,0,7,1,9\n",
        refused,
        &["counts of 10 s"],
    );
    fails(
        "date,time,axis1,axis2,axis3,vm\n3/5/2024,10:00:00,1,2,3,4\n3/5/2024,10:00:05,1,2,3,4\n",
        refused,
        &["counts of 5 s"],
    );
    // Axes of something else.
    let other: String = (0..50).map(|i| format!("{},{}", i * 20, row(i))).collect();
    let error = open_named(&format!("time (ms),axis1,axis2,axis3\n{other}"));
    assert!(!error.contains("counts"), "{error}");
}

fn open_named(content: &str) -> String {
    named("x.csv", content.as_bytes(), &ReadOptions::default())
        .err()
        .map(|e| e.to_string())
        .unwrap_or_default()
}

#[test]
fn what_the_header_leaves_open() {
    let no_rate = header("date format M/d/yyyy", "3/5/2024", "00:00:00") + AXES + &rows(50);
    fails(&no_rate, ErrorKind::Needs(Need::Rate), &["rate"]);
    let options = ReadOptions { rate_hz: Some(30.0), ..ReadOptions::default() };
    check(&named("x.csv", no_rate.as_bytes(), &options).unwrap(), 50);
    let no_order = header("at 30 Hz", "3/5/2024", "00:00:00") + AXES + &rows(50);
    fails(&no_order, ErrorKind::Needs(Need::TimeFormat), &["3/5/2024", "line 4"]);
    let options = ReadOptions { time: Some("mm/dd/yyyy".parse().unwrap()), ..ReadOptions::default() };
    check(&named("x.csv", no_order.as_bytes(), &options).unwrap(), 50);
    fails(&raw(), ErrorKind::Empty, &["rows"]);
    // Cut in the header: nothing to read, and no panic.
    for end in (1..raw().len()).step_by(7) {
        _ = named("x.csv", &raw().as_bytes()[..end], &ReadOptions::default()).is_err();
    }
}

#[test]
fn some_thousand_damaged_exports() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    let mut random = Random(5);
    let stamped: String = (0..40).map(|i| format!("3/5/2024 10:00:{:02}.000,{}", i, row(i))).collect();
    let still = "0.012,-0.020,1.004\n".repeat(400);
    let files = [raw() + AXES + &rows(40), raw() + &stamped, raw() + &rows(20) + &still];
    let (mut answered, mut refused) = (0, 0);
    for round in 0..3000 {
        write_new(&path, &damage(files[round % 3].as_bytes(), &mut random));
        match open(&path, &ReadOptions::default()) {
            Ok(mut all) => match common::read(all.remove(0)) {
                Ok(_) => answered += 1,
                Err(error) => assert!(error.to_string().contains("damaged"), "{error}"),
            },
            Err(error) => {
                assert!(error.to_string().contains("damaged"), "{error}");
                refused += 1;
            }
        }
    }
    assert!(answered > 1000 && refused > 100, "{answered} answered, {refused} refused");
}
