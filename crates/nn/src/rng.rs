//! Seeded random numbers: the same on every machine, and any part of a run can be drawn without what came before.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// A `ChaCha8` generator addressed by a seed and a stream: two streams of one seed are independent.
///
/// Each use (initial weights, the order of an epoch, the dropout of a shard in a step) has a stream of its own,
/// so that a resumed run needs no generator state.
#[derive(Clone, Debug)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The generator of `stream` under `seed`.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// 32 uniform bits.
    pub fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in `[0, 1)`, 24 bits.
    pub fn uniform(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Standard normal, by Box and Muller (1958).
    pub fn normal(&mut self) -> f32 {
        // 1 - u lies in (0, 1]: the logarithm stays finite.
        let u = f64::from(1.0 - self.uniform());
        let v = f64::from(self.uniform());
        (libm::sqrt(-2.0 * libm::log(u)) * libm::cos(2.0 * core::f64::consts::PI * v)) as f32
    }

    /// Uniform in `0..bound` without bias (rejection).
    ///
    /// # Panics
    /// When `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "no number lies below 0");
        let reject_below = bound.wrapping_neg() % bound;
        loop {
            let bits = self.bits();
            if bits >= reject_below {
                return bits % bound;
            }
        }
    }

    /// Fisher–Yates shuffle in place.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u32 + 1) as usize);
        }
    }
}
