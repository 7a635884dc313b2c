//! Records that end with semicolons, factors, and gravity that is added.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ColumnRef, ErrorKind, Need, ReadOptions, open_bytes};
use ambulo_signal::{FindingKind, Sensor, Source as _};
use common::{Whole, bytes};

fn options(columns: &str) -> ReadOptions {
    ReadOptions { columns: Some(columns.parse().unwrap()), ..ReadOptions::default() }
}

fn findings(whole: &Whole) -> Vec<(String, u64)> {
    whole.header.findings.iter().map(|finding| (finding.text.clone(), finding.count)).collect()
}

/// As people's raw files have it: several records in a line, none in others, a comma before the end, and records cut short.
const RECORDS: &str = "\
33,Jogging,49105962326000,-0.69,12.68,0.50;
33,Jogging,49106062271000,5.01,11.26,0.95;33,Jogging,49106112167000,4.90,10.88,-0.08;

33,Jogging,49106222305000,-0.61,18.49,3.02,;
11,Walking,49106332290000,4.4,4.4,
11,Walking,49106442290000,4.4,4.4;
11,Walking,49106552290000,1,2,3; 11,Walking,49106652290000,1,2,4;\t
11,Walking,49106752290000,1,2,5";

#[test]
fn several_records_in_a_line() {
    let asked = options("time=3,acc=4-6");
    for (text, how) in [
        (RECORDS.to_owned(), "as it is"),
        (RECORDS.replace('\n', "\r\n"), "with carriage returns"),
        (format!("{RECORDS};"), "the last with an end"),
        (format!("{RECORDS};\n\n"), "and the line too"),
        (RECORDS.replace("Jogging", "\"Jogging\""), "with quotes"),
    ] {
        let whole = bytes(text.as_bytes(), &asked).unwrap();
        let x: Vec<f32> = whole.parts[0].values.iter().map(|value| value[0]).collect();
        assert_eq!(x, [-0.69, 5.01, 4.90, -0.61, 1.0, 1.0, 1.0], "{how}");
        assert_eq!(whole.parts[0].values[2], [4.90, 10.88, -0.08], "{how}");
        assert_eq!(whole.parts[0].times_ns[2], 149_841_000, "{how}");
        let expected =
            "2 records have a value of one axis and none of another: dropped, the first in line 5".to_owned();
        assert_eq!(findings(&whole), [(expected, 2)], "{how}");
    }
    // The texts go with the samples.
    let asked = ReadOptions { texts: vec![ColumnRef::Number(2)], ..asked };
    let mut opened = open_bytes("a.txt", RECORDS.as_bytes().to_vec(), &asked).unwrap().remove(0);
    let (mut chunk, mut runs) = (ambulo_signal::Chunk::default(), Vec::new());
    while opened.read(&mut chunk).unwrap() {
        runs.extend(opened.take_texts().into_iter().map(|run| (run.sample, run.texts[0].to_string())));
    }
    assert_eq!(runs, [(0, "Jogging".to_owned()), (4, "Walking".to_owned())]);
}

#[test]
fn all_in_one_line_and_cut() {
    let line = "1,0,1,2,3;1,20,1,2,4; 1,40,1,2,5";
    let whole = bytes(line.as_bytes(), &options("time=2,acc=3-5")).unwrap();
    assert_eq!(whole.parts[0].values, [[1.0, 2.0, 3.0], [1.0, 2.0, 4.0], [1.0, 2.0, 5.0]]);
    let cut = "1,0,1,2,3;1,20,1,2,4;1,40,1,2,5;\n1,60,1,2,3;1,80,1";
    let whole = bytes(cut.as_bytes(), &options("time=2,acc=3-5")).unwrap();
    assert_eq!(whole.parts[0].values.len(), 4);
}

#[test]
fn the_usual_and_the_general_way_agree() {
    let mut text = String::new();
    for i in 0..30_000 {
        let end = ["\n", "\n", "", "\r\n", "\n\n", " "][i % 97 % 6];
        let more = if i % 11 == 3 { "," } else { "" };
        let z = if i % 1_013 == 7 { "" } else { "0.25" };
        text +=
            &format!("7,walk {},{}0000000,{:.3},-9.5,{z}{more};{end}", i / 999, 100 + i * 2, i as f64 * 0.01);
    }
    let asked = options("time=3,acc=4-6");
    let plain = bytes(text.as_bytes(), &asked).unwrap();
    assert_eq!(plain.parts[0].values.len(), 30_000 - 30);
    // A quote sends all rows of its block the general way.
    let general = bytes(text.replacen("walk", "\"walk", 1).as_bytes(), &asked).unwrap();
    assert_eq!(general.parts, plain.parts);
    assert_eq!(findings(&general), findings(&plain));
    assert!(findings(&plain)[0].0.starts_with("30 records"), "{:?}", findings(&plain));
}

