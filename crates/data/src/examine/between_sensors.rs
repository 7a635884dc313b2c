//! Whether accelerometer and gyroscope share their axes.
//!
//! When a device turns slowly, the direction `u` of what the accelerometer measures stands still in the world, so in the device
//! it changes by `du/dt = u × ω` with the angular velocity `ω`. Each of the 48 ways to exchange and turn round the gyroscope's axes
//! is tried in place of the stated one. A mirrored device (one axis of both sensors turned round) is seen as well: it turns the sign
//! of a cross product.

use super::digest::{Digest, Worn};
use super::grid::{Boxes, GRID_HZ, Grid};
use super::numbers::{axis_name, counted, cross, dot, norm, shown, unit};
use ambulo_record::PersonId;
use ambulo_record::examination::{Examination, Problem, ProblemKind, ProblemWeight};
use std::collections::BTreeMap;

/// Points on either side of a mean over a second, in which steps average out.
const HALF: usize = 10;
/// Points on either side over which a direction changes.
const APART: usize = 5;
/// Slowest turn that says something, in rad/s.
const TURNS: f64 = 0.15;
/// Farthest from 1 g of acceleration that is mostly gravity.
const NEAR_G: f64 = 0.15;
/// Fewest moments on which a person, and on which a recording is judged.
const MOMENTS: u32 = 20;
/// Correlation from which axes fit, by how much they must fit better than the stated ones, and what the stated ones stay below.
const FITS: f64 = 0.6;
const BETTER: f64 = 0.25;
const STATED_FITS: f64 = 0.6;

/// The ways: which axis of the gyroscope is taken for x, y and z, and which of them are turned round. The first changes nothing.
fn ways() -> impl Iterator<Item = ([usize; 3], [bool; 3])> {
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    ORDERS
        .into_iter()
        .flat_map(|order| (0..8).map(move |bits| (order, [0, 1, 2].map(|axis| bits >> axis & 1 == 1))))
}

/// Number of ways.
const WAYS: usize = 48;

/// Sums over moments in which a device turned.
#[derive(Clone)]
pub(super) struct Agreement {
    moments: u32,
    /// Of squared changes of direction.
    changes: f64,
    /// Of products of change and prediction, and of squared predictions, for each way.
    ways: [(f64, f64); WAYS],
}

impl Agreement {
    const NONE: Self = Self { moments: 0, changes: 0.0, ways: [(0.0, 0.0); WAYS] };

    /// None without a gyroscope.
    pub(super) fn new(grid: &Grid, acceleration: &Boxes) -> Option<Self> {
        let angular = Boxes::new(grid.angular_velocity.as_ref()?);
        let ways: Vec<_> = ways().collect();
        let mut sums = Self::NONE;
        let span_s = 2.0 * APART as f64 / GRID_HZ;
        for middle in (HALF + APART..grid.len()).step_by(APART) {
            let direction = |at: usize| {
                let mean = acceleration.mean(at, HALF)?;
                ((norm(mean) - 1.0).abs() < NEAR_G).then(|| unit(mean))?
            };
            let around = (direction(middle - APART), direction(middle), direction(middle + APART));
            let ((Some(before), Some(now), Some(after)), Some(omega)) =
                (around, angular.mean(middle, HALF + APART / 2))
            else {
                continue;
            };
            let change: [f64; 3] = std::array::from_fn(|i| (after[i] - before[i]) / span_s);
            if norm(change) < TURNS || norm(omega) <= 0.0 {
                continue;
            }
            sums.moments += 1;
            sums.changes += dot(change, change);
            for ((order, turned), sum) in ways.iter().zip(&mut sums.ways) {
                let omega: [f64; 3] =
                    std::array::from_fn(|i| if turned[i] { -omega[order[i]] } else { omega[order[i]] });
                let predicted = cross(now, omega);
                sum.0 += dot(change, predicted);
                sum.1 += dot(predicted, predicted);
            }
        }
        Some(sums)
    }

    fn add(&mut self, other: &Self) {
        self.moments += other.moments;
        self.changes += other.changes;
        for (own, theirs) in self.ways.iter_mut().zip(&other.ways) {
            own.0 += theirs.0;
            own.1 += theirs.1;
        }
    }

    /// Correlation between change and prediction.
    fn fit(&self, way: usize) -> f64 {
        let (product, predicted) = self.ways[way];
        if predicted > 0.0 && self.changes > 0.0 { product / (predicted * self.changes).sqrt() } else { 0.0 }
    }

    /// The best way and its fit, where there is one.
    fn best(&self) -> Option<(usize, f64)> {
        let best = (0..WAYS).max_by(|&a, &b| self.fit(a).total_cmp(&self.fit(b)))?;
        let fit = self.fit(best);
        (self.moments >= MOMENTS && fit > FITS).then_some((best, fit))
    }

    /// How many times faster the gyroscope says that the device turns than the accelerometer does.
    pub(super) fn faster(&self) -> Option<f64> {
        let (product, predicted) = self.ways[self.best()?.0];
        (product > 0.0).then_some(predicted / product)
    }

    /// The best way and its fit, if it is clearly not the stated one.
    fn another(&self) -> Option<(usize, f64)> {
        let (best, fit) = self.best()?;
        let stated = self.fit(0);
        (fit - stated > BETTER && stated < STATED_FITS).then_some((best, fit))
    }
}

