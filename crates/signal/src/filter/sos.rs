//! Filtering with second-order sections: causal (`sosfilt`) and zero-phase (`sosfiltfilt`).
//!
//! Transposed direct form II, as SciPy; initial states and edges as `scipy.signal.sosfilt_zi` and
//! `scipy.signal.sosfiltfilt` with odd padding.

use crate::SignalError;
use alloc::vec;
use alloc::vec::Vec;

/// A filter as a cascade of second-order sections, each `[b0, b1, b2, 1, a1, a2]` and stable.
#[derive(Clone, Debug, PartialEq)]
pub struct Sos {
    sections: Vec<[f64; 6]>,
}

impl Sos {
    /// Takes sections in SciPy's order of coefficients: b0, b1, b2, a0 = 1, a1, a2.
    ///
    /// # Errors
    /// [`SignalError::UnstableSection`] if a coefficient is not finite, a0 is not 1, or a pole is not inside
    /// the unit circle (|a2| < 1 and |a1| < 1 + a2).
    pub fn new(sections: Vec<[f64; 6]>) -> Result<Self, SignalError> {
        for (section, &coefficients) in sections.iter().enumerate() {
            let [_, _, _, a0, a1, a2] = coefficients;
            let finite = coefficients.iter().all(|c| c.is_finite());
            let stable = a0 == 1.0 && libm::fabs(a2) < 1.0 && libm::fabs(a1) < 1.0 + a2;
            if !(finite && stable) {
                return Err(SignalError::UnstableSection { section, coefficients });
            }
        }
        Ok(Self { sections })
    }

    /// The sections, shape `[section, 6]`.
    pub fn sections(&self) -> &[[f64; 6]] {
        &self.sections
    }

    /// Samples [`sosfiltfilt`] adds at each edge, by SciPy's rule: three times the number of taps, where
    /// trailing zeros of first-order sections do not count. A signal must be longer.
    pub fn padding(&self) -> usize {
        let b2 = self.sections.iter().filter(|s| s[2] == 0.0).count();
        let a2 = self.sections.iter().filter(|s| s[5] == 0.0).count();
        3 * (2 * self.sections.len() + 1 - b2.min(a2))
    }
}

/// A causal filter that keeps its state between samples.
#[derive(Clone, Debug)]
pub struct SosFilter {
    sections: Vec<[f64; 6]>,
    /// State of each section.
    state: Vec<[f64; 2]>,
    /// Steady state of each section for a constant input of 1.
    steady: Vec<[f64; 2]>,
    /// Whether the first sample sets the state.
    primes_itself: bool,
    started: bool,
}

impl SosFilter {
    /// A filter at rest: before the first sample the signal was 0, as in `scipy.signal.sosfilt`.
    pub fn new(sos: &Sos) -> Self {
        let steady = sosfilt_zi(sos);
        let state = vec![[0.0; 2]; sos.sections.len()];
        Self { sections: sos.sections.clone(), state, steady, primes_itself: false, started: false }
    }

    /// A filter that behaves as if the first sample had been there for ever, so that a stream does not begin
    /// with a step; after a [`reset`](Self::reset) too.
    pub fn primed(sos: &Sos) -> Self {
        Self { primes_itself: true, ..Self::new(sos) }
    }

    /// Sets the steady state for a constant input of `x0`: if it continues, so does the output.
    pub fn prime(&mut self, x0: f64) {
        for (state, steady) in self.state.iter_mut().zip(&self.steady) {
            *state = [steady[0] * x0, steady[1] * x0];
        }
        self.started = true;
    }

    /// Filters one sample.
    pub fn push(&mut self, x: f64) -> f64 {
        if self.primes_itself && !self.started {
            self.prime(x);
        }
        self.started = true;
        let mut x = x;
        for ([b0, b1, b2, _, a1, a2], z) in self.sections.iter().zip(&mut self.state) {
            let y = b0 * x + z[0];
            z[0] = b1 * x - a1 * y + z[1];
            z[1] = b2 * x - a2 * y;
            x = y;
        }
        x
    }

    /// Forgets all samples.
    pub fn reset(&mut self) {
        self.state.fill([0.0; 2]);
        self.started = false;
    }
}

/// Filters a signal from rest, as `scipy.signal.sosfilt`; same length.
pub fn sosfilt(sos: &Sos, x: &[f64]) -> Vec<f64> {
    let mut filter = SosFilter::new(sos);
    x.iter().map(|&x| filter.push(x)).collect()
}

/// The state of each section in which a constant input of 1 gives a constant output, as
/// `scipy.signal.sosfilt_zi`; shape `[section, 2]`.
pub fn sosfilt_zi(sos: &Sos) -> Vec<[f64; 2]> {
    let mut scale = 1.0;
    let mut zi = Vec::with_capacity(sos.sections.len());
    for &[b0, b1, b2, _, a1, a2] in &sos.sections {
        // For a constant input x the output is y = x · gain, and the update equations become the state below.
        let gain = (b0 + b1 + b2) / (1.0 + a1 + a2);
        zi.push([scale * (gain - b0), scale * (b2 - a2 * gain)]);
        scale *= gain;
    }
    zi
}

/// Filters forward and backward: no phase shift, twice the order, gain squared. As
/// `scipy.signal.sosfiltfilt`: both edges extended by [`Sos::padding`] samples, mirrored through the edge
/// sample, and each pass begun in the steady state of its first sample. Same length.
///
/// # Errors
/// [`SignalError::TooShort`] unless the signal is longer than the padding.
pub fn sosfiltfilt(sos: &Sos, x: &[f64]) -> Result<Vec<f64>, SignalError> {
    let padding = sos.padding();
    if x.len() <= padding {
        return Err(SignalError::TooShort { length: x.len(), minimum: padding + 1 });
    }
    let (first, last) = (x[0], x[x.len() - 1]);
    let mut extended = Vec::with_capacity(x.len() + 2 * padding);
    extended.extend(x[1..=padding].iter().rev().map(|v| 2.0 * first - v));
    extended.extend_from_slice(x);
    extended.extend(x[x.len() - 1 - padding..x.len() - 1].iter().rev().map(|v| 2.0 * last - v));

    let mut filter = SosFilter::primed(sos);
    extended.iter_mut().for_each(|v| *v = filter.push(*v));
    filter.reset();
    extended.iter_mut().rev().for_each(|v| *v = filter.push(*v));
    extended.truncate(padding + x.len());
    extended.drain(..padding);
    Ok(extended)
}
