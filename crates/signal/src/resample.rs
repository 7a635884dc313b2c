//! Brings time-stamped samples to a uniform rate, by linear interpolation.
//!
//! - The grid of a segment begins at its first sample: `start + k / rate`, up to its last sample.
//! - A pause longer than `max_gap_s` ends the segment: nothing is made up across it.
//! - A time stamp equal to the one before, or earlier by at most `max_gap_s`, is a repeated or late reading:
//!   the sample is dropped and counted. One that is earlier by more means that the clock was set back: a new
//!   segment begins.
//! - To lower the rate, samples are interpolated to the smallest multiple of the new rate that is not below
//!   the source's, low-passed at 0.8 times the new Nyquist frequency (Butterworth, order 8), and every n-th
//!   is kept.

use crate::filter::{Band, Phase, Sos, SosFilter, butterworth, sosfiltfilt_padded};
use crate::{Recording, Sample, SignalError};
use alloc::string::ToString;
use alloc::vec::Vec;
use core::array;

/// Rates that differ by less than this fraction count as equal: a crystal or a scheduler is no better.
pub const RATE_TOLERANCE: f64 = 0.01;

/// Order of the anti-aliasing low-pass.
const ANTI_ALIASING_ORDER: usize = 8;
/// Its cut-off as a fraction of the new Nyquist frequency, the customary margin of decimation.
const ANTI_ALIASING_CUTOFF: f64 = 0.8;
/// Largest ratio of rates either way: bounds how narrow the anti-aliasing filter and how long the output
/// gets.
const MAX_RATIO: f64 = 1000.0;
/// Most grid points that may be interpolated across one gap; bounds memory whatever the configuration.
const MAX_GAP_POINTS: f64 = 1e6;
/// A grid point this fraction of an interval beyond the last sample counts as on it: time stamps are rounded.
const ON_GRID: f64 = 1e-3;

/// A sample with its time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimedSample {
    /// Seconds, from any origin.
    pub time_s: f64,
    /// What was measured.
    pub sample: Sample,
}

/// How to resample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResampleOptions {
    /// Nominal rate of the source in Hz; see [`nominal_rate`].
    pub source_rate_hz: f64,
    /// Rate wanted, in Hz.
    pub rate_hz: f64,
    /// Longest pause between two samples to interpolate across, in seconds.
    pub max_gap_s: f64,
}

impl ResampleOptions {
    /// Grid points per sample kept: above 1 if the rate is lowered.
    fn ratio(&self) -> Result<usize, SignalError> {
        let positive = [
            ("source_rate_hz", self.source_rate_hz),
            ("rate_hz", self.rate_hz),
            ("max_gap_s", self.max_gap_s),
        ];
        for (field, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(setting(field, value, "give a positive number"));
            }
        }
        let ratio = self.source_rate_hz / self.rate_hz;
        let ratio = if ratio <= 1.0 + RATE_TOLERANCE { 1.0 } else { libm::ceil(ratio) };
        if ratio > MAX_RATIO || self.rate_hz / self.source_rate_hz > MAX_RATIO {
            return Err(setting(
                "source_rate_hz",
                self.source_rate_hz,
                "give a rate within 1000 times the new one",
            ));
        }
        if self.max_gap_s * self.rate_hz * ratio > MAX_GAP_POINTS {
            return Err(setting(
                "max_gap_s",
                self.max_gap_s,
                "give a gap that spans at most a million samples",
            ));
        }
        Ok(ratio as usize)
    }

    /// The low-pass for a ratio above 1.
    fn anti_aliasing(&self, ratio: usize) -> Result<Option<Sos>, SignalError> {
        if ratio == 1 {
            return Ok(None);
        }
        let cutoff = 0.5 * ANTI_ALIASING_CUTOFF * self.rate_hz;
        butterworth(ANTI_ALIASING_ORDER, cutoff, self.rate_hz * ratio as f64, Band::LowPass).map(Some)
    }
}

fn setting(field: &'static str, found: f64, expected: &str) -> SignalError {
    SignalError::Setting { field, found: found.to_string(), expected: expected.to_string() }
}

/// A stretch without long gaps, on a uniform grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Time of the first sample, in seconds, on the clock of the source.
    pub start_s: f64,
    /// The samples at the new rate.
    pub recording: Recording,
}

/// What [`resample`] made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resampled {
    /// Segments in order of time of arrival.
    pub segments: Vec<Segment>,
    /// Samples dropped because their time stamp repeated or preceded the one before.
    pub dropped: usize,
}

