//! Wearing periods found while samples pass by, so that a recording need not be read once more for them.

use super::boxes::{Boxed, Boxes, ROW_NS};
use super::{Stretches, WearingPeriod, Worn, geometric_median, wearings};
use crate::filter::Phase;
use crate::intake::{
    AxisMap, ClockBack, ClockRepair, Declared, Extent, RUN, Reading, Report, Timed, WallClock,
};
use crate::rotation::unit;
use crate::source::{Chunk, Samples};
use crate::{
    Channel, Chunker, FilterJob, Finding, FindingKind, Header, Preprocessing, Resampling, Sensor,
    SignalError, Unit,
};
use alloc::vec::Vec;

/// Rows that are filtered at a time.
const BLOCK: usize = 1 << 11;
/// Stretches from which the typical direction is taken, evenly spread: more do not move a median of thousands.
const MOST_TYPICAL: usize = 1 << 12;
/// Values of this size are none in any unit of acceleration: 32 g in mg.
const NO_ACCELERATION: f32 = 32_000.0;

/// What [`wearing_of`](super::wearing_of) does while a [`Survey`](crate::intake::Survey) sees the same chunks.
///
/// Acceleration alone is looked at, at 50 Hz: a row every 20 ms is the mean of the samples around it. That is cheaper than the
/// intake's way to a model's rate and gives the same rows where samples come at 50 Hz; the filters after it are a model's.
#[derive(Clone, Debug)]
pub struct WearingSurvey {
    declared: Declared,
    preprocessing: Preprocessing,
    /// The accelerometer's part in a chunk.
    part: Option<usize>,
    /// The unit of the source, if it is known from the beginning.
    unit: Option<Unit>,
    /// Puts an hour back right, if that is declared to be the end of summer time.
    wall: Option<WallClock>,
    clock: ClockRepair,
    boxes: Boxes,
    summaries: Summaries,
}

/// Rows on their way to summaries.
#[derive(Clone, Debug)]
struct Summaries {
    axes: AxisMap,
    chunker: Chunker,
    stretches: Stretches,
    rows: Vec<f32>,
    /// When each segment begins, in ns.
    starts: Vec<i64>,
    jobs: Vec<FilterJob>,
}

impl WearingSurvey {
    /// One that has seen nothing; the unit is that of the header, or declared, or told by the report in the end.
    ///
    /// # Errors
    /// [`SignalError::Setting`] for what cannot be declared.
    pub fn new(header: &Header, declared: &Declared) -> Result<Self, SignalError> {
        declared.validate()?;
        let acceleration = |channel: &Channel| channel.sensor() == Sensor::Accelerometer;
        let preprocessing = Preprocessing {
            rate_hz: 1e9 / ROW_NS as f64,
            channels: Channel::INERTIAL.into_iter().filter(acceleration).collect(),
            phase: Phase::Causal,
            resampling: Resampling::Linear,
            ..Preprocessing::default()
        };
        let part = header.position(Sensor::Accelerometer);
        let info = part.map(|part| &header.sensors[part]);
        let unit = declared.acceleration.or(info.and_then(|info| info.unit));
        let (rate_hz, layout) = (preprocessing.rate_hz, preprocessing.layout());
        let stretches = match unit {
            Some(_) => Stretches::new(rate_hz, layout),
            None => Stretches::unscaled(rate_hz, layout),
        };
        let chunker = Chunker::new(&preprocessing)?;
        Ok(Self {
            declared: *declared,
            preprocessing,
            part,
            unit,
            wall: (declared.clock_back == Some(ClockBack::SummerTime)).then(WallClock::default),
            clock: ClockRepair::new(declared.max_gap_ns(), info.and_then(|info| info.rate_hz)),
            boxes: Boxes::new(declared.max_gap_ns()),
            summaries: Summaries {
                axes: declared.axes,
                chunker,
                stretches,
                rows: Vec::new(),
                starts: Vec::new(),
                jobs: Vec::new(),
            },
        })
    }

    /// Takes the next chunk.
    pub fn push(&mut self, chunk: &Chunk) {
        let Some(part) = self.part.and_then(|part| chunk.parts.get(part)) else { return };
        let corrected = self
            .wall
            .as_mut()
            .map(|wall| Samples { times_ns: wall.correct_all(&part.times_ns), values: part.values.clone() });
        let part = corrected.as_ref().unwrap_or(part);
        // The unit decides once, not for every sample.
        let most = Sensor::Accelerometer.impossible();
        match self.unit {
            Some(Unit::G) => self.push_samples(part, most, |v| v),
            Some(unit) => self.push_samples(part, most, |v| unit.to_project(v)),
            None => self.push_samples(part, NO_ACCELERATION, |v| v),
        }
    }

