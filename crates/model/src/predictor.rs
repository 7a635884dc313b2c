//! A model made ready to answer.

use crate::smoothing::Prior;
use crate::{Model, ModelError};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use ambulo_nn::{Aligned, Buffers};
use ambulo_record::LabelSet;
use ambulo_signal::intake::Declared;
use ambulo_signal::levelling::rotation_to;
use ambulo_signal::rotation::unit;
use ambulo_signal::{Rotation, SignalError};
use core::fmt;

/// One window's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Time of the window's first sample, in nanoseconds from the recording's zero.
    pub start_ns: i64,
    /// Time at which the window ends: that of the sample after its last.
    pub end_ns: i64,
    /// Index of the most probable label (the first among equals).
    pub label: usize,
    /// Probability of each label.
    pub probabilities: Vec<f32>,
}

impl Prediction {
    pub(crate) fn new(start_ns: i64, length_ns: i64, probabilities: &[f32]) -> Self {
        let label = ambulo_nn::argmax(probabilities);
        Self {
            start_ns,
            end_ns: start_ns.saturating_add(length_ns),
            label,
            probabilities: probabilities.to_vec(),
        }
    }

    /// Seconds from the recording's zero to the window's first sample.
    #[must_use]
    pub fn start_s(&self) -> f64 {
        self.start_ns as f64 / 1e9
    }

    /// Seconds from the recording's zero to the window's end.
    #[must_use]
    pub fn end_s(&self) -> f64 {
        self.end_ns as f64 / 1e9
    }
}

/// A model made ready to answer: weights packed once. Clones share them and cost nothing; any thread may use one.
#[derive(Clone)]
pub struct Predictor(Arc<Shared>);

struct Shared {
    model: Arc<Model>,
    packed: Aligned,
}

impl fmt::Debug for Predictor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Predictor").field("model", self.model()).finish_non_exhaustive()
    }
}

impl Predictor {
    /// Packs the weights of a model, or of one that is shared already.
    #[must_use]
    pub fn new(model: impl Into<Arc<Model>>) -> Self {
        let model = model.into();
        let mut packed = Aligned::zeros(model.network().packed_len());
        model.network().pack(model.weights(), &mut packed);
        Self(Arc::new(Shared { model, packed }))
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.0.model
    }

