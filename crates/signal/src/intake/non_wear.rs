//! Stretches in which nobody wore the device: no movement and no change of orientation for half an hour or more.
//!
//! Van Hees et al. 2011 (PLOS ONE 6:e22922) call 30 minutes non-wear in which two of three axes have a standard deviation below 3 mg
//! or a range below 50 mg; their later work (2013, PLOS ONE 8:e61691, and GGIR) takes 13 mg, what devices at rest make of noise, and
//! 60 minutes, as people who sit or sleep were taken for nobody. Here 30 minutes do, for stricter rules: every single window of
//! ten seconds in them has to be below 13 mg, on all three axes, and no window may point more than 5 degrees away from the others (the
//! change of posture by which van Hees et al. 2015, PLOS ONE 10:e0142533, tell sleep from waking).
//!
//! **Sleep** lies still too. What keeps it apart is that a single stir of a second lifts its window above 13 mg and begins the half
//! hour anew, and sleepers stir every few minutes; on the trunk, breathing is enough. What cannot be told apart is a wearer who sleeps
//! for half an hour without a stir, mostly with the device at wrist or ankle. The other way round a device that is carried about, or
//! lies in a vehicle, counts as worn. Non-wear is therefore told, and nothing is left out for it.

use super::still::{PAUSE_NS, WINDOW_NS, Window};
use alloc::vec::Vec;
use libm::sqrt;
use serde::{Deserialize, Serialize};

/// Least length of a stretch: 30 minutes, less a window, since both ends lie somewhere in a window.
const LEAST_NS: i64 = 1_800_000_000_000 - WINDOW_NS;
/// Cosine of 5 degrees: the change of orientation of van Hees et al. 2015.
const SAME_DIRECTION: f64 = 0.996_194_698;
/// Stretches that are listed one by one; all are counted.
const LISTED: usize = 10_000;

/// A stretch of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its beginning, in seconds from the recording's zero.
    pub start_s: f64,
    /// Its length in seconds.
    pub length_s: f64,
}

/// Finds them in still windows. A gap does not end a stretch if the orientation after it is the same, but it is no part of it:
/// the stretch is listed in pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct NonWear {
    /// The piece that grows, and those before it as long as it is open whether all are long enough.
    piece: Option<(i64, i64)>,
    pieces: Vec<(i64, i64)>,
    /// Sum of the windows' means: where the stretch points.
    sum: [f64; 3],
    /// Recorded length of the stretch.
    length_ns: i64,
    /// What was found: pieces, at most [`LISTED`], and how many stretches they are.
    pub(super) found: Vec<Stretch>,
    pub(super) count: u64,
    pub(super) total_ns: i64,
    pub(super) first_ns: Option<i64>,
}

impl NonWear {
    /// Takes the next still window.
    pub(super) fn still(&mut self, window: &Window) {
        if self.piece.is_some() && !same_direction(&self.sum, &window.mean) {
            self.end();
        }
        let (start_ns, end_ns) = (window.start_ns, window.end_ns);
        match &mut self.piece {
            Some(piece) if (0..=PAUSE_NS).contains(&start_ns.saturating_sub(piece.1)) => {
                self.length_ns = self.length_ns.saturating_add(end_ns.saturating_sub(piece.1));
                piece.1 = end_ns;
            }
            piece => {
                let before = piece.replace((start_ns, end_ns));
                self.pieces.extend(before);
                self.length_ns = self.length_ns.saturating_add(end_ns.saturating_sub(start_ns));
            }
        }
        self.sum.iter_mut().zip(window.mean).for_each(|(sum, mean)| *sum += mean);
        if self.length_ns >= LEAST_NS {
            self.list();
        }
    }

    /// Ends the stretch: the device was moved, or its clock began anew.
    pub(super) fn end(&mut self) {
        if let Some(piece) = self.piece.take() {
            self.pieces.push(piece);
        }
        if self.length_ns >= LEAST_NS {
            self.list();
            self.count += 1;
            self.total_ns = self.total_ns.saturating_add(self.length_ns);
        }
        self.pieces.clear();
        (self.sum, self.length_ns) = ([0.0; 3], 0);
    }

    /// Moves pieces that are known to belong to a stretch to what was found.
    fn list(&mut self) {
        self.first_ns = self.first_ns.or(self.pieces.first().map(|piece| piece.0));
        let room = LISTED - self.found.len();
        self.found.extend(self.pieces.drain(..).take(room).map(|(start_ns, end_ns)| Stretch {
            start_s: start_ns as f64 / 1e9,
            length_s: end_ns.saturating_sub(start_ns) as f64 / 1e9,
        }));
    }
}

fn same_direction(a: &[f64; 3], b: &[f64; 3]) -> bool {
    let dot = |a: &[f64; 3], b: &[f64; 3]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(a, b) >= SAME_DIRECTION * sqrt(dot(a, a) * dot(b, b))
}

#[cfg(test)]
mod tests {
    use super::super::still::Stillness;
    use super::*;
    use crate::Unit;

    /// Ten samples a second: `lies` from, to (in seconds), shaking otherwise.
    struct Made {
        times: Vec<i64>,
        values: Vec<[f32; 3]>,
    }

    impl Made {
        fn new() -> Self {
            Self { times: Vec::new(), values: Vec::new() }
        }

        fn add(mut self, from_s: i64, to_s: i64, value: impl Fn(i64) -> [f32; 3]) -> Self {
            for i in from_s * 10..to_s * 10 {
                self.times.push(i * 100_000_000);
                self.values.push(value(i));
            }
            self
        }

