//! Losses of learning without labels: against slow versions in f64, by finite differences, and in the engine.

use ambulo_nn::loss::{CrossEntropy, binary_tasks, masked_mean_squared, nt_xent};
use ambulo_nn::optim::AdamWConfig;
use ambulo_nn::train::{Engine, EngineOptions, Examples};
use ambulo_nn::{Architecture, LayerSpec, Network, Pooling, Random, Shape};

fn normal(seed: u64, len: usize) -> Vec<f32> {
    let mut random = Random::new(seed, 3);
    (0..len).map(|_| random.normal()).collect()
}

/// Holds loss and gradient of `fast`, which overwrites its argument, against those of `slow` in f64.
fn check(at: &[f32], fast: &dyn Fn(&mut [f32]) -> f64, slow: &dyn Fn(&[f64]) -> f64) {
    let mut gradient = at.to_vec();
    let loss = fast(&mut gradient);
    let wide: Vec<f64> = at.iter().map(|&v| f64::from(v)).collect();
    assert!((loss - slow(&wide)).abs() < 1e-9 * (1.0 + loss.abs()), "{loss} {}", slow(&wide));
    for (i, &g) in gradient.iter().enumerate() {
        let moved = |by: f64| {
            let mut values = wide.clone();
            values[i] += by;
            slow(&values)
        };
        let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((f64::from(g) - expected).abs() < 1e-6 * (1.0 + expected.abs()), "{i}: {g} {expected}");
    }
}

#[test]
fn binary_tasks_are_the_cross_entropy_of_sigmoids() {
    let truth: Vec<f32> = normal(5, 14).iter().map(|&v| f32::from(u8::from(v > 0.0))).collect();
    let slow = |z: &[f64]| {
        let one = |(z, &t): (&f64, &f32)| {
            let p = 1.0 / (1.0 + (-z).exp());
            if t > 0.5 { -p.ln() } else { -(1.0 - p).ln() }
        };
        0.3 * z.iter().zip(&truth).map(one).sum::<f64>() / 2.0
    };
    check(&normal(6, 14), &|z| binary_tasks(z, &truth, 2, 0.3).0, &slow);
    // Right answers, and values at which exponentials overflow.
    let mut z = [500.0, -500.0, 2.0, -1.0];
    let (loss, correct) = binary_tasks(&mut z, &[1.0, 0.0, 0.0, 0.0], 2, 1.0);
    assert_eq!(correct, 3);
    assert!(loss.is_finite() && z.iter().all(|z| z.is_finite()) && z[0].abs() < 1e-6);
}

#[test]
fn only_what_is_asked_counts_in_the_squared_error() {
    let mut truth = normal(7, 15);
    for i in [0, 3, 5, 6, 7, 8, 9] {
        truth[i] = f32::NAN;
    }
    let slow = |y: &[f64]| {
        let mut loss = 0.0;
        for (y, t) in y.chunks(5).zip(truth.chunks(5)) {
            let errors: Vec<f64> = y
                .iter()
                .zip(t)
                .filter(|(_, t)| !t.is_nan())
                .map(|(y, &t)| (y - f64::from(t)).powi(2))
                .collect();
            if !errors.is_empty() {
                loss += errors.iter().sum::<f64>() / errors.len() as f64;
            }
        }
        0.5 * loss
    };
    check(&normal(8, 15), &|y| masked_mean_squared(y, &truth, 5, 0.5), &slow);
    let mut nothing = [1.0f32, 2.0];
    assert_eq!(masked_mean_squared(&mut nothing, &[f32::NAN; 2], 2, 1.0), 0.0);
    assert_eq!(nothing, [0.0; 2]);
}

#[test]
fn nt_xent_is_the_cross_entropy_over_cosines() {
    const WIDTH: usize = 3;
    let slow = |z: &[f64]| {
        let views = z.len() / WIDTH;
        let row = |i: usize| &z[i * WIDTH..][..WIDTH];
        let dot = |i: usize, j: usize| row(i).iter().zip(row(j)).map(|(a, b)| a * b).sum::<f64>();
        let s = |i: usize, j: usize| dot(i, j) / (dot(i, i) * dot(j, j)).sqrt() / 0.2;
        let one = |i: usize| {
            let partner = i ^ 1;
            let sum: f64 = (0..views).filter(|&j| j != i).map(|j| s(i, j).exp()).sum();
            sum.ln() - s(i, partner)
        };
        0.7 * (0..views).map(one).sum::<f64>() / views as f64
    };
    check(&normal(9, 8 * WIDTH), &|z| nt_xent(z, WIDTH, 0.2, 0.7), &slow);
    // One pair alone has nobody to be told from; vectors without direction have no gradient that is not finite.
    let mut pair = normal(10, 2 * WIDTH);
    assert!(nt_xent(&mut pair, WIDTH, 0.2, 1.0).abs() < 1e-12);
    let mut zeros = vec![0.0; 4 * WIDTH];
    assert!(nt_xent(&mut zeros, WIDTH, 0.01, 1.0).is_finite() && zeros.iter().all(|z| z.is_finite()));
}

