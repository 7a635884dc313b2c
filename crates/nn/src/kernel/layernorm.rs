//! Layer normalisation (Ba et al. 2016): each row by itself.

use super::simd::{MAX_LANES, Simd};

/// The body of [`super::layer_norm`].
///
/// # Safety
/// `x` and `y` are rows of as many values as `weight` and `bias`, `saved` has two for each row; the processor has S.
#[inline(always)]
pub(super) unsafe fn forward<S: Simd>(
    (weight, bias): (&[f32], &[f32]),
    epsilon: f32,
    x: &[f32],
    y: &mut [f32],
    saved: &mut [f32],
) {
    let channels = weight.len();
    let (weight, bias) = (weight.as_ptr(), bias.as_ptr());
    for (row, saved) in saved.chunks_exact_mut(2).enumerate() {
        // SAFETY: `at + n` is at most the length of a row.
        unsafe {
            let (x, y) = (x.as_ptr().add(row * channels), y.as_mut_ptr().add(row * channels));
            // About the first value, so that a row far from zero keeps its digits.
            let (first, zero) = (S::splat(*x), S::splat(0.0));
            let mut sum = zero;
            let mut at = 0;
            while at < channels {
                let n = (channels - at).min(S::LANES);
                sum = S::add(sum, centred::<S>(x.add(at), first, zero, n));
                at += n;
            }
            let mean = S::sum(sum) / channels as f32;
            let offset = S::splat(mean);
            let mut squares = S::splat(0.0);
            at = 0;
            while at < channels {
                let n = (channels - at).min(S::LANES);
                let d = centred::<S>(x.add(at), first, offset, n);
                squares = S::fma(d, d, squares);
                at += n;
            }
            let variance = S::splat(S::sum(squares) / channels as f32 + epsilon);
            let scale = S::div(S::splat(1.0), S::sqrt(variance));
            let mut copy = [0f32; MAX_LANES];
            S::store(copy.as_mut_ptr(), scale);
            (saved[0], saved[1]) = (mean, copy[0]);
            at = 0;
            while at < channels {
                let n = (channels - at).min(S::LANES);
                let normal = S::mul(centred::<S>(x.add(at), first, offset, n), scale);
                let value = S::fma(normal, S::load_up_to(weight.add(at), n), S::load_up_to(bias.add(at), n));
                S::store_up_to(y.add(at), value, n);
                at += n;
            }
        }
    }
}

/// `n` values less their mean, which is `offset` from the row's first value, zeros behind them.
///
/// The first difference is exact where it matters, for values close to each other and far from zero; a mean rounded to
/// f32 would cost digits there.
#[inline(always)]
unsafe fn centred<S: Simd>(x: *const f32, first: S::V, offset: S::V, n: usize) -> S::V {
    // SAFETY: the caller vouches for `n` values.
    unsafe {
        if n == S::LANES {
            S::sub(S::sub(S::load(x), first), offset)
        } else {
            let mut differences = [0f32; MAX_LANES];
            S::store(differences.as_mut_ptr(), S::sub(S::sub(S::load_part(x, n), first), offset));
            S::load_part(differences.as_ptr(), n)
        }
    }
}

/// The way back through [`super::layer_norm`].
#[derive(Debug)]
pub(crate) struct LayerNormBack<'a> {
    /// Input rows.
    pub x: &'a [f32],
    /// Gradients of the result.
    pub dy: &'a [f32],
    /// What [`super::layer_norm`] saved.
    pub saved: &'a [f32],
    /// Weights.
    pub weight: &'a [f32],
    /// Gradient of the weights, added to.
    pub d_weight: &'a mut [f32],
    /// Gradient of the bias, added to.
    pub d_bias: &'a mut [f32],
    /// Gradient of the input; empty when nobody needs it.
    pub dx: &'a mut [f32],
}

impl LayerNormBack<'_> {
    /// Panics unless every buffer holds what the shapes ask for.
    pub(super) fn check(&self) {
        let channels = self.weight.len();
        assert!(channels > 0, "no channels");
        assert_eq!([self.d_weight.len(), self.d_bias.len()], [channels; 2], "gradients");
        assert_eq!(self.x.len(), self.saved.len() / 2 * channels, "rows");
        assert_eq!(self.dy.len(), self.x.len(), "gradient of the result");
        assert!(self.dx.is_empty() || self.dx.len() == self.x.len(), "gradient of the input");
    }
}

/// The body of [`super::layer_norm_back`]: with `g = dy * weight` and the normalised `z`,
/// `dx = scale * (g - mean(g) - z * mean(g * z))` (Ba et al. 2016).
///
/// # Safety
/// [`LayerNormBack::check`] has passed and the processor has S.
#[inline(always)]
pub(super) unsafe fn backward<S: Simd>(p: &mut LayerNormBack<'_>) {
    let channels = p.weight.len();
    let (weight, d_weight, d_bias) = (p.weight.as_ptr(), p.d_weight.as_mut_ptr(), p.d_bias.as_mut_ptr());
    for (row, saved) in p.saved.chunks_exact(2).enumerate() {
        // SAFETY: `at + n` is at most the length of a row.
        unsafe {
            let (x, dy) = (p.x.as_ptr().add(row * channels), p.dy.as_ptr().add(row * channels));
            let (first, offset, scale) = (S::splat(*x), S::splat(saved[0]), S::splat(saved[1]));
            let (mut sum, mut dot) = (S::splat(0.0), S::splat(0.0));
            let mut at = 0;
            while at < channels {
                let n = (channels - at).min(S::LANES);
                let z = S::mul(centred::<S>(x.add(at), first, offset, n), scale);
                let g = S::load_up_to(dy.add(at), n);
                let (dw, db) = (d_weight.add(at), d_bias.add(at));
                S::store_up_to(dw, S::fma(g, z, S::load_up_to(dw, n)), n);
                S::store_up_to(db, S::add(g, S::load_up_to(db, n)), n);
                let g = S::mul(g, S::load_up_to(weight.add(at), n));
                sum = S::add(sum, g);
                dot = S::fma(g, z, dot);
                at += n;
            }
            if p.dx.is_empty() {
                continue;
            }
            let dx = p.dx.as_mut_ptr().add(row * channels);
            let mean_g = S::splat(S::sum(sum) / channels as f32);
            let mean_gz = S::splat(S::sum(dot) / channels as f32);
            at = 0;
            while at < channels {
                let n = (channels - at).min(S::LANES);
                let z = S::mul(centred::<S>(x.add(at), first, offset, n), scale);
                let g = S::mul(S::load_up_to(dy.add(at), n), S::load_up_to(weight.add(at), n));
                let value = S::mul(scale, S::nfma(z, mean_gz, S::sub(g, mean_g)));
                S::store_up_to(dx.add(at), value, n);
                at += n;
            }
        }
    }
}
