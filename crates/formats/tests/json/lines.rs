//! Objects whose names are those of columns.

use super::common::bytes;
use super::{MS, NINE, fails, plain, says};
use ambulo_formats::{ErrorKind, Need, ReadOptions};
use ambulo_signal::{FindingKind, Start, Unit};

#[test]
fn objects_whose_names_are_columns() {
    let rows = |row: &dyn Fn(i64) -> String| (0..100).map(|i| row(i) + "\n").collect::<String>();
    let flat = rows(&|i| {
        format!(
            r#"{{"timestamp":{},"acc_x (m/s\u00b2)":{i}.5,"acc_y (m/s²)":-1e-1,"acc_z (m/s²)":9.8,"note":"a"}}"#,
            NINE + i * 20 * MS + 1
        )
    });
    let whole = plain(&flat);
    assert_eq!(whole.header.sensors[0].unit, Some(Unit::MetresPerSecondSquared));
    assert_eq!(whole.header.start, Start::Utc { utc_ns: NINE + 1, offset_s: None }, "beyond 2^53");
    assert_eq!((whole.parts[0].len(), whole.parts[0].values[99]), (100, [99.5, -0.1, 9.8]));
    assert_eq!(whole.parts[0].times_ns[99], 99 * 20 * MS);

    let nested = rows(&|i| {
        format!(
            r#"{{"time":"2024-03-05T10:00:{:02}.{:03}+01:00","acc":{{"x":0.1,"y":0.2,"z":0.9}},"gyro":[1,2,{i}]}}"#,
            i / 50,
            i % 50 * 20
        )
    });
    for text in
        [nested.clone(), format!("[{}]", nested.trim().replace('\n', ",\n")), nested.replace('\n', " ")]
    {
        let whole = plain(&text);
        assert_eq!(whole.parts[0].values[0], [0.1, 0.2, 0.9]);
        assert_eq!(whole.parts[1].values[99], [1.0, 2.0, 99.0]);
        assert_eq!(whole.header.start, Start::Utc { utc_ns: NINE, offset_s: Some(3600) });
        assert_eq!(whole.parts[0].times_ns[99], 1980 * MS);
    }

    let gaps = rows(&|i| match i {
        5 => r#"{"t":100,"x":NaN,"z":3}"#.to_owned(),
        6 => r#"{"x":1,"y":2,"z":3}"#.to_owned(),
        7 => r#"{"event":"button"}"#.to_owned(),
        8 => r#"{"t":160,"x":"one","y":2,"z":3}"#.to_owned(),
        9 => r#"{"t":180,"x":1,"y":2"#.to_owned(),
        i => format!(r#"{{"t":{},"z":3,"y":2,"x":1}}"#, i * 20),
    });
    let whole = plain(&gaps);
    let part = &whole.parts[0];
    assert_eq!(
        (part.len(), part.times_ns[6], part.times_ns[7], part.times_ns[8]),
        (98, 130 * MS, 160 * MS, 200 * MS)
    );
    assert!(part.values[5][0].is_nan() && part.values[5][1].is_nan() && part.values[5][2] == 3.0);
    assert_eq!(says(&whole, FindingKind::File, &["none of the names", "line 8", "`event`"]), 1);
    assert!(whole.header.findings.iter().all(|finding| !finding.text.contains("button")));
    assert_eq!(says(&whole, FindingKind::Missing, &["`one`", "line 9"]), 1);
    assert_eq!(says(&whole, FindingKind::File, &["no whole object", "line 10"]), 1);
    assert_eq!(says(&whole, FindingKind::Clock, &["no time", "line 7"]), 1);
}

#[test]
fn gravity_that_stands_apart_is_added() {
    let rows: String = (0..60)
        .map(|i| {
            let (time, elapsed) = (NINE + i * 20 * MS, i as f64 / 50.0);
            format!(
                r#"{{"time":{time},"seconds_elapsed":{elapsed},"rotationRateX":0.5,"rotationRateY":0.25,"rotationRateZ":-0.5,"gravityX":0,"gravityY":0,"gravityZ":-1,"accelerationX":0.1,"accelerationY":0,"accelerationZ":0}}"#
            ) + "\n"
        })
        .collect();
    let whole = plain(&rows);
    // Of a watch: signs of iOS, turned.
    assert_eq!((whole.parts[0].len(), whole.parts[0].values[7]), (60, [-0.1, 0.0, 1.0]));
    assert_eq!((whole.parts[1].len(), whole.parts[1].values[7]), (60, [0.5, 0.25, -0.5]));
}

#[test]
fn other_json_is_named() {
    let options = ReadOptions::default();
    fails(r#"{"name":"x","version":"1.0"}"#, &options, ErrorKind::NoTable, &["JSON", "`name`", "`version`"]);
    fails(r#"{"acc_x":1,"acc_y"#, &options, ErrorKind::Damaged, &["line 1"]);
    let long: String = (0..60)
        .map(|i| format!("{{\"t\":{i},\"sensor\":\"{}\",\"x\":1,\"y\":2,\"z\":3}}\n", ["acc", "gyro"][i % 2]))
        .collect();
    fails(&long, &options, ErrorKind::Unsupported, &["several sensors", "`acc`", "`gyro`"]);
    let no_time: String = (0..60).map(|i| format!("{{\"x\":{i},\"y\":2,\"z\":3}}\n")).collect();
    fails(&no_time, &options, ErrorKind::Needs(Need::Rate), &["rate"]);
    let rate = ReadOptions { rate_hz: Some(50.0), ..ReadOptions::default() };
    assert_eq!(bytes(no_time.as_bytes(), &rate).unwrap().parts[0].times_ns[59], 59 * 20 * MS);
}
