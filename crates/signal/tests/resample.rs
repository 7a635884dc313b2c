//! Resampling of jittered, gapped and disordered time stamps.
#![expect(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

use ambulo_signal::resample::{
    Completed, LinearResampler, ResampleOptions, Segment, TimedSample, nominal_rate, resample,
};
use ambulo_signal::{Phase, Recording, Sample, SignalError};
use proptest::prelude::*;

fn options(source_rate_hz: f64, rate_hz: f64) -> ResampleOptions {
    ResampleOptions { source_rate_hz, rate_hz, max_gap_s: 0.25 }
}

fn at(time_s: f64, value: f32) -> TimedSample {
    TimedSample { time_s, sample: Sample { acceleration: [value; 3], angular_velocity: [-value; 3] } }
}

/// First axis of acceleration of each segment.
fn values(segments: &[Segment]) -> Vec<Vec<f32>> {
    segments.iter().map(|s| s.recording.samples.iter().map(|s| s.acceleration[0]).collect()).collect()
}

/// What the streaming stage gives, gathered into segments.
fn streamed(samples: &[TimedSample], options: &ResampleOptions) -> (Vec<Segment>, usize) {
    let mut stage = LinearResampler::new(options).unwrap();
    let mut segments: Vec<Segment> = Vec::new();
    for timed in samples {
        let Completed { new_segment, samples } = stage.push(timed).unwrap();
        if let Some(start_s) = new_segment {
            segments.push(Segment {
                start_s,
                recording: Recording { rate_hz: options.rate_hz, samples: vec![] },
            });
        }
        segments.last_mut().unwrap().recording.samples.extend_from_slice(samples);
    }
    (segments, stage.dropped())
}

#[test]
fn a_ramp_stays_a_ramp_whatever_the_jitter() {
    let times = [10.0, 10.013, 10.05, 10.052, 10.1, 10.147, 10.2];
    let ramp: Vec<TimedSample> = times.iter().map(|&t| at(t, (t - 10.0) as f32)).collect();
    let result = resample(&ramp, &options(40.0, 50.0), Phase::Causal).unwrap();
    let got = values(&result.segments);
    assert_eq!((got.len(), got[0].len(), result.segments[0].start_s), (1, 11, 10.0));
    for (k, v) in got[0].iter().enumerate() {
        assert!((f64::from(*v) - k as f64 / 50.0).abs() < 1e-6, "point {k} is {v}");
    }
}

#[test]
fn the_same_grid_gives_the_same_samples() {
    // A start far from 0, where time stamps are rounded: no sample may be lost or doubled.
    let samples: Vec<TimedSample> = (0..1000).map(|i| at(1.7e9 + f64::from(i) / 50.0, i as f32)).collect();
    let got = values(&resample(&samples, &options(50.0, 50.0), Phase::Zero).unwrap().segments);
    assert_eq!(got[0].len(), 1000);
    assert!(got[0].iter().enumerate().all(|(i, v)| (v - i as f32).abs() < 2e-3));
}

#[test]
fn nothing_is_made_up_across_a_long_gap() {
    let samples = [at(0.0, 0.0), at(0.25, 1.0), at(0.6, 5.0), at(0.7, 6.0)];
    let result = resample(&samples, &options(10.0, 20.0), Phase::Causal).unwrap();
    assert_eq!(result.segments.iter().map(|s| s.start_s).collect::<Vec<_>>(), [0.0, 0.6]);
    let got = values(&result.segments);
    assert_eq!(got.iter().map(Vec::len).collect::<Vec<_>>(), [6, 3]);
    assert!((got[1][1] - 5.5).abs() < 1e-6);
}

#[test]
fn a_segment_knows_nothing_of_the_one_before() {
    let part = |start: f64, level: f32| -> Vec<TimedSample> {
        (0..41).map(|i| at(start + f64::from(i) / 100.0, level + (i as f32 * 0.1).sin())).collect()
    };
    for phase in [Phase::Zero, Phase::Causal] {
        let resampled =
            |samples: &[TimedSample]| resample(samples, &options(100.0, 50.0), phase).unwrap().segments;
        let both = resampled(&[part(0.0, 50.0), part(8.0, 1.0)].concat());
        assert_eq!(both[1..], resampled(&part(8.0, 1.0)), "{phase:?}");
    }
}

#[test]
fn repeated_and_late_samples_are_dropped_and_counted_and_a_clock_set_back_begins_anew() {
    let samples =
        [at(5.0, 0.0), at(5.1, 1.0), at(5.1, 99.0), at(5.05, 99.0), at(5.2, 2.0), at(1.0, 7.0), at(1.1, 8.0)];
    let result = resample(&samples, &options(10.0, 10.0), Phase::Causal).unwrap();
    assert_eq!(result.dropped, 2);
    let got = values(&result.segments);
    assert_eq!(got.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2]);
    assert!(got.iter().flatten().all(|&v| v < 9.0));
}

