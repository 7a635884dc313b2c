use super::*;
use alloc::vec;
use proptest::prelude::*;

/// A prior of three labels with dwell times and exits of its own.
fn prior() -> Prior {
    Prior {
        dwell_s: vec![4.0, 9.0, 2.0],
        phases: vec![1, 3, 2],
        exits: vec![vec![0.0, 0.75, 0.25], vec![0.9, 0.0, 0.1], vec![0.5, 0.5, 0.0]],
        start: vec![0.5, 0.3, 0.2],
        evidence_per_s: 0.6,
        by_delay: Vec::new(),
        unknown: UnknownPrior { share: 0.1, dwell_s: 6.0, evidence_per_s: 0.5 },
    }
}

fn rows(seed: u64, steps: usize) -> (Vec<f32>, Vec<f32>) {
    let mut state = seed | 1;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let mut probabilities = Vec::new();
    let mut unknown = Vec::new();
    for _ in 0..steps {
        let row = [random() + 0.01, random() + 0.01, random() + 0.01];
        let sum: f32 = row.iter().sum();
        probabilities.extend(row.map(|v| v / sum));
        unknown.push(4.0 * random() - 2.0);
    }
    (probabilities, unknown)
}

#[test]
fn one_step_of_evidence_outweighs_the_prior_as_bayes_says() {
    let even = Prior::even(2, 10.0, 1.0);
    let out = smooth(&even, 1.0, &[0], &[0.8, 0.2], &[0.0]);
    // Nothing speaks for or against what is unknown, which has a twentieth beforehand.
    for (found, expected) in out.iter().zip([0.8 * 0.95, 0.2 * 0.95, 0.05]) {
        assert!((found - expected).abs() < 1e-6, "{out:?}");
    }
}

#[test]
fn a_short_doubt_is_smoothed_away_and_a_long_change_is_not() {
    let prior = Prior::even(2, 20.0, 1.0);
    let mut p = vec![[0.9f32, 0.1]; 40];
    p[20] = [0.2, 0.8];
    p[30..].fill([0.1, 0.9]);
    let flat: Vec<f32> = p.concat();
    let numbers: Vec<i64> = (0..40).collect();
    let out = smooth(&prior, 0.64, &numbers, &flat, &[-5.0; 40]);
    assert!(out[20 * 3] > 0.9 && out[39 * 3 + 1] > 0.9, "{out:?}");
}

#[test]
fn a_pause_weakens_the_link_by_its_length() {
    let prior = Prior::even(2, 20.0, 1.0);
    let belief_after = |pause: i64| {
        let numbers: Vec<i64> = (0..20).chain([19 + pause]).collect();
        let mut flat = [0.95f32, 0.05].repeat(20);
        flat.extend([0.5, 0.5]);
        smooth(&prior, 0.64, &numbers, &flat, &[0.0; 21])[20 * 3]
    };
    let beliefs = [1, 5, 30, 200, 100_000].map(belief_after);
    assert!(beliefs.windows(2).all(|pair| pair[0] > pair[1] - 1e-6), "{beliefs:?}");
    assert!(beliefs[0] > 0.9 && (beliefs[4] - 0.95 / 2.0).abs() < 1e-3, "{beliefs:?}");
}

#[test]
fn what_stays_strange_is_unknown_and_what_is_strange_for_a_moment_is_not() {
    let prior = Prior::even(2, 20.0, 0.3);
    let numbers: Vec<i64> = (0..120).collect();
    let mut ratios = vec![-2.0f32; 120];
    ratios[20..22].fill(4.0);
    ratios[60..100].fill(4.0);
    let out = smooth(&prior, 0.64, &numbers, &[0.9f32, 0.1].repeat(120), &ratios);
    let unknown = |i: usize| out[3 * i + 2];
    assert!(unknown(20) < 0.2 && unknown(80) > 0.95 && unknown(115) < 0.1, "{} {}", unknown(20), unknown(80));
    // What it would be if it were known does not change.
    assert!((out[3 * 80] / (1.0 - unknown(80)) - out[3 * 40] / (1.0 - unknown(40))).abs() < 0.02);
}

