//! A baseline in the protocols of the networks, with the same records.

use crate::{Baseline, BaselineError, BaselineKind, FEATURES, SvmKernel, features_of};
use ambulo_data::{Dataset, LabelledWindows, Protocol};
use ambulo_record::Metrics;
use ambulo_record::files::CONFIG;
use ambulo_train::{Learner, LearnerRun, Observer, run_learner};
use std::path::Path;

/// How the `config.toml` of a baseline begins, which tells it from that of a training.
const KEY: &str = "baseline = ";

/// Whether a directory holds a baseline rather than a training.
#[must_use]
pub fn is_baseline(directory: &Path) -> bool {
    std::fs::read_to_string(directory.join(CONFIG)).is_ok_and(|text| text.starts_with(KEY))
}

/// Fits a baseline on all development people of each fold of a protocol, evaluates it once on the test people, and leaves
/// the records of a run in `directory`, as [`run_learner`] says. `labels` is the number of activities, 6 or 12; `command`
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
    labels: usize,
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

    fn fit(
        &self,
        windows: &LabelledWindows,
        rate_hz: f64,
        classes: usize,
    ) -> Result<Baseline, BaselineError> {
        Baseline::fit(*self, &rows(windows, rate_hz), FEATURES, &windows.labels, classes)
    }

    fn confidences(
        &self,
        fitted: &Baseline,
        windows: &LabelledWindows,
        rate_hz: f64,
    ) -> Result<Vec<f32>, BaselineError> {
        fitted.probabilities(&rows(windows, rate_hz))
    }
}

fn rows(windows: &LabelledWindows, rate_hz: f64) -> Vec<f32> {
    let all: Vec<&[[f32; 9]]> = (0..windows.len()).map(|i| windows.window(i)).collect();
    features_of(&all, rate_hz)
}