/// Samples that one input sample of [`LinearResampler`] completed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Completed<'a> {
    /// Start in seconds of the new segment that these samples begin, if they begin one.
    pub new_segment: Option<f64>,
    /// Samples at the new rate, often none or one.
    pub samples: &'a [Sample],
}

/// The rate of jittered time stamps in seconds: steps per second, leaving out steps back and pauses longer
/// than `max_gap_s`. Repeated time stamps count, as they come from rounding.
///
/// # Errors
/// [`SignalError::NonFiniteTime`]; [`SignalError::NoRate`] if no step is left or all are 0.
pub fn nominal_rate(times_s: &[f64], max_gap_s: f64) -> Result<f64, SignalError> {
    if let Some(sample) = times_s.iter().position(|t| !t.is_finite()) {
        return Err(SignalError::NonFiniteTime { sample, value: times_s[sample] });
    }
    let steps = || times_s.windows(2).map(|t| t[1] - t[0]).filter(|&dt| dt >= 0.0 && dt <= max_gap_s);
    let rate = steps().count() as f64 / steps().sum::<f64>();
    if rate.is_finite() && rate > 0.0 {
        Ok(rate)
    } else {
        Err(SignalError::NoRate { samples: times_s.len() })
    }
}

/// Resamples a whole recording; see the [module](self) for gaps and disordered time stamps.
///
/// With [`Phase::Causal`] the result has the bits of [`LinearResampler`]; with [`Phase::Zero`] the
/// anti-aliasing filter does not delay. Without a lower rate both are the same.
///
/// # Errors
/// [`SignalError::Setting`] for options out of range; [`SignalError::NonFiniteTime`] and
/// [`SignalError::NonFinite`] with the sample.
pub fn resample(
    samples: &[TimedSample],
    options: &ResampleOptions,
    phase: Phase,
) -> Result<Resampled, SignalError> {
    let ratio = options.ratio()?;
    let filter = options.anti_aliasing(ratio)?;
    let mut segments: Vec<Segment> = Vec::new();
    let mut add = |completed: Completed<'_>| {
        if let Some(start_s) = completed.new_segment {
            let recording = Recording { rate_hz: options.rate_hz, samples: Vec::new() };
            segments.push(Segment { start_s, recording });
        }
        if let Some(segment) = segments.last_mut() {
            segment.recording.samples.extend_from_slice(completed.samples);
        }
    };
    let dropped = match (phase, filter) {
        (Phase::Zero, Some(sos)) => {
            let mut grid = Grid::new(options, ratio);
            let mut points: Vec<[f64; 6]> = Vec::new();
            let mut start = None;
            let mut flush = |start: Option<f64>, points: &[[f64; 6]]| {
                add(Completed { new_segment: start, samples: &decimate_zero_phase(&sos, points, ratio) });
            };
            for (index, timed) in samples.iter().enumerate() {
                let new_segment = grid.push(index, timed)?;
                if new_segment.is_some() {
                    flush(start, &points);
                    points.clear();
                    start = new_segment;
                }
                points.extend_from_slice(&grid.points);
            }
            flush(start, &points);
            grid.dropped
        }
        _ => {
            let mut stage = LinearResampler::new(options)?;
            for timed in samples {
                add(stage.push(timed)?);
            }
            stage.dropped()
        }
    };
    Ok(Resampled { segments, dropped })
}

/// Low-passes each axis forward and backward and keeps every `ratio`-th point.
fn decimate_zero_phase(sos: &Sos, points: &[[f64; 6]], ratio: usize) -> Vec<Sample> {
    let axes: [Vec<f64>; 6] = array::from_fn(|axis| {
        let signal: Vec<f64> = points.iter().map(|p| p[axis]).collect();
        // A segment shorter than the usual padding is still worth keeping.
        sosfiltfilt_padded(sos, &signal, sos.padding())
    });
    (0..points.len()).step_by(ratio).map(|i| to_sample(&array::from_fn(|axis| axes[axis][i]))).collect()
}

/// Resamples a stream causally, sample by sample.
///
/// Output lags by up to one interval of the source and, if the rate is lowered, by the delay of the low-pass.
#[derive(Clone, Debug)]
pub struct LinearResampler {
    grid: Grid,
    ratio: usize,
    /// One low-pass per axis, if the rate is lowered.
    filters: Option<[SosFilter; 6]>,
    /// Grid points until the next one is kept.
    skip: usize,
    /// Samples seen, for error messages.
    seen: usize,
    completed: Vec<Sample>,
}

