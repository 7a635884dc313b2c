//! One row for each seed.

use crate::figures::{Figure, table};
use crate::text::{ABSENT, decimal, percent};
use ambulo_record::{Estimate, Metrics};

pub(crate) fn figure(metrics: &Metrics) -> Option<String> {
    let test = &metrics.test;
    if test.per_seed.is_empty() {
        return None;
    }
    // Older records hold no temperature; the defaults that stand in for it must not be shown as measured.
    let calibrated = !test.reliability_uncalibrated.is_empty();
    let mut rows: Vec<Vec<String>> = test
        .per_seed
        .iter()
        .map(|s| {
            vec![
                s.seed.to_string(),
                percent(s.accuracy),
                percent(s.macro_f1),
                percent(s.balanced_accuracy),
                if calibrated { percent(s.ece_uncalibrated) } else { ABSENT.to_owned() },
                if calibrated { decimal(s.temperature, 2) } else { ABSENT.to_owned() },
                percent(s.ece),
                decimal(s.nll, 3),
                s.best_epoch.to_string(),
                percent(s.validation_macro_f1),
                if s.refit { "yes" } else { "no" }.to_owned(),
            ]
        })
        .collect();
    if test.per_seed.len() > 1 {
        let absent = || ABSENT.to_owned();
        let over =
            |name: &str, value: &dyn Fn(&Estimate) -> f64, before: String, ece: String, nll: String| {
                let of = |e| percent(value(e));
                let mut row = vec![name.to_owned(), of(&test.accuracy), of(&test.macro_f1)];
                row.extend([of(&test.balanced_accuracy), before, absent(), ece, nll]);
                row.extend([absent(), absent(), absent()]);
                row
            };
        let before = if calibrated { percent(test.ece_uncalibrated) } else { absent() };
        rows.push(over("Mean", &|e| e.mean, before, percent(test.ece), decimal(test.nll, 3)));
        rows.push(over("S.d.", &|e| e.sd, absent(), absent(), absent()));
    }
    Some(
        Figure {
            title: "",
            legend: String::new(),
            picture: table(
                "Final figures of each seed",
                &[
                    "Seed",
                    "Accuracy",
                    "Macro-F1",
                    "Balanced acc.",
                    "ECE before",
                    "Temperature",
                    "ECE",
                    "NLL (nats)",
                    "Epoch",
                    "Validation macro-F1",
                    "Refit",
                ],
                &rows,
            ),
            caption: format!(
                "ECE: expected calibration error, 15 bins, before and after the temperature. NLL: mean negative \
                 log-likelihood. Refit: trained anew with the validation subjects before the evaluation.{} Every \
                 seed counts; none was selected.",
                if metrics.folds.is_empty() {
                    ""
                } else {
                    " Temperature, epoch and validation macro-F1 are means over folds."
                }
            ),
            table: String::new(),
        }
        .html(),
    )
}
