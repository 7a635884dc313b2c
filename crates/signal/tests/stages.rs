//! Filters in pieces and on arbitrary input, and the gravity split.

#![expect(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

use ambulo_signal::filter::median_filter;
use ambulo_signal::{
    Band, Channel, Chunker, InertialSignals, Phase, Preprocessing, SosFilter, butterworth, sosfilt,
    sosfiltfilt,
};
use proptest::prelude::*;

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|v| v.to_bits()).collect()
}

/// Inertial signals `[time, 6]` of acceleration along x, without noise filters.
fn split(phase: Phase, total: &[f32]) -> InertialSignals {
    let channels = vec![Channel::TotalAccX, Channel::BodyAccX];
    let p = Preprocessing { phase, noise: None, channels, ..Preprocessing::default() };
    let (mut chunker, mut jobs) = (Chunker::new(&p).unwrap(), Vec::new());
    let frames: Vec<f32> = total.iter().flat_map(|&t| [t, 0.0, 0.0]).collect();
    chunker.push(&frames, &mut jobs);
    chunker.end(&mut jobs);
    let mut all = InertialSignals::empty(p.layout());
    jobs.into_iter().for_each(|job| all.extend(chunker.run(job).values()));
    all
}

#[test]
fn gravity_follows_a_turn_and_body_keeps_the_steps() {
    // The device turns by 90 degrees over 10 s while its wearer takes 2 steps per second.
    let turn = |i: usize| {
        (i as f64 / 1000.0 * std::f64::consts::FRAC_PI_2 * 2.0).min(std::f64::consts::FRAC_PI_2).cos()
    };
    let step = |i: usize| 0.2 * (i as f64 / 50.0 * 2.0 * std::f64::consts::PI * 2.0).sin();
    let total: Vec<f32> = (0..1000).map(|i| (turn(i) + step(i)) as f32).collect();
    for (i, row) in split(Phase::Zero, &total).iter().enumerate().take(900).skip(100) {
        let (gravity, body) = (f64::from(row[0] - row[3]), f64::from(row[3]));
        assert!((gravity - turn(i)).abs() < 0.05, "gravity at {i}: {gravity}");
        assert!((body - step(i)).abs() < 0.05, "body at {i}: {body}");
    }
}

proptest! {
    #[test]
    fn body_acceleration_is_what_the_causal_gravity_leaves(total in prop::collection::vec(-4.0f32..4.0, 0..100)) {
        let signals = split(Phase::Causal, &total);
        prop_assert_eq!(signals.len(), total.len());
        let mut gravity = SosFilter::primed(&Preprocessing::default().gravity.design(50.0).unwrap());
        for (row, &t) in signals.iter().zip(&total) {
            let wide = f64::from(t);
            prop_assert_eq!([row[0].to_bits(), row[3].to_bits()], [t, (wide - gravity.push(wide)) as f32].map(f32::to_bits));
        }
        if let Some(row) = signals.iter().next() {
            prop_assert!(row[3].abs() < 1e-6, "a segment does not begin with a step");
        }
    }

    #[test]
    fn sosfilt_in_pieces_gives_the_same_bits(
        x in prop::collection::vec(-10.0f64..10.0, 0..100), order in 1usize..9, cut in 0usize..100
    ) {
        let sos = butterworth(order, 7.0, 50.0, Band::HighPass).unwrap();
        let (first, second) = x.split_at(cut.min(x.len()));
        let mut stage = SosFilter::new(&sos);
        let mut streamed: Vec<f64> = first.iter().map(|&x| stage.push(x)).collect();
        // A copy goes on where the original stands: all state is in the value.
        let mut copy = stage.clone();
        streamed.extend(second.iter().map(|&x| copy.push(x)));
        prop_assert_eq!(bits(&streamed), bits(&sosfilt(&sos, &x)));
    }

    #[test]
    fn filters_take_any_numbers_and_lengths(
        x in prop::collection::vec(prop::num::f64::ANY, 0..60),
        order in any::<usize>(), small_order in 1usize..17,
        cutoff in prop::num::f64::ANY, rate in prop::num::f64::ANY,
    ) {
        let _ = butterworth(order, cutoff, rate, Band::LowPass);
        let _ = butterworth(small_order, cutoff, rate, Band::HighPass);
        let _ = median_filter(&x, order);
        for cutoff in [0.001, 1.0, 24.999] {
            // Whatever is accepted is stable, which `Sos::new` inside makes sure of.
            let sos = butterworth(small_order, cutoff, 50.0, Band::LowPass).unwrap();
            prop_assert_eq!(sosfilt(&sos, &x).len(), x.len());
            if let Ok(y) = sosfiltfilt(&sos, &x) {
                prop_assert_eq!(y.len(), x.len());
            }
        }
    }
}
