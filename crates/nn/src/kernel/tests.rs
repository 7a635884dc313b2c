//! Every kernel against the obvious reference, on every instruction set this machine has.

use super::pack::GateKind;
use super::*;
use crate::Random;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().copied().map(f64::from).collect()
}

/// Sizes for Miri, which is some thousand times slower, and for all others.
const fn few(miri: usize, otherwise: usize) -> usize {
    if cfg!(miri) { miri } else { otherwise }
}

fn normals(random: &mut Random, n: usize) -> Vec<f32> {
    (0..n).map(|_| random.normal()).collect()
}

/// tanh and the sigmoid of twice the argument, through the vectors of an instruction set.
fn nonlinearities(isa: InstructionSet, x: &[f32]) -> Vec<(f32, f32)> {
    // No inputs to speak of: the bias is the pre-activation, and the functions are read off the saved gates. The bias
    // of a sigmoid is doubled, since packing halves it.
    let hidden = x.len();
    let layout = GateLayout::new(&LSTM, isa, hidden);
    let doubled: Vec<f32> = x.iter().map(|x| 2.0 * x).collect();
    // f32::MAX doubled is infinite, which the functions must bear as well.
    let bias = [&doubled[..], &doubled, x, &doubled].concat();
    let zeros = vec![0.0; 4 * hidden * hidden];
    let mut packed = vec![0.0; layout.forward_len(1)];
    layout.pack(1, [&zeros[..4 * hidden], &zeros, &bias, &zeros[..4 * hidden]], &mut packed);
    let [mut slots, mut saved] = [vec![0.0; layout.row()], vec![0.0; layout.row()]];
    let [mut c, mut t] = [vec![0.0; layout.state()], vec![0.0; layout.state()]];
    let mut h = vec![0.0; hidden];
    lstm_forward(
        isa,
        &mut recurrent::Step {
            rows: 1,
            channels: 1,
            hidden,
            packed: &packed,
            below: recurrent::FromBelow::Input(&[0.0]),
            h_before: None,
            slots: &mut slots,
            slots_stride: layout.panel(),
            backwards: false,
            saved: Some(&mut saved),
            c_before: None,
            c: &mut c,
            tanh_c: Some(&mut t),
            h: &mut h,
            h_stride: hidden,
        },
    );
    let at = |gate: usize, unit: usize| {
        saved[(unit / layout.lanes * 4 + gate) * layout.lanes + unit % layout.lanes]
    };
    (0..hidden).map(|unit| (at(2, unit), at(0, unit))).collect()
}

