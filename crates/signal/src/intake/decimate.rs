//! Lowers the rate by a whole number after an anti-aliasing filter.
//!
//! The filter is a symmetric FIR (windowed sinc, Hamming), so it delays nothing and needs a fixed few samples on either side:
//! files and streams get the same bits. Twenty taps per unit of the ratio as `scipy.signal.decimate(ftype="fir")`; the cut-off
//! is at 0.8 of the new Nyquist frequency, the customary margin.

use alloc::vec::Vec;
use core::f64::consts::PI;
use serde::{Deserialize, Serialize};

/// Taps on either side of the middle one, per unit of the ratio.
const HALF_TAPS: usize = 10;
/// Cut-off (half amplitude) as a fraction of the new Nyquist frequency.
const CUTOFF: f64 = 0.8;

/// The taps of the low-pass for a ratio, as `scipy.signal.firwin(20 * ratio + 1, 0.8 / ratio)`.
pub(crate) fn taps(ratio: usize) -> Vec<f64> {
    let half = (HALF_TAPS * ratio) as f64;
    let cutoff = CUTOFF / ratio as f64;
    let mut taps: Vec<f64> = (0..=2 * HALF_TAPS * ratio)
        .map(|i| {
            let t = i as f64 - half;
            let sinc = if t == 0.0 { cutoff } else { libm::sin(PI * cutoff * t) / (PI * t) };
            sinc * (0.54 - 0.46 * libm::cos(PI * i as f64 / half))
        })
        .collect();
    let sum: f64 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= sum);
    taps
}

/// The stage; a ratio of 1 passes everything on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Decimator {
    ratio: usize,
    taps: Vec<f64>,
    width: usize,
    /// Rows that an output to come still needs; the first output's middle tap lies on the segment's first row.
    rows: Vec<f32>,
    started: bool,
    #[serde(skip)]
    out: Vec<f32>,
}

