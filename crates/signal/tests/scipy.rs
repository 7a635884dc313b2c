//! Filters and the intake's decimation against SciPy: `fixtures/scipy.json`, written by `fixtures/make_scipy.py`.
#![expect(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

mod common;

use ambulo_signal::{
    Band, Recording, Sos, SosFilter, butterworth, median_filter, median_filter_causal, sosfilt, sosfilt_zi,
    sosfiltfilt,
};
use serde_json::Value;

fn fixture() -> Value {
    serde_json::from_str(include_str!("fixtures/scipy.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

/// Largest error relative to the largest expected value.
fn relative_error(got: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let scale = expected.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let error = got.iter().zip(expected).fold(0.0f64, |m, (g, e)| m.max((g - e).abs()));
    assert!(scale > 0.0 && error.is_finite());
    error / scale
}

/// Runs a check on each designed filter: its fixture, SciPy's own coefficients and ours.
fn for_each_filter(check: impl Fn(&str, &Value, &Sos, &Sos)) {
    let fixture = fixture();
    let filters = fixture["filters"].as_array().unwrap();
    assert_eq!(filters.len(), 16);
    for filter in filters {
        let band = if filter["band"] == "lowpass" { Band::LowPass } else { Band::HighPass };
        let (order, cutoff) =
            (filter["order"].as_u64().unwrap() as usize, filter["cutoff_hz"].as_f64().unwrap());
        let ours = butterworth(order, cutoff, filter["rate_hz"].as_f64().unwrap(), band).unwrap();
        let rows = numbers(&filter["sos"]).chunks(6).map(|c| c.try_into().unwrap()).collect();
        check(&format!("order {order}, {cutoff} Hz, {band:?}"), filter, &Sos::new(rows).unwrap(), &ours);
    }
}

fn input() -> Vec<f64> {
    numbers(&fixture()["x"])
}

#[test]
fn butterworth_sections_are_those_of_scipy() {
    for_each_filter(|name, _, scipy, ours| {
        assert_eq!(ours.sections().len(), scipy.sections().len(), "{name}");
        // Each coefficient for itself: the gain in the first section may be 1e-10.
        for (ours, scipy) in ours.sections().iter().flatten().zip(scipy.sections().iter().flatten()) {
            assert!((ours - scipy).abs() <= 1e-11 * scipy.abs(), "{name}: {ours} against {scipy}");
        }
    });
}

#[test]
fn causal_filter_is_sosfilt() {
    let x = input();
    for_each_filter(|name, expected, scipy, ours| {
        let expected = numbers(&expected["sosfilt"]);
        assert!(relative_error(&sosfilt(scipy, &x), &expected) < 1e-11, "{name}, filtering");
        assert!(relative_error(&sosfilt(ours, &x), &expected) < 1e-11, "{name}, design and filtering");
    });
}

#[test]
fn steady_state_is_sosfilt_zi_and_primes_a_stream() {
    let x = input();
    for_each_filter(|name, expected, scipy, ours| {
        let zi = |sos| sosfilt_zi(sos).concat();
        assert!(relative_error(&zi(scipy), &numbers(&expected["zi"])) < 1e-11, "{name}, state");
        for sos in [scipy, ours] {
            let mut filter = SosFilter::primed(sos);
            for _ in 0..2 {
                let primed: Vec<f64> = x.iter().map(|&x| filter.push(x)).collect();
                assert!(relative_error(&primed, &numbers(&expected["primed"])) < 1e-11, "{name}, primed");
                filter.reset();
            }
        }
    });
}

#[test]
fn zero_phase_filter_is_sosfiltfilt() {
    let x = input();
    for_each_filter(|name, expected, scipy, ours| {
        let expected = numbers(&expected["sosfiltfilt"]);
        assert!(relative_error(&sosfiltfilt(scipy, &x).unwrap(), &expected) < 1e-11, "{name}, filtering");
        assert!(
            relative_error(&sosfiltfilt(ours, &x).unwrap(), &expected) < 1e-11,
            "{name}, design and filtering"
        );
    });
}

#[test]
fn zero_phase_filter_refuses_what_scipy_refuses() {
    // SciPy needs more than 12 samples for a third-order filter: its two trailing zeros do not count as taps.
    let sos = butterworth(3, 20.0, 50.0, Band::LowPass).unwrap();
    let error = sosfiltfilt(&sos, &[1.0; 12]).unwrap_err().to_string();
    assert!(error.contains("12 samples") && error.contains("at least 13"), "{error}");
    assert!(sosfiltfilt(&sos, &[1.0; 13]).unwrap().iter().all(|y| (y - 1.0).abs() < 1e-12));
}

#[test]
fn medians_are_exactly_those_of_scipy() {
    let x = input();
    for median in fixture()["medians"].as_array().unwrap() {
        let width = median["width"].as_u64().unwrap() as usize;
        let expected = numbers(&median["centred"]);
        assert_eq!(median_filter(&x, width).unwrap(), expected, "width {width}");
        let causal = median_filter_causal(&x, width).unwrap();
        assert_eq!(causal[width - 1..], expected[width / 2..x.len() - width / 2], "width {width}, delayed");
    }
}

#[test]
fn lowering_the_rate_is_what_scipy_makes_of_firwin() {
    let x = input();
    for decimation in fixture()["decimations"].as_array().unwrap() {
        let ratio = decimation["ratio"].as_u64().unwrap();
        let expected = numbers(&decimation["decimated"]);
        let values = x.iter().map(|&v| [v as f32, 0.0, -v as f32]).collect();
        // In g by its values, so that nobody refuses it.
        let recording = Recording::uniform(50.0 * ratio as f64, values, None);
        let segments = common::segments(&recording, 50.0);
        assert_eq!(segments.len(), 1);
        for axis in [0, 2] {
            let sign = if axis == 0 { 1.0 } else { -1.0 };
            let got: Vec<f64> = segments[0].1.iter().map(|row| sign * f64::from(row[axis])).collect();
            assert!(relative_error(&got, &expected) < 1e-7, "ratio {ratio}, axis {axis}");
        }
    }
}
