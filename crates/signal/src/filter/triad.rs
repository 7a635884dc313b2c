//! Filters over the three axes of a sensor at once: the fast path of [`SosFilter`](super::SosFilter),
//! [`sosfiltfilt`](super::sosfiltfilt) and the medians, with their bits.
//!
//! The recursion of a section waits for itself from sample to sample; three axes side by side (in four lanes, as vector
//! registers have them) take the time of one.

use super::Sos;
use super::median::check_width;
use super::sos::sosfilt_zi;
use crate::SignalError;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Axes x, y, z and a lane that is not used.
pub(crate) type Lanes = [f64; 4];

/// One sample in f64.
pub(crate) fn lanes(v: [f32; 3]) -> Lanes {
    [f64::from(v[0]), f64::from(v[1]), f64::from(v[2]), 0.0]
}

/// One stage between a sensor's samples and its signals, in one definition for streams and whole recordings.
pub(crate) trait Stage {
    /// Filters samples that follow those before, in place; the first ever sets the state as if it had been there for ever.
    fn causal(&mut self, x: &mut [Lanes]);
    /// Filters a whole signal in place without delay.
    fn zero_phase(&self, x: &mut [Lanes]);
    /// Forgets all samples.
    fn reset(&mut self);
    /// Samples after which what came before has decayed to less than [`FORGOTTEN`] of its size.
    fn memory(&self) -> usize;
}

/// Below this share an influence is nothing to an f32, whose resolution is 6e-8.
const FORGOTTEN: f64 = 1e-12;

/// A cascade of second-order sections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TriadFilter {
    sections: Vec<[f64; 6]>,
    padding: usize,
    /// State of each section.
    state: Vec<[Lanes; 2]>,
    /// Steady state of each section for a constant input of 1.
    steady: Vec<[f64; 2]>,
    started: bool,
}

impl TriadFilter {
    pub(crate) fn new(sos: &Sos) -> Self {
        Self {
            sections: sos.sections().to_vec(),
            padding: sos.padding(),
            state: vec![[[0.0; 4]; 2]; sos.sections().len()],
            steady: sosfilt_zi(sos),
            started: false,
        }
    }

    fn prime(&mut self, x0: Lanes) {
        for (state, steady) in self.state.iter_mut().zip(&self.steady) {
            *state = [x0.map(|x| steady[0] * x), x0.map(|x| steady[1] * x)];
        }
        self.started = true;
    }

    fn push(&mut self, x: Lanes) -> Lanes {
        step(&self.sections, &mut self.state, x)
    }

    /// Filters samples in place.
    fn run<'a>(&mut self, x: impl Iterator<Item = &'a mut Lanes>) {
        // The designs that there are: what a compiler knows the number of stays in registers.
        match self.sections.len() {
            1 => self.run_sections::<1>(x),
            2 => self.run_sections::<2>(x),
            3 => self.run_sections::<3>(x),
            _ => x.for_each(|x| *x = self.push(*x)),
        }
    }

    fn run_sections<'a, const SECTIONS: usize>(&mut self, x: impl Iterator<Item = &'a mut Lanes>) {
        let sections: Option<&[[f64; 6]; SECTIONS]> = self.sections.as_slice().as_array();
        let state: Option<&mut [[Lanes; 2]; SECTIONS]> = self.state.as_mut_slice().as_mut_array();
        let (Some(sections), Some(state)) = (sections, state) else { return };
        let mut now = *state;
        x.for_each(|x| *x = step(sections, &mut now, *x));
        *state = now;
    }
}

/// One sample through all sections.
#[inline(always)]
fn step(sections: &[[f64; 6]], state: &mut [[Lanes; 2]], mut x: Lanes) -> Lanes {
    for ([b0, b1, b2, _, a1, a2], [z0, z1]) in sections.iter().zip(state) {
        for i in 0..4 {
            let y = b0 * x[i] + z0[i];
            z0[i] = b1 * x[i] - a1 * y + z1[i];
            z1[i] = b2 * x[i] - a2 * y;
            x[i] = y;
        }
    }
    x
}

