//! Who is for what.

use super::{ChosenBy, Partition, Protocol, Purpose, Test, Training, Validation};
use crate::hapt;
use crate::{Content, DataError, Dataset, PublishedPartition};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::Preprocessing;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

/// The test subjects of UCI HAR as published, hence of HAPT: the same people.
pub const OFFICIAL_TEST_SUBJECTS: [u16; 9] = [2, 4, 9, 10, 12, 13, 18, 20, 24];

/// Number of people of UCI HAR and HAPT, numbered from 1.
const OFFICIAL_PEOPLE: u16 = 30;

const OFFICIAL: ChosenBy = ChosenBy::Protocol(Protocol::Official);

/// The people who are for one thing: training, validation or test.
#[derive(Debug)]
pub struct Subjects<P: Purpose> {
    ids: BTreeSet<PersonId>,
    chosen_by: ChosenBy,
    purpose: PhantomData<fn() -> P>,
}

/// People to fit on.
pub type TrainingSubjects = Subjects<Training>;
/// People to choose on.
pub type ValidationSubjects = Subjects<Validation>;
/// People for the final evaluation.
pub type TestSubjects = Subjects<Test>;

impl<P: Purpose> Subjects<P> {
    fn new(ids: BTreeSet<PersonId>, chosen_by: ChosenBy) -> Self {
        Self { ids, chosen_by, purpose: PhantomData }
    }

    /// Who they are.
    pub fn ids(&self) -> &BTreeSet<PersonId> {
        &self.ids
    }

    /// How the test people of their split came to be.
    pub fn chosen_by(&self) -> ChosenBy {
        self.chosen_by
    }

    /// Leaves those who are among these people.
    pub(super) fn retain(&mut self, people: &BTreeSet<PersonId>) {
        self.ids.retain(|person| people.contains(person));
    }

    /// Both public kinds of `cut`.
    fn windows(
        &self,
        dataset: &Dataset,
        p: &Preprocessing,
        labels: &LabelSet,
    ) -> Result<Partition<P>, DataError> {
        Partition::cut(dataset, p, labels, &self.ids, self.chosen_by)
    }
}

impl TrainingSubjects {
    /// Their windows.
    ///
    /// # Errors
    /// [`DataError::Signal`] for a recording `p` refuses, [`DataError::PreprocessingMismatch`] where published windows have
    /// another length or rate, [`DataError::UnknownSubjects`] for another data set than the split's, and
    /// [`DataError::NoWindows`] where not one window results.
    pub fn cut(
        &self,
        dataset: &Dataset,
        p: &Preprocessing,
        labels: &LabelSet,
    ) -> Result<Partition<Training>, DataError> {
        self.windows(dataset, p, labels)
    }
}

impl ValidationSubjects {
    /// Their windows.
    ///
    /// # Errors
    /// Those of [`TrainingSubjects::cut`].
    pub fn cut(
        &self,
        dataset: &Dataset,
        p: &Preprocessing,
        labels: &LabelSet,
    ) -> Result<Partition<Validation>, DataError> {
        self.windows(dataset, p, labels)
    }
}

impl TestSubjects {
    /// Only those among these people who are named.
    ///
    /// # Errors
    /// [`DataError::NotForEvaluation`] for people who are not among them, with those who are; also if none is named.
    pub fn only(self, named: &BTreeSet<PersonId>, dataset: &Dataset) -> Result<Self, DataError> {
        if !named.is_subset(&self.ids) || named.is_empty() {
            return Err(DataError::NotForEvaluation {
                dataset: dataset.info.name.clone(),
                refused: PersonId::list(named.difference(&self.ids)),
                open: PersonId::list(&self.ids),
            });
        }
        Ok(Self::new(named.clone(), ChosenBy::Name))
    }

    /// Their windows, closed until [`Partition::open`]. Consumes the subjects: they are evaluated on once.
    ///
    /// # Errors
    /// Those of [`TrainingSubjects::cut`].
    #[allow(clippy::needless_pass_by_value)] // consuming them is the point
    pub fn cut(
        self,
        dataset: &Dataset,
        p: &Preprocessing,
        labels: &LabelSet,
    ) -> Result<Partition<Test>, DataError> {
        self.windows(dataset, p, labels)
    }
}

/// People to develop on: everyone but the test subjects.
#[derive(Debug)]
pub struct DevelopmentSubjects {
    ids: BTreeSet<PersonId>,
    /// The same by data set, where several were joined.
    strata: Vec<BTreeSet<PersonId>>,
    chosen_by: ChosenBy,
}

impl DevelopmentSubjects {
    /// Who they are.
    pub fn ids(&self) -> &BTreeSet<PersonId> {
        &self.ids
    }

