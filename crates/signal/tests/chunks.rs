//! Filters in chunks: a sample's value depends neither on how a source was read nor on where chunks are cut.
#![expect(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

mod common;

use ambulo_signal::intake::Declared;
use ambulo_signal::{
    Band, CHUNK, Chunker, FilterJob, GravityFilter, InertialSignals, NoiseFilter, Phase, Preprocessing,
    Recording, butterworth, median_filter, sosfiltfilt,
};
use common::{Pieces, turning, walking};

fn walk(samples: usize) -> Recording {
    let of = |value: fn(usize) -> [f32; 3]| (0..samples).map(value).collect();
    Recording::uniform(50.0, of(walking), Some(of(turning)))
}

fn frames(samples: usize) -> Vec<f32> {
    (0..samples).flat_map(|i| [walking(i), turning(i)].concat()).collect()
}

fn bits(signals: &InertialSignals) -> Vec<u32> {
    signals.values().iter().map(|v| v.to_bits()).collect()
}

/// Inertial signals by the plain functions, each filter over the whole signal at once.
fn reference(p: &Preprocessing, frames: &[f32]) -> Vec<[f64; 9]> {
    let column = |c: usize| -> Vec<f64> {
        let x: Vec<f64> = frames.iter().skip(c).step_by(6).map(|&v| f64::from(v)).collect();
        let NoiseFilter { median_width, cutoff_hz, order } = p.noise.unwrap();
        let low_pass = butterworth(order, cutoff_hz, p.rate_hz, Band::LowPass).unwrap();
        sosfiltfilt(&low_pass, &median_filter(&x, median_width).unwrap()).unwrap()
    };
    let gravity = GravityFilter::default().design(p.rate_hz).unwrap();
    let mut rows = vec![[0.0; 9]; frames.len() / 6];
    for axis in 0..3 {
        let (total, angular) = (column(axis), column(3 + axis));
        let gravity = sosfiltfilt(&gravity, &total).unwrap();
        for (i, row) in rows.iter_mut().enumerate() {
            (row[axis], row[3 + axis], row[6 + axis]) = (total[i], total[i] - gravity[i], angular[i]);
        }
    }
    rows
}

fn filtered(p: &Preprocessing, frames: &[f32], size: usize) -> InertialSignals {
    let mut chunker = Chunker::new(p).unwrap();
    let mut jobs: Vec<FilterJob> = Vec::new();
    frames.chunks(6 * size).for_each(|part| chunker.push(part, &mut jobs));
    chunker.end(&mut jobs);
    let mut all = InertialSignals::empty(p.layout());
    jobs.into_iter().for_each(|job| all.extend(chunker.run(job).values()));
    all
}

#[test]
fn how_a_source_was_read_changes_no_bit() {
    let recording = walk(CHUNK + 5000);
    for phase in [Phase::Zero, Phase::Causal] {
        let p = Preprocessing { phase, ..Preprocessing::default() };
        let segments = |source: &mut dyn ambulo_signal::Source| {
            let (mut segments, _) = p.segments(source, &Declared::default()).unwrap();
            assert_eq!(segments.len(), 1);
            segments.remove(0).signals
        };
        let whole = segments(&mut recording.source());
        assert_eq!(whole.len(), CHUNK + 5000);
        for size in [1, 7, 997, usize::MAX] {
            let pieces = segments(&mut Pieces::new(&recording, size));
            assert!(bits(&pieces) == bits(&whole), "{phase:?}, read by {size}");
        }
    }
}

#[test]
fn up_to_a_chunk_the_signals_are_those_of_the_plain_functions_to_the_bit() {
    let p = Preprocessing::default();
    for samples in [100, 3000, CHUNK] {
        let frames = frames(samples);
        let expected: Vec<u32> =
            reference(&p, &frames).as_flattened().iter().map(|&v| (v as f32 + 0.0).to_bits()).collect();
        let signals = filtered(&p, &frames, 1000);
        let got: Vec<u32> = signals.values().iter().map(|v| (v + 0.0).to_bits()).collect();
        assert!(got == expected, "{samples} samples");
    }
}

#[test]
fn beyond_a_chunk_they_differ_by_less_than_a_millionth_of_g() {
    let p = Preprocessing::default();
    // The last chunk of the second is a single sample.
    for samples in [2 * CHUNK + 12_345, CHUNK + 1] {
        let frames = frames(samples);
        let expected = reference(&p, &frames);
        let signals = filtered(&p, &frames, 4096);
        assert_eq!(signals.len(), samples);
        for (i, (row, expected)) in signals.iter().zip(&expected).enumerate() {
            for (got, expected) in row.iter().zip(expected) {
                let error = (f64::from(*got) - expected).abs();
                // What f32 cannot hold comes on top: values are below 2.
                assert!(error < 1e-6 * expected.abs().max(0.1) + 6e-8, "row {i}: {got} {expected}");
            }
        }
    }
}

#[test]
fn jobs_may_run_in_any_order() {
    let p = Preprocessing::default();
    let frames = frames(2 * CHUNK + 500);
    let mut chunker = Chunker::new(&p).unwrap();
    let mut jobs = Vec::new();
    chunker.push(&frames, &mut jobs);
    chunker.end(&mut jobs);
    assert_eq!(jobs.len(), 3);
    let mut parts: Vec<InertialSignals> = jobs.into_iter().rev().map(|job| chunker.run(job)).collect();
    parts.reverse();
    assert_eq!(parts.iter().map(InertialSignals::len).collect::<Vec<_>>(), [CHUNK, CHUNK, 500]);
    let mut all = InertialSignals::empty(p.layout());
    parts.iter().for_each(|part| all.extend(part.values()));
    assert_eq!(bits(&all), bits(&filtered(&p, &frames, 333)));
}

#[test]
fn a_segment_knows_nothing_of_the_one_before() {
    for phase in [Phase::Zero, Phase::Causal] {
        let p = Preprocessing { phase, ..Preprocessing::default() };
        let (mut chunker, mut jobs) = (Chunker::new(&p).unwrap(), Vec::new());
        let loud: Vec<f32> = frames(700).iter().map(|v| 9.0 * v).collect();
        chunker.push(&loud, &mut jobs);
        chunker.end(&mut jobs);
        jobs.clear();
        let frames = frames(300);
        chunker.push(&frames, &mut jobs);
        chunker.end(&mut jobs);
        let mut second = InertialSignals::empty(p.layout());
        jobs.into_iter().for_each(|job| second.extend(chunker.run(job).values()));
        assert_eq!(bits(&second), bits(&filtered(&p, &frames, 300)), "{phase:?}");
    }
}
