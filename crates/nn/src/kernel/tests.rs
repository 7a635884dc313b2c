//! Every kernel against the obvious reference, on every instruction set this machine has.

use super::*;
use crate::Random;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().copied().map(f64::from).collect()
}

fn normals(random: &mut Random, n: usize) -> Vec<f32> {
    (0..n).map(|_| random.normal()).collect()
}

/// tanh and the sigmoid of twice the argument, through the vectors of an instruction set.
fn nonlinearities(isa: InstructionSet, x: &[f32]) -> Vec<(f32, f32)> {
    // One group of units, no inputs to speak of: the bias is the pre-activation. i = 0 and f = 1/2 leave c at 0,
    // so the functions are read off the saved gates.
    let hidden = x.len();
    let layout = GateLayout::lstm(isa, hidden);
    let mut packed = vec![0.0; layout.row() * (2 + hidden)];
    let bias: Vec<f32> = x.iter().chain(x).chain(x).chain(x).copied().collect();
    layout.pack(&bias, 1, &mut packed, (2 + hidden, 0), &[1.0; 4]);
    let (mut gates, mut c, mut t) =
        (vec![0.0; layout.row()], vec![0.0; layout.state()], vec![0.0; layout.state()]);
    let mut h = vec![0.0; hidden];
    lstm_forward(
        isa,
        &mut lstm::Step {
            rows: 1,
            channels: 1,
            hidden,
            packed: &packed,
            below: lstm::FromBelow::Input(&[0.0]),
            h_before: None,
            gates_stride: layout.panel(),
            gates: &mut gates,
            c_before: None,
            c: &mut c,
            tanh_c: Some(&mut t),
            h: &mut h,
            h_stride: hidden,
        },
    );
    let at = |gate: usize, unit: usize| {
        gates[(unit / layout.lanes * 4 + gate) * layout.lanes + unit % layout.lanes]
    };
    (0..hidden).map(|unit| (at(2, unit), at(0, unit))).collect()
}

#[test]
fn tanh_and_sigmoid_stay_close_and_in_range() {
    for isa in InstructionSet::available() {
        let mut worst = (0f64, 0f64);
        let mut check = |x: &[f32]| {
            for (&x, (t, s)) in x.iter().zip(nonlinearities(isa, x)) {
                assert!((-1.0..=1.0).contains(&t) && (0.0..=1.0).contains(&s), "{isa:?} at {x}: {t} {s}");
                worst.0 = worst.0.max((f64::from(t) - libm::tanh(f64::from(x))).abs());
                worst.1 = worst.1.max((f64::from(s) - reference::sigmoid(2.0 * f64::from(x))).abs());
            }
        };
        for block in 0..4096 {
            let x: Vec<f32> = (0..512).map(|i| (block * 512 + i - 1_048_576) as f32 * 1e-5).collect();
            check(&x);
        }
        // Every number just below the limit, where the function is closest to leaving its range.
        let mut x = 7.0f32;
        while x < 7.9 {
            let block: Vec<f32> = (0..512).map(|i| f32::from_bits(x.to_bits() + i)).collect();
            check(&block);
            x = f32::from_bits(x.to_bits() + 512);
        }
        assert!(worst.0 < 4.5e-7 && worst.1 < 3e-7, "{isa:?}: largest absolute errors {worst:?}");
    }
}

