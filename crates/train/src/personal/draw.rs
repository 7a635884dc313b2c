//! What a person is asked to give, drawn at random, and what is left of them.

use super::people::{Person, Window};
use ambulo_nn::Random;
use std::collections::BTreeSet;

/// How much of each activity is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// Seconds of each activity.
    pub seconds: f64,
    /// Stretches into which they are divided.
    pub pieces: usize,
}

impl Amount {
    /// So many seconds, in as many of these pieces as are a window long.
    #[must_use]
    pub fn new(seconds: f64, pieces: usize, person: &Person) -> Self {
        Self { seconds, pieces: self::pieces(seconds, pieces, person.window_ns as f64 / 1e9) }
    }

    /// Length of a piece in nanoseconds.
    fn piece_ns(self) -> i64 {
        (self.seconds * 1e9 / self.pieces.max(1) as f64) as i64
    }
}

/// How many pieces of about a window or more so many seconds make, at most as many as asked for: four of 10 s where windows are 2.56 s long, one
/// of 3 s.
pub(super) fn pieces(seconds: f64, asked: usize, window_s: f64) -> usize {
    let room = (seconds / window_s).round();
    if room.is_finite() { asked.min(room as usize).max(1) } else { asked.max(1) }
}

/// A stretch of one activity that is given, with its windows.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The activity.
    pub activity: String,
    /// Index of the recording among those of the person.
    pub recording: usize,
    /// Where it begins, in nanoseconds from the recording's zero: where a window does.
    pub start_ns: i64,
    /// Where it ends.
    pub end_ns: i64,
    /// Windows of the activity that lie in it, as indices into those of the person.
    pub windows: Vec<usize>,
}

impl Piece {
    /// Its length in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        (self.end_ns - self.start_ns) as f64 / 1e9
    }

    /// Seconds that its windows cover.
    pub(super) fn covered_s(&self, person: &Person) -> f64 {
        let (first, last) = (self.windows.first(), self.windows.last());
        first.zip(last).map_or(0.0, |(&first, &last)| {
            let span = person.windows[last].start_ns - person.windows[first].start_ns;
            (span + person.window_ns) as f64 / 1e9
        })
    }

    /// Whether a window that begins there has a sample in common with it.
    fn shares_with(&self, recording: usize, start_ns: i64, length_ns: i64) -> bool {
        recording == self.recording && start_ns + length_ns > self.start_ns && start_ns < self.end_ns
    }
}

/// What is given, and all windows that share no sample with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// Labelled stretches, in the order of the names of activities.
    pub given: Vec<Piece>,
    /// Whole recordings that are given beside them, as indices into those of the person.
    pub recordings: Vec<usize>,
    /// The one recording that all of it comes from, if it does; none of its windows is scored.
    pub source: Option<usize>,
    /// Windows to be scored, as indices into those of the person.
    pub scored: Vec<usize>,
}

impl Draw {
    /// Whether a window of a recording shares no sample with what was given, and may be scored.
    pub(super) fn is_apart(&self, recording: usize, start_ns: i64, length_ns: i64) -> bool {
        self.source != Some(recording)
            && !self.given.iter().any(|piece| piece.shares_with(recording, start_ns, length_ns))
    }
}

/// What is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Drawn<'a> {
    /// Of each activity so much, or nothing where people give recordings without labels.
    pub amount: Option<Amount>,
    /// The one activity that is given.
    pub only: Option<&'a str>,
    /// Whether all is given of one recording, and the others are scored.
    pub across: bool,
}

impl Person {
    /// Recordings that hold windows of activities.
    fn numbers(&self) -> BTreeSet<usize> {
        self.windows.iter().map(|window| window.recording).collect()
    }