    /// Leaves those who are among these people.
    pub(super) fn retain(&mut self, people: &BTreeSet<PersonId>) {
        for ids in self.strata.iter_mut().chain([&mut self.ids]) {
            ids.retain(|person| people.contains(person));
        }
    }

    /// Everyone in random order, the people of several data sets so that each part of the order has its share of each.
    fn drawn(&self, seed: u64) -> Vec<PersonId> {
        let mut order = Vec::with_capacity(self.ids.len());
        for stratum in &self.strata {
            let mut people: Vec<PersonId> = stratum.iter().cloned().collect();
            shuffle(&mut people, seed);
            let count = people.len();
            order.extend(people.into_iter().enumerate().map(|(i, person)| ((2 * i + 1, 2 * count), person)));
        }
        // By their place in their own data set, as a fraction; stable, so that the order of data sets decides between equals.
        order.sort_by(|((a, n), _), ((b, m), _)| (a * m).cmp(&(b * n)));
        order.into_iter().map(|(_, person)| person).collect()
    }

    /// Draws `count` validation subjects at random; the others are for training.
    ///
    /// The same people, count and seed give the same draw: a Fisher-Yates shuffle by `ChaCha8`.
    ///
    /// # Errors
    /// [`DataError::SplitSize`] unless at least one subject remains on either side.
    pub fn hold_out_validation(
        &self,
        count: usize,
        seed: u64,
    ) -> Result<(TrainingSubjects, ValidationSubjects), DataError> {
        self.hold_out_group(count, seed, 0)
    }

    /// As [`hold_out_validation`](Self::hold_out_validation), but the `group`-th `count` of the shuffled people, counted
    /// from 0: the groups of one seed are disjoint, and together they are everyone, for cross-validation within the people
    /// to develop on. The last group may be smaller.
    ///
    /// # Errors
    /// [`DataError::SplitSize`] unless at least one subject remains on either side.
    pub fn hold_out_group(
        &self,
        count: usize,
        seed: u64,
        group: usize,
    ) -> Result<(TrainingSubjects, ValidationSubjects), DataError> {
        let available = self.ids.len();
        let first = count.saturating_mul(group);
        if count == 0 || count >= available || first >= available {
            return Err(DataError::SplitSize { asked: count.saturating_mul(group + 1), available });
        }
        let validation: BTreeSet<PersonId> = self.drawn(seed).into_iter().skip(first).take(count).collect();
        let training = &self.ids - &validation;
        Ok((Subjects::new(training, self.chosen_by), Subjects::new(validation, self.chosen_by)))
    }
}

/// A Fisher-Yates shuffle by `ChaCha8`.
pub(super) fn shuffle(people: &mut [PersonId], seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for i in (1..people.len()).rev() {
        people.swap(i, below(&mut random, i as u64 + 1) as usize);
    }
}

/// A number below `bound`, each equally likely.
pub(super) fn below(random: &mut ChaCha8Rng, bound: u64) -> u64 {
    // Numbers from the last whole multiple of the bound on would favour small remainders.
    let whole = u64::MAX - u64::MAX % bound;
    loop {
        let number = random.next_u64();
        if number < whole {
            return number % bound;
        }
    }
}

/// Test subjects set aside from those for development.
#[derive(Debug)]
pub struct Split {
    pub(super) development: DevelopmentSubjects,
    pub(super) test: TestSubjects,
}

impl Split {
    /// How the test people came to be.
    pub fn chosen_by(&self) -> ChosenBy {
        self.test.chosen_by
    }

    /// The people to develop on.
    pub fn development(&self) -> &DevelopmentSubjects {
        &self.development
    }

    /// The people to develop on, and those for the final evaluation.
    pub fn into_parts(self) -> (DevelopmentSubjects, TestSubjects) {
        (self.development, self.test)
    }
}

/// The split published with UCI HAR: [`Protocol::split`].
pub(super) fn official(dataset: &Dataset, fold: usize) -> Result<Split, DataError> {
    const PROTOCOL: Protocol = Protocol::Official;
    if fold != 1 {
        return Err(DataError::NoFold { protocol: PROTOCOL, folds: 1, found: fold });
    }
    let found = dataset.subjects();
    if !has_official_people(dataset, &found) {
        return Err(DataError::WrongSubjects {
            protocol: PROTOCOL,
            dataset: dataset.info.name.clone(),
            found: PersonId::list(&found),
        });
    }
    let test = official_test_subjects();
    if let Content::Windows(windows) = &dataset.content {
        for (person, published) in windows.people.iter().zip(&windows.published) {
            if test.contains(person) != (*published == PublishedPartition::Test) {
                let published = if *published == PublishedPartition::Test { "test" } else { "train" };
                return Err(DataError::PublishedPartitionDiffers {
                    dataset: dataset.info.name.clone(),
                    person: person.clone(),
                    published,
                    expected: PersonId::list(&test),
                });
            }
        }
    }
    set_aside(dataset, &test, OFFICIAL)
}

