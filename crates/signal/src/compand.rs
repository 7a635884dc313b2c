//! Companding of a frame's channels: `asinh`, eight values at a time.
//!
//! The same operations in the same order as [`libm::asinhf`] (which is musl's), with selections instead of branches, so that
//! they run side by side in vector registers and give its bits. Companding takes an eighth of the time of a classification
//! otherwise.

/// Values that are computed side by side.
const LANES: usize = 8;

/// Constants of musl's `logf` and `log1pf`: ln 2 in two parts, and the coefficients of the polynomial.
const LN2_HI: f32 = f32::from_bits(0x3f31_7180);
const LN2_LO: f32 = f32::from_bits(0x3717_f7d1);
const LG: [f32; 4] = [
    f32::from_bits(0x3f2a_aaaa),
    f32::from_bits(0x3ecc_ce13),
    f32::from_bits(0x3e91_e9ee),
    f32::from_bits(0x3e78_9e26),
];
/// Bits of sqrt(2) / 2, by which a number is split into a power of two and a mantissa about 1.
const HALF_ROOT_BITS: u32 = 0x3f35_04f3;
/// Bits below which `log1p` does not reduce its argument: sqrt(2) - 1.
const NOT_REDUCED_BITS: u32 = 0x3ed4_13d0;

#[inline(always)]
fn sqrt(x: f32) -> f32 {
    // Both are exact, and the standard library's can be vectorised.
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    libm::sqrtf(x)
}

/// Replaces each value by its inverse hyperbolic sine, with the bits of [`libm::asinhf`].
pub(crate) fn asinh(values: &mut [f32]) {
    let (whole, rest) = values.as_chunks_mut::<LANES>();
    for lanes in whole {
        eight(lanes);
    }
    if !rest.is_empty() {
        let mut lanes = [0.0; LANES];
        lanes[..rest.len()].copy_from_slice(rest);
        eight(&mut lanes);
        rest.copy_from_slice(&lanes[..rest.len()]);
    }
}

#[inline(always)]
fn eight(lanes: &mut [f32; LANES]) {
    if lanes.iter().any(|x| !x.is_finite()) {
        lanes.iter_mut().for_each(|x| *x = libm::asinhf(*x));
        return;
    }
    for x in lanes {
        *x = one(*x);
    }
}

/// `asinh` of a finite number.
#[inline(always)]
fn one(x: f32) -> f32 {
    let a = x.abs();
    let root = sqrt(a * a + 1.0);
    // From 2 on it is the logarithm of `u`, below that of 1 + `v`.
    let (is_log, is_large, is_tiny) = (a >= 2.0, a >= 4096.0, a < 1.0 / 4096.0);
    let v = a + a * a / (root + 1.0);
    let sum = 1.0 + v;
    let log_of = if is_large { a } else { 2.0 * a + 1.0 / (root + a) };
    let u = if is_log { log_of } else { sum };
    let bits = u.to_bits().wrapping_add(0x3f80_0000 - HALF_ROOT_BITS);
    let exponent = (bits >> 23) as i32 - 0x7f;
    let mantissa = f32::from_bits((bits & 0x007f_ffff) + HALF_ROOT_BITS) - 1.0;
    // What rounding took from 1 + v.
    let lost = if exponent >= 2 { 1.0 - (sum - v) } else { v - (sum - 1.0) };
    let plain = !is_log && v.to_bits() < NOT_REDUCED_BITS;
    let c = if is_log || plain { 0.0 } else { lost / sum };
    let f = if plain { v } else { mantissa };
    let k = if plain { 0.0 } else { exponent as f32 };

    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let r = z * (LG[0] + w * LG[2]) + w * (LG[1] + w * LG[3]);
    let half = 0.5 * f * f;
    let log = s * (half + r) + (k * LN2_LO + c) - half + f + k * LN2_HI;
    let log = if is_large { log + core::f32::consts::LN_2 } else { log };
    let size = if is_tiny { a } else { log };
    f32::from_bits(size.to_bits() | (x.to_bits() & 0x8000_0000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn check(values: &[f32]) {
        let mut fast = values.to_vec();
        asinh(&mut fast);
        for (x, fast) in values.iter().zip(fast) {
            let slow = libm::asinhf(*x);
            assert!(
                slow.to_bits() == fast.to_bits() || (slow.is_nan() && fast.is_nan()),
                "{x}: {slow} {fast}"
            );
        }
    }

    #[test]
    fn bits_are_those_of_libm_in_every_octave() {
        // A prime step passes all exponents with changing mantissas, both signs, infinities and NaN.
        let values: Vec<f32> = (0..=u32::MAX / 2039).map(|i| f32::from_bits(i * 2039)).collect();
        check(&values);
    }

    #[test]
    fn bits_are_those_of_libm_at_the_edges() {
        let edges =
            [0.0f32, 1.0 / 4096.0, 0.414_213_56, 0.125, 1.0, 2.0, 4096.0, f32::MAX, f32::MIN_POSITIVE];
        let near = edges.iter().flat_map(|e| {
            (-3i64..=3).map(|d| f32::from_bits((i64::from(e.to_bits()) + d).clamp(0, 0x7f80_0000) as u32))
        });
        let values: Vec<f32> = near.flat_map(|x| [x, -x]).chain([f32::NAN]).collect();
        check(&values);
        (0..9).for_each(|n| check(&values[..n]));
    }
}
