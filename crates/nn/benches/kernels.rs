//! Kernels alone on one core, with the achieved GFLOP/s beside the measured peak: `cargo bench -p ambulo-nn --bench
//! kernels [-- FILTER]`.
//!
//! Each round measures the peak (multiply-adds in registers) and then the kernel, so that both see the same clock;
//! medians over the rounds are printed. Shapes are `rows x inner x columns`.

#![expect(clippy::print_stdout, reason = "its whole purpose")]

use ambulo_nn::measure::{LayerRun, Products, multiply_add_flops, multiply_adds};
use ambulo_nn::{Activation, InstructionSet, LayerSpec, Pooling, SHARD, Shape};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 60;

fn seconds(run: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn report(isa: InstructionSet, name: &str, flops: f64, run: &mut dyn FnMut()) {
    let repeats = (2e7 / flops).ceil().max(1.0) as usize;
    let (mut rates, mut peaks) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let peak = seconds(&mut || {
            black_box(multiply_adds(isa, 50_000));
        });
        peaks.push(multiply_add_flops(isa, 50_000) / peak * 1e-9);
        let kernel = seconds(&mut || (0..repeats).for_each(|_| run()));
        rates.push(flops * repeats as f64 / kernel * 1e-9);
    }
    let shares = rates.iter().zip(&peaks).map(|(rate, peak)| rate / peak).collect();
    let (rate, peak) = (median(rates), median(peaks));
    println!(
        "{:<9} {name:<46} {rate:>7.1} GFLOP/s {:>5.0} % of {peak:.1}",
        isa.name(),
        100.0 * median(shares)
    );
}

/// Convolutions as networks have them: a shard of windows, from the sensors' channels and between layers.
fn convolutions(isa: InstructionSet, filter: &str) {
    for (channels, stride, batch) in [(15, 1, SHARD), (64, 1, SHARD), (64, 2, SHARD), (64, 2, 1)] {
        let spec = LayerSpec::Conv { out: 64, kernel: 5, stride, padding: 2, depthwise: false, bias: true };
        let mut run = run(&spec, channels, batch, isa);
        let flops = 2.0 * (run.sizes().1 * channels * 5) as f64;
        let name = |part: &str| format!("conv {part} {channels}->64 k5 stride {stride} batch {batch}");
        if name("forward").contains(filter) {
            report(isa, &name("forward"), flops, &mut || run.forward());
        }
        if name("dW").contains(filter) {
            report(isa, &name("dW"), flops, &mut || run.backward(false));
        }
        if name("dW and dX").contains(filter) {
            report(isa, &name("dW and dX"), 2.0 * flops, &mut || run.backward(true));
        }
    }
}

/// Layers whose time is that of memory: nanoseconds for each value of the input.
fn passes(isa: InstructionSet, filter: &str) {
    let depthwise =
        LayerSpec::Conv { out: 15, kernel: 5, stride: 2, padding: 2, depthwise: true, bias: true };
    let batch_norm = LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 };
    let cases = [
        ("batch-norm", 64, batch_norm.clone()),
        ("batch-norm", 15, batch_norm),
        ("relu", 64, LayerSpec::Activation { kind: Activation::Relu }),
        ("tanh", 64, LayerSpec::Activation { kind: Activation::Tanh }),
        ("layer-norm", 64, LayerSpec::LayerNorm { epsilon: 1e-5 }),
        ("depthwise k5 stride 2", 15, depthwise),
        ("attention 32", 64, LayerSpec::AttentionPool { hidden: 32 }),
        ("pool mean", 64, LayerSpec::Pool { kind: Pooling::Mean }),
        ("pool max", 64, LayerSpec::Pool { kind: Pooling::Max }),
    ];
    for (name, channels, spec) in cases {
        let mut run = run(&spec, channels, SHARD, isa);
        let values = run.sizes().0 as f64;
        for part in ["forward", "backward"] {
            let name = format!("pass {name} {part} {channels} channels");
            if !name.contains(filter) {
                continue;
            }
            let mut times = Vec::new();
            for _ in 0..ROUNDS {
                times.push(seconds(&mut || match part {
                    "forward" => run.forward(),
                    _ => run.backward(true),
                }));
            }
            let time = median(times);
            println!(
                "{:<9} {name:<46} {:>7.3} ns a value {:>9.1} us",
                isa.name(),
                time * 1e9 / values,
                time * 1e6
            );
        }
    }
}

fn run(spec: &LayerSpec, channels: usize, batch: usize, isa: InstructionSet) -> LayerRun {
    let mut run = LayerRun::new(spec, Shape { time: 128, channels }, batch, isa).expect("a valid layer");
    run.forward();
    run
}

fn main() {
    let filter = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    for isa in InstructionSet::available() {
        convolutions(isa, &filter);
        passes(isa, &filter);
        for shape in
            [(32, 64, 64), (32, 128, 256), (32, 256, 64), (32, 256, 128), (2048, 320, 64), (64, 512, 512)]
        {
            let mut products = Products::new(isa, shape);
            let flops = products.flops();
            let name = format!("product {} x {} x {}", shape.0, shape.1, shape.2);
            if name.contains(&filter) {
                report(isa, &name, flops, &mut || products.product());
            }
            let name = format!("weight gradient {} x {} x {}", shape.0, shape.1, shape.2);
            if name.contains(&filter) {
                report(isa, &name, flops, &mut || products.weight_gradient());
            }
        }
    }
}
