//! Days of a recording: minutes of each activity, bouts, changes, and the time without answers.

use super::moment::{DAY_NS, date};
use super::{BOUT_BOUNDS_S, Day, DayActivity, LONGEST_BREAK_NS, NOT_WORN, Segment, Zero};
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

const MINUTE_NS: f64 = 60e9;

/// The days of a recording with these segments, in order of time, from midnight to midnight of the clock of its place (of UTC where that
/// is not known; see [`Zero::day_clock`]); the whole recording where no date is known. A day without any segment is left out.
///
/// Minutes without samples are those of the day's length that no segment covers: from the recording's beginning in its first day, and to
/// its end in its last. A bout is time of one activity on end, pauses of less than [`LONGEST_BREAK_NS`] included. Changes to and from
/// [`NOT_WORN`] are none; a change counts in the day in which the second activity begins.
#[must_use]
pub fn days(segments: &[Segment], zero: Zero) -> Vec<Day> {
    let mut all = Days { zero, days: Vec::new() };
    let mut bout: Option<(&Segment, i64)> = None;
    for segment in segments {
        all.spread(segment);
        // A pause, or the device taken off, ends what was before.
        let follows = bout.filter(|(last, end_ns)| {
            segment.start_ns.saturating_sub(*end_ns) < LONGEST_BREAK_NS && last.activity != NOT_WORN
        });
        match follows {
            Some((first, end_ns)) if first.activity == segment.activity => {
                bout = Some((first, end_ns.max(segment.end_ns)));
                continue;
            }
            Some((first, _)) if segment.activity != NOT_WORN => {
                all.change(&first.activity, segment);
            }
            _ => {}
        }
        all.end(bout);
        bout = Some((segment, segment.end_ns));
    }
    all.end(bout);
    all.finish(segments)
}

/// All segments as one day without a date: what the recording holds as a whole.
#[must_use]
pub fn totals(segments: &[Segment]) -> Day {
    days(segments, Zero::Unknown).into_iter().next().unwrap_or_default()
}

/// A day that is being counted.
#[derive(Default)]
struct Counted {
    day: Day,
    activities: BTreeMap<String, DayActivity>,
    changes: BTreeMap<(String, String), u32>,
}

struct Days {
    zero: Zero,
    /// In order of time, with the number of the day counted from 1970-01-01.
    days: Vec<(i64, Counted)>,
}

impl Days {
    fn number(&self, time_ns: i64) -> i64 {
        // At most 213,504 days on either side.
        self.zero.clock_ns(time_ns).map_or(0, |ns| ns.div_euclid(DAY_NS) as i64)
    }

    /// Where a day begins and ends, in nanoseconds from the recording's zero.
    fn bounds(&self, number: i64) -> (i64, i64) {
        let Some(zero_ns) = self.zero.clock_ns(0) else { return (i64::MIN, i64::MAX) };
        let midnight = |number: i64| {
            let ns = i128::from(number) * DAY_NS - zero_ns;
            ns.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
        };
        (midnight(number), midnight(number + 1))
    }

    /// The day of this number. Segments are in order of time, so it is one of the last.
    fn day(&mut self, number: i64) -> &mut Counted {
        let place = match self.days.iter().rposition(|(other, _)| *other <= number) {
            Some(place) if self.days[place].0 == number => place,
            before => {
                let place = before.map_or(0, |place| place + 1);
                let (start_ns, end_ns) = self.bounds(number);
                let date = self.zero.day_clock().map(|_| date(number));
                let day = Day { date, start_ns, end_ns, ..Day::default() };
                self.days.insert(place, (number, Counted { day, ..Counted::default() }));
                place
            }
        };
        &mut self.days[place].1
    }

    /// Adds a segment's minutes to the days over which it goes.
    fn spread(&mut self, segment: &Segment) {
        if segment.end_ns <= segment.start_ns {
            return;
        }
        for number in self.number(segment.start_ns)..=self.number(segment.end_ns - 1) {
            let (from, to) = self.bounds(number);
            let length_ns = segment.end_ns.min(to).saturating_sub(segment.start_ns.max(from));
            let minutes = length_ns as f64 / MINUTE_NS;
            let counted = self.day(number);
            if segment.activity == NOT_WORN {
                counted.day.not_worn_minutes += minutes;
            } else {
                counted.day.worn_minutes += minutes;
                activity(counted, &segment.activity).minutes += minutes;
            }
        }
    }

    fn end(&mut self, bout: Option<(&Segment, i64)>) {
        let Some((first, end_ns)) = bout.filter(|(first, _)| first.activity != NOT_WORN) else { return };
        let length_s = end_ns.saturating_sub(first.start_ns) as f64 / 1e9;
        let class = BOUT_BOUNDS_S.iter().take_while(|bound| length_s > **bound).count();
        let number = self.number(first.start_ns);
        activity(self.day(number), &first.activity).bouts[class] += 1;
    }

