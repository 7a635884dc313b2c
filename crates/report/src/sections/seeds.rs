//! One row for each seed.

use crate::figures::{Figure, table};
use crate::text::{ABSENT, decimal, percent};
use ambulo_record::{Estimate, Metrics};

pub(crate) fn figure(metrics: &Metrics) -> Option<String> {
    let test = &metrics.test;
    if test.per_seed.is_empty() {
        return None;
    }
    let absent = || ABSENT.to_owned();
    let share = |value: Option<f64>| value.map_or_else(absent, percent);
    let number = |value: Option<f64>, digits| value.map_or_else(absent, |v| decimal(v, digits));
    let mut rows: Vec<Vec<String>> = test
        .per_seed
        .iter()
        .map(|s| {
            vec![
                s.seed.to_string(),
                percent(s.accuracy),
                percent(s.macro_f1),
                percent(s.balanced_accuracy),
                share(s.ece_uncalibrated),
                number(s.temperature, 2),
                share(s.ece),
                number(s.nll, 3),
                s.best_epoch.map_or_else(absent, |epoch| epoch.to_string()),
                share(s.validation_macro_f1),
                s.refit.map_or(ABSENT, |refit| if refit { "yes" } else { "no" }).to_owned(),
            ]
        })
        .collect();
    if test.per_seed.len() > 1 {
        let over =
            |name: &str, value: &dyn Fn(&Estimate) -> f64, before: String, ece: String, nll: String| {
                let of = |e| percent(value(e));
                let mut row = vec![name.to_owned(), of(&test.accuracy), of(&test.macro_f1)];
                row.extend([of(&test.balanced_accuracy), before, absent(), ece, nll]);
                row.extend([absent(), absent(), absent()]);
                row
            };
        let before = share(test.ece_uncalibrated);
        rows.push(over("Mean", &|e| e.mean, before, share(test.ece), number(test.nll, 3)));
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
