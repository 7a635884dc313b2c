//! The device's clock: a record for each second, some of them missing, some there twice.

use ambulo_signal::{Finding, FindingKind, Place, Severity};

const SECOND_NS: i64 = 1_000_000_000;
/// A clock that goes back by more was set anew.
const REPEATED_WITHIN_S: u32 = 60;

/// When the samples of a second were taken.
#[derive(Clone, Debug)]
pub(super) struct Beat {
    rate: f64,
    /// Nanoseconds from the second's beginning.
    table: Vec<i64>,
}

impl Beat {
    /// So many samples a second, in Hz; more than any device takes are cut.
    pub(super) fn new(rate: f64) -> Self {
        let n = rate.ceil().clamp(1.0, 4096.0) as usize;
        Self { rate, table: evenly(n, rate).collect() }
    }

    pub(super) fn rate(&self) -> usize {
        self.table.len()
    }

    /// Stamps the samples of a second that begins `second` seconds from the recording's zero. More than belong into it are spread
    /// evenly over it.
    pub(super) fn stamp(&self, second: i64, times: &mut [i64]) {
        let base = second * SECOND_NS;
        let n = times.len();
        if n <= self.table.len() {
            for (time, offset) in times.iter_mut().zip(&self.table) {
                *time = base + offset;
            }
        } else {
            for (time, offset) in times.iter_mut().zip(evenly(n, n as f64)) {
                *time = base + offset;
            }
        }
    }

    /// Stamps samples that follow one another from the recording's zero on, the first of them sample `first`.
    pub(super) fn run(&self, first: u64, times: &mut [i64]) {
        let step = 1e9 / self.rate;
        for (time, i) in times.iter_mut().zip(first..) {
            *time = (i as f64 * step).round() as i64;
        }
    }
}

fn evenly(n: usize, rate: f64) -> impl Iterator<Item = i64> {
    (0..n).map(move |i| (i as f64 * (1e9 / rate)).round() as i64)
}

/// The seconds that were taken, and what was odd about them.
#[derive(Clone, Debug, Default)]
pub(super) struct Seconds {
    last: Option<u32>,
    /// The device fell asleep behind the last second.
    asleep: bool,
    /// Stretches of sleep, and their seconds.
    sleep: Stretches,
    /// Stretches that are missing for another reason.
    lost: Stretches,
    /// Seconds that were there before, and the first: its record and itself.
    again: u64,
    first_again: Option<(u64, u32)>,
    /// Records with another number of samples than a second has, and the first: its record and how many.
    uneven: u64,
    first_uneven: Option<(u64, usize)>,
    rate: usize,
}

#[derive(Clone, Debug, Default)]
struct Stretches {
    count: u64,
    seconds: u64,
    /// The last second before the first of them.
    first: Option<u32>,
}

impl Stretches {
    fn add(&mut self, last: u32, seconds: u32) {
        self.count += 1;
        self.seconds += u64::from(seconds);
        self.first.get_or_insert(last);
    }

    fn at(&self, zero: u32) -> Place {
        let time_s = self.first.map(|last| f64::from(last) + 1.0 - f64::from(zero));
        Place { time_s, ..Place::default() }
    }
}

impl Seconds {
    /// A record of samples; false if its second was there before.
    pub(super) fn take(&mut self, second: u32, number: u64, samples: usize, rate: usize) -> bool {
        if let Some(last) = self.last {
            if second <= last && last - second <= REPEATED_WITHIN_S {
                self.again += 1;
                self.first_again.get_or_insert((number, second));
                return false;
            }
            let missing = second.saturating_sub(last).saturating_sub(1);
            if missing > 0 {
                if self.asleep { &mut self.sleep } else { &mut self.lost }.add(last, missing);
            }
        }
        if samples != rate {
            self.uneven += 1;
            self.first_uneven.get_or_insert((number, samples));
            self.rate = rate;
        }
        self.asleep = false;
        self.last = Some(second);
        true
    }

    /// The device fell asleep.
    pub(super) fn sleep(&mut self) {
        self.asleep = true;
    }

    pub(super) fn findings(&self, zero: u32) -> Vec<Finding> {
        let mut all = Vec::new();
        let stretches = |n: u64| if n == 1 { "stretch" } else { "stretches" };
        if let Stretches { count: n @ 1.., seconds, .. } = self.sleep {
            let text = format!(
                "idle sleep: for {seconds} s in {n} {} the device lay still, by its own record, and recorded nothing: a gap",
                stretches(n)
            );
            let finding = Finding::new(FindingKind::Gap, Severity::Note, text);
            all.push(finding.at(self.sleep.at(zero)).times(n));
        }
        if let Stretches { count: n @ 1.., seconds, .. } = self.lost {
            let text = format!(
                "{seconds} s are missing in {n} {}, and no idle sleep was recorded before: a gap",
                stretches(n)
            );
            let finding = Finding::new(FindingKind::Gap, Severity::Warning, text);
            all.push(finding.at(self.lost.at(zero)).times(n));
        }
        if let Some((number, second)) = self.first_again {
            let time_s = Some(f64::from(second) - f64::from(zero));
            let text = format!(
                "{} seconds are recorded again; the first record of each is kept, and record {number} (from 0) is the first that \
                 is not",
                self.again
            );
            let place = Place { line: Some(number), time_s, ..Place::default() };
            all.push(Finding::new(FindingKind::Clock, Severity::Warning, text).at(place).times(self.again));
        }
        if let Some((number, samples)) = self.first_uneven {
            let text = format!(
                "{} records have another number of samples than the {} of a second, the first is record {number} (from 0) \
                 with {samples}",
                self.uneven, self.rate
            );
            let place = Place { line: Some(number), ..Place::default() };
            all.push(Finding::new(FindingKind::Clock, Severity::Note, text).at(place).times(self.uneven));
        }
        all
    }
}
