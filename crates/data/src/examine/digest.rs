//! What is kept of a recording after it was read.

use super::ExamineOptions;
use super::between_sensors::Agreement;
use super::grid::{Boxes, Grid};
use super::numbers::quantile;
use super::shift::Lags;
use super::traits::{Traits, Window};
use crate::{Dataset, LabelInterval, LabelledRecording, Timing};
use ambulo_record::examination::Amount;
use ambulo_record::vocabulary::UNLABELLED;
use ambulo_signal::intake::{Declared, Report, survey};
use ambulo_signal::{Recording, Sensor};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// Fewest samples and seconds over which a rate is found.
const RATE_SAMPLES: u64 = 100;
const RATE_S: f64 = 5.0;

/// A recording, without its samples.
pub(super) struct Digest<'a> {
    pub(super) labelled: &'a LabelledRecording,
    pub(super) samples: u64,
    pub(super) stated_hz: f64,
    /// Whether its samples have times of their own.
    pub(super) timed: bool,
    /// The rate that its times show, if they are enough.
    pub(super) found_hz: Option<f64>,
    /// By label.
    pub(super) amounts: BTreeMap<Arc<str>, Amount>,
    /// Middle length of acceleration in g.
    pub(super) median_g: Option<f64>,
    /// Length of acceleration at rest in g, where rest was found.
    pub(super) at_rest_g: Option<f64>,
    /// By label, the length of angular velocity below which 99 % of its samples lie, in rad/s.
    pub(super) fast: BTreeMap<Arc<str>, f64>,
    /// Sum of directions of acceleration over half a second while the wearer walked or stood; over everything but lying where nobody
    /// is said to have done either.
    pub(super) upright: [f64; 3],
    /// Whether the wearer walked or stood.
    pub(super) upright_known: bool,
    /// How well accelerometer and gyroscope agree, in each way of changing the gyroscope's axes.
    pub(super) agreement: Option<Agreement>,
    /// How well labels agree with the signal when they are moved in time.
    pub(super) lags: Option<Lags>,
    pub(super) windows: Vec<Window>,
}

impl<'a> Digest<'a> {
    pub(super) fn new(
        labelled: &'a LabelledRecording,
        dataset: &Dataset,
        options: &ExamineOptions,
    ) -> io::Result<Self> {
        let recording = labelled.recording.load()?;
        let report = survey(&mut recording.source(), &Declared::default()).map_err(io::Error::other)?;
        let series = labelled.recording.series(Sensor::Accelerometer);
        let stated_hz =
            series.and_then(|s| s.info.rate_hz.or(s.clock.rate_hz())).unwrap_or(dataset.info.rate_hz);
        let timed = series.is_some_and(|s| s.clock == Timing::Stamps);
        let sensor = report.sensor(Sensor::Accelerometer).map(|(_, sensor)| sensor);
        let found_hz = sensor.filter(|s| timed && s.samples >= RATE_SAMPLES && s.end_s - s.start_s >= RATE_S);
        let mut digest = Self {
            labelled,
            samples: labelled.len(),
            stated_hz,
            timed,
            found_hz: found_hz.and_then(|s| s.rate_hz),
            amounts: amounts(labelled, &recording, &report, stated_hz, options),
            median_g: median_g(&recording),
            at_rest_g: sensor.and_then(|s| s.at_rest_g),
            fast: fast(labelled, &recording),
            upright: [0.0; 3],
            upright_known: false,
            agreement: None,
            lags: None,
            windows: Vec::new(),
        };
        if let Some(grid) = Grid::new(&recording) {
            let boxes = Boxes::new(&grid.acceleration);
            (digest.upright, digest.upright_known) = upright(labelled, &grid, &boxes);
            digest.agreement = Agreement::new(&grid, &boxes);
            digest.lags = Lags::new(labelled, &grid, &boxes);
            digest.windows = Traits::new(&grid, digest.upright).windows(labelled, options);
        }
        Ok(digest)
    }

    /// Which recordings may be compared: those of one data set with one device at one place.
    pub(super) fn place(&self) -> Worn {
        let facts = &self.labelled.facts;
        Worn {
            dataset: facts.dataset.clone(),
            placement: facts.placement.clone(),
            device: facts.device.clone(),
        }
    }
}

/// One device at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Worn {
    pub(super) dataset: Arc<str>,
    pub(super) placement: Option<Arc<str>>,
    pub(super) device: Option<Arc<str>>,
}

impl std::fmt::Display for Worn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.placement, &self.device) {
            (Some(placement), Some(device)) => write!(f, " ({placement}, {device})"),
            (Some(one), None) | (None, Some(one)) => write!(f, " ({one})"),
            (None, None) => Ok(()),
        }
    }
}

