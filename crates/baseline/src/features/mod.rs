//! The hand-made features of the published UCI HAR set, computed from a window.
//!
//! The families are those of `features_info.txt` and of Anguita, Ghio, Oneto, Parra and Reyes-Ortiz, "A public domain
//! dataset for human activity recognition using smartphones", ESANN 2013; there are 561, as there. The published
//! definitions are words ("signal entropy"), and the published values are scaled to -1..1 with unpublished ranges: what
//! is computed here is stated beside each statistic, and a value is not meant to equal the published one.
//!
//! | signals | | features of each |
//! |---|---|---|
//! | tBodyAcc, tGravityAcc, tBodyAccJerk, tBodyGyro, tBodyGyroJerk | x, y, z | mean, std, mad, max, min, sma (of the three), energy, iqr, entropy, arCoeff 1 to 4, correlation of each two axes: 40 |
//! | their magnitudes | | the same without correlation: 13 |
//! | fBodyAcc, fBodyAccJerk, fBodyGyro | x, y, z | mean, std, mad, max, min, sma, energy, iqr, entropy, maxInds, meanFreq, skewness, kurtosis, bandsEnergy in 14 bands: 79 |
//! | fBodyAccMag, fBodyAccJerkMag, fBodyGyroMag, fBodyGyroJerkMag | | the same without bands: 13 |
//! | angle | | of the mean vectors of the four body signals, and of the three axes, with mean gravity: 7 |
//!
//! Gravity is total less body acceleration (g); jerk is the first difference times the rate (g/s, rad/s²), its first
//! value twice, so that it is as long as the window.

mod spectrum;
mod statistics;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use spectrum::{BANDS, Spectra, band_energy};
use statistics::{
    angle, burg, centred, correlation, energy, entropy, mean, mean_magnitude, median_deviation, norm,
    quantile, skewness_and_kurtosis, sorted,
};

/// The number of features.
pub const FEATURES: usize = 561;

const AXES: [&str; 3] = ["X", "Y", "Z"];

/// Features of one window, [`FEATURES`] of them in the order of [`feature_names`].
///
/// `window` is `[time][signal]`: total acceleration x, y, z and body acceleration x, y, z in g, angular velocity x, y, z
/// in rad/s; `rate_hz` its samples per second. Finite samples give finite features, also for constant and for zero
/// windows: a value beyond f32 becomes the largest f32. Any length is permitted; below eight samples most features say
/// little, and those that are undefined are 0.
#[must_use]
pub fn features(window: &[[f32; 9]], rate_hz: f64) -> Vec<f32> {
    row(window, rate_hz, &Spectra::new(window.len(), rate_hz), false).finish()
}

/// Features of many windows, `[windows, features]` row-major, computed in parallel; see [`features`].
#[must_use]
pub fn features_of(windows: &[&[[f32; 9]]], rate_hz: f64) -> Vec<f32> {
    let length = windows.first().map_or(0, |w| w.len());
    let spectra = Spectra::new(length, rate_hz);
    let rows: Vec<Vec<f32>> = windows
        .par_iter()
        .map(|window| {
            if window.len() == length {
                row(window, rate_hz, &spectra, false).finish()
            } else {
                features(window, rate_hz)
            }
        })
        .collect();
    rows.concat()
}

/// Names of the features, in the style of the published set: signal, statistic, axis.
#[must_use]
pub fn feature_names() -> Vec<String> {
    let window = [[0.0; 9]; 8];
    row(&window, 1.0, &Spectra::new(window.len(), 1.0), true).names.unwrap_or_default()
}

/// Values and, when they are asked for, their names: both come from one pass, so they cannot part.
struct Row {
    values: Vec<f64>,
    names: Option<Vec<String>>,
}

impl Row {
    fn push(&mut self, value: f64, name: impl FnOnce() -> String) {
        self.values.push(value);
        if let Some(names) = &mut self.names {
            names.push(name());
        }
    }

    fn finish(self) -> Vec<f32> {
        // Energies of enormous values leave f32; infinity would spoil every mean.
        self.values.into_iter().map(|v| v.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32).collect()
    }
}

/// Three axes of one quantity, `[axis][time]`.
type Axes = [Vec<f64>; 3];

fn row(window: &[[f32; 9]], rate_hz: f64, spectra: &Spectra, names: bool) -> Row {
    let channel = |c: usize| window.iter().map(|s| f64::from(s[c])).collect::<Vec<f64>>();
    let body = [3, 4, 5].map(channel);
    let gravity =
        [0, 1, 2].map(|c| window.iter().map(|s| f64::from(s[c]) - f64::from(s[c + 3])).collect::<Vec<f64>>());
    let gyro = [6, 7, 8].map(channel);
    let jerk = |axes: &Axes| [0, 1, 2].map(|a: usize| difference(&axes[a], rate_hz));
    let (body_jerk, gyro_jerk) = (jerk(&body), jerk(&gyro));
    let time = [
        ("tBodyAcc", &body),
        ("tGravityAcc", &gravity),
        ("tBodyAccJerk", &body_jerk),
        ("tBodyGyro", &gyro),
        ("tBodyGyroJerk", &gyro_jerk),
    ];
    let mut row =
        Row { values: Vec::with_capacity(FEATURES), names: names.then(|| Vec::with_capacity(FEATURES)) };
    for (name, axes) in time {
        time_features(&mut row, name, axes, &AXES);
    }
    for (name, axes) in time {
        time_features(&mut row, &format!("{name}Mag"), &[magnitude(axes)], &[""]);
    }
    for (name, axes) in [("fBodyAcc", &body), ("fBodyAccJerk", &body_jerk), ("fBodyGyro", &gyro)] {
        frequency_features(&mut row, name, axes, &AXES, spectra);
    }
    for (name, axes) in [
        ("fBodyAccMag", &body),
        ("fBodyAccJerkMag", &body_jerk),
        ("fBodyGyroMag", &gyro),
        ("fBodyGyroJerkMag", &gyro_jerk),
    ] {
        frequency_features(&mut row, name, &[magnitude(axes)], &[""], spectra);
    }
    let means = |axes: &Axes| [mean(&axes[0]), mean(&axes[1]), mean(&axes[2])];
    let down = means(&gravity);
    for (name, axes) in time.into_iter().filter(|(name, _)| *name != "tGravityAcc") {
        row.push(angle(means(axes), down), || format!("angle({name}Mean,gravityMean)"));
    }
    for (a, name) in AXES.iter().enumerate() {
        let mut axis = [0.0; 3];
        axis[a] = 1.0;
        row.push(angle(axis, down), || format!("angle({name},gravityMean)"));
    }
    row
}

