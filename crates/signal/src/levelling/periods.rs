//! Periods of wearing: a device that is taken off and put on otherwise has another vertical from then on.

use super::{LEAST_STRETCHES, Stretch, Stretches, inner, norm, vertical};
use crate::SignalError;
use alloc::vec::Vec;

/// Cosine of 30 degrees: two verticals further apart are two ways of wearing. Further than stretches of one wearing may lie
/// from their median (25 degrees), so that leaning on stairs does not split a recording.
const REWORN: f64 = 0.866_025_404;
/// Share of the scatter of directions that a split has to take away.
const GAIN: f64 = 0.5;
/// Shortest period, in stretches, which begin every 1.28 s: ten minutes. What is shorter is not worn but handled, or a posture
/// that is held; the parts of HAPT's recordings in which the device hangs otherwise, up to 330 s long, stay with the rest.
const SHORTEST: usize = 468;

/// A stretch of a recording in which the device stayed as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WearingPeriod {
    /// Segment in which it begins; it lasts until the next one begins.
    pub segment: usize,
    /// First row in that segment.
    pub row: usize,
    /// The direction that was up, of length 1, in the device's axes.
    pub vertical: [f32; 3],
}

/// The periods of wearing of a recording, in order of time; the first begins with it.
///
/// The stretches of movement are cut in two where their directions change for good (binary segmentation on the scatter of
/// directions, as circular change-point detection does it), as long as the two parts have verticals further than 30 degrees
/// apart, at least eight stretches and ten minutes each.
///
/// # Errors
/// [`SignalError::NoVertical`], as [`level`](super::level), if one of the periods has no clear vertical.
pub fn wearing_periods(stretches: &Stretches) -> Result<Vec<WearingPeriod>, SignalError> {
    Ok(wearings(stretches)?.into_iter().map(|(period, _)| period).collect())
}

/// The same, each with the share of its stretches of movement that agree on its vertical.
pub(crate) fn wearings(stretches: &Stretches) -> Result<Vec<(WearingPeriod, f64)>, SignalError> {
    let all = stretches.all();
    let moving: Vec<usize> = (0..all.len()).filter(|&i| all[i].moving).collect();
    let cuts = cuts(all, &moving);
    let mut periods = Vec::with_capacity(cuts.len() + 1);
    let starts = core::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([moving.len()]);
    for (start, end) in starts.zip(ends) {
        let own: Vec<[f64; 3]> = moving[start..end].iter().map(|&i| all[i].acceleration).collect();
        let (segment, row) = match start {
            0 => (0, 0),
            _ => boundary(&all[moving[start - 1]..=moving[start]]),
        };
        let found = vertical(&own)?;
        periods.push((WearingPeriod { segment, row, vertical: found.up }, found.agreement));
    }
    Ok(periods)
}

/// The stretches of movement, by their number, with which another period begins.
fn cuts(all: &[Stretch], moving: &[usize]) -> Vec<usize> {
    let mut sums = Vec::with_capacity(moving.len() + 1);
    let mut sum = [0f64; 3];
    sums.push(sum);
    for &i in moving {
        let v = all[i].acceleration;
        let length = norm(v).max(f64::MIN_POSITIVE);
        (0..3).for_each(|axis| sum[axis] += v[axis] / length);
        sums.push(sum);
    }
    let mut cuts = Vec::new();
    // Where a period would begin that begins with each stretch of movement; the whole begins and ends with the recording.
    let mut begins = moving.to_vec();
    if let Some(first) = begins.first_mut() {
        *first = 0;
    }
    begins.push(all.len());
    find_cuts(&sums, &begins, 0, moving.len(), &mut cuts);
    cuts
}