impl LinearResampler {
    /// A stage that has seen nothing.
    ///
    /// # Errors
    /// [`SignalError::Setting`] for options out of range.
    pub fn new(options: &ResampleOptions) -> Result<Self, SignalError> {
        let ratio = options.ratio()?;
        let filters = options.anti_aliasing(ratio)?.map(|sos| array::from_fn(|_| SosFilter::primed(&sos)));
        let grid = Grid::new(options, ratio);
        Ok(Self { grid, ratio, filters, skip: 0, seen: 0, completed: Vec::new() })
    }

    /// Takes one sample, returns those at the new rate that it completed.
    ///
    /// # Errors
    /// [`SignalError::NonFiniteTime`] and [`SignalError::NonFinite`]; the sample counts as never given.
    pub fn push(&mut self, timed: &TimedSample) -> Result<Completed<'_>, SignalError> {
        let index = self.seen;
        self.seen += 1;
        let new_segment = self.grid.push(index, timed)?;
        if new_segment.is_some() {
            self.skip = 0;
            if let Some(filters) = &mut self.filters {
                filters.iter_mut().for_each(SosFilter::reset);
            }
        }
        self.completed.clear();
        for point in &self.grid.points {
            let mut point = *point;
            if let Some(filters) = &mut self.filters {
                for (value, filter) in point.iter_mut().zip(filters) {
                    *value = filter.push(*value);
                }
            }
            if self.skip == 0 {
                self.completed.push(to_sample(&point));
                self.skip = self.ratio;
            }
            self.skip -= 1;
        }
        Ok(Completed { new_segment, samples: &self.completed })
    }

    /// Samples dropped because their time stamp repeated or preceded the one before.
    pub fn dropped(&self) -> usize {
        self.grid.dropped
    }

    /// Forgets all samples; the next begins a new segment.
    pub fn reset(&mut self) {
        self.grid.last = None;
        self.grid.dropped = 0;
        self.seen = 0;
    }
}

/// Interpolates to `ratio` times the new rate.
#[derive(Clone, Debug)]
struct Grid {
    rate_hz: f64,
    max_gap_s: f64,
    /// Time of the segment's first sample.
    start_s: f64,
    /// Next point of the grid, counted from the segment's start.
    next: u64,
    last: Option<(f64, [f64; 6])>,
    dropped: usize,
    /// Points completed by the last push.
    points: Vec<[f64; 6]>,
}

impl Grid {
    fn new(options: &ResampleOptions, ratio: usize) -> Self {
        Self {
            rate_hz: options.rate_hz * ratio as f64,
            max_gap_s: options.max_gap_s,
            start_s: 0.0,
            next: 0,
            last: None,
            dropped: 0,
            points: Vec::new(),
        }
    }

    /// Fills `points`; returns the start of the segment if the sample begins one.
    fn push(&mut self, index: usize, timed: &TimedSample) -> Result<Option<f64>, SignalError> {
        self.points.clear();
        let time = timed.time_s;
        if !time.is_finite() {
            return Err(SignalError::NonFiniteTime { sample: index, value: time });
        }
        timed.sample.check_finite(index)?;
        let values = timed.sample.axes().map(f64::from);
        let Some((last_time, last)) = self.last.filter(|(t, _)| libm::fabs(time - t) <= self.max_gap_s)
        else {
            self.start_s = time;
            self.next = 1;
            self.last = Some((time, values));
            self.points.push(values);
            return Ok(Some(time));
        };
        if time <= last_time {
            self.dropped += 1;
            return Ok(None);
        }
        let (from, to) = (last_time - self.start_s, time - self.start_s);
        loop {
            let at = self.next as f64 / self.rate_hz;
            if at > to + ON_GRID / self.rate_hz {
                break;
            }
            let weight = ((at - from) / (to - from)).clamp(0.0, 1.0);
            self.points.push(array::from_fn(|i| last[i] + weight * (values[i] - last[i])));
            self.next += 1;
        }
        self.last = Some((time, values));
        Ok(None)
    }
}

fn to_sample(axes: &[f64; 6]) -> Sample {
    let f = |i: usize| axes[i] as f32;
    Sample { acceleration: [f(0), f(1), f(2)], angular_velocity: [f(3), f(4), f(5)] }
}
