//! The kernels behind these functions against the obvious reference, on every instruction set this machine has.

use super::*;
use crate::Random;
use crate::kernel::reference::sigmoid;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

fn normals(random: &mut Random, n: usize) -> Vec<f32> {
    (0..n).map(|_| random.normal()).collect()
}

fn assert_near(what: &str, isa: InstructionSet, got: f32, want: f64, bound: f64) {
    let error = (f64::from(got) - want).abs();
    assert!(error <= bound * want.abs().max(1.0), "{isa:?} {what}: {got}, {want}");
}

/// The same bits, NaN included.
fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

const EXTREMES: [f32; 12] = [
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    f32::MAX,
    f32::MIN,
    f32::MIN_POSITIVE,
    1e-40,
    0.0,
    -0.0,
    1e30,
    -5.0,
    3.0,
];

#[test]
fn functions_at_the_ends_of_f32() {
    for isa in InstructionSet::available() {
        let of = |f, a: &[f32], b: &[f32]| {
            let mut out = vec![7.0; a.len()];
            map(isa, f, a, b, &mut out);
            out
        };
        let relu = of(Map::Relu, &EXTREMES, &EXTREMES);
        for (x, y) in EXTREMES.iter().zip(&relu) {
            assert!(if x.is_nan() { y.is_nan() } else { *y == x.max(0.0) }, "{isa:?} relu {x}: {y}");
        }
        let back = of(Map::ReluBack, &EXTREMES, &[2.0; 12]);
        for (x, d) in EXTREMES.iter().zip(&back) {
            assert_eq!(*d, if *x <= 0.0 { 0.0 } else { 2.0 }, "{isa:?} relu back {x}");
        }
        for (f, limits) in [(Map::Tanh, (-1.0, 1.0)), (Map::Sigmoid, (0.0, 1.0))] {
            for (x, y) in EXTREMES.iter().zip(of(f, &EXTREMES, &EXTREMES)) {
                assert!(
                    if x.is_nan() { y.is_nan() } else { (limits.0..=limits.1).contains(&y) },
                    "{isa:?} {x}: {y}"
                );
            }
        }
        for a in EXTREMES {
            for (b, y) in EXTREMES.iter().zip(of(Map::Max, &[a; 12], &EXTREMES)) {
                let nan = a.is_nan() || b.is_nan();
                assert!(if nan { y.is_nan() } else { y == a.max(*b) }, "{isa:?} max {a} {b}: {y}");
            }
        }
    }
}

#[test]
fn one_value_that_is_no_number_shows_in_its_channel_alone() {
    for isa in InstructionSet::available() {
        let period = period(isa, 5);
        let mut x = vec![1.0; 3 * period];
        x[period + 2] = f32::NAN;
        let mut partial = vec![0.0; 3 * period];
        column_moments(isa, &x, period, &mut partial);
        for at in 0..period {
            let sums = [partial[period + at], partial[2 * period + at]];
            assert_eq!(sums.iter().all(|s| s.is_nan()), at == 2, "{isa:?} {at}");
        }
        let row = [1.0, f32::NAN, 3.0, 4.0, 5.0];
        let (mut y, mut saved) = ([0.0; 5], [0.0; 2]);
        layer_norm(isa, (&[1.0; 5], &[0.0; 5]), 1e-5, &row, &mut y, &mut saved);
        assert!(y.iter().all(|v| v.is_nan()), "{isa:?} {y:?}");
    }
}

#[test]
fn a_block_far_from_zero_keeps_its_variance() {
    // A million standard deviations from zero, and a first value that is an outlier of seven.
    for isa in InstructionSet::available() {
        let (lanes, mut random) = (isa.lanes(), Random::new(4, 0));
        for (offset, outlier) in [(1e6f32, 0.0f32), (0.0, 7.0)] {
            let mut x: Vec<f32> =
                normals(&mut random, MOMENT_BLOCK * lanes).iter().map(|v| v + offset).collect();
            x[..lanes].iter_mut().for_each(|v| *v += outlier);
            let mut partial = vec![0.0; 3 * lanes];
            column_moments(isa, &x, lanes, &mut partial);
            for at in 0..lanes {
                let values: Vec<f64> = x.iter().skip(at).step_by(lanes).map(|&v| f64::from(v)).collect();
                let n = values.len() as f64;
                let mean = values.iter().sum::<f64>() / n;
                let want: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
                let sum = f64::from(partial[lanes + at]);
                let got = f64::from(partial[2 * lanes + at]) - sum * sum / n;
                // Of the squares' digits at most n times are lost; 64 roundings of 6e-8 grow to this at the very worst.
                assert!((got / want - 1.0).abs() < 2.4e-4, "{isa:?} {offset} {outlier}: {got} {want}");
                assert!((f64::from(partial[at]) + sum / n - mean).abs() < 2e-6 * (1.0 + want), "{isa:?}");
            }
        }
    }
}

