//! From sums to the record.

use super::tally::{ActivityTally, Depths, Tally};
use crate::metrics::statistics::{estimate, mean, share, spread};
use crate::metrics::{
    BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED, ConfusionMatrix, MetricsError, bootstrap,
    expected_calibration_error, group_name,
};
use ambulo_record::continuous::{
    Answered, ClassEvents, ClassTime, CoarseTime, ContinuousVariant, Onsets, PersonTime, SeedTime,
};
use ambulo_record::{LabelSet, PersonId};
use std::collections::BTreeMap;

/// The sums of the model of one seed, by person.
#[derive(Clone, Debug)]
pub struct SeedTally {
    /// Seed of the model.
    pub seed: u64,
    /// Sums by person; the same people for all seeds.
    pub people: BTreeMap<PersonId, Tally>,
}

/// Figures of answers smoothed in one way, from those of one or more seeds.
///
/// Intervals come from a bootstrap over people, as those of windows do.
///
/// # Errors
/// No runs, no time that carries a class, or runs that differ in people or classes.
pub fn continuous_variant(
    labels: &LabelSet,
    variant: &str,
    delay_s: Option<f64>,
    runs: &[SeedTally],
) -> Result<ContinuousVariant, MetricsError> {
    let seeds = runs.len() as u64;
    let mut all = Tally::new(labels.len())?;
    let mut frames = Vec::with_capacity(runs.len());
    let mut by_person = Vec::with_capacity(runs.len());
    for run in runs {
        let mut own = ConfusionMatrix::new(labels.len())?;
        for tally in run.people.values() {
            all.merge(tally)?;
            own.add(&tally.frames)?;
        }
        frames.push(own);
        let matrices = run.people.iter().map(|(person, tally)| (person.clone(), tally.frames.clone()));
        by_person.push(matrices.collect::<BTreeMap<_, _>>());
    }
    let intervals = bootstrap(&by_person, BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED)?;
    if all.frames.total() == 0 && all.coarse.is_empty() {
        return Err(MetricsError::NoWindows);
    }
    let over_seeds = |of: fn(&ConfusionMatrix) -> f64, ci95| estimate(frames.iter().map(of), ci95);
    let reliability = all.reliability.bins();

    let mut sum = ActivityTally::default();
    all.classes.iter().for_each(|class| sum.merge(class));
    let of_classes = labels.names().zip(&all.classes).map(|(label, tally)| class_events(label, false, tally));
    let of_groups =
        all.groups.iter().map(|(group, tally)| class_events(&group_name(labels, group), true, tally));
    Ok(ContinuousVariant {
        variant: variant.to_owned(),
        delay_s,
        turned: false,
        accuracy: over_seeds(ConfusionMatrix::accuracy, intervals.accuracy),
        balanced_accuracy: over_seeds(ConfusionMatrix::balanced_accuracy, intervals.balanced_accuracy),
        macro_f1: over_seeds(ConfusionMatrix::macro_f1, intervals.macro_f1),
        per_seed: (runs.iter().zip(&frames))
            .map(|(run, own)| SeedTime { seed: run.seed, accuracy: own.accuracy(), macro_f1: own.macro_f1() })
            .collect(),
        per_class: per_class(labels, &all.frames, seeds),
        coarse: (all.coarse.iter())
            .map(|(group, &(time, right))| CoarseTime {
                label: group_name(labels, group),
                seconds: seconds(time / seeds),
                recall: share(right as f64, time),
            })
            .collect(),
        confusion_s: confusion_s(&all.frames),
        ece: expected_calibration_error(&reliability),
        reliability,
        answered: all.depths.map(answered),
        events: sum.events,
        errors: sum.errors,
        per_class_events: of_classes.chain(of_groups).collect(),
        onset: onsets(&sum),
        per_person: per_person(runs)?,
    })
}

/// Of nanoseconds.
fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

fn delays_s(tally: &ActivityTally) -> impl Iterator<Item = f64> {
    tally.delays_ns.iter().map(|&ns| ns as f64 / 1e9)
}

fn per_class(labels: &LabelSet, frames: &ConfusionMatrix, seeds: u64) -> Vec<ClassTime> {
    let scores = labels.names().zip(frames.class_scores());
    let class = |(label, scores): (&str, crate::metrics::ClassScores)| ClassTime {
        label: label.to_owned(),
        precision: scores.precision,
        recall: scores.recall,
        f1: scores.f1,
        // The same time was scored for every seed.
        seconds: seconds(scores.support / seeds),
    };
    scores.map(class).collect()
}

fn confusion_s(frames: &ConfusionMatrix) -> Vec<Vec<f64>> {
    let rows = frames.rows().into_iter().zip(frames.unanswered());
    rows.map(|(row, &none)| row.into_iter().chain([none]).map(seconds).collect()).collect()
}

fn answered(depths: Depths) -> Answered {
    let of = |part: u64| share(part as f64, depths.total);
    let [class, class_right] = depths.class;
    let [above, above_right] = depths.above;
    let none = depths.total.saturating_sub(class + above + depths.unknown);
    Answered {
        class: of(class),
        class_right: share(class_right as f64, class),
        above: of(above),
        above_right: share(above_right as f64, above),
        unknown: of(depths.unknown),
        none: of(none),
    }
}

fn class_events(label: &str, coarse: bool, tally: &ActivityTally) -> ClassEvents {
    ClassEvents {
        label: label.to_owned(),
        coarse,
        events: tally.events,
        errors: tally.errors,
        found: tally.delays_ns.len() as u64,
        delay_s: spread(delays_s(tally)),
    }
}

fn onsets(tally: &ActivityTally) -> Onsets {
    let mut sorted: Vec<f64> = delays_s(tally).collect();
    sorted.sort_by(f64::total_cmp);
    let percentile = |p: u32| crate::metrics::statistics::quantile(&sorted, f64::from(p) / 100.0);
    Onsets {
        found: sorted.len() as u64,
        missed: tally.events.deleted,
        delay_s: spread(sorted.iter().copied()),
        percentiles_s: if sorted.is_empty() { Vec::new() } else { (0..=100).map(percentile).collect() },
    }
}

fn per_person(runs: &[SeedTally]) -> Result<BTreeMap<PersonId, PersonTime>, MetricsError> {
    let mut people = BTreeMap::new();
    for person in runs.iter().flat_map(|run| run.people.keys()) {
        if people.contains_key(person) {
            continue;
        }
        let own: Vec<&Tally> = runs.iter().filter_map(|run| run.people.get(person)).collect();
        let mut sum = ActivityTally::default();
        own.iter().flat_map(|tally| &tally.classes).for_each(|class| sum.merge(class));
        let median = (!sum.delays_ns.is_empty()).then(|| spread(delays_s(&sum)).median);
        let of = |figure: fn(&ConfusionMatrix) -> f64| mean(own.iter().map(|tally| figure(&tally.frames)));
        people.insert(
            person.clone(),
            PersonTime {
                seconds: own.first().map_or(0.0, |tally| seconds(tally.frames.total())),
                accuracy: of(ConfusionMatrix::accuracy),
                macro_f1: of(ConfusionMatrix::macro_f1_performed),
                events: sum.events,
                fragmentations: sum.errors.fragmentation.count,
                median_delay_s: median,
            },
        );
    }
    Ok(people)
}