    /// How many draws tell something, at most so many: of recordings given whole there is one draw, or, where others are scored, one for each
    /// recording; none for a single one.
    #[must_use]
    pub fn draws(&self, most: u64, drawn: Drawn<'_>) -> u64 {
        let recordings = self.numbers().len() as u64;
        match drawn {
            Drawn { across: true, .. } if recordings < 2 => 0,
            Drawn { amount: Some(_), .. } => most,
            Drawn { across: true, .. } => most.min(recordings),
            Drawn { across: false, .. } => most.min(1),
        }
    }

    /// One draw: of each activity, or of `only` one, so much, beginning with random windows; `across` recordings the draw takes all of one, each
    /// in turn. The same for the same number and name of the person.
    ///
    /// A piece begins where the activity goes on for as long as the piece is, or where it lasts longest if it never does; pieces of one
    /// activity share no sample, and are fewer where there is no room for more.
    #[must_use]
    pub fn draw(&self, number: u64, drawn: Drawn<'_>) -> Draw {
        let mut random = Random::new(number, self.stream());
        let mut given: Vec<Piece> = Vec::new();
        let numbers: Vec<usize> = self.numbers().into_iter().collect();
        let source =
            (drawn.across && !numbers.is_empty()).then(|| numbers[(number % numbers.len() as u64) as usize]);
        for activity in self.activities() {
            let Some(amount) = drawn.amount else { break };
            if drawn.only.is_some_and(|only| only != activity) {
                continue;
            }
            let from = given.len();
            for _ in 0..amount.pieces {
                let taken = &given[from..];
                let Some(piece) = self.piece(activity, amount.piece_ns(), (source, taken), &mut random)
                else {
                    break;
                };
                given.push(piece);
            }
        }
        let recordings = source.map_or_else(|| self.recordings.keys().copied().collect(), |one| vec![one]);
        let mut draw = Draw { given, recordings, source, scored: Vec::new() };
        let is_apart = |&i: &usize| {
            let window = &self.windows[i];
            draw.is_apart(window.recording, window.start_ns, self.window_ns)
        };
        draw.scored = (0..self.windows.len()).filter(is_apart).collect();
        draw
    }

    /// A stretch of an activity that begins with any of its windows, in the recording it is to be taken from.
    fn piece(
        &self,
        activity: &str,
        length_ns: i64,
        (source, taken): (Option<usize>, &[Piece]),
        random: &mut Random,
    ) -> Option<Piece> {
        let length_ns = length_ns.max(self.window_ns);
        let is_free = |window: &Window| {
            !taken.iter().any(|piece| piece.shares_with(window.recording, window.start_ns, length_ns))
        };
        let is_own = |window: &Window| {
            *window.label == *activity && source.is_none_or(|source| source == window.recording)
        };
        let own: Vec<usize> = (0..self.windows.len()).filter(|&i| is_own(&self.windows[i])).collect();
        let room_ns = |i: usize| self.reach_ns[i] - self.windows[i].start_ns;
        // What hangs over the end by less than a step holds the same windows.
        let is_long = |&i: &usize| room_ns(i) >= length_ns - self.step_ns && is_free(&self.windows[i]);
        let mut choices: Vec<usize> = own.iter().copied().filter(is_long).collect();
        if choices.is_empty() && taken.is_empty() {
            choices.extend(own.iter().copied().max_by_key(|&i| room_ns(i)));
        }
        if choices.is_empty() {
            return None;
        }
        let first = &self.windows[choices[random.below(choices.len() as u32) as usize]];
        let (recording, start_ns, end_ns) = (first.recording, first.start_ns, first.start_ns + length_ns);
        let is_within = |&i: &usize| {
            let window = &self.windows[i];
            window.recording == recording
                && window.start_ns >= start_ns
                && window.start_ns + self.window_ns <= end_ns
        };
        let windows = own.into_iter().filter(is_within).collect();
        Some(Piece { activity: activity.to_owned(), recording, start_ns, end_ns, windows })
    }

    /// A stream of random numbers of their own, the same for the same name.
    fn stream(&self) -> u64 {
        let name = self.name.to_string();
        name.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
    }
}
