//! Figures of trainings on few labels: levels over draws, and what one way of beginning gave over another.

use crate::metrics::statistics::{estimate, mean};
use crate::metrics::{
    BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED, ConfusionMatrix, MetricsError, bootstrap, paired_macro_f1,
};
use ambulo_record::{Estimate, FewFigures, FewGain, PersonId};
use std::collections::BTreeMap;

/// The answers of one training to the test people.
pub(crate) type Answers = BTreeMap<PersonId, ConfusionMatrix>;

/// One draw: the answers of each seed, and the seconds that all took.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    pub(crate) seeds: Vec<Answers>,
    pub(crate) seconds: f64,
}

impl Draw {
    /// Its figures, means over seeds.
    pub(crate) fn figures(&self) -> Result<FewFigures, MetricsError> {
        let pooled = self.seeds.iter().map(pool).collect::<Result<Vec<_>, _>>()?;
        Ok(FewFigures {
            accuracy: mean(pooled.iter().map(ConfusionMatrix::accuracy)),
            macro_f1: mean(pooled.iter().map(ConfusionMatrix::macro_f1)),
            by_person: self.by_person(),
            train_seconds: self.seconds,
        })
    }

    fn by_person(&self) -> BTreeMap<PersonId, f64> {
        let Some(first) = self.seeds.first() else { return BTreeMap::new() };
        let own = |person: &PersonId| {
            mean(self.seeds.iter().filter_map(|seed| Some(seed.get(person)?.macro_f1_performed())))
        };
        first.keys().map(|person| (person.clone(), own(person))).collect()
    }
}

fn pool(answers: &Answers) -> Result<ConfusionMatrix, MetricsError> {
    let classes = answers.values().next().ok_or(MetricsError::NoWindows)?.classes();
    let mut sum = ConfusionMatrix::new(classes)?;
    for own in answers.values() {
        sum.add(own)?;
    }
    Ok(sum)
}

/// Macro-F1 over draws: mean and standard deviation over them, interval over people.
pub(crate) fn level(draws: &[Draw]) -> Result<Estimate, MetricsError> {
    let runs: Vec<Answers> = draws.iter().flat_map(|draw| draw.seeds.iter().cloned()).collect();
    let ci95 = bootstrap(&runs, BOOTSTRAP_REPLICATES, BOOTSTRAP_SEED)?.macro_f1;
    let of_draws = draws.iter().map(|draw| Ok(draw.figures()?.macro_f1));
    let of_draws = of_draws.collect::<Result<Vec<f64>, MetricsError>>()?;
    Ok(estimate(of_draws.into_iter(), ci95))
}

/// What the others gave over the base, draw by draw and person by person.
pub(crate) fn gain(base: &[Draw], other: &[Draw]) -> Result<FewGain, MetricsError> {
    let runs = |draws: &[Draw]| draws.iter().flat_map(|draw| draw.seeds.iter().cloned()).collect::<Vec<_>>();
    let mut by_draw = Vec::with_capacity(base.len());
    let mut by_person: BTreeMap<PersonId, f64> = BTreeMap::new();
    for (base, other) in base.iter().zip(other) {
        let (base, other) = (base.figures()?, other.figures()?);
        by_draw.push(other.macro_f1 - base.macro_f1);
        for (person, own) in other.by_person {
            let before = base.by_person.get(&person).copied().unwrap_or(0.0);
            *by_person.entry(person).or_default() += own - before;
        }
    }
    by_person.values_mut().for_each(|sum| *sum /= by_draw.len().max(1) as f64);
    let count =
        |better: bool| by_person.values().filter(|d| if better { **d > 0.0 } else { **d < 0.0 }).count();
    Ok(FewGain {
        macro_f1: mean(by_draw.iter().copied()),
        ci95: paired_macro_f1(&runs(base), &runs(other))?,
        better_worse: [count(true), count(false)],
        by_draw,
        by_person,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::confusion_by_subject;

    /// A draw in which each person has ten windows of each of two classes, of which so many of the first are mistaken.
    fn draw(mistakes: [usize; 4]) -> Draw {
        let (mut truth, mut answers, mut people) = (Vec::new(), Vec::new(), Vec::new());
        for (person, wrong) in mistakes.into_iter().enumerate() {
            for i in 0..20 {
                truth.push(u8::from(i >= 10));
                answers.push(u8::from(i >= 10 || i < wrong));
                people.push(PersonId::from(person as u16));
            }
        }
        Draw { seeds: vec![confusion_by_subject(&truth, &answers, &people, 2).unwrap()], seconds: 1.0 }
    }

    #[test]
    fn the_same_answers_gain_nothing_and_better_ones_gain_for_whom_they_are_better() {
        let base = [draw([4, 4, 0, 2]), draw([2, 4, 2, 0])];
        let same = gain(&base, &base).unwrap();
        assert_eq!((same.macro_f1, same.ci95, same.better_worse), (0.0, [0.0; 2], [0, 0]));
        let other = [draw([0, 4, 0, 2]), draw([0, 4, 4, 0])];
        let found = gain(&base, &other).unwrap();
        assert_eq!(found.better_worse, [1, 1]);
        assert_eq!(found.by_person[&PersonId::from(1)], 0.0);
        assert!(found.by_draw[0] > 0.0 && found.ci95[0] < found.macro_f1 && found.macro_f1 < found.ci95[1]);
        let levels = [level(&base).unwrap(), level(&other).unwrap()];
        assert!((levels[1].mean - levels[0].mean - found.macro_f1).abs() < 1e-12);
        assert!(levels[0].sd > 0.0);
    }

    #[test]
    fn people_are_drawn_in_pairs() {
        // Everyone is better by about the same, however well they do: unpaired, the interval would be as wide as people differ.
        let found = gain(&[draw([2, 4, 6, 9])], &[draw([1, 3, 5, 8])]).unwrap();
        assert!(found.ci95[0] > 0.0 && found.ci95[1] - found.ci95[0] < 0.06, "{found:?}");
    }
}
