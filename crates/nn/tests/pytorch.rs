//! The engine against vectors that PyTorch computed (`fixtures/make_torch.py`).

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::{AdamW, AdamWConfig, Schedule, clip_global_norm};
use ambulo_nn::{
    Architecture, Buffers, Gradients, InstructionSet, LayerSpec, Mode, Network, Pooling, Role, Shape,
};
use safetensors::SafeTensors;

struct Fixture(Vec<u8>);

impl Fixture {
    fn read(name: &str) -> Self {
        let path = format!("{}/tests/fixtures/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
        Self(std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}")))
    }

    fn tensors(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.0).unwrap()
    }

    fn has(&self, name: &str) -> bool {
        self.tensors().tensor(name).is_ok()
    }

    fn shape(&self, name: &str) -> Vec<usize> {
        self.tensors().tensor(name).unwrap_or_else(|e| panic!("{name}: {e}")).shape().to_vec()
    }

    fn f32(&self, name: &str) -> Vec<f32> {
        let tensors = self.tensors();
        let view = tensors.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        view.data().as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
    }

    fn f64(&self, name: &str) -> Vec<f64> {
        let tensors = self.tensors();
        let view = tensors.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        view.data().as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)).collect()
    }

    fn i32(&self, name: &str) -> Vec<i32> {
        self.f32(name).into_iter().map(|x| x.to_bits() as i32).collect()
    }
}

/// Largest difference relative to the tensor's largest value: near zero single elements have no relative error.
fn assert_close(what: &str, got: &[f32], want: &[f32], bound: f32) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(0f32, |m, x| m.max(x.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let error = (g - w).abs();
        assert!(error <= bound * scale.max(1e-6), "{what}[{i}]: {g}, PyTorch {w}, largest {scale}");
    }
}

/// `[batch, time, channel]` to `[time, batch, channel]`.
fn time_major(x: &[f32], batch: usize, time: usize) -> Vec<f32> {
    let channels = x.len() / (batch * time);
    (0..time)
        .flat_map(|t| (0..batch).flat_map(move |b| (0..channels).map(move |c| (b * time + t) * channels + c)))
        .map(|i| x[i])
        .collect()
}

struct Case {
    network: Network,
    weights: Vec<f32>,
    packed: Vec<f32>,
    buffers: Buffers,
    batch: usize,
}

impl Case {
    /// Weights by the fixture's name for each of the network's parameters.
    fn new(layers: Vec<LayerSpec>, input: &[usize], weights_of: impl Fn(&str) -> Vec<f32>) -> Self {
        Self::on(InstructionSet::detect(), layers, input, weights_of)
    }

    fn on(
        isa: InstructionSet,
        layers: Vec<LayerSpec>,
        input: &[usize],
        weights_of: impl Fn(&str) -> Vec<f32>,
    ) -> Self {
        let shape = Shape { time: input[1], channels: input[2] };
        let network = Network::with_instruction_set(&Architecture { layers }, shape, isa).unwrap();
        let weights: Vec<f32> = network.parameters().iter().flat_map(|p| weights_of(&p.name)).collect();
        let mut packed = vec![0.0; network.training_packed_len()];
        network.pack_for_training(&weights, &mut packed);
        let buffers = network.buffers(input[0], true);
        Self { network, weights, packed, buffers, batch: input[0] }
    }

    fn forward(&mut self, x: &[f32]) -> &[f32] {
        self.forward_in(Mode::Inference, x)
    }

    fn backward(&mut self, d_output: &[f32]) -> (Vec<f32>, Vec<f32>) {
        self.backward_in(Mode::Inference, d_output)
    }

    fn forward_in(&mut self, mode: Mode, x: &[f32]) -> &[f32] {
        let shape = self.network.input();
        self.buffers.load(shape, self.batch, x.chunks(shape.len()));
        self.network.forward(&self.weights, &self.packed, self.batch, mode, &mut self.buffers)
    }

    fn backward_in(&mut self, mode: Mode, d_output: &[f32]) -> (Vec<f32>, Vec<f32>) {
        self.network.result_and_gradient(self.batch, &mut self.buffers).1.copy_from_slice(d_output);
        let mut gradient = vec![0.0; self.weights.len()];
        let mut dx = vec![0.0; self.batch * self.network.input().len()];
        let gradients = Gradients { weights: &mut gradient, input: &mut dx };
        self.network.backward(&self.weights, &self.packed, self.batch, mode, &mut self.buffers, gradients);
        (gradient, dx)
    }
}

