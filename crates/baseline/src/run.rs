//! A baseline in the protocols of the networks, with the same records.

use crate::{Baseline, BaselineError, BaselineKind, FEATURES, SvmKernel, features_of};
use ambulo_data::{Dataset, LabelledWindows, Protocol};
use ambulo_record::Metrics;
use ambulo_record::files::CONFIG;
use ambulo_train::{Labels, Learner, LearnerRun, Observer, TrainError, run_learner};
use std::path::Path;

/// How the `config.toml` of a baseline begins, which tells it from that of a training.
const KEY: &str = "baseline = ";

/// Whether a directory holds a baseline rather than a training.
#[must_use]
pub fn is_baseline(directory: &Path) -> bool {
    std::fs::read_to_string(directory.join(CONFIG)).is_ok_and(|text| text.starts_with(KEY))
}

/// Fits a baseline on all development people of each fold of a protocol, evaluates it once on the test people, and leaves
/// the records of a run in `directory`, as [`run_learner`] says. `labels` are the activities to tell apart, `command`
/// what a person types to repeat it.
///
/// Votes are no probabilities: nothing is recorded of their calibration.
///
/// # Errors
/// Those of [`run_learner`] and of [`Baseline::fit`].
pub fn run_baseline(
    directory: &Path,
    kind: BaselineKind,
    protocol: Protocol,
    labels: &Labels,
    dataset: &Dataset,
    command: &str,
    observer: &mut dyn Observer,
) -> Result<Metrics, BaselineError> {
    let config = format!("{KEY}\"{}\"\nprotocol = \"{protocol}\"\nlabels = {labels}\n", kind.name());
    let run = LearnerRun { protocol, labels, config: &config, command };
    run_learner(directory, &kind, run, dataset, observer)
}

impl Learner for BaselineKind {
    type Fitted = Baseline;
    type Error = BaselineError;

    fn name(&self) -> &str {
        BaselineKind::name(*self)
    }

    fn description(&self) -> String {
        let setting = self.setting();
        let machine = match setting.kernel {
            SvmKernel::Linear => format!("linear support vector machines, C {}", setting.cost),
            SvmKernel::Rbf { width } => {
                format!(
                    "support vector machines with RBF kernel, C {}, gamma {width} / features",
                    setting.cost
                )
            }
        };
        format!("{FEATURES} hand-made features, {machine}")
    }

    /// On the windows that carry a class.
    fn fit(
        &self,
        windows: &LabelledWindows,
        rate_hz: f64,
        classes: usize,
    ) -> Result<Baseline, BaselineError> {
        let of_class = |&i: &usize| usize::from(windows.labels[i]) < classes;
        let own: Vec<usize> = (0..windows.len()).filter(of_class).collect();
        let labels: Vec<u8> = own.iter().map(|&i| windows.labels[i]).collect();
        Baseline::fit(*self, &rows(windows, &own, rate_hz)?, FEATURES, &labels, classes)
    }

    fn confidences(
        &self,
        fitted: &Baseline,
        windows: &LabelledWindows,
        rate_hz: f64,
    ) -> Result<Vec<f32>, BaselineError> {
        let all: Vec<usize> = (0..windows.len()).collect();
        fitted.probabilities(&rows(windows, &all, rate_hz)?)
    }
}

/// Features of some windows, which have acceleration and angular velocity.
fn rows(windows: &LabelledWindows, chosen: &[usize], rate_hz: f64) -> Result<Vec<f32>, TrainError> {
    // As many as need no great deal of memory.
    const HELD: usize = 1024;
    let mut rows = Vec::with_capacity(chosen.len() * FEATURES);
    for chosen in chosen.chunks(HELD) {
        let held = chosen.iter().map(|&i| windows.window(i)).collect::<Result<Vec<_>, _>>()?;
        let all: Vec<&[[f32; 9]]> = held.iter().map(|window| window.as_chunks().0).collect();
        rows.extend(features_of(&all, rate_hz));
    }
    Ok(rows)
}
