//! Recordings that come line by line.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

use ambulo_formats::{LiveReader, LiveSample, ReadOptions, Taken, open_bytes};
use ambulo_signal::{Chunk, Sensor, Source as _, Start, Unit};
use proptest::prelude::*;
use std::fmt::Write as _;

/// Feeds lines; with a stop after each of these, at which the reader is written down and read again.
fn fed(text: &str, options: &ReadOptions, stops: &[usize]) -> (LiveReader, Taken) {
    let (mut reader, mut taken) = (LiveReader::new(options.clone()), Taken::default());
    for (number, line) in text.split('\n').enumerate() {
        if stops.contains(&number) {
            let state = serde_json::to_string(&reader.state()).unwrap();
            reader = LiveReader::going_on(options.clone(), serde_json::from_str(&state).unwrap()).unwrap();
        }
        reader.line(line.as_bytes(), &mut taken).unwrap();
    }
    reader.finish(&mut taken).unwrap();
    (reader, taken)
}

/// Samples as bits, since NaN is not itself.
fn bits(samples: &[LiveSample], sensor: Sensor) -> Vec<(i64, [u32; 3])> {
    let own = samples.iter().filter(|sample| sample.sensor == sensor);
    own.map(|sample| (sample.time_ns, sample.value.map(f32::to_bits))).collect()
}

/// What a file says of a sensor: its unit, its samples as bits.
type Read = (Sensor, Option<Unit>, Vec<(i64, [u32; 3])>);

/// The same as a file.
fn from_file(text: &str, options: &ReadOptions) -> (Start, Vec<Read>) {
    let mut all = open_bytes("walk.csv", text.as_bytes().to_vec(), options).unwrap();
    let mut source = all.remove(0);
    let mut chunk = Chunk::default();
    let mut samples = vec![Vec::new(); source.header().sensors.len()];
    while source.read(&mut chunk).unwrap() {
        for (samples, part) in samples.iter_mut().zip(&chunk.parts) {
            samples
                .extend(part.times_ns.iter().copied().zip(part.values.iter().map(|v| v.map(f32::to_bits))));
        }
    }
    let header = source.header();
    let sensors = header.sensors.iter().zip(samples).map(|(info, samples)| (info.sensor, info.unit, samples));
    (header.start, sensors.collect())
}

fn declared(columns: &str) -> ReadOptions {
    ReadOptions { columns: Some(columns.parse().unwrap()), ..ReadOptions::default() }
}

/// Forty rows, `row` of the number of each.
fn table(names: &str, row: impl Fn(u32) -> String) -> String {
    (0..40).fold(format!("{names}\n"), |text, i| text + &row(i) + "\n")
}

#[test]
fn a_table_is_the_same_line_by_line() {
    let usual = ReadOptions::default();
    let rate = ReadOptions { rate_hz: Some(50.0), ..usual.clone() };
    let cases = [
        (
            table("time_s,acc_x_g,acc_y_g,acc_z_g", |i| format!("{}.{:02},0.1,{i},-1e-3", i / 50, 2 * i)),
            &usual,
        ),
        (
            table("Zeit (s);ax (m/s²);ay (m/s²);az (m/s²);gx;gy;gz", |i| {
                format!("0,{:02};9,81;0;{i};1;2;3", 2 * i)
            }),
            &usual,
        ),
        (
            table("timestamp,x,y,z", |i| format!("{},1.5,,NaN", 1_777_629_600_000u64 + 20 * u64::from(i))),
            &usual,
        ),
        (table("time,x,y,z", |i| format!("2026-05-01T10:00:00.{:03}+02:00,\"1\",2,{i}.5", 20 * i)), &usual),
        (
            table("time,x,y,z", |i| {
                format!("{}:00.{:03},1,2,{i}.5", if i < 20 { "23:59" } else { "00:00" }, 20 * i)
            }),
            &usual,
        ),
        (table("x,y,z", |i| format!("1.5,2.5,{i}")), &rate),
        (table("a\tb\tc\td", |i| format!("{}\t1.5\t2\t{i}", 20 * i)), &declared("time=1,acc=2-4")),
    ];
    for (text, options) in &cases {
        let (start, expected) = from_file(text, options);
        for stops in [&[][..], &[3, 25], &[11, 12]] {
            let (reader, taken) = fed(text, options, stops);
            assert!(taken.bad.is_empty(), "{text}{:?}", taken.bad);
            assert_eq!(reader.header().start, start, "{text}");
            let known: Vec<Sensor> = reader.header().sensors.iter().map(|info| info.sensor).collect();
            assert_eq!(known, expected.iter().map(|sensor| sensor.0).collect::<Vec<_>>(), "{text}");
            for (sensor, unit, samples) in &expected {
                let place = reader.header().position(*sensor).unwrap();
                assert_eq!(reader.header().sensors[place].unit, *unit, "{text}");
                assert_eq!(bits(&taken.samples, *sensor), *samples, "{text}");
            }
        }
    }
}

