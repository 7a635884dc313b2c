//! Whatever stamps, values, rates and chunks come: nothing panics, frames are whole, times rise.

mod common;

use ambulo_signal::intake::{Declared, Intake, Piece, Survey, survey};
use ambulo_signal::{
    Chunk, Clock, Header, Preprocessing, Resampling, Samples, Sensor, SensorInfo, SensorSeries,
};
use common::recording;
use proptest::prelude::*;

const BOTH: [Sensor; 2] = [Sensor::Accelerometer, Sensor::Gyroscope];

fn stamp() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => (-50i64..50).prop_map(|i| i * 20_000_000),
        2 => any::<i64>(),
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(i64::MAX - 1), Just(0)],
    ]
}

fn value() -> impl Strategy<Value = [f32; 3]> {
    prop_oneof![4 => prop::array::uniform3(-2f32..2.0), 1 => prop::array::uniform3(prop::num::f32::ANY)]
}

fn samples() -> impl Strategy<Value = Vec<(i64, [f32; 3])>> {
    // Partly steps of a clock that mostly goes on.
    let stepping = prop::collection::vec((prop_oneof![9 => 0i64..60_000_000, 1 => stamp()], value()), 0..80)
        .prop_map(|steps| {
            let add = |now: &mut i64, (step, value): (i64, [f32; 3])| {
                *now = now.saturating_add(step);
                Some((*now, value))
            };
            steps.into_iter().scan(0, add).collect()
        });
    prop_oneof![prop::collection::vec((stamp(), value()), 0..60), stepping]
}

fn header(rates: [Option<f64>; 2]) -> Header {
    let info = |(sensor, rate_hz)| SensorInfo { rate_hz, ..SensorInfo::new(sensor) };
    Header { sensors: BOTH.into_iter().zip(rates).map(info).collect(), ..Header::default() }
}

/// Checks what an intake hands on.
#[derive(Default)]
struct Check {
    open: bool,
    frames: usize,
    /// Segments' starts and ends since the clock last began anew.
    last_end_ns: Option<i64>,
    start_ns: i64,
}

impl Check {
    fn take(&mut self, piece: &Piece<'_>, rate_hz: f64, rising: bool) {
        match *piece {
            Piece::Begin { start_ns } => {
                assert!(!self.open);
                if rising {
                    assert!(
                        self.last_end_ns.is_none_or(|end| start_ns > end),
                        "{start_ns} {:?}",
                        self.last_end_ns
                    );
                }
                (self.open, self.frames, self.start_ns) = (true, 0, start_ns);
            }
            Piece::Frames(frames) => {
                assert!(self.open && !frames.is_empty() && frames.len().is_multiple_of(6));
                assert!(frames.iter().all(|v| v.is_finite() && v.abs() < 100.0));
                self.frames += frames.len() / 6;
            }
            Piece::End => {
                assert!(self.open && self.frames > 0);
                self.open = false;
                let length = (self.frames - 1) as f64 * 1e9 / rate_hz;
                self.last_end_ns = Some(self.start_ns.saturating_add(length as i64));
            }
        }
    }
}

