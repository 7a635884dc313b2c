use super::*;

const GAP: i64 = 200_000_000;

/// Segments as start in ms and rows, of sensors whose samples are (time in ms, value); `None` begins anew.
fn aligned(rate_hz: f64, sensors: &[Vec<Option<(i64, f32)>>]) -> Vec<(i64, Vec<Vec<f32>>)> {
    let mut aligner = Aligner::new(sensors.len(), rate_hz, GAP);
    let mut segments: Vec<(i64, Vec<Vec<f32>>)> = Vec::new();
    let mut ended = 0;
    let mut emit = |row: Row<'_>| match row {
        Row::Begin(start) => segments.push((start / 1_000_000, Vec::new())),
        Row::Values(row) => segments.last_mut().unwrap().1.push(row.iter().step_by(3).copied().collect()),
        Row::End => ended += 1,
    };
    let longest = sensors.iter().map(Vec::len).max().unwrap();
    for i in 0..longest {
        for (number, samples) in sensors.iter().enumerate() {
            match samples.get(i) {
                Some(Some((t, v))) => aligner.push(number, t * 1_000_000, [*v; 3]),
                Some(None) => aligner.begin_anew(number),
                None => {}
            }
            aligner.advance(&mut emit);
        }
    }
    aligner.finish(&mut emit);
    assert_eq!(ended, segments.len());
    segments
}

fn every(step: i64, count: i64) -> Vec<Option<(i64, f32)>> {
    (0..count).map(|i| Some((i * step, i as f32))).collect()
}

#[test]
fn samples_on_the_grid_keep_their_bits() {
    let values: Vec<f32> = (0..50).map(|i| (i as f32 * 0.7).sin() / 3.0).collect();
    let samples = values.iter().enumerate().map(|(i, v)| Some((20 * i as i64, *v))).collect();
    let segments = aligned(50.0, &[samples]);
    assert_eq!(segments.len(), 1);
    let back: Vec<f32> = segments[0].1.iter().map(|row| row[0]).collect();
    assert_eq!(back, values);
}

#[test]
fn another_rate_is_interpolated() {
    let segments = aligned(50.0, &[every(40, 5)]);
    let row: Vec<f32> = segments[0].1.iter().map(|row| row[0]).collect();
    assert_eq!(row, [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]);
}

#[test]
fn a_gap_ends_the_segment_and_nothing_is_made_up() {
    let mut samples = every(20, 5);
    samples.extend([Some((281, 7.0)), Some((301, 8.0)), Some((2000, 9.0)), Some((2020, 10.0))]);
    let segments = aligned(50.0, &[samples]);
    let shape: Vec<(i64, usize)> = segments.iter().map(|(start, rows)| (*start, rows.len())).collect();
    assert_eq!(shape, [(0, 5), (281, 2), (2000, 2)]);
    // Up to the limit it is bridged.
    let mut samples = every(20, 5);
    samples.extend([Some((280, 5.0)), Some((300, 6.0))]);
    assert_eq!(aligned(50.0, &[samples]).len(), 1);
}

#[test]
fn sensors_with_other_clocks_meet_where_both_are() {
    let fast = (0..100).map(|i| Some((3 + 10 * i, (3 + 10 * i) as f32))).collect();
    let late = (0..30).map(|i| Some((130 + 25 * i, (130 + 25 * i) as f32))).collect();
    let segments = aligned(50.0, &[fast, late]);
    assert_eq!(segments.len(), 1);
    assert_eq!(segments[0].0, 130);
    for (i, row) in segments[0].1.iter().enumerate() {
        let t = 130.0 + 20.0 * i as f32;
        assert!((row[0] - t).abs() < 1e-3 && (row[1] - t).abs() < 1e-3, "{i}: {row:?}");
    }
    assert_eq!(segments[0].1.len(), (855 - 130) / 20 + 1);
}

#[test]
fn one_sensor_that_pauses_ends_the_segment_for_both() {
    let mut paused = every(20, 10);
    paused.extend((0..10).map(|i| Some((1005 + 20 * i, 0.0))));
    let segments = aligned(50.0, &[every(20, 80), paused]);
    let shape: Vec<(i64, usize)> = segments.iter().map(|(start, rows)| (*start, rows.len())).collect();
    assert_eq!(shape, [(0, 10), (1005, 10)]);
}

#[test]
fn a_clock_that_begins_anew_takes_all_sensors_along() {
    let mut one = every(20, 10);
    one.push(None);
    one.extend(every(20, 6));
    let mut other = every(20, 12);
    other.push(None);
    other.extend(every(20, 6));
    let segments = aligned(50.0, &[one, other]);
    let shape: Vec<(i64, usize)> = segments.iter().map(|(start, rows)| (*start, rows.len())).collect();
    assert_eq!(shape, [(0, 10), (0, 6)]);
}

#[test]
fn a_value_that_cannot_be_ends_the_segment_of_all_sensors_and_the_next_begins_after_it() {
    let mut aligner = Aligner::new(2, 50.0, GAP);
    let mut shape: Vec<(i64, usize)> = Vec::new();
    let mut emit = |row: Row<'_>| match row {
        Row::Begin(start) => shape.push((start / 1_000_000, 0)),
        Row::Values(_) => shape.last_mut().unwrap().1 += 1,
        Row::End => {}
    };
    for i in 0..100 {
        if i == 40 {
            aligner.part(0);
        } else {
            aligner.push(0, 20_000_000 * i, [0.0; 3]);
        }
        aligner.push(1, 20_000_000 * i, [0.0; 3]);
        aligner.advance(&mut emit);
    }
    aligner.finish(&mut emit);
    assert_eq!(shape, [(0, 40), (820, 59)]);
}

#[test]
fn a_sensor_that_stops_does_not_fill_the_memory_and_may_come_back() {
    let mut aligner = Aligner::new(2, 50.0, GAP);
    let mut rows = 0;
    let mut emit = |row: Row<'_>| rows += usize::from(matches!(row, Row::Values(_)));
    let away = 3 * LONGEST_WAIT as i64;
    for i in 0..away + 200 {
        aligner.push(0, 20_000_000 * i, [0.0; 3]);
        if i < 100 || i >= away {
            aligner.push(1, 20_000_000 * i, [0.0; 3]);
        }
        aligner.advance(&mut emit);
        assert!(aligner.queues[0].waiting.len() <= LONGEST_WAIT);
    }
    aligner.finish(&mut emit);
    assert_eq!(rows, 300);
    assert_eq!(aligner.given_up(0), away as u64 - 100 - LONGEST_WAIT as u64);
}

#[test]
fn a_clock_that_begins_anew_alone_loses_some_samples_and_not_all() {
    let mut aligner = Aligner::new(2, 50.0, GAP);
    let mut rows = 0;
    let mut emit = |row: Row<'_>| rows += usize::from(matches!(row, Row::Values(_)));
    for i in 0..3 * LONGEST_WAIT as i64 {
        // One stamp of the first sensor is 0 in between.
        if i == 5000 {
            aligner.begin_anew(0);
            aligner.push(0, 0, [0.0; 3]);
            aligner.part(0);
        } else {
            aligner.push(0, 20_000_000 * i, [0.0; 3]);
        }
        aligner.push(1, 20_000_000 * i, [0.0; 3]);
        aligner.advance(&mut emit);
    }
    aligner.finish(&mut emit);
    assert!(rows > 3 * LONGEST_WAIT - 2 * LONGEST_RESET_WAIT, "{rows}");
}
