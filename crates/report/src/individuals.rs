//! How the accuracy spreads over test people, and on whom the model does worst.

use ambulo_record::{Metrics, PersonId, Spread, SubjectMetrics};

/// The record's spread; for an older record without one, the spread of its figures by person. `None` without people.
pub(crate) fn spread(metrics: &Metrics) -> Option<Spread> {
    let recorded = metrics.test.subject_accuracy;
    if recorded != Spread::default() {
        return Some(recorded);
    }
    let mut all: Vec<f64> =
        metrics.test.per_subject.values().map(|s| s.accuracy).filter(|a| a.is_finite()).collect();
    all.sort_by(f64::total_cmp);
    let last = all.len().checked_sub(1)?;
    // Linear between neighbours, as the trainer has it.
    let at = |share: f64| {
        let place = share * last as f64;
        let (below, rest) = (place.floor() as usize, place.fract());
        all[below] + rest * (all[(below + 1).min(last)] - all[below])
    };
    Some(Spread { min: all[0], q1: at(0.25), median: at(0.5), q3: at(0.75), max: all[last] })
}

/// A person on whom the model does badly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weak<'a> {
    pub(crate) subject: &'a PersonId,
    pub(crate) figures: &'a SubjectMetrics,
    /// Further below the first quartile than one and a half times the distance between the quartiles: Tukey's fence
    /// (Exploratory Data Analysis, 1977).
    pub(crate) apart: bool,
}

/// The worst three people, or five where every fold tests a single person, and all others that are as far from the
/// rest as [`Weak::apart`] says, worst first. Nobody at or above the median; none where too few people were tested
/// for any to stand out.
pub(crate) fn weakest(metrics: &Metrics) -> Vec<Weak<'_>> {
    let Some(s) = spread(metrics).filter(|_| metrics.test.per_subject.len() > 3) else { return Vec::new() };
    let alone = !metrics.folds.is_empty() && metrics.folds.iter().all(|f| f.subjects.test.len() == 1);
    let least = if alone { 5 } else { 3 };
    let fence = s.q1 - 1.5 * (s.q3 - s.q1);
    let mut people: Vec<Weak<'_>> = metrics
        .test
        .per_subject
        .iter()
        .filter(|(_, m)| m.accuracy < s.median)
        .map(|(subject, figures)| Weak { subject, figures, apart: figures.accuracy < fence })
        .collect();
    people.sort_by(|a, b| a.figures.accuracy.total_cmp(&b.figures.accuracy));
    let shown = people.iter().filter(|w| w.apart).count().max(least);
    people.truncate(shown);
    people
}

/// The fold that tested this person.
pub(crate) fn fold_of(metrics: &Metrics, subject: &PersonId) -> Option<usize> {
    metrics.folds.iter().find(|f| f.subjects.test.contains(subject)).map(|f| f.fold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_record::{FoldMetrics, SubjectLists, WindowCounts};

    fn metrics(accuracies: &[f64]) -> Metrics {
        let mut value = serde_json::json!({
            "format": 1, "ambulo_version": "", "run": "", "finished": "", "dataset": "", "dataset_sha256": "",
            "protocol": "", "model": "", "architecture": "", "parameters": 0, "labels": [], "seeds": [],
            "train_seconds": 0.0, "threads": 1, "instruction_set": "", "command": "",
            "windows": WindowCounts::default(), "subjects": SubjectLists::default(),
            "test": { "per_seed": [], "per_class": [], "per_subject": {}, "confusion": [], "reliability": [],
                      "ece": 0.0, "nll": 0.0 },
        });
        for figure in ["accuracy", "balanced_accuracy", "macro_f1"] {
            value["test"][figure] = serde_json::json!({ "mean": 0.0, "sd": 0.0, "ci95": [0.0, 0.0] });
        }
        let mut metrics: Metrics = serde_json::from_value(value).expect("an old record");
        for (subject, &accuracy) in (1_u16..).zip(accuracies) {
            let figures = SubjectMetrics { windows: 10, accuracy, macro_f1: accuracy };
            metrics.test.per_subject.insert(subject.into(), figures);
        }
        metrics
    }

    fn numbers(metrics: &Metrics) -> Vec<u16> {
        weakest(metrics).iter().map(|w| w.subject.as_str().parse().expect("a number")).collect()
    }

    #[test]
    fn an_old_record_gets_its_spread_from_its_people() {
        let s = spread(&metrics(&[0.5, 0.9, 0.7, 0.8])).expect("people");
        let all = [s.min, s.q1, s.median, s.q3, s.max];
        // numpy.quantile([0.5, 0.7, 0.8, 0.9], [0, .25, .5, .75, 1])
        for (found, expected) in all.into_iter().zip([0.5, 0.65, 0.75, 0.825, 0.9]) {
            assert!((found - expected).abs() < 1e-12, "{all:?}");
        }
        assert_eq!(spread(&metrics(&[])), None);
    }

    #[test]
    fn the_worst_three_come_first_and_those_far_from_the_rest_are_marked() {
        let m = metrics(&[0.95, 0.4, 0.94, 0.93, 0.96, 0.92, 0.95, 0.97]);
        assert_eq!(numbers(&m), [2, 6, 4]);
        assert_eq!(weakest(&m).iter().map(|w| w.apart).collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn equal_people_and_a_handful_are_nobodys_failure() {
        assert!(numbers(&metrics(&[0.9; 12])).is_empty());
        assert!(numbers(&metrics(&[0.9, 0.1, 0.8])).is_empty());
        assert!(numbers(&metrics(&[f64::NAN; 6])).is_empty());
    }

    #[test]
    fn all_who_stand_apart_are_named_and_five_where_folds_are_people() {
        let mut accuracies = vec![0.95; 26];
        accuracies.extend([0.5, 0.4, 0.3, 0.2]);
        assert_eq!(numbers(&metrics(&accuracies)), [30, 29, 28, 27]);
        let even: Vec<f64> = (0..30).map(|i| 0.7 + 0.01 * f64::from(i)).collect();
        let mut m = metrics(&even);
        m.folds = (1_u16..=30)
            .map(|fold| FoldMetrics {
                fold: fold.into(),
                subjects: SubjectLists { test: vec![fold.into()], ..SubjectLists::default() },
                windows: WindowCounts::default(),
                accuracy: 0.0,
                macro_f1: 0.0,
                train_seconds: 0.0,
            })
            .collect();
        assert_eq!(numbers(&m), [1, 2, 3, 4, 5]);
        assert_eq!(fold_of(&m, &7.into()), Some(7));
        m.folds[0].subjects.test.push(2.into());
        assert_eq!(numbers(&m), [1, 2, 3]);
    }
}