    fn change(&mut self, from: &str, to: &Segment) {
        let number = self.number(to.start_ns);
        let key = (from.to_owned(), to.activity.clone());
        *self.day(number).changes.entry(key).or_default() += 1;
    }

    fn finish(self, segments: &[Segment]) -> Vec<Day> {
        let from = segments.iter().map(|segment| segment.start_ns).min().unwrap_or(0);
        let to = segments.iter().map(|segment| segment.end_ns).max().unwrap_or(0);
        let finished = |(_, counted): (i64, Counted)| {
            let mut day = counted.day;
            (day.start_ns, day.end_ns) = (day.start_ns.max(from), day.end_ns.min(to));
            let length = day.end_ns.saturating_sub(day.start_ns) as f64 / MINUTE_NS;
            // Sums of many parts may be longer than the whole by a rounding.
            let missing = length - day.worn_minutes - day.not_worn_minutes;
            day.missing_minutes = if missing > 1e-9 { missing } else { 0.0 };
            day.activities = counted.activities.into_values().collect();
            // Those of equal length stay in the order of their names.
            day.activities.sort_by(|a, b| b.minutes.total_cmp(&a.minutes));
            day.transitions =
                counted.changes.into_iter().map(|((from, to), count)| (from, to, count)).collect();
            day
        };
        self.days.into_iter().map(finished).collect()
    }
}

