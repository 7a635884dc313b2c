//! Predictions while the samples arrive.

use crate::{Model, ModelError, Prediction, Predictor};
use ambulo_nn::Buffers;
use ambulo_signal::{PreprocessingStream, Sample};

/// Sample in, prediction out: the same preprocessing code and the same bits as [`Predictor::recording`].
///
/// Units and rate are the caller's to keep: a stream sees no recording as a whole, so the checks of
/// [`Predictor::recording`] do not apply.
///
/// Every `step` samples the last window is classified as a whole.
#[derive(Debug)]
pub struct Stream<'m> {
    model: &'m Model,
    predictor: Predictor<'m>,
    preprocessing: PreprocessingStream,
    buffers: Buffers,
    samples: usize,
}

impl<'m> Stream<'m> {
    /// A stream at its first sample.
    ///
    /// # Errors
    /// A model whose filters look into the future (zero phase): such a model must be trained anew with
    /// `phase = "causal"`.
    pub fn new(model: &'m Model) -> Result<Self, ModelError> {
        let preprocessing = model.metadata().preprocessing.stream()?;
        let buffers = model.network().buffers(1, false);
        Ok(Self { model, predictor: Predictor::new(model), preprocessing, buffers, samples: 0 })
    }

    /// Takes one sample, in the model's units and at its rate; gives a prediction whenever a window is full.
    ///
    /// A sample that is not finite is dropped and with it all before: no window spans it.
    pub fn push(&mut self, sample: &Sample) -> Option<Prediction> {
        self.samples += 1;
        let window = self.preprocessing.push(sample)?;
        let (network, weights) = (self.model.network(), self.model.weights());
        let mut row = vec![0.0; self.model.metadata().labels.len()];
        network.infer_shard(weights, self.predictor.packed(), window, &mut row, &mut self.buffers);
        self.predictor.calibrate(&mut row);
        let start = self.samples - self.model.metadata().preprocessing.window;
        Some(Prediction::new(start, row))
    }

    /// Forgets all samples.
    pub fn reset(&mut self) {
        self.preprocessing.reset();
        self.samples = 0;
    }
}
