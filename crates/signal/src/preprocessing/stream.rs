//! Preprocessing of a stream, sample by sample, with the bits of the causal batch.

use super::{Level, Preprocessing};
use crate::filter::{MedianFilter, Phase, SosFilter};
use crate::gravity::GravitySplit;
use crate::window::WindowBuffer;
use crate::{Sample, SignalError};
use alloc::vec;
use alloc::vec::Vec;
use core::array;

/// The causal filters from a sample to the nine ordinary channels. All begin as if the first sample had
/// always been.
#[derive(Clone, Debug)]
pub(super) struct SampleChain {
    /// Median and low-pass of each axis.
    noise: Option<[(MedianFilter, SosFilter); 6]>,
    /// Gravity split of each axis of acceleration.
    gravity: [GravitySplit; 3],
}

impl SampleChain {
    pub(super) fn new(preprocessing: &Preprocessing) -> Result<Self, SignalError> {
        let rate_hz = preprocessing.rate_hz;
        let noise = match &preprocessing.noise {
            None => None,
            Some(noise) => {
                let stage =
                    (MedianFilter::new(noise.median_width)?, SosFilter::primed(&noise.design(rate_hz)?));
                Some(array::from_fn(|_| stage.clone()))
            }
        };
        let gravity = GravitySplit::new(&preprocessing.gravity.design(rate_hz)?);
        Ok(Self { noise, gravity: array::from_fn(|_| gravity.clone()) })
    }

    /// The nine ordinary channels at one sample.
    pub(super) fn push(&mut self, sample: &Sample) -> [f32; 9] {
        let mut axes = sample.axes().map(f64::from);
        if let Some(noise) = &mut self.noise {
            for (value, (median, low_pass)) in axes.iter_mut().zip(noise) {
                *value = low_pass.push(median.push(*value));
            }
        }
        let mut row = [0.0; 9];
        for axis in 0..3 {
            let (_, body) = self.gravity[axis].push(axes[axis]);
            row[axis] = axes[axis] as f32;
            row[axis + 3] = body as f32;
            row[axis + 6] = axes[axis + 3] as f32;
        }
        row
    }

    fn reset(&mut self) {
        for (median, low_pass) in self.noise.iter_mut().flatten() {
            median.reset();
            low_pass.reset();
        }
        self.gravity.iter_mut().for_each(GravitySplit::reset);
    }
}

/// Turns a stream of samples into normalised windows; made by [`Preprocessing::stream`].
#[derive(Clone, Debug)]
pub struct PreprocessingStream {
    preprocessing: Preprocessing,
    chain: SampleChain,
    /// Of the nine ordinary channels.
    windows: WindowBuffer,
    /// `[time, channel]`.
    input: Vec<f32>,
    rejected: u64,
}

impl Preprocessing {
    /// A stream of windows with exactly the bits that the batch functions give for the same samples.
    ///
    /// # Errors
    /// [`SignalError::LevelledStream`] if recordings are levelled; [`SignalError::ZeroPhaseStream`] if the filters look ahead;
    /// those of [`validate`](Self::validate).
    pub fn stream(&self) -> Result<PreprocessingStream, SignalError> {
        if self.level != Level::AsWorn {
            return Err(SignalError::LevelledStream);
        }
        self.validate()?;
        if self.phase == Phase::Zero {
            return Err(SignalError::ZeroPhaseStream);
        }
        Ok(PreprocessingStream {
            chain: SampleChain::new(self)?,
            windows: WindowBuffer::new(self.window, self.step, 9)?,
            input: vec![0.0; self.window * self.channels.len()],
            rejected: 0,
            preprocessing: self.clone(),
        })
    }
}

impl PreprocessingStream {
    /// Takes one sample at the rate of the preprocessing; returns a normalised window `[time, channel]` every
    /// `step` samples once the first is full.
    ///
    /// A sample that is not finite breaks the stream: it is counted, everything before it is forgotten, and
    /// no window spans it.
    pub fn push(&mut self, sample: &Sample) -> Option<&[f32]> {
        if !sample.is_finite() {
            self.reset();
            self.rejected += 1;
            return None;
        }
        let row = self.chain.push(sample);
        let window = self.windows.push(&row)?;
        self.preprocessing.window_input(window.as_chunks().0, &mut self.input);
        Some(&self.input)
    }

    /// Forgets all samples, as at the beginning of another recording or after a gap. The count of rejected
    /// samples stays.
    pub fn reset(&mut self) {
        self.chain.reset();
        self.windows.reset();
    }

    /// Samples rejected since the stream was made because they were not finite.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// The preprocessing it was made from.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }
}
