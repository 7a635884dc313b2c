//! Running statistics of other examples than those of the training.

use super::{Buffers, Mode, Network, Role, SHARD};
use crate::{Aligned, NnError};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use rayon::prelude::*;

impl Network {
    /// Weights whose running statistics of batch normalisation are mixed with those of examples, `x [count, time, channel]`: `(1 - share)`
    /// of what they were and `share` of theirs (`AdaBN` of Li et al. 2016, "Revisiting batch normalization for practical domain
    /// adaptation", which takes a share of 1). Layer by layer, each behind those that were mixed already; all else keeps its bits. The
    /// variance is the unbiased one. Runs on the current rayon pool; the bits do not depend on its size.
    ///
    /// # Errors
    /// Weights of another network, no whole examples or none, a share outside of 0 to 1, or statistics that are not finite.
    pub fn mix_statistics(&self, weights: &[f32], x: &[f32], share: f64) -> Result<Vec<f32>, NnError> {
        self.check_weights(weights)?;
        let count = self.count_examples(x)?;
        let setting = |option, found: usize, expected| {
            Err(NnError::Setting { option, found: alloc::format!("{found}"), expected })
        };
        if count == 0 {
            return setting("examples for running statistics", 0, "at least 1");
        }
        if !(0.0..=1.0).contains(&share) {
            let (found, expected) = (alloc::format!("{share}"), "0 to 1");
            return Err(NnError::Setting { option: "the share of running statistics", found, expected });
        }
        let mut weights = weights.to_vec();
        for (layer, [mean, variance]) in self.normalisations() {
            let rows = count * self.shape_before(layer).time;
            let mut packed = Aligned::zeros(self.packed_len());
            self.pack(&weights, &mut packed);
            let channels = mean.len();
            let about = weights[mean.clone()].to_vec();
            let shards: Vec<Vec<f64>> = x
                .par_chunks(SHARD * self.input.len())
                .map_init(
                    || self.buffers(SHARD.min(count), false),
                    |buffers, x| self.moments(&weights, &packed, x, layer, &about, buffers),
                )
                .collect();
            let mut sums = vec![0.0; 2 * channels];
            for shard in shards {
                sums.iter_mut().zip(shard).for_each(|(sum, v)| *sum += v);
            }
            let mixed = |old: f32, new: f64| ((1.0 - share) * f64::from(old) + share * new) as f32;
            for c in 0..channels {
                let off = sums[c] / rows as f64;
                let square = (sums[channels + c] - rows as f64 * off * off).max(0.0);
                let own = [f64::from(about[c]) + off, square / (rows.max(2) - 1) as f64];
                for (range, own) in [&mean, &variance].into_iter().zip(own) {
                    let value = &mut weights[range.start + c];
                    *value = mixed(*value, own);
                    if !value.is_finite() {
                        let found = f64::from(*value);
                        return Err(NnError::Diverged { what: "a running statistic", found, step: 0 });
                    }
                }
            }
        }
        Ok(weights)
    }

    /// Layers with running statistics, and where their mean and variance lie.
    fn normalisations(&self) -> Vec<(usize, [Range<usize>; 2])> {
        let mut all = Vec::new();
        for (layer, (specs, span)) in self.specs.iter().zip(&self.spans).enumerate() {
            let mut at = span.weights.start;
            let mut own = Vec::new();
            for spec in specs {
                let range = at..at + spec.len();
                at = range.end;
                if matches!(spec.role, Role::Statistic { .. }) {
                    own.push(range);
                }
            }
            if let Ok(own) = <[Range<usize>; 2]>::try_from(own) {
                all.push((layer, own));
            }
        }
        all
    }

    /// Sums of what a layer is given and of its squares, about values of each channel: `[2, channel]`.
    fn moments(
        &self,
        weights: &[f32],
        packed: &[f32],
        x: &[f32],
        layer: usize,
        about: &[f32],
        buffers: &mut Buffers,
    ) -> Vec<f64> {
        let batch = x.len() / self.input.len();
        buffers.load(self.input, batch, x.chunks_exact(self.input.len()));
        self.forward(weights, packed, batch, Mode::Inference, buffers);
        let given = &buffers.activations[layer][..batch * self.shape_before(layer).len()];
        let channels = about.len();
        let mut sums = vec![0.0; 2 * channels];
        let (sum, squares) = sums.split_at_mut(channels);
        for row in given.chunks_exact(channels) {
            for (((sum, square), v), about) in sum.iter_mut().zip(&mut *squares).zip(row).zip(about) {
                let off = f64::from(*v) - f64::from(*about);
                *sum += off;
                *square += off * off;
            }
        }
        sums
    }
}
