//! Two series of one app joined by time: acceleration and gravity, each with stamps of its own.

use crate::error::Fault;

/// A time in ns and a value.
pub(crate) type Sample = (i64, [f32; 3]);

/// Between neighbours that are further apart, in ns, nothing is put in: from 0.2 s on it is a gap.
const REACH_NS: i64 = 200_000_000;
/// A step back that is more than jitter, in ns.
const BACK_NS: i64 = 1_000_000_000;

/// Finds the value of a slow series at the times of another, between its neighbours; the times of both rise, but for clocks that
/// begin anew.
#[derive(Clone, Debug, Default)]
pub(crate) struct Join {
    before: Option<Sample>,
    after: Option<Sample>,
    begun: bool,
    /// The slow series' clock began anew, and the other's has not yet.
    anew: bool,
    last: Option<i64>,
}

impl Join {
    /// The value at a time, NaN where no neighbour is near; `next` gives the series' samples.
    ///
    /// # Errors
    /// Those of `next`.
    pub(crate) fn at(
        &mut self,
        time_ns: i64,
        mut next: impl FnMut() -> Result<Option<Sample>, Fault>,
    ) -> Result<[f32; 3], Fault> {
        if !self.begun {
            self.begun = true;
            self.after = next()?;
        }
        if self.last.is_some_and(|last| time_ns < last.saturating_sub(BACK_NS)) {
            self.go_back(time_ns, &mut next)?;
        }
        self.last = Some(time_ns);
        while let Some(after) = self.after
            && after.0 <= time_ns
            && !self.anew
        {
            self.after = next()?;
            self.before = Some(after);
            self.anew = self.after.is_some_and(|follows| follows.0 < after.0.saturating_sub(BACK_NS));
        }
        Ok(match (self.before, self.after.filter(|_| !self.anew)) {
            (Some((t, value)), _) if t == time_ns => value,
            (Some(a), Some(b)) if a.0 <= time_ns && time_ns <= b.0 && near(a.0, b.0, REACH_NS) => {
                let share = (time_ns - a.0) as f32 / (b.0 - a.0).max(1) as f32;
                std::array::from_fn(|axis| a.1[axis] + share * (b.1[axis] - a.1[axis]))
            }
            (before, after) => {
                let far = |sample: &Sample| i128::from(sample.0).abs_diff(i128::from(time_ns));
                let nearest = [before, after].into_iter().flatten().min_by_key(far);
                nearest.filter(|n| near(n.0, time_ns, REACH_NS / 2)).map_or([f32::NAN; 3], |n| n.1)
            }
        })
    }

    /// The other clock began anew: goes on to where this one did.
    fn go_back(
        &mut self,
        time_ns: i64,
        next: &mut impl FnMut() -> Result<Option<Sample>, Fault>,
    ) -> Result<(), Fault> {
        self.before = None;
        if std::mem::take(&mut self.anew) {
            return Ok(());
        }
        let mut last = None;
        while let Some(after) = self.after {
            if after.0 <= time_ns.saturating_add(REACH_NS)
                || last.is_some_and(|last: i64| after.0 < last.saturating_sub(BACK_NS))
            {
                break;
            }
            last = Some(after.0);
            self.after = next()?;
        }
        Ok(())
    }
}

fn near(a: i64, b: i64, reach: i64) -> bool {
    i128::from(a).abs_diff(i128::from(b)) <= reach.unsigned_abs().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    fn joined(slow: &[(i64, f32)], times: &[i64]) -> Vec<f32> {
        let mut slow = slow.iter().map(|&(t, v)| (t * MS, [v; 3]));
        let mut join = Join::default();
        times.iter().map(|&t| join.at(t * MS, || Ok(slow.next())).unwrap()[2]).collect()
    }

    #[test]
    fn between_neighbours() {
        let slow = [(0, 0.0), (20, 2.0), (40, 4.0), (1000, 9.0), (1020, 9.2)];
        let found = joined(&slow, &[-150, -5, 0, 5, 20, 40, 60, 500, 950, 1000, 1100, 1200]);
        let expected = [f32::NAN, 0.0, 0.0, 0.5, 2.0, 4.0, 4.0, f32::NAN, 9.0, 9.0, 9.2, f32::NAN];
        for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!((found - expected).abs() < 1e-6 || found.is_nan() && expected.is_nan(), "{i}: {found}");
        }
        assert!(joined(&[], &[0, 1])[0].is_nan());
    }

    #[test]
    fn clocks_that_begin_anew() {
        let times: Vec<i64> = (0..200).chain(0..200).map(|i| i * 20).collect();
        for by in [-50, -1, 0, 1, 50] {
            let slow: Vec<(i64, f32)> = times.iter().enumerate().map(|(i, &t)| (t + by, i as f32)).collect();
            let found = joined(&slow, &times);
            for (i, found) in found.iter().enumerate() {
                let far = (found - i as f32).abs();
                assert!(far < 0.1 + by.abs() as f32 / 20.0, "{by}, {i}: {found}");
            }
        }
    }
}
