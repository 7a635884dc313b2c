//! Ways of adapting a model to a person.

use super::draw::{Draw, Piece};
use super::people::{Person, Window};
use super::seen;
use crate::TrainError;
use ambulo_model::Model;
use ambulo_model::adapt::{
    AdaptError, InputExamples, SHRINKAGE, STATISTICS_SHARE, Seen, TUNING, Unlabelled, UnlabelledInputs,
    adapt_also, adapt_unlabelled, mix_statistics, move_head, move_network,
};
use ambulo_record::PersonalWay;
use std::borrow::Cow;

/// How a model is adapted to what a person gives: one step after the other, each as a call of `ambulo adapt` on what the last one wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The steps, none twice.
    pub steps: Vec<Step>,
    /// How little examples move what a model knows, in all steps: [`SHRINKAGE`](ambulo_model::adapt::SHRINKAGE) is usual.
    pub shrinkage: f64,
}

/// One adaptation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// From labelled seconds the last layer moves, in closed form ([`move_head`]).
    Head,
    /// From labelled seconds normalisation moves by gradient, and the last layer above it ([`move_network`]).
    Network,
    /// As `Head`, and also from what the recordings hold besides ([`adapt_also`]).
    AlsoUnlabelled,
    /// From recordings without labels the last layer moves ([`adapt_unlabelled`]).
    Clusters,
    /// From recordings without labels a share of the person's own statistics goes into normalisation ([`mix_statistics`]).
    Statistics,
}

impl Step {
    /// Its name in records and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Network => "network",
            Self::AlsoUnlabelled => "also-unlabelled",
            Self::Clusters => "clusters",
            Self::Statistics => "statistics",
        }
    }

    /// Whether it learns from labelled seconds.
    #[must_use]
    pub fn takes_labels(self) -> bool {
        matches!(self, Self::Head | Self::Network | Self::AlsoUnlabelled)
    }

    /// Whether it learns from whole recordings.
    #[must_use]
    pub fn takes_recordings(self) -> bool {
        matches!(self, Self::AlsoUnlabelled | Self::Clusters | Self::Statistics)
    }

    /// Whether it moves more than the last layer, so that windows have to be seen again.
    fn moves_network(self) -> bool {
        matches!(self, Self::Network | Self::Statistics)
    }
}

/// A person's own model, and what the person and strangers are to it where that is something else than to the model as it was.
pub struct Own {
    /// The model; none where every step was refused.
    pub model: Option<Model>,
    /// The person as its network sees them.
    pub person: Option<Person>,
    /// The same of the windows that are unknown.
    pub strange: Option<Vec<Window>>,
    /// Steps that were refused, because what was given taught nothing; a model is then as it was before them.
    pub refused: usize,
}

impl Way {
    /// # Errors
    /// Settings that are none.
    pub(super) fn check(&self) -> Result<(), TrainError> {
        let setting =
            |setting, found: String, expected| Err(TrainError::Setting { setting, found, expected });
        let named = |step: &Step| self.steps.iter().filter(|other| *other == step).count();
        if self.steps.is_empty() || self.steps.iter().any(|step| named(step) > 1) {
            return setting("way", self.name(), "at least one step, none of them twice");
        }
        if self.steps == [Step::Statistics] && self.shrinkage.to_bits() != SHRINKAGE.to_bits() {
            return setting("shrinkage", self.shrinkage.to_string(), "nothing: statistics move no layer");
        }
        if self.shrinkage.is_finite() && self.shrinkage > 0.0 {
            return Ok(());
        }
        setting("shrinkage", self.shrinkage.to_string(), "a positive number, 200 is usual")
    }

    fn name(&self) -> String {
        self.steps.iter().map(|step| step.name()).collect::<Vec<_>>().join(", ")
    }

    /// Whether people give labelled seconds.
    #[must_use]
    pub fn takes_labels(&self) -> bool {
        self.steps.iter().any(|step| step.takes_labels())
    }

    /// Whether people give whole recordings, with labels or without.
    #[must_use]
    pub fn takes_recordings(&self) -> bool {
        self.steps.iter().any(|step| step.takes_recordings())
    }

    /// Whether what the network is given has to be kept.
    pub(super) fn moves_network(&self) -> bool {
        self.steps.iter().any(|step| step.moves_network())
    }

    /// As records name it.
    #[must_use]
    pub fn record(&self) -> PersonalWay {
        let moves_layer = self.steps.iter().any(|step| *step != Step::Statistics);
        PersonalWay { method: self.name(), shrinkage: moves_layer.then_some(self.shrinkage) }
    }

