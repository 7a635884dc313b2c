//! Examples out of whole recordings.

use super::{AdaptError, Examples, InputExamples, Seen, Unlabelled, activity_name};
use crate::recording::Keep;
use crate::{MOVEMENT, Predictor, RawWindows};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use ambulo_signal::intake::Declared;
use ambulo_signal::{Finding, Severity, Source};

/// Part of a window from one example to the next, as shrinkage was chosen with.
const PER_WINDOW: usize = 4;

/// A stretch of a recording and what was done in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidInterval {
    /// Where it begins, in nanoseconds from the recording's zero.
    pub start_ns: i64,
    /// Where it ends.
    pub end_ns: i64,
    /// The activity, as [`Examples::segment`] takes it.
    pub activity: String,
}

/// What was noticed about a recording of examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Collected {
    /// Whether it is known which way was up, or does not matter to the model.
    pub vertical: bool,
    /// Windows that became examples.
    pub windows: usize,
    /// What makes the recording doubtful.
    pub findings: Vec<Finding>,
    /// Numbers of the intervals in which no window lies: too short, or where there is a gap.
    pub without_window: Vec<usize>,
}

impl Predictor {
    /// Adds the windows of a recording that lie within intervals of which it was said what was done in them.
    ///
    /// # Errors
    /// A source that fails, a recording that does not fit the model, and what cannot name an activity.
    pub fn collect(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        said: &[SaidInterval],
        examples: &mut Examples,
    ) -> Result<Collected, AdaptError> {
        self.collect_each(source, declared, said, Keep::Everything, examples, &mut Vec::new())
    }

    /// As [`collect`](Self::collect), also what the network was given: for [`adapt_network`](super::adapt_network).
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    pub fn collect_inputs(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        said: &[SaidInterval],
        examples: &mut InputExamples,
    ) -> Result<Collected, AdaptError> {
        let InputExamples { examples, inputs } = examples;
        self.collect_each(source, declared, said, Keep::Inputs, examples, inputs)
    }

    fn collect_each(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        said: &[SaidInterval],
        keep: Keep,
        examples: &mut Examples,
        inputs: &mut Vec<f32>,
    ) -> Result<Collected, AdaptError> {
        let input = self.model().network().input().len();
        let p = &self.model().metadata().preprocessing;
        let (labels, width) =
            (self.model().metadata().labels.len(), self.model().network().embedding().len());
        let step = (p.window / PER_WINDOW).max(1);
        let window_ns = self.window_ns();
        // Windows of each interval.
        let mut found = vec![RawWindows::default(); said.len()];
        let looked = self.each_placed_every((step, keep), source, declared, &mut |raw, _| {
            for (i, &start_ns) in raw.start_ns.iter().enumerate() {
                let Some(within) = interval_of(said, start_ns, window_ns) else { continue };
                let own = &mut found[within];
                own.start_ns.push(start_ns);
                own.embeddings.extend_from_slice(&raw.embeddings[i * width..][..width]);
                own.movement.extend_from_slice(&raw.movement[i * MOVEMENT..][..MOVEMENT]);
                own.logits.extend_from_slice(&raw.logits[i * labels..][..labels]);
                if keep == Keep::Inputs {
                    own.inputs.extend_from_slice(&raw.inputs[i * input..][..input]);
                }
            }
        })?;
        let mut collected = Collected {
            vertical: looked.vertical,
            findings: doubts(looked.first.report.findings),
            windows: 0,
            without_window: Vec::new(),
        };
        let seconds = |ns: i64| ns as f64 / 1e9;
        for (number, (own, said)) in found.iter().zip(said).enumerate() {
            let [Some(&first), Some(&last)] = [own.start_ns.first(), own.start_ns.last()] else {
                collected.without_window.push(number);
                continue;
            };
            let segment = examples.segment(&said.activity, seconds(last - first + window_ns))?;
            for (i, &start_ns) in own.start_ns.iter().enumerate() {
                let seen = Seen {
                    start_s: seconds(start_ns - first),
                    length_s: seconds(window_ns),
                    step_s: seconds(p.nanoseconds(step)),
                    embedding: &own.embeddings[i * width..][..width],
                    movement: &own.movement[i * MOVEMENT..][..MOVEMENT],
                    logits: &own.logits[i * labels..][..labels],
                };
                examples.push(segment, seen);
                collected.windows += 1;
            }
            inputs.extend_from_slice(&own.inputs);
        }
        Ok(collected)
    }

    /// Adds all windows of a recording, at the model's own step, of which nobody said what was done, and what was said of parts of it.
    ///
    /// # Errors
    /// A source that fails, a recording that does not fit the model, and what cannot name an activity.
    pub fn collect_unlabelled(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        said: &[SaidInterval],
        unlabelled: &mut Unlabelled,
    ) -> Result<Collected, AdaptError> {
        let width = self.model().network().embedding().len();
        let names = said.iter().map(|one| activity_name(&one.activity)).collect::<Result<Vec<_>, _>>()?;
        let (window_ns, mut begun, mut windows) = (self.window_ns(), false, 0);
        let looked = self.each_placed(source, declared, &mut |raw, vertical| {
            if !begun {
                unlabelled.recording(self.step_ns(), window_ns, vertical);
                begun = true;
            }
            for (i, &start_ns) in raw.start_ns.iter().enumerate() {
                let within = interval_of(said, start_ns, window_ns);
                unlabelled.push(
                    start_ns,
                    &raw.embeddings[i * width..][..width],
                    &raw.movement[i * MOVEMENT..][..MOVEMENT],
                    within.map(|number| names[number].as_str()),
                );
                windows += 1;
            }
        })?;
        Ok(Collected {
            vertical: looked.vertical,
            windows,
            findings: doubts(looked.first.report.findings),
            without_window: Vec::new(),
        })
    }
}

/// Number of the interval in which a window lies.
fn interval_of(said: &[SaidInterval], start_ns: i64, window_ns: i64) -> Option<usize> {
    let end_ns = start_ns.saturating_add(window_ns);
    said.iter().position(|one| one.start_ns <= start_ns && end_ns <= one.end_ns)
}

/// What makes a recording doubtful.
pub(super) fn doubts(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.retain(|finding| finding.severity != Severity::Note);
    findings
}