/// The people of [`OFFICIAL_TEST_SUBJECTS`].
pub(crate) fn official_test_subjects() -> BTreeSet<PersonId> {
    OFFICIAL_TEST_SUBJECTS.into_iter().map(PersonId::from).collect()
}

/// The split that the data set itself names: [`Protocol::split`].
pub(super) fn published(dataset: &Dataset, fold: usize) -> Result<Split, DataError> {
    const PROTOCOL: Protocol = Protocol::Published;
    if fold != 1 {
        return Err(DataError::NoFold { protocol: PROTOCOL, folds: 1, found: fold });
    }
    let Some(test) = dataset.published_test.as_ref().filter(|test| !test.is_empty()) else {
        return Err(DataError::ProtocolUnfit {
            protocol: PROTOCOL,
            dataset: dataset.info.name.clone(),
            reason: "it names no test people\nhint: loso or groups10 divide any data set".to_owned(),
        });
    };
    set_aside(dataset, test, ChosenBy::Protocol(PROTOCOL))
}

/// Whether these are all people of the data set that the published split divides, and of no other with as many.
pub(super) fn has_official_people(dataset: &Dataset, subjects: &BTreeSet<PersonId>) -> bool {
    dataset.info.cohort == hapt::COHORT
        && subjects.iter().cloned().eq((1..=OFFICIAL_PEOPLE).map(PersonId::from))
}

/// Sets these test subjects aside, everyone else is for development.
///
/// # Errors
/// [`DataError::UnknownSubjects`] for people who are not in the data set, [`DataError::SplitSize`] unless at
/// least one subject is on either side.
pub fn with_test_subjects(dataset: &Dataset, test: &BTreeSet<PersonId>) -> Result<Split, DataError> {
    set_aside(dataset, test, ChosenBy::Name)
}

pub(super) fn set_aside(
    dataset: &Dataset,
    test: &BTreeSet<PersonId>,
    chosen_by: ChosenBy,
) -> Result<Split, DataError> {
    let all = dataset.subjects();
    let unknown: Vec<&PersonId> = test.difference(&all).collect();
    if !unknown.is_empty() {
        return Err(DataError::UnknownSubjects {
            dataset: dataset.info.name.clone(),
            unknown: PersonId::list(unknown),
            known: PersonId::list(&all),
        });
    }
    if test.is_empty() || test.len() == all.len() {
        return Err(DataError::SplitSize { asked: test.len(), available: all.len() });
    }
    let ids = &all - test;
    let mut strata: BTreeMap<&str, BTreeSet<PersonId>> = BTreeMap::new();
    for person in &ids {
        strata.entry(dataset.origin_of(person)).or_default().insert(person.clone());
    }
    let strata = strata.into_values().collect();
    let development = DevelopmentSubjects { ids, strata, chosen_by };
    Ok(Split { development, test: Subjects::new(test.clone(), chosen_by) })
}

/// The people a saved model was trained on, to train or to show it on again; not one of them is ever tested on.
#[must_use]
pub fn subjects_trained_on(trained_on: BTreeSet<PersonId>) -> TrainingSubjects {
    Subjects::new(trained_on, ChosenBy::Name)
}

/// The people of a data set on whom a saved model may be evaluated: those it has not seen.
///
/// `trained_on` is everyone whose data shaped the model, validation subjects included. It holds numbers of
/// the data set's [`crate::DatasetInfo::cohort`]; for a model trained on another cohort it is empty.
///
/// If the data set is complete (subjects 1 to 30 of UCI HAR or HAPT) and the model saw none of the
/// [`OFFICIAL_TEST_SUBJECTS`], it is those nine and the protocol is `official`, so that figures can be
/// compared; else it is everyone unseen, and the protocol is `unseen`.
///
/// # Errors
/// [`DataError::NoUnseenSubjects`], which names the overlap, where nobody is left.
pub fn subjects_for_evaluation(
    dataset: &Dataset,
    trained_on: &BTreeSet<PersonId>,
) -> Result<TestSubjects, DataError> {
    let all = dataset.subjects();
    let unseen = &all - trained_on;
    if unseen.is_empty() {
        return Err(DataError::NoUnseenSubjects {
            dataset: dataset.info.name.clone(),
            overlap: PersonId::list(all.intersection(trained_on)),
        });
    }
    let official = official_test_subjects();
    if has_official_people(dataset, &all) && official.is_subset(&unseen) {
        return Ok(Subjects::new(official, OFFICIAL));
    }
    Ok(Subjects::new(unseen, ChosenBy::Unseen))
}
