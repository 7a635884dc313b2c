//! One row for each seed.

use crate::figures::{Figure, table};
use crate::text::{ABSENT, decimal, percent};
use ambulo_train::record::{Estimate, Metrics};

pub(crate) fn figure(metrics: &Metrics) -> Option<String> {
    let test = &metrics.test;
    if test.per_seed.is_empty() {
        return None;
    }
    let mut rows: Vec<Vec<String>> = test
        .per_seed
        .iter()
        .map(|s| {
            vec![
                s.seed.to_string(),
                percent(s.accuracy),
                percent(s.macro_f1),
                percent(s.balanced_accuracy),
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
        let over = |name: &str, value: &dyn Fn(&Estimate) -> f64, ece: String, nll: String| {
            let of = |e| percent(value(e));
            let mut row = vec![name.to_owned(), of(&test.accuracy), of(&test.macro_f1)];
            row.extend([of(&test.balanced_accuracy), ece, nll, absent(), absent(), absent()]);
            row
        };
        rows.push(over("Mean", &|e| e.mean, percent(test.ece), decimal(test.nll, 3)));
        rows.push(over("S.d.", &|e| e.sd, absent(), absent()));
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
                    "ECE",
                    "NLL (nats)",
                    "Epoch",
                    "Validation macro-F1",
                    "Refit",
                ],
                &rows,
            ),
            caption:
                "ECE: expected calibration error, 15 bins. NLL: mean negative log-likelihood. Refit: trained \
                      anew with the validation subjects before the evaluation. Every seed counts; none was \
                      selected."
                    .to_owned(),
            table: String::new(),
        }
        .html(),
    )
}
