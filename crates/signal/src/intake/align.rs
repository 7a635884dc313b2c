//! Brings sensors with clocks of their own to the points of one uniform grid, by linear interpolation.
//!
//! A segment begins where all sensors have a sample and ends where one of them pauses for longer than the longest gap, has a
//! value that cannot be, or its clock begins anew: nothing is made up across. Its grid begins at the latest of the sensors'
//! first samples. Sensors that lag behind or stop are waited for, up to [`LONGEST_WAIT`] samples of the others.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A grid point this fraction of an interval from a sample counts as on it: time stamps are rounded.
const ON_GRID: f64 = 1e-3;

/// Most samples of a sensor that wait for another one's; beyond, the oldest are given up. Ten minutes at 100 Hz: devices send
/// batches of seconds, and a sensor that has stopped must not fill the memory.
pub(crate) const LONGEST_WAIT: usize = 1 << 16;

/// Most samples of a sensor whose clock began anew that wait for the others' clocks to do the same; then it was one wrong stamp,
/// and times alone decide. More than a minute at 100 Hz.
const LONGEST_RESET_WAIT: usize = 1 << 13;

/// What comes out of [`Aligner`].
pub(crate) enum Row<'a> {
    /// A segment begins at this time.
    Begin(i64),
    /// Axes x, y, z of each sensor at the next point.
    Values(&'a [f32]),
    /// The segment is over.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Waiting {
    time_ns: i64,
    value: [f32; 3],
    /// Whether values between it and the sample before may be interpolated.
    joined: bool,
    /// How often the sensor's clock had begun anew.
    epoch: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// The last sample at or before the next grid point, within a segment.
    previous: Option<Waiting>,
    epoch: u64,
    /// The next sample is not joined to those before.
    parted: bool,
    /// Samples that waited for another sensor in vain.
    given_up: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Segment {
    start_ns: i64,
    /// Next point of the grid.
    next: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Aligner {
    /// From one point of the grid to the next.
    period_ns: f64,
    max_gap_ns: i64,
    queues: Vec<Queue>,
    /// Whether clocks have begun anew, and not all as often.
    diverged: bool,
    segment: Option<Segment>,
    #[serde(skip)]
    row: Vec<f32>,
}

/// A point of a segment's grid.
struct Point {
    start_ns: i64,
    /// From the start.
    at_ns: f64,
    tolerance_ns: f64,
}

/// What a sensor can say about a grid point.
enum Reach {
    Value([f32; 3]),
    /// A later sample has to come first.
    Wait,
    /// The sensor pauses here.
    Pause,
}

/// Whether a sensor has a value at the place where a segment is to begin.
enum Cover {
    Yes,
    /// A later sample has to come first.
    Wait,
    /// Not there: it begins later.
    Later,
}

impl Aligner {
    pub(crate) fn new(sensors: usize, rate_hz: f64, max_gap_ns: i64) -> Self {
        let queues = (0..sensors).map(|_| Queue::default()).collect();
        Self { period_ns: 1e9 / rate_hz, max_gap_ns, queues, diverged: false, segment: None, row: Vec::new() }
    }

    /// Whether another has the same settings, and a saved state is sound.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.period_ns, self.max_gap_ns, self.queues.len())
            == (other.period_ns, other.max_gap_ns, other.queues.len())
            && self.queues.iter().all(|queue| self.is_sound(queue))
    }

    /// Whether a queue is one that samples can leave: in a segment it has a sample within reach of the next point, and times
    /// that wait do not fall.
    fn is_sound(&self, queue: &Queue) -> bool {
        /// More samples than a million years have.
        const MOST: u64 = 1 << 62;
        let in_reach = match (&self.segment, &queue.previous) {
            (None, None) => true,
            (Some(segment), Some(previous)) => {
                let next_ns = segment.start_ns as f64 + segment.next as f64 * self.period_ns;
                let apart = libm::fabs(previous.time_ns as f64 - next_ns);
                segment.next < MOST && apart <= 2.0 * (self.max_gap_ns as f64 + self.period_ns)
            }
            _ => false,
        };
        let falls = |a: &Waiting, b: &Waiting| a.epoch == b.epoch && b.time_ns < a.time_ns;
        let mut pairs = queue.waiting.iter().zip(queue.waiting.iter().skip(1));
        in_reach
            && queue.epoch < MOST
            && queue.waiting.len() <= LONGEST_WAIT
            && !pairs.any(|(a, b)| falls(a, b))
    }

    /// Adds a sample of a sensor; its times do not fall until [`begin_anew`](Self::begin_anew).
    pub(crate) fn push(&mut self, sensor: usize, time_ns: i64, value: [f32; 3]) {
        let queue = &mut self.queues[sensor];
        let joined = !core::mem::take(&mut queue.parted);
        queue.waiting.push_back(Waiting { time_ns, value, joined, epoch: queue.epoch });
        if queue.waiting.len() > if self.diverged { LONGEST_RESET_WAIT } else { LONGEST_WAIT } {
            self.give_up(sensor);
        }
    }

    /// The samples of a sensor from here on are not joined to those before.
    pub(crate) fn part(&mut self, sensor: usize) {
        self.queues[sensor].parted = true;
    }

    /// The clock of a sensor begins anew.
    pub(crate) fn begin_anew(&mut self, sensor: usize) {
        self.queues[sensor].epoch += 1;
        let epoch = self.queues[sensor].epoch;
        self.diverged = self.queues.iter().any(|queue| queue.epoch != epoch);
        self.part(sensor);
    }

    /// Samples of a sensor that waited for another in vain, up to now.
    pub(crate) fn given_up(&self, sensor: usize) -> u64 {
        self.queues[sensor].given_up
    }

    #[cold]
    fn give_up(&mut self, sensor: usize) {
        if core::mem::take(&mut self.diverged) {
            let latest = self.queues.iter().map(|queue| queue.epoch).max().unwrap_or(0);
            for queue in &mut self.queues {
                queue.epoch = latest;
                queue.waiting.iter_mut().for_each(|waiting| waiting.epoch = latest);
            }
            return;
        }
        let queue = &mut self.queues[sensor];
        queue.waiting.pop_front();
        queue.given_up += 1;
        if let Some(front) = queue.waiting.front_mut() {
            front.joined = false;
        }
    }

    /// Gives all rows that the samples so far decide.
    pub(crate) fn advance(&mut self, emit: &mut impl FnMut(Row<'_>)) {
        let mut row = core::mem::take(&mut self.row);
        loop {
            let Some(mut segment) = self.segment else {
                let Some(segment) = self.begin() else { break };
                emit(Row::Begin(segment.start_ns));
                self.segment = Some(segment);
                continue;
            };
            row.clear();
            let (mut pause, mut wait) = (false, false);
            let point = Point {
                start_ns: segment.start_ns,
                at_ns: segment.next as f64 * self.period_ns,
                tolerance_ns: ON_GRID * self.period_ns,
            };
            for queue in &mut self.queues {
                match queue.reach(&point, self.max_gap_ns) {
                    Reach::Value(value) => row.extend(value),
                    // Of two sensors that pause, either ends the segment; one that has yet to come decides nothing.
                    Reach::Pause => {
                        pause = true;
                        // All points up to its pause have been made.
                        queue.previous = None;
                    }
                    Reach::Wait => wait = true,
                }
            }
            if pause {
                self.end(emit);
            } else if wait {
                break;
            } else {
                emit(Row::Values(&row));
                segment.next += 1;
                self.segment = Some(segment);
            }
        }
        self.row = row;
    }

    /// Gives the rest: no sample follows.
    pub(crate) fn finish(&mut self, emit: &mut impl FnMut(Row<'_>)) {
        self.advance(emit);
        if self.segment.is_some() {
            self.end(emit);
        }
        for queue in &mut self.queues {
            queue.waiting.clear();
            queue.parted = true;
        }
    }

    fn end(&mut self, emit: &mut impl FnMut(Row<'_>)) {
        emit(Row::End);
        self.segment = None;
        for queue in &mut self.queues {
            // It may be the neighbour of the next segment's first point.
            if let Some(previous) = queue.previous.take() {
                queue.waiting.push_front(previous);
            }
        }
    }

    /// The next segment, if the samples that wait decide where it begins.
    fn begin(&mut self) -> Option<Segment> {
        loop {
            let epoch = self.queues.iter().filter_map(|q| q.waiting.front()).map(|w| w.epoch).max()?;
            // One that began anew has left the other's earlier samples behind.
            for queue in &mut self.queues {
                while queue.waiting.front().is_some_and(|w| w.epoch < epoch) {
                    queue.waiting.pop_front();
                    queue.given_up += u64::from(queue.epoch < epoch);
                }
            }
            let mut start_ns = i64::MIN;
            for queue in &self.queues {
                start_ns = start_ns.max(queue.waiting.front()?.time_ns);
            }
            let mut covered = true;
            for queue in &mut self.queues {
                match queue.cover(start_ns, self.max_gap_ns) {
                    Cover::Yes => {}
                    Cover::Wait => return None,
                    Cover::Later => covered = false,
                }
            }
            if covered {
                for queue in &mut self.queues {
                    queue.previous = queue.waiting.pop_front();
                }
                return Some(Segment { start_ns, next: 0 });
            }
        }
    }
}

impl Waiting {
    /// Whether values between this sample and the next one may be interpolated.
    fn joins(&self, next: &Self, max_gap_ns: i64) -> bool {
        next.joined && next.time_ns.saturating_sub(self.time_ns) <= max_gap_ns
    }
}

impl Queue {
    /// Drops samples until the first is the last one at or before `start_ns`, or lies after it.
    fn cover(&mut self, start_ns: i64, max_gap_ns: i64) -> Cover {
        loop {
            let Some(front) = self.waiting.front() else { return Cover::Wait };
            if front.time_ns >= start_ns {
                return if front.time_ns == start_ns { Cover::Yes } else { Cover::Later };
            }
            let Some(next) = self.waiting.get(1) else { return Cover::Wait };
            let same_clock = next.epoch == front.epoch;
            if same_clock && next.time_ns > start_ns && front.joins(next, max_gap_ns) {
                return Cover::Yes;
            }
            self.waiting.pop_front();
            if !same_clock {
                return Cover::Later;
            }
        }
    }

    #[inline]
    fn reach(&mut self, point: &Point, max_gap_ns: i64) -> Reach {
        let &Point { start_ns, at_ns, tolerance_ns } = point;
        let since_start = |w: &Waiting| w.time_ns.saturating_sub(start_ns) as f64;
        let Some(previous) = &mut self.previous else { return Reach::Wait };
        while let Some(next) = self.waiting.front().filter(|next| previous.joins(next, max_gap_ns)) {
            if since_start(next) > at_ns + tolerance_ns {
                break;
            }
            *previous = *next;
            self.waiting.pop_front();
        }
        let from_ns = since_start(previous);
        if libm::fabs(from_ns - at_ns) <= tolerance_ns {
            return Reach::Value(previous.value);
        }
        let Some(next) = self.waiting.front() else { return Reach::Wait };
        if !previous.joins(next, max_gap_ns) {
            return Reach::Pause;
        }
        let weight = ((at_ns - from_ns) / (since_start(next) - from_ns)).clamp(0.0, 1.0);
        Reach::Value(core::array::from_fn(|i| {
            let (a, b) = (f64::from(previous.value[i]), f64::from(next.value[i]));
            (a + weight * (b - a)) as f32
        }))
    }
}

#[cfg(test)]
mod tests;
