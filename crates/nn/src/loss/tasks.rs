//! Several yes-or-no questions about one example.

/// Mean over `tasks` of the binary cross-entropy of each, summed over the examples and times `scale`.
///
/// `logits [count, tasks]` are overwritten with the gradient; a logit above 0 says yes, and `truth [count, tasks]` is 1 for yes and 0
/// for no. For a logit z and truth t: `max(z, 0) - z t + log(1 + e^-|z|)`, which is `torch.nn.functional.binary_cross_entropy_with_logits`;
/// of two classes the softmax is the same with `z = z_yes - z_no`.
///
/// Returns the loss and how many questions were answered rightly.
///
/// # Panics
/// When the slices differ in length or there is no task.
pub fn binary_tasks(logits: &mut [f32], truth: &[f32], tasks: usize, scale: f64) -> (f64, usize) {
    assert!(
        tasks > 0 && logits.len() == truth.len(),
        "{} answers to {} questions",
        logits.len(),
        truth.len()
    );
    let scale = scale / tasks as f64;
    let (mut loss, mut correct) = (0.0, 0);
    for (z, &t) in logits.iter_mut().zip(truth) {
        let (value, truth) = (f64::from(*z), f64::from(t));
        let tail = libm::exp(-value.abs());
        loss += value.max(0.0) - value * truth + libm::log1p(tail);
        correct += usize::from((value > 0.0) == (t > 0.5));
        let yes = if value >= 0.0 { 1.0 / (1.0 + tail) } else { tail / (1.0 + tail) };
        *z = (scale * (yes - truth)) as f32;
    }
    (scale * loss, correct)
}
