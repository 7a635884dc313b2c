//! The safe functions of all kernels: each checks its arguments and runs a body on an instruction set.

#[cfg(feature = "measure")]
use super::peak;
use super::{
    AdamWStep, Affine, AffineBack, DenseGradient, DepthwiseGradient, DepthwiseSum, GRU, InstructionSet, LSTM,
    LayerNormBack, MOMENT_BLOCK, Map, Product, adamw as adamw_body, attention, dense, depthwise, elementwise,
    gru, layernorm, lstm, norm, packed_len, product, recurrent, simd,
};

/// A safe function that checks its argument and runs a body on the instruction set.
///
/// A value of [`InstructionSet`] is no proof that the processor has it (anybody can write the variant down), so
/// it is asked again; the answer is cached by the standard library.
macro_rules! kernel {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) = $module:ident::$body:ident after |$isa:ident| $check:expr) => {
        $(#[$doc])*
        pub(crate) fn $name($isa: InstructionSet, $($arg: $ty),*) {
            assert!($isa.is_available(), "{:?} is not available here", $isa);
            $check;
            match $isa {
                #[cfg(all(feature = "std", target_arch = "x86_64"))]
                InstructionSet::Avx2Fma => {
                    #[target_feature(enable = "avx2,fma")]
                    fn avx2($($arg: $ty),*) {
                        // SAFETY: the arguments have been checked, and this function has the features.
                        unsafe { $module::$body::<simd::Avx2Fma>($($arg),*) }
                    }
                    // SAFETY: the processor has AVX2 and FMA, as just asserted.
                    unsafe { avx2($($arg),*) }
                }
                #[cfg(all(feature = "std", target_arch = "x86_64"))]
                InstructionSet::Avx512 => {
                    #[target_feature(enable = "avx512f")]
                    fn avx512($($arg: $ty),*) {
                        // SAFETY: the arguments have been checked, and this function has the feature.
                        unsafe { $module::$body::<simd::Avx512>($($arg),*) }
                    }
                    // SAFETY: the processor has AVX-512F, as just asserted.
                    unsafe { avx512($($arg),*) }
                }
                #[cfg(target_arch = "aarch64")]
                // SAFETY: the arguments have been checked; NEON is the baseline of this target.
                InstructionSet::Neon => unsafe { $module::$body::<simd::Neon>($($arg),*) },
                #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
                // SAFETY: the arguments have been checked; simd128 was enabled for this build.
                InstructionSet::Simd128 => unsafe { $module::$body::<simd::Simd128>($($arg),*) },
                #[cfg(test)]
                // SAFETY: the arguments have been checked, and plain arrays run everywhere.
                InstructionSet::Wide => unsafe { $module::$body::<simd::Wide>($($arg),*) },
                // SAFETY: the arguments have been checked, and plain arrays run everywhere.
                _ => unsafe { $module::$body::<simd::Portable>($($arg),*) },
            }
        }
    };
}

kernel! {
    /// `c = start + a * b`; `c` is `[rows, columns]`, `result_stride` apart.
    ///
    /// Each element is one sum over segments and inner length in rising order, so a row's result does not depend on
    /// the other rows.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn multiply(product: &Product<'_>, c: &mut [f32]) = product::multiply after |isa| product.check(isa.lanes(), c)
}

kernel! {
    /// One time step of an LSTM layer.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn lstm_forward(step: &mut recurrent::Step<'_>) = lstm::forward
        after |isa| step.check(LSTM.vectors, true, isa.lanes())
}

kernel! {
    /// One time step back through the cells of an LSTM layer.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn lstm_backward(step: &mut recurrent::StepBack<'_>) = lstm::backward after |isa| step.check(true, isa.lanes())
}

kernel! {
    /// One time step of a GRU layer.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn gru_forward(step: &mut recurrent::Step<'_>) = gru::forward
        after |isa| step.check(GRU.vectors, false, isa.lanes())
}

kernel! {
    /// One time step back through the cells of a GRU layer.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn gru_backward(step: &mut recurrent::StepBack<'_>) = gru::backward after |isa| step.check(false, isa.lanes())
}

kernel! {
    /// Bias and inputs' share of a recurrent layer's slots for many time steps at once.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn recurrent_project(projection: &mut recurrent::Projection<'_>) = recurrent::project
        after |isa| projection.check(isa.lanes())
}

kernel! {
    /// Gradient of a recurrent layer's input or recurrent weights from several time steps.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn recurrent_weight_gradient(gradient: &mut recurrent::GateGradient<'_>) = recurrent::weight_gradient
        after |isa| gradient.check(isa.lanes())
}