#[test]
fn periods_are_whole_vectors_and_whole_rows() {
    for isa in InstructionSet::available() {
        for channels in 1..70 {
            let got = period(isa, channels);
            let least = (1..).map(|n| n * channels).find(|n| n.is_multiple_of(isa.lanes()));
            assert_eq!(Some(got), least, "{isa:?} {channels}");
        }
    }
}

proptest! {
    // Miri has no files to remember failures in.
    #![proptest_config(if cfg!(miri) {
        ProptestConfig { cases: 1, failure_persistence: None, ..ProptestConfig::default() }
    } else {
        ProptestConfig::with_cases(48)
    })]

    #[test]
    fn functions_match_reference(len in 0usize..70, scale in prop::sample::select(vec![1.0f32, 5.0, 100.0]), seed: u64) {
        let mut random = Random::new(seed, 0);
        let a: Vec<f32> = normals(&mut random, len).iter().map(|x| scale * x).collect();
        let b = normals(&mut random, len);
        for isa in InstructionSet::available() {
            for (f, g, bound) in [
                (Map::Relu, (|a: f64, _: f64| a.max(0.0)) as fn(f64, f64) -> f64, 0.0),
                (Map::ReluBack, |a, b| if a > 0.0 { b } else { 0.0 }, 0.0),
                (Map::Tanh, |a, _| libm::tanh(a), 4.5e-7),
                (Map::TanhBack, |a, b| b * (1.0 - a * a), 3e-7),
                (Map::Sigmoid, |a, _| sigmoid(a), 3e-7),
                (Map::SigmoidBack, |a, b| b * (a - a * a), 3e-7),
                (Map::Max, f64::max, 0.0),
                (Map::Add, |a, b| a + b, 1e-7),
            ] {
                let mut out = vec![f32::NAN; len];
                map(isa, f, &a, &b, &mut out);
                let mut updated = b.clone();
                update(isa, f, &a, &mut updated);
                prop_assert_eq!(bits(&out), bits(&updated));
                for i in 0..len {
                    let (a, b) = (f64::from(a[i]), f64::from(b[i]));
                    assert_near(&format!("{f:?} {a} {b}"), isa, out[i], g(a, b), bound * b.abs().max(1.0));
                }
            }
            let (mut scaled, mut sum) = (vec![f32::NAN; len], b.clone());
            super::scale(isa, 0.3, &a, &mut scaled);
            add_scaled(isa, 0.3, &a, &mut sum);
            for i in 0..len {
                let product = f64::from(0.3f32) * f64::from(a[i]);
                assert_near("scale", isa, scaled[i], product, 1e-6);
                assert_near("add_scaled", isa, sum[i], product + f64::from(b[i]), 1e-6 * f64::from(scale));
            }
        }
    }

    #[test]
    fn moments_and_dots_match_reference(rows in 1usize..150, channels in 1usize..40, seed: u64) {
        let mut random = Random::new(seed, 0);
        for isa in InstructionSet::available() {
            let period = period(isa, channels);
            let x = normals(&mut random, rows * period);
            let dy = normals(&mut random, rows * period);
            let mean = normals(&mut random, period);
            let blocks = rows.div_ceil(MOMENT_BLOCK);
            let (mut moments, mut dots) = (vec![f32::NAN; blocks * 3 * period], vec![f32::NAN; blocks * 2 * period]);
            column_moments(isa, &x, period, &mut moments);
            column_dots(isa, &dy, &x, &mean, &mut dots);
            for block in 0..blocks {
                for at in 0..period {
                    let rows = block * MOMENT_BLOCK..rows.min((block + 1) * MOMENT_BLOCK);
                    let (mut want, first) = ([0.0; 4], f64::from(x[rows.start * period + at]));
                    for row in rows {
                        let (x, dy) = (f64::from(x[row * period + at]), f64::from(dy[row * period + at]));
                        want[0] += x - first;
                        want[1] += (x - first) * (x - first);
                        want[2] += dy;
                        want[3] += dy * (x - f64::from(mean[at]));
                    }
                    let (m, d) = (&moments[block * 3 * period..], &dots[block * 2 * period..]);
                    prop_assert_eq!(f64::from(m[at]), first);
                    let got = [m[period + at], m[2 * period + at], d[at], d[period + at]];
                    for i in 0..4 {
                        assert_near("sum", isa, got[i], want[i], 2e-5);
                    }
                }
            }
        }
    }

    #[test]
    fn column_sums_are_those_of_the_rows_in_order(rows in 0usize..20, columns in 1usize..80, seed: u64) {
        let mut random = Random::new(seed, 0);
        let (x, before) = (normals(&mut random, rows * columns), normals(&mut random, columns));
        let mut want = before.clone();
        for row in x.chunks(columns) {
            want.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        for isa in InstructionSet::available() {
            let mut sums = before.clone();
            add_column_sums(isa, &x, &mut sums);
            prop_assert_eq!(&sums, &want);
        }
    }

    #[test]
    fn affine_maps_match_reference(len in 0usize..300, channels in 1usize..40, seed: u64) {
        let mut random = Random::new(seed, 0);
        let (x, dy) = (normals(&mut random, len), normals(&mut random, len));
        let p: Vec<Vec<f32>> = (0..4).map(|_| normals(&mut random, channels)).collect();
        for isa in InstructionSet::available() {
            let repeated: Vec<Vec<f32>> = p.iter().map(|p| {
                let mut all = vec![f32::NAN; period(isa, channels)];
                repeat(p, &mut all);
                all
            }).collect();
            let (mut y, mut dx) = (vec![f32::NAN; len], vec![f32::NAN; len]);
            let [mean, scale, shift, offset] = [&repeated[0], &repeated[1], &repeated[2], &repeated[3]];
            affine(isa, &Affine { mean, scale, shift }, &x, &mut y);
            affine_back(isa, &AffineBack { mean, scale, slope: shift, offset }, &x, &dy, &mut dx);
            for i in 0..len {
                let p: Vec<f64> = p.iter().map(|p| f64::from(p[i % channels])).collect();
                let centred = f64::from(x[i]) - p[0];
                assert_near("affine", isa, y[i], centred * p[1] + p[2], 3e-6);
                assert_near("affine_back", isa, dx[i], f64::from(dy[i]) * p[1] + centred * p[2] + p[3], 3e-6);
            }
        }
    }

    /// Taps forwards and backwards over weights, rows that are no whole vectors, a part of the taps.
    #[test]
    fn taps_match_reference(count in 0usize..6, skip in 0usize..3, reversed: bool, batch in 1usize..9, channels in 1usize..20, steps in 1usize..4, seed: u64) {
        let mut random = Random::new(seed, 0);
        let (len, all) = (batch * channels, 2 * count + skip + 1);
        let x = normals(&mut random, (count + 2 * steps) * len);
        let w = normals(&mut random, all * channels);
        let bias = normals(&mut random, channels);
        let dy = normals(&mut random, steps * len);
        for isa in InstructionSet::available() {
            let period = period(isa, channels);
            let (mut weights, mut start) = (vec![f32::NAN; all * period], vec![f32::NAN; period]);
            weights.chunks_mut(period).zip(w.chunks(channels)).for_each(|(to, w)| repeat(w, to));
            repeat(&bias, &mut start);
            let (first, step) = if reversed { (2 * count + skip, -2) } else { (skip, 2isize) };
            let taps = DepthwiseSum { count, x: &x, x_tap: len, weights: &weights, first, step, bias: Some(&start), period };
            let mut y = vec![f32::NAN; len];
            depthwise_sum(isa, &taps, &mut y);
            for i in 0..len {
                let tap = |k: usize| f64::from(w[first.wrapping_add_signed(k as isize * step) * channels + i % channels]) * f64::from(x[k * len + i]);
                assert_near("taps", isa, y[i], f64::from(bias[i % channels]) + (0..count).map(tap).sum::<f64>(), 1e-5);
            }
            let gradient = DepthwiseGradient { count, steps, len, dy: &dy, x: &x, x_tap: len, x_step: 2 * len, period };
            let mut dw = vec![1.0; count * period];
            depthwise_weight_gradient(isa, &gradient, &mut dw);
            for k in 0..count {
                for c in 0..channels {
                    let got: f32 = dw[k * period..(k + 1) * period].iter().skip(c).step_by(channels).sum();
                    let one = |s: usize, i: usize| f64::from(dy[s * len + i]) * f64::from(x[(2 * s + k) * len + i]);
                    let want: f64 = (0..steps).flat_map(|s| (c..len).step_by(channels).map(move |i| one(s, i))).sum();
                    assert_near("taps gradient", isa, got, (period / channels) as f64 + want, 1e-5);
                }
            }
        }
    }

    /// Blocks of several steps, of one, and of a part of one; a part of the taps.
    #[test]
    fn tap_gradient_matches_reference(rows in 1usize..140, steps in 1usize..5, taps in 1usize..4, skip in 0usize..2, inner in 1usize..15, columns in 1usize..40, stride in 1usize..4, seed: u64) {
        let mut random = Random::new(seed, 0);
        let a = normals(&mut random, (steps * stride + taps) * rows * inner);
        let b = normals(&mut random, steps * rows * columns);
        let all = (taps + skip) * inner;
        for isa in InstructionSet::available() {
            let mut packed = vec![0.5; packed_len(isa, all, columns)];
            let gradient = DenseGradient {
                rows, steps, taps, inner, columns, a: &a, a_tap: rows * inner, a_step: stride * rows * inner, b: &b,
                packed_inner: all, first: skip * inner,
            };
            dense_weight_gradient(isa, &gradient, &mut packed);
            // The layout of a convolution's weights: [columns, inner, taps].
            let mut dw = vec![0.0; columns * inner * (taps + skip)];
            for tap in 0..taps + skip {
                let strides = (taps + skip, inner * (taps + skip));
                let at = (all, tap * inner);
                crate::kernel::unpack_tap_add(isa, at, (inner, columns), &packed, &mut dw[tap..], strides);
            }
            for column in 0..columns {
                for k in 0..inner {
                    for tap in 0..taps + skip {
                        let (mut want, mut size) = (0.5, 0.5);
                        for step in (0..steps).filter(|_| tap >= skip) {
                            for row in 0..rows {
                                let x = a[((step * stride + tap - skip) * rows + row) * inner + k];
                                let product = f64::from(x) * f64::from(b[(step * rows + row) * columns + column]);
                                want += product;
                                size += product.abs();
                            }
                        }
                        let got = dw[(column * inner + k) * (taps + skip) + tap];
                        // Rounding grows with what is added up, not with what is left of it.
                        let error = (f64::from(got) - want).abs();
                        prop_assert!(error <= 3e-7 * size + 1e-6, "{isa:?} tap gradient: {got}, {want}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_packed_tap_comes_back(inner in 1usize..20, columns in 1usize..40, taps in 1usize..5) {
        let w: Vec<f32> = (0..inner * columns * taps).map(|i| 1.0 + i as f32).collect();
        for isa in InstructionSet::available() {
            let mut packed = vec![f32::NAN; packed_len(isa, taps * inner, columns)];
            let mut back = vec![0.0; w.len()];
            let strides = (taps, inner * taps);
            for tap in 0..taps {
                let at = (taps * inner, tap * inner);
                crate::kernel::pack_tap(isa, at, (inner, columns), &w[tap..], strides, &mut packed);
            }
            prop_assert!(packed.iter().all(|v| !v.is_nan()));
            for tap in 0..taps {
                let at = (taps * inner, tap * inner);
                crate::kernel::unpack_tap_add(isa, at, (inner, columns), &packed, &mut back[tap..], strides);
            }
            prop_assert_eq!(&back, &w);
        }
    }

    /// Equal values, among them all zeros: the first gets everything.
    #[test]
    fn a_maximum_has_one_owner(steps in 1usize..6, len in 1usize..40, seed: u64) {
        let mut random = Random::new(seed, 0);
        let x: Vec<f32> = (0..steps * len).map(|_| random.below(3) as f32).collect();
        let dy = normals(&mut random, len);
        for isa in InstructionSet::available() {
            let mut y = x[..len].to_vec();
            x[len..].chunks(len).for_each(|x| update(isa, Map::Max, x, &mut y));
            let (mut left, mut dx) = (dy.clone(), vec![0.0; steps * len]);
            x.chunks(len).zip(dx.chunks_mut(len)).for_each(|(x, dx)| max_back(isa, x, &y, &mut left, dx));
            for i in 0..len {
                let column: Vec<f32> = (0..steps).map(|s| x[s * len + i]).collect();
                let owner = crate::argmax(&column);
                for s in 0..steps {
                    prop_assert_eq!(dx[s * len + i], if s == owner { dy[i] } else { 0.0 });
                }
            }
        }
    }
}
