//! Labels that come too early or too late: by which lag they would agree best with changes of movement and posture.

use super::digest::Digest;
use super::grid::{Boxes, GRID_HZ, Grid};
use super::numbers::{counted, median, norm, shown};
use crate::LabelledRecording;
use ambulo_record::PersonId;
use ambulo_record::examination::{Examination, Problem, ProblemKind, ProblemWeight};
use std::collections::BTreeMap;

/// Points of the grid between looks: four looks a second.
const EVERY: usize = 5;
const LOOKS_HZ: f64 = GRID_HZ / EVERY as f64;
/// Points on either side of a mean over a second.
const HALF: usize = 10;
/// Looks that labels are moved by at most: ten seconds either way.
const FARTHEST: usize = 40;
/// Numbers of lags.
const LAGS: usize = 2 * FARTHEST + 1;
/// Fewest changes of label on which a recording is judged, and on which a person is by all recordings together.
const CHANGES: usize = 6;
/// Fewest looks with a label by which a recording alone is judged: a minute. Shorter ones are judged together.
const ALONE: f64 = 60.0 * LOOKS_HZ;
/// Shortest lag that is named, in seconds.
const NAMED_S: f64 = 1.5;
/// What the best lag leaves unexplained, of what no lag does, at most.
const LEFT: f64 = 0.75;
/// Direction of gravity, and movement.
const FEATURES: usize = 4;

/// Variance that labels leave unexplained, by lag; sums over recordings are those of a person.
#[derive(Clone)]
pub(super) struct Lags {
    changes: usize,
    /// For each lag, what is left over the looks, and the number of these; lags at which too few looks have labels have none.
    left: [(f64, f64); LAGS],
}

impl Lags {
    /// None where there is one label, or the recording is too short.
    pub(super) fn new(labelled: &LabelledRecording, grid: &Grid, acceleration: &Boxes) -> Option<Self> {
        let mut names: Vec<&str> = labelled.labels.iter().map(|interval| &*interval.label).collect();
        let changes = names.windows(2).filter(|pair| pair[0] != pair[1]).count();
        names.sort_unstable();
        names.dedup();
        if names.len() < 2 {
            return None;
        }
        let looks: Vec<usize> = (HALF..grid.len()).step_by(EVERY).collect();
        let mut features: Vec<Option<[f64; FEATURES]>> =
            looks.iter().map(|&at| feature(grid, acceleration, at)).collect();
        standardise(&mut features);
        let labels: Vec<Option<usize>> = looks
            .iter()
            .map(|&at| {
                let label = labelled.label_at(grid.time_ns(at))?;
                names.binary_search(&&**label).ok()
            })
            .collect();
        let looked = labels.iter().filter(|label| label.is_some()).count();
        // Moved by more, labels would be compared with too little.
        let farthest = FARTHEST.min(looked / 4);
        let mut lags = Self { changes, left: [(0.0, 0.0); LAGS] };
        for lag in FARTHEST - farthest..=FARTHEST + farthest {
            let left = left(&features, &labels, lag as isize - FARTHEST as isize, names.len());
            if left.1 >= 0.6 * looked as f64 {
                lags.left[lag] = left;
            }
        }
        Some(lags)
    }

    const NONE: Self = Self { changes: 0, left: [(0.0, 0.0); LAGS] };

    fn add(&mut self, other: &Self) {
        self.changes += other.changes;
        for (own, theirs) in self.left.iter_mut().zip(&other.left) {
            own.0 += theirs.0;
            own.1 += theirs.1;
        }
    }

    /// The best lag in seconds, positive where labels are late, if it is clearly better than none; with what is left of what
    /// none leaves.
    fn shifted(&self) -> Option<(f64, f64)> {
        let (left, n) = self.left[FARTHEST];
        if self.changes < CHANGES || n <= 0.0 || left <= 0.0 {
            return None;
        }
        let unmoved = left / n;
        // A lag that only some of the recordings have is not compared with one that all have.
        let best = (self.left.iter().enumerate())
            .filter(|(_, lag)| lag.1 > 0.8 * n)
            .map(|(lag, (left, n))| (lag, left / n))
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        let lag_s = (best.0 as f64 - FARTHEST as f64) / LOOKS_HZ;
        (lag_s.abs() > NAMED_S && best.1 < LEFT * unmoved).then_some((lag_s, best.1 / unmoved))
    }
}

