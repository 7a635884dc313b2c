//! What the record's lists of people allow one to say.

use ambulo_train::record::SubjectLists;

/// Subjects in more than one partition, ascending; none, in any run that Ambulo made.
pub(crate) fn shared(subjects: &SubjectLists) -> Vec<u16> {
    let lists = [&subjects.train, &subjects.validation, &subjects.test];
    let mut out: Vec<u16> = lists
        .iter()
        .flat_map(|l| l.iter().copied())
        .filter(|s| lists.iter().filter(|l| l.contains(s)).count() > 1)
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}
