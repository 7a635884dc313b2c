//! Functions of single values over flat arrays.

use super::math::{sigmoid_of_twice, tanh};
use super::simd::Simd;

/// A function of two values; those of one take the first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Map {
    /// `max(a, 0)`; NaN stays NaN.
    Relu,
    /// The gradient `b` of the result where the result `a` is not zero or less.
    ReluBack,
    /// tanh.
    Tanh,
    /// The gradient `b` of the result times the derivative where the result is `a`.
    TanhBack,
    /// Logistic sigmoid.
    Sigmoid,
    /// The gradient `b` of the result times the derivative where the result is `a`.
    SigmoidBack,
    /// The larger; NaN if either is.
    Max,
    /// `a + b`.
    Add,
}

/// One variant of [`Map`] as a type, so that each gets a loop of its own.
trait Function {
    unsafe fn of<S: Simd>(a: S::V, b: S::V) -> S::V;
}

/// `function!(Name, S, |a, b| expression)`.
macro_rules! function {
    ($name:ident, $S:ident, |$a:ident, $b:ident| $value:expr) => {
        struct $name;
        impl Function for $name {
            #[inline(always)]
            unsafe fn of<$S: Simd>($a: $S::V, $b: $S::V) -> $S::V {
                // SAFETY: the caller runs on S's instruction set.
                unsafe { $value }
            }
        }
    };
}

function!(Relu, S, |a, _b| S::select_le(a, S::splat(0.0), S::splat(0.0), a));
function!(ReluBack, S, |a, b| S::select_le(a, S::splat(0.0), S::splat(0.0), b));
function!(Tanh, S, |a, _b| tanh::<S>(a));
function!(TanhBack, S, |a, b| S::mul(b, S::nfma(a, a, S::splat(1.0))));
function!(Sigmoid, S, |a, _b| sigmoid_of_twice::<S>(S::mul(S::splat(0.5), a)));
function!(SigmoidBack, S, |a, b| S::mul(b, S::nfma(a, a, a)));
function!(Max, S, |a, b| S::max(a, b));
function!(Add, S, |a, b| S::add(a, b));

#[inline(always)]
unsafe fn run<S: Simd, F: Function>(a: *const f32, b: *const f32, out: *mut f32, len: usize) {
    let mut at = 0;
    // SAFETY: the caller vouches for `len` values of each; `out` may be one of the inputs, whose vector has been read.
    unsafe {
        while at + S::LANES <= len {
            S::store(out.add(at), F::of::<S>(S::load(a.add(at)), S::load(b.add(at))));
            at += S::LANES;
        }
        if at < len {
            let n = len - at;
            let value = F::of::<S>(S::load_part(a.add(at), n), S::load_part(b.add(at), n));
            S::store_part(out.add(at), value, n);
        }
    }
}

#[inline(always)]
unsafe fn dispatch<S: Simd>(f: Map, a: *const f32, b: *const f32, out: *mut f32, len: usize) {
    // SAFETY: as the caller vouches.
    unsafe {
        match f {
            Map::Relu => run::<S, Relu>(a, b, out, len),
            Map::ReluBack => run::<S, ReluBack>(a, b, out, len),
            Map::Tanh => run::<S, Tanh>(a, b, out, len),
            Map::TanhBack => run::<S, TanhBack>(a, b, out, len),
            Map::Sigmoid => run::<S, Sigmoid>(a, b, out, len),
            Map::SigmoidBack => run::<S, SigmoidBack>(a, b, out, len),
            Map::Max => run::<S, Max>(a, b, out, len),
            Map::Add => run::<S, Add>(a, b, out, len),
        }
    }
}

/// The body of [`super::map`].
///
/// # Safety
/// All three are equally long and the processor has S.
#[inline(always)]
pub(super) unsafe fn map<S: Simd>(f: Map, a: &[f32], b: &[f32], out: &mut [f32]) {
    // SAFETY: as the caller vouches.
    unsafe { dispatch::<S>(f, a.as_ptr(), b.as_ptr(), out.as_mut_ptr(), out.len()) }
}

/// The body of [`super::update`].
///
/// # Safety
/// Both are equally long and the processor has S.
#[inline(always)]
pub(super) unsafe fn update<S: Simd>(f: Map, a: &[f32], b: &mut [f32]) {
    let b_ptr = b.as_mut_ptr();
    // SAFETY: as the caller vouches.
    unsafe { dispatch::<S>(f, a.as_ptr(), b_ptr, b_ptr, b.len()) }
}

/// The body of [`super::scale`].
///
/// # Safety
/// Both are equally long and the processor has S.
#[inline(always)]
pub(super) unsafe fn scale<S: Simd>(factor: f32, x: &[f32], y: &mut [f32]) {
    let (len, mut at) = (y.len(), 0);
    let (x, y) = (x.as_ptr(), y.as_mut_ptr());
    // SAFETY: all offsets stay below the common length.
    unsafe {
        let factor = S::splat(factor);
        while at + S::LANES <= len {
            S::store(y.add(at), S::mul(factor, S::load(x.add(at))));
            at += S::LANES;
        }
        if at < len {
            S::store_part(y.add(at), S::mul(factor, S::load_part(x.add(at), len - at)), len - at);
        }
    }
}

/// The body of [`super::add_scaled`].
///
/// # Safety
/// Both are equally long and the processor has S.
#[inline(always)]
pub(super) unsafe fn add_scaled<S: Simd>(factor: f32, x: &[f32], y: &mut [f32]) {
    let (len, mut at) = (y.len(), 0);
    let (x, y) = (x.as_ptr(), y.as_mut_ptr());
    // SAFETY: all offsets stay below the common length.
    unsafe {
        let factor = S::splat(factor);
        while at + S::LANES <= len {
            S::store(y.add(at), S::fma(factor, S::load(x.add(at)), S::load(y.add(at))));
            at += S::LANES;
        }
        if at < len {
            let n = len - at;
            let sum = S::fma(factor, S::load_part(x.add(at), n), S::load_part(y.add(at), n));
            S::store_part(y.add(at), sum, n);
        }
    }
}

/// The body of [`super::max_back`].
///
/// # Safety
/// All four are equally long and the processor has S.
#[inline(always)]
pub(super) unsafe fn max_back<S: Simd>(x: &[f32], y: &[f32], left: &mut [f32], dx: &mut [f32]) {
    let (len, mut at) = (y.len(), 0);
    let (x, y, left, dx) = (x.as_ptr(), y.as_ptr(), left.as_mut_ptr(), dx.as_mut_ptr());
    // SAFETY: all offsets stay below the common length.
    unsafe {
        let zero = S::splat(0.0);
        while at < len {
            let n = (len - at).min(S::LANES);
            let (x, y) = (S::load_up_to(x.add(at), n), S::load_up_to(y.add(at), n));
            let (g, old) = (S::load_up_to(left.add(at), n), S::load_up_to(dx.add(at), n));
            S::store_up_to(dx.add(at), S::add(old, S::select_eq(x, y, g, zero)), n);
            S::store_up_to(left.add(at), S::select_eq(x, y, zero, g), n);
            at += n;
        }
    }
}
