//! A few of the training people or of their windows, for what few labels are worth.

use super::{Partition, Training};
use crate::{DataError, LabelledWindows};
use ambulo_record::PersonId;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

/// Draws of people that are tried until they have all activities between them.
const TRIES: usize = 1000;

impl Partition<Training> {
    /// So many of the people, drawn at random by `seed`, who have between them every class that all have: draws that lack one are
    /// drawn again.
    ///
    /// # Errors
    /// [`DataError::NoDraw`] for none or more than there are, and where a thousand draws lacked a class.
    pub fn few_people(self, count: usize, seed: u64) -> Result<Self, DataError> {
        let available = self.subjects.len();
        if count == 0 || count > available {
            return Err(DataError::NoDraw { dataset: self.dataset, count, available });
        }
        let mut order: Vec<PersonId> = self.subjects.iter().cloned().collect();
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let all = classes(&self.windows);
        for _ in 0..TRIES {
            shuffle(&mut order, &mut random);
            let people: BTreeSet<PersonId> = order.iter().take(count).cloned().collect();
            let windows = self.windows.filter(&people);
            if classes(&windows) == all {
                return Ok(self.narrowed(windows, people));
            }
        }
        Err(DataError::NoDraw { dataset: self.dataset, count, available })
    }

    /// So many windows of each class, drawn at random by `seed`; fewer where there are no more. People take turns in random order, each with one of
    /// their windows at random. Windows with coarse labels are left out. Nothing but these windows is left of the signal: they
    /// cannot be shifted.
    #[must_use]
    pub fn few_windows(self, per_class: NonZeroUsize, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut chosen = Vec::new();
        for class in classes(&self.windows) {
            let mut of_people: BTreeMap<&PersonId, Vec<usize>> = BTreeMap::new();
            for (i, origin) in self.windows.origins.iter().enumerate() {
                if self.windows.labels[i] == class {
                    of_people.entry(&origin.person).or_default().push(i);
                }
            }
            let mut turns: Vec<Vec<usize>> = of_people.into_values().collect();
            shuffle(&mut turns, &mut random);
            turns.iter_mut().for_each(|own| shuffle(own, &mut random));
            let longest = turns.iter().map(Vec::len).max().unwrap_or(0);
            let in_turn = (0..longest).flat_map(|round| turns.iter().filter_map(move |own| own.get(round)));
            chosen.extend(in_turn.take(per_class.get()).copied());
        }
        chosen.sort_unstable();
        let mut windows = self.windows.pick(chosen);
        for place in &mut windows.places {
            place.starts = place.start..place.start + 1;
        }
        let subjects = windows.subjects();
        self.narrowed(windows, subjects)
    }
}

/// Classes with a window.
fn classes(windows: &LabelledWindows) -> BTreeSet<u8> {
    windows.labels.iter().copied().filter(|&label| usize::from(label) < windows.classes).collect()
}

/// A Fisher-Yates shuffle.
fn shuffle<T>(values: &mut [T], random: &mut ChaCha8Rng) {
    for i in (1..values.len()).rev() {
        values.swap(i, super::subjects::below(random, i as u64 + 1) as usize);
    }
}