#[test]
fn rows_without_times_keep_theirs() {
    // Nothing but the rate tells when a sample was: one that lacks an axis keeps its place.
    let text = "17,-179,-99;\n15,,-90;\n1,-176,-81;\n-10,-180,-85;\n";
    let asked = ReadOptions { rate_hz: Some(200.0), ..options("acc=1-3") };
    let whole = bytes(text.as_bytes(), &asked).unwrap();
    assert_eq!(whole.parts[0].times_ns, [0, 5_000_000, 10_000_000, 15_000_000]);
    assert!(whole.parts[0].values[1][1].is_nan());
}

#[test]
fn counts_and_signs() {
    let text = "17,-179,-99,-18,-504,-352;\n15,-174,-90,-53,-568,-306;\n1,-176,-81,-84,-613,-271;\n";
    let mut asked = ReadOptions { rate_hz: Some(200.0), ..options("acc=1-3,gyro=4-6") };
    asked.scale = vec![(Sensor::Accelerometer, 32.0 / 8192.0), (Sensor::Gyroscope, -4000.0 / 65536.0)];
    asked.units = "acc=g,gyro=deg/s".parse().unwrap();
    let whole = bytes(text.as_bytes(), &asked).unwrap();
    assert_eq!(whole.parts[0].values[0], [0.066_406_25, -0.699_218_75, -0.386_718_75]);
    assert_eq!(whole.parts[1].values[2], [5.126_953, 37.414_55, 16.540_527]);
    let said = whole.header.conversions.join("\n");
    assert!(said.contains("accelerometer x 0.00390625\ngyroscope x -0.06103515625"), "{said}");
    for wrong in [0.0, f64::NAN, f64::INFINITY] {
        asked.scale = vec![(Sensor::Gyroscope, wrong)];
        let error = bytes(text.as_bytes(), &asked).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Needs(Need::Unit(Sensor::Gyroscope)));
    }
    // A table in which each row is of one sensor.
    let long = "type,time (ms),x,y,z\n0,0,8,16,24\n1,0,1,2,3\n0,20,8,16,32\n1,20,1,2,4\n";
    let asked =
        ReadOptions { scale: vec![(Sensor::Gyroscope, 0.5)], ..options("type=type,time=time,x=x,y=y,z=z") };
    let whole = bytes(long.as_bytes(), &asked).unwrap();
    assert_eq!(whole.parts[0].values[0], [8.0, 16.0, 24.0]);
    assert_eq!(whole.parts[1].values[1], [0.5, 1.0, 2.0]);
    assert!(whole.header.conversions.contains(&"gyroscope x 0.5".to_owned()));
}

#[test]
fn gravity_kept_apart() {
    let text = ",gravity.x,gravity.y,gravity.z,rotationRate.x,rotationRate.y,rotationRate.z,userAcceleration.x,\
                userAcceleration.y,userAcceleration.z\n0,0.5,-0.75,0.25,1,2,3,0.125,0.25,-0.5\n1,0.5,-0.75,0.25,1,2,4,1,2,3\n";
    let names = |stem: &str| ["x", "y", "z"].map(|axis| ColumnRef::Name(format!("{stem}.{axis}"))).to_vec();
    let columns = "ax=userAcceleration.x,ay=userAcceleration.y,az=userAcceleration.z,gx=rotationRate.x,gy=rotationRate.y,\
                   gz=rotationRate.z";
    let mut asked = ReadOptions { rate_hz: Some(50.0), added: names("gravity"), ..options(columns) };
    asked.scale = vec![(Sensor::Accelerometer, -1.0)];
    let whole = bytes(text.as_bytes(), &asked).unwrap();
    assert_eq!(whole.parts[0].values, [[-0.625, 0.5, 0.25], [-1.5, -1.25, -3.25]]);
    assert_eq!(whole.parts[1].values[0], [1.0, 2.0, 3.0]);
    assert!(!whole.header.findings.iter().any(|finding| finding.kind == FindingKind::GravityRemoved));
    let said = whole.header.conversions.join("\n");
    assert!(said.contains("`userAcceleration.x`") && said.contains("plus columns `gravity.x`"), "{said}");
    asked.added = Vec::new();
    let whole = bytes(text.as_bytes(), &asked).unwrap();
    assert!(whole.header.findings.iter().any(|finding| finding.kind == FindingKind::GravityRemoved));
    for wrong in [names("gravity")[..2].to_vec(), names("earth")] {
        asked.added = wrong;
        assert_eq!(bytes(text.as_bytes(), &asked).err().unwrap().kind(), ErrorKind::Needs(Need::Columns));
    }
}
