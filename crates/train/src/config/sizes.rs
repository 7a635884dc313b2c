//! Networks and augmentation for windows of other lengths and rates than the usual ones.

use super::{ModelKind, NetworkConfig, PerLayer};
use ambulo_signal::Preprocessing;
use std::fmt;
use std::str::FromStr;

/// Widest stride of one convolution; where more is needed there are more of them.
const WIDEST_STRIDE: usize = 4;

/// Most samples that convolutions are widened to see: at higher rates than any sensor's there is an end to it.
const FARTHEST: usize = 4096;

/// A length of time, as a person states it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// In samples.
    Samples(usize),
    /// In seconds.
    Seconds(f64),
    /// As a share of the window.
    Share(f64),
}

impl Length {
    /// In samples at `rate_hz`, at least one, where the window has `window` of them.
    #[must_use]
    pub fn samples(self, rate_hz: f64, window: usize) -> usize {
        // The casts take what is not a number for 0, and what is too much for the most, which validation refuses.
        match self {
            Self::Samples(samples) => samples,
            Self::Seconds(seconds) => ((seconds * rate_hz).round() as usize).max(1),
            Self::Share(share) => ((share * window as f64).round() as usize).max(1),
        }
    }
}

impl FromStr for Length {
    type Err = String;

    /// `4s` or `2.56s` are seconds, `200` samples, `50%` a share.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no length: give seconds as 4s or 2.56s, samples as 200, a share as 50%");
        let number = |text: &str| {
            let value = text.trim().parse::<f64>().map_err(|_| wrong())?;
            if value.is_finite() && value > 0.0 { Ok(value) } else { Err(wrong()) }
        };
        if let Some(seconds) = text.strip_suffix('s') {
            number(seconds).map(Self::Seconds)
        } else if let Some(share) = text.strip_suffix('%') {
            number(share).map(|share| Self::Share(share / 100.0))
        } else {
            text.trim().parse().ok().filter(|&samples| samples > 0).map(Self::Samples).ok_or_else(wrong)
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Samples(samples) => write!(f, "{samples}"),
            Self::Seconds(seconds) => write!(f, "{seconds}s"),
            Self::Share(share) => write!(f, "{}%", 100.0 * share),
        }
    }
}

/// How far a training window is shifted at most: a quarter of its samples.
pub(super) fn shift(window: usize) -> usize {
    (window / 4).max(1)
}

impl ModelKind {
    /// Its sizes for windows of `window` samples at `rate_hz`, unless the configuration says otherwise; at 50 Hz with 128 samples
    /// those of [`default_network`](Self::default_network).
    ///
    /// Convolutions shorten the window to about as many time steps as they leave of 128 samples, with strides of at most 4, so
    /// that there are more of them, as wide as the last, where that is not enough. Each has a kernel of twice its stride; then
    /// the narrowest, of several the last, is widened step by step until together they see as many seconds as they do of 128 samples
    /// at 50 Hz, or the whole window. A recurrent model without convolutions gets them, as wide as itself, from 256 samples on.
    #[must_use]
    pub fn network_for(self, rate_hz: f64, window: usize) -> NetworkConfig {
        let usual = self.default_network();
        let reference = Preprocessing::default();
        let shortened = window as f64 / reference.window as f64;
        let (filters, layers, seen) = match (self, &usual.filters) {
            (Self::Custom, _) => return usual,
            // On the samples themselves.
            (_, None) if shortened < 2.0 => return usual,
            (_, None) => (vec![usual.hidden.unwrap_or(1)], vec![(1, 1)], 1),
            (_, Some(filters)) => {
                let layers = layers_of(&usual, filters.len());
                let seen = receptive_field(&layers);
                (filters.clone(), layers, seen)
            }
        };
        let usual_stride: usize = layers.iter().map(|&(_, stride)| stride).product();
        let strides = strides(shortened * usual_stride as f64, filters.len());
        let seconds = seen as f64 / reference.rate_hz;
        let kernels = kernels(&strides, ((seconds * rate_hz).ceil() as usize).min(window).min(FARTHEST));
        let last = filters.last().copied().unwrap_or(1);
        let mut filters = filters;
        filters.resize(strides.len(), last);
        NetworkConfig {
            filters: Some(filters),
            kernel: Some(PerLayer::of(kernels)),
            stride: Some(PerLayer::of(strides)),
            ..usual
        }
    }
}

/// Kernel and stride of so many convolutions.
fn layers_of(network: &NetworkConfig, layers: usize) -> Vec<(usize, usize)> {
    let size = |sizes: &Option<PerLayer>, i| sizes.as_ref().and_then(|s| s.get(i)).unwrap_or(1);
    (0..layers).map(|i| (size(&network.kernel, i), size(&network.stride, i))).collect()
}

