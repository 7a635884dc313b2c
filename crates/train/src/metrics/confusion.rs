//! Confusion matrices and the figures that follow from them.

use super::statistics::{mean, share};
use super::{MetricsError, check_classes, check_indices, check_length, predicted};
use ambulo_record::PersonId;
use std::collections::BTreeMap;

/// Counts of windows, or amounts of time, by true and predicted class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    /// `[truth, predicted]`, row-major.
    counts: Vec<u64>,
    /// `[truth]`: what was not predicted at all. No window is among them, but time may be.
    unanswered: Vec<u64>,
}

/// Figures of one class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScores {
    /// Share of the windows predicted as this class that are of this class; 0 where nothing was predicted as
    /// it.
    pub precision: f64,
    /// Share of the windows of this class that were predicted as it; 0 where there are none.
    pub recall: f64,
    /// Harmonic mean of precision and recall, `2 tp / (2 tp + fp + fn)`; 0 where the class occurs in neither.
    pub f1: f64,
    /// Windows of this class.
    pub support: u64,
}

/// The sums of one class from which all figures follow; what the bootstrap pools instead of whole matrices.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ClassSums {
    /// Windows of the class predicted as it.
    hits: u64,
    /// Windows of the class.
    support: u64,
    /// Windows predicted as the class.
    predictions: u64,
}

impl ClassSums {
    fn recall(self) -> f64 {
        ratio(self.hits, self.support)
    }

    fn f1(self) -> f64 {
        ratio(2 * self.hits, self.support + self.predictions)
    }
}

impl std::ops::AddAssign for ClassSums {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.support += other.support;
        self.predictions += other.predictions;
    }
}

pub(super) fn accuracy(sums: &[ClassSums]) -> f64 {
    ratio(sums.iter().map(|class| class.hits).sum(), sums.iter().map(|class| class.support).sum())
}

pub(super) fn balanced_accuracy(sums: &[ClassSums]) -> f64 {
    mean(sums.iter().filter(|class| class.support > 0).map(|class| class.recall()))
}

pub(super) fn macro_f1(sums: &[ClassSums]) -> f64 {
    mean(sums.iter().filter(|class| class.support + class.predictions > 0).map(|class| class.f1()))
}

pub(super) fn macro_f1_performed(sums: &[ClassSums]) -> f64 {
    mean(sums.iter().filter(|class| class.support > 0).map(|class| class.f1()))
}

impl ConfusionMatrix {
    /// A matrix of zeros.
    ///
    /// # Errors
    /// A number of classes outside 1 to 256.
    pub fn new(classes: usize) -> Result<Self, MetricsError> {
        check_classes(classes)?;
        Ok(Self { classes, counts: vec![0; classes * classes], unanswered: vec![0; classes] })
    }

    /// Counts true and predicted class indices, each `[windows]`.
    ///
    /// # Errors
    /// No windows, different lengths, an index without a class, a number of classes outside 1 to 256.
    pub fn from_indices(truth: &[u8], predicted: &[u8], classes: usize) -> Result<Self, MetricsError> {
        let mut matrix = Self::new(classes)?;
        if truth.is_empty() {
            return Err(MetricsError::NoWindows);
        }
        check_length("predicted classes", truth.len(), predicted.len())?;
        check_indices(truth, classes)?;
        check_indices(predicted, classes)?;
        for (&t, &p) in truth.iter().zip(predicted) {
            matrix.count_one(t, p);
        }
        Ok(matrix)
    }

    /// Counts true class indices `[windows]` against the most probable class of `probabilities`
    /// `[windows, classes]`.
    ///
    /// # Errors
    /// As [`Self::from_indices`], and values that are not probabilities.
    pub fn from_probabilities(
        truth: &[u8],
        probabilities: &[f32],
        classes: usize,
    ) -> Result<Self, MetricsError> {
        check_classes(classes)?;
        check_length("probabilities", truth.len() * classes, probabilities.len())?;
        Self::from_indices(truth, &predicted(probabilities, classes)?, classes)
    }

    fn count_one(&mut self, truth: u8, predicted: u8) {
        self.count_amount(truth, Some(predicted), 1);
    }

    /// Adds an amount of class `truth` predicted as class `predicted`, or as none.
    ///
    /// # Panics
    /// If there is no such class.
    pub(super) fn count_amount(&mut self, truth: u8, predicted: Option<u8>, amount: u64) {
        let truth = usize::from(truth);
        match predicted {
            Some(predicted) => self.counts[truth * self.classes + usize::from(predicted)] += amount,
            None => self.unanswered[truth] += amount,
        }
    }

    /// Makes an amount of class `truth` that counted as not predicted one that is predicted as class `predicted`.
    ///
    /// # Panics
    /// If there is no such class.
    pub(super) fn answer_amount(&mut self, truth: u8, predicted: u8, amount: u64) {
        let unanswered = &mut self.unanswered[usize::from(truth)];
        *unanswered = unanswered.saturating_sub(amount);
        self.count_amount(truth, Some(predicted), amount);
    }