    /// `convert` keeps the order of values.
    fn push_samples(&mut self, part: &Samples, most: f32, convert: impl Fn(f32) -> f32) {
        let Self { clock, boxes, summaries, .. } = self;
        let vector = |v: [f32; 3]| [convert(v[0]), convert(v[1]), convert(v[2])];
        let count = part.times_ns.len().min(part.values.len());
        for (times_ns, values) in part.times_ns[..count].chunks(RUN).zip(part.values[..count].chunks(RUN)) {
            let ordinary =
                Extent::of(values).is_some_and(|e| e.sizes().into_iter().all(|v| convert(v) <= most));
            if let (true, Some((&last, others))) = (ordinary, values.split_last())
                && let Some(timed) = clock.push_regular(times_ns, Reading::Value(vector(last)))
            {
                take(boxes, summaries, timed);
                for (&time_ns, &value) in times_ns.iter().zip(others) {
                    boxes.push(time_ns, vector(value), &mut |boxed| summaries.take(boxed));
                }
                continue;
            }
            for (&time_ns, &value) in times_ns.iter().zip(values) {
                let converted = vector(value);
                let reading = if value.iter().any(|v| !v.is_finite()) {
                    Reading::Missing
                } else if converted.iter().any(|v| v.abs() > most) {
                    Reading::Impossible
                } else {
                    Reading::Value(converted)
                };
                clock.push(time_ns, reading, &mut |timed| take(boxes, summaries, timed));
            }
        }
    }

    /// What a report says that no periods can be found in.
    pub(super) fn refuse(&self, report: &Report) -> Result<(), SignalError> {
        // Slower recordings have a vertical too; how slow is the intake's matter.
        self.preprocessing.intake_from(report, &self.declared, 0.0).map(|_| ())
    }

    /// Takes what is still on its way, after the last chunk; doing so twice changes nothing.
    fn end(&mut self) {
        let Self { clock, boxes, summaries, .. } = self;
        clock.finish(&mut |timed| take(boxes, summaries, timed));
        boxes.end(&mut |boxed| summaries.take(boxed));
    }

    /// The direction that was up most of the time, once the last chunk is in: see [`FirstPass`](super::FirstPass).
    pub(super) fn typical(&mut self) -> Option<[f32; 3]> {
        self.end();
        let all = self.summaries.stretches.all();
        let every = all.len().div_ceil(MOST_TYPICAL).max(1);
        let some: Vec<[f64; 3]> = all.iter().step_by(every).map(|s| s.acceleration).collect();
        let median = if some.is_empty() { None } else { Some(geometric_median(&some)) };
        median.and_then(|median| unit(median.map(|v| v as f32)))
    }

    /// The periods, by what the survey of the same chunks found. None if they need another pass, with the unit that was found:
    /// it was not known before, and there are values which it says are none.
    ///
    /// # Errors
    /// As [`wearing_of`](super::wearing_of).
    pub fn finish(mut self, report: &Report) -> Result<Option<Vec<Worn>>, SignalError> {
        self.refuse(report)?;
        self.end();
        let found = report.sensor(Sensor::Accelerometer).and_then(|(_, found)| found.unit_found);
        if let (None, Some(unit)) = (self.unit, found) {
            let impossible = |f: &Finding| {
                f.kind == FindingKind::Impossible && f.first_place.sensor == Some(Sensor::Accelerometer)
            };
            if report.findings.iter().any(impossible) {
                return Ok(None);
            }
            self.summaries.stretches.scale(unit.factor());
        }
        let starts = &self.summaries.starts;
        let worn = |(period, agreement): (WearingPeriod, f64)| {
            let start_ns = starts.get(period.segment).copied().unwrap_or(0);
            let start_ns = start_ns.saturating_add((period.row as i64).saturating_mul(ROW_NS));
            Worn { period, start_ns, agreement }
        };
        Ok(Some(wearings(&self.summaries.stretches)?.into_iter().map(worn).collect()))
    }
}

#[inline]
fn take(boxes: &mut Boxes, summaries: &mut Summaries, timed: Timed) {
    let mut emit = |boxed| summaries.take(boxed);
    match timed {
        Timed::Sample(time_ns, Reading::Value(value)) => boxes.push(time_ns, value, &mut emit),
        Timed::Sample(_, Reading::Missing) => {}
        Timed::Sample(_, Reading::Impossible) | Timed::Reset => boxes.end(&mut emit),
    }
}

impl Summaries {
    #[inline]
    fn take(&mut self, boxed: Boxed) {
        match boxed {
            Boxed::Begin(start_ns) => self.starts.push(start_ns),
            Boxed::Row(row) => {
                // Means and lines between samples are the same in any axes.
                self.rows.extend(self.axes.apply(row));
                if self.rows.len() >= 3 * BLOCK {
                    self.filter();
                }
            }
            Boxed::End => {
                self.filter();
                self.chunker.end(&mut self.jobs);
                self.stretches.end_segment();
            }
        }
    }

    fn filter(&mut self) {
        self.chunker.push(&self.rows, &mut self.jobs);
        for job in self.jobs.drain(..) {
            self.stretches.push(self.chunker.run(job).values());
        }
        self.rows.clear();
    }
}
