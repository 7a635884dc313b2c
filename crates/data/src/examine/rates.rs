//! Rates that times show, against what is stated and against other people's.

use super::digest::{Digest, Worn};
use super::numbers::{counted, median, shown};
use ambulo_record::PersonId;
use ambulo_record::examination::{Examination, ExaminedRate, Problem, ProblemKind, ProblemWeight};
use std::collections::BTreeMap;

/// Departure that is worth a word: crystals keep 0.01 %, schedulers of phones 1 %.
const DEPARTS: f64 = 0.01;
/// Departure that is no drift but another rate.
const ANOTHER: f64 = 0.05;

pub(super) fn check(digests: &[Digest<'_>], found: &mut Examination) {
    let mut all: BTreeMap<Worn, BTreeMap<&PersonId, Vec<&Digest<'_>>>> = BTreeMap::new();
    for digest in digests.iter().filter(|digest| digest.samples > 0) {
        all.entry(digest.place()).or_default().entry(&digest.labelled.person).or_default().push(digest);
    }
    let (mut untimed, mut short) = (0, 0);
    for (worn, people) in &all {
        for (person, own) in people {
            found.rates.push(rate(worn, person, own));
            untimed += own.iter().filter(|digest| !digest.timed).count();
            short += own.iter().filter(|digest| digest.timed && digest.found_hz.is_none()).count();
        }
        group(worn, people, &mut found.problems);
    }
    let all = digests.iter().filter(|digest| digest.samples > 0).count();
    if untimed > 0 {
        found.not_checked.push(format!(
            "rates of {untimed} of {}: their samples have no times, so the stated rate is taken for true",
            counted(all, "recording", "recordings")
        ));
    }
    if short > 0 {
        found.not_checked.push(format!(
            "rates of {short} of {}: they have too few samples with times",
            counted(all, "recording", "recordings")
        ));
    }
}

fn rate(worn: &Worn, person: &PersonId, own: &[&Digest<'_>]) -> ExaminedRate {
    let found: Vec<f64> = own.iter().filter_map(|digest| digest.found_hz).collect();
    let least = found.iter().copied().fold(f64::INFINITY, f64::min);
    let most = found.iter().copied().fold(0.0, f64::max);
    ExaminedRate {
        person: person.clone(),
        placement: worn.placement.as_deref().map(Into::into),
        device: worn.device.as_deref().map(Into::into),
        stated_hz: own.first().map_or(0.0, |digest| digest.stated_hz),
        found_hz: median(found.iter().copied()).map(|middle| [least, middle, most]),
        checked: found.len(),
        recordings: own.len(),
    }
}

/// Names the recordings that depart from the stated rate; where most of them do, this is said once, and those are named that
/// depart from the others.
fn group(worn: &Worn, people: &BTreeMap<&PersonId, Vec<&Digest<'_>>>, problems: &mut Vec<Problem>) {
    let stated = |digest: &Digest<'_>| Some((digest.found_hz?, digest.stated_hz)).filter(|(_, hz)| *hz > 0.0);
    let ratio = |digest: &Digest<'_>| stated(digest).map(|(found, stated)| found / stated);
    let ratios: Vec<f64> = people.values().flatten().filter_map(|digest| ratio(digest)).collect();
    let Some(usual) = median(ratios.iter().copied()) else { return };
    let depart = ratios.iter().filter(|ratio| (*ratio - 1.0).abs() > DEPARTS).count();
    let mut expected = 1.0;
    if ratios.len() > 1 && 2 * depart > ratios.len() && (usual - 1.0).abs() > DEPARTS {
        let rates = people.values().flatten().filter_map(|digest| stated(digest));
        let (found, said): (Vec<f64>, Vec<f64>) = rates.unzip();
        let (found, said) = (median(found).unwrap_or(0.0), median(said).unwrap_or(0.0));
        let text = format!(
            "{depart} of {} depart from the stated rate by more than 1 %: found {} Hz in the median, stated {} Hz{worn}",
            counted(ratios.len(), "recording", "recordings"),
            shown(found),
            shown(said)
        );
        let advice = "state the rate that the times show";
        // A device whose rate differs a little from its name's, for everyone, is no mishap.
        let weight =
            if weight(usual) == ProblemWeight::Fault { ProblemWeight::Fault } else { ProblemWeight::Note };
        problems.push(Problem::new(ProblemKind::Rate, weight, text, advice));
        expected = usual;
    }
    for (person, own) in people {
        let off = |digest: &&&Digest<'_>| ratio(digest).is_some_and(|r| (r / expected - 1.0).abs() > DEPARTS);
        let off: Vec<&&Digest<'_>> = own.iter().filter(off).collect();
        let Some(middle) = median(off.iter().filter_map(|digest| digest.found_hz)) else { continue };
        let hz = off[0].stated_hz * expected;
        let departure = middle / hz - 1.0;
        let expected = if expected == 1.0 { "stated" } else { "as others have" };
        let several = if off.len() > 1 { " in the median" } else { "" };
        let text = format!(
            "{} of {} at {} Hz{several}, which is {} % {} than the {} Hz {expected}{worn}",
            off.len(),
            counted(own.len(), "recording", "recordings"),
            shown(middle),
            shown(100.0 * departure.abs()),
            if departure > 0.0 { "more" } else { "less" },
            shown(hz),
        );
        let advice =
            "see whether the times or the stated rate are right; recordings are resampled by their times";
        let problem = Problem::new(ProblemKind::Rate, weight(1.0 + departure), text, advice);
        problems.push(problem.of(person).within(off.iter().map(|digest| &digest.labelled.name)));
    }
}

fn weight(ratio: f64) -> ProblemWeight {
    if (ratio - 1.0).abs() > ANOTHER { ProblemWeight::Fault } else { ProblemWeight::Suspicion }
}