/// Time and windows of each label: time in which there are samples.
fn amounts(
    labelled: &LabelledRecording,
    recording: &Recording,
    report: &Report,
    stated_hz: f64,
    options: &ExamineOptions,
) -> BTreeMap<Arc<str>, Amount> {
    let mut amounts: BTreeMap<Arc<str>, Amount> = BTreeMap::new();
    let sensor = report.sensor(Sensor::Accelerometer).map(|(_, sensor)| sensor);
    let (Some(series), Some(sensor)) = (recording.sensor(Sensor::Accelerometer), sensor) else {
        return amounts;
    };
    if series.values.is_empty() {
        return amounts;
    }
    let rate_hz = sensor.rate_hz.filter(|hz| *hz > 0.0).unwrap_or(stated_hz);
    let period_s = if rate_hz > 0.0 { 1.0 / rate_hz } else { 0.0 };
    // Each sample stands for the time up to the next.
    let mut pieces = Vec::new();
    let mut from = sensor.start_s;
    for gap in &sensor.gaps {
        let end = gap.start_s + period_s;
        if end > from {
            pieces.push((from, end));
        }
        from = from.max(gap.start_s + gap.length_s);
    }
    pieces.push((from, sensor.end_s + period_s));
    let total: f64 = pieces.iter().map(|(a, b)| (b - a).max(0.0)).sum();
    let mut with_label = 0.0;
    for LabelInterval { start_ns, end_ns, label } in merged(&labelled.labels) {
        let (start, end) = (start_ns as f64 / 1e9, end_ns as f64 / 1e9);
        // Pieces are in the order of time, as intervals are.
        for &(a, b) in &pieces {
            let seconds = end.min(b) - start.max(a);
            if seconds > 0.0 {
                let amount = amounts.entry(label.clone()).or_default();
                *amount += Amount { seconds, windows: windows_in(seconds, options) };
                with_label += seconds;
            }
        }
    }
    if total - with_label > 0.5 * period_s {
        let amount = Amount { seconds: total - with_label, windows: 0 };
        amounts.insert(UNLABELLED.into(), amount);
    }
    amounts
}

/// Windows that can be cut of so many seconds.
pub(super) fn windows_in(seconds: f64, options: &ExamineOptions) -> u64 {
    // A millionth of a window, lest rounding take one away.
    let steps = (seconds - options.window_s) / options.step_s + 1e-6;
    if steps >= 0.0 { steps as u64 + 1 } else { 0 }
}

/// Neighbouring intervals of one label as one.
pub(super) fn merged(labels: &[LabelInterval]) -> Vec<LabelInterval> {
    let mut merged: Vec<LabelInterval> = Vec::new();
    for interval in labels {
        match merged.last_mut() {
            Some(last) if last.label == interval.label && last.end_ns == interval.start_ns => {
                last.end_ns = interval.end_ns;
            }
            _ => merged.push(interval.clone()),
        }
    }
    merged
}

fn median_g(recording: &Recording) -> Option<f64> {
    let series = recording.sensor(Sensor::Accelerometer)?;
    let scale = |v: f32| series.info.unit.map_or(v, |unit| unit.to_project(v));
    let length = |v: &[f32; 3]| v.iter().map(|&v| scale(v) * scale(v)).sum::<f32>().sqrt();
    let mut lengths: Vec<f32> = series.values.iter().map(length).filter(|l| l.is_finite()).collect();
    quantile(&mut lengths, 0.5)
}

fn fast(labelled: &LabelledRecording, recording: &Recording) -> BTreeMap<Arc<str>, f64> {
    let mut lengths: BTreeMap<Arc<str>, Vec<f32>> = BTreeMap::new();
    if let Some(series) = recording.sensor(Sensor::Gyroscope) {
        let scale = |v: f32| series.info.unit.map_or(v, |unit| unit.to_project(v));
        for (i, value) in series.values.iter().enumerate() {
            let length = value.iter().map(|&v| scale(v) * scale(v)).sum::<f32>().sqrt();
            if let Some(label) = labelled.label_at(series.clock.time_ns(i)).filter(|_| length.is_finite()) {
                match lengths.get_mut(label) {
                    Some(lengths) => lengths.push(length),
                    None => {
                        lengths.insert(label.clone(), vec![length]);
                    }
                }
            }
        }
    }
    lengths.into_iter().filter_map(|(label, mut all)| Some((label, quantile(&mut all, 0.99)?))).collect()
}

fn upright(labelled: &LabelledRecording, grid: &Grid, boxes: &Boxes) -> ([f64; 3], bool) {
    const HALF: usize = 5;
    let (mut known, mut any) = ([0.0; 3], [0.0; 3]);
    let add = |sum: &mut [f64; 3], mean: [f64; 3]| {
        for (s, v) in sum.iter_mut().zip(mean) {
            *s += v;
        }
    };
    for middle in (HALF..grid.len()).step_by(2 * HALF) {
        let Some(mean) = boxes.mean(middle, HALF) else { continue };
        match labelled.label_at(grid.time_ns(middle)).map(|label| &**label) {
            Some("walking" | "standing") => add(&mut known, mean),
            Some("lying") => {}
            _ => add(&mut any, mean),
        }
    }
    if known == [0.0; 3] { (any, false) } else { (known, true) }
}
