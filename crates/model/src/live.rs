//! A timeline while the samples arrive.

use crate::adapt::{AdaptError, Examples, Seen, Segment};
use crate::predictor::Alike;
use crate::smoothing::{Smoothed, Smoother, SmootherState, alone};
use crate::steps::{check_delay, lag_of, middle, number_after};
use crate::stream::{RawWindow, stated_rates};
use crate::{ModelError, Predictor, Stream};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use ambulo_signal::intake::Declared;
use ambulo_signal::{Finding, Header, Sensor, SignalError};
use serde::{Deserialize, Serialize};

/// The answer for one step of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveAnswer {
    /// Where the step begins, in nanoseconds from the zero of the samples' times.
    pub start_ns: i64,
    /// Where it ends.
    pub end_ns: i64,
    /// Probability of each label; with that of `unknown` they add up to 1.
    pub probabilities: Vec<f32>,
    /// Probability that it is none of the labels.
    pub unknown: f32,
    /// Whether it is known which way was up; as long as it is not, labels that only this tells apart have equal shares.
    pub vertical: bool,
}

/// Timed samples in, smoothed answers out: the same bits as [`Predictor::timeline`] with the same delay gives for a recording whose
/// vertical is declared, for models whose filters do not look ahead.
///
/// Where no vertical is declared it is found while the wearer moves about, and again where the device is put on otherwise; a whole
/// file knows it from the beginning.
pub struct Live {
    stream: Stream,
    predictor: Predictor,
    /// None gives each window's answer for itself.
    smoother: Option<Smoother>,
    alike: Alike,
    places: Places,
    /// There are fewer samples a second than the model was trained with.
    slower: bool,
    taught: Taught,
}

/// What the wearer says of what is done, while it is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Taught {
    examples: Examples,
    now: Option<Now>,
}

/// What is done now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Now {
    activity: String,
    since_ns: i64,
    /// With the beginning of its first window, once there is one.
    segment: Option<(Segment, i64)>,
}

/// Where the steps lie whose answers may come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Places {
    /// Number of the last window's step, and where the window begins.
    last: Option<(i64, i64)>,
    /// Number, beginning and vertical of the last steps.
    steps: VecDeque<(i64, i64, bool)>,
}

#[derive(Serialize)]
struct SavedRef<'a> {
    stream: &'a serde_json::value::RawValue,
    smoother: Option<SmootherState>,
    places: &'a Places,
    #[serde(skip_serializing_if = "Taught::is_empty")]
    taught: &'a Taught,
}

#[derive(Deserialize)]
struct Saved {
    stream: Box<serde_json::value::RawValue>,
    smoother: Option<SmootherState>,
    places: Places,
    #[serde(default)]
    taught: Taught,
}

impl core::fmt::Debug for Live {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Live").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl Live {
    /// A stream at its first sample. With a delay, 0 to 5 s, answers are smoothed and come this long after the middle of the step
    /// that they are about; without, each window's answer stands for itself and comes when the window is full.
    ///
    /// # Errors
    /// A delay out of range; as [`Stream::new`], but that no vertical has to be declared, and that there may be fewer samples a second
    /// than the model was trained with, down to the rate that it states.
    pub fn new(
        predictor: &Predictor,
        header: &Header,
        declared: &Declared,
        delay_s: Option<f64>,
    ) -> Result<Self, ModelError> {
        let p = &predictor.model().metadata().preprocessing;
        let smoother = match delay_s {
            None => None,
            Some(delay_s) => {
                check_delay(delay_s)?;
                let step_s = p.nanoseconds(p.step) as f64 / 1e9;
                Some(Smoother::new(&predictor.prior().after(delay_s), step_s, lag_of(delay_s, p, p.step)))
            }
        };
        let slower = stated_rates(p, header).any(|rate_hz| rate_hz < p.rate_hz && !p.same_rate(rate_hz));
        Ok(Self {
            slower,
            stream: Stream::levelling(predictor, header, declared)?,
            alike: Alike::of(&predictor.model().metadata().labels),
            predictor: predictor.clone(),
            smoother,
            places: Places::default(),
            taught: Taught::default(),
        })
    }

    /// Takes one sample of a sensor with its time in nanoseconds from any zero, in the unit of the header; gives the answers that it
    /// completes, nearly always none or one.
    pub fn push(&mut self, sensor: Sensor, time_ns: i64, value: [f32; 3]) -> Vec<LiveAnswer> {
        self.run(|stream, take| stream.push_raw(sensor, time_ns, value, take))
    }

    /// Ends the recording: gives the answers that still wait.
    pub fn finish(&mut self) -> Vec<LiveAnswer> {
        let mut answers = self.run(Stream::finish_raw);
        let waiting = self.smoother.as_mut().map(Smoother::finish).unwrap_or_default();
        let Self { places, predictor, .. } = self;
        answers.extend(waiting.into_iter().map(|smoothed| places.answer(predictor, smoothed)));
        self.places = Places::default();
        answers
    }

