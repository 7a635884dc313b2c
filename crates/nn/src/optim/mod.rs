//! Optimiser, learning-rate schedules and gradient clipping.

mod adamw;
mod schedule;

pub use adamw::{AdamW, AdamWConfig};
pub use schedule::Schedule;

/// Scales `gradient` so that its Euclidean norm is at most `limit` and returns the norm before.
///
/// As `torch.nn.utils.clip_grad_norm_` (Pascanu et al. 2013): the factor is `limit / (norm + 1e-6)`, at most 1.
pub fn clip_global_norm(gradient: &mut [f32], limit: f64) -> f64 {
    let norm = libm::sqrt(gradient.iter().map(|&g| f64::from(g) * f64::from(g)).sum());
    let factor = limit / (norm + 1e-6);
    if factor < 1.0 {
        gradient.iter_mut().for_each(|g| *g *= factor as f32);
    }
    norm
}