#[test]
fn tanh_and_sigmoid_at_the_ends_of_f32() {
    for isa in InstructionSet::available() {
        let x = [f32::INFINITY, f32::MAX, 1e30, 100.0, 9.1];
        let minus: Vec<f32> = x.iter().map(|x| -x).collect();
        for ((t, s), (mt, ms)) in nonlinearities(isa, &x).into_iter().zip(nonlinearities(isa, &minus)) {
            assert!((t - 1.0).abs() < 5e-7 && (s - 1.0).abs() < 3e-7, "{isa:?}: {t} {s}");
            assert!((mt + 1.0).abs() < 5e-7 && ms.abs() < 3e-7, "{isa:?}: {mt} {ms}");
        }
        let odd = nonlinearities(isa, &[0.0, f32::NAN, 1e-20]);
        assert_eq!(odd[0], (0.0, 0.5));
        assert!(odd[1].0.is_nan() && odd[1].1.is_nan(), "{isa:?}: a diverged network must show");
        assert!((odd[2].0 / 1e-20 - 1.0).abs() < 1e-6, "{isa:?}: relative error near zero");
    }
}

#[test]
fn an_instruction_set_the_processor_lacks_is_refused() {
    for isa in InstructionSet::ALL.into_iter().filter(|isa| !isa.is_available()) {
        let product = Product::plain((0, 0, 0), &[], &[], Start::Zero);
        assert!(std::panic::catch_unwind(|| multiply(isa, &product, &mut [])).is_err(), "{isa:?}");
    }
}