#[test]
fn lowering_the_rate_removes_what_would_alias_and_keeps_the_rest() {
    // 40 Hz, sampled at 50 Hz without a low-pass, would appear as a full-size 10 Hz tone.
    let tone = |hz: f64| -> Vec<TimedSample> {
        let sine = |t: f64| at(t, (2.0 * std::f64::consts::PI * hz * t).sin() as f32);
        (0..1000).map(|i| sine(f64::from(i) / 100.0)).collect()
    };
    for phase in [Phase::Zero, Phase::Causal] {
        let power = |hz| {
            let got = values(&resample(&tone(hz), &options(100.0, 50.0), phase).unwrap().segments);
            assert_eq!(got[0].len(), 500);
            got[0][100..400].iter().map(|v| v * v).sum::<f32>() / 300.0
        };
        assert!(power(40.0) < 1e-5, "{phase:?}: 40 Hz came through");
        assert!((power(5.0) - 0.5).abs() < 0.01, "{phase:?}: 5 Hz was damped");
    }
}

#[test]
fn zero_phase_does_not_delay() {
    let pulse = |i: i32| (-f64::from(i - 500).powi(2) / 400.0).exp() as f32;
    let samples: Vec<TimedSample> = (0..1000).map(|i| at(f64::from(i) / 100.0, pulse(i))).collect();
    let got = values(&resample(&samples, &options(100.0, 50.0), Phase::Zero).unwrap().segments);
    for (k, v) in got[0].iter().enumerate() {
        assert!((v - pulse(2 * k as i32)).abs() < 1e-3, "point {k}");
    }
}

#[test]
fn a_nominal_rate_ignores_pauses_and_counts_repeated_stamps() {
    let times = [0.0, 0.01, 0.01, 0.03, 0.04, 9.0, 9.01, 9.02, 8.0];
    assert!((nominal_rate(&times, 1.0).unwrap() - 100.0).abs() < 1e-9);
    assert!(matches!(nominal_rate(&[1.0, 1.0], 1.0), Err(SignalError::NoRate { samples: 2 })));
    assert!(matches!(nominal_rate(&[1.0, f64::NAN], 1.0), Err(SignalError::NonFiniteTime { sample: 1, .. })));
    assert!(nominal_rate(&[], 1.0).is_err());
}

#[test]
fn nonsense_is_refused() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(LinearResampler::new(&options(bad, 50.0)).is_err());
        assert!(LinearResampler::new(&options(50.0, bad)).is_err());
        assert!(LinearResampler::new(&ResampleOptions { max_gap_s: bad, ..options(50.0, 50.0) }).is_err());
    }
    assert!(LinearResampler::new(&options(1e9, 50.0)).is_err());
    assert!(LinearResampler::new(&ResampleOptions { max_gap_s: 1e9, ..options(50.0, 50.0) }).is_err());
    let error = resample(&[at(0.0, 1.0), at(f64::NAN, 1.0)], &options(50.0, 50.0), Phase::Zero).unwrap_err();
    assert!(matches!(error, SignalError::NonFiniteTime { sample: 1, .. }), "{error}");
    let error = resample(&[at(0.0, 1.0), at(0.1, f32::NAN)], &options(50.0, 50.0), Phase::Zero).unwrap_err();
    assert!(matches!(error, SignalError::NonFinite { sample: 1, .. }), "{error}");
}

proptest! {
    #[test]
    fn stream_and_causal_batch_give_the_same_bits(
        steps in prop::collection::vec((-0.3f64..0.3, -4.0f32..4.0), 0..150),
        source in 20.0f64..200.0,
    ) {
        let mut time = 0.0;
        let samples: Vec<TimedSample> = steps
            .iter()
            .map(|&(step, value)| {
                // Mostly short steps forward, with repeats, steps back and gaps among them.
                time += if step.abs() < 0.2 { step.abs() / 10.0 } else { step };
                at(time, value)
            })
            .collect();
        let options = options(source, 50.0);
        let batch = resample(&samples, &options, Phase::Causal).unwrap();
        let (segments, dropped) = streamed(&samples, &options);
        prop_assert_eq!(&batch.segments, &segments);
        prop_assert_eq!(batch.dropped, dropped);
        // Zero phase differs in values only.
        let zero = resample(&samples, &options, Phase::Zero).unwrap();
        let shape = |s: &[Segment]| s.iter().map(|s| (s.start_s, s.recording.samples.len())).collect::<Vec<_>>();
        prop_assert_eq!(shape(&zero.segments), shape(&segments));
    }

    #[test]
    fn no_input_makes_it_panic(
        times in prop::collection::vec(prop_oneof![prop::num::f64::ANY, -1.0f64..1.0], 0..30),
        source in prop::num::f64::ANY,
        max_gap_s in 0.0f64..10.0,
    ) {
        let samples: Vec<TimedSample> = times.iter().map(|&t| at(t, 1.0)).collect();
        let _ = nominal_rate(&times, max_gap_s);
        for source in [source, 50.0] {
            let options = ResampleOptions { source_rate_hz: source, rate_hz: 50.0, max_gap_s };
            for phase in [Phase::Zero, Phase::Causal] {
                if let Ok(result) = resample(&samples, &options, phase) {
                    prop_assert!(result.segments.iter().all(|s| !s.recording.samples.is_empty()));
                }
            }
        }
    }
}