impl Decimator {
    pub(crate) fn new(ratio: usize, width: usize) -> Self {
        let taps = if ratio > 1 { taps(ratio) } else { Vec::new() };
        Self { ratio, taps, width, rows: Vec::new(), started: false, out: Vec::new() }
    }

    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.ratio, self.width, &self.taps) == (other.ratio, other.width, &other.taps)
            && self.rows.len().is_multiple_of(self.width)
            && (self.rows.len() >= self.width || !self.started)
    }

    /// Takes rows `[time, width]`, returns those at the lower rate that they complete.
    pub(crate) fn push(&mut self, rows: &[f32]) -> &[f32] {
        self.out.clear();
        if self.ratio == 1 {
            self.out.extend_from_slice(rows);
            return &self.out;
        }
        let Some(first) = rows.get(..self.width) else { return &self.out };
        if !self.started {
            // As if the first had been there for ever.
            (0..HALF_TAPS * self.ratio).for_each(|_| self.rows.extend_from_slice(first));
            self.started = true;
        }
        self.rows.extend_from_slice(rows);
        self.complete();
        &self.out
    }

    /// Ends the segment: the outputs that still lie within it, as if the last row stayed for ever.
    pub(crate) fn end(&mut self) -> &[f32] {
        self.out.clear();
        if self.ratio > 1 && self.started {
            let last = self.rows[self.rows.len() - self.width..].to_vec();
            (0..HALF_TAPS * self.ratio).for_each(|_| self.rows.extend_from_slice(&last));
            self.complete();
        }
        self.rows.clear();
        self.started = false;
        &self.out
    }

    fn complete(&mut self) {
        let start = match self.width {
            3 => self.outputs::<3>(),
            6 => self.outputs::<6>(),
            _ => self.wide_outputs(),
        };
        self.rows.drain(..start);
    }

    /// All outputs that the rows decide, for rows of `W` values; returns where the next one's rows begin.
    fn outputs<const W: usize>(&mut self) -> usize {
        let rows = self.rows.as_chunks::<W>().0;
        let mut start = 0;
        while let Some(rows) = rows.get(start..start + self.taps.len()) {
            let mut sums = [0.0f64; W];
            for (row, tap) in rows.iter().zip(&self.taps) {
                for i in 0..W {
                    sums[i] += tap * f64::from(row[i]);
                }
            }
            self.out.extend(sums.map(|sum| sum as f32));
            start += self.ratio;
        }
        start * W
    }

    /// The same for rows of any width, column by column.
    fn wide_outputs(&mut self) -> usize {
        let (width, need) = (self.width, self.taps.len() * self.width);
        let mut start = 0;
        while self.rows.len() >= start + need {
            for column in 0..width {
                let values = self.rows[start + column..start + need].iter().step_by(width);
                let sum: f64 = values.zip(&self.taps).map(|(&v, tap)| tap * f64::from(v)).sum();
                self.out.push(sum as f32);
            }
            start += self.ratio * width;
        }
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimated(ratio: usize, x: &[f32], piece: usize) -> Vec<f32> {
        let mut stage = Decimator::new(ratio, 1);
        let mut out = Vec::new();
        for part in x.chunks(piece) {
            out.extend_from_slice(stage.push(part));
        }
        out.extend_from_slice(stage.end());
        out
    }

    #[test]
    fn the_taps_are_those_of_scipy() {
        let fixture: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/fixtures/scipy.json")).unwrap();
        for decimation in fixture["decimations"].as_array().unwrap() {
            let expected: Vec<f64> = serde_json::from_value(decimation["taps"].clone()).unwrap();
            let taps = taps(decimation["ratio"].as_u64().unwrap() as usize);
            assert_eq!(taps.len(), expected.len());
            assert!(taps.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-15));
        }
    }

    #[test]
    fn every_nth_row_is_kept_whatever_the_pieces() {
        let x: Vec<f32> = (0..500).map(|i| libm::sinf(i as f32 / 9.0)).collect();
        for ratio in [1, 2, 3, 7] {
            let whole = decimated(ratio, &x, 500);
            assert_eq!(whole.len(), 500usize.div_ceil(ratio));
            assert_eq!(whole, decimated(ratio, &x, 1));
            assert_eq!(whole, decimated(ratio, &x, 13));
        }
    }

    #[test]
    fn every_width_gives_the_same_bits() {
        let x: Vec<f32> = (0..500).map(|i| libm::sinf(i as f32 / 9.0)).collect();
        let alone = decimated(2, &x, 500);
        for width in [3, 6, 9] {
            let mut stage = Decimator::new(2, width);
            let rows: Vec<f32> = x.iter().flat_map(|&v| (0..width).map(move |_| v)).collect();
            let mut out = stage.push(&rows).to_vec();
            out.extend_from_slice(stage.end());
            assert_eq!(out.len(), width * alone.len());
            assert!(out.iter().enumerate().all(|(i, v)| v.to_bits() == alone[i / width].to_bits()));
        }
    }

    #[test]
    fn slow_movement_passes_without_delay_and_fast_vanishes() {
        let tone = |hz: f64| -> Vec<f32> {
            (0..2000).map(|i| libm::sin(2.0 * PI * hz * f64::from(i) / 200.0) as f32).collect()
        };
        // 200 Hz to 50 Hz.
        let slow = decimated(4, &tone(5.0), 100);
        for (i, v) in slow.iter().enumerate().skip(20).take(450) {
            let expected = libm::sin(2.0 * PI * 5.0 * i as f64 / 50.0) as f32;
            assert!((v - expected).abs() < 0.01, "{i}: {v} {expected}");
        }
        // Aliased to 15 Hz if nothing is done.
        let fast = decimated(4, &tone(35.0), 100);
        assert!(fast.iter().skip(20).take(450).all(|v| v.abs() < 0.005));
        assert!(decimated(4, &[2.0; 300], 50).iter().all(|v| (v - 2.0).abs() < 1e-6));
    }
}
