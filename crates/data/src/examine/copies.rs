//! Signals that occur twice, under two people or two labels.

use super::numbers::{counted, shown};
use crate::{Dataset, RepeatedSignal};
use ambulo_record::PersonId;
use ambulo_record::examination::{Examination, Problem, ProblemKind, ProblemWeight};
use std::collections::BTreeMap;

pub(super) fn check(dataset: &Dataset, found: &mut Examination) {
    let repeated = match dataset.duplicates() {
        Ok(repeated) => repeated,
        Err(error) => {
            found.not_checked.push(format!("copies of signals: {error}"));
            return;
        }
    };
    type Pair<'a> = (ProblemKind, &'a PersonId, &'a str, &'a PersonId, &'a str);
    let mut pairs: BTreeMap<Pair<'_>, Vec<&RepeatedSignal>> = BTreeMap::new();
    for one in &repeated {
        let (a, b) = (&one.first, &one.second);
        let kind = if a.person == b.person { ProblemKind::CopyOfLabel } else { ProblemKind::CopyOfPerson };
        pairs.entry((kind, &a.person, &a.recording, &b.person, &b.recording)).or_default().push(one);
    }
    for ((kind, first, a, second, b), all) in pairs {
        let seconds: f64 = all.iter().map(|one| one.seconds).sum();
        let one = all[0];
        let label = |label: &Option<std::sync::Arc<str>>| {
            label.as_ref().map_or("without a label".to_owned(), |label| format!("labelled `{label}`"))
        };
        let (whose, and_whose) = match kind {
            ProblemKind::CopyOfPerson => (format!("person {first}, "), format!("person {second}, ")),
            _ => Default::default(),
        };
        let text = format!(
            "{} s of signal in {} occur bit for bit twice: in {whose}recording {a} from {:.2} s ({}), and in {and_whose}recording {b} \
             from {:.2} s ({})",
            shown(seconds),
            counted(all.len(), "stretch", "stretches"),
            one.first.start_s,
            label(&one.first.label),
            one.second.start_s,
            label(&one.second.label)
        );
        let advice = match kind {
            ProblemKind::CopyOfPerson => {
                "leave one of the two out, or give both to one person: a model would be tested on what it was trained on"
            }
            _ => "leave one of the two out: a model would be taught two answers for one signal",
        };
        let end_s = one.second.start_s + one.seconds;
        let problem = Problem::new(kind, ProblemWeight::Fault, text, advice).of(second);
        found.problems.push(problem.within([a, b]).between(one.second.start_s, end_s));
    }
}
