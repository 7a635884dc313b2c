//! A recording on an even grid of times, whatever its sensors' clocks.

use ambulo_signal::{Recording, Sensor, SensorSeries};

/// Points a second. Movements of people lie below 10 Hz, nearly all of it.
pub(super) const GRID_HZ: f64 = 20.0;
/// Time from one point to the next.
const STEP_NS: i64 = 50_000_000;
/// Points without a sample that are bridged by a line: half a second.
const BRIDGED: usize = 10;
/// Most points for each sample: times that stand further apart are no times of a recording.
const MOST_POINTS: u64 = 40;

/// Signals in g and rad/s, each point the mean of the samples around it; not a number where there are none.
pub(super) struct Grid {
    /// Time of the first point's beginning.
    pub(super) start_ns: i64,
    pub(super) acceleration: Vec<[f32; 3]>,
    /// As long as `acceleration`, where there is a gyroscope.
    pub(super) angular_velocity: Option<Vec<[f32; 3]>>,
}

impl Grid {
    /// None where there is no accelerometer, no sample, or no time that can be believed.
    pub(super) fn new(recording: &Recording) -> Option<Self> {
        let series = recording.sensor(Sensor::Accelerometer)?;
        let times = || (0..series.values.len()).map(|i| series.clock.time_ns(i));
        let (start_ns, end_ns) = (times().min()?, times().max()?);
        let points = end_ns.checked_sub(start_ns)? as u64 / STEP_NS as u64 + 1;
        if points > (series.values.len() as u64).saturating_mul(MOST_POINTS) {
            return None;
        }
        let points = points as usize;
        let acceleration = binned(series, start_ns, points);
        let angular_velocity = recording.sensor(Sensor::Gyroscope).map(|gyro| binned(gyro, start_ns, points));
        Some(Self { start_ns, acceleration, angular_velocity })
    }

    pub(super) fn len(&self) -> usize {
        self.acceleration.len()
    }

    /// Time of the middle of a point.
    pub(super) fn time_ns(&self, point: usize) -> i64 {
        self.start_ns + point as i64 * STEP_NS + STEP_NS / 2
    }

    /// The points whose middles lie in a stretch of time.
    pub(super) fn points(&self, start_ns: i64, end_ns: i64) -> std::ops::Range<usize> {
        let at = |time_ns: i64| {
            let steps = (i128::from(time_ns) - i128::from(self.start_ns) - i128::from(STEP_NS / 2)).max(0);
            let up = (steps + i128::from(STEP_NS) - 1) / i128::from(STEP_NS);
            (up.min(self.len() as i128)) as usize
        };
        let start = at(start_ns);
        start..at(end_ns).max(start)
    }
}

fn binned(series: &SensorSeries, start_ns: i64, points: usize) -> Vec<[f32; 3]> {
    let mut sums = vec![[0f32; 3]; points];
    let mut counts = vec![0f32; points];
    for (i, &value) in series.values.iter().enumerate() {
        let value = value.map(|v| series.info.unit.map_or(v, |unit| unit.to_project(v)));
        let Some(since) = series.clock.time_ns(i).checked_sub(start_ns) else { continue };
        if since < 0 || value.iter().any(|v| !v.is_finite()) {
            continue;
        }
        let point = (since / STEP_NS) as usize;
        if point < points {
            for (sum, v) in sums[point].iter_mut().zip(value) {
                *sum += v;
            }
            counts[point] += 1.0;
        }
    }
    for (sum, &count) in sums.iter_mut().zip(&counts) {
        *sum = sum.map(|s| if count > 0.0 { s / count } else { f32::NAN });
    }
    bridge(&mut sums);
    sums
}

/// Draws lines across short stretches without samples.
fn bridge(values: &mut [[f32; 3]]) {
    let mut last: Option<usize> = None;
    for i in 0..values.len() {
        if values[i][0].is_nan() {
            continue;
        }
        if let Some(from) = last.filter(|&from| i - from > 1 && i - from <= BRIDGED + 1) {
            let (a, b) = (values[from], values[i]);
            for k in from + 1..i {
                let share = (k - from) as f32 / (i - from) as f32;
                values[k] = std::array::from_fn(|axis| a[axis] + share * (b[axis] - a[axis]));
            }
        }
        last = Some(i);
    }
}

/// Means over boxes of points, by sums that run along.
pub(super) struct Boxes {
    sums: Vec<[f64; 3]>,
    missing: Vec<u32>,
}

impl Boxes {
    pub(super) fn new(values: &[[f32; 3]]) -> Self {
        let (mut sums, mut missing) = (vec![[0.0; 3]], vec![0]);
        let (mut sum, mut none) = ([0f64; 3], 0);
        for value in values {
            if value[0].is_nan() {
                none += 1;
            } else {
                for (s, &v) in sum.iter_mut().zip(value) {
                    *s += f64::from(v);
                }
            }
            sums.push(sum);
            missing.push(none);
        }
        Self { sums, missing }
    }

    /// The mean over `half` points on either side of `middle`; none at the ends and where a point is missing.
    pub(super) fn mean(&self, middle: usize, half: usize) -> Option<[f64; 3]> {
        let (from, to) = (middle.checked_sub(half)?, middle + half + 1);
        if to >= self.sums.len() || self.missing[to] != self.missing[from] {
            return None;
        }
        let n = (to - from) as f64;
        Some(std::array::from_fn(|axis| (self.sums[to][axis] - self.sums[from][axis]) / n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_signal::{Clock, Header, SensorInfo};

    fn recording(stamps: Vec<i64>) -> Recording {
        let values = (0..stamps.len()).map(|i| [i as f32, 0.0, 1.0]).collect();
        let series = SensorSeries {
            info: SensorInfo::new(Sensor::Accelerometer),
            clock: Clock::Stamps(stamps),
            values,
        };
        Recording::new(Header::default(), vec![series])
    }

    #[test]
    fn slow_sensors_are_bridged_and_pauses_are_not() {
        let grid = Grid::new(&recording(vec![0, 100_000_000, 200_000_000, 2_000_000_000])).unwrap();
        assert_eq!(grid.len(), 41);
        assert_eq!(grid.acceleration[1], [0.5, 0.0, 1.0]);
        assert!(grid.acceleration[20][0].is_nan());
        assert_eq!(grid.points(50_000_000, 150_000_000), 1..3);
        assert_eq!(grid.points(i64::MIN, i64::MAX), 0..41);
        let boxes = Boxes::new(&grid.acceleration);
        assert_eq!(boxes.mean(2, 2), Some([1.0, 0.0, 1.0]));
        assert_eq!((boxes.mean(1, 2), boxes.mean(6, 2)), (None, None));
    }

    #[test]
    fn absurd_times_make_no_grid() {
        assert!(Grid::new(&recording(vec![i64::MIN, i64::MAX])).is_none());
        assert!(Grid::new(&recording(vec![0, i64::MAX])).is_none());
        assert!(Grid::new(&recording(Vec::new())).is_none());
    }
}