/// Adds the places in `start..end` where the direction changes for good, in order.
fn find_cuts(sums: &[[f64; 3]], begins: &[usize], start: usize, end: usize, cuts: &mut Vec<usize>) {
    if end - start < 2 * LEAST_STRETCHES {
        return;
    }
    let between = |a: usize, b: usize| -> [f64; 3] { core::array::from_fn(|i| sums[b][i] - sums[a][i]) };
    // Directions of length 1 that all agree add up to their number.
    let scatter = |a: usize, b: usize| (b - a) as f64 - norm(between(a, b));
    let long = |from: usize, to: usize| begins[to] - begins[from] >= SHORTEST;
    let best = (start + LEAST_STRETCHES..=end - LEAST_STRETCHES)
        .filter(|&at| long(start, at) && long(at, end))
        .map(|at| (scatter(start, at) + scatter(at, end), at))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let Some((left, at)) = best else { return };
    let (before, after) = (between(start, at), between(at, end));
    let apart = inner(&before, &after) < REWORN * norm(before) * norm(after);
    if !apart || left > (1.0 - GAIN) * scatter(start, end) {
        return;
    }
    find_cuts(sums, begins, start, at, cuts);
    cuts.push(at);
    find_cuts(sums, begins, at, end, cuts);
}

/// Between two stretches of movement, the place where acceleration changes most: segment and row.
fn boundary(between: &[Stretch]) -> (usize, usize) {
    let change = |pair: &&[Stretch]| {
        let (a, b) = (pair[0].acceleration, pair[1].acceleration);
        norm(core::array::from_fn(|i| a[i] - b[i]))
    };
    let pair = between.windows(2).max_by(|a, b| change(a).total_cmp(&change(b)));
    pair.map_or((0, 0), |pair| match pair {
        [a, b] if a.segment == b.segment => (b.segment, (a.row + b.row) / 2),
        // A pause of the recording is where hands were at the device.
        pair => (pair[1].segment, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Rotation};

    /// Rows of one way of wearing: a little over ten minutes.
    const PART: usize = 31_200;

    /// Walking with the device worn as each rotation says, as long stillness between them.
    fn recorded(ways: &[Rotation]) -> Stretches {
        let mut stretches = Stretches::new(50.0, Layout::ACCELERATION);
        for way in ways {
            for i in 0..PART {
                let s = if i < PART / 2 { libm::sinf(i as f32 / 4.0) } else { 0.0 };
                let mut row = [1.0 + 0.3 * s, 0.1 * s, 0.05, 0.3 * s, 0.1 * s, 0.0];
                way.apply_rows(&mut row);
                stretches.push(&row);
            }
        }
        stretches
    }

    #[test]
    fn a_device_put_on_otherwise_begins_another_period() {
        let ways = [0.0, 2.0, 2.0, 0.8].map(|angle| Rotation::about([0.0, 1.0, 0.0], angle));
        let periods = wearing_periods(&recorded(&ways)).unwrap();
        assert_eq!(periods.len(), 3, "{periods:?}");
        for (period, way) in periods.iter().zip([ways[0], ways[1], ways[3]]) {
            let expected = way.apply([1.0, 0.0, 0.05]);
            let cosine: f32 = period.vertical.iter().zip(expected).map(|(a, b)| a * b).sum();
            assert!(cosine > 0.99, "{period:?} {expected:?}");
        }
        assert_eq!((periods[0].segment, periods[0].row), (0, 0));
        assert!(
            periods[1].row.abs_diff(PART) <= 128 && periods[2].row.abs_diff(3 * PART) <= 128,
            "{periods:?}"
        );
    }

    #[test]
    fn leaning_does_not_split_a_recording() {
        let ways = [0.0, 0.4, 0.0, 0.4].map(|angle| Rotation::about([0.0, 1.0, 0.0], angle));
        assert_eq!(wearing_periods(&recorded(&ways)).unwrap().len(), 1);
        assert!(wearing_periods(&Stretches::new(50.0, Layout::ACCELERATION)).is_err());
    }

    #[test]
    fn a_pause_of_the_recording_is_the_boundary() {
        let mut stretches = recorded(&[Rotation::IDENTITY]);
        stretches.end_segment();
        let other = recorded(&[Rotation::about([0.0, 0.0, 1.0], 3.0)]);
        stretches.all.extend(other.all().iter().map(|s| Stretch { segment: 1, ..*s }));
        let periods = wearing_periods(&stretches).unwrap();
        assert_eq!((periods.len(), periods[1].segment, periods[1].row), (2, 1, 0));
    }
}
