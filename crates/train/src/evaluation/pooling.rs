//! What the folds of a protocol found, put together.

use super::final_evaluation::keep_most_confident;
use super::predictions::StoredPredictions;
use super::wearing::WearingCounts;
use crate::TrainError;
use ambulo_record::{FoldMetrics, Mistake, PersonId, WindowCounts};

/// What one fold found.
#[derive(Debug)]
pub(crate) struct FoldResult {
    /// Its people, windows and figures.
    pub(crate) metrics: FoldMetrics,
    pub(crate) predictions: StoredPredictions,
    pub(crate) wearings: Vec<WearingCounts>,
    pub(crate) mistakes: Vec<Mistake>,
}

/// What all folds found, in their order.
#[derive(Debug, Default)]
pub(crate) struct Pooled {
    pub(crate) folds: Vec<FoldMetrics>,
    /// Sums over the folds.
    pub(crate) windows: WindowCounts,
    pub(crate) train_seconds: f64,
    /// The test people of all folds, in order.
    pub(crate) test_people: Vec<PersonId>,
    pub(crate) predictions: StoredPredictions,
    pub(crate) wearings: Vec<WearingCounts>,
    /// The most confident of all.
    pub(crate) mistakes: Vec<Mistake>,
}

/// Puts folds together, each with other people than the others, and with the same seeds.
///
/// # Errors
/// Folds of other classes.
pub(crate) fn pool(folds: impl IntoIterator<Item = FoldResult>) -> Result<Pooled, TrainError> {
    let mut all = Pooled::default();
    for FoldResult { metrics, predictions, wearings, mistakes } in folds {
        all.windows.train += metrics.windows.train;
        all.windows.validation += metrics.windows.validation;
        all.windows.test += metrics.windows.test;
        all.train_seconds += metrics.train_seconds;
        all.test_people.extend(metrics.subjects.test.iter().cloned());
        all.folds.push(metrics);
        all.predictions.join(predictions)?;
        WearingCounts::join_all(&mut all.wearings, wearings);
        all.mistakes.extend(mistakes);
    }
    all.test_people.sort_unstable();
    keep_most_confident(&mut all.mistakes);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::predictions::StoredSeed;
    use crate::evaluation::wearing::people_of;
    use crate::metrics::{SeedPredictions, expected_calibration_error, reliability, test_metrics};
    use ambulo_data::{LabelledWindows, WindowOrigin};
    use ambulo_record::SubjectLists;

    const LABELS: [&str; 2] = ["walking", "sitting"];
    const LOGITS: [[f32; 4]; 2] = [[2.0, -1.0, 0.3, 0.4], [0.2, 0.1, -3.0, 2.5]];

    fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
        let mut rows: Vec<f32> = logits.iter().map(|z| z / temperature).collect();
        rows.chunks_exact_mut(2).for_each(ambulo_nn::softmax);
        rows
    }

    fn fold(fold: usize, temperature: f32, with_logits: bool) -> FoldResult {
        let logits = LOGITS[fold - 1];
        let person = 4 - fold as u16;
        let origin = |start| WindowOrigin {
            person: person.into(),
            recording: "1".into(),
            facts: Default::default(),
            start,
        };
        FoldResult {
            metrics: FoldMetrics {
                fold,
                subjects: SubjectLists { test: vec![person.into()], ..SubjectLists::default() },
                windows: WindowCounts { train: 10 * fold, validation: fold, test: 2 },
                accuracy: 0.5,
                macro_f1: 0.5,
                train_seconds: 1.5,
            },
            predictions: StoredPredictions {
                windows: LabelledWindows {
                    labels: vec![0, 1],
                    classes: 2,
                    origins: vec![origin(0), origin(64)],
                    ..LabelledWindows::default()
                },
                seeds: vec![StoredSeed {
                    seed: 7,
                    probabilities: softmax(&logits, temperature),
                    logits: with_logits.then(|| logits.to_vec()),
                }],
            },
            wearings: Vec::new(),
            mistakes: Vec::new(),
        }
    }

    #[test]
    fn the_calibration_before_temperatures_is_that_of_the_logits_of_all_folds() {
        let all = pool([fold(1, 2.0, true), fold(2, 0.5, true)]).unwrap();
        assert_eq!((all.test_people, all.train_seconds), ([2, 3].map(PersonId::from).to_vec(), 3.0));
        assert_eq!(all.windows, WindowCounts { train: 30, validation: 3, test: 4 });
        let seed = &all.predictions.seeds[0];
        assert_eq!(seed.probabilities, [softmax(&LOGITS[0], 2.0), softmax(&LOGITS[1], 0.5)].concat());
        let run = SeedPredictions {
            seed: 7,
            best_epoch: 1,
            validation_macro_f1: 0.5,
            refit: true,
            // A mean over folds, with which no fold's answers were made.
            temperature: 1.25,
            probabilities: seed.probabilities.clone(),
            logits: seed.logits.clone(),
        };
        let windows = &all.predictions.windows;
        let people = people_of(windows);
        let test = test_metrics(&LABELS.map(String::from), &windows.labels, &people, &[run]).unwrap();
        let raw = reliability(&windows.labels, &softmax(&LOGITS.concat(), 1.0), 2).unwrap();
        assert_eq!(test.ece_uncalibrated, Some(expected_calibration_error(&raw)));
        assert_eq!(test.reliability_uncalibrated, raw);
    }

    #[test]
    fn without_the_logits_of_one_fold_there_are_none() {
        for with in [[true, false], [false, true], [false, false]] {
            let all = pool([fold(1, 2.0, with[0]), fold(2, 0.5, with[1])]).unwrap();
            assert_eq!(all.predictions.seeds[0].logits, None);
            assert_eq!(all.predictions.seeds[0].probabilities.len(), 8);
        }
    }
}
