//! The figures against scikit-learn's, against hand-computed cases, and against what must hold for any input.

use super::*;
use ambulo_record::PersonId;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
    people: People,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    classes: usize,
    truth: Vec<u8>,
    subjects: Vec<PersonId>,
    probabilities: Vec<f32>,
    accuracy: f64,
    balanced_accuracy: f64,
    macro_f1: f64,
    confusion: Vec<Vec<u64>>,
    precision: Vec<f64>,
    recall: Vec<f64>,
    f1: Vec<f64>,
    support: Vec<u64>,
    nll: f64,
    reliability: Vec<Bin>,
    ece: f64,
    per_subject: BTreeMap<PersonId, Person>,
}

#[derive(Deserialize)]
struct Bin {
    confidence: f64,
    accuracy: f64,
    count: u64,
}

#[derive(Deserialize)]
struct Person {
    windows: u64,
    accuracy: f64,
    macro_f1: f64,
}

#[derive(Deserialize)]
struct People {
    classes: usize,
    truth: Vec<u8>,
    subjects: Vec<PersonId>,
    runs: Vec<Vec<f32>>,
    mean: BTreeMap<String, f64>,
    sd_accuracy: f64,
    ci95: BTreeMap<String, [f64; 2]>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../../tests/fixtures/sklearn.json")).unwrap()
}

fn run(seed: u64, probabilities: Vec<f32>) -> SeedPredictions {
    SeedPredictions {
        seed,
        best_epoch: 3,
        validation_macro_f1: 0.5,
        refit: true,
        temperature: 1.0,
        logits: None,
        probabilities,
    }
}

fn people(numbers: &[u16]) -> Vec<PersonId> {
    numbers.iter().map(|&number| number.into()).collect()
}

fn labels(classes: usize) -> Vec<String> {
    (0..classes).map(|class| format!("CLASS_{class}")).collect()
}

/// Certain predictions of the given classes.
fn one_hot(predicted: &[u8], classes: usize) -> Vec<f32> {
    predicted
        .iter()
        .flat_map(|&p| (0..classes).map(move |class| f32::from(u8::from(class == usize::from(p)))))
        .collect()
}

#[track_caller]
fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-9, "{what}: found {found}, expected {expected}");
}

#[test]
fn one_run_agrees_with_scikit_learn() {
    for case in fixture().cases {
        let name = &case.name;
        let found = test_metrics(
            &labels(case.classes),
            &case.truth,
            &case.subjects,
            &[run(1, case.probabilities.clone())],
        )
        .unwrap();
        assert_eq!(found.confusion, case.confusion, "{name}");
        close(found.accuracy.mean, case.accuracy, name);
        close(found.balanced_accuracy.mean, case.balanced_accuracy, name);
        close(found.macro_f1.mean, case.macro_f1, name);
        close(found.nll.unwrap(), case.nll, name);
        close(found.ece.unwrap(), case.ece, name);
        for (class, scores) in found.per_class.iter().enumerate() {
            close(scores.precision, case.precision[class], name);
            close(scores.recall, case.recall[class], name);
            close(scores.f1, case.f1[class], name);
            assert_eq!(scores.support, case.support[class], "{name}");
        }
        assert_eq!(found.reliability.len(), case.reliability.len());
        for (bin, expected) in found.reliability.iter().zip(&case.reliability) {
            assert_eq!(bin.count, expected.count, "{name}, bin from {}", bin.lower);
            close(bin.confidence, expected.confidence, name);
            close(bin.accuracy, expected.accuracy, name);
        }
        assert_eq!(found.per_subject.len(), case.per_subject.len(), "{name}");
        for (subject, person) in &case.per_subject {
            let found = &found.per_subject[subject];
            assert_eq!(found.windows, person.windows, "{name}, subject {subject}");
            close(found.accuracy, person.accuracy, name);
            close(found.macro_f1, person.macro_f1, name);
        }
    }
}

#[test]
fn the_interval_agrees_with_an_independent_bootstrap() {
    let people = fixture().people;
    let runs: Vec<_> =
        people.runs.iter().enumerate().map(|(seed, p)| run(seed as u64 + 1, p.clone())).collect();
    let found = test_metrics(&labels(people.classes), &people.truth, &people.subjects, &runs).unwrap();
    close(found.accuracy.sd, people.sd_accuracy, "sd of accuracy");
    for (key, estimate) in [
        ("accuracy", found.accuracy),
        ("balanced_accuracy", found.balanced_accuracy),
        ("macro_f1", found.macro_f1),
    ] {
        close(estimate.mean, people.mean[key], key);
        for (found, expected) in estimate.ci95.into_iter().zip(people.ci95[key]) {
            // The width is 0.19; percentiles of 10,000 replicates scatter by about 0.001.
            assert!((found - expected).abs() < 0.005, "{key}: found {found}, expected {expected}");
        }
    }
}

