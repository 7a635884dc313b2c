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

impl Count {
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
