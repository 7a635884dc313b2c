//! The axis of time: round times, as clock time where it is known.

use ambulo_record::overview::Overview;
use ambulo_record::timeline::civil;

/// Steps between labels in seconds: round on a clock.
const STEPS: [f64; 30] = [
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1800.0,
    3600.0,
    7200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    604_800.0,
    2_592_000.0,
    31_536_000.0,
];
/// Labels in a wide picture.
const LABELS: f64 = 8.0;
const DAY_S: f64 = 86_400.0;

/// From seconds to places and labels.
pub(crate) struct Times {
    start_s: f64,
    end_s: f64,
    /// Seconds of day at the recording's zero, where a clock is known, and whole days since 1970.
    clock: Option<(f64, i64)>,
    step_s: f64,
}

impl Times {
    pub(crate) fn new(recording: &Overview) -> Self {
        let (start_s, end_s) = (recording.start_s, recording.end_s);
        let sane = start_s.is_finite() && end_s.is_finite() && end_s > start_s;
        let (start_s, end_s) = if sane { (start_s, end_s) } else { (0.0, 1.0) };
        let rough = (end_s - start_s) / LABELS;
        let step_s = STEPS.into_iter().find(|&step| step >= rough).unwrap_or(rough);
        let clock = recording.zero_ns.map(|ns| {
            let day_ns = 86_400_000_000_000;
            (ns.rem_euclid(day_ns) as f64 / 1e9, ns.div_euclid(day_ns))
        });
        Self { start_s, end_s, clock, step_s }
    }

    /// The same over a stretch of a recording.
    pub(crate) fn between(start_s: f64, end_s: f64, zero_ns: Option<i64>) -> Self {
        Self::new(&Overview { start_s, end_s, zero_ns, ..Overview::default() })
    }

    /// How far along the picture a time is, from 0 to 1; nothing outside.
    pub(crate) fn share(&self, time_s: f64) -> Option<f64> {
        let share = (time_s - self.start_s) / (self.end_s - self.start_s);
        (-1e-9..=1.0 + 1e-9).contains(&share).then_some(share.clamp(0.0, 1.0))
    }

    /// The same, at the edge for what is outside.
    pub(crate) fn clamped(&self, time_s: f64) -> f64 {
        let share = (time_s - self.start_s) / (self.end_s - self.start_s);
        if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
    }

    /// Times to be labelled.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        // Round on the clock, not from the first sample.
        let of_day = self.clock.map_or(0.0, |(seconds, _)| seconds);
        let first = ((self.start_s + of_day) / self.step_s - 1e-9).ceil();
        (0..=40)
            .map(|i| (first + f64::from(i)) * self.step_s - of_day)
            .take_while(|&tick| tick <= self.end_s + 1e-9 * self.step_s)
            .collect()
    }

    /// A time as it is labelled: of day where a clock is known, with the day where it is midnight or days are told; else from the
    /// beginning.
    pub(crate) fn label(&self, time_s: f64) -> String {
        let Some((of_day, day)) = self.clock else { return self.elapsed(time_s) };
        let all = of_day + time_s;
        // A tick that is a whisker before midnight is at midnight.
        let rounded = (all / self.step_s.min(1.0) * 1e3).round() * self.step_s.min(1.0) / 1e3;
        let days = (rounded / DAY_S).floor();
        let seconds = rounded - days * DAY_S;
        if self.step_s >= DAY_S || (seconds == 0.0 && self.end_s - self.start_s > DAY_S / 2.0) {
            return date(day.saturating_add(days as i64));
        }
        self.time_of_day(seconds)
    }

    fn time_of_day(&self, seconds: f64) -> String {
        let whole = seconds.floor() as u64;
        let (hours, minutes) = (whole / 3600, whole / 60 % 60);
        if self.step_s >= 60.0 {
            format!("{hours:02}:{minutes:02}")
        } else if self.step_s >= 1.0 {
            format!("{hours:02}:{minutes:02}:{:02}", whole % 60)
        } else {
            let within = seconds - (whole - whole % 60) as f64;
            format!("{hours:02}:{minutes:02}:{within:06.3}")
        }
    }

    fn elapsed(&self, time_s: f64) -> String {
        let sign = if time_s < -0.0005 { "−" } else { "" };
        let seconds = time_s.abs();
        let digits = (-(self.step_s.log10() + 1e-9).floor()).clamp(0.0, 3.0) as usize;
        if self.end_s.abs().max(self.start_s.abs()) < 120.0 {
            return format!("{sign}{seconds:.digits$} s");
        }
        let whole = seconds.round() as u64;
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
        match (hours, self.step_s >= 60.0) {
            (0, _) => format!("{sign}{minutes}:{rest:02} min"),
            (_, true) => format!("{sign}{hours}:{minutes:02} h"),
            (_, false) => format!("{sign}{hours}:{minutes:02}:{rest:02} h"),
        }
    }
}

/// Day and month.
pub(crate) fn date(days: i64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, month, day) = civil(days);
    let name = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
    format!("{day} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(start_s: f64, end_s: f64, zero_ns: Option<i64>) -> Times {
        Times::new(&Overview { start_s, end_s, zero_ns, ..Overview::default() })
    }

    fn labels(times: &Times) -> Vec<String> {
        times.ticks().into_iter().map(|tick| times.label(tick)).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&times(0.0, 59.98, None))[..3], ["0 s", "10 s", "20 s"]);
        assert_eq!(labels(&times(0.0, 1.5, None))[..3], ["0.0 s", "0.2 s", "0.4 s"]);
        assert_eq!(labels(&times(0.0, 7200.0, None))[..3], ["0:00 min", "30:00 min", "1:00 h"]);
        // 2024-03-05 10:00:00.25
        let zero = Some(1_709_632_800_250_000_000);
        assert_eq!(labels(&times(0.0, 59.0, zero))[..2], ["10:00:10", "10:00:20"]);
        let days = labels(&times(0.0, 129_618.0, zero));
        assert_eq!(days[..3], ["12:00", "18:00", "6 Mar"], "{days:?}");
        assert_eq!(labels(&times(0.0, 604_800.0, zero))[..2], ["6 Mar", "7 Mar"]);
    }

    #[test]
    fn hopeless_bounds_have_an_axis() {
        for (from, to) in
            [(0.0, 0.0), (f64::NAN, 1.0), (5.0, 1.0), (0.0, f64::INFINITY), (-1e300, 1e300), (0.0, 1e-9)]
        {
            for zero in [None, Some(i64::MAX), Some(i64::MIN)] {
                let times = times(from, to, zero);
                assert!(labels(&times).len() <= 41);
                assert!((0.0..=1.0).contains(&times.clamped(f64::NAN)));
                assert!(times.share(f64::NAN).is_none());
            }
        }
    }

    #[test]
    fn dates() {
        assert_eq!((date(0), date(19_782), date(-1)), ("1 Jan".into(), "29 Feb".into(), "31 Dec".into()));
        assert_eq!((civil(0), civil(19_782), civil(-1)), ((1970, 1, 1), (2024, 2, 29), (1969, 12, 31)));
        assert_eq!((civil(20_453), civil(11_016)), ((2025, 12, 31), (2000, 2, 29)));
    }
}