#[test]
fn several_runs_are_summed_in_counts_and_averaged_in_figures() {
    let truth = [0, 0, 1, 1];
    let runs = [run(7, one_hot(&[0, 0, 1, 1], 2)), run(8, one_hot(&[0, 1, 1, 1], 2))];
    let found = test_metrics(&labels(2), &truth, &people(&[5, 5, 5, 6]), &runs).unwrap();
    assert_eq!(found.confusion, [[3, 1], [0, 4]]);
    assert_eq!(found.per_class[0].support, 2);
    assert_eq!(
        found.per_seed.iter().map(|s| (s.seed, s.accuracy)).collect::<Vec<_>>(),
        [(7, 1.0), (8, 0.75)]
    );
    close(found.accuracy.mean, 0.875, "mean");
    // Two values a quarter apart: sd = 0.25 / sqrt(2).
    close(found.accuracy.sd, 0.125 * 2.0_f64.sqrt(), "sd");
    // Subject 5 has 3 windows: all right, then 2 of 3.
    assert_eq!(found.per_subject[&5.into()].windows, 3);
    close(found.per_subject[&5.into()].accuracy, 5.0 / 6.0, "subject 5");
    // Certain and right 7 times, certain and wrong once.
    let last = found.reliability[RELIABILITY_BINS - 1];
    assert_eq!((last.count, last.confidence, last.accuracy), (8, 1.0, 0.875));
    close(found.ece.unwrap(), 0.125, "ece");
    close(found.nll.unwrap(), -f64::from(f32::EPSILON).ln() / 8.0, "nll of one impossible event in eight");
}

#[test]
fn equal_probabilities_go_to_the_lowest_index() {
    assert_eq!(predicted(&[0.5, 0.5, 0.2, 0.8, 0.5, 0.5], 2).unwrap(), [0, 1, 0]);
}

#[test]
fn a_confidence_on_an_edge_belongs_to_the_bin_below() {
    // 0.75 * 15 = 11.25; 1 is the upper edge of the last bin; 0.5 * 15 = 7.5.
    let bins = reliability(&[0, 0, 0], &[0.75, 0.25, 1.0, 0.0, 0.5, 0.5], 2).unwrap();
    let filled: Vec<usize> = (0..bins.len()).filter(|&bin| bins[bin].count > 0).collect();
    assert_eq!(filled, [7, 11, 14]);
    // One class: confidence 1 always.
    assert_eq!(reliability(&[0], &[1.0], 1).unwrap()[RELIABILITY_BINS - 1].count, 1);
    // Five equal probabilities: 0.2 is the edge between bins 2 and 3, and f32's 0.2 lies just above it.
    let bins = reliability(&[0], &[0.2; 5], 5).unwrap();
    assert_eq!(bins[3].count, 1);
    // Four: 0.25 lies inside bin 3; eight: 0.125 inside bin 1.
    assert_eq!(reliability(&[0], &[0.25; 4], 4).unwrap()[3].count, 1);
    assert_eq!(reliability(&[0], &[0.125; 8], 8).unwrap()[1].count, 1);
}

#[test]
fn a_subject_is_not_charged_for_activities_not_performed() {
    // Truth 0 0, predicted 0 1: over performed classes F1 is that of class 0 alone, 2/3; over all 1/3.
    let matrix = ConfusionMatrix::from_indices(&[0, 0], &[0, 1], 3).unwrap();
    close(matrix.macro_f1_performed(), 2.0 / 3.0, "performed");
    close(matrix.macro_f1(), 1.0 / 3.0, "all that occur");
}

#[test]
fn resampling_draws_people_and_not_windows() {
    // One person all right, one all wrong: a replicate's accuracy is 0, 1/2 or 1, however many windows there
    // are.
    let truth = vec![0; 2000];
    let predicted: Vec<u8> = (0..2000).map(|window| u8::from(window >= 1000)).collect();
    let subjects: Vec<PersonId> =
        (0..2000).map(|window| PersonId::from(3 + u16::from(window >= 1000))).collect();
    let found = test_metrics(&labels(2), &truth, &subjects, &[run(1, one_hot(&predicted, 2))]).unwrap();
    assert_eq!(found.accuracy.ci95, [0.0, 1.0]);
    assert_eq!(found.accuracy.mean, 0.5);
}

#[test]
fn one_subject_and_one_seed_give_no_width() {
    let found =
        test_metrics(&labels(2), &[0, 1, 1], &people(&[9; 3]), &[run(1, one_hot(&[0, 1, 0], 2))]).unwrap();
    assert_eq!(found.accuracy.ci95, [found.accuracy.mean; 2]);
    assert_eq!(found.macro_f1.ci95, [found.macro_f1.mean; 2]);
    assert_eq!(found.accuracy.sd, 0.0);
}

