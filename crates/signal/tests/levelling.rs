//! Levelling: wearing periods of recordings with segments, and what becomes of them.
#![expect(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

mod common;

use ambulo_signal::intake::Declared;
use ambulo_signal::levelling::{Stretches, WearingPeriod, wearing_periods};
use ambulo_signal::{Layout, Level, Preprocessing, Rotation, Segment, SensorSeries, SignalError};
use common::{recording, stamped, swaying, turning, walking};
use std::f32::consts::PI;

const UP: [f32; 3] = [1.0, 0.0, 0.0];

fn levelled() -> Preprocessing {
    Preprocessing { level: Level::Recording { up: UP }, ..Preprocessing::default() }
}

/// Rows of one way of wearing: a little over ten minutes, half of them walking.
const PART: usize = 31_200;
const HALF: usize = PART / 2;

/// Walking, then standing, for each way of wearing; `pause_s` seconds without samples between them.
fn worn(ways: &[Rotation], pause_s: f64) -> Vec<SensorSeries> {
    let sample = |i: usize, of: fn(usize) -> [f32; 3]| {
        let way = ways[i / PART];
        (20.0 * i as f64 + 1e3 * pause_s * (i / PART) as f64, way.apply(of(i)))
    };
    let acc = move |i: usize| sample(i, if i % PART < HALF { walking } else { swaying });
    let still: fn(usize) -> [f32; 3] = |i| turning(i).map(|w| w / 50.0);
    let gyro = move |i: usize| sample(i, if i % PART < HALF { turning } else { still });
    let all = 0..PART * ways.len();
    let accelerometer = stamped(ambulo_signal::Sensor::Accelerometer, all.clone().map(acc));
    vec![accelerometer, stamped(ambulo_signal::Sensor::Gyroscope, all.map(gyro))]
}

fn about_y(angle: f32) -> Rotation {
    Rotation::about([0.0, 1.0, 0.0], angle)
}

fn segments(ways: &[Rotation], pause_s: f64) -> Vec<Segment> {
    let r = recording(worn(ways, pause_s));
    levelled().segments(&mut r.source(), &Declared::default()).unwrap().0
}

/// Mean total acceleration of some rows.
fn mean(segment: &Segment, from: usize, to: usize) -> [f32; 3] {
    let rows: Vec<&[f32]> = segment.signals.iter().skip(from).take(to - from).collect();
    [0, 1, 2].map(|c| rows.iter().map(|row| row[c]).sum::<f32>() / rows.len() as f32)
}

fn is_level(v: [f32; 3]) -> bool {
    (v[0] - 1.0).abs() < 0.02 && v[1].abs() < 0.05 && v[2].abs() < 0.05
}

#[test]
fn two_wearings_without_a_pause_become_two_level_segments() {
    let all = segments(&[about_y(0.3), about_y(2.4)], 0.0);
    assert_eq!(all.len(), 2);
    let cut = all[0].signals.len();
    assert!(cut.abs_diff(PART) <= 128, "{cut}");
    assert_eq!(cut + all[1].signals.len(), 2 * PART);
    assert_eq!((all[0].start_ns, all[1].start_ns), (0, 20_000_000 * cut as i64));
    // What filters make of the change itself lies within two seconds of it.
    let [first, second] = &all[..] else { panic!() };
    for (segment, from, to) in [
        (first, 100, HALF - 100),
        (first, HALF + 100, PART - 300),
        (second, 300, HALF - 200),
        (second, HALF + 200, PART - 300),
    ] {
        assert!(is_level(mean(segment, from, to)), "{from} to {to}: {:?}", mean(segment, from, to));
    }
}

#[test]
fn segments_of_one_wearing_are_turned_alike_and_a_pause_is_the_boundary() {
    let ways = [about_y(0.3), about_y(0.3), about_y(PI), about_y(PI)];
    let all = segments(&ways, 10.0);
    let shape: Vec<(i64, usize)> = all.iter().map(|s| (s.start_ns / 1_000_000, s.signals.len())).collect();
    assert_eq!(shape, [(0, PART), (634_000, PART), (1_268_000, PART), (1_902_000, PART)]);
    for segment in &all {
        assert!(is_level(mean(segment, 100, HALF - 100)) && is_level(mean(segment, HALF + 100, PART - 100)));
    }
}