/// Samples that one result of convolutions, each a kernel and a stride, is made of.
fn receptive_field(layers: &[(usize, usize)]) -> usize {
    let (mut seen, mut apart) = (1_usize, 1_usize);
    for &(kernel, stride) in layers {
        seen = seen.saturating_add((kernel - 1).saturating_mul(apart));
        apart = apart.saturating_mul(stride);
    }
    seen
}

/// Strides whose product is about `factor`, none above [`WIDEST_STRIDE`], of at least so many convolutions, each as near as can
/// be to the even share of what those before it left.
fn strides(factor: f64, least: usize) -> Vec<usize> {
    let mut layers = least;
    while (WIDEST_STRIDE as f64).powi(layers as i32) < factor && layers < 32 {
        layers += 1;
    }
    let mut left = factor.max(1.0);
    (0..layers)
        .map(|i| {
            let share = left.powf(1.0 / (layers - i) as f64);
            let stride = (share.round() as usize).clamp(1, WIDEST_STRIDE);
            left = (left / stride as f64).max(1.0);
            stride
        })
        .collect()
}

/// Kernels of twice the strides, and as much wider as it takes to see `samples`.
fn kernels(strides: &[usize], samples: usize) -> Vec<usize> {
    let mut layers: Vec<(usize, usize)> = strides.iter().map(|&stride| (2 * stride, stride)).collect();
    while receptive_field(&layers) < samples {
        // Of equally narrow ones the last, which sees most.
        let narrowest = layers.iter_mut().rev().min_by_key(|(kernel, _)| *kernel);
        let Some((kernel, _)) = narrowest else { break };
        *kernel += 1;
    }
    layers.into_iter().map(|(kernel, _)| kernel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Orientation};
    use ambulo_nn::{LayerSpec, Network, Shape};
    use proptest::prelude::*;

    #[test]
    fn the_usual_window_has_the_usual_network() {
        for model in ModelKind::ALL {
            assert_eq!(model.network_for(50.0, 128), model.default_network(), "{model}");
        }
        assert_eq!(shift(128), 32);
    }

    #[test]
    fn lengths_are_read_as_they_are_written() {
        for (text, length) in [
            ("4s", Length::Seconds(4.0)),
            ("2.56s", Length::Seconds(2.56)),
            ("200", Length::Samples(200)),
            ("50%", Length::Share(0.5)),
        ] {
            assert_eq!(text.parse(), Ok(length));
            assert_eq!(length.to_string(), text);
        }
        for wrong in ["", "s", "0", "-4s", "4 m", "nans", "infs", "1.5", "%"] {
            assert!(wrong.parse::<Length>().is_err(), "{wrong}");
        }
        assert_eq!(Length::Seconds(2.56).samples(50.0, 1), 128);
        assert_eq!(Length::Share(0.5).samples(50.0, 100), 50);
    }

    /// Time steps after the convolutions, and the samples that one of them sees.
    fn stem(model: ModelKind, rate_hz: f64, window: usize) -> (usize, usize) {
        let config = Config::sized(model, Orientation::Fixed, rate_hz, window);
        let layers = config.architecture(6).unwrap().layers;
        let (mut time, mut sizes) = (window, Vec::new());
        for layer in &layers {
            if let LayerSpec::Conv { kernel, stride, padding, .. } = *layer {
                time = (time + 2 * padding - kernel) / stride + 1;
                sizes.push((kernel, stride));
            }
        }
        (time, receptive_field(&sizes))
    }

    proptest! {
        #[test]
        fn any_window_is_shortened_alike_and_seen_as_far(rate_hz in 20.0..200.0_f64, seconds in 0.5..10.0_f64) {
            let window = (rate_hz * seconds).round() as usize;
            for model in ModelKind::ALL.into_iter().filter(|m| *m != ModelKind::Custom) {
                let config = Config::sized(model, Orientation::AnyFacing, rate_hz, window);
                config.validate().unwrap();
                let network = Network::new(&config.architecture(6).unwrap(), config.input()).unwrap();
                prop_assert_eq!(network.input(), Shape { time: window, channels: 15 });
                let (usual_time, usual_seen) = stem(model, 50.0, 128);
                let (time, seen) = stem(model, rate_hz, window);
                // Never much longer than usual, and shorter only where the window itself is.
                prop_assert!(time as f64 <= 2.0 * usual_time as f64, "{} has {} steps", model, time);
                prop_assert!(time as f64 >= 0.6 * usual_time.min(window) as f64, "{} has {} steps", model, time);
                let wanted = (usual_seen as f64 / 50.0).min(seconds * 0.99);
                prop_assert!(seen as f64 / rate_hz >= wanted * 0.99 || usual_seen == 1, "{} sees {}", model, seen);
            }
        }
    }
}