/// First difference times the rate, the first value twice.
fn difference(x: &[f64], rate_hz: f64) -> Vec<f64> {
    let mut y = Vec::with_capacity(x.len());
    y.extend(x.windows(2).take(1).map(|p| (p[1] - p[0]) * rate_hz));
    y.extend(x.windows(2).map(|p| (p[1] - p[0]) * rate_hz));
    y.resize(x.len(), 0.0);
    y
}

fn magnitude(axes: &Axes) -> Vec<f64> {
    (0..axes[0].len()).map(|i| norm([axes[0][i], axes[1][i], axes[2][i]])).collect()
}

/// `signal-statistic()` or, with an axis, `signal-statistic()-X`.
fn named(signal: &str, statistic: &str, axis: &str) -> String {
    let dash = if axis.is_empty() { "" } else { "-" };
    format!("{signal}-{statistic}(){dash}{axis}")
}

/// The statistics that signals of time and spectra have in common; `rms` of the centred signal is the population's
/// standard deviation.
fn common_features(row: &mut Row, signal: &str, parts: &[Vec<f64>], axes: &[&str]) {
    type Statistic = fn(&[f64], &[f64]) -> f64;
    // Of the values as they stand and in ascending order.
    const SINGLE: [(&str, Statistic); 8] = [
        ("mean", |x, _| mean(x)),
        ("std", |x, _| energy(&centred(x)).sqrt()),
        ("mad", |_, s| median_deviation(s)),
        ("max", |_, s| s.last().copied().unwrap_or(0.0)),
        ("min", |_, s| s.first().copied().unwrap_or(0.0)),
        ("energy", |x, _| energy(x)),
        ("iqr", |_, s| quantile(s, 0.75) - quantile(s, 0.25)),
        ("entropy", |x, _| entropy(x)),
    ];
    let ascending: Vec<Vec<f64>> = parts.iter().map(|x| sorted(x)).collect();
    for (statistic, compute) in SINGLE {
        if statistic == "energy" {
            row.push(parts.iter().map(|x| mean_magnitude(x)).sum(), || named(signal, "sma", ""));
        }
        for ((x, s), axis) in parts.iter().zip(&ascending).zip(axes) {
            row.push(compute(x, s), || named(signal, statistic, axis));
        }
    }
}

fn time_features(row: &mut Row, signal: &str, parts: &[Vec<f64>], axes: &[&str]) {
    common_features(row, signal, parts, axes);
    let centred: Vec<Vec<f64>> = parts.iter().map(|x| centred(x)).collect();
    for (x, axis) in centred.iter().zip(axes) {
        let comma = if axis.is_empty() { "" } else { "," };
        for (i, a) in burg(x).into_iter().enumerate() {
            row.push(a, || named(signal, "arCoeff", &format!("{axis}{comma}{}", i + 1)));
        }
    }
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        if let (Some(x), Some(y)) = (centred.get(i), centred.get(j)) {
            row.push(correlation(x, y), || named(signal, "correlation", &format!("{},{}", axes[i], axes[j])));
        }
    }
}

fn frequency_features(row: &mut Row, signal: &str, parts: &[Vec<f64>], axes: &[&str], spectra: &Spectra) {
    let parts: Vec<Vec<f64>> = parts.iter().map(|x| spectra.amplitudes(x)).collect();
    common_features(row, signal, &parts, axes);
    for (x, axis) in parts.iter().zip(axes) {
        row.push(spectra.strongest(x), || named(signal, "maxInds", axis));
    }
    for (x, axis) in parts.iter().zip(axes) {
        row.push(spectra.mean_frequency(x), || named(signal, "meanFreq", axis));
    }
    for (x, axis) in parts.iter().zip(axes) {
        let (skewness, kurtosis) = skewness_and_kurtosis(x);
        row.push(skewness, || named(signal, "skewness", axis));
        row.push(kurtosis, || named(signal, "kurtosis", axis));
    }
    if parts.len() == 3 {
        for (x, axis) in parts.iter().zip(axes) {
            for band in BANDS {
                row.push(band_energy(x, band), || {
                    // In 64ths, as the published names have it for 128 samples.
                    named(signal, "bandsEnergy", &format!("{axis},{},{}", band.0 * 8 + 1, band.1 * 8))
                });
            }
        }
    }
}
