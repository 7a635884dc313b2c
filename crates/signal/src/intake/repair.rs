//! Every sample of a recording in the project's units, axes and clock, at its own rate: what the intake begins with, for those
//! who keep the samples.

use super::clock::{ClockRepair, Reading, Timed};
use super::wall_clock::WallClock;
use super::{AxisMap, ClockBack, Declared, Report};
use crate::source::Chunk;
use crate::{Sensor, SignalError, Unit};
use alloc::vec::Vec;

/// What comes out of a [`Repair`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Repaired {
    /// A sample: nanoseconds from the recording's zero, not earlier than those of the same sensor before; x, y, z in g, rad/s or
    /// µT, NaN where an axis is missing.
    Sample(i64, [f32; 3]),
    /// The sensor's clock was set back or began anew: times before and after have nothing to do with each other.
    Reset,
}

#[derive(Clone, Debug)]
struct Line {
    unit: Unit,
    /// Puts an hour back right, if that is declared to be the end of summer time.
    wall: Option<WallClock>,
    clock: ClockRepair,
}

/// Converts and times the samples of all sensors of a recording, none left out; acceleration as recorded, not calibrated.
#[derive(Clone, Debug)]
pub struct Repair {
    lines: Vec<Line>,
    axes: AxisMap,
}

impl Repair {
    /// By what the report found, for all of its sensors in their order.
    ///
    /// # Errors
    /// [`SignalError::NoUnit`] of a sensor that has samples and whose unit nobody knows; what the declarations are refused for.
    pub fn new(report: &Report, declared: &Declared) -> Result<Self, SignalError> {
        declared.validate()?;
        let line = |sensor: &super::SensorReport| {
            let kind: Sensor = sensor.kind;
            let unit = match sensor.unit_found {
                Some(unit) => unit,
                // Without a single good value no unit is needed.
                None if sensor.first.is_none() => kind.unit(),
                None => return Err(SignalError::NoUnit { sensor: kind }),
            };
            let wall = (declared.clock_back == Some(ClockBack::SummerTime)).then(WallClock::default);
            Ok(Line { unit, wall, clock: ClockRepair::new(declared.max_gap_ns(), sensor.rate_hz) })
        };
        let lines = report.sensors.iter().map(line).collect::<Result<_, _>>()?;
        Ok(Self { lines, axes: declared.axes })
    }

    /// Takes the next chunk; hands on what it completes, with the sensor's number.
    pub fn push(&mut self, chunk: &Chunk, sink: &mut dyn FnMut(usize, Repaired)) {
        for (number, (line, part)) in self.lines.iter_mut().zip(&chunk.parts).enumerate() {
            let mut emit = emitter(number, sink);
            for (&time_ns, &value) in part.times_ns.iter().zip(&part.values) {
                let value = self.axes.apply(value.map(|v| line.unit.to_project(v)));
                let time_ns = line.wall.as_mut().map_or(time_ns, |wall| wall.correct(time_ns));
                line.clock.push(time_ns, Reading::Value(value), &mut emit);
            }
        }
    }

    /// Hands on what still waits: nothing follows.
    pub fn finish(&mut self, sink: &mut dyn FnMut(usize, Repaired)) {
        for (number, line) in self.lines.iter_mut().enumerate() {
            line.clock.finish(&mut emitter(number, sink));
        }
    }
}

fn emitter(number: usize, sink: &mut dyn FnMut(usize, Repaired)) -> impl FnMut(Timed) {
    move |timed| match timed {
        Timed::Sample(time_ns, Reading::Value(value)) => sink(number, Repaired::Sample(time_ns, value)),
        Timed::Sample(time_ns, _) => sink(number, Repaired::Sample(time_ns, [f32::NAN; 3])),
        Timed::Reset => sink(number, Repaired::Reset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::survey;
    use crate::{Clock, Header, Recording, SensorInfo, SensorSeries};
    use alloc::vec;

    #[test]
    fn samples_are_converted_and_none_is_lost() {
        let info = SensorInfo { unit: Some(Unit::MilliG), ..SensorInfo::new(Sensor::Accelerometer) };
        let stamps = [0i64, 20, 20, 60, 55, 80, 5].map(|ms| ms * 1_000_000).to_vec();
        let mut values = vec![[500.0, 0.0, -1000.0]; 7];
        values[3][0] = f32::NAN;
        values[4] = [5e7, 0.0, 0.0];
        let series = SensorSeries { info, clock: Clock::Stamps(stamps), values };
        let recording = Recording::new(Header::default(), vec![series]);
        let declared = Declared { max_gap_s: 0.05, axes: "z,y,-x".parse().unwrap(), ..Declared::default() };
        let report = survey(&mut recording.source(), &declared).unwrap();
        let mut repair = Repair::new(&report, &declared).unwrap();
        let mut chunk = Chunk::default();
        let mut all = Vec::new();
        let mut source = recording.source();
        let mut sink = |number, repaired| {
            assert_eq!(number, 0);
            all.push(repaired);
        };
        while crate::Source::read(&mut source, &mut chunk).unwrap() {
            repair.push(&chunk, &mut sink);
        }
        repair.finish(&mut sink);
        let times: Vec<Option<i64>> = all
            .iter()
            .map(|r| match r {
                Repaired::Sample(ns, _) => Some(ns / 1_000_000),
                Repaired::Reset => None,
            })
            .collect();
        assert_eq!(times, [Some(0), Some(20), Some(40), Some(60), Some(70), Some(80), None, Some(5)]);
        assert_eq!(all[0], Repaired::Sample(0, [-1.0, 0.0, -0.5]));
        let Repaired::Sample(_, [x, y, z]) = all[3] else { panic!("{all:?}") };
        assert!(x == -1.0 && y == 0.0 && z.is_nan());
        assert!(matches!(all[4], Repaired::Sample(_, [.., z]) if z == -5e4));
    }
}