        fn lies(self, from_s: i64, to_s: i64, degrees: f32) -> Self {
            let (sin, cos) = degrees.to_radians().sin_cos();
            self.add(from_s, to_s, |i| [sin + 0.005 * (i as f32).sin(), 0.0, cos])
        }

        fn moves(self, from_s: i64, to_s: i64) -> Self {
            self.add(from_s, to_s, |i| [0.1 * (i as f32).sin(), 0.0, 1.0])
        }

        fn found(&self, unit: Unit, known: Option<Unit>) -> NonWear {
            let mut still = Stillness::new(known, false);
            let scaled = |v: &[f32; 3]| v.map(|v| (f64::from(v) / unit.factor()) as f32);
            let values: Vec<[f32; 3]> = self.values.iter().map(scaled).collect();
            for (times, values) in self.times.chunks(777).zip(values.chunks(777)) {
                still.push(times, values);
            }
            still.finish(Some(unit)).unwrap().0.clone()
        }
    }

    fn near(found: &[Stretch], expected: &[(f64, f64)]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (f, e) in found.iter().zip(expected) {
            assert!((f.start_s - e.0).abs() <= 10.0 && (f.length_s - e.1).abs() <= 20.0, "{found:?}");
        }
    }

    #[test]
    fn half_an_hour_of_stillness_is_non_wear_in_any_unit() {
        let made = Made::new().moves(0, 600).lies(600, 600 + 1900, 0.0).moves(2500, 3000);
        for unit in [Unit::G, Unit::MilliG, Unit::MetresPerSecondSquared] {
            for known in [None, Some(unit)] {
                let found = made.found(unit, known);
                near(&found.found, &[(600.0, 1900.0)]);
                assert_eq!((found.count, found.first_ns), (1, Some((found.found[0].start_s * 1e9) as i64)));
            }
        }
        let short = Made::new().moves(0, 600).lies(600, 600 + 1780, 0.0).moves(2380, 3000);
        assert_eq!(short.found(Unit::G, None).count, 0);
    }

    #[test]
    fn one_stir_or_turn_in_half_an_hour_is_somebody() {
        let stirs = Made::new().lies(0, 1700, 0.0).moves(1700, 1703).lies(1703, 3300, 0.0);
        assert_eq!(stirs.found(Unit::G, None).count, 0);
        let turns = |degrees| Made::new().lies(0, 1700, 0.0).lies(1700, 3400, degrees).found(Unit::G, None);
        // Six degrees are another posture, four are not.
        assert_eq!(turns(6.0).count, 0);
        near(&turns(4.0).found, &[(0.0, 3400.0)]);
    }

    #[test]
    fn a_gap_is_no_part_of_a_stretch_and_does_not_end_it() {
        let gap = |degrees| {
            Made::new()
                .lies(0, 1000, 0.0)
                .lies(9000, 10_000, degrees)
                .moves(10_000, 10_100)
                .found(Unit::G, None)
        };
        let found = gap(0.0);
        near(&found.found, &[(0.0, 1000.0), (9000.0, 1000.0)]);
        assert_eq!((found.count, found.first_ns), (1, Some(0)));
        assert!((found.total_ns as f64 / 1e9 - 2000.0).abs() < 30.0);
        assert_eq!(gap(20.0).count, 0, "turned while nothing was recorded");
        // Missing values are a gap as well.
        let missing = Made::new().lies(0, 1000, 0.0).add(1000, 1400, |_| [f32::NAN; 3]).lies(1400, 2400, 0.0);
        near(&missing.found(Unit::G, None).found, &[(0.0, 1000.0), (1400.0, 1000.0)]);
    }

    #[test]
    fn zeros_are_a_sensor_that_is_off_and_a_glitch_moves_nobody() {
        let off = Made::new().add(0, 4000, |_| [0.0; 3]).found(Unit::G, None);
        assert_eq!(off.count, 0);
        let mut glitch = Made::new().lies(0, 2000, 0.0);
        glitch.values[9000] = [2e7, 0.0, 0.0];
        near(&glitch.found(Unit::G, Some(Unit::G)).found, &[(0.0, 2000.0)]);
    }

    #[test]
    fn a_clock_that_begins_anew_ends_the_stretch() {
        let twice = Made::new().lies(0, 1000, 0.0).lies(0, 1000, 0.0).found(Unit::G, None);
        assert_eq!(twice.count, 0);
        let long = Made::new().lies(0, 2000, 0.0).lies(0, 2000, 0.0).found(Unit::G, None);
        near(&long.found, &[(0.0, 2000.0), (0.0, 2000.0)]);
        assert_eq!(long.count, 2);
    }

    #[test]
    fn the_list_is_bounded_and_no_stamps_make_it_panic() {
        let mut non_wear = NonWear::default();
        for i in 0..30_000i64 {
            let window = Window {
                start_ns: i * 20_000_000_000,
                end_ns: i * 20_000_000_000 + 9_900_000_000,
                mean: [0.0, 0.0, 1.0],
            };
            non_wear.still(&window);
            assert!(non_wear.pieces.len() < 400);
        }
        non_wear.end();
        assert_eq!((non_wear.found.len(), non_wear.count), (LISTED, 1));
        assert_eq!(non_wear.total_ns, 30_000 * 9_900_000_000);
        let mut still = Stillness::new(None, true);
        for t in [i64::MIN, i64::MAX, 0, -1, i64::MIN, i64::MAX] {
            still.push(&[t; 30], &[[0.0, 0.0, 1.0]; 30]);
        }
        still.finish(Some(Unit::G));
    }
}
