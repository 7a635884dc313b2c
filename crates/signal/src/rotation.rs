//! Rotations of a device's frame: another way of wearing the same sensor.

use crate::SignalError;
use alloc::format;
use libm::{cos, sin, sqrt};

/// A proper rotation of three dimensions.
///
/// Acceleration and angular velocity turn alike, and so do all channels that filters make from them axis by axis: every
/// filter but the median is linear and the same on each axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rotation([[f32; 3]; 3]);

impl Rotation {
    /// No rotation.
    pub const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    /// By `angle` in radians about an axis of any length but 0, right-handed (Rodrigues' formula). About an axis of no
    /// length there is no rotation.
    pub fn about(axis: [f32; 3], angle: f32) -> Self {
        let a = axis.map(f64::from);
        let length = sqrt(a.iter().map(|v| v * v).sum());
        if !(length > 0.0 && length.is_finite()) {
            return Self::IDENTITY;
        }
        let [x, y, z] = a.map(|v| v / length);
        let (s, c) = (sin(f64::from(angle)), cos(f64::from(angle)));
        let t = 1.0 - c;
        let rows = [
            [t * x * x + c, t * x * y - s * z, t * x * z + s * y],
            [t * x * y + s * z, t * y * y + c, t * y * z - s * x],
            [t * x * z - s * y, t * y * z + s * x, t * z * z + c],
        ];
        Self(rows.map(|row| row.map(|v| v as f32)))
    }

    /// This rotation after `first`.
    #[must_use]
    pub fn after(self, first: Self) -> Self {
        let mut product = [[0.0; 3]; 3];
        for (row, left) in product.iter_mut().zip(&self.0) {
            for (j, value) in row.iter_mut().enumerate() {
                *value = left[0] * first.0[0][j] + left[1] * first.0[1][j] + left[2] * first.0[2][j];
            }
        }
        Self(product)
    }

    /// The rotated vector.
    pub fn apply(&self, v: [f32; 3]) -> [f32; 3] {
        self.0.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
    }

    /// Every signal of three axes in `rows` as a device turned like this would have measured it, in place. Values after
    /// the last whole triple stay.
    pub fn apply_rows(&self, rows: &mut [f32]) {
        for v in rows.as_chunks_mut().0 {
            *v = self.apply(*v);
        }
    }
}

/// Two directions that with `up` (of length 1) make a right-handed frame: the first is horizontal and as close to the
/// device's z axis as it can be, or to its y axis where z itself points up.
pub fn horizontal_axes(up: [f32; 3]) -> [[f32; 3]; 2] {
    let reference = if up[2].abs() > 0.9 { [0.0, 1.0, 0.0] } else { [0.0, 0.0, 1.0] };
    let along = dot(reference, up);
    let mut first = [0, 1, 2].map(|i| reference[i] - along * up[i]);
    let length = sqrt(f64::from(dot(first, first))) as f32;
    first = first.map(|v| v / length);
    [first, cross(up, first)]
}

/// A direction as a vector of length 1; none for a vector of no length.
pub fn unit(v: [f32; 3]) -> Option<[f32; 3]> {
    let length = sqrt(v.iter().map(|&c| f64::from(c) * f64::from(c)).sum());
    (length > 1e-6 && length.is_finite()).then(|| v.map(|c| (f64::from(c) / length) as f32))
}

pub(crate) fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The length-1 direction of a setting that says which way is up.
///
/// # Errors
/// [`SignalError::Setting`] with the field for a vector of no length.
pub(crate) fn up_direction(field: &'static str, up: [f32; 3]) -> Result<[f32; 3], SignalError> {
    unit(up).ok_or_else(|| SignalError::Setting {
        field,
        found: format!("{up:?}"),
        expected: "give the direction that points up, e.g. [1, 0, 0]".into(),
    })
}

