//! Design of digital Butterworth filters as second-order sections.
//!
//! Analog prototype, pre-warping, bilinear transform (Oppenheim and Schafer, Discrete-Time Signal Processing,
//! chapter 7), then poles and zeros paired and ordered as `scipy.signal.butter(..., output="sos")` does.

use super::Sos;
use crate::SignalError;
use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::PI;

/// Highest order accepted; beyond it the poles crowd so closely that a designer wants another filter.
pub const MAX_ORDER: usize = 16;

/// Lowest cut-off accepted as a fraction of the rate: below, poles cannot be told from 1 with enough digits.
pub const MIN_CUTOFF: f64 = 1e-5;

/// What a filter lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Band {
    /// Frequencies below the cut-off.
    LowPass,
    /// Frequencies above the cut-off.
    HighPass,
}

/// A pole of the digital filter; one with `im > 0` stands for itself and its conjugate.
#[derive(Clone, Copy, Debug)]
struct Pole {
    re: f64,
    im: f64,
}

impl Pole {
    fn is_real(self) -> bool {
        self.im == 0.0
    }

    /// Distance to the unit circle: the nearer, the sharper the resonance.
    fn to_circle(self) -> f64 {
        libm::fabs(1.0 - libm::hypot(self.re, self.im))
    }

    fn distance(self, zero: f64) -> f64 {
        libm::hypot(self.re - zero, self.im)
    }
}

/// Designs a Butterworth filter whose gain is 1/√2 at `cutoff_hz`, for signals of `rate_hz` samples per
/// second.
///
/// # Errors
/// [`SignalError::FilterOrder`] unless the order is 1 to [`MAX_ORDER`]; [`SignalError::Cutoff`] unless the
/// cut-off lies between [`MIN_CUTOFF`] times the rate and half the rate, both exclusive.
pub fn butterworth(order: usize, cutoff_hz: f64, rate_hz: f64, band: Band) -> Result<Sos, SignalError> {
    if order == 0 || order > MAX_ORDER {
        return Err(SignalError::FilterOrder { order });
    }
    let fraction = cutoff_hz / rate_hz;
    let valid = rate_hz.is_finite() && rate_hz > 0.0 && fraction > MIN_CUTOFF && fraction < 0.5;
    if !valid {
        return Err(SignalError::Cutoff { cutoff_hz, rate_hz });
    }
    // Pre-warped analog cut-off, in the scale in which the bilinear transform is z = (1 + s) / (1 - s).
    let warped = libm::tan(PI * fraction);
    let mut gain = 1.0;
    let mut poles = Vec::with_capacity(order / 2 + 2);
    let first = usize::from(order.is_multiple_of(2));
    for m in (first..order).step_by(2) {
        // The prototype's poles are -exp(iπm/2N) for m = 1-N, 3-N .. N-1; those of the high-pass mirror to
        // the same set, since they lie on the unit circle in conjugate pairs.
        let angle = PI * m as f64 / (2 * order) as f64;
        let (a, b) = (-warped * libm::cos(angle), warped * libm::sin(angle));
        let norm = (1.0 - a) * (1.0 - a) + b * b;
        let numerator = if band == Band::LowPass { warped } else { 1.0 };
        if m == 0 {
            gain *= numerator / (1.0 - a);
            poles.push(Pole { re: (1.0 + a) / (1.0 - a), im: 0.0 });
        } else {
            gain *= numerator * numerator / norm;
            poles.push(Pole { re: (1.0 - a * a - b * b) / norm, im: 2.0 * b / norm });
        }
    }
    let mut zeros = vec![if band == Band::LowPass { -1.0 } else { 1.0 }; order];
    if !order.is_multiple_of(2) {
        poles.push(Pole { re: 0.0, im: 0.0 });
        zeros.push(0.0);
    }
    Sos::new(pair(poles, zeros, gain))
}

/// Pairs poles with the nearest zeros, worst pole (nearest to the unit circle) last, gain in the first
/// section.
fn pair(mut poles: Vec<Pole>, mut zeros: Vec<f64>, gain: f64) -> Vec<[f64; 6]> {
    let mut sections = Vec::new();
    while let Some(pole) = take_min(&mut poles, Pole::to_circle) {
        let (a1, a2) = if pole.is_real() {
            let other = take_min(&mut poles, |p| if p.is_real() { p.to_circle() } else { f64::INFINITY });
            let other = other.map_or(0.0, |p| p.re);
            (-(pole.re + other), pole.re * other)
        } else {
            (-2.0 * pole.re, pole.re * pole.re + pole.im * pole.im)
        };
        let z1 = take_min(&mut zeros, |z| pole.distance(z)).unwrap_or(0.0);
        let z2 = take_min(&mut zeros, |z| pole.distance(z)).unwrap_or(0.0);
        sections.push([1.0, -(z1 + z2), z1 * z2, 1.0, a1, a2]);
    }
    sections.reverse();
    if let Some(first) = sections.first_mut() {
        first[..3].iter_mut().for_each(|b| *b *= gain);
    }
    sections
}

/// Removes the first element with the smallest key.
fn take_min<T: Copy>(items: &mut Vec<T>, key: impl Fn(T) -> f64) -> Option<T> {
    let index = (0..items.len()).min_by(|&i, &j| key(items[i]).total_cmp(&key(items[j])))?;
    Some(items.remove(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gain at a frequency, from the definition: the transfer function on the unit circle.
    fn gain_at(sos: &Sos, frequency_hz: f64, rate_hz: f64) -> f64 {
        let w = 2.0 * PI * frequency_hz / rate_hz;
        let magnitude = |c: &[f64]| {
            let re = c[0] + c[1] * libm::cos(w) + c[2] * libm::cos(2.0 * w);
            let im = c[1] * libm::sin(w) + c[2] * libm::sin(2.0 * w);
            libm::hypot(re, im)
        };
        sos.sections().iter().map(|s| magnitude(&s[..3]) / magnitude(&s[3..])).product()
    }

    #[test]
    fn gain_is_one_in_the_band_and_half_power_at_the_cut_off() {
        for order in 1..=MAX_ORDER {
            for (cutoff, band, pass) in
                [(0.3, Band::LowPass, 0.0), (20.0, Band::LowPass, 0.0), (5.0, Band::HighPass, 25.0)]
            {
                let sos = butterworth(order, cutoff, 50.0, band).unwrap();
                assert!(
                    (gain_at(&sos, cutoff, 50.0) - 0.5f64.sqrt()).abs() < 1e-9,
                    "order {order}, {cutoff} Hz"
                );
                assert!((gain_at(&sos, pass, 50.0) - 1.0).abs() < 1e-7, "order {order}, {cutoff} Hz");
            }
        }
    }

    #[test]
    fn impossible_filters_are_refused() {
        for cutoff in [0.0, -1.0, 25.0, 30.0, 1e-9, f64::NAN, f64::INFINITY] {
            let error = butterworth(3, cutoff, 50.0, Band::LowPass).unwrap_err();
            assert!(matches!(error, SignalError::Cutoff { .. }), "{cutoff}: {error}");
        }
        for rate in [0.0, -50.0, f64::NAN, f64::INFINITY] {
            assert!(butterworth(3, 1.0, rate, Band::LowPass).is_err(), "{rate}");
        }
        assert_eq!(butterworth(0, 1.0, 50.0, Band::LowPass), Err(SignalError::FilterOrder { order: 0 }));
        assert!(butterworth(17, 1.0, 50.0, Band::LowPass).is_err());
    }
}