#[test]
fn lstm_outputs_and_gradients() {
    let directory = format!("{}/tests/fixtures", env!("CARGO_MANIFEST_DIR"));
    let mut cases = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = name.strip_suffix(".safetensors").filter(|n| n.starts_with("lstm_")) else {
            continue;
        };
        cases += 1;
        let fixture = Fixture::read(name);
        let input = fixture.shape("input");
        let (hidden, layers) = (fixture.shape("output")[2], fixture.shape("final_h")[0]);
        let spec = LayerSpec::Lstm { hidden, layers, dropout: 0.0, bidirectional: false };
        let mut case = Case::new(vec![spec], &input, |p| fixture.f32(p.strip_prefix("0.").unwrap()));
        let output = case.forward(&fixture.f32("input"));
        assert_close(name, output, &time_major(&fixture.f32("output"), input[0], input[1]), 1e-5);
        let (gradient, dx) = case.backward(&time_major(&fixture.f32("r"), input[0], input[1]));
        // Inputs of a thousand cancel in the gates' gradient; PyTorch's own f32 is off by 8e-6 there.
        let bound = if name.contains("saturated") { 1e-4 } else { 1e-5 };
        assert_close(name, &dx, &time_major(&fixture.f32("grad.input"), input[0], input[1]), bound);
        for p in case.network.parameters() {
            let want = fixture.f32(&format!("grad.{}", p.name.strip_prefix("0.").unwrap()));
            assert_close(&format!("{name} {}", p.name), &gradient[p.range], &want, bound);
        }
    }
    assert!(cases >= 11, "{cases} fixtures found");
}

#[test]
fn gru_and_both_directions_outputs_and_gradients() {
    let shapes = ["l1_i3_h5_b1_t1", "l2_i9_h16_b4_t17", "l3_i5_h11_b7_t4"];
    for (kind, shape) in ["gru", "bigru", "bilstm"].into_iter().flat_map(|k| shapes.map(|s| (k, s))) {
        let name = &format!("{kind}_{shape}");
        let fixture = Fixture::read(name);
        let input = fixture.shape("input");
        let (layers, bidirectional) = (fixture.i32("layers")[0] as usize, kind != "gru");
        let (hidden, dropout) = (fixture.shape("weight_hh_l0")[1], 0.0);
        let spec = match kind {
            "bilstm" => LayerSpec::Lstm { hidden, layers, dropout, bidirectional },
            _ => LayerSpec::Gru { hidden, layers, dropout, bidirectional },
        };
        let mut case = Case::new(vec![spec], &input, |p| fixture.f32(p.strip_prefix("0.").unwrap()));
        let output = case.forward(&fixture.f32("input"));
        assert_close(name, output, &time_major(&fixture.f32("output"), input[0], input[1]), 1e-5);
        let (gradient, dx) = case.backward(&time_major(&fixture.f32("r"), input[0], input[1]));
        assert_close(name, &dx, &time_major(&fixture.f32("grad.input"), input[0], input[1]), 1e-5);
        for p in case.network.parameters() {
            let want = fixture.f32(&format!("grad.{}", p.name.strip_prefix("0.").unwrap()));
            assert_close(&format!("{name} {}", p.name), &gradient[p.range], &want, 1e-5);
        }
    }
}

#[test]
fn classifier_loss_and_gradients() {
    for (name, kind) in [
        ("classifier_last", Pooling::Last),
        ("classifier_last_smooth", Pooling::Last),
        ("classifier_last_weights", Pooling::Last),
        ("classifier_last_smooth_weights", Pooling::Last),
        ("classifier_mean_smooth_weights", Pooling::Mean),
    ] {
        let fixture = Fixture::read(name);
        let classes = fixture.shape("logits")[1];
        let layers = vec![
            LayerSpec::Lstm { hidden: 16, layers: 2, dropout: 0.0, bidirectional: false },
            LayerSpec::Pool { kind },
            LayerSpec::Linear { out: classes },
        ];
        let fixture_name = |p: &str| {
            p.replacen("0.", "lstm.", 1).replacen("2.weight", "linear.weight", 1).replacen(
                "2.bias",
                "linear.bias",
                1,
            )
        };
        let input = fixture.shape("input");
        let mut case = Case::new(layers, &input, |p| fixture.f32(&fixture_name(p)));
        let weights = if fixture.has("class_weights") { fixture.f32("class_weights") } else { vec![] };
        let loss = CrossEntropy::new(classes, fixture.f32("label_smoothing")[0], &weights).unwrap();
        let labels: Vec<u8> = fixture.i32("labels").into_iter().map(|l| l as u8).collect();
        let mut logits = case.forward(&fixture.f32("input")).to_vec();
        assert_close(name, &logits, &fixture.f32("logits"), 1e-5);
        let total: f32 = labels.iter().map(|&l| loss.weight(l).unwrap()).sum();
        let sum: f64 =
            logits.chunks_mut(classes).zip(&labels).map(|(z, &l)| loss.apply(z, l, 1.0 / total).0).sum();
        assert_close(name, &[(sum / f64::from(total)) as f32], &fixture.f32("loss"), 1e-5);
        let (gradient, dx) = case.backward(&logits);
        assert_close(name, &dx, &time_major(&fixture.f32("grad.input"), input[0], input[1]), 1e-5);
        for p in case.network.parameters() {
            let want = fixture.f32(&format!("grad.{}", fixture_name(&p.name)));
            assert_close(&format!("{name} {}", p.name), &gradient[p.range], &want, 1e-5);
        }
    }
}

