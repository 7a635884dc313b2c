//! Learning from recordings of which nobody said what was done: a model's own answers, brought together over time, correct its
//! answers to single windows.
//!
//! Where an activity lasts, the windows that are taken for another one stand alone among many that are not; the prior over time
//! ([`smooth`](crate::smoothing::smooth())) sees that, and what is sure after it becomes an example ("self-training", Scudder 1965; Yarowsky 1995). Examples draw the
//! last layer as those with labels do. Three bounds keep it from confirming its own mistakes:
//!
//! - what is strange to the model, or where nobody knows which way was up, is left out;
//! - an activity counts no more than [`MOST`] windows, however long it lasts, so that the prior and what is rehearsed keep their say;
//! - a window teaches only where its rival, the activity that the model would have answered next, occurs as well: without sitting in a
//!   recording, learning what standing is would take from sitting what nobody has seen of it.

use super::examples::{Example, Said, USUAL_STEP_S, weight};
use super::space::Space;
use super::unlabelled::{Answers, Recorded, Unlabelled};
use super::{AdaptError, Adapted, Examples, MOSTLY, adapt, assemble, check_shrinkage, fit, plan};
use crate::{MOVEMENT, Model};
use alloc::vec;
use alloc::vec::Vec;
use ambulo_record::vocabulary::Parents;
use ambulo_record::{Adaptation, UnlabelledActivity, UnlabelledUse};

/// Probability after smoothing from which on an answer is taken for right. Of .7 to .99, tried by a prototype on the 21 people of HAPT
/// to develop on, .85 to .9 left fewest mistakes.
const SURE: f64 = 0.9;
/// What an activity counts at most, in windows every .64 s: of 8, 15, 30, 60 and no bound, 30 did well on all that was looked at.
const MOST: f64 = 30.0;
/// What there has to be of a rival, in the same.
const LEAST: f64 = 10.0;
/// Windows of an activity that are looked at; of more, so many at even distances stand for all.
const LOOKED_AT: usize = 500;

/// Windows from which is learned, by number, and as what.
pub(super) type Chosen = Vec<(usize, usize, f64)>;

impl Unlabelled {
    /// What is sure enough to be learned from, in order of time.
    fn choose(&self, answers: &Answers, labels: usize) -> Chosen {
        let steps = self
            .recordings
            .iter()
            .flat_map(|one| core::iter::repeat_n(weight(one.step_ns as f64 / 1e9), one.start_ns.len()));
        let steps: Vec<f64> = steps.collect();
        let strange: Vec<bool> = self.strange(answers).collect();
        let sure = |i: usize| !strange[i] && answers.together[i].1 >= SURE;
        let mut there = vec![0.0; labels];
        for i in (0..steps.len()).filter(|&i| sure(i)) {
            there[answers.together[i].0] += steps[i];
        }
        let mut of_class: Vec<Vec<usize>> = vec![Vec::new(); labels];
        for (i, said) in self.said().enumerate() {
            let own = answers.together[i].0;
            let rival = rival(&answers.logits[i * labels..][..labels], own);
            if said.is_none() && sure(i) && rival.is_some_and(|rival| there[rival] >= LEAST) {
                of_class[own].push(i);
            }
        }
        let mut chosen = Vec::new();
        for (class, windows) in of_class.into_iter().enumerate() {
            let taken = windows.len().min(LOOKED_AT);
            let all: f64 = windows.iter().map(|&i| steps[i]).sum();
            let each = all.min(MOST) / taken.max(1) as f64;
            chosen.extend((0..taken).map(|k| (windows[k * windows.len() / taken], class, each)));
        }
        chosen.sort_by_key(|&(i, ..)| i);
        chosen
    }

    /// These windows as examples, behind others; logits are those of the model that is adapted.
    fn as_examples(
        &self,
        mut examples: Examples,
        chosen: &Chosen,
        names: &[&str],
        model: &Answers,
    ) -> Examples {
        let width = |one: &Recorded| one.embeddings.len() / one.start_ns.len().max(1);
        let count = model.logits.len() / self.len().max(1);
        let mut rest = chosen.iter().peekable();
        let mut before = 0;
        let segment = examples.activities.iter().map(|said| said.segments).sum();
        for one in &self.recordings {
            let width = width(one);
            while let Some(&&(i, class, weight)) =
                rest.peek().filter(|(i, ..)| *i < before + one.start_ns.len())
            {
                rest.next();
                let name = names[class];
                let known = examples.activities.iter().position(|said| said.name == name);
                let activity = known.unwrap_or_else(|| {
                    examples.activities.push(Said { name: name.into(), seconds: 0.0, segments: 0 });
                    examples.activities.len() - 1
                });
                let own = i - before;
                examples.windows.push(Example {
                    activity,
                    segment,
                    start_s: one.start_ns[own] as f64 / 1e9,
                    length_s: one.length_ns as f64 / 1e9,
                    embedding: one.embeddings[own * width..][..width].to_vec(),
                    movement: one.movement[own * MOVEMENT..][..MOVEMENT].to_vec(),
                    logits: model.logits[i * count..][..count].to_vec(),
                    weight,
                });
            }
            before += one.start_ns.len();
        }
        examples
    }