#[test]
#[cfg_attr(miri, ignore = "millions of values, all through the same few operations")]
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
        for block in 0..65_536 {
            let x: Vec<f32> = (0..32).map(|i| (block * 32 + i - 1_048_576) as f32 * 1e-5).collect();
            check(&x);
        }
        // Every number just below the limit, where the function is closest to leaving its range.
        let mut x = 7.0f32;
        while x < 7.9 {
            let block: Vec<f32> = (0..32).map(|i| f32::from_bits(x.to_bits() + i)).collect();
            check(&block);
            x = f32::from_bits(x.to_bits() + 32);
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
fn the_pages_name_every_instruction_set() {
    for page in ["FORMATS.md", "PROTOCOLS.md"] {
        let path = format!("{}/../../docs/{page}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        for isa in InstructionSet::ALL.iter().filter(|isa| **isa != InstructionSet::Wide) {
            assert!(text.contains(&format!("`{}`", isa.name())), "{path} does not name {isa:?}");
        }
    }
}

#[test]
fn an_instruction_set_the_processor_lacks_is_refused() {
    for isa in InstructionSet::ALL.iter().copied().filter(|isa| !isa.is_available()) {
        let product = Product::plain((0, 0, 0), &[], &[], Start::Zero);
        assert!(std::panic::catch_unwind(|| multiply(isa, &product, &mut [])).is_err(), "{isa:?}");
    }
}

/// One step of a layer on random values scaled by `scale` against the reference in f64, groups in either order.
fn check_step(
    kind: &'static GateKind,
    isa: InstructionSet,
    (rows, channels, hidden): (usize, usize, usize),
    scale: f32,
    seed: u64,
) {
    let mut random = Random::new(seed, 0);
    let layout = GateLayout::new(kind, isa, hidden);
    let gates = layout.gates();
    let w_ih = normals(&mut random, gates * hidden * channels);
    let w_hh = normals(&mut random, gates * hidden * hidden);
    let biases = [normals(&mut random, gates * hidden), normals(&mut random, gates * hidden)];
    let x: Vec<f32> = normals(&mut random, rows * channels).iter().map(|x| scale * x).collect();
    let h_before: Vec<f32> = (0..rows * hidden).map(|_| 2.0 * random.uniform() - 1.0).collect();
    let mut packed = vec![f32::NAN; layout.forward_len(channels)];
    layout.pack(channels, [&w_ih, &w_hh, &biases[0], &biases[1]], &mut packed);
    let lstm = core::ptr::eq(kind, &LSTM);
    let state = if lstm { rows * layout.state() } else { 0 };
    let place =
        |row: usize, unit: usize| (unit / layout.lanes * rows + row) * layout.lanes + unit % layout.lanes;
    let mut c_before = vec![0.0; state];
    for row in 0..rows {
        for unit in 0..if lstm { hidden } else { 0 } {
            c_before[place(row, unit)] = 2.0 * random.normal();
        }
    }
    let mut results = Vec::new();
    let mut projected = vec![f32::NAN; rows * layout.row()];
    let projection = &mut recurrent::Projection {
        rows,
        channels,
        hidden,
        vectors: kind.vectors,
        packed: &packed,
        x: &x,
        slots: &mut projected,
    };
    recurrent_project(isa, projection);
    // One row alone takes two groups at a time when they have places of their own.
    let apart = rows * layout.panel();
    let input = recurrent::FromBelow::Input(&x);
    let ways = [
        (false, 0, input),
        (true, 0, input),
        (false, apart, input),
        (true, apart, recurrent::FromBelow::Projected),
    ];
    for (backwards, stride, below) in ways {
        let mut slots = match below {
            recurrent::FromBelow::Input(_) => vec![f32::NAN; rows * layout.row()],
            recurrent::FromBelow::Projected => projected.clone(),
        };
        let mut saved = vec![0.0; rows * layout.row()];
        let (mut c, mut t, mut h) = (vec![0.0; state], vec![0.0; state], vec![f32::NAN; rows * hidden]);
        let step = &mut recurrent::Step {
            rows,
            channels,
            hidden,
            packed: &packed,
            below,
            h_before: Some(&h_before),
            slots: &mut slots,
            slots_stride: stride,
            backwards,
            saved: Some(&mut saved),
            c_before: lstm.then_some(&c_before),
            c: &mut c,
            tanh_c: lstm.then_some(&mut t),
            h: &mut h,
            h_stride: hidden,
        };
        if lstm {
            lstm_forward(isa, step);
        } else {
            gru_forward(isa, step);
        }
        results.push((c, h));
    }
    assert!(results.iter().all(|r| *r == results[0]), "{isa:?}: the way changes bits");
    let (c, h) = &results[0];
    for row in 0..rows {
        for unit in 0..hidden {
            let sum = |w: &[f32], v: &[f32], bias: &[f32], n: usize, gate: usize| -> f64 {
                let j = gate * hidden + unit;
                let products = (0..n).map(|k| f64::from(w[j * n + k]) * f64::from(v[row * n + k]));
                products.sum::<f64>() + f64::from(bias[j])
            };
            let from_x = |gate| sum(&w_ih, &x, &biases[0], channels, gate);
            let from_h = |gate| sum(&w_hh, &h_before, &biases[1], hidden, gate);
            let z = |gate| from_x(gate) + from_h(gate);
            // A sum of large products rounds at their size; the gates then flatten all but a few of them.
            let bound = 2e-5 * f64::from(scale.min(1e3)).max(1.0);
            let got = f64::from(h[row * hidden + unit]);
            let want = if lstm {
                let before = f64::from(c_before[place(row, unit)]);
                let (want_c, want_h) = reference::lstm_cell([z(0), z(1), z(2), z(3)], before);
                let got = f64::from(c[place(row, unit)]);
                assert!((got - want_c).abs() < bound, "{isa:?} c[{row}][{unit}]: {got}, {want_c}");
                want_h
            } else {
                let before = f64::from(h_before[row * hidden + unit]);
                reference::gru_cell([z(0), z(1)], [from_x(2), from_h(2)], before)
            };
            assert!(
                (got - want).abs() < bound && got.abs() <= 1.0,
                "{isa:?} h[{row}][{unit}]: {got}, {want}"
            );
        }
    }
}

proptest! {
    // Miri has no files to remember failures in.
    #![proptest_config(if cfg!(miri) {
        ProptestConfig { cases: 1, failure_persistence: None, ..ProptestConfig::default() }
    } else {
        ProptestConfig::with_cases(64)
    })]

    #[test]
    fn product_matches_reference(rows in 0usize..few(14, 60), inner in 0usize..few(8, 40), columns in 0usize..50, add: bool, seed: u64) {
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
    fn a_row_has_the_same_bits_alone_and_among_others(rows in 2usize..few(14, 40), inner in 1usize..30, columns in 1usize..50, seed: u64) {
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
    fn gates_come_back_from_their_groups(hidden in 1usize..40, inner in 1usize..9, seed: u64) {
        let mut random = Random::new(seed, 0);
        for (kind, isa) in [&LSTM, &GRU].into_iter().flat_map(|k| InstructionSet::available().map(move |i| (k, i))) {
            let layout = GateLayout::new(kind, isa, hidden);
            let gates = layout.gates() * hidden;
            for side in [Side::Input, Side::State] {
                // Rows of slots times the packed weights of the way back: the plain product with the gates' rows.
                let w = normals(&mut random, gates * inner);
                let mut packed = vec![f32::NAN; packed_len(isa, layout.reached(), inner)];
                layout.pack_back(side, &w, inner, &mut packed);
                let mut back = vec![0.0; layout.reached() * inner];
                unpack_add(isa, (layout.reached(), inner), &packed, &mut back, (inner, 1));
                let mut plain = vec![0.0; gates * inner];
                let width = layout.kind.vectors * layout.lanes;
                let mut grouped = vec![0.0; layout.reached() * inner];
                for (k, row) in back.chunks(inner).enumerate() {
                    for (j, v) in row.iter().enumerate() {
                        grouped[(k / width * inner + j) * width + k % width] = *v;
                    }
                }
                layout.unpack_add(side, &grouped, inner, &mut plain);
                prop_assert_eq!(&plain, &w);
            }
        }
    }

    /// Gradients of weights of a layer for rows of inputs and slots, some rows further apart, wide inputs among them.
    #[test]
    fn recurrent_weight_gradient_matches_reference(rows in 1usize..few(5, 40), inner in prop::sample::select(vec![1usize, 2, 5, 8, 33, 97, 131]), hidden in 1usize..few(6, 20), apart in 0usize..3, seed: u64) {
        let mut random = Random::new(seed, 0);
        let a = normals(&mut random, rows * (inner + apart));
        for (kind, isa) in [&LSTM, &GRU].into_iter().flat_map(|k| InstructionSet::available().map(move |i| (k, i))) {
            let layout = GateLayout::new(kind, isa, hidden);
            for (side, first) in [(Side::Input, 0), (Side::State, kind.first_of_state)] {
                let d_slots = normals(&mut random, rows * layout.row());
                let mut dw = vec![0.0; layout.reached() * inner];
                recurrent_weight_gradient(isa, &mut recurrent::GateGradient {
                    rows, inner, a: &a, a_row: inner + apart, d_slots: &d_slots, d_slots_stride: rows * layout.panel(),
                    slots: (first, kind.vectors), dw: &mut dw, hidden, transposed: &mut vec![f32::NAN; recurrent::transposed_len(rows, inner)],
                });
                let mut plain = vec![0.0; layout.gates() * hidden * inner];
                layout.unpack_add(side, &dw, inner, &mut plain);
                let slots = if side == Side::Input { kind.of_input } else { kind.of_state };
                for (j, got) in plain.iter().enumerate() {
                    let (gate, unit, k) = (j / inner / hidden, j / inner % hidden, j % inner);
                    let want: f64 = (0..rows).map(|row| {
                        let d = d_slots[((unit / layout.lanes * rows + row) * 4 + slots[gate]) * layout.lanes + unit % layout.lanes];
                        f64::from(d) * f64::from(a[row * (inner + apart) + k])
                    }).sum();
                    prop_assert!((f64::from(*got) - want).abs() < 1e-4, "{isa:?} {side:?} {gate} {unit} {k}: {got} {want}");
                }
            }
        }
    }

    #[test]
    fn weight_gradient_matches_reference(samples in 0usize..few(5, 50), rows in 1usize..few(14, 30), columns in 1usize..40, seed: u64) {
        let mut random = Random::new(seed, 0);
        let dy = normals(&mut random, samples * columns);
        let x = normals(&mut random, samples * rows);
        for isa in InstructionSet::available() {
            let mut packed = vec![1.0; packed_len(isa, rows, columns)];
            dense_weight_gradient(isa, &DenseGradient::plain((samples, rows, columns), &x, &dy), &mut packed);
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
    fn steps_match_reference_on_ordinary_and_extreme_input(rows in 1usize..few(4, 9), channels in 1usize..few(4, 12), hidden in 1usize..few(18, 40), scale in prop::sample::select(vec![1.0f32, 30.0, 1e3]), seed: u64) {
        for isa in InstructionSet::available() {
            check_step(&LSTM, isa, (rows, channels, hidden), scale, seed);
            check_step(&GRU, isa, (rows, channels, hidden), scale, seed);
        }
    }

    /// Wide enough that products of input and state are taken one after the other.
    #[test]
    #[cfg_attr(miri, ignore = "too much arithmetic")]
    fn wide_steps_match_reference(rows in 1usize..5, channels in 100usize..180, hidden in 60usize..90, seed: u64) {
        for isa in InstructionSet::available() {
            check_step(&LSTM, isa, (rows, channels, hidden), 1.0, seed);
            check_step(&GRU, isa, (rows, channels, hidden), 1.0, seed);
        }
    }

    #[test]
    fn softmax_is_a_distribution_for_any_logits(mut row in prop::collection::vec(-1e30f32..1e30, 1..12)) {
        softmax(&mut row);
        prop_assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        prop_assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}
