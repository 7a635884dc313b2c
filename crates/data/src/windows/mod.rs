//! Windows of fixed length with one label each.

mod cut;
mod published;
mod unlabelled;

pub(crate) use cut::{cut, runs, unreadable};
pub use unlabelled::{NoWindows, PassedOver};

use crate::{DataError, Facts, Rows, Spool};
use ambulo_record::{LabelSet, PersonId, Target, Targets};
use ambulo_signal::{InertialSignals, Layout, Preprocessing, Rotation};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Where a window comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WindowOrigin {
    /// Who was recorded.
    pub person: PersonId,
    /// Name of the recording; empty where windows were published without it.
    pub recording: Arc<str>,
    /// What else is known of it.
    pub facts: Arc<Facts>,
    /// The accelerometer's sample, from 0, that is nearest to the window's first row; where windows were published without
    /// recordings, the number of the window in the data set, from 0.
    pub start: u64,
}

/// The inertial signals of a stretch of time, from which windows are cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// In g and rad/s, after the filters and levelled where the preprocessing says so, in its
    /// [`layout`](Preprocessing::layout).
    rows: Rows,
    /// What rows are turned by when they are read, one after the other.
    turns: Vec<Rotation>,
    /// Mean direction of acceleration while the wearer walked or stood, of length 1, in the axes of the rows as they are read: which
    /// way was up. None where nobody did.
    pub up: Option<[f32; 3]>,
}

impl Series {
    /// Signals in memory.
    pub fn new(signals: InertialSignals, up: Option<[f32; 3]>) -> Self {
        Self { rows: Rows::in_memory(signals), turns: Vec::new(), up }
    }

    /// Signals in memory or, if they do not fit any more, in the file of a spool.
    fn stored(spool: &Spool, signals: InertialSignals, up: Option<[f32; 3]>) -> Result<Self, DataError> {
        let rows = Rows::store(spool, signals).map_err(|source| DataError::Spool { source })?;
        Ok(Self { rows, turns: Vec::new(), up })
    }

    /// The same, turned by these one after the other whenever it is read, with another `up`.
    #[must_use]
    pub fn turned(&self, by: impl IntoIterator<Item = Rotation>, up: Option<[f32; 3]>) -> Self {
        let turns = self.turns.iter().copied().chain(by).collect();
        Self { rows: self.rows.clone(), turns, up }
    }

    /// Which signals a row holds.
    pub fn layout(&self) -> Layout {
        self.rows.layout()
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows from `start` on, `length` of them, row-major.
    ///
    /// # Errors
    /// [`DataError::Spool`] for rows that cannot be read, or are not there.
    pub fn rows(&self, start: usize, length: usize) -> Result<Cow<'_, [f32]>, DataError> {
        let mut rows = self.rows.rows(start, length).map_err(|source| DataError::Spool { source })?;
        if !self.turns.is_empty() {
            self.turn(rows.to_mut());
        }
        Ok(rows)
    }

    /// Puts the rows from `start` on, `length` of them, into `out`, and nothing else.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub fn read(&self, start: usize, length: usize, out: &mut Vec<f32>) -> Result<(), DataError> {
        self.rows.read(start, length, out).map_err(|source| DataError::Spool { source })?;
        self.turn(out);
        Ok(())
    }

    /// All of it in memory.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub fn signals(&self) -> Result<InertialSignals, DataError> {
        Ok(InertialSignals::new(self.layout(), self.rows(0, self.len())?.into_owned()))
    }

    fn turn(&self, rows: &mut [f32]) {
        self.turns.iter().for_each(|turn| turn.apply_rows(rows));
    }
}

/// Where a window lies in a [`Series`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which series.
    pub series: usize,
    /// Its first row.
    pub start: usize,
    /// All first rows from which a window of the same label could be cut; `start` is among them.
    pub starts: Range<usize>,
}

/// Windows, what they are to be taken for and their origins, in equal order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelledWindows {
    /// Rows per window.
    pub time: usize,
    /// What the windows are cut from, not normalised; shared between partitions of the same cut.
    pub series: Vec<Arc<Series>>,
    /// Where each window lies.
    pub places: Vec<Place>,
    /// Code of each window's label: below `classes` the class of this index, from there on the group `code - classes`.
    pub labels: Vec<u8>,
    /// Number of classes of the label set the windows were cut with.
    pub classes: usize,
    /// Groups of classes that coarse labels mean: class indices, ascending.
    pub groups: Vec<Vec<u8>>,
    /// Origin of each window.
    pub origins: Vec<WindowOrigin>,
}

impl LabelledWindows {
    fn empty(time: usize, labels: &LabelSet) -> Self {
        Self { time, classes: labels.len(), ..Self::default() }
    }

