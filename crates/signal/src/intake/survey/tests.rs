//! Runs of samples at once against the same samples one by one: the state afterwards is the same to the last bit.

use super::*;
use crate::Unit;
use alloc::vec;
use proptest::prelude::*;

/// One by one, as runs are defined.
fn push_each(survey: &mut SensorSurvey, times_ns: &[i64], values: &[[f32; 3]]) {
    for (&time_ns, &value) in times_ns.iter().zip(values) {
        let index = survey.samples;
        survey.push_time(time_ns);
        survey.push_value(index, time_ns, value);
    }
}

fn fresh(sensor: Sensor, unit: Option<Unit>) -> SensorSurvey {
    let info = SensorInfo { unit, ..SensorInfo::new(sensor) };
    let header = Header { sensors: vec![info], ..Header::default() };
    Survey::new(&header, &Declared::default()).sensors.remove(0)
}

/// What samples of a stretch are like.
#[derive(Clone, Copy, Debug)]
enum Values {
    /// Around 1 g, to so many steps per unit.
    Noise(f32, f32),
    /// The same value, of which one axis moves by so much.
    Stuck(usize, f32),
    /// Clipped at the size.
    Clipped(f32),
    Zero,
    /// Noise in which every so many samples hold this on an axis.
    Odd(usize, f32),
}

#[derive(Clone, Copy, Debug)]
enum Times {
    /// Regular, in ns.
    Period(i64),
    /// So many samples to a stamp.
    Batches(i64),
    /// Regular but for jitter up to so much.
    Jitter(i64),
    /// A step of so much first.
    Step(i64),
}

fn values() -> impl Strategy<Value = Values> {
    let steps = prop_oneof![Just(4.0f32), Just(64.0), Just(1e6)];
    let odd =
        prop_oneof![Just(f32::NAN), Just(f32::NEG_INFINITY), Just(40.0), Just(-400.0), Just(2e7), Just(-0.0)];
    prop_oneof![
        4 => (prop_oneof![Just(0.01f32), Just(1.0), Just(9.0), Just(90.0)], steps).prop_map(|(size, steps)| Values::Noise(size, steps)),
        2 => (0usize..3, prop_oneof![Just(0.0f32), Just(0.01), Just(3.0)]).prop_map(|(axis, size)| Values::Stuck(axis, size)),
        1 => prop_oneof![Just(0.02f32), Just(2.0), Just(16.0)].prop_map(Values::Clipped),
        1 => Just(Values::Zero),
        2 => (1usize..70, odd).prop_map(|(every, value)| Values::Odd(every, value)),
    ]
}

fn times() -> impl Strategy<Value = Times> {
    prop_oneof![
        4 => prop_oneof![Just(10_000_000i64), Just(20_000_000), Just(39_062_500), Just(1), Just(200_000_000), Just(200_000_001), Just(60_000_000_000)].prop_map(Times::Period),
        1 => (2i64..60).prop_map(Times::Batches),
        2 => prop_oneof![Just(10i64), Just(3_000_000), Just(12_000_000)].prop_map(Times::Jitter),
        1 => prop_oneof![Just(-1i64), Just(-5_000_000_000), Just(3_000_000_000), Just(i64::MAX), Just(i64::MIN)].prop_map(Times::Step),
    ]
}

fn samples(stretches: &[(Values, Times, usize)], seed: u32) -> (Vec<i64>, Vec<[f32; 3]>) {
    let (mut at, mut all_times, mut all_values) = (0i64, Vec::new(), Vec::new());
    let mut random = Random(seed | 1);
    for &(values, times, count) in stretches {
        for i in 0..count {
            let step = match times {
                Times::Period(step) => step,
                Times::Batches(size) if i as i64 % size == 0 => size * 10_000_000,
                Times::Batches(_) => 0,
                Times::Jitter(most) => 10_000_000 + (random.next() * most as f32) as i64,
                Times::Step(step) if i == 0 => step,
                Times::Step(_) => 10_000_000,
            };
            at = at.saturating_add(step);
            all_times.push(at);
            let noise = |random: &mut Random, size: f32, steps: f32| {
                [0.0, 0.0, 1.0].map(|v| ((v + size * random.next()) * steps).round() / steps)
            };
            all_values.push(match values {
                Values::Noise(size, steps) => noise(&mut random, size, steps),
                Values::Stuck(axis, size) => {
                    let mut value = [0.5, -0.25, 1.0];
                    value[axis] += size * random.next();
                    value
                }
                Values::Clipped(size) => noise(&mut random, 2.0 * size, 64.0).map(|v| v.clamp(-size, size)),
                Values::Zero => [0.0; 3],
                Values::Odd(every, odd) => {
                    let mut value = noise(&mut random, 0.5, 64.0);
                    if i % every == 0 {
                        value[i / every % 3] = odd;
                    }
                    value
                }
            });
        }
    }
    (all_times, all_values)
}

/// Numbers from -1 to 1 (Marsaglia's xorshift).
struct Random(u32);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn runs_are_what_single_samples_are(
        stretches in prop::collection::vec((values(), times(), 1usize..400), 1..12),
        sensor in prop_oneof![Just((Sensor::Accelerometer, None)), Just((Sensor::Accelerometer, Some(Unit::G))),
            Just((Sensor::Accelerometer, Some(Unit::MetresPerSecondSquared))), Just((Sensor::Gyroscope, Some(Unit::DegreesPerSecond))),
            Just((Sensor::Gyroscope, None)), Just((Sensor::Magnetometer, Some(Unit::Microtesla)))],
        pieces in prop::collection::vec(1usize..500, 1..5), seed in any::<u32>(),
    ) {
        let (times, values) = samples(&stretches, seed);
        let (mut parts, mut single) = (fresh(sensor.0, sensor.1), fresh(sensor.0, sensor.1));
        let mut from = 0;
        for piece in pieces.iter().cycle() {
            if from >= times.len() { break; }
            let to = times.len().min(from + piece);
            parts.push_part(&times[from..to], &values[from..to]);
            push_each(&mut single, &times[from..to], &values[from..to]);
            prop_assert_eq!(alloc::format!("{:?}", parts), alloc::format!("{:?}", single), "samples {} to {}", from, to);
            from = to;
        }
        prop_assert_eq!(alloc::format!("{:?}", parts.blocks.finish()), alloc::format!("{:?}", single.blocks.finish()));
    }
}

/// That ordinary samples do take the short way, without which nothing above would say much.
#[test]
fn ordinary_samples_are_taken_in_runs() {
    let (times, values) = samples(&[(Values::Noise(0.5, 64.0), Times::Period(10_000_000), 4096)], 7);
    let mut survey = fresh(Sensor::Accelerometer, Some(Unit::G));
    survey.push_part(&times, &values);
    let quiet: Vec<[f32; 3]> = values.iter().map(|v| v.map(|v| 0.9 * v)).collect();
    let later: Vec<i64> = times.iter().map(|t| t + times.len() as i64 * 10_000_000).collect();
    for (times, values) in later.chunks(RUN).zip(quiet.chunks(RUN)) {
        let mut regular = survey.clone();
        assert!(regular.steps.push_regular(times));
        assert!(regular.quality.push_ordinary(regular.samples, times, values).is_some());
        survey.push_part(times, values);
    }
}
