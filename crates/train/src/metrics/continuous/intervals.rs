//! Sets of times, as intervals in order that neither overlap nor touch.

/// From a time up to another, which is no part of it, in nanoseconds from the recording's zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// Where it begins.
    pub start_ns: i64,
    /// Where it is over.
    pub end_ns: i64,
}

impl Interval {
    /// From one time up to another.
    #[must_use]
    pub fn new(start_ns: i64, end_ns: i64) -> Self {
        Self { start_ns, end_ns }
    }

    /// Its length in nanoseconds; 0 where it ends before it begins.
    #[must_use]
    pub fn length_ns(self) -> u64 {
        u64::try_from(i128::from(self.end_ns) - i128::from(self.start_ns)).unwrap_or(0)
    }

    /// What both have in common; empty intervals are nothing.
    #[must_use]
    pub fn overlap(self, other: Self) -> Option<Self> {
        let both = Self::new(self.start_ns.max(other.start_ns), self.end_ns.min(other.end_ns));
        (both.start_ns < both.end_ns).then_some(both)
    }
}

/// The set of all times in any of these intervals: in order, those that touch made one, empty ones left out.
pub(super) fn union(intervals: impl IntoIterator<Item = Interval>) -> Vec<Interval> {
    let mut sorted: Vec<Interval> = intervals.into_iter().filter(|i| i.start_ns < i.end_ns).collect();
    sorted.sort_unstable();
    let mut joined: Vec<Interval> = Vec::with_capacity(sorted.len());
    for next in sorted {
        match joined.last_mut() {
            Some(last) if next.start_ns <= last.end_ns => last.end_ns = last.end_ns.max(next.end_ns),
            _ => joined.push(next),
        }
    }
    joined
}

/// What is in both of two sets of intervals, each in order and without overlaps: for each pair that overlaps the numbers of
/// the two and what they have in common, in order.
pub(super) fn overlaps<'a>(
    a: &'a [Interval],
    b: &'a [Interval],
) -> impl Iterator<Item = (usize, usize, Interval)> + 'a {
    let (mut i, mut j) = (0, 0);
    std::iter::from_fn(move || {
        while let (Some(&x), Some(&y)) = (a.get(i), b.get(j)) {
            let pair = (i, j);
            if x.end_ns <= y.end_ns {
                i += 1;
            } else {
                j += 1;
            }
            if let Some(both) = x.overlap(y) {
                return Some((pair.0, pair.1, both));
            }
        }
        None
    })
}

/// What of a set is not in another; both in order and without overlaps.
pub(super) fn difference(of: &[Interval], without: &[Interval]) -> Vec<Interval> {
    let mut left = Vec::with_capacity(of.len());
    let mut next = 0;
    for &whole in of {
        while without.get(next).is_some_and(|gone| gone.end_ns <= whole.start_ns) {
            next += 1;
        }
        let mut start = whole.start_ns;
        for gone in without[next..].iter().take_while(|gone| gone.start_ns < whole.end_ns) {
            if start < gone.start_ns {
                left.push(Interval::new(start, gone.start_ns));
            }
            start = start.max(gone.end_ns);
        }
        if start < whole.end_ns {
            left.push(Interval::new(start, whole.end_ns));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(pairs: &[(i64, i64)]) -> Vec<Interval> {
        union(pairs.iter().map(|&(start, end)| Interval::new(start, end)))
    }

    fn contains(set: &[Interval], time: i64) -> bool {
        set.iter().any(|i| i.start_ns <= time && time < i.end_ns)
    }

    #[test]
    fn lengths_do_not_overflow() {
        assert_eq!(Interval::new(i64::MIN, i64::MAX).length_ns(), u64::MAX);
        assert_eq!(Interval::new(5, 3).length_ns(), 0);
    }

    proptest! {
        #[test]
        fn sets_are_what_they_are_time_by_time(
            a in proptest::collection::vec((0i64..40, 0i64..40), 0..8),
            b in proptest::collection::vec((0i64..40, 0i64..40), 0..8),
        ) {
            let in_any = |pairs: &[(i64, i64)], t| pairs.iter().any(|&(s, e)| s <= t && t < e);
            let (x, y) = (set(&a), set(&b));
            prop_assert!(x.windows(2).all(|w| w[0].end_ns < w[1].start_ns));
            let both: Vec<Interval> = overlaps(&x, &y).map(|(i, j, both)| {
                assert_eq!(x[i].overlap(y[j]), Some(both));
                both
            }).collect();
            let rest = difference(&x, &y);
            for t in 0..40 {
                prop_assert_eq!(contains(&x, t), in_any(&a, t));
                prop_assert_eq!(contains(&both, t), in_any(&a, t) && in_any(&b, t));
                prop_assert_eq!(contains(&rest, t), in_any(&a, t) && !in_any(&b, t));
            }
        }
    }
}
