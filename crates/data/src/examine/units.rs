//! Units: 1 g at rest, and angular velocity against the turning that gravity shows, or against other people's in the same activity.

use super::between_sensors::Agreement;
use super::digest::{Digest, Worn};
use super::numbers::{counted, median, shown};
use ambulo_record::PersonId;
use ambulo_record::examination::{Problem, ProblemKind, ProblemWeight};
use std::collections::BTreeMap;

/// How far from 1 g the middle length of acceleration may lie before it is another unit: running stays within.
const ANOTHER_UNIT: f64 = 2.0;
/// Departure of acceleration at rest from 1 g, and from other people's, that is worth a word.
const AT_REST: f64 = 0.1;
/// Factor between people's angular velocities in one activity that no way of moving explains. One unit taken for another is 57.3.
const FASTER: f64 = 15.0;
/// Fewest other people who did the same.
const OTHERS: usize = 2;

pub(super) fn check(digests: &[Digest<'_>], problems: &mut Vec<Problem>) {
    let mut people: BTreeMap<(Worn, &PersonId), Vec<&Digest<'_>>> = BTreeMap::new();
    for digest in digests {
        people.entry((digest.place(), &digest.labelled.person)).or_default().push(digest);
    }
    for ((worn, person), own) in &people {
        acceleration(worn, person, own, problems);
    }
    at_rest(&people, problems);
    angular_velocity(&people, problems);
}

fn acceleration(worn: &Worn, person: &PersonId, own: &[&Digest<'_>], problems: &mut Vec<Problem>) {
    let off =
        |d: &&&Digest<'_>| d.median_g.is_some_and(|g| !(1.0 / ANOTHER_UNIT..=ANOTHER_UNIT).contains(&g));
    let off: Vec<&&Digest<'_>> = own.iter().filter(off).collect();
    let Some(middle) = median(off.iter().filter_map(|digest| digest.median_g)) else { return };
    let guess = match middle {
        8.0..12.0 => ": as m/s² would be",
        800.0..1200.0 => ": as mg would be",
        0.08..0.125 => ": as if it had been divided by 9.81 once too often",
        0.0..0.05 => ": as without gravity, or nothing but zeros",
        _ => "",
    };
    let text = format!(
        "acceleration of {} of {} has a middle length of {} g instead of about 1 g{guess}{worn}",
        off.len(),
        counted(own.len(), "recording", "recordings"),
        shown(middle)
    );
    let advice = "state the unit of these files, in an entry of their own";
    let problem = Problem::new(ProblemKind::Unit, ProblemWeight::Fault, text, advice);
    problems.push(problem.of(person).within(off.iter().map(|digest| &digest.labelled.name)));
}

fn at_rest(people: &BTreeMap<(Worn, &PersonId), Vec<&Digest<'_>>>, problems: &mut Vec<Problem>) {
    let rest = |own: &[&Digest<'_>]| median(own.iter().filter_map(|digest| digest.at_rest_g));
    for ((worn, person), own) in people {
        let Some(length) = rest(own).filter(|g| (1.0 / ANOTHER_UNIT..=ANOTHER_UNIT).contains(g)) else {
            continue;
        };
        let others = people.iter().filter(|((w, p), _)| w == worn && p != person);
        let usual = median(others.filter_map(|(_, own)| rest(own))).unwrap_or(1.0);
        if (length - 1.0).abs() > AT_REST && (length / usual - 1.0).abs() > AT_REST {
            let text = format!(
                "acceleration at rest is {} g, of other people {} g, and gravity is 1 g{worn}",
                shown(length),
                shown(usual)
            );
            let advice =
                "see whether the device was calibrated, or the range that its numbers stand for was another";
            let problem = Problem::new(ProblemKind::AtRest, ProblemWeight::Suspicion, text, advice);
            problems.push(problem.of(person).within(own.iter().map(|digest| &digest.labelled.name)));
        }
    }
}

fn angular_velocity(people: &BTreeMap<(Worn, &PersonId), Vec<&Digest<'_>>>, problems: &mut Vec<Problem>) {
    // Of each label the median over people, so that one of them moves it little.
    type Fast<'a> = BTreeMap<(&'a Worn, &'a str), BTreeMap<&'a PersonId, f64>>;
    let mut fast: Fast<'_> = BTreeMap::new();
    for ((worn, person), own) in people {
        let mut labels: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (label, &value) in own.iter().flat_map(|digest| &digest.fast) {
            labels.entry(label).or_default().push(value);
        }
        for (label, values) in labels {
            let Some(middle) = median(values) else { continue };
            fast.entry((worn, label)).or_default().insert(person, middle);
        }
    }
    let usual = |worn: &Worn, label: &str, but: &PersonId| {
        let all = fast.get(&(worn, label))?;
        let others = all.iter().filter(|(person, _)| **person != but);
        (all.len() > OTHERS).then(|| median(others.map(|(_, &value)| value)))?
    };
    for ((worn, person), own) in people {
        let ratio = |digest: &Digest<'_>| {
            let of_label = |(label, &value): (&std::sync::Arc<str>, &f64)| {
                usual(worn, label, person).filter(|&usual| usual > 0.0).map(|usual| value / usual)
            };
            median(digest.fast.iter().filter_map(of_label))
        };
        // What gravity shows of turning is as good as a second gyroscope; other people are asked where it shows nothing.
        let shown_by_gravity = |d: &Digest<'_>| d.agreement.as_ref().and_then(Agreement::faster);
        let another = |factor: &f64| *factor > FASTER || *factor < 1.0 / FASTER;
        let off: Vec<(&Digest<'_>, f64)> = (own.iter())
            .filter_map(|d| Some((*d, shown_by_gravity(d).or_else(|| ratio(d)).filter(another)?)))
            .collect();
        let Some(middle) = median(off.iter().map(|&(_, factor)| factor)) else { continue };
        let guess =
            if middle > 1.0 { "as degrees taken for radians" } else { "as radians taken for degrees" };
        let by_gravity = off.iter().any(|(digest, _)| shown_by_gravity(digest).is_some());
        let what = if by_gravity {
            "what gravity shows of turning"
        } else {
            "that of other people in the same activities"
        };
        let text = format!(
            "angular velocity of {} of {} is {} times {what}: {guess} would be (57.3 or 0.0175 times){worn}",
            off.len(),
            counted(own.len(), "recording", "recordings"),
            shown(middle)
        );
        let advice = "state the unit of these files, in an entry of their own";
        let problem = Problem::new(ProblemKind::Unit, ProblemWeight::Fault, text, advice);
        problems.push(problem.of(person).within(off.iter().map(|(digest, _)| &digest.labelled.name)));
    }
}
