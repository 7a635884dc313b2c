//! Streaming stages against their batch functions, and filters on arbitrary input.

use ambulo_signal::filter::median_filter;
use ambulo_signal::{
    Band, GravityFilter, GravitySplit, SosFilter, butterworth, sosfilt, sosfiltfilt, split_gravity,
    split_gravity_causal,
};
use proptest::prelude::*;

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn gravity_follows_a_turn_and_body_keeps_the_steps() {
    // The device turns by 90 degrees over 10 s while its wearer takes 2 steps per second.
    let turn = |i: usize| {
        (i as f64 / 1000.0 * std::f64::consts::FRAC_PI_2 * 2.0).min(std::f64::consts::FRAC_PI_2).cos()
    };
    let step = |i: usize| 0.2 * (i as f64 / 50.0 * 2.0 * std::f64::consts::PI * 2.0).sin();
    let total: Vec<f64> = (0..1000).map(|i| turn(i) + step(i)).collect();
    let sos = GravityFilter::default().design(50.0).unwrap();
    let (gravity, body) = split_gravity(&sos, &total).unwrap();
    for i in 100..900 {
        assert!((gravity[i] - turn(i)).abs() < 0.05, "gravity at {i}: {}", gravity[i]);
        assert!((body[i] - step(i)).abs() < 0.05, "body at {i}: {}", body[i]);
    }
}

proptest! {
    #[test]
    fn gravity_stream_and_causal_batch_give_the_same_bits(total in prop::collection::vec(-4.0f64..4.0, 0..100)) {
        let sos = GravityFilter::default().design(50.0).unwrap();
        let (gravity, body) = split_gravity_causal(&sos, &total);
        let mut stage = GravitySplit::new(&sos);
        let streamed: Vec<(f64, f64)> = total.iter().map(|&t| stage.push(t)).collect();
        for (i, &(g, b)) in streamed.iter().enumerate() {
            prop_assert_eq!((gravity[i].to_bits(), body[i].to_bits()), (g.to_bits(), b.to_bits()));
            prop_assert!((g + b - total[i]).abs() < 1e-12, "the parts add up to the whole");
        }
        if let (Some(g), Some(t)) = (gravity.first(), total.first()) {
            prop_assert!((g - t).abs() < 1e-9, "a stream does not begin with a step");
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