/// Mean total acceleration of rows `[time, width]` that begin with it, gravity included; zeros without rows.
pub(crate) fn mean_acceleration(rows: &[f32], width: usize) -> [f64; 3] {
    let mut sum = [0f64; 3];
    let mut count = 0usize;
    for row in rows.chunks_exact(width) {
        for (s, &v) in sum.iter_mut().zip(row) {
            *s += f64::from(v);
        }
        count += 1;
    }
    sum.map(|s| s / count.max(1) as f64)
}

/// Turns a window about `up` so that its mean horizontal total acceleration points along the first of
/// [`horizontal_axes`]: two devices that differ only by a turn about `up` then give the same window.
pub(crate) fn canonical_turn(up: [f32; 3], window: &[f32], width: usize) -> Rotation {
    let Some(up) = unit(up) else { return Rotation::IDENTITY };
    let mean = mean_acceleration(window, width).map(|v| v as f32);
    let [first, second] = horizontal_axes(up);
    let (a, b) = (dot(mean, first), dot(mean, second));
    if a == 0.0 && b == 0.0 {
        return Rotation::IDENTITY;
    }
    Rotation::about(up, -libm::atan2f(b, a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f32::consts::{FRAC_PI_2, PI};
    use proptest::prelude::*;

    fn close(a: [f32; 3], b: [f32; 3]) -> bool {
        a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5 * (1.0 + b.abs()))
    }

    #[test]
    fn quarter_turns_are_right_handed() {
        assert!(close(Rotation::about([0.0, 0.0, 2.0], FRAC_PI_2).apply([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0]));
        assert!(close(Rotation::about([1.0, 0.0, 0.0], FRAC_PI_2).apply([0.0, 1.0, 0.0]), [0.0, 0.0, 1.0]));
        assert_eq!(Rotation::about([0.0; 3], 1.0), Rotation::IDENTITY);
    }

    #[test]
    fn the_later_rotation_stands_first() {
        let x = Rotation::about([1.0, 0.0, 0.0], FRAC_PI_2);
        let z = Rotation::about([0.0, 0.0, 1.0], FRAC_PI_2);
        let v = [0.3, -0.2, 0.9];
        assert!(close(z.after(x).apply(v), z.apply(x.apply(v))));
    }

    proptest! {
        #[test]
        fn lengths_angles_and_the_axis_are_kept(
            axis in prop::array::uniform3(-1f32..1.0), angle in -PI..PI,
            v in prop::array::uniform3(-2f32..2.0), w in prop::array::uniform3(-2f32..2.0),
        ) {
            prop_assume!(unit(axis).is_some());
            let r = Rotation::about(axis, angle);
            prop_assert!((dot(r.apply(v), r.apply(w)) - dot(v, w)).abs() < 1e-4);
            prop_assert!(close(r.apply(cross(v, w)), cross(r.apply(v), r.apply(w))) || dot(v, w).abs() > 3.0);
            prop_assert!(close(r.apply(axis), axis));
        }

        #[test]
        fn a_turn_of_the_device_does_not_change_the_canonical_window(
            up in prop::array::uniform3(-1f32..1.0), angle in -PI..PI,
            window in prop::collection::vec(prop::array::uniform9(-2f32..2.0), 1..20),
        ) {
            prop_assume!(unit(up).is_some_and(|u| u[2].abs() < 0.85));
            let up = unit(up).unwrap_or_default();
            let rotated = |w: &[f32], r: Rotation| {
                let mut w = w.to_vec();
                r.apply_rows(&mut w);
                w
            };
            let canonical = |w: &[f32]| rotated(w, canonical_turn(up, w, 9));
            let flat = window.as_flattened();
            let turned = rotated(flat, Rotation::about(up, angle));
            // Where the horizontal mean is next to nothing its direction is rounding.
            let mean = [0, 1, 2].map(|i| window.iter().map(|row| row[i]).sum::<f32>() / window.len() as f32);
            let horizontal = horizontal_axes(up).map(|e| dot(mean, e));
            prop_assume!(horizontal[0].hypot(horizontal[1]) > 0.02);
            for (a, b) in canonical(flat).iter().zip(&canonical(&turned)) {
                prop_assert!((a - b).abs() < 2e-3, "{a} {b}");
            }
        }
    }
}
