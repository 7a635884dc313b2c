//! Runs one case for a profiler, and prints the time of each round: `cargo run --release -p ambulo-nn --example
//! profile -- train|infer HIDDEN BATCH THREADS [ROUNDS]`.

use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::optim::AdamWConfig;
use ambulo_nn::train::{Engine, EngineOptions, Examples};
use ambulo_nn::{Architecture, LayerSpec, Network, Pooling, Random, Shape};
use std::time::Instant;

#[expect(clippy::print_stdout, reason = "its whole purpose")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |i: usize, default: usize| arguments.get(i).map_or(default, |a| a.parse().expect("a whole number"));
    let (hidden, batch, threads, rounds) = (number(1, 64), number(2, 64), number(3, 2), number(4, 20));
    let architecture = Architecture {
        layers: vec![
            LayerSpec::Lstm { hidden, layers: 2, dropout: 0.0, bidirectional: false },
            LayerSpec::Pool { kind: Pooling::Last },
            LayerSpec::Linear { out: 6 },
        ],
    };
    let network = Network::new(&architecture, Shape { time: 128, channels: 9 }).expect("a valid network");
    let loss = CrossEntropy::new(6, 0.0, &[]).expect("a valid loss");
    let options =
        EngineOptions { optimiser: AdamWConfig::default(), loss, clip: None, seed: 1, threads, batch };
    let mut engine = Engine::new(network, options).expect("a valid engine");
    let mut random = Random::new(1, 0);
    let x: Vec<f32> = (0..batch * 128 * 9).map(|_| random.normal()).collect();
    let labels: Vec<u8> = (0..batch).map(|_| random.below(6) as u8).collect();
    let indices: Vec<usize> = (0..batch).collect();
    let input = |c: usize| 4.0 * hidden as f64 * (c + hidden) as f64;
    let training = arguments.first().is_none_or(|a| a != "infer");
    let multiply_adds = (input(9) + input(hidden)) * if training { 3.0 } else { 1.0 } * 128.0 * batch as f64;
    let mut peaks = Vec::new();
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let isa = engine.network().instruction_set();
            let start = Instant::now();
            std::hint::black_box(ambulo_nn::measure::multiply_adds(isa, 50_000));
            peaks.push(
                ambulo_nn::measure::multiply_add_flops(isa, 50_000) / start.elapsed().as_secs_f64() * 1e-9,
            );
            let start = Instant::now();
            match arguments.first().map(String::as_str) {
                Some("infer") => drop(engine.infer(&x).expect("whole windows")),
                _ => drop(engine.step(Examples { x: &x, labels: &labels }, &indices, 1e-4).expect("finite")),
            }
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    peaks.sort_by(f64::total_cmp);
    let (median, peak) = (times[rounds / 2], peaks[rounds / 2]);
    let rate = 2e-6 * multiply_adds / median;
    let share = 100.0 * rate / (peak * threads as f64);
    println!(
        "{arguments:?}: median {median:.3} ms, least {:.3} ms; {rate:.1} GFLOP/s, {share:.0} % of {threads} x {peak:.1}",
        times[0]
    );
}