proptest! {
    #[test]
    fn nothing_makes_an_intake_panic(
        acc in samples(), gyro in samples(),
        rates in prop::array::uniform2(proptest::option::of(prop_oneof![Just(50.0), Just(100.0), 10.0f64..500.0, prop::num::f64::ANY])),
        max_gap_s in prop_oneof![Just(0.2), 0.0f64..3600.0],
    ) {
        // Long gaps would be bridged with as many points as they hold.
        let declared = Declared { max_gap_s, ..Declared::default() };
        prop_assume!(max_gap_s > 0.0);
        let rate = if max_gap_s > 1.0 { 0.5 } else { 50.0 };
        if let Ok(mut intake) = Intake::live(&header(rates), &BOTH, rate, &declared) {
            let mut check = Check::default();
            for i in 0..acc.len().max(gyro.len()) {
                for (number, samples) in [&acc, &gyro].into_iter().enumerate() {
                    if let Some(&(time_ns, value)) = samples.get(i) {
                        intake.push_sample(number, time_ns, value, &mut |piece| check.take(&piece, rate, false));
                    }
                }
            }
            let text = serde_json::to_string(&intake).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Intake>(&text).unwrap().findings(), &intake.findings());
            intake.finish(&mut |piece| check.take(&piece, rate, false));
            prop_assert!(!check.open);
        }
    }

    #[test]
    fn nothing_makes_a_survey_or_a_preprocessing_panic(acc in samples(), gyro in samples(), rate_hz in prop::num::f64::ANY) {
        let series = |(sensor, samples): (Sensor, Vec<(i64, [f32; 3])>)| {
            let (stamps, values) = samples.into_iter().unzip();
            SensorSeries { info: SensorInfo { rate_hz: Some(rate_hz), ..SensorInfo::new(sensor) }, clock: Clock::Stamps(stamps), values }
        };
        let r = recording(BOTH.into_iter().zip([acc, gyro]).map(series).collect());
        let report = survey(&mut r.source(), &Declared::default()).unwrap();
        for finding in &report.findings {
            prop_assert!(finding.count > 0 && !finding.text.is_empty());
        }
        let p = Preprocessing { resampling: Resampling::Linear, ..Preprocessing::default() };
        if let Ok((segments, _)) = p.segments(&mut r.source(), &Declared::default()) {
            prop_assert!(segments.iter().all(|s| !s.signals.is_empty()));
            prop_assert!(segments.iter().all(|s| s.signals.values().iter().all(|v| v.is_finite())));
        }
        let uniform = SensorSeries {
            info: SensorInfo::new(Sensor::Accelerometer),
            clock: Clock::Uniform { start_ns: i64::MAX - 5, rate_hz },
            values: vec![[0.0, 0.0, 1.0]; 9],
        };
        survey(&mut recording(vec![uniform]).source(), &Declared::default()).unwrap();
    }

    #[test]
    fn segments_follow_each_other_while_the_clocks_go_on(
        steps in prop::collection::vec(prop::array::uniform2(prop_oneof![9 => 0i64..60_000_000, 1 => 0i64..900_000_000]), 1..150),
        damage in prop::collection::vec(0usize..150, 0..4),
    ) {
        let mut intake = Intake::live(&header([Some(50.0); 2]), &BOTH, 50.0, &Declared::default()).unwrap();
        let (mut check, mut now) = (Check::default(), [0i64; 2]);
        for (i, steps) in steps.iter().enumerate() {
            for number in 0..2 {
                now[number] += steps[number];
                let value = if number == 0 && damage.contains(&i) { [1e9; 3] } else { [1.0; 3] };
                intake.push_sample(number, now[number], value, &mut |piece| check.take(&piece, 50.0, true));
            }
        }
        intake.finish(&mut |piece| check.take(&piece, 50.0, true));
        prop_assert!(!check.open);
    }

    #[test]
    fn chunks_of_any_shape_are_taken(
        parts in prop::collection::vec((prop::collection::vec(stamp(), 0..20), prop::collection::vec(value(), 0..20)), 0..4),
    ) {
        let parts = parts.into_iter().map(|(times_ns, values)| Samples { times_ns, values }).collect();
        let chunk = Chunk { parts };
        let mut survey = Survey::new(&header([None; 2]), &Declared::default());
        survey.push(&chunk);
        let report = survey.finish();
        prop_assert_eq!(report.sensors.len(), 2);
        let mut intake = Intake::live(&header([None; 2]), &BOTH, 50.0, &Declared::default()).unwrap();
        let mut check = Check::default();
        intake.push(&chunk, &mut |piece| check.take(&piece, 50.0, false));
        intake.push_sample(7, 0, [0.0; 3], &mut |_| {});
        intake.finish(&mut |piece| check.take(&piece, 50.0, false));
    }
}