    /// A number that tells models apart by their weights (FNV-1a over their bits); not for security.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        for weight in self.model().weights() {
            hash = (hash ^ u64::from(weight.to_bits())).wrapping_mul(0x0100_0000_01b3);
        }
        hash
    }

    /// Calibrated probabilities of windows that are preprocessed and normalised already, `x [window, time, channel]` to
    /// `[window, label]`, on the calling thread and without the standard library; the bits of `probabilities`.
    ///
    /// # Errors
    /// When `x` is not whole windows.
    pub fn probabilities_on_this_thread(&self, x: &[f32]) -> Result<Vec<f32>, ModelError> {
        let network = self.model().network();
        let (input, output) = (network.input().len(), network.output().len());
        if !x.len().is_multiple_of(input) {
            let expected = x.len().next_multiple_of(input);
            return Err(ambulo_nn::NnError::Length { what: "input", expected, found: x.len() }.into());
        }
        let count = x.len() / input;
        let mut out = vec![0.0; count * output];
        let mut buffers = network.buffers(ambulo_nn::SHARD.min(count.max(1)), false);
        let shards = x.chunks(ambulo_nn::SHARD * input).zip(out.chunks_mut(ambulo_nn::SHARD * output));
        for (x, out) in shards {
            self.infer(x, out, &mut buffers);
        }
        self.calibrate(&mut out);
        Ok(out)
    }

    /// Logits of windows that are preprocessed and normalised already: `x [window, time, channel]` to
    /// `[window, label]`. Runs on the current rayon pool; the bits do not depend on its size.
    ///
    /// # Errors
    /// When `x` is not whole windows.
    #[cfg(feature = "std")]
    pub fn logits(&self, x: &[f32]) -> Result<Vec<f32>, ModelError> {
        let model = self.model();
        Ok(ambulo_nn::train::infer_parallel(model.network(), model.weights(), &self.0.packed, x)?)
    }

    /// Logits `[window, label]` and embeddings `[window, ..]` of windows that are preprocessed and normalised already, on the calling
    /// thread.
    ///
    /// # Errors
    /// When `x` is not whole windows.
    pub fn logits_and_embeddings(&self, x: &[f32]) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
        let network = self.model().network();
        let (input, output, embedding) =
            (network.input().len(), network.output().len(), network.embedding().len());
        if !x.len().is_multiple_of(input) {
            let expected = x.len().next_multiple_of(input);
            return Err(ambulo_nn::NnError::Length { what: "input", expected, found: x.len() }.into());
        }
        let count = x.len() / input;
        let (mut logits, mut embeddings) = (vec![0.0; count * output], vec![0.0; count * embedding]);
        let mut buffers = network.buffers(ambulo_nn::SHARD.min(count.max(1)), false);
        let outs = logits.chunks_mut(ambulo_nn::SHARD * output);
        let shards = x.chunks(ambulo_nn::SHARD * input).zip(outs);
        for ((x, out), embedded) in shards.zip(embeddings.chunks_mut(ambulo_nn::SHARD * embedding)) {
            self.infer(x, out, &mut buffers);
            network.embeddings(x.len() / input, &buffers, embedded);
        }
        Ok((logits, embeddings))
    }

    /// Where the network looked in windows that are preprocessed and normalised already, on the calling thread: `[window, ..]` of
    /// [`ambulo_nn::Network::attention`], empty for networks without attention.
    ///
    /// # Errors
    /// When `x` is not whole windows.
    pub fn attention(&self, x: &[f32]) -> Result<Vec<f32>, ModelError> {
        let network = self.model().network();
        let (input, output, time) = (network.input().len(), network.output().len(), network.attention_len());
        if !x.len().is_multiple_of(input) {
            let expected = x.len().next_multiple_of(input);
            return Err(ambulo_nn::NnError::Length { what: "input", expected, found: x.len() }.into());
        }
        let mut attention = vec![0.0; x.len() / input * time];
        if attention.is_empty() {
            return Ok(attention);
        }
        let mut logits = vec![0.0; ambulo_nn::SHARD * output];
        let mut buffers = network.buffers(ambulo_nn::SHARD, false);
        let shards = x.chunks(ambulo_nn::SHARD * input);
        for (x, attention) in shards.zip(attention.chunks_mut(ambulo_nn::SHARD * time)) {
            let count = x.len() / input;
            self.infer(x, &mut logits[..count * output], &mut buffers);
            network.attention(count, &buffers, attention);
        }
        Ok(attention)
    }

    /// Calibrated probabilities of windows that are preprocessed and normalised already: `x [window, time, channel]`, as
    /// [`ambulo_signal::Preprocessing::window_input`] makes them, to `[window, label]`.
    ///
    /// # Errors
    /// When `x` is not whole windows.
    #[cfg(feature = "std")]
    pub fn probabilities(&self, x: &[f32]) -> Result<Vec<f32>, ModelError> {
        let mut out = self.logits(x)?;
        self.calibrate(&mut out);
        Ok(out)
    }

    /// Logits of at most as many windows as the buffers hold.
    pub(crate) fn infer(&self, x: &[f32], out: &mut [f32], buffers: &mut Buffers) {
        let model = self.model();
        model.network().infer_shard(model.weights(), &self.0.packed, x, out, buffers);
    }

    /// The model's prior over time, or one that fits any model.
    pub(crate) fn prior(&self) -> Prior {
        let metadata = self.model().metadata();
        metadata.smoothing.clone().unwrap_or_else(|| Prior::usual(&metadata.labels))
    }

    /// How much likelier a window is under `unknown` than under the labels, as a logarithm.
    /// `logits` are not calibrated.
    pub(crate) fn unknown_log_ratio(&self, embedding: &[f32], movement: &[f32], logits: &[f32]) -> f32 {
        /// Of a model that knows no `unknown`: out of the question.
        const NEVER: f32 = -30.0;
        let novelty = self.model().metadata().unknown.as_ref();
        novelty.map_or(NEVER, |novelty| novelty.log_ratio(embedding, movement, logits))
    }

    /// From one window to the next, in nanoseconds.
    pub(crate) fn step_ns(&self) -> i64 {
        let p = &self.model().metadata().preprocessing;
        p.nanoseconds(p.step)
    }

    /// Length of a window in nanoseconds.
    pub(crate) fn window_ns(&self) -> i64 {
        let p = &self.model().metadata().preprocessing;
        p.nanoseconds(p.window)
    }

    /// The rotation that brings a declared vertical to that of the model; none where nothing is declared.
    ///
    /// # Errors
    /// A model for one way of wearing alone, or a direction of no length.
    pub(crate) fn declared_rotation(&self, declared: &Declared) -> Result<Option<Rotation>, ModelError> {
        let Some(up) = declared.up else { return Ok(None) };
        let setting = |found: String, expected: &str| SignalError::Setting {
            field: "up",
            found,
            expected: expected.into(),
        };
        let Some(target) = self.model().up() else {
            let expected = "leave it out: the model was trained on one way of wearing and knows no other";
            return Err(setting(format!("{up:?}"), expected).into());
        };
        let Some(vertical) = unit(up) else {
            return Err(setting(format!("{up:?}"), "give a direction, e.g. [0, 1, 0]").into());
        };
        Ok(Some(rotation_to(vertical, target)?))
    }

    /// Turns the logits of a window into calibrated probabilities, and gives its log ratio of `unknown`. Without a vertical, labels that
    /// are then `alike` share what they have, and nothing speaks for or against `unknown`.
    pub(crate) fn as_evidence(&self, logits: &mut [f32], unknown: f32, alike: Option<&Alike>) -> f32 {
        self.calibrate(logits);
        let Some(alike) = alike else { return unknown };
        alike.share(logits);
        0.0
    }

    /// Turns logits `[window, label]` into calibrated probabilities, in place.
    pub fn calibrate(&self, logits: &mut [f32]) {
        let metadata = self.model().metadata();
        let temperature = metadata.calibration.temperature;
        for row in logits.chunks_exact_mut(metadata.labels.len()) {
            row.iter_mut().for_each(|z| *z /= temperature);
            ambulo_nn::softmax(row);
        }
    }
}

/// Labels that cannot be told apart as long as nobody knows which way is up: those under the same child of the root.
pub(crate) struct Alike(Vec<Vec<u8>>);

impl Alike {
    pub(crate) fn of(labels: &LabelSet) -> Self {
        let levels = labels.levels().into_iter().filter(|level| level.depth == 1);
        Self(levels.map(|level| level.classes).collect())
    }

    /// Shares out evenly what the labels of each group have.
    pub(crate) fn share(&self, probabilities: &mut [f32]) {
        for group in &self.0 {
            let sum: f32 = group.iter().map(|&class| probabilities[usize::from(class)]).sum();
            for &class in group {
                probabilities[usize::from(class)] = sum / group.len() as f32;
            }
        }
    }
}