    /// The model that this person would have after giving what was drawn.
    ///
    /// # Errors
    /// What does not fit the model, or contradicts itself. What teaches nothing is no error, but counted.
    pub fn adapt(
        &self,
        model: &Model,
        person: &Person,
        strange: &[Window],
        draw: &Draw,
    ) -> Result<Own, AdaptError> {
        let mut own: Option<Model> = None;
        let (mut seen, mut strange, mut refused) = (Cow::Borrowed(person), Cow::Borrowed(strange), 0);
        for (number, step) in self.steps.iter().enumerate() {
            let next = match self.step(*step, own.as_ref().unwrap_or(model), &seen, draw) {
                Err(error) if teaches_nothing(&error) => {
                    refused += 1;
                    continue;
                }
                next => next?,
            };
            if step.moves_network() {
                seen = Cow::Owned(seen::by(&next, &seen)?);
                let mut windows = strange.into_owned();
                seen::windows(&next, &mut windows)?;
                strange = Cow::Owned(windows);
            } else if number + 1 < self.steps.len() {
                // What its last layer says, which the next step starts from.
                seen::answer(&next, &mut seen.to_mut().windows);
            }
            own = Some(next);
        }
        let person = match seen {
            Cow::Owned(person) => Some(person),
            Cow::Borrowed(_) => None,
        };
        let strange = match strange {
            Cow::Owned(windows) => Some(windows),
            Cow::Borrowed(_) => None,
        };
        Ok(Own { model: own, person, strange, refused })
    }

    fn step(&self, step: Step, model: &Model, person: &Person, draw: &Draw) -> Result<Model, AdaptError> {
        let shrinkage = self.shrinkage;
        Ok(match step {
            Step::Head => move_head(model, examples(person, draw)?.examples(), shrinkage)?,
            Step::Network => move_network(model, &examples(person, draw)?, shrinkage, &TUNING)?,
            Step::AlsoUnlabelled => {
                let (examples, rest) =
                    (examples(person, draw)?, recordings(person, &draw.recordings, &draw.given));
                adapt_also(model, examples.examples(), &rest, shrinkage, "")?.model
            }
            Step::Clusters => {
                adapt_unlabelled(model, &recordings(person, &draw.recordings, &[]), shrinkage, "")?.model
            }
            Step::Statistics => mix_statistics(model, &inputs(model, person, draw), STATISTICS_SHARE)?,
        })
    }
}

/// Whether what was given holds nothing to learn from, as somebody's recording may.
fn teaches_nothing(error: &AdaptError) -> bool {
    matches!(
        error,
        AdaptError::Nothing { .. }
            | AdaptError::OneActivity { .. }
            | AdaptError::NoVertical
            | AdaptError::TooUniform { .. }
            | AdaptError::NothingKnown { .. }
            | AdaptError::NothingSure { .. }
    )
}

/// What was given, as the model sees it, with what the network was given where that was kept.
fn examples(person: &Person, draw: &Draw) -> Result<InputExamples, AdaptError> {
    let mut examples = InputExamples::default();
    for piece in &draw.given {
        let segment = examples.segment(&piece.activity, piece.seconds())?;
        for window in piece.windows.iter().map(|&i| &person.windows[i]) {
            let seen = Seen {
                start_s: (window.start_ns - piece.start_ns) as f64 / 1e9,
                length_s: person.window_ns as f64 / 1e9,
                step_s: person.step_ns as f64 / 1e9,
                embedding: &window.embedding,
                movement: &window.movement,
                logits: &window.logits,
            };
            examples.push(segment, seen, &window.input);
        }
    }
    Ok(examples)
}

/// Recordings of a person, with what was said of parts of them.
fn recordings(person: &Person, numbers: &[usize], said: &[Piece]) -> Unlabelled {
    let mut all = Unlabelled::default();
    for (number, whole) in numbers.iter().filter_map(|i| Some((*i, person.recordings.get(i)?))) {
        all.recording(whole.step_ns, person.window_ns, whole.vertical);
        for (start_ns, embedding, movement) in whole.windows() {
            let end_ns = start_ns + person.window_ns;
            let within =
                said.iter().find(|p| p.recording == number && p.start_ns <= start_ns && end_ns <= p.end_ns);
            all.push(start_ns, embedding, movement, within.map(|piece| &*piece.activity));
        }
    }
    all
}

/// The recordings that were given, as the network was given them.
fn inputs(model: &Model, person: &Person, draw: &Draw) -> UnlabelledInputs {
    let mut all = UnlabelledInputs::default();
    let length = model.network().input().len();
    let whole =
        draw.recordings.iter().filter_map(|i| person.recordings.get(i)).filter(|whole| whole.vertical);
    for whole in whole {
        for ((_, embedding, movement), input) in whole.windows().zip(whole.inputs.chunks_exact(length)) {
            let logits: Vec<f32> = seen::last_layer(model, embedding).collect();
            // A model that remembers nothing takes nothing for unknown.
            let unknown = model
                .metadata()
                .unknown
                .as_ref()
                .map_or(f32::NEG_INFINITY, |novelty| novelty.log_ratio(embedding, movement, &logits));
            all.push(&logits, unknown, input);
        }
    }
    all
}
