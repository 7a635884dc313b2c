//! People of whom an activity looks like another one of everyone else.
//!
//! Each person's windows are told apart by a linear discriminant of everyone else's. It knows a handful of numbers and is no judge of
//! how well activities can be told apart; that one person differs from all others in it is what is worth a look.

use super::axes::Uprights;
use super::digest::{Digest, Worn};
use super::islands;
use super::linear::{Discriminant, FEATURES, Sums};
use super::numbers::{dot, median, shown, unit};
use super::traits::Window;
use ambulo_record::PersonId;
use ambulo_record::examination::{Examination, Problem, ProblemKind, ProblemWeight};
use ambulo_record::vocabulary::{self, is_transition};
use ambulo_signal::levelling::rotation_to;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Fewest people with one activity, and fewest windows of the person in question.
const PEOPLE: usize = 4;
const WINDOWS: usize = 8;
/// Share of a person's windows that must look like another activity.
const LOOKS_LIKE: f64 = 0.7;
/// Share of the other people's windows that must look like what they are, and the most that may look like the other activity.
const OTHERS_ARE: f64 = 0.7;
const OTHERS_LOOK: f64 = 0.25;

/// A window as others are compared with.
pub(super) struct Described<'a> {
    pub(super) window: &'a Window,
    /// Which label.
    pub(super) label: usize,
    pub(super) features: [f64; FEATURES],
    /// What it looks like to everyone else.
    pub(super) looks: Option<usize>,
}