#[test]
fn equal_seeds_have_no_deviation() {
    // 2/3 three times: the mean of the three need not round to 2/3.
    let runs = [1, 2, 3].map(|seed| run(seed, one_hot(&[0, 1, 0], 2)));
    let found = test_metrics(&labels(2), &[0, 1, 1], &people(&[1, 2, 3]), &runs).unwrap();
    assert_eq!((found.accuracy.mean, found.accuracy.sd), (2.0 / 3.0, 0.0));
}

#[test]
fn the_same_seed_repeats_the_interval_and_another_does_not() {
    let people = fixture().people;
    let predicted = predicted(&people.runs[0], people.classes).unwrap();
    let matrices = confusion_by_subject(&people.truth, &predicted, &people.subjects, people.classes).unwrap();
    let replicates = NonZeroUsize::new(500).unwrap();
    let interval = |seed| bootstrap(std::slice::from_ref(&matrices), replicates, seed).unwrap();
    assert_eq!(interval(1), interval(1));
    assert_ne!(interval(1), interval(2));
}

#[test]
fn a_bootstrap_refuses_runs_of_different_people() {
    let matrix = ConfusionMatrix::from_indices(&[0], &[0], 2).unwrap();
    let (one, other) = (BTreeMap::from([(1.into(), matrix.clone())]), BTreeMap::from([(2.into(), matrix)]));
    let result = bootstrap(&[one, other], BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED);
    assert!(matches!(result, Err(MetricsError::Length { expected: 1, found: 0, .. })), "{result:?}");
    assert_eq!(bootstrap(&[], BOOTSTRAP_REPLICATES, 0), Err(MetricsError::NoRuns));
    assert_eq!(bootstrap(&[BTreeMap::new()], BOOTSTRAP_REPLICATES, 0), Err(MetricsError::NoWindows));
}

#[test]
fn faulty_input_is_named() {
    let metrics = |truth: &[u8], subjects: &[u16], probabilities: &[f32]| {
        test_metrics(&labels(2), truth, &people(subjects), &[run(4, probabilities.to_vec())]).unwrap_err()
    };
    let in_run = |source| MetricsError::Run { seed: 4, source: Box::new(source) };
    assert_eq!(metrics(&[], &[], &[]), MetricsError::NoWindows);
    assert_eq!(
        metrics(&[0, 1], &[1], &[1.0, 0.0, 1.0, 0.0]),
        MetricsError::Length { what: "subjects", expected: 2, found: 1 }
    );
    assert_eq!(
        metrics(&[0], &[1], &[1.0]),
        in_run(MetricsError::Length { what: "probabilities", expected: 2, found: 1 })
    );
    assert_eq!(
        metrics(&[0, 2], &[1, 1], &[1.0, 0.0, 1.0, 0.0]),
        MetricsError::ClassIndex { window: 1, index: 2, classes: 2 }
    );
    let logits = metrics(&[0, 1], &[1, 1], &[1.0, 0.0, 2.5, -1.0]);
    assert_eq!(logits, in_run(MetricsError::NotAProbability { window: 1, class: 0, value: 2.5 }));
    assert!(
        logits.to_string().starts_with("seed 4: window 1, class 0: 2.5 is not a probability"),
        "{logits}"
    );
    let diverged = metrics(&[0, 1], &[1, 1], &[1.0, 0.0, 0.5, f32::NAN]).to_string();
    assert!(diverged.contains("window 1, class 1: NaN is not a probability"), "{diverged}");
    assert!(metrics(&[0], &[1], &[0.5, 0.4]).to_string().contains("add up to 0.9"));
    assert_eq!(test_metrics(&labels(2), &[0], &people(&[1]), &[]), Err(MetricsError::NoRuns));
    assert_eq!(test_metrics(&[], &[0], &people(&[1]), &[]), Err(MetricsError::Classes { classes: 0 }));
    assert_eq!(
        predicted(&[0.5, 0.5, 1.0], 2),
        Err(MetricsError::Length { what: "probabilities", expected: 2, found: 3 })
    );
    assert_eq!(
        ConfusionMatrix::new(2).unwrap().add(&ConfusionMatrix::new(3).unwrap()),
        Err(MetricsError::Length { what: "confusion matrix classes", expected: 2, found: 3 })
    );
}