#[test]
fn objects_of_one_sensor_each_have_one_clock() {
    let mut text = String::new();
    for i in 0..40 {
        let ms = 1_777_629_600_000u64 + 20 * i;
        writeln!(text, "{{\"sensor\":\"gyro\",\"time\":{},\"values\":[0.1,{i},-2]}}", ms + 7).unwrap();
        writeln!(text, "{{\"name\":\"Accelerometer\",\"time\":\"{ms}\",\"x\":{i},\"y\":null,\"z\":1}}")
            .unwrap();
        writeln!(text, "{{\"sensor\":\"barometer\",\"time\":{ms},\"x\":1,\"y\":1,\"z\":1}}").unwrap();
    }
    for stops in [&[][..], &[5, 40, 61], &[31]] {
        let (reader, taken) = fed(&text, &ReadOptions::default(), stops);
        assert!(taken.bad.is_empty(), "{:?}", taken.bad);
        let gyro = bits(&taken.samples, Sensor::Gyroscope);
        let acc = bits(&taken.samples, Sensor::Accelerometer);
        let ms = |i: i64, more: i64| (20 * i + more) * 1_000_000;
        assert_eq!(
            gyro.iter().map(|s| s.0).collect::<Vec<_>>(),
            (0..40).map(|i| ms(i, 0)).collect::<Vec<_>>()
        );
        assert_eq!(
            acc.iter().map(|s| s.0).collect::<Vec<_>>(),
            (0..40).map(|i| ms(i, -7)).collect::<Vec<_>>()
        );
        assert_eq!(gyro[3].1, [0.1f32, 3.0, -2.0].map(f32::to_bits));
        assert!(acc[39].1[0] == 39f32.to_bits() && f32::from_bits(acc[39].1[1]).is_nan());
        assert!(matches!(reader.header().start, Start::Utc { utc_ns: 1_777_629_600_007_000_000, .. }));
    }
}

#[test]
fn a_row_holds_what_it_names() {
    let text: String = (0..40)
        .map(|i| match i % 3 {
            0 => format!("{{\"t_ms\":{},\"acc\":{{\"x\":1,\"y\":2,\"z\":{i}}}}}\n", 20 * i),
            1 => format!("{{\"t_ms\":{},\"gyro_x\":1,\"gyro_y\":2,\"gyro_z\":{i}}}\n", 20 * i),
            _ => format!("{{\"t_ms\":{},\"note\":\"{i}\"}}\n", 20 * i),
        })
        .collect();
    let (_, taken) =
        fed(&text, &declared("time=t_ms,ax=acc.x,ay=acc.y,az=acc.z,gx=gyro_x,gy=gyro_y,gz=gyro_z"), &[]);
    assert_eq!((bits(&taken.samples, Sensor::Accelerometer).len(), taken.bad.len()), (14, 13));
    assert_eq!(bits(&taken.samples, Sensor::Gyroscope).len(), 13);
    assert_eq!(taken.bad[0].to_string().split("; ").next(), Some("line 3: an object without them"));
}

#[test]
fn other_columns_end_a_table() {
    let rows = table("t (s),x (g),y (g),z (g)", |i| format!("{}.{:02},1,2,3.5", i / 50, 2 * (i % 50)));
    let mut reader = LiveReader::new(ReadOptions::default());
    let mut taken = Taken::default();
    for line in rows.lines().chain(rows.lines()) {
        reader.line(line.as_bytes(), &mut taken).unwrap();
    }
    assert_eq!((taken.samples.len(), taken.bad.len()), (80, 0), "the same names again say nothing");
    let error = reader.line(b"t (s),y (g),x (g),z (g)", &mut taken).unwrap_err().to_string();
    assert!(error.contains("line 83") && error.contains("other columns"), "{error}");
}

proptest! {
    #[test]
    fn any_lines_are_read_or_refused(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..40)) {
        let (mut reader, mut taken) = (LiveReader::new(ReadOptions::default()), Taken::default());
        for line in &lines {
            if reader.line(line, &mut taken).is_err() {
                return Ok(());
            }
        }
        let _ = reader.finish(&mut taken);
    }

    /// Ordinary lines with parts of them replaced; stopped anywhere they give the same.
    #[test]
    fn a_stop_changes_nothing(
        json in any::<bool>(),
        odd in prop::collection::vec((0usize..30, "[-0-9.,:{}\"a-z ]{0,12}"), 0..4),
        stop in 0usize..31,
    ) {
        let row = |i: usize| match json {
            true => format!("{{\"time_s\":{}.{:02},\"x\":1,\"y\":{i},\"z\":0.5}}", i / 50, 2 * (i % 50)),
            false => format!("{}.{:02},1,{i},0.5", i / 50, 2 * (i % 50)),
        };
        let mut lines: Vec<String> = (0..30).map(row).collect();
        if !json {
            lines.insert(0, "time_s,x,y,z".to_owned());
        }
        for (at, text) in &odd {
            // Not among those by which it is decided what lines hold: there they may decide anything.
            if *at > 12 {
                lines[*at] = text.clone();
            }
        }
        let text = lines.join("\n");
        let whole = fed(&text, &ReadOptions::default(), &[]).1;
        let stopped = fed(&text, &ReadOptions::default(), &[stop]).1;
        prop_assert_eq!(bits(&whole.samples, Sensor::Accelerometer), bits(&stopped.samples, Sensor::Accelerometer));
        prop_assert_eq!(whole.bad.len(), stopped.bad.len());
        prop_assert!(whole.samples.len() >= 26 - odd.len());
    }
}
