//! How well an adaptation does on what it has not seen of the examples themselves.

use super::examples::Example;
use super::space::Space;
use super::{AdaptError, Examples, Plan, fit, is_right};
use crate::Model;
use alloc::vec;
use alloc::vec::Vec;
use ambulo_record::HeldOut;

/// For each activity the answers about segments that were held out in turn, while the others stayed. An activity with one segment has
/// it cut in two, whose windows share no sample; one with too little for that is never held out.
pub(super) fn measure(
    model: &Model,
    examples: &Examples,
    plan: &Plan,
    space: &Space,
    shrinkage: f64,
) -> Result<Vec<Option<HeldOut>>, AdaptError> {
    let mut found: Vec<Option<HeldOut>> = vec![None; examples.activities.len()];
    for turn in turns(examples) {
        let added = fit(model, examples, plan, space, &turn.kept, shrinkage)?;
        let mut point = Vec::new();
        for i in turn.asked {
            let window = &examples.windows[i];
            let target = &plan.targets[window.activity];
            point.clear();
            space.place(&window.embedding, &mut point);
            let classes = plan.labels.len();
            let before = window.logits.iter().map(|&z| f64::from(z));
            let after = before.clone().chain(core::iter::repeat(0.0)).take(classes).enumerate();
            let after = after.map(|(c, z)| {
                z + point.iter().zip(added.chunks_exact(classes)).map(|(v, row)| v * row[c]).sum::<f64>()
            });
            let sum = found[window.activity].get_or_insert_with(HeldOut::default);
            sum.windows += 1;
            sum.right_before += usize::from(!plan.new[window.activity] && is_right(before, target));
            sum.right_after += usize::from(is_right(after, target));
        }
    }
    Ok(found)
}

/// Numbers of windows.
struct Turn {
    kept: Vec<usize>,
    asked: Vec<usize>,
}

fn turns(examples: &Examples) -> Vec<Turn> {
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
