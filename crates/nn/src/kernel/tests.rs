//! Every kernel against the obvious reference, on every instruction set this machine has.

use super::*;
use crate::Random;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

fn instruction_sets() -> Vec<InstructionSet> {
    let mut sets = vec![InstructionSet::Scalar];
    if InstructionSet::detect() != InstructionSet::Scalar {
        sets.push(InstructionSet::detect());
    }
    sets
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().copied().map(f64::from).collect()
}

#[test]
fn tanh_and_sigmoid_stay_close_and_in_range() {
    let mut worst = [0f64; 4];
    for step in -4_000_000..=4_000_000_i32 {
        let x = step as f32 * 5e-6;
        let (t, s) = (math::tanh::<true>(x), math::sigmoid::<true>(x));
        let (t0, s0) = (math::tanh::<false>(x), math::sigmoid::<false>(x));
        assert!((-1.0..=1.0).contains(&t) && (0.0..=1.0).contains(&s), "at {x}: {t} {s}");
        assert!((-1.0..=1.0).contains(&t0) && (0.0..=1.0).contains(&s0), "at {x}: {t0} {s0}");
        let (et, es) = (libm::tanh(f64::from(x)), reference::sigmoid(f64::from(x)));
        for (w, (got, want)) in worst.iter_mut().zip([(t, et), (s, es), (t0, et), (s0, es)]) {
            *w = w.max((f64::from(got) - want).abs());
        }
    }
    assert!(worst.iter().all(|&w| w < 4e-7), "largest absolute errors {worst:?}");
}

#[test]
fn tanh_and_sigmoid_at_the_ends_of_f32() {
    let near = |got: f32, want: f32| (got - want).abs() < 2e-7;
    for x in [f32::INFINITY, f32::MAX, 1e30, 100.0, 9.1] {
        assert!(near(math::tanh::<false>(x), 1.0) && near(math::tanh::<false>(-x), -1.0), "{x}");
        assert!(
            near(math::sigmoid::<false>(2.0 * x), 1.0) && near(math::sigmoid::<false>(-2.0 * x), 0.0),
            "{x}"
        );
    }
    assert_eq!(math::tanh::<false>(0.0), 0.0);
    assert!(math::tanh::<true>(f32::NAN).is_nan() && math::sigmoid::<true>(f32::NAN).is_nan());
    let tiny = 1e-20;
    assert!((math::tanh::<false>(tiny) / tiny - 1.0).abs() < 1e-6, "relative error near zero");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn product_matches_reference(rows in 0usize..60, inner in 0usize..40, columns in 0usize..50, accumulate: bool, seed: u64) {
        let mut random = Random::new(seed, 0);
        let a: Vec<f32> = (0..rows * inner).map(|_| random.normal()).collect();
        let b: Vec<f32> = (0..inner * columns).map(|_| random.normal()).collect();
        let before: Vec<f32> = (0..rows * columns).map(|_| random.normal()).collect();
        let mut packed = vec![f32::NAN; packed_len(inner, columns)];
        pack(inner, columns, &b, columns, 1, &mut packed);
        let mut expected = reference::multiply(rows, inner, columns, &wide(&a), &wide(&b));
        if accumulate {
            for (e, b) in expected.iter_mut().zip(&before) { *e += f64::from(*b); }
        }
        for isa in instruction_sets() {
            let mut c = before.clone();
            multiply(isa, &Product { rows, inner, columns, a: &a, packed: &packed, accumulate }, &mut c);
            for (got, want) in c.iter().zip(&expected) {
                prop_assert!((f64::from(*got) - want).abs() < 1e-5 * (1.0 + want.abs()) * (inner as f64 + 1.0).sqrt(), "{isa:?} {got} {want}");
            }
        }
    }

    #[test]
    fn packing_a_transpose_is_packing_with_swapped_strides(inner in 1usize..20, columns in 1usize..40) {
        let b: Vec<f32> = (0..inner * columns).map(|i| i as f32).collect();
        let mut transposed = vec![0.0; inner * columns];
        for k in 0..inner { for j in 0..columns { transposed[j * inner + k] = b[k * columns + j]; } }
        let (mut p, mut q) = (vec![0.0; packed_len(inner, columns)], vec![0.0; packed_len(inner, columns)]);
        pack(inner, columns, &b, columns, 1, &mut p);
        pack(inner, columns, &transposed, 1, inner, &mut q);
        prop_assert_eq!(p, q);
    }

    #[test]
    fn weight_gradient_matches_reference(samples in 0usize..50, rows in 1usize..30, columns in 1usize..30, seed: u64) {
        let mut random = Random::new(seed, 0);
        let dy: Vec<f32> = (0..samples * rows).map(|_| random.normal()).collect();
        let x: Vec<f32> = (0..samples * columns).map(|_| random.normal()).collect();
        let mut dw = vec![1.0; rows * columns];
        accumulate_weight_gradient(samples, rows, columns, &dy, &x, &mut dw);
        for r in 0..rows {
            for c in 0..columns {
                let want = 1.0 + (0..samples).map(|s| f64::from(dy[s * rows + r]) * f64::from(x[s * columns + c])).sum::<f64>();
                prop_assert!((f64::from(dw[r * columns + c]) - want).abs() < 1e-4 * (1.0 + want.abs()));
            }
        }
    }

    #[test]
    fn cell_matches_reference_on_ordinary_and_extreme_input(batch in 1usize..4, hidden in 1usize..40, scale in prop::sample::select(vec![1.0f32, 30.0, 1e3, 1e30]), seed: u64) {
        let mut random = Random::new(seed, 0);
        let z: Vec<f32> = (0..batch * 4 * hidden).map(|_| scale * random.normal()).collect();
        let before: Vec<f32> = (0..batch * hidden).map(|_| 2.0 * random.normal()).collect();
        for isa in instruction_sets() {
            let mut gates = z.clone();
            let (mut c, mut t, mut h) = (vec![0.0; batch * hidden], vec![0.0; batch * hidden], vec![0.0; batch * hidden]);
            lstm_cell_forward(isa, hidden, &mut gates, &before, &mut c, &mut t, &mut h);
            for b in 0..batch {
                for j in 0..hidden {
                    let at = |gate: usize| f64::from(z[(b * 4 + gate) * hidden + j]);
                    let (want_c, want_h) = reference::lstm_cell([at(0), at(1), at(2), at(3)], f64::from(before[b * hidden + j]));
                    prop_assert!((f64::from(c[b * hidden + j]) - want_c).abs() < 1e-5);
                    prop_assert!((f64::from(h[b * hidden + j]) - want_h).abs() < 1e-5);
                    prop_assert!(h[b * hidden + j].abs() <= 1.0);
                }
            }
        }
    }

    #[test]
    fn softmax_is_a_distribution_for_any_logits(mut row in prop::collection::vec(-1e30f32..1e30, 1..12)) {
        softmax(&mut row);
        prop_assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        prop_assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}
