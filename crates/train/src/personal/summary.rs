//! Means over people.

use crate::metrics::statistics::{interval95, mean};
use crate::metrics::{BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED};
use ambulo_nn::Random;
use ambulo_record::{
    MUCH_WORSE, MeanOverPeople, MistakesOverTime, PersonalScore, PersonalSummary, RecallBeforeAfter,
};
use std::collections::BTreeMap;

/// People whose device or habits fit a model worst are who adapting is for.
const WORST: usize = 5;

/// A summary for each data set, in the order of their names.
pub(super) fn summaries(people: &[PersonalScore], new: Option<&str>) -> Vec<PersonalSummary> {
    let mut by_set: BTreeMap<&str, Vec<&PersonalScore>> = BTreeMap::new();
    for score in people {
        by_set.entry(&score.dataset).or_default().push(score);
    }
    by_set.into_iter().map(|(dataset, people)| summary(dataset, &people, new)).collect()
}

fn summary(dataset: &str, people: &[&PersonalScore], new: Option<&str>) -> PersonalSummary {
    let before: Vec<f64> = people.iter().map(|score| score.mistakes_before).collect();
    let after: Vec<f64> = people.iter().map(|score| score.mistakes_after).collect();
    let gain: Vec<f64> = people.iter().map(|score| score.gain()).collect();
    let mut worst: Vec<usize> = (0..people.len()).collect();
    worst.sort_by(|&a, &b| before[b].total_cmp(&before[a]));
    worst.truncate(WORST);
    let of_worst = |all: &[f64]| mean(worst.iter().map(|&i| all[i]));
    let mut recalls: BTreeMap<String, RecallBeforeAfter> = BTreeMap::new();
    for (name, [was, is]) in people.iter().flat_map(|score| &score.recalls) {
        let recall = recalls.entry(name.clone()).or_default();
        recall.people += 1;
        recall.before += was;
        recall.after += is;
    }
    for recall in recalls.values_mut() {
        recall.before /= recall.people as f64;
        recall.after /= recall.people as f64;
    }
    let found = new.map(|new| {
        let own: Vec<f64> =
            people.iter().filter_map(|score| score.recalls.get(new)).map(|pair| pair[1]).collect();
        over_people(&own)
    });
    let pairs: Vec<[f64; 2]> = people.iter().filter_map(|score| score.over_time).collect();
    let over_time = (!pairs.is_empty()).then(|| over_time(&pairs));
    let refused: usize = people.iter().map(|score| score.refused).sum();
    let aurocs: Vec<[f64; 2]> = people.iter().filter_map(|score| score.unknown_auroc).collect();
    PersonalSummary {
        dataset: dataset.to_owned(),
        people: people.len(),
        mistakes_before: over_people(&before),
        mistakes_after: over_people(&after),
        gain: over_people(&gain),
        over_time,
        worst_five: [of_worst(&before), of_worst(&after)],
        better_worse: [
            gain.iter().filter(|gain| **gain > 0.0).count(),
            gain.iter().filter(|gain| **gain < 0.0).count(),
        ],
        much_worse: much_worse(&gain),
        largest_loss: largest_loss(&gain),
        refused: (refused > 0).then(|| [refused, people.iter().map(|score| score.by_draw.len()).sum()]),
        recalls,
        found,
        unknown_auroc: (!aurocs.is_empty()).then(|| [0, 1].map(|i| mean(aurocs.iter().map(|pair| pair[i])))),
    }
}

fn over_time(pairs: &[[f64; 2]]) -> MistakesOverTime {
    let of = |i: usize| -> Vec<f64> { pairs.iter().map(|pair| pair[i]).collect() };
    let gain: Vec<f64> = pairs.iter().map(|[before, after]| before - after).collect();
    MistakesOverTime {
        mistakes_before: over_people(&of(0)),
        mistakes_after: over_people(&of(1)),
        gain: over_people(&gain),
        much_worse: much_worse(&gain),
        largest_loss: largest_loss(&gain),
    }
}

fn much_worse(gain: &[f64]) -> usize {
    gain.iter().filter(|gain| **gain < -MUCH_WORSE).count()
}

fn largest_loss(gain: &[f64]) -> f64 {
    gain.iter().fold(0.0, |most, gain| f64::max(most, -gain))
}

/// Mean with a 95 % percentile bootstrap over people; the draws of people depend on their number alone, so that intervals of several figures are
/// of the same draws.
fn over_people(values: &[f64]) -> MeanOverPeople {
    let Ok(count) = u32::try_from(values.len()) else { return MeanOverPeople::default() };
    if count == 0 {
        return MeanOverPeople::default();
    }
    let mut random = Random::new(BOOTSTRAP_SEED, 0);
    let replicates = (0..BOOTSTRAP_REPLICATES.get())
        .map(|_| mean((0..count).map(|_| values[random.below(count) as usize])))
        .collect();
    MeanOverPeople { mean: mean(values.iter().copied()), ci95: interval95(replicates) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_record::PersonId;

    fn score(person: u16, before: f64, after: f64) -> PersonalScore {
        PersonalScore {
            person: PersonId::from(person),
            dataset: if person < 10 { "a".into() } else { "b".into() },
            model: 0,
            windows: 100.0,
            mistakes_before: before,
            mistakes_after: after,
            over_time: (person < 10).then_some([2.0 * before, after]),
            by_draw: vec![None; 3],
            refused: usize::from(person == 2),
            given_s: BTreeMap::new(),
            recalls: BTreeMap::from([("walking".into(), [1.0 - before, 1.0 - after])]),
            unknown_auroc: (person == 1).then_some([0.9, 0.8]),
        }
    }

    #[test]
    fn data_sets_are_summed_up_apart() {
        let mut people: Vec<PersonalScore> = (1..=6).map(|i| score(i, f64::from(i) / 100.0, 0.0)).collect();
        people[0].mistakes_after = 0.025;
        people[0].over_time = Some([0.02, 0.025]);
        people.push(score(11, 0.5, 0.5));
        let all = summaries(&people, Some("walking"));
        assert_eq!(all.iter().map(|s| (&*s.dataset, s.people)).collect::<Vec<_>>(), [("a", 6), ("b", 1)]);
        let [a, b] = &all[..] else { panic!() };
        assert!((a.mistakes_before.mean - 0.035).abs() < 1e-12 && (a.worst_five[0] - 0.04).abs() < 1e-12);
        assert_eq!((a.better_worse, a.much_worse, a.worst_five[1]), ([5, 1], 1, 0.0));
        assert!((a.largest_loss - 0.015).abs() < 1e-12);
        let [low, high] = a.gain.ci95;
        assert!(low < a.gain.mean && a.gain.mean < high && low < 0.02 && high < 0.06, "{low} {high}");
        assert_eq!(a.unknown_auroc, Some([0.9, 0.8]));
        let time = a.over_time.unwrap();
        assert!((time.mistakes_before.mean - 0.07).abs() < 1e-12 && b.over_time.is_none());
        assert!((time.largest_loss - 0.005).abs() < 1e-12 && time.much_worse == 0);
        assert_eq!((a.refused, b.refused), (Some([1, 18]), None));
        assert_eq!(a.recalls["walking"].people, 6);
        // Of one person nothing is known about others, and nobody lost anything.
        assert_eq!((b.gain.ci95, b.largest_loss, b.unknown_auroc), ([0.0, 0.0], 0.0, None));
        assert_eq!(b.found, Some(MeanOverPeople { mean: 0.5, ci95: [0.5, 0.5] }));
    }
}
