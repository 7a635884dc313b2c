//! The frequency domain: one-sided amplitude spectra and what is read from them.

use super::statistics::centred;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlannerScalar};
use std::sync::Arc;

/// Bands of the published set in eighths of the spectrum, from (included) and to (excluded).
pub(super) const BANDS: [(usize, usize); 14] = [
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (4, 5),
    (5, 6),
    (6, 7),
    (7, 8),
    (0, 2),
    (2, 4),
    (4, 6),
    (6, 8),
    (0, 3),
    (3, 6),
];

/// Spectra of signals of one length.
pub(super) struct Spectra {
    plan: Arc<dyn Fft<f64>>,
    length: usize,
    /// Distance of two frequencies in Hz.
    step: f64,
}

impl Spectra {
    /// The plan without vector instructions, so that features do not depend on which of them a processor has.
    pub(super) fn new(length: usize, rate_hz: f64) -> Self {
        let length = length.max(1);
        let plan = FftPlannerScalar::new().plan_fft_forward(length);
        Self { plan, length, step: rate_hz / length as f64 }
    }

    /// Amplitudes |X[k]|/n for k = 1 to n/2 of the signal less its mean, which the time domain has as a feature.
    pub(super) fn amplitudes(&self, x: &[f64]) -> Vec<f64> {
        let mut buffer: Vec<Complex<f64>> = centred(x).into_iter().map(|v| Complex::new(v, 0.0)).collect();
        if buffer.len() != self.length {
            return Vec::new();
        }
        self.plan.process(&mut buffer);
        buffer[1..=self.length / 2].iter().map(|v| v.norm() / self.length as f64).collect()
    }

    /// Frequency in Hz of the largest amplitude, the lowest of equals; 0 for a spectrum of zeros.
    pub(super) fn strongest(&self, amplitudes: &[f64]) -> f64 {
        let (mut at, mut largest) = (0, 0.0);
        for (i, a) in amplitudes.iter().enumerate() {
            if *a > largest {
                (at, largest) = (i + 1, *a);
            }
        }
        at as f64 * self.step
    }

    /// Mean frequency in Hz, weighted with the amplitudes; 0 for a spectrum of zeros.
    pub(super) fn mean_frequency(&self, amplitudes: &[f64]) -> f64 {
        let total: f64 = amplitudes.iter().sum();
        if total <= 0.0 {
            return 0.0;
        }
        let sum: f64 = amplitudes.iter().enumerate().map(|(i, a)| (i + 1) as f64 * a).sum();
        sum / total * self.step
    }
}

/// Energy in a band of [`BANDS`]: the sum of the squared amplitudes. Of a spectrum too short for eighths some are empty.
pub(super) fn band_energy(amplitudes: &[f64], (from, to): (usize, usize)) -> f64 {
    let n = amplitudes.len();
    amplitudes[from * n / 8..to * n / 8].iter().map(|a| a * a).sum()
}
