//! Ways of adapting a model to a person.

use super::draw::Draw;
use super::people::{Person, Window};
use crate::TrainError;
use ambulo_model::Model;
use ambulo_model::adapt::{AdaptError, Examples, Seen, adapt};
use ambulo_record::PersonalWay;

/// How a model is adapted to what a person gives, and how the adapted model answers.
///
/// A way sees the person and the draw, so that one without labels may look at windows that are not given; what it looks at it has to take
/// from those that are scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// The last layer moves, in closed form ([`ambulo_model::adapt`]).
    Head {
        /// How little the examples move what the model knows: [`SHRINKAGE`](ambulo_model::adapt::SHRINKAGE) is usual.
        shrinkage: f64,
    },
}

impl Way {
    /// # Errors
    /// Settings that are none.
    pub(super) fn check(self) -> Result<(), TrainError> {
        let Self::Head { shrinkage } = self;
        if shrinkage.is_finite() && shrinkage > 0.0 {
            return Ok(());
        }
        let expected = "a positive number, 200 is usual";
        Err(TrainError::Setting { setting: "shrinkage", found: shrinkage.to_string(), expected })
    }

    /// As records name it.
    #[must_use]
    pub fn record(self) -> PersonalWay {
        match self {
            Self::Head { shrinkage } => PersonalWay { method: "head".into(), shrinkage: Some(shrinkage) },
        }
    }

    /// The model that this person would have after giving what was drawn.
    ///
    /// # Errors
    /// Examples from which nothing can be learned.
    pub fn adapt(self, model: &Model, person: &Person, draw: &Draw) -> Result<Model, AdaptError> {
        match self {
            Self::Head { shrinkage } => Ok(adapt(model, &examples(person, draw)?, shrinkage, "")?.model),
        }
    }

    /// What a model, adapted or not, says of windows before calibration, `[window, label]`.
    ///
    /// The one place where models answer: here the network before the last layer is the one that made the embeddings, so the last layer is
    /// all that has to be computed. A way that changes more runs the model on what the network was given.
    #[must_use]
    pub fn logits<'a>(self, model: &'a Model, windows: impl Iterator<Item = &'a Window>) -> Vec<f32> {
        match self {
            Self::Head { .. } => windows.flat_map(|window| last_layer(model, &window.embedding)).collect(),
        }
    }
}

/// What was given, as the model sees it.
fn examples(person: &Person, draw: &Draw) -> Result<Examples, AdaptError> {
    let mut examples = Examples::default();
    for piece in &draw.given {
        let segment = examples.segment(&piece.activity, piece.seconds())?;
        for window in piece.windows.iter().map(|&i| &person.windows[i]) {
            examples.push(
                segment,
                Seen {
                    start_s: (window.start_ns - piece.start_ns) as f64 / 1e9,
                    length_s: person.window_ns as f64 / 1e9,
                    step_s: person.step_ns as f64 / 1e9,
                    embedding: &window.embedding,
                    movement: &window.movement,
                    logits: &window.logits,
                },
            );
        }
    }
    Ok(examples)
}

/// Weight and bias of a model's last layer, whose parameters are its last, on an embedding.
fn last_layer<'a>(model: &'a Model, embedding: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
    let classes = model.metadata().labels.len();
    let from = model.weights().len() - classes * (embedding.len() + 1);
    let (weight, bias) = model.weights()[from..].split_at(classes * embedding.len());
    let row =
        move |(row, bias): (&[f32], &f32)| bias + row.iter().zip(embedding).map(|(w, v)| w * v).sum::<f32>();
    weight.chunks_exact(embedding.len().max(1)).zip(bias).map(row)
}
