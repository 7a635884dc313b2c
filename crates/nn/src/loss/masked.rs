//! How well what was hidden is made up again.

/// Mean squared error over the values that are marked, summed over the examples and times `scale`.
///
/// `outputs [count, width]` are overwritten with the gradient; the truth has the same length and NaN wherever nothing is asked,
/// where the gradient is 0. An example of which nothing is asked has no loss.
///
/// # Panics
/// When the slices differ in length or there is no width.
pub fn masked_mean_squared(outputs: &mut [f32], truth: &[f32], width: usize, scale: f64) -> f64 {
    assert!(width > 0 && outputs.len() == truth.len(), "{} values for {}", outputs.len(), truth.len());
    let mut loss = 0.0;
    for (outputs, truth) in outputs.chunks_exact_mut(width).zip(truth.chunks_exact(width)) {
        let asked = truth.iter().filter(|t| !t.is_nan()).count().max(1) as f64;
        for (y, &t) in outputs.iter_mut().zip(truth) {
            let error = if t.is_nan() { 0.0 } else { f64::from(*y) - f64::from(t) };
            loss += scale * error * error / asked;
            *y = (2.0 * scale * error / asked) as f32;
        }
    }
    loss
}