impl Stage for TriadFilter {
    fn causal(&mut self, x: &mut [Lanes]) {
        if let (false, Some(&first)) = (self.started, x.first()) {
            self.prime(first);
        }
        self.run(x.iter_mut());
    }

    /// Forward and backward with odd padding, as `scipy.signal.sosfiltfilt`; a signal shorter than the padding is extended by
    /// what it has.
    fn zero_phase(&self, x: &mut [Lanes]) {
        let (Some(&first), Some(&last)) = (x.first(), x.last()) else { return };
        let n = x.len();
        let padding = self.padding.min(n - 1);
        let mirrored = |edge: Lanes, v: Lanes| -> Lanes { core::array::from_fn(|i| 2.0 * edge[i] - v[i]) };
        let head: Vec<Lanes> = x[1..=padding].iter().rev().map(|&v| mirrored(first, v)).collect();
        let mut tail: Vec<Lanes> =
            x[n - 1 - padding..n - 1].iter().rev().map(|&v| mirrored(last, v)).collect();

        let mut filter = self.clone();
        filter.prime(head.first().copied().unwrap_or(first));
        for v in head {
            filter.push(v);
        }
        filter.run(x.iter_mut().chain(&mut tail));
        filter.prime(tail.last().or(x.last()).copied().unwrap_or_default());
        tail.iter().rev().for_each(|v| {
            filter.push(*v);
        });
        filter.run(x.iter_mut().rev());
    }

    fn reset(&mut self) {
        self.state.fill([[0.0; 4]; 2]);
        self.started = false;
    }

    fn memory(&self) -> usize {
        let radius = self.sections.iter().map(|&[.., a1, a2]| pole_radius(a1, a2)).fold(0.0, f64::max);
        if radius <= 0.0 {
            return 0;
        }
        // A stable filter's radius is below 1; the cast saturates.
        libm::ceil(libm::log(FORGOTTEN) / libm::log(radius)) as usize
    }
}

/// Distance from the origin of the outer pole of `z² + a1 z + a2`.
fn pole_radius(a1: f64, a2: f64) -> f64 {
    let discriminant = a1 * a1 / 4.0 - a2;
    if discriminant < 0.0 { libm::sqrt(a2) } else { libm::fabs(a1 / 2.0) + libm::sqrt(discriminant) }
}

/// A running median of an odd number of samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TriadMedian {
    width: usize,
    /// The last `width - 1` samples, oldest first; empty before the first.
    history: Vec<Lanes>,
}

impl TriadMedian {
    pub(crate) fn new(width: usize) -> Result<Self, SignalError> {
        check_width(width)?;
        Ok(Self { width, history: Vec::new() })
    }

    /// Whether a saved state can be one of its own.
    pub(crate) fn is_sound(&self) -> bool {
        self.history.is_empty() || self.history.len() + 1 == self.width
    }

    fn of(window: &[Lanes], scratch: &mut Vec<f64>) -> Lanes {
        if let [a, b, c] = window {
            return core::array::from_fn(|i| {
                let (low, high) = if a[i] <= b[i] { (a[i], b[i]) } else { (b[i], a[i]) };
                if c[i] <= low {
                    low
                } else if c[i] >= high {
                    high
                } else {
                    c[i]
                }
            });
        }
        core::array::from_fn(|i| {
            scratch.clear();
            scratch.extend(window.iter().map(|v| v[i]));
            let middle = scratch.len() / 2;
            *scratch.select_nth_unstable_by(middle, f64::total_cmp).1
        })
    }

    /// The medians of all windows of `extended`, which is longer than `x` by `width - 1`.
    fn run(&self, extended: &[Lanes], x: &mut [Lanes]) {
        let mut scratch = Vec::new();
        for (out, window) in x.iter_mut().zip(extended.windows(self.width)) {
            *out = Self::of(window, &mut scratch);
        }
    }
}

