//! Where people's axes point: the direction of gravity while they walk or stand, against other people with the same device at
//! the same place.

use super::digest::{Digest, Worn};
use super::numbers::{axis_name, counted, dot, shown, unit};
use ambulo_record::PersonId;
use ambulo_record::examination::{Problem, ProblemKind, ProblemWeight};
use std::collections::BTreeMap;

/// Cosine from which a direction has a main axis: 45°.
const MAIN: f64 = 0.7;
/// Share of the other people who must agree, or the placement has no orientation.
const AGREE: f64 = 0.75;
/// Fewest people who must agree.
const FEWEST: usize = 3;
/// Cosine to the others' mean direction below which a person stands out: 50°.
const APART: f64 = 0.64;

/// Which way is up for one device at one place; none where people do not agree.
pub(super) type Uprights = BTreeMap<Worn, Option<[f64; 3]>>;

/// Names people whose axes point elsewhere, and gives the direction that the others agree on.
pub(super) fn check(digests: &[Digest<'_>], problems: &mut Vec<Problem>) -> Uprights {
    let mut groups: BTreeMap<Worn, BTreeMap<&PersonId, Vec<&Digest<'_>>>> = BTreeMap::new();
    for digest in digests.iter().filter(|digest| unit(digest.upright).is_some()) {
        groups.entry(digest.place()).or_default().entry(&digest.labelled.person).or_default().push(digest);
    }
    let mut uprights = Uprights::new();
    for (worn, people) in groups {
        let agreed = agreed(&people);
        if let Some((upright, axis)) = agreed {
            for (person, own) in &people {
                stands_out(&worn, person, own, upright, axis, &people, problems);
            }
        }
        uprights.insert(worn, agreed.map(|(upright, _)| upright));
    }
    uprights
}

/// A signed axis.
type Axis = (usize, bool);

fn main_axis(direction: [f64; 3]) -> Option<Axis> {
    let axis = (0..3).max_by(|&a, &b| direction[a].abs().total_cmp(&direction[b].abs()))?;
    (direction[axis].abs() > MAIN).then_some((axis, direction[axis] < 0.0))
}

fn mean<'a>(directions: impl Iterator<Item = &'a [f64; 3]>) -> Option<[f64; 3]> {
    let mut sum = [0.0; 3];
    for direction in directions.filter_map(|&direction| unit(direction)) {
        for (s, v) in sum.iter_mut().zip(direction) {
            *s += v;
        }
    }
    unit(sum)
}

/// The mean direction of those who share the commonest main axis, if nearly everyone does.
fn agreed(people: &BTreeMap<&PersonId, Vec<&Digest<'_>>>) -> Option<([f64; 3], Axis)> {
    let directions: Vec<[f64; 3]> =
        people.values().filter_map(|own| mean(own.iter().map(|digest| &digest.upright))).collect();
    let mut counts: BTreeMap<Axis, usize> = BTreeMap::new();
    for axis in directions.iter().filter_map(|&direction| main_axis(direction)) {
        *counts.entry(axis).or_default() += 1;
    }
    let (&axis, &count) = counts.iter().max_by_key(|(_, count)| **count)?;
    if count < FEWEST || (count as f64) < AGREE * people.len() as f64 {
        return None;
    }
    let upright = mean(directions.iter().filter(|&&direction| main_axis(direction) == Some(axis)))?;
    Some((upright, axis))
}

fn stands_out(
    worn: &Worn,
    person: &PersonId,
    own: &[&Digest<'_>],
    upright: [f64; 3],
    axis: Axis,
    people: &BTreeMap<&PersonId, Vec<&Digest<'_>>>,
    problems: &mut Vec<Problem>,
) {
    let apart = |digest: &&&Digest<'_>| {
        unit(digest.upright).is_some_and(|d| dot(d, upright) < APART && main_axis(d) != Some(axis))
    };
    let apart: Vec<&&Digest<'_>> = own.iter().filter(apart).collect();
    let Some(direction) = mean(apart.iter().map(|digest| &digest.upright)) else { return };
    // A short recording of something else than standing and walking may point anywhere.
    if 2 * apart.len() <= own.len() && own.len() > 2 {
        return;
    }
    let own_axis =
        main_axis(direction).map_or("between two axes".into(), |(a, negative)| axis_name(a, negative));
    let others = people.len() - 1;
    let text = format!(
        "up is {own_axis} in {} of {}, {}° from where it is for the {}, which is {}{worn}",
        apart.len(),
        counted(own.len(), "recording", "recordings"),
        shown(dot(direction, upright).clamp(-1.0, 1.0).acos().to_degrees()),
        counted(others, "other person", "others"),
        axis_name(axis.0, axis.1),
    );
    let advice = "see whether the device was worn differently, or axes were swapped or mirrored; `axes` puts them right, in an \
                  entry of their own";
    let problem = Problem::new(ProblemKind::Axes, ProblemWeight::Suspicion, text, advice);
    problems.push(problem.of(person).within(apart.iter().map(|digest| &digest.labelled.name)));
}
