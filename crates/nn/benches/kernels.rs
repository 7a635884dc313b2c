//! Kernels alone on one core, with the achieved GFLOP/s beside the measured peak: `cargo bench -p ambulo-nn --bench
//! kernels [-- FILTER]`.
//!
//! Each round measures the peak (multiply-adds in registers) and then the kernel, so that both see the same clock;
//! medians over the rounds are printed. Shapes are `rows x inner x columns`.

#![expect(clippy::print_stdout, reason = "its whole purpose")]

use ambulo_nn::InstructionSet;
use ambulo_nn::measure::{Products, multiply_add_flops, multiply_adds};
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
        "{:<9} {name:<40} {rate:>7.1} GFLOP/s {:>5.0} % of {peak:.1}",
        isa.name(),
        100.0 * median(shares)
    );
}

fn main() {
    let filter = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    for isa in InstructionSet::available() {
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