impl Stage for TriadMedian {
    fn causal(&mut self, x: &mut [Lanes]) {
        let Some(&first) = x.first() else { return };
        if self.history.is_empty() {
            self.history.resize(self.width - 1, first);
        }
        let mut extended = core::mem::take(&mut self.history);
        extended.extend_from_slice(x);
        self.run(&extended, x);
        extended.drain(..x.len());
        self.history = extended;
    }

    /// Centred; beyond the edges the first and last sample are repeated.
    fn zero_phase(&self, x: &mut [Lanes]) {
        let (Some(&first), Some(&last)) = (x.first(), x.last()) else { return };
        let half = self.width / 2;
        let mut extended = vec![first; half];
        extended.extend_from_slice(x);
        extended.resize(x.len() + 2 * half, last);
        self.run(&extended, x);
    }

    fn reset(&mut self) {
        self.history.clear();
    }

    fn memory(&self) -> usize {
        self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Band, MedianFilter, SosFilter, butterworth, median_filter, sosfiltfilt};
    use proptest::prelude::*;

    fn column(x: &[Lanes], axis: usize) -> Vec<f64> {
        x.iter().map(|v| v[axis]).collect()
    }

    /// Bits, but for the sign of zero.
    fn bits(x: &[f64]) -> Vec<u64> {
        x.iter().map(|v| (v + 0.0).to_bits()).collect()
    }

    #[test]
    fn memory_is_what_a_step_takes_to_be_forgotten() {
        let sos = butterworth(3, 0.3, 50.0, Band::LowPass).unwrap();
        let filter = TriadFilter::new(&sos);
        let memory = filter.memory();
        assert!((1000..2500).contains(&memory), "{memory}");
        let mut single = SosFilter::new(&sos);
        let tail = (0..memory).map(|i| single.push(if i == 0 { 1.0 } else { 0.0 })).last().unwrap();
        assert!(tail.abs() < 1e-11, "{tail}");
        assert_eq!(TriadFilter::new(&Sos::new(Vec::new()).unwrap()).memory(), 0);
        assert!(
            (pole_radius(-1.5, 0.54) - 0.9).abs() < 1e-12 && (pole_radius(0.0, 0.81) - 0.9).abs() < 1e-12
        );
    }

    proptest! {
        #[test]
        fn three_axes_at_once_have_the_bits_of_each(
            x in prop::collection::vec(prop::array::uniform3(-20f32..20.0), 0..120),
            order in 1usize..6, cutoff in 0.2f64..24.0, half in 0usize..4, cut in 0usize..120,
        ) {
            let sos = butterworth(order, cutoff, 50.0, Band::LowPass).unwrap();
            let x: Vec<Lanes> = x.into_iter().map(lanes).collect();
            let cut = cut.min(x.len());
            let width = 2 * half + 1;

            let mut causal = x.clone();
            let mut zero = x.clone();
            let (mut filter, mut median) = (TriadFilter::new(&sos), TriadMedian::new(width).unwrap());
            for _ in 0..2 {
                causal = x.clone();
                let (head, tail) = causal.split_at_mut(cut);
                for part in [head, tail] {
                    median.causal(part);
                    filter.causal(part);
                }
                filter.reset();
                median.reset();
            }
            median.zero_phase(&mut zero);
            filter.zero_phase(&mut zero);
            for axis in 0..3 {
                let mut single = SosFilter::primed(&sos);
                let mut slow = MedianFilter::new(width).unwrap();
                let expected: Vec<f64> = column(&x, axis).into_iter().map(|v| single.push(slow.push(v))).collect();
                prop_assert_eq!(bits(&column(&causal, axis)), bits(&expected));
                if x.len() > sos.padding() {
                    let expected = sosfiltfilt(&sos, &median_filter(&column(&x, axis), width).unwrap()).unwrap();
                    prop_assert_eq!(bits(&column(&zero, axis)), bits(&expected));
                }
            }
        }
    }
}
