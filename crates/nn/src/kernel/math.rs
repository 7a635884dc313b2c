//! Scalar formulas of the non-linearities, written so that loops over them vectorise.

/// `a * b + c`, fused where the instruction set has it.
///
/// Without the hardware instruction `f32::mul_add` is a slow library call, hence the choice at compile time.
#[inline(always)]
pub(super) fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    #[cfg(feature = "std")]
    if FMA {
        return a.mul_add(b, c);
    }
    a * b + c
}

/// Beyond this tanh is 1 to within 2.8e-7, and the rational function below would leave its range.
const TANH_CLAMP: f32 = 7.905_311;

/// tanh as a rational function of degree 13 over 6 (coefficients of Eigen's `ptanh_float`,
/// `Eigen/src/Core/MathFunctionsImpl.h`), absolute error below 4e-7, never outside `[-1, 1]`, odd, NaN stays NaN.
#[inline(always)]
pub(super) fn tanh<const FMA: bool>(x: f32) -> f32 {
    // Comparisons and not `clamp`/`min`/`max`: these would turn NaN into a number and hide a diverged network.
    let x = if x > TANH_CLAMP { TANH_CLAMP } else { x };
    let x = if x < -TANH_CLAMP { -TANH_CLAMP } else { x };
    let x2 = x * x;
    let p = fma::<FMA>(x2, -2.760_768_5e-16, 2.000_188e-13);
    let p = fma::<FMA>(x2, p, -8.604_672e-11);
    let p = fma::<FMA>(x2, p, 5.122_297_1e-8);
    let p = fma::<FMA>(x2, p, 1.485_722_4e-5);
    let p = fma::<FMA>(x2, p, 6.372_619e-4);
    let p = x * fma::<FMA>(x2, p, 4.893_524_6e-3);
    let q = fma::<FMA>(x2, 1.198_258_4e-6, 1.185_347_1e-4);
    let q = fma::<FMA>(x2, q, 2.268_434_6e-3);
    let q = fma::<FMA>(x2, q, 4.893_525e-3);
    let y = p / q;
    let y = if y > 1.0 { 1.0 } else { y };
    if y < -1.0 { -1.0 } else { y }
}

/// Logistic sigmoid `1 / (1 + e^-x)` as `(1 + tanh(x / 2)) / 2`, absolute error below 3e-7, never outside `[0, 1]`.
#[inline(always)]
pub(super) fn sigmoid<const FMA: bool>(x: f32) -> f32 {
    fma::<FMA>(tanh::<FMA>(0.5 * x), 0.5, 0.5)
}