#[test]
fn loss_of_groups_of_classes() {
    for name in ["cross_entropy_groups", "cross_entropy_groups_smooth_weights"] {
        let fixture = Fixture::read(name);
        let classes = fixture.shape("logits")[1];
        let members = |row: &[i32]| (0..classes as u8).filter(|&c| row[usize::from(c)] == 1).collect();
        let groups: Vec<Vec<u8>> = fixture.i32("groups").chunks(classes).map(members).collect();
        let weights = if fixture.has("class_weights") { fixture.f32("class_weights") } else { vec![] };
        let loss = CrossEntropy::new(classes, fixture.f32("label_smoothing")[0], &weights).unwrap();
        let loss = loss.with_groups(&groups).unwrap();
        let labels: Vec<u8> = fixture.i32("labels").into_iter().map(|l| l as u8).collect();
        let total: f32 = labels.iter().map(|&l| loss.weight(l).unwrap()).sum();
        let mut logits = fixture.f32("logits");
        let rows = logits.chunks_mut(classes).zip(&labels);
        let sum: f64 = rows.map(|(z, &l)| loss.apply(z, l, 1.0 / total).0).sum();
        assert_close(name, &[(sum / f64::from(total)) as f32], &fixture.f32("loss"), 1e-6);
        assert_close(name, &logits, &fixture.f32("grad.logits"), 1e-6);
    }
}