kernel! {
    /// One AdamW step over a run of weights.
    ///
    /// # Panics
    /// When the runs differ in length, or the processor lacks `isa`.
    fn adamw(step: &mut AdamWStep<'_>) = adamw_body::update after |_isa| step.check()
}

#[cfg(feature = "measure")]
kernel! {
    /// Chains of multiply-adds in registers, to measure the peak of a core.
    ///
    /// # Panics
    /// When the processor lacks `isa`.
    fn multiply_adds(iterations: usize, out: &mut [f32; 16]) = peak::multiply_adds
        after |isa| assert!(isa.lanes() <= out.len(), "a vector")
}

kernel! {
    /// Weight gradient of a dense convolution or a linear layer; `dw` is packed as [`pack`] packs `[packed_inner, columns]`.
    ///
    /// Each element is one sum over steps and rows in rising order, with partial sums of a fixed number of rows.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn dense_weight_gradient(gradient: &DenseGradient<'_>, dw: &mut [f32]) = dense::gradient
        after |isa| gradient.check(packed_len(isa, gradient.packed_inner, gradient.columns), dw)
}

kernel! {
    /// One step of a depthwise convolution, or of its way back. Each value is one sum over the taps in their order.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn depthwise_sum(taps: &DepthwiseSum<'_>, y: &mut [f32]) = depthwise::sum after |isa| taps.check(isa.lanes(), y)
}

kernel! {
    /// Weight gradient of a depthwise convolution, `dw [tap][period]`, added to.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn depthwise_weight_gradient(gradient: &DepthwiseGradient<'_>, dw: &mut [f32]) = depthwise::gradient
        after |isa| gradient.check(isa.lanes(), dw)
}

kernel! {
    /// `out = f(a, b)`, value by value.
    ///
    /// # Panics
    /// When the lengths differ, or the processor lacks `isa`.
    fn map(f: Map, a: &[f32], b: &[f32], out: &mut [f32]) = elementwise::map
        after |isa| assert_eq!([a.len(), b.len()], [out.len(); 2], "lengths")
}

kernel! {
    /// `b = f(a, b)`, value by value.
    ///
    /// # Panics
    /// When the lengths differ, or the processor lacks `isa`.
    fn update(f: Map, a: &[f32], b: &mut [f32]) = elementwise::update
        after |isa| assert_eq!(a.len(), b.len(), "lengths")
}

kernel! {
    /// `y = factor * x`.
    ///
    /// # Panics
    /// When the lengths differ, or the processor lacks `isa`.
    fn scale(factor: f32, x: &[f32], y: &mut [f32]) = elementwise::scale
        after |isa| assert_eq!(x.len(), y.len(), "lengths")
}

kernel! {
    /// `y += factor * x`.
    ///
    /// # Panics
    /// When the lengths differ, or the processor lacks `isa`.
    fn add_scaled(factor: f32, x: &[f32], y: &mut [f32]) = elementwise::add_scaled
        after |isa| assert_eq!(x.len(), y.len(), "lengths")
}

kernel! {
    /// One of the values `x` that a maximum `y` was taken over, in the order they were compared: the first that equals it
    /// gets what is `left` of its gradient, added to `dx`, and leaves nothing.
    ///
    /// # Panics
    /// When the lengths differ, or the processor lacks `isa`.
    fn max_back(x: &[f32], y: &[f32], left: &mut [f32], dx: &mut [f32]) = elementwise::max_back
        after |isa| assert_eq!([x.len(), left.len(), dx.len()], [y.len(); 3], "lengths")
}

kernel! {
    /// For each block of [`MOMENT_BLOCK`] periods of `x`, the first period, and the sums of the differences to it and of
    /// their squares: `partial [block][3][period]`.
    ///
    /// # Panics
    /// When `x` is not whole periods, a period not whole vectors, or the processor lacks `isa`.
    fn column_moments(x: &[f32], period: usize, partial: &mut [f32]) = norm::moments
        after |isa| check_periods(isa, period, x.len(), (3, partial.len()))
}

kernel! {
    /// For each block of [`MOMENT_BLOCK`] periods, sums of `dy` and of `dy * (x - mean)`: `partial [block][2][period]`.
    ///
    /// # Panics
    /// When `x` and `dy` are not the same whole periods, a period not whole vectors, or the processor lacks `isa`.
    fn column_dots(dy: &[f32], x: &[f32], mean: &[f32], partial: &mut [f32]) = norm::dots after |isa| {
        check_periods(isa, mean.len(), x.len(), (2, partial.len()));
        assert_eq!(dy.len(), x.len(), "lengths");
    }
}

kernel! {
    /// Adds the sum over rows of `x [rows, columns]` to `sums [columns]`, in the order of the rows.
    ///
    /// # Panics
    /// When `x` is not whole rows, or the processor lacks `isa`.
    fn add_column_sums(x: &[f32], sums: &mut [f32]) = norm::column_sums
        after |isa| assert!(x.len().is_multiple_of(sums.len().max(1)), "rows of {} in {} values", sums.len(), x.len())
}

kernel! {
    /// `y = (x - mean) * scale + shift` with parameters that repeat over a period.
    ///
    /// # Panics
    /// When the lengths differ, a period is not whole vectors, or the processor lacks `isa`.
    fn affine(parameters: &Affine<'_>, x: &[f32], y: &mut [f32]) = norm::affine after |isa| {
        let Affine { mean, scale, shift } = parameters;
        check_parameters(isa, mean.len(), &[scale.len(), shift.len()]);
        assert_eq!(x.len(), y.len(), "lengths");
    }
}

kernel! {
    /// `dx = dy * scale + (x - mean) * slope + offset` with parameters that repeat over a period.
    ///
    /// # Panics
    /// When the lengths differ, a period is not whole vectors, or the processor lacks `isa`.
    fn affine_back(parameters: &AffineBack<'_>, x: &[f32], dy: &[f32], dx: &mut [f32]) = norm::affine_back after |isa| {
        let AffineBack { mean, scale, slope, offset } = parameters;
        check_parameters(isa, mean.len(), &[scale.len(), slope.len(), offset.len()]);
        assert_eq!([x.len(), dy.len()], [dx.len(); 2], "lengths");
    }
}

kernel! {
    /// Each row of `x` to mean zero and variance one, then times the weights plus the bias: `y`. The distance of the mean
    /// from the row's first value and the factor are `saved`.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn layer_norm(parameters: (&[f32], &[f32]), epsilon: f32, x: &[f32], y: &mut [f32], saved: &mut [f32]) =
        layernorm::forward after |isa| {
            let channels = parameters.0.len();
            assert!(channels > 0 && parameters.1.len() == channels, "weights and bias");
            assert_eq!([x.len(), y.len()], [saved.len() / 2 * channels; 2], "rows");
        }
}

kernel! {
    /// The way back through [`layer_norm`].
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn layer_norm_back(back: &mut LayerNormBack<'_>) = layernorm::backward after |isa| back.check()
}

kernel! {
    /// tanh of the rows of `hidden` in place, and the product of each with the context.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn attention_scores(context: &[f32], hidden: &mut [f32], scores: &mut [f32]) = attention::scores
        after |isa| assert_eq!(Some(hidden.len()), scores.len().checked_mul(context.len()), "rows")
}

kernel! {
    /// From the gradients of the scores: `hidden` becomes the gradient before tanh, that of the context is added up.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn attention_scores_back(context: &[f32], d_scores: &[f32], hidden: &mut [f32], d_context: &mut [f32]) =
        attention::scores_back after |isa| {
            assert_eq!(Some(hidden.len()), d_scores.len().checked_mul(context.len()), "rows");
            assert_eq!(context.len(), d_context.len(), "gradient of the context");
        }
}

kernel! {
    /// The sum over time of the rows of `x [time, batch, channels]`, each times its weight `[time, batch]`: `y [batch,
    /// channels]`. A row's result does not depend on the other rows of the batch.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn weighted_sum(channels: usize, weights: &[f32], x: &[f32], y: &mut [f32]) = attention::weighted_sum
        after |isa| check_weighted(channels, weights.len(), x.len(), y.len())
}

kernel! {
    /// The way back through [`weighted_sum`]: the gradient of the weights, and of `x` unless it is empty.
    ///
    /// # Panics
    /// When a buffer does not have the length its shape asks for, or the processor lacks `isa`.
    fn weighted_sum_back(
        channels: usize, weights: &[f32], x: &[f32], dy: &[f32], d_weights: &mut [f32], dx: &mut [f32]
    ) = attention::weighted_sum_back after |isa| {
        check_weighted(channels, weights.len(), x.len(), dy.len());
        assert_eq!(weights.len(), d_weights.len(), "gradient of the weights");
        assert!(dx.is_empty() || dx.len() == x.len(), "gradient of the values");
    }
}

/// Length of the period of [`norm`](mod@norm): whole vectors and whole rows of `channels`.
pub(crate) fn period(isa: InstructionSet, channels: usize) -> usize {
    let lanes = isa.lanes();
    // The lanes are a power of two: what they share with the channels are factors of two.
    channels * (lanes >> channels.trailing_zeros().min(lanes.trailing_zeros()))
}

/// Repeats the values over a buffer.
pub(crate) fn repeat(values: &[f32], to: &mut [f32]) {
    to.chunks_mut(values.len().max(1)).for_each(|to| to.copy_from_slice(&values[..to.len()]));
}

fn check_periods(isa: InstructionSet, period: usize, x: usize, (sums, partial): (usize, usize)) {
    assert!(period > 0 && period.is_multiple_of(isa.lanes()), "a period of {period} values");
    assert!(x.is_multiple_of(period), "{x} values in periods of {period}");
    let blocks = (x / period).div_ceil(MOMENT_BLOCK);
    assert_eq!(Some(partial), (sums * period).checked_mul(blocks), "partial sums");
}

fn check_parameters(isa: InstructionSet, period: usize, others: &[usize]) {
    assert!(period > 0 && period.is_multiple_of(isa.lanes()), "a period of {period} values");
    assert!(others.iter().all(|&n| n == period), "parameters of {others:?} values in periods of {period}");
}

fn check_weighted(channels: usize, weights: usize, x: usize, y: usize) {
    assert!(channels > 0 && y.is_multiple_of(channels) && (y > 0 || weights == 0), "rows of the result");
    assert_eq!(Some(x), weights.checked_mul(channels), "rows");
    assert!(weights.is_multiple_of((y / channels).max(1)), "whole steps");
}

#[cfg(test)]
mod tests;