    fn run(&mut self, feed: impl FnOnce(&mut Stream, &mut dyn FnMut(RawWindow<'_>))) -> Vec<LiveAnswer> {
        let Self { stream, predictor, smoother, alike, places, taught, .. } = self;
        let step_ns = predictor.step_ns();
        let mut answers = Vec::new();
        feed(stream, &mut |raw| {
            taught.take(predictor, &raw);
            let unknown = predictor.unknown_log_ratio(raw.embedding, &raw.movement, raw.logits);
            let unknown = predictor.as_evidence(raw.logits, unknown, (!raw.vertical).then_some(&*alike));
            let number = number_after(places.last, raw.start_ns, step_ns);
            places.push(predictor, number, raw.start_ns, raw.vertical);
            let ripe = match smoother {
                Some(smoother) => smoother.push(number, raw.logits, f64::from(unknown)),
                None => [(number, alone(raw.logits, f64::from(unknown)))].into(),
            };
            answers.extend(ripe.into_iter().map(|smoothed| places.answer(predictor, smoothed)));
        });
        answers
    }

    /// Says what the wearer does from a time on, as of the samples, in nanoseconds: windows that lie wholly after it become
    /// [`examples`](Self::examples), until something else is said, or nothing. They are part of the state that is saved.
    ///
    /// # Errors
    /// What cannot name an activity; nothing is changed then.
    pub fn teach(&mut self, activity: Option<&str>, time_ns: i64) -> Result<(), AdaptError> {
        let now = match activity {
            None => None,
            Some(activity) => {
                let activity = crate::adapt::activity_name(activity)?;
                Some(Now { activity, since_ns: time_ns, segment: None })
            }
        };
        self.taught.now = now;
        Ok(())
    }

    /// What the wearer has said up to now, as [`adapt`](crate::adapt::adapt) takes it.
    #[must_use]
    pub fn examples(&self) -> &Examples {
        &self.taught.examples
    }

    /// Whether it has fewer samples a second than the model was trained with, by the rates that the header states.
    #[must_use]
    pub fn is_slower(&self) -> bool {
        self.slower
    }

    /// What was noticed up to now, as [`Stream::findings`].
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.stream.findings()
    }

    /// Everything that is remembered, as JSON: [`restore`](Self::restore) goes on from it with the same bits.
    ///
    /// # Errors
    /// None with the state of a stream; the serialiser's in principle.
    pub fn save(&self) -> Result<String, ModelError> {
        let stream = serde_json::value::RawValue::from_string(self.stream.save()?).map_err(unreadable)?;
        let saved = SavedRef {
            stream: &stream,
            smoother: self.smoother.as_ref().map(Smoother::state),
            places: &self.places,
            taught: &self.taught,
        };
        serde_json::to_string(&saved).map_err(unreadable)
    }

    /// Goes on from a state that a stream of the same model, sensors, declarations and delay saved.
    ///
    /// # Errors
    /// Text that is no state, or one of another stream; nothing is changed then.
    pub fn restore(&mut self, state: &str) -> Result<(), ModelError> {
        let Saved { stream, smoother, places, taught } = serde_json::from_str(state).map_err(unreadable)?;
        let mut own = self.smoother.clone();
        let fits = match (&mut own, smoother) {
            (None, None) => true,
            (Some(own), Some(state)) => own.restore(state),
            _ => false,
        };
        if !fits {
            return Err(SignalError::Setting {
                field: "state",
                found: "that of a stream with another delay".to_string(),
                expected:
                    "give the state of a stream made with the same model, header, declarations and delay"
                        .into(),
            }
            .into());
        }
        self.stream.restore(stream.get())?;
        (self.smoother, self.places, self.taught) = (own, places, taught);
        Ok(())
    }
}

fn unreadable(source: serde_json::Error) -> ModelError {
    ModelError::Metadata { file: "the stream's state".into(), source }
}

impl Taught {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn take(&mut self, predictor: &Predictor, raw: &RawWindow<'_>) {
        let Some(now) = self.now.as_mut().filter(|now| raw.start_ns >= now.since_ns) else { return };
        let seconds = |ns: i64| ns as f64 / 1e9;
        let (length_s, step_s) = (seconds(predictor.window_ns()), seconds(predictor.step_ns()));
        let (segment, first_ns) = match now.segment {
            Some((segment, first_ns)) => {
                self.examples.lengthen(segment, step_s);
                (segment, first_ns)
            }
            None => {
                // It was a name when it was said.
                let Ok(segment) = self.examples.segment(&now.activity, length_s) else { return };
                now.segment = Some((segment, raw.start_ns));
                (segment, raw.start_ns)
            }
        };
        let seen = Seen {
            start_s: seconds(raw.start_ns - first_ns),
            length_s,
            step_s,
            embedding: raw.embedding,
            movement: &raw.movement,
            logits: raw.logits,
        };
        self.examples.push(segment, seen);
    }
}

impl Places {
    fn push(&mut self, predictor: &Predictor, number: i64, start_ns: i64, vertical: bool) {
        /// More steps than any delay holds back.
        const MOST: usize = 512;
        let p = &predictor.model().metadata().preprocessing;
        self.last = Some((number, start_ns));
        let step_start_ns = start_ns.saturating_add(p.nanoseconds(middle(p, p.step)));
        self.steps.push_back((number, step_start_ns, vertical));
        if self.steps.len() > MOST {
            self.steps.pop_front();
        }
    }

    /// The answer with its place: that of its window, or for a forecast one after the last window.
    fn answer(&mut self, predictor: &Predictor, (number, mut row): Smoothed) -> LiveAnswer {
        // Answers come in order: what was before is not asked for again.
        while self.steps.len() > 1 && self.steps[0].0 < number {
            self.steps.pop_front();
        }
        let step_ns = predictor.step_ns();
        let (start_ns, vertical) = self.steps.front().map_or((0, true), |&(own, start_ns, vertical)| {
            (start_ns.saturating_add((number - own).saturating_mul(step_ns)), vertical)
        });
        let unknown = row.pop().unwrap_or_default();
        LiveAnswer {
            start_ns,
            end_ns: start_ns.saturating_add(step_ns),
            probabilities: row,
            unknown,
            vertical,
        }
    }
}
