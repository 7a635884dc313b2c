//! Moving averages of weights.

/// Moves the average towards the weights after so many optimiser steps. It decays by `most` at most: early on the average is young,
/// and TensorFlow's ramp keeps the initial weights out of it.
pub(crate) fn move_average(average: &mut [f32], weights: &[f32], steps: u64, most: f64) {
    let steps = steps as f64;
    let decay = most.min((1.0 + steps) / (10.0 + steps)) as f32;
    for (a, &w) in average.iter_mut().zip(weights) {
        *a += (1.0 - decay) * (w - *a);
    }
}
