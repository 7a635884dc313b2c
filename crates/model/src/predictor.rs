//! Predictions over batches of windows and whole recordings.

use crate::{Model, ModelError};
use ambulo_nn::Aligned;
use ambulo_nn::train::infer_parallel;
use ambulo_signal::{Recording, window_starts};

/// One window's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// First sample of the window in the recording as it was given, from 0.
    pub start: usize,
    /// Index of the most probable label (the first among equals).
    pub label: usize,
    /// Probability of each label.
    pub probabilities: Vec<f32>,
}

impl Prediction {
    pub(crate) fn new(start: usize, probabilities: Vec<f32>) -> Self {
        let label = ambulo_nn::argmax(&probabilities);
        Self { start, label, probabilities }
    }
}

/// A model made ready to answer: weights packed once, shared by all threads.
#[derive(Debug)]
pub struct Predictor<'m> {
    model: &'m Model,
    packed: Aligned,
}

impl<'m> Predictor<'m> {
    /// Packs the model's weights.
    #[must_use]
    pub fn new(model: &'m Model) -> Self {
        let mut packed = Aligned::zeros(model.network().packed_len());
        model.network().pack(model.weights(), &mut packed);
        Self { model, packed }
    }

    /// Logits of windows that are preprocessed and normalised already: `x [window, time, channel]` to
    /// `[window, label]`. Runs on the current rayon pool; the bits do not depend on its size.
    ///
    /// # Errors
    /// When `x` is not whole windows.
    pub fn logits(&self, x: &[f32]) -> Result<Vec<f32>, ModelError> {
        Ok(infer_parallel(self.model.network(), self.model.weights(), &self.packed, x)?)
    }

    /// Calibrated probabilities of windows that are preprocessed and normalised already: `x [window, time, channel]`, as
    /// [`ambulo_signal::Preprocessing::window_input`] makes them, to `[window, label]`.
    ///
    /// # Errors
    /// When `x` is not whole windows.
    pub fn probabilities(&self, x: &[f32]) -> Result<Vec<f32>, ModelError> {
        let mut out = self.logits(x)?;
        self.calibrate(&mut out);
        Ok(out)
    }

    /// Windows of a whole recording, in order of time; empty when it is shorter than a window, which a levelled model refuses
    /// instead: it needs movement to find which way is up.
    ///
    /// # Errors
    /// A recording that does not fit the model's preprocessing, with the reason.
    pub fn recording(&self, recording: &Recording) -> Result<Vec<Prediction>, ModelError> {
        let preprocessing = &self.model.metadata().preprocessing;
        let rows = preprocessing.ordinary(recording)?;
        let starts: Vec<usize> =
            window_starts(rows.len(), preprocessing.window, preprocessing.step).collect();
        let size = preprocessing.window * preprocessing.channels.len();
        let mut x = vec![0.0; starts.len() * size];
        for (&start, out) in starts.iter().zip(x.chunks_exact_mut(size)) {
            preprocessing.window_input(&rows[start..start + preprocessing.window], out);
        }
        let probabilities = self.probabilities(&x)?;
        let rows = probabilities.chunks_exact(self.model.metadata().labels.len());
        let source = |row: usize| preprocessing.source_sample(recording.rate_hz, row);
        Ok(starts.into_iter().zip(rows).map(|(s, row)| Prediction::new(source(s), row.to_vec())).collect())
    }

    pub(crate) fn packed(&self) -> &[f32] {
        &self.packed
    }

    /// Turns logits `[window, label]` into calibrated probabilities, in place.
    pub fn calibrate(&self, logits: &mut [f32]) {
        let temperature = self.model.metadata().calibration.temperature;
        for row in logits.chunks_exact_mut(self.model.metadata().labels.len()) {
            row.iter_mut().for_each(|z| *z /= temperature);
            ambulo_nn::softmax(row);
        }
    }
}
