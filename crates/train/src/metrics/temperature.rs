//! The temperature of a softmax, fitted.

use super::{MetricsError, check_classes, check_indices, check_length};

/// Bounds of the temperature: a few validation people without a single mistake are no reason for certainty.
const RANGE: [f64; 2] = [0.25, 4.0];

/// The temperature by which logits are divided so that the true classes become most likely (Guo et al. 2017).
///
/// The negative log-likelihood is convex in the inverse temperature, so a golden-section search on its logarithm, to
/// a relative precision of 1e-4, finds the minimum within 0.25 to 4.
///
/// `truth`: `[windows]`; `logits`: `[windows, classes]`.
///
/// # Errors
/// No windows, lengths that do not fit, an index without a class.
pub fn fit_temperature(truth: &[u8], logits: &[f32], classes: usize) -> Result<f32, MetricsError> {
    check_classes(classes)?;
    if truth.is_empty() {
        return Err(MetricsError::NoWindows);
    }
    check_length("logits", truth.len() * classes, logits.len())?;
    check_indices(truth, classes)?;
    let loss = |log_temperature: f64| -> f64 {
        let inverse = libm::exp(-log_temperature);
        let row_loss = |(&t, row): (&u8, &[f32])| {
            let largest = row.iter().fold(f64::NEG_INFINITY, |m, &z| m.max(f64::from(z)));
            let sum: f64 = row.iter().map(|&z| libm::exp((f64::from(z) - largest) * inverse)).sum();
            libm::log(sum) - (f64::from(row[usize::from(t)]) - largest) * inverse
        };
        truth.iter().zip(logits.chunks_exact(classes)).map(row_loss).sum()
    };
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let [mut low, mut high] = RANGE.map(libm::log);
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (loss(left), loss(right));
    while high - low > 1e-4 {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = loss(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = loss(right);
        }
    }
    Ok(libm::exp((low + high) / 2.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::fit_temperature;

    /// Logits of `p` for class 0 against class 1, right in `right` of 100 windows.
    fn fitted(logit: f32, right: usize) -> f32 {
        let truth: Vec<u8> = (0..100).map(|i| u8::from(i >= right)).collect();
        fit_temperature(&truth, &[logit, 0.0].repeat(100), 2).unwrap()
    }

    #[test]
    fn confidence_becomes_the_share_that_is_right() {
        // sigmoid(z / T) = 0.8 at z / T = ln 4.
        let wanted = 4f32.ln();
        for logit in [0.5f32, 1.0, 3.0] {
            assert!((logit / fitted(logit, 80) - wanted).abs() < 1e-2, "{logit}");
        }
    }

    #[test]
    fn without_a_mistake_the_bound_holds() {
        assert!((fitted(2.0, 100) - 0.25).abs() < 1e-3);
        assert!((fitted(2.0, 0) - 4.0).abs() < 1e-1);
    }

    #[test]
    fn lengths_and_classes_are_checked() {
        assert!(fit_temperature(&[], &[], 2).is_err());
        assert!(fit_temperature(&[0], &[1.0], 2).is_err());
        assert!(fit_temperature(&[2], &[1.0, 0.0], 2).is_err());
    }
}
