//! Stretches in which the device slept and the software wrote zeros, or the last sample again and again.

use crate::error::Fault;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding, FindingKind, Place, Samples, Sensor, Severity};

/// No sensor measures 0, 0, 0 for so long: gravity is always there.
const ZEROS_NS: i64 = 1_000_000_000;
/// A device falls asleep after ten seconds of rest, and none measures the very same for that long.
const REPEATS_NS: i64 = 10_000_000_000;
const SECOND_NS: i64 = 1_000_000_000;
/// Stamps of whole seconds may be rounded by so much.
const ROUNDED_NS: i64 = 2_000_000;
/// Samples that are kept back at most.
const HELD: usize = 1 << 16;

/// Takes what was filled in for missing: its values become NaN.
pub(super) struct Filled {
    inner: Box<dyn Reader>,
    /// Sensors of a chunk; the first is the accelerometer.
    sensors: usize,
    /// Nanoseconds of the wall clock at the recording's zero.
    zero_ns: i64,
    state: State,
    spare: Samples,
}

#[derive(Default)]
struct State {
    /// Equal samples at the end of what was read that may yet turn out to be filled in.
    held: Samples,
    /// Which of them would be the first that was, and its time.
    from: Option<(usize, i64)>,
    /// The last sample was filled in.
    filling: bool,
    last: Option<(i64, [f32; 3])>,
    step_ns: i64,
    given: u64,
    zeros: Count,
    repeats: Count,
    first: Option<(u64, i64)>,
    ended: bool,
}

#[derive(Clone, Copy, Default)]
struct Count {
    samples: u64,
    stretches: u64,
    ns: i64,
}

impl Filled {
    pub(super) fn new(inner: Box<dyn Reader>, sensors: usize, zero_ns: i64) -> Self {
        Self { inner, sensors, zero_ns, state: State::default(), spare: Samples::default() }
    }

    fn second(&self, time_ns: i64) -> i64 {
        self.zero_ns.saturating_add(time_ns).saturating_add(ROUNDED_NS).div_euclid(SECOND_NS)
    }

    fn take(&mut self, time_ns: i64, value: [f32; 3], out: &mut Samples) {
        let Some((before_ns, before)) = self.state.last.replace((time_ns, value)) else {
            self.begin(time_ns, value);
            return;
        };
        if value != before {
            self.close(time_ns, out);
            self.begin(time_ns, value);
            return;
        }
        // The software fills whole seconds.
        let begins = self.state.from.is_none() && self.second(time_ns) > self.second(before_ns);
        let state = &mut self.state;
        state.step_ns = time_ns.saturating_sub(before_ns);
        if state.filling {
            state.fill(time_ns, value, out);
            let step_ns = state.step_ns;
            let count = state.count(value);
            count.ns = count.ns.saturating_add(step_ns);
            return;
        }
        if begins {
            state.from = Some((state.held.len(), time_ns));
        }
        state.held.push(time_ns, value);
        if state.from.is_some_and(|(_, from_ns)| time_ns.saturating_sub(from_ns) >= limit_ns(value)) {
            state.release(true, time_ns, out);
        } else if state.held.len() >= HELD {
            state.release(false, time_ns, out);
            state.from = None;
        }
    }

    fn begin(&mut self, time_ns: i64, value: [f32; 3]) {
        let state = &mut self.state;
        state.filling = false;
        // The first zero is already one too many, the first of equal samples was measured.
        state.from = (value == [0.0; 3]).then_some((0, time_ns));
        state.held.push(time_ns, value);
    }

    /// The samples that were equal end where another begins.
    fn close(&mut self, next_ns: i64, out: &mut Samples) {
        let state = &mut self.state;
        let value = state.held.values.first().copied().unwrap_or_default();
        let filled =
            state.from.is_some_and(|(_, from_ns)| next_ns.saturating_sub(from_ns) >= limit_ns(value));
        state.release(filled, next_ns.saturating_sub(state.step_ns), out);
    }
}

fn limit_ns(value: [f32; 3]) -> i64 {
    if value == [0.0; 3] { ZEROS_NS } else { REPEATS_NS }
}

impl State {
    fn count(&mut self, value: [f32; 3]) -> &mut Count {
        if value == [0.0; 3] { &mut self.zeros } else { &mut self.repeats }
    }

    fn give(&mut self, time_ns: i64, value: [f32; 3], out: &mut Samples) {
        out.push(time_ns, value);
        self.given += 1;
    }

    fn fill(&mut self, time_ns: i64, value: [f32; 3], out: &mut Samples) {
        self.first.get_or_insert((self.given, time_ns));
        self.count(value).samples += 1;
        self.give(time_ns, [f32::NAN; 3], out);
    }

    /// Gives out what was kept back.
    fn release(&mut self, filled: bool, last_ns: i64, out: &mut Samples) {
        let held = std::mem::take(&mut self.held);
        let from = self.from.filter(|_| filled);
        let begin = from.map_or(held.len(), |(index, _)| index);
        for (i, (&time, &value)) in held.times_ns.iter().zip(&held.values).enumerate() {
            if i < begin { self.give(time, value, out) } else { self.fill(time, value, out) }
        }
        if let (Some((_, from_ns)), Some(&value)) = (from, held.values.first()) {
            let step_ns = self.step_ns;
            let count = self.count(value);
            count.stretches += 1;
            count.ns = count.ns.saturating_add(last_ns.saturating_sub(from_ns)).saturating_add(step_ns);
            self.filling = true;
        }
        self.held = held;
        self.held.times_ns.clear();
        self.held.values.clear();
    }
}

impl Reader for Filled {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        if self.state.ended {
            chunk.clear(self.sensors);
            return Ok(false);
        }
        let more = self.inner.read(chunk)?;
        let mut out = std::mem::take(&mut self.spare);
        out.times_ns.clear();
        out.values.clear();
        let part = &mut chunk.parts[0];
        for (&time, &value) in part.times_ns.iter().zip(&part.values) {
            self.take(time, value, &mut out);
        }
        if !more {
            self.state.ended = true;
            if let Some((last_ns, _)) = self.state.last {
                self.close(last_ns.saturating_add(self.state.step_ns), &mut out);
            }
        }
        self.spare = std::mem::replace(&mut chunk.parts[0], out);
        Ok(more || chunk.parts.iter().any(|part| !part.is_empty()))
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.state = State::default();
        self.inner.rewind()
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = self.inner.findings();
        let State { zeros, repeats, given, .. } = &self.state;
        let Some((sample, time_ns)) = self.state.first else { return all };
        let said = |count: &Count, what: &str| {
            (count.samples > 0).then(|| {
                let Count { samples, ns, .. } = count;
                format!("{samples} samples ({:.1} s) {what}", *ns as f64 / 1e9)
            })
        };
        let both: Vec<String> =
            said(zeros, "are all zero").into_iter().chain(said(repeats, "repeat the one before")).collect();
        let share = 100.0 * (zeros.samples + repeats.samples) as f64 / (*given).max(1) as f64;
        let text = format!(
            "filled in by the software where the device slept: {}, {share:.1} % of the recording; they are taken as missing, not \
             as rest",
            both.join(", ")
        );
        let place = Place::sample(Sensor::Accelerometer, sample, time_ns);
        let finding = Finding::new(FindingKind::Filled, Severity::Warning, text);
        all.push(finding.at(place).times(zeros.stretches + repeats.stretches));
        all
    }
}