fn options(classes: usize, threads: usize) -> EngineOptions {
    EngineOptions {
        optimiser: AdamWConfig::default(),
        loss: CrossEntropy::new(classes, 0.0, &[]).expect("no weights"),
        clip: Some(1.0),
        seed: 3,
        threads,
        batch: 100,
    }
}

fn network(layers: Vec<LayerSpec>) -> Network {
    Network::new(&Architecture { layers }, Shape { time: 12, channels: 3 }).expect("layers that fit")
}

#[test]
fn a_loss_of_the_callers_gives_the_step_that_the_engines_own_gives() {
    let layers = || {
        vec![
            LayerSpec::Conv { out: 8, kernel: 3, stride: 2, padding: 1, depthwise: false, bias: true },
            LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 },
            LayerSpec::Pool { kind: Pooling::Mean },
            LayerSpec::Linear { out: 4 },
        ]
    };
    let x = normal(1, 100 * 36);
    let labels: Vec<u8> = (0..100).map(|i| i % 4).collect();
    let batch: Vec<usize> = (0..70).map(|i| (i * 37) % 100).collect();
    let mut own = Engine::new(network(layers()), options(4, 1)).unwrap();
    let mut others: Vec<Engine> =
        [1, 3].map(|threads| Engine::for_objective(network(layers()), options(4, threads)).unwrap()).into();
    let loss = CrossEntropy::new(4, 0.0, &[]).unwrap();
    let scale = 1.0 / 70f32;
    for _ in 0..3 {
        let report = own.step(Examples { x: &x, labels: &labels }, &batch, 0.01).unwrap();
        for engine in &mut others {
            let objective = |indices: &[usize], outputs: &mut [f32]| {
                let rows = outputs.chunks_exact_mut(4).zip(indices);
                rows.map(|(row, &i)| loss.apply(row, labels[i], scale).0 / 70.0).sum()
            };
            let found = engine.step_on(&x, &batch, 0.01, &objective).unwrap();
            assert!((found.loss - report.loss).abs() < 1e-12);
            assert_eq!(engine.weights(), own.weights());
        }
    }
}

#[test]
fn outputs_over_time_come_and_go_row_by_row() {
    // To copy what it sees is learned only if outputs and gradients stay with their example and time step.
    let layers = || vec![LayerSpec::Linear { out: 3 }];
    let x = normal(2, 40 * 36);
    let batch: Vec<usize> = (0..40).rev().collect();
    let mut engines: Vec<Engine> =
        [1, 2].map(|threads| Engine::for_objective(network(layers()), options(36, threads)).unwrap()).into();
    assert!(engines[0].network().output().time == 12);
    let mut losses = Vec::new();
    for engine in &mut engines {
        for _ in 0..400 {
            let objective = |indices: &[usize], outputs: &mut [f32]| {
                let truth: Vec<f32> = indices.iter().flat_map(|&i| x[i * 36..][..36].to_vec()).collect();
                masked_mean_squared(outputs, &truth, 36, 1.0 / 40.0)
            };
            losses.push(engine.step_on(&x, &batch, 0.02, &objective).unwrap().loss);
        }
    }
    assert!(losses[399] < 0.01 * losses[0], "{} {}", losses[0], losses[399]);
    assert_eq!(engines[0].weights(), engines[1].weights());
    // What is not finite changes nothing.
    let before = engines[0].weights().to_vec();
    assert!(engines[0].step_on(&x, &batch, 0.02, &|_, _| f64::NAN).is_err());
    assert_eq!(engines[0].weights(), before);
    // The engine's own loss is for one row of classes.
    let labels = [0; 40];
    let mut other = Engine::for_objective(network(layers()), options(4, 1)).unwrap();
    assert!(other.step(Examples { x: &x, labels: &labels }, &batch, 0.01).is_err());
}
