//! Optimiser, learning-rate schedules and gradient clipping.

mod adamw;
mod schedule;

pub use adamw::{AdamW, AdamWConfig};
#[cfg(feature = "std")]
pub(crate) use adamw::{Rates, update_block};
pub use schedule::Schedule;

/// Scales `gradient` so that its Euclidean norm is at most `limit` and returns the norm before.
///
/// As `torch.nn.utils.clip_grad_norm_` (Pascanu et al. 2013): the factor is `limit / (norm + 1e-6)`, at most 1.
pub fn clip_global_norm(gradient: &mut [f32], limit: f64) -> f64 {
    let norm = libm::sqrt(sum_of_squares(gradient));
    let factor = limit / (norm + 1e-6);
    if factor < 1.0 {
        gradient.iter_mut().for_each(|g| *g *= factor as f32);
    }
    norm
}

/// In f64, as eight sums that do not wait for one another.
fn sum_of_squares(values: &[f32]) -> f64 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += f64::from(x) * f64::from(x);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>()
}
