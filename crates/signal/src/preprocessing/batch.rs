//! Preprocessing of whole recordings.

use super::chunks::{Chunker, FilterJob};
use super::{Level, NoiseFilter, Preprocessing};
use crate::filter::{Band, Sos, butterworth};
use crate::intake::{Declared, Intake, Piece, RATE_TOLERANCE, Report, SLOWEST_SHARE, survey};
use crate::levelling::{Stretches, WearingPeriod, level, rotation_to, wearing_periods};
use crate::source::{Chunk, Source};
use crate::{Facing, InertialSignals, Resampling, Rotation, Sensor, SignalError};
use alloc::vec::Vec;

/// A stretch of a recording without gaps, in which the device was worn one way.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Time of the first row, in nanoseconds from the recording's zero.
    pub start_ns: i64,
    /// The signals at the rate of the preprocessing, levelled if it says so.
    pub signals: InertialSignals,
}

impl Preprocessing {
    /// The segments of a recording, with what was found about it. Those that are levelled are so by the vertical that is declared,
    /// or else by what is found in them.
    ///
    /// # Errors
    /// A source that fails; a recording that the intake refuses, at a rate that does not fit, or that cannot be levelled.
    pub fn segments(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
    ) -> Result<(Vec<Segment>, Report), SignalError> {
        self.validate()?;
        let report = survey(source, declared)?;
        let mut intake = self.intake(&report, declared)?;
        let mut chunker = Chunker::new(self)?;
        let mut jobs: Vec<FilterJob> = Vec::new();
        let mut segments: Vec<Segment> = Vec::new();
        let mut take = |piece: Piece<'_>| {
            match piece {
                Piece::Begin { start_ns } => {
                    segments.push(Segment { start_ns, signals: InertialSignals::empty(self.layout()) });
                }
                Piece::Frames(frames) => chunker.push(frames, &mut jobs),
                Piece::End => chunker.end(&mut jobs),
            }
            if let Some(segment) = segments.last_mut() {
                for job in jobs.drain(..) {
                    segment.signals.extend(chunker.run(job).values());
                }
            }
        };
        let mut chunk = Chunk::default();
        while source.read(&mut chunk)? {
            intake.push(&chunk, &mut take);
        }
        intake.finish(&mut take);
        source.rewind()?;
        let segments = match (self.level, declared.up) {
            (Level::Recording { up }, Some(declared)) => {
                let rotation = rotation_to(declared, up)?;
                segments.iter_mut().for_each(|segment| segment.signals.rotate(&rotation));
                segments
            }
            _ => self.levelled_segments(segments)?,
        };
        Ok((segments, report))
    }

    /// The intake that feeds this preprocessing from a source of which this was found.
    ///
    /// # Errors
    /// Those of [`Intake::new`], and [`SignalError::Rate`] for a rate that does not fit.
    pub fn intake(&self, report: &Report, declared: &Declared) -> Result<Intake, SignalError> {
        let sensors = self.layout().sensors();
        let intake = Intake::new(report, sensors, self.rate_hz, declared)?;
        for (_, found) in sensors.iter().filter_map(|&sensor| report.sensor(sensor)) {
            if let Some(found_hz) = found.rate_hz {
                self.check_rate(found_hz)?;
            }
        }
        Ok(intake)
    }

    /// The same for a model that also takes slower recordings, down to `lowest_hz`: what is missing between two samples is filled by
    /// straight lines. Whether it had to be done is told.
    ///
    /// # Errors
    /// As [`intake`](Self::intake).
    pub fn intake_from(
        &self,
        report: &Report,
        declared: &Declared,
        lowest_hz: f64,
    ) -> Result<(Intake, bool), SignalError> {
        let sensors = self.layout().sensors();
        let intake = Intake::new(report, sensors, self.rate_hz, declared)?;
        let mut slower = false;
        for (_, found) in sensors.iter().filter_map(|&sensor| report.sensor(sensor)) {
            let Some(found_hz) = found.rate_hz else { continue };
            // Slower than this by more than the tolerance of any rate.
            if found_hz < self.rate_hz
                && !self.same_rate(found_hz)
                && (self.resampling == Resampling::Fill || found_hz >= lowest_hz * (1.0 - RATE_TOLERANCE))
            {
                slower = true;
            } else {
                self.check_rate(found_hz)?;
            }
        }
        Ok((intake, slower))
    }

    /// Refuses a rate that differs from the model's by more than 1 %, unless it is higher and may be lowered, or may be filled in.
    ///
    /// # Errors
    /// [`SignalError::Rate`].
    pub fn check_rate(&self, found_hz: f64) -> Result<(), SignalError> {
        let departure = found_hz / self.rate_hz - 1.0;
        let allowed = match self.resampling {
            Resampling::Refuse => false,
            Resampling::Linear => departure > 0.0,
            Resampling::Fill => found_hz >= SLOWEST_SHARE * self.rate_hz,
        };
        if self.same_rate(found_hz) || allowed {
            return Ok(());
        }
        let hint = if departure > 0.0 {
            "allow resampling (`resampling = \"linear\"`)"
        } else {
            "use a model of a lower rate: what is not in a recording cannot be made up"
        };
        Err(SignalError::Rate { expected_hz: self.rate_hz, found_hz, hint })
    }

    /// Whether a rate in Hz counts as that of the preprocessing: within [`RATE_TOLERANCE`] of it.
    pub fn same_rate(&self, rate_hz: f64) -> bool {
        libm::fabs(rate_hz - self.rate_hz) <= RATE_TOLERANCE * self.rate_hz
    }

    /// The direction of the rows' axes, of any length, that is to point up while the wearer stands; none for one way of wearing alone.
    pub fn up(&self) -> Option<[f32; 3]> {
        match (self.level, self.facing) {
            (Level::Recording { up }, _) | (Level::AsWorn, Facing::Canonical { up }) => Some(up),
            (Level::AsWorn, Facing::AsWorn) => None,
        }
    }

    /// The sensors a recording must have.
    pub fn sensors(&self) -> &'static [Sensor] {
        self.layout().sensors()
    }

    /// Rotates a stretch of one wearing as [`level`](Self::level) says, and returns the rotation; what is level already stays.
    ///
    /// # Errors
    /// [`SignalError::NoVertical`] if which way is up cannot be found; [`SignalError::Setting`] for an `up` of no length.
    pub fn levelled(&self, signals: &mut InertialSignals) -> Result<Rotation, SignalError> {
        let Level::Recording { up } = self.level else { return Ok(Rotation::IDENTITY) };
        let rotation = level(signals, self.rate_hz, up)?;
        signals.rotate(&rotation);
        Ok(rotation)
    }

    /// Where the wearing of a recording changes, from its summaries, with the rotation of each period; one that changes
    /// nothing if recordings are not levelled.
    ///
    /// # Errors
    /// As [`levelled`](Self::levelled).
    pub fn wearing(&self, stretches: &Stretches) -> Result<Vec<(WearingPeriod, Rotation)>, SignalError> {
        let Level::Recording { up } = self.level else { return Ok(Vec::new()) };
        let periods = wearing_periods(stretches)?;
        periods.into_iter().map(|p| Ok((p, rotation_to(p.vertical, up)?))).collect()
    }

    fn levelled_segments(&self, segments: Vec<Segment>) -> Result<Vec<Segment>, SignalError> {
        if self.level == Level::AsWorn {
            return Ok(segments);
        }
        let mut stretches = Stretches::new(self.rate_hz, self.layout());
        for segment in &segments {
            stretches.push(segment.signals.values());
            stretches.end_segment();
        }
        let periods = self.wearing(&stretches)?;
        let mut levelled = Vec::with_capacity(segments.len() + periods.len());
        for (number, mut segment) in segments.into_iter().enumerate() {
            let begun = periods.iter().rfind(|(p, _)| (p.segment, p.row) <= (number, 0));
            let mut rotation = begun.map_or(Rotation::IDENTITY, |(_, rotation)| *rotation);
            let mut from = 0;
            for (period, next) in periods.iter().filter(|(p, _)| p.segment == number && p.row > 0) {
                let (mut head, tail) = segment.signals.split_at(period.row - from);
                head.rotate(&rotation);
                levelled.push(Segment { start_ns: segment.start_ns, signals: head });
                segment.start_ns = segment.start_ns.saturating_add(self.nanoseconds(period.row - from));
                (segment.signals, from, rotation) = (tail, period.row, *next);
            }
            segment.signals.rotate(&rotation);
            levelled.push(segment);
        }
        Ok(levelled)
    }

    /// The time that so many rows take.
    pub fn nanoseconds(&self, rows: usize) -> i64 {
        libm::round(rows as f64 * (1e9 / self.rate_hz)) as i64
    }
}

impl NoiseFilter {
    /// The low-pass for signals of `rate_hz` samples per second.
    pub(super) fn design(&self, rate_hz: f64) -> Result<Sos, SignalError> {
        butterworth(self.order, self.cutoff_hz, rate_hz, Band::LowPass)
    }
}
