//! Is this acceleration in g, with gravity?

use crate::DataError;
use std::path::Path;

/// Lengths between which the median of a recording in g must lie. People rest or move about 1 g: the 61
/// recordings of HAPT have medians from 1.00 to 1.03; m/s² would give about 9.8, and acceleration without
/// gravity almost 0.
const PLAUSIBLE: std::ops::Range<f64> = 0.7..1.3;

/// Refuses acceleration whose median length is not about 1 g, and says what the value suggests.
pub(crate) fn check_acceleration(
    path: &Path,
    acceleration: impl Iterator<Item = [f32; 3]>,
) -> Result<(), DataError> {
    let mut squares: Vec<f32> = acceleration.map(|[x, y, z]| x * x + y * y + z * z).collect();
    if squares.is_empty() {
        return Ok(());
    }
    let middle = squares.len() / 2;
    let (_, median, _) = squares.select_nth_unstable_by(middle, f32::total_cmp);
    let median = f64::from(*median).sqrt();
    if PLAUSIBLE.contains(&median) {
        return Ok(());
    }
    let hint = match median {
        m if m < 0.5 => "gravity seems to have been removed; Ambulo needs the acceleration with gravity",
        m if (7.0..13.0).contains(&m) => "this looks like m/s²; divide by 9.80665",
        m if (700.0..1300.0).contains(&m) => "this looks like thousandths of g; divide by 1000",
        _ => "the unit is not g; convert the file to g",
    };
    Err(DataError::AccelerationUnit { path: path.to_owned(), median, hint })
}