#[test]
fn levelling_turns_and_changes_nothing_else() {
    let r = recording(worn(&[about_y(0.7)], 0.0));
    let plain = Preprocessing::default().segments(&mut r.source(), &Declared::default()).unwrap().0;
    let all = segments(&[about_y(0.7)], 0.0);
    assert_eq!((all.len(), plain.len()), (1, 1));
    let length = |row: &[f32], i: usize| row[i..i + 3].iter().map(|v| v * v).sum::<f32>().sqrt();
    for (a, b) in all[0].signals.iter().zip(plain[0].signals.iter()) {
        assert!((0..3).all(|i| (length(a, 3 * i) - length(b, 3 * i)).abs() < 1e-5));
    }
    // `levelled` does the same to a stretch of one wearing.
    let mut by_hand = plain[0].signals.clone();
    levelled().levelled(&mut by_hand).unwrap();
    assert!(by_hand.values().iter().zip(all[0].signals.values()).all(|(a, b)| (a - b).abs() < 1e-5));
    let mut as_worn = plain[0].signals.clone();
    assert_eq!(Preprocessing::default().levelled(&mut as_worn).unwrap(), Rotation::IDENTITY);
    assert_eq!(as_worn, plain[0].signals);
}

#[test]
fn a_wearing_without_a_vertical_is_refused() {
    // Turned on and on about a horizontal axis: no direction that half of the stretches agree on.
    let mut series = worn(&[Rotation::IDENTITY; 2], 0.0);
    for (i, v) in series[0].values.iter_mut().enumerate() {
        *v = about_y(i as f32 * 2.0 * PI / HALF as f32).apply(*v);
    }
    let error = levelled().segments(&mut recording(series).source(), &Declared::default()).unwrap_err();
    assert!(matches!(error, SignalError::NoVertical { .. }), "{error}");
}

/// Rows of acceleration alone, of a wearer who moves all the time.
fn moving(way: Rotation, rows: usize) -> Vec<f32> {
    let row = |i: usize| {
        let s = (i as f32 / 4.0).sin();
        let mut row = [1.0 + 0.3 * s, 0.1 * s, 0.05, 0.3 * s, 0.1 * s, 0.0];
        way.apply_rows(&mut row);
        row
    };
    (0..rows).flat_map(row).collect()
}

#[test]
fn the_pieces_that_rows_come_in_do_not_matter_to_the_summaries() {
    let rows = moving(about_y(0.4), 2000);
    let summaries = |piece: usize| {
        let mut stretches = Stretches::new(50.0, Layout::ACCELERATION);
        rows.chunks(6 * piece).for_each(|part| stretches.push(part));
        stretches.end_segment();
        stretches.push(&rows);
        stretches.all().to_vec()
    };
    let whole = summaries(2000);
    assert_eq!(whole, summaries(1));
    assert_eq!(whole, summaries(127));
    // 2.56 s every 1.28 s; whole ones only, and none across two segments.
    assert_eq!(whole.len(), 2 * ((2000 - 128) / 64 + 1));
    assert_eq!((whole[1].row, whole[30].segment, whole[30].row), (64, 1, 0));
}

#[test]
fn thirty_degrees_are_another_wearing_and_fewer_are_not() {
    let periods = |degrees: f32, rows: usize| {
        let mut stretches = Stretches::new(50.0, Layout::ACCELERATION);
        stretches.push(&moving(Rotation::IDENTITY, PART));
        stretches.end_segment();
        stretches.push(&moving(about_y(degrees.to_radians()), rows));
        wearing_periods(&stretches).unwrap()
    };
    assert_eq!(periods(29.0, PART).len(), 1);
    assert_eq!(periods(31.0, PART).len(), 2);
    // Ten minutes are needed on either side, 468 stretches; what is much shorter makes no period.
    assert_eq!(periods(90.0, 128 + 100 * 64).len(), 1);
    assert_eq!(periods(90.0, 128 + 467 * 64).len(), 2);
}

#[test]
fn what_is_not_levelled_has_no_periods() {
    let mut stretches = Stretches::new(50.0, Layout::ACCELERATION);
    stretches.push(&moving(Rotation::IDENTITY, 3000));
    assert_eq!(Preprocessing::default().wearing(&stretches).unwrap().len(), 0);
    let all = levelled().wearing(&stretches).unwrap();
    let [(WearingPeriod { segment: 0, row: 0, vertical }, rotation)] = &all[..] else { panic!("{all:?}") };
    let up = rotation.apply(*vertical);
    assert!(up.iter().zip(UP).all(|(a, b)| (a - b).abs() < 1e-5), "{up:?}");
}
