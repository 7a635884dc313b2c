//! How well an adaptation does on what it has not seen of the examples themselves.

use super::examples::Example;
use super::{Examples, Plan, is_right};
#[cfg(feature = "std")]
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use ambulo_record::HeldOut;

/// For each activity the answers about segments that were held out in turn, while the others stayed.
pub(super) struct Count<'a> {
    examples: &'a Examples,
    plan: &'a Plan,
    pub(super) of_activities: Vec<Option<HeldOut>>,
}

impl<'a> Count<'a> {
    /// `examples` as the model saw them that is adapted.
    pub(super) fn new(examples: &'a Examples, plan: &'a Plan) -> Self {
        Self { examples, plan, of_activities: vec![None; examples.activities.len()] }
    }

    /// Counts the answers about windows, `[window, class]`.
    pub(super) fn take(&mut self, asked: &[usize], answers: &[f64]) {
        for (&i, after) in asked.iter().zip(answers.chunks_exact(self.plan.labels.len())) {
            let window = &self.examples.windows[i];
            let target = &self.plan.targets[window.activity];
            let before = window.logits.iter().map(|&z| f64::from(z));
            let sum = self.of_activities[window.activity].get_or_insert_with(HeldOut::default);
            sum.windows += 1;
            sum.right_before += usize::from(!self.plan.new[window.activity] && is_right(before, target));
            sum.right_after += usize::from(is_right(after.iter().copied(), target));
        }
    }
}

/// Numbers of windows.
pub(super) struct Turn {
    pub(super) kept: Vec<usize>,
    pub(super) asked: Vec<usize>,
}

/// Each segment in turn. An activity with one segment has it cut in two, whose windows share no sample; one with too little for that
/// is never held out.
pub(super) fn turns(examples: &Examples) -> Vec<Turn> {
    let all = || 0..examples.windows.len();
    let mut turns = Vec::new();
    for activity in 0..examples.activities.len() {
        let own: Vec<usize> = all().filter(|&i| examples.windows[i].activity == activity).collect();
        let mut segments: Vec<usize> = own.iter().map(|&i| examples.windows[i].segment).collect();
        segments.dedup();
        if segments.len() > 1 {
            for segment in segments {
                let (asked, kept): (Vec<usize>, Vec<usize>) =
                    all().partition(|&i| examples.windows[i].segment == segment);
                turns.push(Turn { kept, asked });
            }
            continue;
        }
        let end = |window: &Example| window.start_s + window.length_s;
        let of = |i: &usize| &examples.windows[*i];
        let last = own.iter().map(|i| end(of(i))).fold(0.0, f64::max);
        let first = own.iter().map(|i| of(i).start_s).fold(f64::INFINITY, f64::min);
        let middle = f64::midpoint(first, last);
        let early: Vec<usize> = own.iter().copied().filter(|i| end(of(i)) <= middle + 1e-9).collect();
        let late: Vec<usize> = own.iter().copied().filter(|i| of(i).start_s >= middle - 1e-9).collect();
        if early.is_empty() || late.is_empty() {
            continue;
        }
        let others = || all().filter(|&i| examples.windows[i].activity != activity);
        for (kept, asked) in [(&early, &late), (&late, &early)] {
            turns.push(Turn { kept: others().chain(kept.iter().copied()).collect(), asked: asked.clone() });
        }
    }
    turns
}

/// The same in no more than so many turns: every so many-th is asked together with the first, what any of them does not keep is kept by
/// none. The turns of an activity follow each other, so that they come apart.
#[cfg(feature = "std")]
pub(super) fn in_folds(turns: Vec<Turn>, most: usize) -> Vec<Turn> {
    let mut folds: Vec<Turn> = Vec::new();
    for (i, turn) in turns.into_iter().enumerate() {
        match folds.get_mut(i % most.max(1)).filter(|_| i >= most) {
            None => folds.push(turn),
            Some(fold) => {
                let kept: BTreeSet<usize> = turn.kept.into_iter().collect();
                fold.kept.retain(|window| kept.contains(window));
                fold.asked.extend(turn.asked);
            }
        }
    }
    folds
}
