//! Preprocessing of a whole recording.

use super::stream::SampleChain;
use super::{Level, NoiseFilter, Preprocessing};
use crate::filter::{Band, Phase, Sos, butterworth, median_filter, sosfiltfilt};
use crate::gravity::split_gravity;
use crate::levelling::level;
use crate::resample::{ResampleOptions, TimedSample, resample};
use crate::{Recording, Rotation, Sample, SignalError};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

impl Preprocessing {
    /// The nine ordinary channels of a recording, shape `[time, 9]` in the order of
    /// [`crate::Channel::ORDINARY`], in g and rad/s, after the filters and levelled. One row per sample; if the recording
    /// is resampled, row `k` is at `k / rate_hz`.
    ///
    /// # Errors
    /// Those of [`validate`](Self::validate) and [`check`](Self::check); with zero phase
    /// [`SignalError::TooShort`] for a recording of a few samples; those of [`levelled`](Self::levelled).
    pub fn ordinary(&self, recording: &Recording) -> Result<Vec<[f32; 9]>, SignalError> {
        self.validate()?;
        self.check(recording)?;
        let samples = self.at_rate(recording)?;
        let mut rows = match self.phase {
            Phase::Zero => self.ordinary_zero_phase(&samples)?,
            Phase::Causal => {
                let mut chain = SampleChain::new(self)?;
                samples.iter().map(|sample| chain.push(sample)).collect()
            }
        };
        self.levelled(&mut rows)?;
        Ok(rows)
    }

    /// Rotates the ordinary channels of a whole recording as [`level`](Self::level) says, and returns the rotation; what is
    /// level already stays.
    ///
    /// # Errors
    /// [`SignalError::NoVertical`] if which way is up cannot be found; [`SignalError::Setting`] for an `up` of no length.
    pub fn levelled(&self, rows: &mut [[f32; 9]]) -> Result<Rotation, SignalError> {
        let Level::Recording { up } = self.level else { return Ok(Rotation::IDENTITY) };
        let rotation = level(rows, self.rate_hz, up)?;
        rows.iter_mut().for_each(|row| *row = rotation.apply_row(row));
        Ok(rotation)
    }

    /// The chosen channels of a recording, row-major `[time, channel]`, not normalised and in the axes of
    /// [`ordinary`](Self::ordinary): a canonical facing is one of windows ([`window_input`](Self::window_input)).
    ///
    /// # Errors
    /// As [`ordinary`](Self::ordinary).
    pub fn series(&self, recording: &Recording) -> Result<Vec<f32>, SignalError> {
        let ordinary = self.ordinary(recording)?;
        let channels = self.channels.len();
        let mut series = vec![0.0; ordinary.len() * channels];
        for (row, out) in ordinary.iter().zip(series.chunks_exact_mut(channels)) {
            self.expand(row, out);
        }
        Ok(series)
    }

    /// The sample of a recording of `recording_rate_hz` that row `row` of its [`series`](Self::series) stands for: the same
    /// number, unless the recording was resampled, then the nearest in time.
    pub fn source_sample(&self, recording_rate_hz: f64, row: usize) -> usize {
        if self.same_rate(recording_rate_hz) {
            return row;
        }
        libm::round(row as f64 * (recording_rate_hz / self.rate_hz)) as usize
    }

    /// Options for a [`LinearResampler`](crate::resample::LinearResampler) that feeds this preprocessing from
    /// a source of another rate: what [`ordinary`](Self::ordinary) does by itself and a
    /// [`stream`](Self::stream) needs done before it. Gaps up to `max_gap_s` seconds are interpolated.
    pub fn resample_options(&self, source_rate_hz: f64, max_gap_s: f64) -> ResampleOptions {
        ResampleOptions { source_rate_hz, rate_hz: self.rate_hz, max_gap_s }
    }

    /// The samples at the rate of the preprocessing; `check` has made sure that resampling is allowed if
    /// needed.
    fn at_rate<'a>(&self, recording: &'a Recording) -> Result<Cow<'a, [Sample]>, SignalError> {
        if self.same_rate(recording.rate_hz) {
            return Ok(Cow::Borrowed(&recording.samples));
        }
        let timed: Vec<TimedSample> = (recording.samples.iter().enumerate())
            .map(|(i, &sample)| TimedSample { time_s: i as f64 / recording.rate_hz, sample })
            .collect();
        // A uniform recording has no gaps, so one segment comes back.
        let options = self.resample_options(recording.rate_hz, 2.0 / recording.rate_hz);
        let mut segments = resample(&timed, &options, self.phase)?.segments;
        Ok(Cow::Owned(segments.pop().map(|s| s.recording.samples).unwrap_or_default()))
    }

    fn ordinary_zero_phase(&self, samples: &[Sample]) -> Result<Vec<[f32; 9]>, SignalError> {
        let noise = self.noise.as_ref().map(|noise| Ok((noise, noise.design(self.rate_hz)?))).transpose()?;
        let gravity = self.gravity.design(self.rate_hz)?;
        let mut rows = vec![[0.0f32; 9]; samples.len()];
        let mut set = |channel: usize, values: &[f64]| {
            for (row, &value) in rows.iter_mut().zip(values) {
                row[channel] = value as f32;
            }
        };
        for axis in 0..6 {
            let mut signal: Vec<f64> = samples.iter().map(|s| f64::from(s.axes()[axis])).collect();
            if let Some((noise, sos)) = &noise {
                signal = sosfiltfilt(sos, &median_filter(&signal, noise.median_width)?)?;
            }
            if axis < 3 {
                let (_, body) = split_gravity(&gravity, &signal)?;
                set(axis, &signal);
                set(axis + 3, &body);
            } else {
                set(axis + 3, &signal);
            }
        }
        Ok(rows)
    }
}

impl NoiseFilter {
    /// The low-pass for signals of `rate_hz` samples per second.
    pub(super) fn design(&self, rate_hz: f64) -> Result<Sos, SignalError> {
        butterworth(self.order, self.cutoff_hz, rate_hz, Band::LowPass)
    }
}
