//! How much there is of what.

use super::digest::Digest;
use super::numbers::{counted, median, shown};
use crate::{Dataset, WindowedData};
use ambulo_record::PersonId;
use ambulo_record::examination::{
    Amount, Examination, ExaminedActivity, ExaminedPerson, Problem, ProblemKind, ProblemWeight,
};
use ambulo_record::vocabulary::{self, UNLABELLED};
use std::collections::BTreeMap;

/// Share of the usual amount below which a person or an activity is little, and its inverse above which it is much.
const LITTLE: f64 = 0.25;
/// Share of all labelled time below which an activity is rare.
const RARE: f64 = 0.01;

pub(super) fn of_recordings(digests: &[Digest<'_>], found: &mut Examination) {
    let mut people: BTreeMap<&PersonId, ExaminedPerson> = BTreeMap::new();
    for digest in digests {
        let person = &digest.labelled.person;
        let own = people.entry(person).or_insert_with(|| nobody(person));
        own.recordings += 1;
        let mut all = Amount::default();
        for (label, &amount) in &digest.amounts {
            *own.activities.entry(label.to_string()).or_default() += amount;
            all += amount;
        }
        found.total += all;
        let facts = &digest.labelled.facts;
        for (kind, name) in [
            (&mut found.placements, &facts.placement),
            (&mut found.devices, &facts.device),
            (&mut found.groups, &facts.group),
            (&mut found.conditions, &facts.condition),
        ] {
            if let Some(name) = name {
                *kind.entry(name.to_string()).or_default() += all;
            }
        }
    }
    found.people = people.into_values().collect();
    activities(found);
}

pub(super) fn of_windows(windows: &WindowedData, found: &mut Examination) {
    let seconds = windows.time as f64 / windows.rate_hz;
    (found.window_s, found.step_s) = (seconds, seconds);
    let amount = Amount { seconds, windows: 1 };
    let mut people: BTreeMap<&PersonId, ExaminedPerson> = BTreeMap::new();
    for (person, label) in windows.people.iter().zip(&windows.labels) {
        let own = people.entry(person).or_insert_with(|| nobody(person));
        *own.activities.entry(label.to_string()).or_default() += amount;
        found.total += amount;
    }
    found.people = people.into_values().collect();
    activities(found);
}

fn nobody(person: &PersonId) -> ExaminedPerson {
    ExaminedPerson { person: person.clone(), recordings: 0, activities: BTreeMap::new() }
}

fn activities(found: &mut Examination) {
    let mut all: BTreeMap<&String, ExaminedActivity> = BTreeMap::new();
    for (label, &amount) in found.people.iter().flat_map(|person| &person.activities) {
        let new = || ExaminedActivity { label: label.clone(), people: 0, amount: Amount::default() };
        let activity = all.entry(label).or_insert_with(new);
        activity.people += 1;
        activity.amount += amount;
    }
    found.activities = all.into_values().filter(|activity| activity.label != UNLABELLED).collect();
    found
        .activities
        .sort_by(|a, b| b.amount.seconds.total_cmp(&a.amount.seconds).then_with(|| a.label.cmp(&b.label)));
}

/// Recordings without a sample, and without a label.
pub(super) fn without_content(digests: &[Digest<'_>], problems: &mut Vec<Problem>) {
    let mut bare: BTreeMap<&PersonId, Vec<&str>> = BTreeMap::new();
    for digest in digests {
        let labelled = digest.labelled;
        if digest.samples == 0 {
            let text = "the recording has no sample of an accelerometer";
            let advice = "restore the file, or name it under leave-out-files";
            let problem = Problem::new(ProblemKind::Empty, ProblemWeight::Fault, text, advice);
            problems.push(problem.of(&labelled.person).within([&labelled.name]));
        } else if labelled.labels.is_empty() {
            bare.entry(&labelled.person).or_default().push(&labelled.name);
        }
    }
    for (person, names) in bare {
        let text = format!("{} without any label", counted(names.len(), "recording", "recordings"));
        let advice = "see whether the pattern of the labels finds them; they are not used for training";
        let problem = Problem::new(ProblemKind::Unlabelled, ProblemWeight::Suspicion, text, advice);
        problems.push(problem.of(person).within(names));
    }
}

/// Labels that the common vocabulary cannot place.
pub(super) fn labels(dataset: &Dataset, found: &mut Examination) {
    for activity in &found.activities {
        let label = activity.label.as_str();
        if vocabulary::lookup(label).is_none() && !dataset.parents.iter().any(|(name, _)| name == label) {
            let text = format!(
                "the label `{label}` is not in the common vocabulary, and nothing says what it is a kind of"
            );
            let advice = "give it a place under labels.own, or map it to a name of the vocabulary";
            found.problems.push(Problem::new(ProblemKind::UnknownLabel, ProblemWeight::Note, text, advice));
        }
    }
}

/// People and activities with much less or much more than the others.
pub(super) fn imbalance(found: &mut Examination) {
    const ADVICE: &str = "balance people and activities in training, or see whether files are missing";
    let labelled = |person: &ExaminedPerson| -> f64 {
        let carries = person.activities.iter().filter(|(label, _)| *label != UNLABELLED);
        carries.map(|(_, amount)| amount.seconds).sum()
    };
    let times: Vec<f64> = found.people.iter().map(labelled).collect();
    let usual = median(times.iter().copied()).unwrap_or(0.0);
    let mut problems = Vec::new();
    if found.people.len() > 2 && usual > 0.0 {
        for (person, &time) in found.people.iter().zip(&times) {
            if time < LITTLE * usual || time > usual / LITTLE {
                let text = format!(
                    "{} min of labelled signal, where half of the people have {} min or more",
                    shown(time / 60.0),
                    shown(usual / 60.0)
                );
                problems.push(
                    Problem::new(ProblemKind::Imbalance, ProblemWeight::Note, text, ADVICE)
                        .of(&person.person),
                );
            }
        }
    }
    let all: f64 = found.activities.iter().map(|a| a.amount.seconds).sum();
    for activity in &found.activities {
        let share = activity.amount.seconds / all;
        let few = found.people.len() > 2 && 2 * activity.people < found.people.len();
        if share < RARE || few || activity.amount.windows == 0 {
            let text = format!(
                "`{}` is {} % of the labelled time, in {} of {}, and gives {}",
                activity.label,
                shown(100.0 * share),
                activity.people,
                counted(found.people.len(), "person", "people"),
                counted(activity.amount.windows as usize, "window", "windows")
            );
            problems.push(Problem::new(ProblemKind::Imbalance, ProblemWeight::Note, text, ADVICE));
        }
    }
    found.problems.append(&mut problems);
}
