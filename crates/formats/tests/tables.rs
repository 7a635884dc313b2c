//! Tables of every kind that people have, written here.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ErrorKind, FormatError, Need, ReadOptions};
use ambulo_signal::{FindingKind, Sensor, Severity, Start, Unit};
use common::{Whole, bytes, named};

fn plain(text: &str) -> Whole {
    bytes(text.as_bytes(), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn error(text: &str) -> FormatError {
    bytes(text.as_bytes(), &ReadOptions::default()).err().unwrap_or_else(|| panic!("read: {text}"))
}

fn with(text: &str, set: impl FnOnce(&mut ReadOptions)) -> Result<Whole, FormatError> {
    let mut options = ReadOptions::default();
    set(&mut options);
    bytes(text.as_bytes(), &options)
}

fn texts(whole: &Whole) -> String {
    whole.header.findings.iter().map(|finding| finding.text.clone() + "\n").collect()
}

#[test]
fn two_rows_in_every_dress() {
    let expected = [[0.5, -0.25, 1.0], [0.625, -0.125, 0.0]];
    for text in [
        "time,x,y,z\n0.00,0.5,-0.25,1\n0.02,0.625,-0.125,0\n",
        "time;x;y;z\r\n0,00;0,5;-0,25;1\r\n0,02;0,625;-0,125;0\r\n",
        "time\tx\ty\tz\r0.00\t0.5\t-0.25\t1\r0.02\t0.625\t-0.125\t0\r",
        "time x y z\n0.00   0.5 -0.25  1\n0.02   0.625 -0.125 0",
        "\u{feff}time,z,y,x\n0.00,1,-0.25,0.5\n0.02,0,-0.125,0.625\n",
        "\"time\",\"acc_x\",\"acc_y\",\"acc_z\"\n\"0,00\",\"0,5\",\"-0,25\",\"1\"\n\"0,02\",\"0,625\",\"-0,125\",\"0\"\n",
        "sep=;\n\ntime;x;y;z;\n\n0.00; 0.5;-0.25; 1;\n   \n0.02; 0.625;-0.125;0;\n\n",
        "# made by hand\n# time, x, y, z\n0.00,0.5,-0.25,1\n0.02,0.625,-0.125,0\n",
        "Zeit (s),Acc X,Acc Y,Acc Z,hr\n0.00,5E-1,-.25,1.,70\n0.02,+0.625,-0.125,0,\n",
        "time,x,y,z,,,\n0.00,0.5,-0.25,1,,9,\n0.02,0.625,-0.125,0,,,\n",
    ] {
        let whole = plain(text);
        assert_eq!(whole.parts[0].values, expected, "{text}");
        assert_eq!(whole.parts[0].times_ns, [0, 20_000_000], "{text}");
        assert_eq!(whole.header.start, Start::Unknown);
        assert!(whole.header.findings.is_empty(), "{}\n{text}", texts(&whole));
    }
    let utf16: Vec<u8> = "\u{feff}time\tx\ty\tz\r\n0.00\t0.5\t-0.25\t1\r\n0.02\t0.625\t-0.125\t0\r\n"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(bytes(&utf16, &ReadOptions::default()).unwrap().parts[0].values, expected);
    // No extension and no case decides.
    let table = b"time,x,y,z\n0.00,0.5,-0.25,1\n0.02,0.625,-0.125,0\n";
    for name in ["WALK.CSV", "walk.parquet", "walk", "mit Leerzeichen – 歩行.zip"] {
        let whole = named(name, table, &ReadOptions::default()).unwrap();
        assert!(whole.parts[0].values == expected && whole.header.origin == name);
    }
}

#[test]
fn sensors_and_units_from_names() {
    let whole = plain(
        "Time (s),Acceleration x (m/s^2),Acceleration y (m/s^2),Acceleration z (m/s^2),Absolute acceleration (m/s^2),gyro_x_dps,\
         gyro_y_dps,gyro_z_dps,mag_x,mag_y,mag_z\n0,9,1,2,9.3,4,5,6,,,\n0.02,9,1,2,9.3,7,8,,,,\n",
    );
    let found: Vec<_> = whole.header.sensors.iter().map(|sensor| (sensor.sensor, sensor.unit)).collect();
    let expected = [
        (Sensor::Accelerometer, Some(Unit::MetresPerSecondSquared)),
        (Sensor::Gyroscope, Some(Unit::DegreesPerSecond)),
    ];
    assert_eq!(found, expected);
    assert_eq!(whole.header.sensors[0].unit_because, "column `Acceleration x (m/s^2)`");
    assert!(whole.parts[1].values[1][2].is_nan() && whole.parts[1].values[1][..2] == [7.0, 8.0]);
    assert!(texts(&whole).contains("no magnetometer"), "{}", texts(&whole));
    let latin = b"t (ms);x (m/s\xb2);y (m/s\xb2);z (m/s\xb2)\n0;1;2;3\n20;1;2;4\n";
    let whole = bytes(latin, &ReadOptions::default()).unwrap();
    assert_eq!(whole.header.sensors[0].unit, Some(Unit::MetresPerSecondSquared));
    assert!(texts(&whole).contains("Latin-1"));
    let declared = with("t (ms),x (g),y (g),z (g)\n0,1,2,3\n20,1,2,4\n", |options| {
        options.units = "m/s2".parse().unwrap();
    });
    let sensor = &declared.unwrap().header.sensors[0];
    assert!(sensor.unit == Some(Unit::MetresPerSecondSquared) && sensor.unit_because == "declared");
}

#[test]
fn times_of_every_kind() {
    let utc = |seconds: i64, offset_s| Start::Utc { utc_ns: seconds * 1_000_000_000, offset_s };
    let local = |seconds: i64| Start::Local { local_ns: seconds * 1_000_000_000 };
    let (noon, ten) = (1_709_629_200, 1_709_632_800);
    for (times, start, step) in [
        (["1709629200000000000", "1709629200020000001"], utc(noon, None), 20_000_001),
        (["1709629200000000", "1709629200020000"], utc(noon, None), 20_000_000),
        (["1709629200000", "1709629200020.5"], utc(noon, None), 20_500_000),
        (["1709629200", "1709629200.02"], utc(noon, None), 20_000_000),
        (["45147364669817", "45147384669817"], Start::Unknown, 20_000_000),
        (["-0.02", "0"], Start::Unknown, 20_000_000),
        (["638452296000000000", "638452296000200000"], local(ten), 20_000_000),
        (["2024-03-05T10:00:00Z", "2024-03-05T10:00:00.02Z"], utc(ten, Some(0)), 20_000_000),
        (["2024-03-05 11:00:00 +0100", "2024-03-05 11:00:00.02 +0100"], utc(ten, Some(3600)), 20_000_000),
        (["2024-03-05 10:00:00", "2024-03-05 10:00:00.02"], local(ten), 20_000_000),
        (["05-Mar-2024 10:00:00.000", "05-Mar-2024 10:00:00.020"], local(ten), 20_000_000),
        (["23:59:59:990", "0:00:00:010"], Start::Unknown, 20_000_000),
    ] {
        let whole = plain(&format!("timestamp;x;y;z\n{};1;2;3\n{};1;2;4\n", times[0], times[1]));
        assert_eq!(whole.header.start, start, "{times:?}");
        assert_eq!(whole.parts[0].times_ns, [0, step], "{times:?}");
        assert!(whole.header.conversions[0].contains("`timestamp`"), "{:?}", whole.header.conversions);
    }
    let pair = plain("Date,Time,x,y,z\n13/03/2024,10:00:00,1,2,3\n13/03/2024,10:00:00.02,1,2,4\n");
    assert!(matches!(pair.header.start, Start::Local { .. }) && pair.parts[0].times_ns == [0, 20_000_000]);
    let two = plain("seconds_elapsed,timestamp,x,y,z\n0.1,1709629200000,1,2,3\n0.2,1709629200020,1,2,4\n");
    assert_eq!(two.header.start, utc(noon, None));
    let ambiguous = "time,x,y,z\n03/04/2024 10:00:00,1,2,3\n03/04/2024 10:00:01,1,2,3\n";
    assert_eq!(error(ambiguous).kind(), ErrorKind::Needs(Need::TimeFormat));
    let days = |format: &str| {
        with(ambiguous, |options| options.time = Some(format.parse().unwrap())).unwrap().header.start
    };
    assert_eq!(days("dd/mm/yyyy"), local(1_712_138_400));
    assert_eq!(days("mm/dd/yyyy"), local(1_709_546_400));
}

#[test]
fn declared_columns() {
    let text = "20,n,1,2,3,4,5,6\n40,n,1,2,3,4,5,6\n";
    let columns = |list: &str| with(text, |options| options.columns = Some(list.parse().unwrap()));
    let whole = columns("time=1,acc=3-5,gx=8,gy=7,gz=6").unwrap();
    assert_eq!((whole.parts[0].values[0], whole.parts[1].values[0]), ([1.0, 2.0, 3.0], [6.0, 5.0, 4.0]));
    assert_eq!(whole.parts[0].times_ns, [0, 20_000_000]);
    for (list, word) in
        [("acc=7-9", "no column 9"), ("ax=1,ay=1,az=2", "two axes"), ("a,b,c", "no column `a`")]
    {
        let error = columns(list).err().unwrap();
        assert!(
            error.kind() == ErrorKind::Needs(Need::Columns) && error.to_string().contains(word),
            "{error}"
        );
    }
    let twice = "time,x,y,z,x\n0,1,2,3,4\n20,1,2,3,4\n";
    let error = error(twice);
    assert!(
        error.kind() == ErrorKind::Needs(Need::Columns) && error.to_string().contains("columns 2 and 5"),
        "{error}"
    );
    let whole =
        with(twice, |options| options.columns = Some("time=1,ax=5,ay=3,az=4".parse().unwrap())).unwrap();
    assert_eq!(whole.parts[0].values[0], [4.0, 2.0, 3.0]);
    let named =
        with("t,A,B,\"C (g)\"\n0,1,2,3\n20,1,2,3\n", |o| o.columns = Some("ax=b,ay=a,az=c".parse().unwrap()));
    assert_eq!(named.unwrap().parts[0].values[0], [2.0, 1.0, 3.0]);
}

#[test]
fn without_times() {
    let text = "x,y,z\n1,2,3\n4,5,6\n,,\n7,8,9\n";
    assert_eq!(error(text).kind(), ErrorKind::Needs(Need::Rate));
    let whole = with(text, |options| options.rate_hz = Some(50.0)).unwrap();
    assert_eq!(whole.parts[0].times_ns, [0, 20_000_000, 40_000_000, 60_000_000]);
    assert!(whole.parts[0].values[2].iter().all(|value| value.is_nan()));
    assert_eq!(whole.header.sensors[0].rate_hz, Some(50.0));
    let counted = "n,time,x,y,z\n0,1,1,2,3\n1,2,1,2,3\n";
    assert_eq!(error(counted).kind(), ErrorKind::Needs(Need::Rate));
    assert_eq!(with(counted, |o| o.rate_hz = Some(100.0)).unwrap().parts[0].times_ns, [0, 10_000_000]);
    assert_eq!(with(text, |o| o.rate_hz = Some(-1.0)).err().unwrap().kind(), ErrorKind::Needs(Need::Rate));
}

#[test]
fn what_was_noticed_is_said() {
    let whole = plain(
        "time,x,y,z\n0,1,2,3\n20,?,2,3\ntime,x,y,z\n40,1,2,3\nPart two\nNA,1,2,3\n80,NaN,null,-\n100,1,2,3\n120\n140\n160,1,2",
    );
    let said = texts(&whole);
    for words in [
        "line 4",
        "line 3: `?`",
        "1 lines without numbers skipped, the first in line 6",
        "1 rows have no time",
        "last line is cut",
        "2 rows at the end",
    ] {
        assert!(said.contains(words), "{words} in\n{said}");
    }
    assert!(!said.contains("Part two"), "an annotation may stand there:\n{said}");
    assert_eq!(whole.parts[0].times_ns, [0, 20_000_000, 40_000_000, 60_000_000, 80_000_000, 100_000_000]);
    let missing: Vec<bool> = whole.parts[0].values.iter().map(|value| value[0].is_nan()).collect();
    assert_eq!(missing, [false, true, false, false, true, false]);
    let zones = plain("t,x,y,z\n2024-10-27T02:59:59.98+02:00,1,2,3\n2024-10-27T02:00:00+01:00,1,2,3\n");
    assert!(texts(&zones).contains("+02:00 to +01:00") && zones.parts[0].times_ns == [0, 20_000_000]);
    let headless = plain("45147364669817,9.7,-3.0,0.9,0,0,0\n45147384669817,9.6,-3.1,0.8,0,0,0\n");
    assert!(texts(&headless).contains("columns 2 to 4"), "{}", texts(&headless));
    assert_eq!(headless.header.findings[0].severity, Severity::Warning);
}

#[test]
fn gravity_that_was_taken_out_is_refused_by_name() {
    let refused = |name: &str, text: &str| {
        let whole = named(name, text.as_bytes(), &ReadOptions::default()).unwrap();
        whole
            .header
            .findings
            .iter()
            .any(|f| f.kind == FindingKind::GravityRemoved && f.severity == Severity::Refusal)
    };
    let row = "\n0.1,1,2,3\n0.2,1,2,3\n";
    assert!(refused("a.csv", &format!("t,linear_acc_x,linear_acc_y,linear_acc_z{row}")));
    assert!(refused("a.csv", &format!("t,userAcceleration.x,userAcceleration.y,userAcceleration.z{row}")));
    assert!(refused("Linear Accelerometer.csv", &format!("t,X (m/s^2),Y (m/s^2),Z (m/s^2){row}")));
    assert!(!refused("a.csv", &format!("t,x,y,z{row}")));
    let both = "t,lin_acc_x,lin_acc_y,lin_acc_z,acc_x,acc_y,acc_z\n0.1,0,0,0,1,2,3\n0.2,0,0,0,1,2,3\n";
    assert!(!refused("a.csv", both));
    assert_eq!(plain(both).parts[0].values[0], [1.0, 2.0, 3.0]);
    let app = "time,seconds_elapsed,z,y,x\n1709629200000000000,0,1,2,3\n1709629200020000000,0.02,1,2,3\n";
    assert!(refused("Accelerometer.csv", app) && !refused("TotalAcceleration.csv", app));
    let gravity = named("Gravity.csv", app.as_bytes(), &ReadOptions::default()).err().unwrap();
    assert!(gravity.to_string().contains("gravity alone"), "{gravity}");
}

#[test]
fn several_devices_are_asked_about() {
    let text = "t,left_acc_x,left_acc_y,left_acc_z,right_acc_x,right_acc_y,right_acc_z,right_gyro_x,right_gyro_y,right_gyro_z\n\
                0.1,1,2,3,4,5,6,7,8,9\n0.2,1,2,3,4,5,6,7,8,9\n";
    let asked = error(text);
    assert!(
        asked.kind() == ErrorKind::Needs(Need::Device) && asked.to_string().contains("`left`, `right`"),
        "{asked}"
    );
    let right = with(text, |options| options.device = Some("RIGHT".to_owned())).unwrap();
    assert_eq!((right.parts[0].values[0], right.parts[1].values[0]), ([4.0, 5.0, 6.0], [7.0, 8.0, 9.0]));
    assert_eq!(right.header.sensors[0].placement.as_deref(), Some("right"));
    let none = with(text, |options| options.device = Some("head".to_owned())).err().unwrap();
    assert!(none.kind() == ErrorKind::Needs(Need::Device) && none.to_string().contains("`left`"), "{none}");
}

#[test]
fn what_cannot_be_read_says_why() {
    for (text, kind, words) in [
        ("", ErrorKind::Empty, "0 bytes"),
        ("time,x,y,z\n", ErrorKind::Empty, "no rows"),
        ("\n\n", ErrorKind::Empty, "blank lines"),
        ("Timestamp,X,Y,Z\n0.000\n0.020\n", ErrorKind::Damaged, "row 1"),
        (
            "time,x,y,z\n0,000,0,993,-0,314,0,099\n0,020,0,989,-0,312,0,093\n",
            ErrorKind::Damaged,
            "decimal comma",
        ),
        ("name,steps\n1,2\n2,3\n", ErrorKind::Needs(Need::Columns), "`steps`"),
        ("time,x,y,z\n10h00'00\",1,2,3\n10h00'01\",1,2,3\n", ErrorKind::Needs(Need::TimeFormat), "10h00'00"),
        ("time,x,y,z\n0.1,,,\n0.2,,,\n", ErrorKind::Empty, "no values"),
        ("{\"a\": 1}", ErrorKind::NoTable, "JSON"),
        ("<?xml version=\"1.0\"?><HealthData>", ErrorKind::NotARecording, "summaries"),
        ("a\0b", ErrorKind::Unsupported, "byte 1"),
        ("Dear reader,\nthis is prose.\n", ErrorKind::NoTable, "without a table"),
    ] {
        let error = error(text);
        let shown = error.to_string();
        assert!(
            error.kind() == kind && shown.contains(words) && shown.contains("table.dat"),
            "{text:?}: {shown}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let options = ReadOptions::default();
    let error = common::file(folder.path(), &options).err().unwrap();
    assert!(error.kind() == ErrorKind::Empty && error.to_string().contains("no file"), "{error}");
    assert_eq!(common::file(&folder.path().join("none"), &options).err().unwrap().kind(), ErrorKind::Io);
}

#[test]
fn long_files_come_in_chunks_and_late_surprises_are_met() {
    let mut text = "time;x;y;z;note\n".to_owned();
    for i in 0..150_000 {
        match i {
            0..100_000 => text += &format!("{};0;0;1;\n", i * 20),
            _ => text += &format!("{};0,125;-0,5;1;\"a;b\"\n", i * 20),
        }
    }
    let whole = plain(&text);
    assert!(whole.chunks > 1 && whole.parts[0].len() == 150_000);
    assert_eq!(whole.parts[0].values[100_000], [0.125, -0.5, 1.0]);
    assert!(whole.parts[0].times_ns.iter().enumerate().all(|(i, time)| *time == i as i64 * 20_000_000));
    assert!(whole.header.findings.is_empty(), "{}", texts(&whole));
}

#[test]
fn a_row_may_be_a_sample_of_one_of_several_devices() {
    let mut text = "t (ms);v1;v2;v3;kind;node\n".to_owned();
    for i in 0..300 {
        text += &format!("{};0,5;{i};1;0;7\n", i * 20);
        text += &format!("{};1;2;{i};1;7\n{};9;8;7;0;3\n{};1;1;1;5;3\n", i * 20 + 1, i * 20 + 2, i * 20 + 3);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv");
    std::fs::write(&path, &text).unwrap();
    let options = ReadOptions {
        columns: Some("time=1,x=v1,y=v2,z=v3,type=kind,device=node".parse().unwrap()),
        units: "acc=m/s2".parse().unwrap(),
        ..ReadOptions::default()
    };
    let all = ambulo_formats::open(&path, &options).unwrap();
    let whole: Vec<Whole> = all.into_iter().map(|opened| common::read(opened).unwrap()).collect();
    let placements: Vec<_> = whole.iter().map(|whole| whole.header.placement.as_deref()).collect();
    assert_eq!(placements, [Some("3"), Some("7")]);
    assert_eq!((whole[0].parts.len(), whole[1].parts.len()), (1, 2));
    assert_eq!((whole[0].parts[0].len(), whole[0].parts[0].values[0]), (300, [9.0, 8.0, 7.0]));
    assert_eq!(whole[1].parts[0].values[299], [0.5, 299.0, 1.0]);
    assert_eq!((whole[1].parts[1].times_ns[1], whole[1].parts[1].values[1]), (21_000_000, [1.0, 2.0, 1.0]));
    assert_eq!(whole[0].header.sensors[0].unit, Some(Unit::MetresPerSecondSquared));
    let one = ReadOptions { device: Some("7".to_owned()), ..options.clone() };
    assert_eq!(ambulo_formats::open(&path, &one).unwrap().len(), 1);
    let none = ReadOptions { device: Some("8".to_owned()), ..options };
    let error = ambulo_formats::open(&path, &none).err().unwrap();
    assert!(error.kind() == ErrorKind::Needs(Need::Device) && error.to_string().contains("3, 7"), "{error}");
}

#[test]
fn rows_that_change_their_columns_are_not_read_silently() {
    let rows = |n: usize, row: &str| (0..n).map(|i| format!("{}{row}\n", i * 20)).collect::<String>();
    let text = format!(
        "time (ms),x (g),y (g),z (g)\n{}{}",
        rows(3000, ",0.1,0.2,1.0"),
        rows(1000, ",7,0.1,0.2,1.0")
    );
    let wide = plain(&text);
    let found = |whole: &Whole, words: &str| {
        let found = whole.header.findings.iter().find(|finding| finding.text.contains(words)).cloned();
        found.unwrap_or_else(|| panic!("{}", texts(whole)))
    };
    let finding = found(&wide, "1000 rows have more cells");
    assert_eq!((finding.severity, finding.first_place.line), (Severity::Refusal, Some(3002)));
    let narrow =
        plain(&format!("time (ms),x (g),y (g),z (g)\n{}{}", rows(500, ",0.1,0.2,1"), rows(400, ",0.1,0.2")));
    assert_eq!(found(&narrow, "400 rows have fewer cells").severity, Severity::Refusal);
    let other = format!(
        "time (ms),x (g),y (g),z (g)\n{}time (ms),y (g),x (g),z (g)\n{}",
        rows(300, ",0.1,0.2,1"),
        rows(300, ",0.2,0.1,1")
    );
    let finding = found(&plain(&other), "names other columns");
    assert_eq!((finding.severity, finding.first_place.line), (Severity::Refusal, Some(302)));
    // A remark behind a row, blank lines and cells that are left out at the end are nothing of the kind.
    let sparse = "t (ms),x (g),y (g),z (g),note\n0,0.1,0.2,1,\n20,0.1,0.2,1\n\n40,0.1,0.2,1,a\n60,0.1,0.2,1,,,\n80,0,0,1,\n";
    assert!(plain(sparse).header.findings.is_empty(), "{}", texts(&plain(sparse)));
    let remark = format!("t (ms),x (g),y (g),z (g),note\n0,0.1,0.2,1,b,c\n{}", rows(50, ",0.1,0.2,1,"));
    assert_eq!(found(&plain(&remark), "1 rows have more cells").severity, Severity::Warning);
}

#[test]
fn dialects_name_columns_of_tables_without_names() {
    let dialects = "[[dialect]]\nname = 'ours'\ntitle = 'Ours'\nrow = '#,#,#'\ntime = '1'\ntime_format = 'ms'\n\
                    [dialect.accelerometer]\ncolumns = ['4', '3', '2']\nunit = 'mg'\n[dialect.gyroscope]\ncolumns = ['5', '6', '7']\n";
    let text: String = (0..200).map(|i| format!("{},{i},2,3,4,5,6\n", i * 20)).collect();
    let whole =
        with(&text, |options| options.dialects = ambulo_formats::Dialects::parse(dialects).unwrap()).unwrap();
    assert_eq!(whole.parts[0].values[7], [3.0, 2.0, 7.0]);
    assert_eq!((whole.parts[0].times_ns[1], whole.parts[1].values[0]), (20_000_000, [4.0, 5.0, 6.0]));
    assert_eq!(whole.header.sensors[0].unit, Some(Unit::MilliG));
}