    /// What of each class was not predicted at all, `[truth]`.
    pub(super) fn unanswered(&self) -> &[u64] {
        &self.unanswered
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Windows of class `truth` predicted as class `predicted`; 0 for classes that do not exist.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        if truth < self.classes && predicted < self.classes {
            self.counts[truth * self.classes + predicted]
        } else {
            0
        }
    }

    /// Adds the counts of another matrix.
    ///
    /// # Errors
    /// Different numbers of classes.
    pub fn add(&mut self, other: &Self) -> Result<(), MetricsError> {
        check_length("confusion matrix classes", self.classes, other.classes)?;
        let theirs = other.counts.iter().chain(&other.unanswered);
        for (a, b) in self.counts.iter_mut().chain(&mut self.unanswered).zip(theirs) {
            *a += b;
        }
        Ok(())
    }

    /// The matrix of `rows[truth][predicted]`.
    ///
    /// # Errors
    /// A number of classes outside 1 to 256, or rows that are not a square.
    pub fn from_rows(rows: &[Vec<u64>]) -> Result<Self, MetricsError> {
        check_classes(rows.len())?;
        for row in rows {
            check_length("a row of a confusion matrix", rows.len(), row.len())?;
        }
        Ok(Self { classes: rows.len(), counts: rows.concat(), unanswered: vec![0; rows.len()] })
    }

    /// The counts as `rows[truth][predicted]`.
    pub fn rows(&self) -> Vec<Vec<u64>> {
        self.counts.chunks_exact(self.classes).map(<[u64]>::to_vec).collect()
    }

    /// Number of windows.
    pub fn total(&self) -> u64 {
        self.counts.iter().chain(&self.unanswered).sum()
    }

    pub(super) fn class_sums(&self) -> Vec<ClassSums> {
        let mut sums = vec![ClassSums::default(); self.classes];
        for (truth, row) in self.counts.chunks_exact(self.classes).enumerate() {
            sums[truth].hits = row[truth];
            sums[truth].support += self.unanswered[truth];
            for (predicted, &count) in row.iter().enumerate() {
                sums[truth].support += count;
                sums[predicted].predictions += count;
            }
        }
        sums
    }

    /// Share of windows classified correctly; 0 without windows.
    pub fn accuracy(&self) -> f64 {
        accuracy(&self.class_sums())
    }

    /// Mean recall over the classes that have windows (as scikit-learn's `balanced_accuracy_score`); 0
    /// without windows.
    pub fn balanced_accuracy(&self) -> f64 {
        balanced_accuracy(&self.class_sums())
    }

    /// Precision, recall, F1 and support of each class, `[classes]`.
    pub fn class_scores(&self) -> Vec<ClassScores> {
        let scores = |class: ClassSums| ClassScores {
            precision: ratio(class.hits, class.predictions),
            recall: class.recall(),
            f1: class.f1(),
            support: class.support,
        };
        self.class_sums().into_iter().map(scores).collect()
    }

    /// Mean F1 over the classes that occur in truth or prediction (the classes scikit-learn's `f1_score`
    /// takes by default); 0 without windows.
    pub fn macro_f1(&self) -> f64 {
        macro_f1(&self.class_sums())
    }

    /// Mean F1 over the classes that occur in truth: for one subject, the activities this subject performed;
    /// 0 without windows.
    pub fn macro_f1_performed(&self) -> f64 {
        macro_f1_performed(&self.class_sums())
    }
}

/// One confusion matrix for each subject, from true and predicted class indices and people, each
/// `[windows]`.
///
/// # Errors
/// No windows, different lengths, an index without a class, a number of classes outside 1 to 256.
pub fn confusion_by_subject(
    truth: &[u8],
    predicted: &[u8],
    subjects: &[PersonId],
    classes: usize,
) -> Result<BTreeMap<PersonId, ConfusionMatrix>, MetricsError> {
    let empty = ConfusionMatrix::new(classes)?;
    if truth.is_empty() {
        return Err(MetricsError::NoWindows);
    }
    check_length("predicted classes", truth.len(), predicted.len())?;
    check_length("subjects", truth.len(), subjects.len())?;
    check_indices(truth, classes)?;
    check_indices(predicted, classes)?;
    let mut matrices: BTreeMap<PersonId, ConfusionMatrix> = BTreeMap::new();
    for ((&t, &p), subject) in truth.iter().zip(predicted).zip(subjects) {
        if !matrices.contains_key(subject) {
            matrices.insert(subject.clone(), empty.clone());
        }
        if let Some(matrix) = matrices.get_mut(subject) {
            matrix.count_one(t, p);
        }
    }
    Ok(matrices)
}

fn ratio(part: u64, whole: u64) -> f64 {
    share(part as f64, whole)
}