pub(super) type Windows<'a> = BTreeMap<&'a PersonId, Vec<(&'a Digest<'a>, Vec<Described<'a>>)>>;

pub(super) fn check(digests: &[Digest<'_>], uprights: &Uprights, found: &mut Examination) {
    let mut groups: BTreeMap<Worn, Vec<&Digest<'_>>> = BTreeMap::new();
    for digest in digests {
        groups.entry(digest.place()).or_default().push(digest);
    }
    let spoilt = spoilt(&found.problems);
    let mut few = Vec::new();
    for (worn, digests) in &groups {
        let labels = labels(digests);
        if labels.len() < 2 {
            few.push(worn.to_string());
            continue;
        }
        let upright = uprights.get(worn).copied().flatten();
        let mut windows = described(digests, &labels, upright);
        windows.retain(|person, _| !spoilt.contains(*person));
        look(&mut windows, labels.len());
        people(worn, &windows, &labels, &mut found.problems);
        islands::check(&windows, &labels, &mut found.problems);
    }
    if !few.is_empty() {
        found.not_checked.push(format!(
            "strange people and labels{}: it takes two activities that {PEOPLE} people or more have windows of",
            few.join(", ")
        ));
    }
}

/// People whose signals are known to be wrong: what they look like says nothing, and they must not spoil the others.
fn spoilt(problems: &[Problem]) -> BTreeSet<PersonId> {
    let wrong = problems.iter().filter(|problem| {
        matches!(problem.kind, ProblemKind::Unit | ProblemKind::Axes | ProblemKind::LabelsShifted)
            && problem.weight != ProblemWeight::Note
    });
    wrong.filter_map(|problem| problem.place.person.clone()).collect()
}

/// Labels with windows of enough people. Changes of posture are too short for windows.
fn labels(digests: &[&Digest<'_>]) -> Vec<Arc<str>> {
    let mut people: BTreeMap<&Arc<str>, BTreeSet<&PersonId>> = BTreeMap::new();
    for digest in digests {
        for window in &digest.windows {
            people.entry(&window.label).or_default().insert(&digest.labelled.person);
        }
    }
    let enough = people.into_iter().filter(|(label, people)| people.len() >= PEOPLE && !is_transition(label));
    enough.map(|(label, _)| label.clone()).collect()
}

fn described<'a>(digests: &[&'a Digest<'a>], labels: &[Arc<str>], upright: Option<[f64; 3]>) -> Windows<'a> {
    let mut sums: BTreeMap<&PersonId, [f64; 3]> = BTreeMap::new();
    for digest in digests.iter().filter(|digest| digest.upright_known) {
        let sum = sums.entry(&digest.labelled.person).or_default();
        for (s, v) in sum.iter_mut().zip(digest.upright) {
            *s += v;
        }
    }
    // Without a gyroscope in all of them, none has one.
    let has_gyroscope =
        |digest: &&&Digest<'_>| digest.windows.iter().all(|window| window.movement[4].is_finite());
    let with_gyroscope = digests.iter().filter(has_gyroscope).count() == digests.len();
    let mut windows: Windows<'a> = BTreeMap::new();
    for digest in digests {
        let person = &digest.labelled.person;
        let own = sums.get(person).and_then(|&sum| unit(sum));
        let turn = upright
            .zip(own)
            .and_then(|(upright, own)| rotation_to(own.map(|v| v as f32), upright.map(|v| v as f32)).ok());
        let describe = |window: &'a Window| {
            let label = labels.iter().position(|label| *label == window.label)?;
            let direction = match (upright, turn) {
                (Some(_), Some(turn)) => turn.apply(window.direction).map(f64::from),
                (Some(_), None) => window.direction.map(f64::from),
                // Where devices are worn anyhow, only how far one is tilted says something.
                (None, _) => {
                    let up = unit(digest.upright)?;
                    let tilt = dot(up, window.direction.map(f64::from)).clamp(-1.0, 1.0);
                    [tilt, (1.0 - tilt * tilt).sqrt(), 0.0]
                }
            };
            let [along, across, change, rhythm, turning] = window.movement.map(f64::from);
            let turning = if with_gyroscope { turning } else { 0.0 };
            let [x, y, z] = direction;
            let features = [x, y, z, along, across, change, rhythm, turning];
            features.iter().all(|v| v.is_finite()).then_some(Described {
                window,
                label,
                features,
                looks: None,
            })
        };
        let described: Vec<Described<'a>> = digest.windows.iter().filter_map(describe).collect();
        windows.entry(person).or_default().push((digest, described));
    }
    windows
}

/// Fills in what each window looks like to everyone else.
fn look(windows: &mut Windows<'_>, labels: usize) {
    let of_person = |own: &[(&Digest<'_>, Vec<Described<'_>>)]| {
        let mut sums = vec![Sums::NONE; labels];
        for described in own.iter().flat_map(|(_, described)| described) {
            sums[described.label].push(&described.features);
        }
        sums
    };
    let all: BTreeMap<&PersonId, Vec<Sums>> = windows.iter().map(|(&p, own)| (p, of_person(own))).collect();
    let mut total = vec![Sums::NONE; labels];
    for (sum, own) in all.values().flat_map(|own| own.iter().enumerate()) {
        total[sum].add(own, 1.0);
    }
    for (person, own) in windows {
        let mut others = total.clone();
        if let Some(sums) = all.get(person) {
            others.iter_mut().zip(sums).for_each(|(sum, own)| sum.add(own, -1.0));
        }
        let Some(discriminant) = Discriminant::new(&others) else { continue };
        for described in own.iter_mut().flat_map(|(_, described)| described) {
            described.looks = discriminant.nearest(&described.features);
        }
    }
}

/// Whether two labels differ, and in more than the manner of one's steps: gaits of people differ more than walking does from walking
/// upstairs, in the few numbers that are looked at here.
pub(super) fn told_apart(a: &str, b: &str) -> bool {
    let common = || Some(vocabulary::lookup(a)?.common_ancestor(vocabulary::lookup(b)?));
    let steps = |node: vocabulary::Node| {
        let moving = vocabulary::lookup("moving");
        moving.is_some_and(|moving| node == moving || moving.is_ancestor_of(node))
    };
    a != b && !common().is_some_and(steps)
}

/// For each person, of each label (first) how many windows look like each (second).
type Looks<'a> = BTreeMap<&'a PersonId, Vec<Vec<usize>>>;

fn people(worn: &Worn, windows: &Windows<'_>, labels: &[Arc<str>], problems: &mut Vec<Problem>) {
    let mut looks: Looks<'_> = BTreeMap::new();
    for (&person, own) in windows {
        let counts = looks.entry(person).or_insert_with(|| vec![vec![0; labels.len()]; labels.len()]);
        for described in own.iter().flat_map(|(_, described)| described) {
            if let Some(like) = described.looks {
                counts[described.label][like] += 1;
            }
        }
    }
    let share = |counts: &[Vec<usize>], label: usize, like: usize| {
        let all: usize = counts[label].iter().sum();
        (all >= WINDOWS).then(|| counts[label][like] as f64 / all as f64)
    };
    for (&person, counts) in &looks {
        for label in 0..labels.len() {
            for like in (0..labels.len()).filter(|&like| told_apart(&labels[label], &labels[like])) {
                let others = |like: usize| {
                    let others = looks.iter().filter(|(other, _)| **other != person);
                    others.filter_map(|(_, counts)| share(counts, label, like)).collect::<Vec<f64>>()
                };
                let Some(own) = share(counts, label, like).filter(|share| *share > LOOKS_LIKE) else {
                    continue;
                };
                let (are, look) = (others(label), others(like));
                let (Some(are_usually), Some(look_usually)) = (median(are.iter().copied()), median(look))
                else {
                    continue;
                };
                if are.len() + 1 < PEOPLE || are_usually < OTHERS_ARE || look_usually > OTHERS_LOOK {
                    continue;
                }
                let all: usize = counts[label].iter().sum();
                let text = format!(
                    "{} % of {all} windows of `{}` look like everyone else's `{}`; of other people {} % do in the median{worn}",
                    shown(100.0 * own),
                    labels[label],
                    labels[like],
                    shown(100.0 * look_usually)
                );
                let advice = "look at these recordings: the labels may be exchanged, or the device was worn differently";
                let problem =
                    Problem::new(ProblemKind::StrangePerson, ProblemWeight::Suspicion, text, advice);
                let within = windows[person].iter().filter(|(_, described)| {
                    described.iter().any(|d| d.label == label && d.looks == Some(like))
                });
                problems.push(problem.of(person).within(within.map(|(digest, _)| &digest.labelled.name)));
            }
        }
    }
}