/// Each layer alone, on every instruction set; in training where PyTorch's was.
#[test]
fn single_layers() {
    for (name, spec) in [
        ("conv", r#"{"type":"conv","out":7,"kernel":3}"#),
        ("conv_padded", r#"{"type":"conv","out":20,"kernel":5,"padding":2}"#),
        ("conv_strided", r#"{"type":"conv","out":33,"kernel":5,"stride":2,"padding":4}"#),
        ("conv_gaps", r#"{"type":"conv","out":4,"kernel":2,"stride":4,"padding":1,"bias":false}"#),
        ("depthwise", r#"{"type":"conv","out":15,"kernel":5,"stride":2,"padding":2,"depthwise":true}"#),
        (
            "depthwise_multiplied",
            r#"{"type":"conv","out":18,"kernel":3,"padding":1,"depthwise":true,"bias":false}"#,
        ),
        ("batch_norm", r#"{"type":"batch-norm","epsilon":1e-3,"momentum":0.2}"#),
        ("batch_norm_inference", r#"{"type":"batch-norm"}"#),
        ("batch_norm_far", r#"{"type":"batch-norm"}"#),
        ("window_max", r#"{"type":"window-pool","kind":"max","kernel":3,"stride":2,"padding":1}"#),
        ("window_mean", r#"{"type":"window-pool","kind":"mean","kernel":4,"padding":2}"#),
        ("layer_norm", r#"{"type":"layer-norm"}"#),
        ("relu", r#"{"type":"activation","kind":"relu"}"#),
        ("tanh", r#"{"type":"activation","kind":"tanh"}"#),
        ("sigmoid", r#"{"type":"activation","kind":"sigmoid"}"#),
        ("max_over_time", r#"{"type":"pool","kind":"max"}"#),
        ("attention", r#"{"type":"attention-pool","hidden":6}"#),
    ] {
        let fixture = Fixture::read(&format!("layer_{name}"));
        let trained = fixture.has("after.running_mean");
        let mode = if trained { Mode::Training { seed: 1, stream: 0 } } else { Mode::Inference };
        // An input of 1000 has an f32 spacing of 6e-5, and the statistics are saved to as much.
        let bound = if name == "batch_norm_far" { 1e-4 } else { 5e-6 };
        let (input, output) = (fixture.shape("input"), fixture.shape("output"));
        for isa in InstructionSet::available() {
            let spec: LayerSpec = serde_json::from_str(spec).unwrap();
            let mut case = Case::on(isa, vec![spec], &input, |p| fixture.f32(p.strip_prefix("0.").unwrap()));
            let shape = Shape { time: output[1], channels: output[2] };
            assert_eq!(case.network.output(), shape, "{name}");
            let got = case.forward_in(mode, &fixture.f32("input"));
            assert_close(name, got, &time_major(&fixture.f32("output"), output[0], output[1]), bound);
            let (gradient, dx) = case.backward_in(mode, &time_major(&fixture.f32("r"), output[0], output[1]));
            assert_close(name, &dx, &time_major(&fixture.f32("grad.input"), input[0], input[1]), bound);
            for p in case.network.parameters() {
                let (key, before) = (p.name.strip_prefix("0.").unwrap(), &case.weights[p.range.clone()]);
                let got = &gradient[p.range.clone()];
                match p.role {
                    // What the engine makes of the sum over examples that backward leaves.
                    Role::Statistic { momentum } if trained => {
                        let new = |(old, sum): (&f32, &f32)| {
                            (1.0 - momentum) * old + momentum * sum / case.batch as f32
                        };
                        let after: Vec<f32> = before.iter().zip(got).map(new).collect();
                        assert_close(
                            &format!("{name} {key}"),
                            &after,
                            &fixture.f32(&format!("after.{key}")),
                            1e-6,
                        );
                    }
                    Role::Statistic { .. } => assert!(got.iter().all(|&g| g == 0.0), "{name} {key}"),
                    _ => {
                        let want = fixture.f32(&format!("grad.{key}"));
                        assert_close(&format!("{name} {key}"), got, &want, bound);
                    }
                }
            }
        }
    }
}

#[test]
fn adamw_steps() {
    for name in ["adamw_default", "adamw_strong"] {
        let fixture = Fixture::read(name);
        let config = AdamWConfig {
            beta1: fixture.f64("betas")[0],
            beta2: fixture.f64("betas")[1],
            epsilon: fixture.f64("eps")[0],
            weight_decay: fixture.f64("weight_decay")[0],
        };
        for part in ["weight", "bias"] {
            let mut w = fixture.f32(&format!("{part}.initial"));
            let mut optimiser = AdamW::new(config, w.len(), InstructionSet::detect()).unwrap();
            let (gradients, after) =
                (fixture.f32(&format!("{part}.grads")), fixture.f32(&format!("{part}.after")));
            for (g, want) in gradients.chunks(w.len()).zip(after.chunks(w.len())) {
                let all = 0..want.len();
                optimiser.update(&mut w, g, fixture.f64("lr")[0], &[(all, Role::Weight)]);
                assert_close(name, &w, want, 1e-6);
            }
        }
    }
}

#[test]
fn clipping_by_global_norm() {
    for name in ["clip_above", "clip_below"] {
        let fixture = Fixture::read(name);
        let mut gradient = fixture.f32("weight.before");
        gradient.extend(fixture.f32("bias.before"));
        let norm = clip_global_norm(&mut gradient, fixture.f64("max_norm")[0]);
        assert!((norm / fixture.f64("norm")[0] - 1.0).abs() < 1e-6, "{name}: {norm}");
        let mut want = fixture.f32("weight.after");
        want.extend(fixture.f32("bias.after"));
        assert_close(name, &gradient, &want, 1e-6);
    }
}

#[test]
fn schedules() {
    let check = |name: &str, schedule: Schedule, peak: f64| {
        let rates = Fixture::read(name).f64("rates");
        for (step, want) in rates.iter().enumerate() {
            let got = schedule.rate(peak, step as u64, rates.len() as u64);
            assert!((got - want).abs() < 1e-12 * peak, "{name}, step {step}: {got}, PyTorch {want}");
        }
    };
    for name in ["one_cycle_default", "one_cycle_short"] {
        let f = Fixture::read(name);
        let schedule = Schedule::OneCycle {
            pct_start: f.f64("pct_start")[0],
            div_factor: f.f64("div_factor")[0],
            final_div_factor: f.f64("final_div_factor")[0],
        };
        check(name, schedule, f.f64("max_lr")[0]);
    }
    for name in ["cosine_plain", "cosine_warm_up"] {
        let f = Fixture::read(name);
        let (steps, base) = (f.f64("rates").len() as f64, f.f64("base_lr")[0]);
        let schedule = Schedule::Cosine {
            warmup: f64::from(f.i32("warm_up")[0]) / steps,
            start_factor: f.f64("start_factor")[0],
            floor: f.f64("min_lr")[0] / base,
        };
        check(name, schedule, base);
    }
}
