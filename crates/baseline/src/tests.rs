//! The classifiers against scikit-learn's, on data that only one of them can separate, and on input that is wrong.

use super::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    x: Vec<f32>,
    labels: Vec<u8>,
    probes: Vec<f32>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    kernel: String,
    width: f64,
    cost: f64,
    probabilities: Vec<f32>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../tests/fixtures/svm.json")).expect("a valid fixture")
}

#[test]
fn probabilities_are_scikit_learns() {
    let f = fixture();
    for case in &f.cases {
        let kernel = match case.kernel.as_str() {
            "linear" => SvmKernel::Linear,
            _ => SvmKernel::Rbf { width: case.width },
        };
        let setting = BaselineSetting { kernel, cost: case.cost };
        let fitted = Baseline::fit_with(setting, &f.x, 4, &f.labels, 4).expect("a fit");
        let p = fitted.probabilities(&f.probes).expect("probabilities");
        assert_eq!(p.len(), case.probabilities.len());
        for (i, (p, expected)) in p.iter().zip(&case.probabilities).enumerate() {
            assert!((p - expected).abs() < 1e-3, "{setting:?}, value {i}: {p}, expected {expected}");
        }
        for row in p.chunks_exact(4) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
    }
}

/// Class 0 inside a circle and class 1 around it, far from the origin and on unequal scales.
fn rings() -> (Vec<f32>, Vec<u8>) {
    (0..120u8)
        .map(|i| {
            let (angle, class) = (f32::from(i) * 0.7, i % 2);
            let radius = if class == 0 { 1.0 } else { 3.0 };
            ([100.0 + radius * angle.cos(), -7.0 + 0.01 * radius * angle.sin()], class)
        })
        .fold((Vec::new(), Vec::new()), |(mut x, mut y), (row, class)| {
            x.extend(row);
            y.push(class);
            (x, y)
        })
}

fn right(fitted: &Baseline, x: &[f32], labels: &[u8]) -> usize {
    let p = fitted.probabilities(x).expect("probabilities");
    p.chunks_exact(2).zip(labels).filter(|(p, l)| u8::from(p[1] > p[0]) == **l).count()
}

#[test]
fn rings_are_separated_by_the_rbf_kernel_and_not_by_the_linear_one() {
    let (x, labels) = rings();
    let setting = BaselineSetting { kernel: SvmKernel::Rbf { width: 1.0 }, cost: 10.0 };
    let rbf = Baseline::fit_with(setting, &x, 2, &labels, 2).expect("a fit");
    assert_eq!(right(&rbf, &x, &labels), labels.len());
    assert!((1..=labels.len()).contains(&rbf.machine.support_vectors()));
    let linear = Baseline::fit(BaselineKind::Linear, &x, 2, &labels, 2).expect("a fit");
    assert!(right(&linear, &x, &labels) < labels.len() * 3 / 4);
}

#[test]
fn a_feature_constant_in_training_decides_nothing_later() {
    let (x, labels) = (fixture().x, fixture().labels);
    for kind in BaselineKind::ALL {
        let fitted = Baseline::fit(kind, &x, 4, &labels, 4).expect("a fit");
        let mut other = x.clone();
        other.iter_mut().skip(3).step_by(4).for_each(|v| *v = 1e6);
        assert_eq!(fitted.probabilities(&x).expect("p"), fitted.probabilities(&other).expect("p"));
    }
}

#[test]
fn the_same_bits_twice_and_for_any_number_of_threads() {
    let f = fixture();
    for kind in BaselineKind::ALL {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| {
                let fitted = Baseline::fit(kind, &f.x, 4, &f.labels, 4).expect("a fit");
                fitted.probabilities(&f.probes).expect("probabilities")
            })
        };
        let first = run(1);
        assert_eq!(first, run(1), "{kind:?}");
        assert_eq!(first, run(2), "{kind:?}");
    }
}

#[test]
fn names_lead_back_to_their_kinds() {
    for kind in BaselineKind::ALL {
        assert_eq!(BaselineKind::from_name(kind.name()).expect("a kind"), kind);
    }
    let error = BaselineKind::from_name("forest").expect_err("no such kind");
    assert!(error.is_usage());
    assert_eq!(
        error.to_string(),
        "unknown baseline `forest`, expected one of: features-linear, features-rbf"
    );
}

#[test]
fn what_cannot_be_learned_is_refused_with_the_place() {
    let x = [0.0, 1.0, 2.0, 3.0];
    let fit = |x: &[f32], features, labels: &[u8], classes| {
        Baseline::fit(BaselineKind::Linear, x, features, labels, classes).expect_err("no fit")
    };
    assert!(matches!(fit(&x, 0, &[0, 1], 2), BaselineError::FeatureShape { values: 4, features: 0 }));
    assert!(matches!(fit(&x, 3, &[0, 1], 2), BaselineError::FeatureShape { values: 4, features: 3 }));
    assert!(matches!(fit(&x, 2, &[0], 1), BaselineError::FeatureShape { .. }));
    assert!(matches!(
        fit(&[0.0, 1.0, 2.0, f32::NAN], 2, &[0, 1], 2),
        BaselineError::FeatureNotFinite { window: 1, feature: 1, .. }
    ));
    assert!(matches!(
        fit(&x, 2, &[0, 2], 2),
        BaselineError::FeatureLabel { window: 1, label: 2, classes: 2 }
    ));
    assert!(matches!(fit(&x, 2, &[0, 2], 3), BaselineError::FeatureClass { class: 1 }));
    let setting = BaselineSetting { kernel: SvmKernel::Linear, cost: 0.0 };
    let error = Baseline::fit_with(setting, &x, 2, &[0, 1], 2).expect_err("no fit");
    assert!(matches!(error, BaselineError::Setting { setting: "cost", .. }));
    let fitted = Baseline::fit(BaselineKind::Rbf, &x, 2, &[0, 1], 2).expect("a fit");
    assert!(matches!(fitted.probabilities(&x[..3]), Err(BaselineError::FeatureShape { .. })));
    assert!(matches!(
        fitted.probabilities(&[f32::INFINITY, 0.0]),
        Err(BaselineError::FeatureNotFinite { window: 0, feature: 0, .. })
    ));
}
