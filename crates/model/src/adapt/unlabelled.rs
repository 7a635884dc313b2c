//! Whole recordings of which nobody said what was done, and what a model answers to them.

use super::AdaptError;
use crate::predictor::Alike;
use crate::smoothing::smooth;
use crate::steps::number_after;
use crate::{MOVEMENT, Model, Predictor};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// Probability of `unknown` after smoothing from which on a window is taken for it.
const STRANGE: f64 = 0.5;

/// Whole recordings as a model sees them, of which nobody said what was done, or only of parts. Some 350 bytes a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unlabelled {
    pub(super) recordings: Vec<Recorded>,
}

/// One recording, windows in order of time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Recorded {
    pub(super) step_ns: i64,
    pub(super) length_ns: i64,
    pub(super) vertical: bool,
    pub(super) start_ns: Vec<i64>,
    pub(super) embeddings: Vec<f32>,
    pub(super) movement: Vec<f32>,
    /// What was said of each window, if anything.
    pub(super) said: Vec<Option<String>>,
}

/// What is answered to the windows of all recordings.
pub(super) struct Answers {
    /// Not calibrated, `[window, label]`.
    pub(super) logits: Vec<f32>,
    /// Each window for itself.
    pub(super) alone: Vec<usize>,
    /// After smoothing: the likeliest label, its probability among the labels, and that of `unknown`.
    pub(super) together: Vec<(usize, f64, f64)>,
}

impl Unlabelled {
    /// Begins a recording with a window of `length_ns` every `step_ns`, in nanoseconds; `vertical` says whether it is known which way was
    /// up.
    pub fn recording(&mut self, step_ns: i64, length_ns: i64, vertical: bool) {
        let (start_ns, said) = (Vec::new(), Vec::new());
        let (embeddings, movement) = (Vec::new(), Vec::new());
        self.recordings.push(Recorded { step_ns, length_ns, vertical, start_ns, embeddings, movement, said });
    }

    /// Adds the next window of the recording begun last: when it begins in it, what the last layer is given and the
    /// [`movement`](crate::movement) of it; and the activity, if somebody said what was done in it: it is not learned from here, but tells
    /// what is done around it. Nothing happens as long as no recording was begun.
    pub fn push(&mut self, start_ns: i64, embedding: &[f32], movement: &[f32], said: Option<&str>) {
        if let Some(recording) = self.recordings.last_mut() {
            recording.start_ns.push(start_ns);
            recording.embeddings.extend_from_slice(embedding);
            recording.movement.extend_from_slice(movement);
            recording.said.push(said.map(ToOwned::to_owned));
        }
    }

    /// Number of windows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.recordings.iter().map(|recording| recording.start_ns.len()).sum()
    }

    /// Whether there is no window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a model with this embedding answers to each window once its answers are brought together over time: the number of its likeliest
    /// label, or nothing where `unknown` has half of the probability or more.
    ///
    /// # Errors
    /// [`AdaptError::OtherModel`], or a network without a last layer to be computed.
    pub fn over_time(&self, model: &Model) -> Result<Vec<Option<usize>>, AdaptError> {
        self.check(model.network().embedding().len())?;
        let answers = self.answers(model)?;
        Ok(answers.together.iter().map(|&(label, _, unknown)| (unknown < STRANGE).then_some(label)).collect())
    }

    pub(super) fn said(&self) -> impl Iterator<Item = Option<&str>> {
        self.recordings.iter().flat_map(|recording| recording.said.iter().map(Option::as_deref))
    }

    /// Seconds of which nothing was said.
    pub(super) fn seconds(&self) -> f64 {
        let mut ns = 0i64;
        for one in &self.recordings {
            for (i, start) in one.start_ns.iter().enumerate().filter(|(i, _)| one.said[*i].is_none()) {
                let next = one.start_ns.get(i + 1).map_or(one.length_ns, |next| next - start);
                ns += next.clamp(0, one.length_ns);
            }
        }
        ns as f64 / 1e9
    }

    pub(super) fn check(&self, width: usize) -> Result<(), AdaptError> {
        for one in &self.recordings {
            let count = one.start_ns.len();
            if one.embeddings.len() != count * width || one.movement.len() != count * MOVEMENT {
                return Err(AdaptError::OtherModel);
            }
            if !one.embeddings.iter().chain(&one.movement).all(|v| v.is_finite()) {
                return Err(AdaptError::NotFinite);
            }
        }
        Ok(())
    }

    /// What a model with this embedding answers.
    pub(super) fn answers(&self, model: &Model) -> Result<Answers, AdaptError> {
        let predictor = Predictor::new(Model::new(model.metadata().clone(), model.weights().to_vec())?);
        let labels = &model.metadata().labels;
        let (count, width) = (labels.len(), model.network().embedding().len());
        let (weight, bias) = super::space::layer(model).ok_or(AdaptError::NoHead)?;
        let (alike, prior) = (Alike::of(labels), predictor.prior());
        let mut all = Answers { logits: Vec::new(), alone: Vec::new(), together: Vec::new() };
        for one in &self.recordings {
            let (mut numbers, mut unknown) = (Vec::new(), Vec::new());
            let from = all.logits.len();
            let windows = one.embeddings.chunks_exact(width).zip(one.movement.chunks_exact(MOVEMENT));
            let mut evidence: Vec<f32> = Vec::new();
            let mut last = None;
            for (i, (embedding, movement)) in windows.enumerate() {
                let number = number_after(last, one.start_ns[i], one.step_ns);
                last = Some((number, one.start_ns[i]));
                numbers.push(number);
                let logit = |(row, &bias): (&[f32], &f32)| {
                    let sum: f64 =
                        row.iter().zip(embedding).map(|(&w, &v)| f64::from(w) * f64::from(v)).sum();
                    (sum + f64::from(bias)) as f32
                };
                all.logits.extend(weight.chunks_exact(width).zip(bias).map(logit));
                let logits = &all.logits[from + i * count..];
                all.alone.push(ambulo_nn::argmax(logits));
                let strange = predictor.unknown_log_ratio(embedding, movement, logits);
                evidence.extend_from_slice(logits);
                let row = &mut evidence[i * count..];
                let strange = predictor.as_evidence(row, strange, (!one.vertical).then_some(&alike));
                match one.said[i].as_deref().and_then(|name| labels.target(name)) {
                    Some(target) => {
                        row.fill(0.0);
                        let share = 1.0 / target.classes().len() as f32;
                        target.classes().iter().for_each(|&class| row[usize::from(class)] = share);
                        unknown.push(-30.0);
                    }
                    None => unknown.push(strange),
                }
            }
            let smoothed = smooth(&prior, one.step_ns as f64 / 1e9, &numbers, &evidence, &unknown);
            for row in smoothed.chunks_exact(count + 1) {
                let best = ambulo_nn::argmax(&row[..count]);
                let known: f64 = row[..count].iter().map(|&p| f64::from(p)).sum();
                let of_known = f64::from(row[best]) / known.max(1e-30);
                all.together.push((best, of_known, f64::from(row[count])));
            }
        }
        Ok(all)
    }

    /// Whether each window is strange, or cannot be told for want of a vertical.
    pub(super) fn strange<'a>(&'a self, answers: &'a Answers) -> impl Iterator<Item = bool> + 'a {
        let vertical =
            self.recordings.iter().flat_map(|one| core::iter::repeat_n(one.vertical, one.start_ns.len()));
        vertical.zip(&answers.together).map(|(vertical, &(_, _, unknown))| !vertical || unknown >= STRANGE)
    }
}
