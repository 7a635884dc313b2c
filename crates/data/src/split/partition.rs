//! Windows that know what they are for.

use super::{ChosenBy, EvaluationEntry, EvaluationLog, Purpose, Test, Training, Validation};
use crate::{DataError, Dataset, LabelledWindows, windows};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::Preprocessing;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

/// The windows of people who are for one thing: training, validation or test.
///
/// Only [`Subjects`](super::Subjects) make one, so that it is for what its people are for.
///
/// A test partition has no readable windows:
///
/// ```compile_fail,E0599
/// fn train(test: &ambulo_data::Partition<ambulo_data::Test>) {
///     let windows = test.windows();
/// }
/// ```
///
/// while a training partition has:
///
/// ```
/// fn train(training: &ambulo_data::Partition<ambulo_data::Training>) {
///     let windows = training.windows();
/// }
/// ```
///
/// It cannot be copied to be opened twice:
///
/// ```compile_fail,E0277
/// fn needs_clone<T: Clone>() {}
/// needs_clone::<ambulo_data::Partition<ambulo_data::Test>>();
/// ```
///
/// It is gone after the evaluation:
///
/// ```compile_fail,E0382
/// use ambulo_data::{DataError, EvaluationLog, Partition, Test};
/// fn twice(test: Partition<Test>, log: &mut dyn EvaluationLog) -> Result<(), DataError> {
///     test.open(log)?;
///     test.open(log)?;
///     Ok(())
/// }
/// ```
///
/// It cannot join the training windows:
///
/// ```compile_fail,E0308
/// use ambulo_data::{DataError, Partition, Test, Training};
/// fn leak(train: Partition<Training>, test: Partition<Test>) -> Result<Partition<Training>, DataError> {
///     train.with_validation(test)
/// }
/// ```
///
/// There is no other way to them: windows are cut by what people are for alone.
///
/// ```compile_fail,E0432
/// use ambulo_data::cut;
/// ```
///
/// ```compile_fail,E0603
/// use ambulo_data::windows::cut;
/// ```
///
/// And subjects cannot change what they are for:
///
/// ```compile_fail,E0308
/// fn relabel(test: ambulo_data::TestSubjects) -> ambulo_data::TrainingSubjects {
///     test
/// }
/// ```
pub struct Partition<P: Purpose> {
    pub(super) windows: LabelledWindows,
    pub(super) subjects: BTreeSet<PersonId>,
    classes: LabelSet,
    chosen_by: ChosenBy,
    pub(super) dataset: String,
    dataset_sha256: String,
    purpose: PhantomData<fn() -> P>,
}

impl<P: Purpose> Partition<P> {
    pub(super) fn cut(
        dataset: &Dataset,
        p: &Preprocessing,
        labels: &LabelSet,
        subjects: &BTreeSet<PersonId>,
        chosen_by: ChosenBy,
    ) -> Result<Self, DataError> {
        let windows = windows::cut(dataset, p, labels, subjects)?;
        if windows.is_empty() {
            return Err(DataError::NoWindows {
                dataset: dataset.info.name.clone(),
                subjects: PersonId::list(subjects),
                window: p.window,
            });
        }
        Ok(Self {
            windows,
            subjects: subjects.clone(),
            classes: labels.clone(),
            chosen_by,
            dataset: dataset.info.name.clone(),
            dataset_sha256: dataset.sha256.clone(),
            purpose: PhantomData,
        })
    }

    /// The people of this partition.
    pub fn subjects(&self) -> &BTreeSet<PersonId> {
        &self.subjects
    }

    /// Number of windows, at least one.
    #[allow(clippy::len_without_is_empty)] // never empty, by construction
    pub fn len(&self) -> usize {
        self.windows.len()
    }
}

// Not derived: the windows of a test partition must not be read this way either.
impl<P: Purpose> fmt::Debug for Partition<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partition")
            .field("purpose", &P::NAME)
            .field("protocol", &self.chosen_by.name())
            .field("subjects", &self.subjects)
            .field("windows", &self.windows.len())
            .finish()
    }
}

impl Partition<Training> {
    /// The windows to fit on.
    pub fn windows(&self) -> &LabelledWindows {
        &self.windows
    }

    /// Some of its windows and people in place of all.
    pub(super) fn narrowed(self, windows: LabelledWindows, subjects: BTreeSet<PersonId>) -> Self {
        Self { windows, subjects, ..self }
    }

    /// Training and validation windows together, for a last training once everything has been chosen.
    ///
    /// # Errors
    /// [`DataError::Incompatible`] where the two were not cut from one data set in one way, or share people.
    pub fn with_validation(self, validation: Partition<Validation>) -> Result<Self, DataError> {
        let incompatible = |reason: String| Err(DataError::Incompatible { reason });
        let Partition { windows, subjects, classes, dataset, dataset_sha256, .. } = validation;
        if self.dataset_sha256 != dataset_sha256 {
            return incompatible(format!(
                "they come from {} and {dataset} with different content",
                self.dataset
            ));
        }
        if self.classes != classes {
            return incompatible("their classes differ".to_owned());
        }
        let shared: Vec<&PersonId> = self.subjects.intersection(&subjects).collect();
        if !shared.is_empty() {
            return incompatible(format!("both contain the subjects {}", PersonId::list(shared)));
        }
        let windows = self.windows.concat(&windows)?;
        let subjects = self.subjects.union(&subjects).cloned().collect();
        Ok(Self { windows, subjects, ..self })
    }
}

impl Partition<Validation> {
    /// The windows to choose on.
    pub fn windows(&self) -> &LabelledWindows {
        &self.windows
    }
}

impl Partition<Test> {
    /// Hands out the windows for the final evaluation, after recording it in the log.
    ///
    /// # Errors
    /// [`DataError::EvaluationLog`] where the log fails; the windows then stay closed.
    pub fn open(self, log: &mut dyn EvaluationLog) -> Result<LabelledWindows, DataError> {
        let entry = EvaluationEntry {
            dataset: self.dataset,
            dataset_sha256: self.dataset_sha256,
            protocol: self.chosen_by.name(),
            subjects: self.subjects.into_iter().collect(),
            windows: self.windows.len(),
            recordings: 0,
        };
        log.record(&entry).map_err(|source| DataError::EvaluationLog { source })?;
        Ok(self.windows)
    }
}
