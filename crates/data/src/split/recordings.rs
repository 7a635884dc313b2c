//! Whole recordings that know what they are for.

use super::{ChosenBy, EvaluationEntry, EvaluationLog, Purpose, Subjects, Test, Training, Validation};
use crate::{Content, DataError, Dataset, LabelledRecording};
use ambulo_record::PersonId;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

/// The whole recordings of people who are for one thing: training, validation or test.
///
/// Only [`Subjects`] make one. Those of test people cannot be read:
///
/// ```compile_fail,E0599
/// fn train(test: &ambulo_data::WholeRecordings<'_, ambulo_data::Test>) {
///     let recordings = test.recordings();
/// }
/// ```
///
/// while those of validation people can:
///
/// ```
/// fn choose(validation: &ambulo_data::WholeRecordings<'_, ambulo_data::Validation>) {
///     let recordings = validation.recordings();
/// }
/// ```
///
/// Test people's come out once:
///
/// ```compile_fail,E0382
/// use ambulo_data::{DataError, EvaluationLog, Test, WholeRecordings};
/// fn twice(test: WholeRecordings<'_, Test>, log: &mut dyn EvaluationLog) -> Result<(), DataError> {
///     test.open(log)?;
///     test.open(log)?;
///     Ok(())
/// }
/// ```
///
/// and cannot be copied to come out twice:
///
/// ```compile_fail,E0277
/// fn needs_clone<T: Clone>() {}
/// needs_clone::<ambulo_data::WholeRecordings<'_, ambulo_data::Test>>();
/// ```
pub struct WholeRecordings<'d, P: Purpose> {
    recordings: Vec<&'d LabelledRecording>,
    subjects: BTreeSet<PersonId>,
    chosen_by: ChosenBy,
    dataset: &'d Dataset,
    purpose: PhantomData<fn() -> P>,
}

impl<'d, P: Purpose> WholeRecordings<'d, P> {
    fn of(subjects: &Subjects<P>, dataset: &'d Dataset) -> Result<Self, DataError> {
        let known = dataset.subjects();
        let unknown: Vec<&PersonId> = subjects.ids().difference(&known).collect();
        if !unknown.is_empty() {
            return Err(DataError::UnknownSubjects {
                dataset: dataset.info.name.clone(),
                unknown: PersonId::list(unknown),
                known: PersonId::list(&known),
            });
        }
        let Content::Recordings(all) = &dataset.content else {
            return Err(DataError::NoRecordings { dataset: dataset.info.name.clone() });
        };
        Ok(Self {
            recordings: all.iter().filter(|r| subjects.ids().contains(&r.person)).collect(),
            subjects: subjects.ids().clone(),
            chosen_by: subjects.chosen_by(),
            dataset,
            purpose: PhantomData,
        })
    }

    /// The people.
    pub fn subjects(&self) -> &BTreeSet<PersonId> {
        &self.subjects
    }

    /// Number of recordings, at least one for each person.
    #[allow(clippy::len_without_is_empty)] // people are people of the data set: each has a recording
    pub fn len(&self) -> usize {
        self.recordings.len()
    }
}

// Not derived: the recordings of test people must not be read this way either.
impl<P: Purpose> fmt::Debug for WholeRecordings<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WholeRecordings")
            .field("purpose", &P::NAME)
            .field("protocol", &self.chosen_by.name())
            .field("subjects", &self.subjects)
            .field("recordings", &self.recordings.len())
            .finish()
    }
}

impl<'d> WholeRecordings<'d, Training> {
    /// The recordings to fit on.
    pub fn recordings(&self) -> &[&'d LabelledRecording] {
        &self.recordings
    }
}

impl<'d> WholeRecordings<'d, Validation> {
    /// The recordings to choose on.
    pub fn recordings(&self) -> &[&'d LabelledRecording] {
        &self.recordings
    }
}

impl<'d> WholeRecordings<'d, Test> {
    /// Hands out the recordings for the final evaluation, after recording it in the log.
    ///
    /// # Errors
    /// [`DataError::EvaluationLog`] where the log fails; the recordings then stay closed.
    pub fn open(self, log: &mut dyn EvaluationLog) -> Result<Vec<&'d LabelledRecording>, DataError> {
        let entry = EvaluationEntry {
            dataset: self.dataset.info.name.clone(),
            dataset_sha256: self.dataset.sha256.clone(),
            protocol: self.chosen_by.name(),
            subjects: self.subjects.into_iter().collect(),
            windows: 0,
            recordings: self.recordings.len(),
        };
        log.record(&entry).map_err(|source| DataError::EvaluationLog { source })?;
        Ok(self.recordings)
    }
}

impl Subjects<Training> {
    /// Their whole recordings.
    ///
    /// # Errors
    /// [`DataError::UnknownSubjects`] for another data set than the split's, [`DataError::NoRecordings`] where windows
    /// alone were published.
    pub fn recordings<'d>(&self, dataset: &'d Dataset) -> Result<WholeRecordings<'d, Training>, DataError> {
        WholeRecordings::of(self, dataset)
    }
}

impl Subjects<Validation> {
    /// Their whole recordings.
    ///
    /// # Errors
    /// Those of training people's.
    pub fn recordings<'d>(&self, dataset: &'d Dataset) -> Result<WholeRecordings<'d, Validation>, DataError> {
        WholeRecordings::of(self, dataset)
    }
}

impl Subjects<Test> {
    /// Their whole recordings, closed until [`WholeRecordings::open`]. Consumes the subjects: they are evaluated on once.
    ///
    /// # Errors
    /// Those of training people's.
    #[allow(clippy::needless_pass_by_value)] // consuming them is the point
    pub fn recordings<'d>(self, dataset: &'d Dataset) -> Result<WholeRecordings<'d, Test>, DataError> {
        WholeRecordings::of(&self, dataset)
    }
}
