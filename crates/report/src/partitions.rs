//! What the record's lists of people allow one to say.

use ambulo_record::{Metrics, PersonId, SubjectLists};

/// Subjects in more than one partition of the run or of one of its folds, or tested in two folds, ascending; none, in any run that Ambulo made.
pub(crate) fn shared(metrics: &Metrics) -> Vec<PersonId> {
    let mut out = within(&metrics.subjects);
    let mut tested: Vec<PersonId> = Vec::new();
    for fold in &metrics.folds {
        out.extend(within(&fold.subjects));
        // Each person is tested once, or some would count twice.
        out.extend(fold.subjects.test.iter().filter(|s| tested.contains(s)).cloned());
        tested.extend(fold.subjects.test.iter().cloned());
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn within(subjects: &SubjectLists) -> Vec<PersonId> {
    let lists = [&subjects.train, &subjects.validation, &subjects.test];
    let all = lists.iter().flat_map(|l| l.iter().cloned());
    all.filter(|s| lists.iter().filter(|l| l.contains(s)).count() > 1).collect()
}