#[test]
fn mistakes_come_most_confident_first() {
    let truth = [0, 1, 1, 0, 1];
    let probabilities = [0.9, 0.1, 0.6, 0.4, 0.7, 0.3, 0.4, 0.6, 0.3, 0.7];
    // Windows 1 (0.6), 2 (0.7) and 3 (0.6) are wrong; of equals the earlier first.
    assert_eq!(most_confident_mistakes(&truth, &probabilities, 2, 12), [2, 1, 3]);
    assert_eq!(most_confident_mistakes(&truth, &probabilities, 2, 1), [2]);
    assert_eq!(most_confident_mistakes(&truth, &probabilities, 0, 5), [0; 0]);
}

/// Truth, subjects and probabilities of some windows of 4 classes.
fn windows() -> impl Strategy<Value = Vec<(u8, u16, [f32; 4])>> {
    let row = proptest::array::uniform4(0.0_f32..1.0).prop_map(|raw| {
        let sum: f32 = raw.iter().sum::<f32>() + 4e-3;
        raw.map(|value| (value + 1e-3) / sum)
    });
    proptest::collection::vec((0_u8..4, 1_u16..6, row), 1..60)
}

fn split(windows: &[(u8, u16, [f32; 4])]) -> (Vec<u8>, Vec<PersonId>, Vec<f32>) {
    (
        windows.iter().map(|w| w.0).collect(),
        windows.iter().map(|w| w.1.into()).collect(),
        windows.iter().flat_map(|w| w.2).collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn figures_stay_in_bounds(windows in windows()) {
        let (truth, subjects, probabilities) = split(&windows);
        let found = test_metrics(&labels(4), &truth, &subjects, &[run(1, probabilities)]).unwrap();
        for estimate in [found.accuracy, found.balanced_accuracy, found.macro_f1] {
            prop_assert!((0.0..=1.0).contains(&estimate.mean));
            let [low, high] = estimate.ci95;
            prop_assert!(0.0 <= low && low <= high && high <= 1.0);
        }
        prop_assert!((0.0..=1.0).contains(&found.ece.unwrap()));
        prop_assert!((0.0..16.0).contains(&found.nll.unwrap()));
        prop_assert_eq!(found.confusion.iter().flatten().sum::<u64>(), truth.len() as u64);
        prop_assert_eq!(found.per_subject.values().map(|s| s.windows).sum::<u64>(), truth.len() as u64);
        prop_assert_eq!(found.reliability.iter().map(|b| b.count).sum::<u64>(), truth.len() as u64);
        for bin in &found.reliability {
            prop_assert!(bin.count == 0 || (bin.lower - 1e-9..=bin.upper + 1e-9).contains(&bin.confidence));
        }
        // Pooled accuracy is a mixture of the subjects' accuracies: no replicate leaves their range.
        let own = found.per_subject.values().map(|s| s.accuracy);
        let (low, high) = own.fold((1.0_f64, 0.0_f64), |(low, high), a| (low.min(a), high.max(a)));
        prop_assert!(low - 1e-9 <= found.accuracy.ci95[0] && found.accuracy.ci95[1] <= high + 1e-9);
    }

    #[test]
    fn the_order_of_windows_does_not_matter(windows in windows(), turn in 0_usize..60) {
        let metrics = |windows: &[(u8, u16, [f32; 4])]| {
            let (truth, subjects, probabilities) = split(windows);
            test_metrics(&labels(4), &truth, &subjects, &[run(1, probabilities)]).unwrap()
        };
        let mut turned = windows.clone();
        turned.rotate_left(turn % windows.len());
        turned.reverse();
        let (a, b) = (metrics(&windows), metrics(&turned));
        prop_assert_eq!(&a.confusion, &b.confusion);
        prop_assert_eq!(a.accuracy, b.accuracy);
        prop_assert_eq!(a.macro_f1, b.macro_f1);
        prop_assert_eq!(&a.per_subject, &b.per_subject);
        prop_assert!((a.nll.unwrap() - b.nll.unwrap()).abs() < 1e-9 && (a.ece.unwrap() - b.ece.unwrap()).abs() < 1e-9);
    }

    #[test]
    fn certain_and_right_is_perfect(truth in proptest::collection::vec(0_u8..4, 1..40)) {
        let subjects: Vec<PersonId> = (0..truth.len() as u16).map(|window| PersonId::from(window % 3)).collect();
        let found = test_metrics(&labels(4), &truth, &subjects, &[run(1, one_hot(&truth, 4))]).unwrap();
        for estimate in [found.accuracy, found.balanced_accuracy, found.macro_f1] {
            prop_assert!((estimate.mean - 1.0).abs() < 1e-12);
            prop_assert!((estimate.ci95[0] - 1.0).abs() < 1e-12);
        }
        prop_assert!(found.nll.unwrap() == 0.0 && found.ece.unwrap() == 0.0);
    }
}