    /// Number of windows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no window.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The inertial signals of window `i`, shape `[time, width]` of their layout.
    ///
    /// # Errors
    /// As [`Series::rows`].
    ///
    /// # Panics
    /// If `i` is not below [`Self::len`].
    pub fn window(&self, i: usize) -> Result<Cow<'_, [f32]>, DataError> {
        let place = &self.places[i];
        self.series[place.series].rows(place.start, self.time)
    }

    /// What window `i` is labelled with; `None` from [`Self::len`] on.
    pub fn target(&self, i: usize) -> Option<Target> {
        let code = *self.labels.get(i)?;
        match usize::from(code).checked_sub(self.classes) {
            None => Some(Target::Class(code)),
            Some(group) => self.groups.get(group).cloned().map(Target::Group),
        }
    }

    /// The series that window `i` lies in.
    ///
    /// # Panics
    /// If `i` is not below [`Self::len`].
    pub fn series_of(&self, i: usize) -> &Series {
        &self.series[self.places[i].series]
    }

    /// The network's input for some windows, shape `[window, time, channel]`; normalised if `p` has statistics. Meant for as many as
    /// memory has room for.
    ///
    /// # Errors
    /// As [`Series::rows`].
    ///
    /// # Panics
    /// If the range ends beyond [`Self::len`].
    pub fn input_of(&self, windows: Range<usize>, p: &Preprocessing) -> Result<Vec<f32>, DataError> {
        let size = self.time * p.channels.len();
        let mut x = vec![0.0; windows.len() * size];
        for (i, out) in windows.zip(x.chunks_exact_mut(size.max(1))) {
            p.window_input(&self.window(i)?, out);
        }
        Ok(x)
    }

    /// The network's input for all windows, where they are few.
    ///
    /// # Errors
    /// As [`Series::rows`].
    pub fn input(&self, p: &Preprocessing) -> Result<Vec<f32>, DataError> {
        self.input_of(0..self.len(), p)
    }

    /// Everyone with at least one window.
    pub fn subjects(&self) -> BTreeSet<PersonId> {
        self.origins.iter().map(|origin| origin.person.clone()).collect()
    }

    /// The windows of these people, in order.
    pub fn filter(&self, people: &BTreeSet<PersonId>) -> Self {
        let theirs = |(i, origin): (usize, &WindowOrigin)| people.contains(&origin.person).then_some(i);
        self.pick(self.origins.iter().enumerate().filter_map(theirs))
    }

    /// The windows of these numbers, in their order.
    ///
    /// # Panics
    /// If a number is not below [`Self::len`].
    pub fn pick(&self, numbers: impl IntoIterator<Item = usize>) -> Self {
        let mut kept =
            Self { time: self.time, classes: self.classes, groups: self.groups.clone(), ..Self::default() };
        let mut number = vec![None; self.series.len()];
        for i in numbers {
            let place = &self.places[i];
            let series = *number[place.series].get_or_insert_with(|| {
                kept.series.push(Arc::clone(&self.series[place.series]));
                kept.series.len() - 1
            });
            kept.push(Place { series, ..place.clone() }, self.labels[i], self.origins[i].clone());
        }
        kept
    }

    /// These windows followed by others of the same length and classes.
    ///
    /// # Errors
    /// [`DataError::Incompatible`] where these differ, or the groups of both do not fit into one byte.
    pub fn concat(mut self, other: &Self) -> Result<Self, DataError> {
        let incompatible = |reason| Err(DataError::Incompatible { reason });
        if self.time != other.time {
            return incompatible(format!("windows of {} samples and of {}", self.time, other.time));
        }
        if self.classes != other.classes {
            return incompatible(format!("{} classes and {}", self.classes, other.classes));
        }
        let mut codes = Vec::with_capacity(other.groups.len());
        for group in &other.groups {
            let known = self.groups.iter().position(|known| known == group);
            let number = known.unwrap_or_else(|| {
                self.groups.push(group.clone());
                self.groups.len() - 1
            });
            match u8::try_from(self.classes + number) {
                Ok(code) if usize::from(code) < Targets::MOST => codes.push(code),
                _ => return incompatible("they have too many different coarse labels together".to_owned()),
            }
        }
        let code = |&label: &u8| {
            let group = usize::from(label).checked_sub(self.classes);
            group.and_then(|group| codes.get(group)).copied().unwrap_or(label)
        };
        let offset = self.series.len();
        self.series.extend(other.series.iter().cloned());
        self.places.extend(
            other.places.iter().map(|place| Place { series: place.series + offset, ..place.clone() }),
        );
        self.labels.extend(other.labels.iter().map(code));
        self.origins.extend_from_slice(&other.origins);
        Ok(self)
    }

    /// Windows per class, for class indices below `classes`; coarse labels are of none.
    pub fn class_counts(&self, classes: usize) -> Vec<usize> {
        let mut counts = vec![0; classes];
        for &label in self.labels.iter().filter(|&&label| usize::from(label) < self.classes) {
            if let Some(count) = counts.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
        counts
    }

    fn push(&mut self, place: Place, label: u8, origin: WindowOrigin) {
        self.places.push(place);
        self.labels.push(label);
        self.origins.push(origin);
    }
}
