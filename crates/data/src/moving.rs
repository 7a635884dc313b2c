//! When the wearer of a device moved: labels of whole files also cover the waiting before, between and after.

use crate::LabelInterval;
use ambulo_signal::SensorSeries;

/// Length of the pieces that are looked at, in nanoseconds.
const PIECE_NS: i64 = 1_000_000_000;
/// Standard deviation of the length of acceleration from which on a piece is movement, in g: five times the sway of somebody
/// who stands (0.01 g), and less than the slowest steps (0.06 g on the stairs of SisFall's people).
const MOVING_G: f64 = 0.05;
/// Longest pause between two movements that is bridged, in pieces: between two jumps, or on the landing of a staircase.
const BRIDGED: usize = 2;

/// From when to when the wearer moved, in nanoseconds from the recording's zero; `series` is acceleration in g.
pub(crate) fn moving(series: &SensorSeries) -> Vec<(i64, i64)> {
    let mut stretches: Vec<(i64, i64)> = Vec::new();
    let mut piece = Piece::default();
    let mut take = |piece: &Piece| {
        if piece.deviation() <= MOVING_G {
            return;
        }
        let (start_ns, end_ns) = (piece.number * PIECE_NS, (piece.number + 1) * PIECE_NS);
        match stretches.last_mut() {
            Some((_, end)) if start_ns - *end <= BRIDGED as i64 * PIECE_NS => *end = end_ns,
            _ => stretches.push((start_ns, end_ns)),
        }
    };
    for (i, value) in series.values.iter().enumerate() {
        let number = series.clock.time_ns(i).div_euclid(PIECE_NS);
        if number != piece.number {
            take(&piece);
            piece = Piece { number, ..Piece::default() };
        }
        piece.add(*value);
    }
    take(&piece);
    // A clock that steps back would give pieces out of order.
    stretches.sort_unstable();
    stretches
}

/// What of these intervals lies in the stretches; neither overlap among themselves.
pub(crate) fn within(labels: &[LabelInterval], stretches: &[(i64, i64)]) -> Vec<LabelInterval> {
    let mut kept = Vec::new();
    for label in labels {
        for &(start_ns, end_ns) in stretches {
            let (start_ns, end_ns) = (label.start_ns.max(start_ns), label.end_ns.min(end_ns));
            if start_ns < end_ns {
                kept.push(LabelInterval { start_ns, end_ns, label: label.label.clone() });
            }
        }
    }
    kept
}

/// The lengths of acceleration in a second.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    number: i64,
    count: f64,
    mean: f64,
    /// Sum of squared deviations from the mean (Welford 1962).
    squares: f64,
}

impl Piece {
    fn add(&mut self, value: [f32; 3]) {
        let length = value.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        if !length.is_finite() {
            return;
        }
        self.count += 1.0;
        let away = length - self.mean;
        self.mean += away / self.count;
        self.squares += away * (length - self.mean);
    }

    fn deviation(&self) -> f64 {
        if self.count < 2.0 { 0.0 } else { (self.squares / self.count).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_signal::{Clock, Sensor, SensorInfo};

    /// Seconds of jumps (1) and of standing (0) at 50 Hz.
    fn series(seconds: &[u8]) -> SensorSeries {
        let value = |i: usize| {
            let swing = if seconds[i / 50] == 1 { 0.5 } else { 0.01 };
            [0.0, 0.0, 1.0 + swing * (i as f32 * 0.7).sin()]
        };
        SensorSeries {
            info: SensorInfo::new(Sensor::Accelerometer),
            clock: Clock::Uniform { start_ns: 0, rate_hz: 50.0 },
            values: (0..seconds.len() * 50).map(value).collect(),
        }
    }

    #[test]
    fn waiting_before_and_after_is_left_out_and_pauses_between_are_bridged() {
        let seconds = |from: i64, to: i64| (from * PIECE_NS, to * PIECE_NS);
        assert_eq!(moving(&series(&[0, 0, 1, 0, 0, 1, 1, 0])), [seconds(2, 7)]);
        assert_eq!(moving(&series(&[1, 0, 0, 0, 1])), [seconds(0, 1), seconds(4, 5)]);
        assert!(moving(&series(&[0; 5])).is_empty() && moving(&series(&[])).is_empty());
    }

    #[test]
    fn labels_are_cut_to_the_stretches() {
        let label = |start_ns, end_ns| LabelInterval { start_ns, end_ns, label: "stairs".into() };
        assert_eq!(
            within(&[label(0, 10), label(12, 20)], &[(5, 14), (16, 40)]),
            [label(5, 10), label(12, 14), label(16, 20)]
        );
        assert!(within(&[label(0, 10)], &[(10, 20)]).is_empty());
    }
}
