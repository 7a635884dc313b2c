//! One training step and inference of the default network's shapes: `cargo bench -p ambulo-nn`.
//!
//! Throughput is in windows; two layers of width 64 over 128 steps of 15 channels cost about
//! 14 million multiply-adds a window forwards, three times that in training.

use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::AdamWConfig;
use ambulo_nn::train::{Engine, EngineOptions, Examples};
use ambulo_nn::{Architecture, LayerSpec, Network, Pooling, Random, Shape};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn engine(hidden: usize, batch: usize, threads: usize) -> Engine {
    let architecture = Architecture {
        layers: vec![
            LayerSpec::Lstm { hidden, layers: 2, dropout: 0.0, bidirectional: false },
            LayerSpec::Pool { kind: Pooling::Last },
            LayerSpec::Linear { out: 6 },
        ],
    };
    let network = Network::new(&architecture, Shape { time: 128, channels: 15 }).expect("a valid network");
    let loss = CrossEntropy::new(6, 0.0, &[]).expect("a valid loss");
    let optimiser = AdamWConfig::default();
    Engine::new(network, EngineOptions { optimiser, loss, clip: Some(1.0), seed: 1, threads, batch })
        .expect("a valid engine")
}

fn lstm(c: &mut Criterion) {
    let mut random = Random::new(1, 0);
    let x: Vec<f32> = (0..256 * 128 * 15).map(|_| random.normal()).collect();
    let labels: Vec<u8> = (0..256).map(|_| random.below(6) as u8).collect();
    let mut group = c.benchmark_group("training step");
    group.sample_size(20);
    for (hidden, batch, threads) in [(32, 64, 2), (64, 64, 1), (64, 64, 2), (128, 64, 2), (64, 256, 2)] {
        let mut engine = engine(hidden, batch, threads);
        let indices: Vec<usize> = (0..batch).collect();
        group.throughput(Throughput::Elements(batch as u64));
        let id = format!("2 x {hidden}, batch {batch}, {threads} threads");
        group.bench_function(BenchmarkId::from_parameter(id), |b| {
            b.iter(|| engine.step(Examples { x: &x, labels: &labels }, &indices, 1e-4).expect("finite"));
        });
    }
    group.finish();
    let mut group = c.benchmark_group("inference");
    group.sample_size(20);
    for (windows, threads) in [(1, 1), (256, 2)] {
        let engine = engine(64, 64, threads);
        let x = &x[..windows * 128 * 15];
        group.throughput(Throughput::Elements(windows as u64));
        let id = format!("2 x 64, {windows} windows, {threads} threads");
        group.bench_function(BenchmarkId::from_parameter(id), |b| {
            b.iter(|| engine.infer(x).expect("whole windows"));
        });
    }
    group.finish();
}

criterion_group!(benches, lstm);
criterion_main!(benches);
