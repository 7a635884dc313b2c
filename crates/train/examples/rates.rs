//! What answers are worth when a recording has fewer samples a second than the model: people to develop on, each by the network
//! that has not seen them, with their recordings at lower rates. Test people are never touched.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example rates -- CONFIG.toml
//! ```

#![allow(clippy::print_stdout)]

use ambulo_data::LabelledRecording;
use ambulo_model::{Predictor, Smoothing, TimelineOptions};
use ambulo_signal::filter::{Band, butterworth, sosfilt};
use ambulo_signal::intake::Declared;
use ambulo_signal::{Clock, Recording, SensorSeries};
use ambulo_train::metrics::ConfusionMatrix;
use ambulo_train::{Config, Silent, TrainError, out_of_fold};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Rates in Hz.
const RATES_HZ: [f64; 8] = [50.0, 40.0, 31.25, 25.0, 20.0, 16.0, 12.5, 10.0];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a configuration")?;
    let config = Config::read(Path::new(&path))?;
    let dataset = ambulo_data::hapt()?;
    let labels = config.label_set();
    let activities: Vec<usize> =
        labels.names().enumerate().filter(|(_, name)| !name.contains("_to_")).map(|(i, _)| i).collect();
    // For each rate: unsmoothed and smoothed.
    let mut matrices = Vec::new();
    for _ in RATES_HZ {
        matrices.push([ConfusionMatrix::new(labels.len())?, ConfusionMatrix::new(labels.len())?]);
    }
    let mut failed = None;
    out_of_fold(&config, &dataset, &AtomicBool::new(false), &mut Silent, &mut |fold| {
        let recordings: Vec<LabelledRecording> = fold.recordings(&dataset).cloned().collect();
        let predictor = Predictor::new(fold.model.with_step(32)?.with_lowest_rate(5.0)?);
        for labelled in &recordings {
            for (rate_hz, matrices) in RATES_HZ.into_iter().zip(&mut matrices) {
                let slow = match slowed(
                    &*labelled
                        .recording
                        .load()
                        .map_err(|source| TrainError::Io { path: labelled.name.clone().into(), source })?,
                    rate_hz,
                ) {
                    Ok(slow) => slow,
                    Err(error) => {
                        failed = Some(error);
                        continue;
                    }
                };
                for (smoothing, matrix) in [Smoothing::Off, Smoothing::WholeFile].into_iter().zip(matrices) {
                    let answers = predictor.timeline(
                        &mut slow.source(),
                        &Declared::default(),
                        &TimelineOptions { smoothing, every_step: true },
                    )?;
                    let (mut truth, mut found) = (Vec::new(), Vec::new());
                    for i in 0..answers.steps.len() {
                        let middle = (answers.steps.start_ns[i] + answers.steps.end_ns(i)) / 2;
                        let class = labelled.label_at(middle).and_then(|label| labels.index_of(label));
                        let Some(class) = class.filter(|&c| activities.contains(&usize::from(c))) else {
                            continue;
                        };
                        let row = answers.steps.row(i, labels.len());
                        let best = activities.iter().copied().max_by(|&a, &b| row[a].total_cmp(&row[b]));
                        truth.push(class);
                        found.push(best.unwrap_or(0) as u8);
                    }
                    matrix.add(&ConfusionMatrix::from_indices(&truth, &found, labels.len())?)?;
                }
            }
        }
        Ok(())
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    println!("rate_hz\tunsmoothed\tsmoothed\trecall smoothed");
    for (rate_hz, [raw, smoothed]) in RATES_HZ.into_iter().zip(&matrices) {
        let recall: Vec<String> =
            activities.iter().map(|&i| format!("{:.1}", 100.0 * smoothed.class_scores()[i].recall)).collect();
        println!("{rate_hz}\t{:.4}\t{:.4}\t{}", raw.macro_f1(), smoothed.macro_f1(), recall.join(" "));
    }
    Ok(())
}

/// A recording as a slower device would have made it: low-passed below half the new rate, then read off along straight lines.
fn slowed(recording: &Recording, rate_hz: f64) -> Result<Recording, String> {
    let mut all = Vec::new();
    for series in recording.series() {
        let Clock::Uniform { start_ns, rate_hz: own_hz } = series.clock else {
            return Err("a clock that is not uniform".into());
        };
        let mut values = series.values.clone();
        if rate_hz < own_hz {
            let filter = butterworth(4, 0.4 * rate_hz, own_hz, Band::LowPass).map_err(|e| e.to_string())?;
            for axis in 0..3 {
                // There and back, so that nothing is delayed.
                let mut one: Vec<f64> = values.iter().map(|v| f64::from(v[axis])).collect();
                for _ in 0..2 {
                    one = sosfilt(&filter, &one);
                    one.reverse();
                }
                values.iter_mut().zip(one).for_each(|(v, x)| v[axis] = x as f32);
            }
            let count = (values.len() as f64 * rate_hz / own_hz) as usize;
            let at = |k: usize| {
                let place = k as f64 * own_hz / rate_hz;
                let (i, share) = (place as usize, place.fract() as f32);
                let next = values[(i + 1).min(values.len() - 1)];
                std::array::from_fn(|axis| values[i][axis] * (1.0 - share) + next[axis] * share)
            };
            values = (0..count).map(at).collect();
        }
        let mut info = series.info.clone();
        info.rate_hz = Some(rate_hz);
        all.push(SensorSeries { info, clock: Clock::Uniform { start_ns, rate_hz }, values });
    }
    Ok(Recording::new(recording.header().clone(), all))
}
