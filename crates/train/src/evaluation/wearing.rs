//! The same test with the device worn another way.

use crate::TrainError;
use crate::metrics::{ConfusionMatrix, Over, confusion_by_subject, only_classes, predicted, score};
use crate::training::prepared::upright;
use ambulo_data::{DataError, LabelledWindows, Series, WindowOrigin};
use ambulo_nn::Random;
use ambulo_record::{PersonId, Wearing, WearingMetrics};
use ambulo_signal::rotation::{horizontal_axes, unit};
use ambulo_signal::{Level, Preprocessing, Rotation, SignalError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::f32::consts::{PI, TAU};
use std::sync::Arc;

/// Streams of the angles lie above all others.
const STREAM: u64 = 3 << 62;

fn rotation(wearing: Wearing, up: [f32; 3], random: &mut Random) -> Rotation {
    match wearing {
        Wearing::Turned => Rotation::about(up, TAU * random.uniform()),
        Wearing::Facing(degrees) => Rotation::about(up, f32::from(degrees).to_radians()),
        Wearing::Tilted(degrees) => {
            let [first, second] = horizontal_axes(up);
            let direction = f64::from(TAU * random.uniform());
            let (s, c) = (libm::sin(direction) as f32, libm::cos(direction) as f32);
            let axis = [0, 1, 2].map(|i| c * first[i] + s * second[i]);
            Rotation::about(axis, f32::from(degrees).to_radians() * random.uniform())
        }
        Wearing::UpsideDown => Rotation::about(horizontal_axes(up)[0], PI),
    }
}

/// The windows as a device worn like this would have recorded them, levelled anew if `p` says so; `seed` draws the angles.
///
/// # Errors
/// A series that is kept outside of memory and cannot be read.
pub(crate) fn wear(
    wearing: Wearing,
    windows: &LabelledWindows,
    p: &Preprocessing,
    seed: u64,
) -> Result<LabelledWindows, TrainError> {
    let usual = upright(windows);
    let worn = |(number, series): (usize, &Arc<Series>)| -> Result<Arc<Series>, TrainError> {
        let up = unit(series.up.unwrap_or(usual)).unwrap_or([1.0, 0.0, 0.0]);
        let rotation = rotation(wearing, up, &mut Random::new(seed, STREAM | number as u64));
        let level = match levelled(series, &rotation, p) {
            Ok(level) => level,
            // Too little movement: a stretch was levelled with the others of its recording, a short recording by the direction
            // that was up most of the time. Either turns with the device, so that it ends where it was.
            Err(TrainError::Signal(SignalError::NoVertical { .. })) => return Ok(Arc::clone(series)),
            Err(TrainError::Signal(source)) => return Err(refused(windows, number, source)),
            Err(other) => return Err(other),
        };
        let up = series.up.map(|up| level.unwrap_or(Rotation::IDENTITY).apply(rotation.apply(up)));
        Ok(Arc::new(series.turned([Some(rotation), level].into_iter().flatten(), up)))
    };
    let series = windows.series.iter().enumerate().map(worn).collect::<Result<_, _>>()?;
    Ok(LabelledWindows { series, ..windows.clone() })
}

/// What levels a series anew that was turned, if `p` says so.
fn levelled(series: &Series, turn: &Rotation, p: &Preprocessing) -> Result<Option<Rotation>, TrainError> {
    if p.level == Level::AsWorn {
        return Ok(None);
    }
    let mut signals = series.signals()?;
    signals.rotate(turn);
    Ok(Some(p.levelled(&mut signals)?))
}

/// The error with the recording it is about.
fn refused(windows: &LabelledWindows, series: usize, source: SignalError) -> TrainError {
    match windows.places.iter().position(|place| place.series == series) {
        Some(i) => {
            let WindowOrigin { person, recording, .. } = windows.origins[i].clone();
            DataError::Signal { person, recording: recording.to_string(), source }.into()
        }
        None => source.into(),
    }
}

/// The person of each window.
pub(crate) fn people_of(windows: &LabelledWindows) -> Vec<PersonId> {
    windows.origins.iter().map(|origin| origin.person.clone()).collect()
}

/// What the models of all seeds answered when the device was worn another way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WearingCounts {
    pub(crate) wearing: String,
    /// For each seed and person `confusion[truth][predicted]`.
    pub(crate) by_subject: Vec<BTreeMap<PersonId, Vec<Vec<u64>>>>,
}

impl WearingCounts {
    pub(crate) fn new(wearing: Wearing) -> Self {
        Self { wearing: wearing.name(), by_subject: Vec::new() }
    }

    /// Adds the answers of the next seed to the windows that carry a class.
    pub(crate) fn push(
        &mut self,
        windows: &LabelledWindows,
        probabilities: &[f32],
        classes: usize,
    ) -> Result<(), TrainError> {
        let people = people_of(windows);
        let own = |values| only_classes(&windows.labels, classes, values, 1);
        let answers = predicted(probabilities, classes)?;
        let people = only_classes(&windows.labels, classes, &people, 1);
        let matrices = confusion_by_subject(&own(&windows.labels), &own(&answers), &people, classes)?;
        self.by_subject.push(matrices.into_iter().map(|(s, m)| (s, m.rows())).collect());
        Ok(())
    }

    /// Puts the people of another fold beside those of the folds before it, of which there may be none.
    pub(crate) fn join_all(all: &mut Vec<Self>, fold: Vec<Self>) {
        if all.is_empty() {
            *all = fold;
            return;
        }
        for (all, fold) in all.iter_mut().zip(fold) {
            for (mine, theirs) in all.by_subject.iter_mut().zip(fold.by_subject) {
                mine.extend(theirs);
            }
        }
    }

    pub(crate) fn metrics(&self) -> Result<WearingMetrics, TrainError> {
        let mut runs = Vec::with_capacity(self.by_subject.len());
        for people in &self.by_subject {
            let mut matrices = BTreeMap::new();
            for (person, rows) in people {
                matrices.insert(person.clone(), ConfusionMatrix::from_rows(rows)?);
            }
            runs.push(matrices);
        }
        let score = score(&runs, Over::Occurring)?;
        Ok(WearingMetrics {
            wearing: self.wearing.clone(),
            accuracy: score.accuracy,
            macro_f1: score.macro_f1,
        })
    }
}

#[cfg(test)]
mod tests;