fn feature(grid: &Grid, acceleration: &Boxes, at: usize) -> Option<[f64; FEATURES]> {
    let mean = acceleration.mean(at, HALF)?;
    let around = &grid.acceleration[at - HALF..=at + HALF];
    let squares: f64 =
        (around.iter().flatten().zip(mean.iter().cycle())).map(|(&v, m)| (f64::from(v) - m).powi(2)).sum();
    let length = norm(mean).max(1e-6);
    // A thousandth of a g is a device that lies still.
    let movement = (squares / around.len() as f64).sqrt().max(1e-3).ln();
    Some([mean[0] / length, mean[1] / length, mean[2] / length, movement])
}

/// Makes directions together, and movement, weigh the same.
fn standardise(features: &mut [Option<[f64; FEATURES]>]) {
    let (mut n, mut sum, mut squares) = (0.0, [0.0; FEATURES], [0.0; FEATURES]);
    for feature in features.iter().flatten() {
        n += 1.0;
        for (k, v) in feature.iter().enumerate() {
            sum[k] += v;
            squares[k] += v * v;
        }
    }
    let variance = |k: usize| (squares[k] / n - (sum[k] / n).powi(2)).max(0.0);
    let direction: f64 = (0..3).map(variance).sum();
    let scales =
        [direction, direction, direction, variance(3)].map(|v| if v > 1e-9 { v.sqrt().recip() } else { 0.0 });
    for feature in features.iter_mut().flatten() {
        for (k, v) in feature.iter_mut().enumerate() {
            *v = (*v - sum[k] / n) * scales[k];
        }
    }
}

/// Squares about the means of labels, and the number of looks.
fn left(
    features: &[Option<[f64; FEATURES]>],
    labels: &[Option<usize>],
    lag: isize,
    count: usize,
) -> (f64, f64) {
    let mut sums = vec![(0.0f64, [0.0f64; FEATURES]); count];
    let (mut squares, mut n) = (0.0, 0.0);
    for (i, feature) in features.iter().enumerate() {
        let label = i.checked_add_signed(lag).and_then(|j| labels.get(j).copied().flatten());
        let (Some(feature), Some(label)) = (feature, label) else { continue };
        let (of_label, sum) = &mut sums[label];
        *of_label += 1.0;
        n += 1.0;
        for (s, v) in sum.iter_mut().zip(feature) {
            *s += v;
            squares += v * v;
        }
    }
    let explained: f64 = (sums.iter().filter(|(n, _)| *n > 0.0))
        .map(|(n, sum)| sum.iter().map(|s| s * s).sum::<f64>() / n)
        .sum();
    ((squares - explained).max(0.0), n)
}

pub(super) fn check(digests: &[Digest<'_>], found: &mut Examination) {
    let mut people: BTreeMap<&PersonId, Vec<(&Digest<'_>, &Lags)>> = BTreeMap::new();
    for digest in digests {
        if let Some(lags) = &digest.lags {
            people.entry(&digest.labelled.person).or_default().push((digest, lags));
        }
    }
    let mut unseen = digests.iter().filter(|digest| digest.samples > 0 && digest.lags.is_none()).count();
    for (person, own) in people {
        let each: Vec<(&Digest<'_>, f64, f64)> = (own.iter())
            .filter(|(_, lags)| lags.left[FARTHEST].1 >= ALONE)
            .filter_map(|&(digest, lags)| lags.shifted().map(|(lag, left)| (digest, lag, left)))
            .collect();
        let mut together = Lags::NONE;
        own.iter().for_each(|(_, lags)| together.add(lags));
        if together.changes < CHANGES {
            unseen += own.len();
        }
        if let Some(lag) = median(each.iter().map(|(_, lag, _)| *lag)) {
            let left = median(each.iter().map(|(.., left)| *left)).unwrap_or(1.0);
            let names = each.iter().map(|(digest, ..)| &digest.labelled.name);
            found.problems.push(problem(lag, left, each.len(), own.len()).of(person).within(names));
        } else if let Some((lag, left)) = together.shifted() {
            let names = own.iter().map(|(digest, _)| &digest.labelled.name);
            found.problems.push(problem(lag, left, own.len(), own.len()).of(person).within(names));
        }
    }
    if unseen > 0 {
        found.not_checked.push(format!(
            "whether labels come in time, in {}: their labels change too rarely",
            counted(unseen, "recording", "recordings")
        ));
    }
}

fn problem(lag: f64, left: f64, shifted: usize, all: usize) -> Problem {
    let text = format!(
        "labels of {shifted} of {} come {} s too {}: moved by that, they leave {} % less of the changes of movement and posture \
         unexplained",
        counted(all, "recording", "recordings"),
        shown(lag.abs()),
        if lag > 0.0 { "late" } else { "early" },
        shown(100.0 * (1.0 - left))
    );
    let advice = "compare the clocks of labels and signal, and whether labels count from the same first row";
    Problem::new(ProblemKind::LabelsShifted, ProblemWeight::Fault, text, advice)
}
