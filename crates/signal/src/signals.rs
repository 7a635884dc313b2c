//! Inertial signals: what the filters make of a recording, row by row.

use crate::{Rotation, Sensor};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A signal of three axes; the names are those of UCI HAR's `Inertial Signals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Acceleration in g with gravity in it, after the noise filters.
    TotalAcceleration,
    /// Total acceleration less gravity, in g.
    BodyAcceleration,
    /// Angular velocity in rad/s, after the noise filters.
    AngularVelocity,
}

/// Which signals a row holds, in this order: total acceleration, body acceleration, angular velocity where there is a
/// gyroscope; three axes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    gyroscope: bool,
}

impl Layout {
    /// Acceleration alone: six values a row.
    pub const ACCELERATION: Self = Self { gyroscope: false };
    /// Acceleration and angular velocity: nine values a row.
    pub const WITH_GYROSCOPE: Self = Self { gyroscope: true };

    /// Values in the widest row there is.
    pub const WIDEST: usize = 9;

    /// The layout of what these sensors give.
    pub fn of(sensors: &[Sensor]) -> Self {
        Self { gyroscope: sensors.contains(&Sensor::Gyroscope) }
    }

    /// The sensors it is made from.
    pub fn sensors(self) -> &'static [Sensor] {
        if self.gyroscope { &[Sensor::Accelerometer, Sensor::Gyroscope] } else { &[Sensor::Accelerometer] }
    }

    /// Values in a row.
    pub fn width(self) -> usize {
        if self.gyroscope { 9 } else { 6 }
    }

    /// Where a signal's x axis lies in a row; none if the row does not hold it.
    pub fn offset(self, signal: Signal) -> Option<usize> {
        match signal {
            Signal::TotalAcceleration => Some(0),
            Signal::BodyAcceleration => Some(3),
            Signal::AngularVelocity => self.gyroscope.then_some(6),
        }
    }
}

/// Rows of inertial signals at a uniform rate, shape `[time, width]`.
#[derive(Clone, Debug, PartialEq)]
pub struct InertialSignals {
    layout: Layout,
    values: Vec<f32>,
}

impl InertialSignals {
    /// Rows of this layout; values after the last whole row are dropped.
    pub fn new(layout: Layout, mut values: Vec<f32>) -> Self {
        values.truncate(values.len() / layout.width() * layout.width());
        Self { layout, values }
    }

    /// No rows.
    pub fn empty(layout: Layout) -> Self {
        Self { layout, values: Vec::new() }
    }

    /// Forgets all rows, keeps the memory.
    pub fn clear(&mut self) {
        self.values.clear();
    }

    /// Which signals a row holds.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.layout.width()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All values, row-major.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All values, to be changed in place.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// The rows from `start` on, `length` of them, row-major.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn rows(&self, start: usize, length: usize) -> &[f32] {
        let width = self.layout.width();
        &self.values[start * width..(start + length) * width]
    }

    /// Row by row.
    pub fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.layout.width())
    }

    /// Adds rows of the same layout.
    pub fn extend(&mut self, rows: &[f32]) {
        self.values.extend_from_slice(&rows[..rows.len() / self.layout.width() * self.layout.width()]);
    }

    /// Adds rows of zeros, which are to be filled.
    pub(crate) fn grow(&mut self, rows: usize) -> &mut [f32] {
        let before = self.values.len();
        self.values.resize(before + rows * self.layout.width(), 0.0);
        &mut self.values[before..]
    }

    /// Rotates every signal of every row.
    pub fn rotate(&mut self, rotation: &Rotation) {
        rotation.apply_rows(&mut self.values);
    }

    /// The rows before `at` and those from it on.
    pub fn split_at(&self, at: usize) -> (Self, Self) {
        let (head, tail) = self.values.split_at(at * self.layout.width());
        (
            Self { layout: self.layout, values: head.to_vec() },
            Self { layout: self.layout, values: tail.to_vec() },
        )
    }
}
