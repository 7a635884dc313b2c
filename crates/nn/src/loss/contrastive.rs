//! Two views of one thing against the views of others.

use alloc::vec;
use alloc::vec::Vec;

/// Length below which a vector has no direction.
const SHORTEST: f64 = 1e-8;

/// NT-Xent, the normalised temperature-scaled cross entropy of Chen et al. 2020 (`SimCLR`), mean over the views and times `scale`.
///
/// `outputs [2 count, width]` are overwritten with the gradient; rows `2 i` and `2 i + 1` are views of one example. With unit
/// vectors u and similarities `s_ij = u_i · u_j / temperature`, view i with partner p has the loss
/// `-s_ip + log Σ_{j ≠ i} e^{s_ij}`.
///
/// # Panics
/// When there is no whole number of pairs of this width, or the temperature is not positive.
pub fn nt_xent(outputs: &mut [f32], width: usize, temperature: f64, scale: f64) -> f64 {
    let views = outputs.len() / width.max(1);
    assert!(
        temperature > 0.0 && outputs.len() == views * width && views.is_multiple_of(2),
        "{} values in pairs of width {width}",
        outputs.len()
    );
    if views == 0 {
        return 0.0;
    }
    let mut unit: Vec<f64> = outputs.iter().map(|&v| f64::from(v)).collect();
    let mut lengths = vec![0.0; views];
    for (row, length) in unit.chunks_exact_mut(width).zip(&mut lengths) {
        *length = libm::sqrt(row.iter().map(|v| v * v).sum()).max(SHORTEST);
        row.iter_mut().for_each(|v| *v /= *length);
    }
    let row = |i: usize| &unit[i * width..][..width];
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let each = scale / views as f64;
    let mut loss = 0.0;
    // Derivative of the loss by s_ij; that of i by j and that of j by i meet in one product.
    let mut slope = vec![0.0; views * views];
    for i in 0..views {
        let similar: Vec<f64> = (0..views).map(|j| dot(row(i), row(j)) / temperature).collect();
        let others = || (0..views).filter(|&j| j != i);
        let most = others().map(|j| similar[j]).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = others().map(|j| libm::exp(similar[j] - most)).sum();
        loss += each * (most + libm::log(sum) - similar[i ^ 1]);
        for j in others() {
            let own = if j == i ^ 1 { 1.0 } else { 0.0 };
            slope[i * views + j] = each * (libm::exp(similar[j] - most) / sum - own) / temperature;
        }
    }
    let mut gradient = vec![0.0; width];
    for (i, out) in outputs.chunks_exact_mut(width).enumerate() {
        gradient.fill(0.0);
        for j in 0..views {
            let slope = slope[i * views + j] + slope[j * views + i];
            gradient.iter_mut().zip(row(j)).for_each(|(g, u)| *g += slope * u);
        }
        // What lies along u changes the length alone, which the loss does not see.
        let along = dot(&gradient, row(i));
        for ((y, g), u) in out.iter_mut().zip(&gradient).zip(row(i)) {
            *y = ((g - along * u) / lengths[i]) as f32;
        }
    }
    loss
}
