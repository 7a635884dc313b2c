//! How often something was found, and where first.

use crate::{Finding, FindingKind, Place, Sensor, Severity};
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// How often something was found in the samples of one sensor, and where first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How often.
    pub count: u64,
    /// The first: sample number from 0, and its stamp in nanoseconds.
    pub first: Option<(u64, i64)>,
}

/// `1 value` or `3 values`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    alloc::format!("{count} {}", if count == 1 { one } else { many })
}

/// A share as a percentage of three digits: `12.3 %`, `0.50 %`.
pub(crate) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent < 9.995 { alloc::format!("{percent:.2}%") } else { alloc::format!("{percent:.1}%") }
}

/// A length of time in the unit that suits it.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 600.0 => alloc::format!("{s:.1} s"),
        s if s < 7200.0 => alloc::format!("{:.1} min", s / 60.0),
        s if s < 48.0 * 3600.0 => alloc::format!("{:.1} h", s / 3600.0),
        s => alloc::format!("{:.1} days", s / 86_400.0),
    }
}

impl Count {
    /// Where it was first, as part of a sentence: ` at sample 251`, counted from 1 as rows are.
    pub(crate) fn at_sample(&self) -> String {
        match self.first {
            Some((sample, _)) if self.count > 1 => {
                alloc::format!(" ({} times, first at sample {})", self.count, sample.saturating_add(1))
            }
            Some((sample, _)) => alloc::format!(" at sample {}", sample.saturating_add(1)),
            None => String::new(),
        }
    }

    pub(crate) fn add(&mut self, sample: u64, time_ns: i64) {
        self.count += 1;
        self.first = self.first.or(Some((sample, time_ns)));
    }

    /// Where it was first.
    pub fn place(&self, sensor: Sensor) -> Place {
        let at = |(sample, time_ns)| Place::sample(sensor, sample, time_ns);
        self.first.map_or_else(|| Place::sensor(sensor), at)
    }

    /// A finding with this count and place.
    pub(crate) fn finding(
        &self,
        sensor: Sensor,
        kind: FindingKind,
        severity: Severity,
        text: String,
    ) -> Finding {
        Finding::new(kind, severity, text).at(self.place(sensor)).times(self.count)
    }
}