pub(super) fn check(digests: &[Digest<'_>], found: &mut Examination) {
    type Own<'a> = Vec<(&'a Digest<'a>, &'a Agreement)>;
    let mut groups: BTreeMap<Worn, BTreeMap<&PersonId, Own<'_>>> = BTreeMap::new();
    for digest in digests {
        if let Some(agreement) = &digest.agreement {
            let people = groups.entry(digest.place()).or_default();
            people.entry(&digest.labelled.person).or_default().push((digest, agreement));
        }
    }
    let mut unseen = 0;
    for (worn, people) in &groups {
        let of_person = |own: &[(&Digest<'_>, &Agreement)]| {
            let mut sum = Agreement::NONE;
            own.iter().for_each(|(_, agreement)| sum.add(agreement));
            sum
        };
        let sums: BTreeMap<&PersonId, Agreement> =
            people.iter().map(|(&person, own)| (person, of_person(own))).collect();
        let judged = sums.values().filter(|sum| sum.moments >= MOMENTS).count();
        unseen += sums.len() - judged;
        let wrong: Vec<(&&PersonId, usize, f64)> = sums
            .iter()
            .filter_map(|(person, sum)| sum.another().map(|(way, fit)| (person, way, fit)))
            .collect();
        let same = wrong.iter().all(|(_, way, _)| *way == wrong[0].1);
        if wrong.len() > 2 && same && 4 * wrong.len() >= 3 * judged {
            let mut all = Agreement::NONE;
            sums.values().for_each(|sum| all.add(sum));
            found.problems.push(problem(
                &all,
                wrong[0].1,
                ProblemWeight::Fault,
                &format!("of everyone{worn}"),
            ));
            continue;
        }
        for (person, way, _) in wrong {
            let own = &people[*person];
            let seen: Vec<&&Digest<'_>> =
                own.iter().filter(|(_, one)| one.another().is_some()).map(|(digest, _)| digest).collect();
            let named: Vec<&String> = if seen.is_empty() {
                own.iter().map(|(digest, _)| &digest.labelled.name).collect()
            } else {
                seen.iter().map(|digest| &digest.labelled.name).collect()
            };
            let whose = format!("of {}{worn}", counted(named.len(), "recording", "recordings"));
            let problem = problem(&sums[*person], way, ProblemWeight::Fault, &whose);
            found.problems.push(problem.of(person).within(named));
        }
    }
    if unseen > 0 {
        found.not_checked.push(format!(
            "whether accelerometer and gyroscope share their axes, for {}: their devices turned too little",
            counted(unseen, "person", "people")
        ));
    }
}

fn problem(sum: &Agreement, way: usize, weight: ProblemWeight, whose: &str) -> Problem {
    let (order, turned) = ways().nth(way).unwrap_or(([0, 1, 2], [false; 3]));
    let names: Vec<String> = (0..3).map(|i| axis_name(order[i], turned[i])).collect();
    let mirrored = order == [0, 1, 2] && turned == [true; 3];
    let what = if mirrored {
        "turns the other way than its accelerometer says: the axes are mirrored (left-handed), or all signs of one sensor are \
         turned round"
            .to_owned()
    } else {
        format!(
            "does not turn as its accelerometer says: it would with its axes taken as {}",
            names.join(",")
        )
    };
    let text = format!(
        "the gyroscope {whose} {what} (correlation {} instead of {} over {} moments of turning)",
        shown(sum.fit(way)),
        shown(sum.fit(0)),
        sum.moments
    );
    let advice = "compare with the device's documents which column is which axis, and with which sign";
    Problem::new(ProblemKind::AxesBetweenSensors, weight, text, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_signal::Recording;

    /// A device that turns to and fro about several axes, slowly, with what it measures.
    fn turning(change: impl Fn([f32; 3], [f32; 3]) -> ([f32; 3], [f32; 3])) -> Agreement {
        let rate = 50.0;
        let mut up = [0.3, 0.4, 0.866];
        let (mut acceleration, mut angular) = (Vec::new(), Vec::new());
        for i in 0..6000 {
            let t = f64::from(i) / rate;
            let omega = [0.9 * (0.7 * t).sin(), 0.8 * (0.5 * t + 1.0).sin(), 0.7 * (0.6 * t + 2.0).sin()];
            let change_of_up = cross(up, omega);
            up = unit(std::array::from_fn(|k| up[k] + change_of_up[k] / rate)).unwrap();
            let (a, w) = change(up.map(|v| v as f32), omega.map(|v| v as f32));
            acceleration.push(a);
            angular.push(w);
        }
        let grid = Grid::new(&Recording::uniform(rate, acceleration, Some(angular))).unwrap();
        Agreement::new(&grid, &Boxes::new(&grid.acceleration)).unwrap()
    }

    #[test]
    fn physics_finds_the_axes() {
        let right = turning(|a, w| (a, w));
        assert!(right.fit(0) > 0.95 && right.another().is_none(), "{}", right.fit(0));
        let swapped = turning(|a, w| (a, [w[1], w[0], w[2]]));
        let (way, fit) = swapped.another().unwrap();
        assert_eq!(ways().nth(way), Some(([1, 0, 2], [false; 3])));
        assert!(fit > 0.95);
        let both = turning(|a, w| ([a[1], -a[0], a[2]], [w[1], -w[0], w[2]]));
        assert!(both.another().is_none(), "a turned device is no fault");
        let mirrored = turning(|a, w| ([-a[0], a[1], a[2]], [-w[0], w[1], w[2]]));
        assert_eq!(ways().nth(mirrored.another().unwrap().0), Some(([0, 1, 2], [true; 3])));
    }
}