fn activity<'a>(counted: &'a mut Counted, name: &str) -> &'a mut DayActivity {
    counted.activities.entry(name.to_owned()).or_insert_with(|| DayActivity {
        activity: name.to_owned(),
        minutes: 0.0,
        bouts: [0; BOUT_BOUNDS_S.len() + 1],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    const S: i64 = 1_000_000_000;
    const MIDNIGHT_NS: i64 = 20_513 * 86_400 * S;

    fn segment(activity: &str, from_s: i64, to_s: i64) -> Segment {
        let (start_ns, end_ns) = (from_s * S, to_s * S);
        Segment { start_ns, end_ns, activity: activity.into(), confidence: 0.9, flags: Vec::new() }
    }

    fn minutes(day: &Day) -> Vec<(&str, f64)> {
        day.activities.iter().map(|a| (a.activity.as_str(), a.minutes)).collect()
    }

    #[test]
    fn a_bout_over_midnight_counts_where_it_begins_and_its_minutes_where_they_are() {
        // Zero is ten minutes before midnight of a place that is two hours ahead of UTC.
        let zero = Zero::Utc { utc_ns: MIDNIGHT_NS - 7200 * S - 600 * S, offset_s: Some(7200) };
        let all = [segment("sitting", 0, 300), segment("walking", 300, 1500), segment("sitting", 1500, 1530)];
        let days = days(&all, zero);
        assert_eq!(days.len(), 2);
        assert_eq!(days[0].date.as_deref(), Some("2026-02-28"));
        assert_eq!((days[0].start_ns, days[0].end_ns), (0, 600 * S));
        assert_eq!(minutes(&days[0]), [("sitting", 5.0), ("walking", 5.0)]);
        assert_eq!(days[0].activities[0].bouts, [0, 0, 1, 0, 0, 0]);
        // Twenty minutes long.
        assert_eq!(days[0].activities[1].bouts, [0, 0, 0, 0, 1, 0]);
        assert_eq!(days[0].transitions, [("sitting".into(), "walking".into(), 1)]);
        assert_eq!(days[1].date.as_deref(), Some("2026-03-01"));
        assert_eq!((days[1].start_ns, days[1].end_ns), (600 * S, 1530 * S));
        assert_eq!(minutes(&days[1]), [("walking", 15.0), ("sitting", 0.5)]);
        assert_eq!(days[1].activities[0].bouts, [0; 6]);
        assert_eq!(days[1].activities[1].bouts, [0, 1, 0, 0, 0, 0]);
        assert_eq!(days[1].transitions, [("walking".into(), "sitting".into(), 1)]);
        assert_eq!((days[1].worn_minutes, days[1].missing_minutes), (15.5, 0.0));
    }

    #[test]
    fn without_a_date_all_is_one_day_and_nothing_is_nothing() {
        let all = [segment("walking", 10, 20), segment("walking", 200_000, 200_030)];
        let one = days(&all, Zero::Unknown);
        assert_eq!(one.len(), 1);
        assert_eq!((one[0].date.clone(), one[0].start_ns, one[0].end_ns), (None, 10 * S, 200_030 * S));
        assert_eq!(one[0].activities[0].bouts, [1, 1, 0, 0, 0, 0]);
        assert!((one[0].missing_minutes - (200_020.0 - 40.0) / 60.0).abs() < 1e-9);
        assert_eq!(totals(&all), one[0]);
        assert!(days(&[], Zero::Unknown).is_empty());
        assert_eq!(totals(&[]), Day::default());
    }

    #[test]
    fn only_a_longer_pause_divides_bouts_and_undoes_a_change() {
        let all = [
            segment("walking", 0, 60),
            segment("walking", 64, 120),
            segment("walking", 125, 130),
            segment("sitting", 134, 140),
            segment("unknown", 150, 160),
        ];
        let day = totals(&all);
        assert_eq!(day.transitions, [("walking".into(), "sitting".into(), 1)]);
        let walking = day.activities.iter().find(|a| a.activity == "walking").unwrap();
        // 0 to 120, pause included, and 125 to 130.
        assert_eq!(walking.bouts, [1, 0, 1, 0, 0, 0]);
        assert!((day.missing_minutes - (4.0 + 5.0 + 4.0 + 10.0) / 60.0).abs() < 1e-9);
    }

    #[test]
    fn what_was_not_worn_is_no_activity_and_ends_bouts() {
        let all = [segment("sitting", 0, 60), segment(NOT_WORN, 60, 3660), segment("sitting", 3660, 3720)];
        let day = totals(&all);
        assert_eq!((day.worn_minutes, day.not_worn_minutes, day.missing_minutes), (2.0, 60.0, 0.0));
        assert_eq!(minutes(&day), [("sitting", 2.0)]);
        assert_eq!(day.activities[0].bouts, [0, 2, 0, 0, 0, 0]);
        assert!(day.transitions.is_empty());
    }

    #[test]
    fn bouts_are_counted_up_to_and_with_their_bounds() {
        let mut all = Vec::new();
        let mut from = 0;
        for length in [10, 11, 60, 61, 300, 600, 601, 1800, 1801] {
            all.push(segment("walking", from, from + length));
            from += length + 100;
        }
        assert_eq!(totals(&all).activities[0].bouts, [1, 2, 2, 1, 2, 1]);
    }

    #[test]
    fn a_day_without_a_segment_is_left_out() {
        let zero = Zero::Local { local_ns: MIDNIGHT_NS };
        let all = [segment("walking", 0, 60), segment("walking", 3 * 86_400, 3 * 86_400 + 60)];
        let days = days(&all, zero);
        let dates: Vec<_> = days.iter().filter_map(|day| day.date.clone()).collect();
        assert_eq!(dates, vec!["2026-03-01", "2026-03-04"]);
        assert!((days[0].missing_minutes - 1439.0).abs() < 1e-9);
        assert!((days[1].missing_minutes).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn no_minute_is_lost_or_counted_twice(
            lengths in prop::collection::vec((1i64..100_000, 0i64..20, 0usize..4), 1..40),
            zero_s in -1_000_000i64..2_000_000_000,
        ) {
            let names = ["walking", "sitting", "unknown", NOT_WORN];
            let mut all = Vec::new();
            let mut from = 7;
            for (length, pause, name) in lengths {
                all.push(segment(names[name], from, from + length));
                from += length + pause;
            }
            let zero = Zero::Local { local_ns: zero_s * S };
            let days = days(&all, zero);
            let sum = |of: fn(&Day) -> f64| days.iter().map(of).sum::<f64>();
            let length = |worn: bool| {
                let own = all.iter().filter(|s| (s.activity != NOT_WORN) == worn);
                own.map(Segment::length_s).sum::<f64>() / 60.0
            };
            prop_assert!((sum(|d| d.worn_minutes) - length(true)).abs() < 1e-6);
            prop_assert!((sum(|d| d.not_worn_minutes) - length(false)).abs() < 1e-6);
            let whole = (all[all.len() - 1].end_ns - all[0].start_ns) as f64 / 60e9;
            let parts = sum(|d| d.worn_minutes + d.not_worn_minutes + d.missing_minutes);
            prop_assert!((parts - whole).abs() < 1e-6, "{parts} {whole}");
            let bouts = |days: &[Day]| -> u32 {
                days.iter().flat_map(|d| &d.activities).flat_map(|a| a.bouts).sum()
            };
            prop_assert_eq!(bouts(&days), bouts(&[totals(&all)]));
            for day in &days {
                let own: f64 = day.activities.iter().map(|a| a.minutes).sum();
                prop_assert!((own - day.worn_minutes).abs() < 1e-6);
                prop_assert!(day.end_ns - day.start_ns <= 86_400 * S && day.start_ns < day.end_ns);
            }
        }
    }
}