    /// What was learned from what, and what became of the answers.
    pub(super) fn tell(
        &self,
        chosen: &Chosen,
        names: &[&str],
        [before, chose, after]: [&Answers; 3],
    ) -> UnlabelledUse {
        let open: Vec<usize> =
            self.said().enumerate().filter(|(_, said)| said.is_none()).map(|(i, _)| i).collect();
        let strange: Vec<bool> = self.strange(chose).collect();
        let answered = |answers: &Answers, class| open.iter().filter(|&&i| answers.alone[i] == class).count();
        let activities = names.iter().enumerate().map(|(class, name)| UnlabelledActivity {
            name: (*name).into(),
            used: chosen.iter().filter(|(_, own, _)| *own == class).count(),
            before: answered(before, class),
            after: answered(after, class),
        });
        let changed = |differs: &dyn Fn(usize) -> bool| open.iter().filter(|&&i| differs(i)).count();
        UnlabelledUse {
            seconds: self.seconds(),
            windows: open.len(),
            left_out: open.iter().filter(|&&i| strange[i]).count(),
            used: chosen.len(),
            changed: changed(&|i| before.alone[i] != after.alone[i]),
            changed_over_time: changed(&|i| before.together[i].0 != after.together[i].0),
            activities: activities.filter(|one| one.used + one.before + one.after > 0).collect(),
        }
    }
}

/// The likeliest label but for one.
fn rival(logits: &[f32], own: usize) -> Option<usize> {
    let others = logits.iter().enumerate().filter(|(class, _)| *class != own);
    others.reduce(|best, other| if other.1 > best.1 { other } else { best }).map(|(class, _)| class)
}

/// A personal model from recordings of which nobody said what was done. `base` says in the result which file was adapted.
///
/// # Errors
/// Recordings from which nothing can be learned, with the reason: no window, nearly all of them strange to the model, or no two activities
/// to be told apart.
pub fn adapt_unlabelled(
    model: &Model,
    rest: &Unlabelled,
    shrinkage: f64,
    base: &str,
) -> Result<Adapted, AdaptError> {
    check_shrinkage(shrinkage)?;
    let p = &model.metadata().preprocessing;
    if rest.is_empty() {
        return Err(AdaptError::Nothing { seconds: p.nanoseconds(p.window) as f64 / 1e9 });
    }
    rest.check(model.network().embedding().len())?;
    let before = rest.answers(model)?;
    let (windows, left_out) = (rest.len(), rest.strange(&before).filter(|&strange| strange).count());
    if left_out as f64 > MOSTLY * windows as f64 {
        let lost = rest.recordings.iter().filter(|one| !one.vertical).map(|one| one.start_ns.len()).sum();
        return Err(AdaptError::NothingKnown { windows, strange: left_out - lost, lost });
    }
    let chosen = rest.choose(&before, model.metadata().labels.len());
    let mut classes: Vec<usize> = chosen.iter().map(|&(_, class, _)| class).collect();
    classes.sort_unstable();
    classes.dedup();
    if classes.len() < 2 {
        return Err(AdaptError::NothingSure { windows, seconds: LEAST * USUAL_STEP_S });
    }
    let adaptation = Adaptation {
        method: "clusters".into(),
        base: base.into(),
        shrinkage,
        tuning: None,
        share: None,
        activities: Vec::new(),
        unlabelled: None,
    };
    move_layer(model, &Examples::default(), rest, &chosen, (&before, &before), adaptation)
}

/// As [`adapt`](super::adapt()), and from what the recordings of the examples hold besides, as
/// [`adapt_unlabelled`] does: a model that is adapted to the examples alone answers it. What is held out is measured on the examples
/// alone. Where nothing of the rest can be learned from, the result is that of the examples.
///
/// # Errors
/// As `adapt`.
pub fn adapt_also(
    model: &Model,
    examples: &Examples,
    rest: &Unlabelled,
    shrinkage: f64,
    base: &str,
) -> Result<Adapted, AdaptError> {
    let Adapted { model: first, adaptation } = adapt(model, examples, shrinkage, base)?;
    rest.check(model.network().embedding().len())?;
    let (before, taught) = (rest.answers(model)?, rest.answers(&first)?);
    let left_out = rest.strange(&taught).filter(|&strange| strange).count();
    let chosen = if left_out as f64 > MOSTLY * rest.len() as f64 {
        Vec::new()
    } else {
        rest.choose(&taught, first.metadata().labels.len())
    };
    move_layer(model, &examples.without_empty(), rest, &chosen, (&before, &taught), adaptation)
}

/// The model that examples and chosen windows make, and what to say of it. Answers are those of the model itself, and of the one that
/// chose.
fn move_layer(
    model: &Model,
    examples: &Examples,
    rest: &Unlabelled,
    chosen: &Chosen,
    (before, chose): (&Answers, &Answers),
    mut adaptation: Adaptation,
) -> Result<Adapted, AdaptError> {
    let further: Vec<&str> =
        examples.activities().filter(|name| model.metadata().labels.target(name).is_none()).collect();
    let labels = model.metadata().labels.extended(&further, &Parents::new())?;
    let names: Vec<&str> = labels.names().collect();
    let all = rest.as_examples(examples.clone(), chosen, &names, before);
    let plan = plan(model, &all)?;
    let space = Space::of(model, &all);
    let windows: Vec<usize> = (0..all.windows.len()).collect();
    let added = fit(model, &all, &plan, &space, &windows, adaptation.shrinkage)?;
    // Clouds are of what was said alone.
    let first = assemble(model, examples, &plan, &space, &added, Some(&adaptation))?;
    let after = rest.answers(&first)?;
    adaptation.unlabelled = Some(rest.tell(chosen, &names, [before, chose, &after]));
    let model = assemble(model, examples, &plan, &space, &added, Some(&adaptation))?;
    Ok(Adapted { model, adaptation })
}