#[test]
fn values_that_are_none_do_no_harm() {
    let prior = Prior::even(2, 20.0, 1.0);
    let flat = [0.9, 0.1, f32::NAN, 0.5, f32::INFINITY, 0.0, 0.9, 0.1];
    let out = smooth(&prior, 0.64, &[0, 1, 2, 3], &flat, &[0.0, f32::NAN, f32::INFINITY, 0.0]);
    assert!(out.iter().all(|v| v.is_finite()), "{out:?}");
}

#[test]
fn a_prior_that_is_none_is_refused() {
    prior().validate(3).unwrap();
    assert!(prior().validate(2).is_err());
    let wrong = |change: fn(&mut Prior)| {
        let mut prior = prior();
        change(&mut prior);
        prior.validate(3).unwrap_err().to_string()
    };
    assert!(wrong(|p| p.dwell_s[1] = 0.0).contains("dwell"));
    assert!(wrong(|p| p.phases[1] = 0).contains("phases"));
    assert!(wrong(|p| p.exits[0][0] = 0.5).contains("rows"));
    assert!(wrong(|p| p.evidence_per_s = f64::NAN).contains("evidence"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn fast_and_slow_agree(seed in 0u64..1000, steps in 1usize..40, gap in 1i64..9) {
        let (probabilities, unknown) = rows(seed, steps);
        let numbers: Vec<i64> = (0..steps as i64).map(|i| if i > 10 { i + gap } else { i }).collect();
        let fast = smooth(&prior(), 0.64, &numbers, &probabilities, &unknown);
        let slow = smooth_slowly(&prior(), 0.64, &numbers, &probabilities, &unknown);
        for (a, b) in fast.iter().zip(&slow) {
            prop_assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
        for row in fast.chunks_exact(4) {
            prop_assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn a_lag_longer_than_the_file_is_the_whole_file(seed in 0u64..1000, steps in 1usize..60) {
        let (probabilities, unknown) = rows(seed, steps);
        let numbers: Vec<i64> = (0..steps as i64).collect();
        let whole = smooth(&prior(), 0.64, &numbers, &probabilities, &unknown);
        let mut smoother = Smoother::new(&prior(), 0.64, 100);
        let mut found = Vec::new();
        for (i, &number) in numbers.iter().enumerate() {
            prop_assert!(smoother.push(number, &probabilities[3 * i..3 * i + 3], f64::from(unknown[i])).is_empty());
        }
        found.extend(smoother.finish());
        prop_assert_eq!(found.len(), steps);
        for (i, (number, row)) in found.into_iter().enumerate() {
            prop_assert_eq!(number, i as i64);
            for (a, b) in row.iter().zip(&whole[4 * i..]) {
                prop_assert!((a - b).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_stream_that_was_saved_goes_on_with_the_same_bits(seed in 0u64..1000, cut in 1usize..30, lag in -3i64..6) {
        let (probabilities, unknown) = rows(seed, 30);
        let push = |smoother: &mut Smoother, i: usize| {
            smoother.push(i as i64, &probabilities[3 * i..3 * i + 3], f64::from(unknown[i]))
        };
        let mut whole = Smoother::new(&prior(), 0.64, lag);
        let expected: Vec<_> = (0..30).flat_map(|i| push(&mut whole, i)).collect();
        let mut first = Smoother::new(&prior(), 0.64, lag);
        let mut found: Vec<_> = (0..cut).flat_map(|i| push(&mut first, i)).collect();
        let text = serde_json::to_string(&first.state()).unwrap();
        let mut second = Smoother::new(&prior(), 0.64, lag);
        prop_assert!(second.restore(serde_json::from_str(&text).unwrap()));
        found.extend((cut..30).flat_map(|i| push(&mut second, i)));
        prop_assert_eq!(found, expected);
        let numbers: Vec<i64> = whole.finish().into_iter().map(|(number, _)| number).collect();
        let waiting: Vec<i64> = (30 - lag.max(0)..30).collect();
        prop_assert_eq!(numbers, waiting);
    }
}
