//! The vertical of a stream, found while its samples come.

use super::stretches::{MOVING_G, STRETCH_S};
use super::{LEAST_STRETCHES, vertical};
use crate::{Layout, Signal};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use libm::sqrt;
use serde::{Deserialize, Serialize};

/// Stretches of movement that are remembered, the last ones: two minutes of walking. A device that is put on otherwise is found out
/// after half of them.
const MOST: usize = 96;

/// Finds the vertical of a stream from the stretches in which its wearer moves about, as [`level`](super::level) does with a
/// recording, but from the last ones alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveVertical {
    layout: Layout,
    /// Rows of half a stretch.
    half: usize,
    now: Half,
    before: Option<Half>,
    moving: VecDeque<[f64; 3]>,
    found: Option<[f32; 3]>,
}

/// Sums over half a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Half {
    rows: usize,
    acceleration: [f64; 3],
    energy: f64,
}

impl LiveVertical {
    /// Nothing seen, of rows at `rate_hz`.
    pub fn new(rate_hz: f64, layout: Layout) -> Self {
        Self {
            layout,
            half: (libm::round(STRETCH_S * rate_hz / 2.0) as usize).max(1),
            now: Half::default(),
            before: None,
            moving: VecDeque::new(),
            found: None,
        }
    }

    /// Takes the next row `[width]` of inertial signals as worn; whether the vertical changed with it.
    pub fn push(&mut self, row: &[f32]) -> bool {
        let (total, body) =
            (self.layout.offset(Signal::TotalAcceleration), self.layout.offset(Signal::BodyAcceleration));
        let (Some(total), Some(body)) = (total, body) else { return false };
        if row.len() < self.layout.width() {
            return false;
        }
        for (sum, &v) in self.now.acceleration.iter_mut().zip(&row[total..total + 3]) {
            *sum += f64::from(v);
        }
        self.now.energy += row[body..body + 3].iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>();
        self.now.rows += 1;
        if self.now.rows < self.half {
            return false;
        }
        let now = core::mem::take(&mut self.now);
        let Some(before) = self.before.replace(now) else { return false };
        let rows = (now.rows + before.rows) as f64;
        if sqrt((now.energy + before.energy) / rows) <= MOVING_G {
            return false;
        }
        let mean = |axis: usize| (now.acceleration[axis] + before.acceleration[axis]) / rows;
        self.moving.push_back([mean(0), mean(1), mean(2)]);
        if self.moving.len() > MOST {
            self.moving.pop_front();
        }
        self.find()
    }

    /// Another segment begins: no stretch spans the pause.
    pub fn end_segment(&mut self) {
        (self.now, self.before) = (Half::default(), None);
    }

    /// The direction that points up while the wearer stands, of length 1, once it is found.
    pub fn vertical(&self) -> Option<[f32; 3]> {
        self.found
    }

    fn find(&mut self) -> bool {
        if self.moving.len() < LEAST_STRETCHES {
            return false;
        }
        let moving: Vec<[f64; 3]> = self.moving.iter().copied().collect();
        // Where the last stretches do not agree, the vertical that was found stands until they do.
        let Ok(now) = vertical(&moving) else { return false };
        let changed = self.found != Some(now.up);
        self.found = Some(now.up);
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rotation;
    use crate::levelling::level;

    fn walk(rotation: Rotation, rows: usize) -> Vec<f32> {
        (0..rows)
            .flat_map(|i| {
                let s = libm::sinf(i as f32 / 4.0);
                let mut row = [1.0 + 0.3 * s, 0.1 * s, 0.05, 0.3 * s, 0.1 * s, 0.0];
                rotation.apply_rows(&mut row);
                row
            })
            .collect()
    }

    #[test]
    fn it_is_found_after_some_steps_and_follows_a_device_put_on_otherwise() {
        let ways = [Rotation::about([0.0, 1.0, 0.0], 0.7), Rotation::about([0.0, 0.0, 1.0], 2.5)];
        let mut live = LiveVertical::new(50.0, Layout::ACCELERATION);
        for way in ways {
            let rows = walk(way, 10_000);
            rows.chunks_exact(6).for_each(|row| _ = live.push(row));
            let up = way.apply([1.0, 0.0, 0.05]);
            let found = live.vertical().unwrap();
            assert!(found.iter().zip(up).map(|(a, b)| a * b).sum::<f32>() > 0.99, "{found:?} {up:?}");
        }
        let rows = walk(ways[0], 2000);
        let signals = crate::InertialSignals::new(Layout::ACCELERATION, rows.clone());
        let whole = level(&signals, 50.0, [1.0, 0.0, 0.0]).unwrap();
        let mut live = LiveVertical::new(50.0, Layout::ACCELERATION);
        rows.chunks_exact(6).for_each(|row| _ = live.push(row));
        let levelled = whole.apply(live.vertical().unwrap());
        assert!(levelled[0] > 0.9999, "{levelled:?}");
    }

    #[test]
    fn stillness_tells_nothing() {
        let mut live = LiveVertical::new(50.0, Layout::ACCELERATION);
        for _ in 0..5000 {
            assert!(!live.push(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
        }
        assert_eq!(live.vertical(), None);
    }
}