/// One step of a layer on random values scaled by `scale`, and its gradients, against the reference in f64.
fn check_lstm(isa: InstructionSet, (rows, channels, hidden): (usize, usize, usize), scale: f32, seed: u64) {
    let mut random = Random::new(seed, 0);
    let layout = GateLayout::lstm(isa, hidden);
    let w_ih: Vec<f32> = normals(&mut random, 4 * hidden * channels);
    let w_hh: Vec<f32> = normals(&mut random, 4 * hidden * hidden);
    let bias: Vec<f32> = normals(&mut random, 4 * hidden);
    let x: Vec<f32> = normals(&mut random, rows * channels).iter().map(|x| scale * x).collect();
    let h_before: Vec<f32> = (0..rows * hidden).map(|_| 2.0 * random.uniform() - 1.0).collect();
    let inner = 1 + channels + hidden;
    let mut packed = vec![f32::NAN; layout.row() * inner];
    let factors = [0.5, 0.5, 1.0, 0.5];
    layout.pack(&bias, 1, &mut packed, (inner, 0), &factors);
    layout.pack(&w_ih, channels, &mut packed, (inner, 1), &factors);
    layout.pack(&w_hh, hidden, &mut packed, (inner, 1 + channels), &factors);
    let state = rows * layout.state();
    let place =
        |row: usize, unit: usize| (unit / layout.lanes * rows + row) * layout.lanes + unit % layout.lanes;
    let mut c_before = vec![0.0; state];
    for row in 0..rows {
        for unit in 0..hidden {
            c_before[place(row, unit)] = 2.0 * random.normal();
        }
    }
    let (mut gates, mut c, mut t) = (vec![0.0; rows * layout.row()], vec![0.0; state], vec![0.0; state]);
    let mut h = vec![f32::NAN; rows * hidden];
    lstm_forward(
        isa,
        &mut lstm::Step {
            rows,
            channels,
            hidden,
            packed: &packed,
            below: lstm::FromBelow::Input(&x),
            h_before: Some(&h_before),
            gates_stride: rows * layout.panel(),
            gates: &mut gates,
            c_before: Some(&c_before),
            c: &mut c,
            tanh_c: Some(&mut t),
            h: &mut h,
            h_stride: hidden,
        },
    );
    for row in 0..rows {
        for unit in 0..hidden {
            let z = core::array::from_fn(|gate| {
                let j = gate * hidden + unit;
                let from = |w: &[f32], v: &[f32], n: usize| -> f64 {
                    (0..n).map(|k| f64::from(w[j * n + k]) * f64::from(v[row * n + k])).sum()
                };
                f64::from(bias[j]) + from(&w_ih, &x, channels) + from(&w_hh, &h_before, hidden)
            });
            let (want_c, want_h) = reference::lstm_cell(z, f64::from(c_before[place(row, unit)]));
            // A sum of large products rounds at their size; the gates then flatten all but a few of them.
            let bound = 2e-5 * f64::from(scale.min(1e3)).max(1.0);
            let got = (f64::from(c[place(row, unit)]), f64::from(h[row * hidden + unit]));
            assert!((got.0 - want_c).abs() < bound, "{isa:?} c[{row}][{unit}]: {got:?}, {want_c}");
            assert!(
                (got.1 - want_h).abs() < bound && got.1.abs() <= 1.0,
                "{isa:?} h[{row}][{unit}]: {got:?}, {want_h}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn product_matches_reference(rows in 0usize..60, inner in 0usize..40, columns in 0usize..50, add: bool, seed: u64) {
        let mut random = Random::new(seed, 0);
        let a = normals(&mut random, rows * inner);
        let b = normals(&mut random, inner * columns);
        let before = normals(&mut random, rows * columns);
        for isa in InstructionSet::available() {
            let mut packed = vec![f32::NAN; packed_len(isa, inner, columns)];
            pack(isa, (inner, columns), &b, (columns, 1), &mut packed);
            let mut expected = reference::multiply(rows, inner, columns, &wide(&a), &wide(&b));
            if add {
                for (e, b) in expected.iter_mut().zip(&before) { *e += f64::from(*b); }
            }
            let mut c = before.clone();
            let start = if add { Start::Add } else { Start::Zero };
            multiply(isa, &Product::plain((rows, inner, columns), &a, &packed, start), &mut c);
            for (got, want) in c.iter().zip(&expected) {
                prop_assert!((f64::from(*got) - want).abs() < 1e-5 * (1.0 + want.abs()) * (inner as f64 + 1.0).sqrt(), "{isa:?} {got} {want}");
            }
        }
    }

    /// Overlapping segments as in a convolution, a part of the packed rows, rows of the result further apart.
    #[test]
    fn segmented_product_matches_reference(rows in 1usize..20, channels in 1usize..9, taps in 1usize..5, skip in 0usize..3, columns in 1usize..40, apart in 0usize..5, seed: u64) {
        let mut random = Random::new(seed, 0);
        let total = (taps + skip) * channels;
        let a = normals(&mut random, (rows + taps) * channels);
        let b = normals(&mut random, total * columns);
        let bias = normals(&mut random, columns);
        for isa in InstructionSet::available() {
            let mut packed = vec![f32::NAN; packed_len(isa, total, columns)];
            pack(isa, (total, columns), &b, (columns, 1), &mut packed);
            let product = Product {
                rows, columns, a: &a, row_stride: channels, segments: taps, segment_stride: channels, inner: channels,
                packed: &packed, packed_inner: total, first: skip * channels, result_stride: columns + apart, start: Start::Bias(&bias),
            };
            let mut c = vec![7.0; rows * (columns + apart)];
            multiply(isa, &product, &mut c);
            for row in 0..rows {
                for j in 0..columns {
                    let want = f64::from(bias[j]) + (0..taps * channels).map(|k| f64::from(a[row * channels + k]) * f64::from(b[(skip * channels + k) * columns + j])).sum::<f64>();
                    prop_assert!((f64::from(c[row * (columns + apart) + j]) - want).abs() < 1e-4, "{isa:?}");
                }
                prop_assert!(c[row * (columns + apart) + columns..(row + 1) * (columns + apart)].iter().all(|&v| v == 7.0));
            }
        }
    }

    #[test]
    fn a_row_has_the_same_bits_alone_and_among_others(rows in 2usize..40, inner in 1usize..30, columns in 1usize..50, seed: u64) {
        let mut random = Random::new(seed, 0);
        let (a, b) = (normals(&mut random, rows * inner), normals(&mut random, inner * columns));
        for isa in InstructionSet::available() {
            let mut packed = vec![0.0; packed_len(isa, inner, columns)];
            pack(isa, (inner, columns), &b, (columns, 1), &mut packed);
            let mut all = vec![0.0; rows * columns];
            multiply(isa, &Product::plain((rows, inner, columns), &a, &packed, Start::Zero), &mut all);
            for (a, expected) in a.chunks(inner).zip(all.chunks(columns)) {
                let mut one = vec![0.0; columns];
                multiply(isa, &Product::plain((1, inner, columns), a, &packed, Start::Zero), &mut one);
                prop_assert_eq!(&one[..], expected);
            }
        }
    }

    #[test]
    fn packing_a_transpose_is_packing_with_swapped_strides(inner in 1usize..20, columns in 1usize..40) {
        let b: Vec<f32> = (0..inner * columns).map(|i| i as f32).collect();
        let mut transposed = vec![0.0; inner * columns];
        for k in 0..inner { for j in 0..columns { transposed[j * inner + k] = b[k * columns + j]; } }
        for isa in InstructionSet::available() {
            let len = packed_len(isa, inner, columns);
            let (mut p, mut q) = (vec![0.0; len], vec![0.0; len]);
            pack(isa, (inner, columns), &b, (columns, 1), &mut p);
            pack(isa, (inner, columns), &transposed, (1, inner), &mut q);
            prop_assert_eq!(&p, &q);
            let mut back = vec![0.0; inner * columns];
            unpack_add(isa, (inner, columns), &p, &mut back, (columns, 1));
            prop_assert_eq!(&back, &b);
        }
    }

    #[test]
    fn gates_come_back_from_their_groups(hidden in 1usize..40, inner in 1usize..9) {
        let w: Vec<f32> = (0..4 * hidden * inner).map(|i| 1.0 + i as f32).collect();
        for isa in InstructionSet::available() {
            let layout = GateLayout::lstm(isa, hidden);
            let mut packed = vec![f32::NAN; layout.row() * inner];
            layout.pack(&w, inner, &mut packed, (inner, 0), &[1.0; 4]);
            prop_assert_eq!(packed.iter().filter(|&&v| v == 0.0).count(), packed.len() - w.len());
            let mut back = vec![0.0; w.len()];
            layout.unpack_add(&packed, inner, &mut back);
            prop_assert_eq!(&back, &w);
        }
    }

    #[test]
    fn weight_gradient_matches_reference(samples in 0usize..50, rows in 1usize..30, columns in 1usize..40, seed: u64) {
        let mut random = Random::new(seed, 0);
        let dy = normals(&mut random, samples * columns);
        let x = normals(&mut random, samples * rows);
        for isa in InstructionSet::available() {
            let mut packed = vec![1.0; packed_len(isa, rows, columns)];
            accumulate_weight_gradient(isa, &WeightGradient::plain((samples, rows, columns), &x, &dy), &mut packed);
            let mut dw = vec![0.0; rows * columns];
            unpack_add(isa, (rows, columns), &packed, &mut dw, (columns, 1));
            for r in 0..rows {
                for c in 0..columns {
                    let want = 1.0 + (0..samples).map(|s| f64::from(x[s * rows + r]) * f64::from(dy[s * columns + c])).sum::<f64>();
                    prop_assert!((f64::from(dw[r * columns + c]) - want).abs() < 1e-4 * (1.0 + want.abs()), "{isa:?}");
                }
            }
        }
    }

    #[test]
    fn lstm_step_matches_reference_on_ordinary_and_extreme_input(rows in 1usize..9, channels in 1usize..12, hidden in 1usize..40, scale in prop::sample::select(vec![1.0f32, 30.0, 1e3]), seed: u64) {
        for isa in InstructionSet::available() {
            check_lstm(isa, (rows, channels, hidden), scale, seed);
        }
    }

    #[test]
    fn softmax_is_a_distribution_for_any_logits(mut row in prop::collection::vec(-1e30f32..1e30, 1..12)) {
        softmax(&mut row);
        prop_assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        prop_assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}
