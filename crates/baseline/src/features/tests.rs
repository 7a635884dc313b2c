//! Features against NumPy, SciPy and statsmodels, and what must hold for any window.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;
use std::f32::consts::FRAC_PI_2;

#[derive(Deserialize)]
struct Fixture {
    names: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    rate_hz: f64,
    window: Vec<[f32; 9]>,
    features: Vec<f64>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../../tests/fixtures/features.json")).expect("a valid fixture")
}

/// The value of a feature by its name.
fn of(values: &[f32], name: &str) -> f32 {
    values[feature_names().iter().position(|n| n == name).expect("a feature's name")]
}

#[test]
fn names_are_the_fixtures_and_each_only_once() {
    let names = feature_names();
    assert_eq!(names, fixture().names);
    assert_eq!(names.len(), FEATURES);
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), FEATURES);
}

#[test]
fn values_are_those_of_numpy_scipy_and_statsmodels() {
    for case in fixture().cases {
        let computed = features(&case.window, case.rate_hz);
        for ((name, expected), value) in feature_names().iter().zip(&case.features).zip(&computed) {
            let error = (f64::from(*value) - expected).abs();
            assert!(error <= 1e-6 * expected.abs() + 1e-7, "{name}: {value}, expected {expected}");
        }
    }
}

#[test]
fn a_constant_window_has_no_spread_for_any_statistic() {
    // 0.1 and its mean are rounded differently: a feature built on the remainder would be noise.
    let window = [[0.3, 0.7, -0.9, 0.1, 0.1, 0.2, 0.3, 1e-3, 0.6]; 127];
    let values = features(&window, 50.0);
    let flat = ["std", "mad", "iqr", "arCoeff", "correlation", "skewness", "kurtosis", "maxInds", "meanFreq"];
    for (name, value) in feature_names().iter().zip(&values) {
        assert!(value.is_finite(), "{name}");
        if flat.iter().any(|f| name.contains(f)) || name.contains("Jerk") && !name.starts_with("angle") {
            assert_eq!(*value, 0.0, "{name}");
        }
    }
    assert!((of(&values, "tBodyAcc-entropy()-X") - 1.0).abs() < 1e-6, "energy spread evenly");
}

#[test]
fn angles_are_exact_along_across_and_against_gravity_and_defined_without_it() {
    let mut window = [[0.0; 9]; 16];
    assert_eq!(of(&features(&window, 50.0), "angle(X,gravityMean)"), FRAC_PI_2);
    window.fill([-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, -2.0, 0.0, 0.0]);
    let values = features(&window, 50.0);
    assert_eq!(of(&values, "angle(X,gravityMean)"), std::f32::consts::PI);
    assert_eq!(of(&values, "angle(Y,gravityMean)"), FRAC_PI_2);
    assert_eq!(of(&values, "angle(tBodyGyroMean,gravityMean)"), 0.0);
    assert_eq!(of(&values, "angle(tBodyAccMean,gravityMean)"), FRAC_PI_2);
}

#[test]
fn doubled_samples_double_amplitudes_and_leave_shapes_to_the_bit() {
    let window = &fixture().cases[0].window;
    let doubled: Vec<[f32; 9]> = window.iter().map(|s| s.map(|v| 2.0 * v)).collect();
    let (once, twice) = (features(window, 50.0), features(&doubled, 50.0));
    for ((name, a), b) in feature_names().iter().zip(&once).zip(&twice) {
        let statistic = name.split('-').nth(1).unwrap_or("angle");
        let factor = match statistic.split('(').next() {
            Some("mean" | "std" | "mad" | "max" | "min" | "sma" | "iqr") => 2.0,
            Some("energy" | "bandsEnergy") => 4.0,
            _ => 1.0,
        };
        assert_eq!(*b, factor * a, "{name}");
    }
}

#[test]
fn a_doubled_rate_doubles_frequencies_and_jerk_and_nothing_else() {
    let window = &fixture().cases[0].window;
    let (slow, fast) = (features(window, 50.0), features(window, 100.0));
    for ((name, a), b) in feature_names().iter().zip(&slow).zip(&fast) {
        let frequency = name.contains("maxInds") || name.contains("meanFreq");
        if frequency || !name.contains("Jerk") {
            assert_eq!(*b, if frequency { 2.0 * a } else { *a }, "{name}");
        }
    }
    let jerk = "tBodyAccJerk-max()-X";
    assert_eq!(of(&fast, jerk), 2.0 * of(&slow, jerk));
}

#[test]
fn a_sine_is_found_at_its_frequency() {
    // Five whole periods in 64 samples of 32 Hz: 2.5 Hz, amplitude 3, and nothing anywhere else.
    let window: Vec<[f32; 9]> =
        (0..64).map(|i| [3.0 * (std::f32::consts::TAU * 5.0 * i as f32 / 64.0).sin() + 7.0; 9]).collect();
    let values = features(&window, 32.0);
    assert_eq!(of(&values, "fBodyGyro-maxInds()-Z"), 2.5);
    assert!((of(&values, "fBodyGyro-meanFreq()-Z") - 2.5).abs() < 1e-4);
    assert!((of(&values, "fBodyGyro-max()-Z") - 1.5).abs() < 1e-6);
    assert!((of(&values, "fBodyGyro-bandsEnergy()-Z,9,16") - 2.25).abs() < 1e-5);
    assert!(of(&values, "fBodyGyro-bandsEnergy()-Z,1,8") < 1e-10);
}

#[test]
fn many_windows_are_the_single_ones_for_any_number_of_threads_and_lengths() {
    let cases = fixture().cases;
    let windows: Vec<&[[f32; 9]]> = (0..20).map(|i| &cases[i % 2].window[i..]).collect();
    let single: Vec<f32> = windows.iter().flat_map(|w| features(w, 50.0)).collect();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        assert_eq!(pool.install(|| features_of(&windows, 50.0)), single, "{threads} threads");
    }
    assert!(features_of(&[], 50.0).is_empty());
}

proptest! {
    #[test]
    fn any_finite_window_has_finite_features(
        window in prop::collection::vec(
            prop::array::uniform9(
                prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO
            ),
            0..40,
        ),
    ) {
        let values = features(&window, 50.0);
        prop_assert_eq!(values.len(), FEATURES);
        for (name, value) in feature_names().iter().zip(&values) {
            prop_assert!(value.is_finite(), "{}: {}", name, value);
        }
    }

    #[test]
    fn one_value_throughout_has_finite_features(value in prop::num::f32::ANY, length in 0usize..140) {
        prop_assume!(value.is_finite());
        let values = features(&vec![[value; 9]; length], 50.0);
        prop_assert!(values.iter().all(|v| v.is_finite()));
    }
}
