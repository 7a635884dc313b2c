//! Preprocessing for windows of other lengths and rates than the usual ones.

use super::{NoiseFilter, Preprocessing};

/// Highest cut-off of the filter against noise as a share of the rate: a Butterworth filter that is cut off closer to half of
/// the rate filters next to nothing and bends the phase of what it leaves.
const HIGHEST_CUTOFF: f64 = 0.4;

impl Preprocessing {
    /// The preprocessing for windows of `window` samples at `rate_hz`, every half window; at 50 Hz with 128 samples it is
    /// [`Preprocessing::default`]. Values that make no sense are told by [`validate`](Self::validate).
    pub fn sized(rate_hz: f64, window: usize) -> Self {
        Self {
            rate_hz,
            window,
            step: (window / 2).max(1),
            noise: NoiseFilter::at_rate(rate_hz),
            ..Self::default()
        }
    }
}

impl NoiseFilter {
    /// The usual filter as far as a rate in Hz has room for it: cut off at 0.4 of the rate where that is below its 20 Hz. None
    /// where the rate holds no frequency above 20 Hz that it could take out, up to 40 Hz: there, three samples under the median
    /// would be movements and not outliers.
    pub fn at_rate(rate_hz: f64) -> Option<Self> {
        let usual = Self::default();
        (rate_hz > 2.0 * usual.cutoff_hz)
            .then(|| Self { cutoff_hz: usual.cutoff_hz.min(HIGHEST_CUTOFF * rate_hz), ..usual })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_size_has_the_usual_preprocessing() {
        assert_eq!(Preprocessing::sized(50.0, 128), Preprocessing::default());
    }

    #[test]
    fn the_filter_against_noise_fits_every_rate() {
        let cutoff = |rate_hz| NoiseFilter::at_rate(rate_hz).map(|noise| noise.cutoff_hz);
        assert_eq!([20.0, 25.0, 40.0].map(cutoff), [None; 3]);
        assert_eq!([45.0, 50.0, 200.0].map(cutoff), [Some(18.0), Some(20.0), Some(20.0)]);
        for rate_hz in 20..=200 {
            for seconds in 1..=10 {
                Preprocessing::sized(f64::from(rate_hz), rate_hz as usize * seconds).validate().unwrap();
            }
        }
    }
}
