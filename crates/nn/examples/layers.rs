//! Time of each layer of a network in a training step of one shard on one thread, forwards and backwards:
//! `cargo run --release -p ambulo-nn --example layers -- ARCHITECTURE.json [CHANNELS] [TIME]`.

use ambulo_nn::measure::LayerRun;
use ambulo_nn::{Architecture, InstructionSet, Network, SHARD, Shape};
use std::time::Instant;

const ROUNDS: usize = 30;

fn median(run: &mut dyn FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

#[expect(clippy::print_stdout, reason = "its whole purpose")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("the path of an architecture as JSON");
    let mut number = |default| arguments.next().map_or(default, |n| n.parse().expect("a whole number"));
    let (channels, time) = (number(15), number(128));
    let text = std::fs::read_to_string(path).expect("a file");
    let architecture: Architecture = serde_json::from_str(&text).expect("an architecture");
    let mut shape = Shape { time, channels };
    let mut total = 0.0;
    for (index, spec) in architecture.layers.iter().enumerate() {
        let mut run = LayerRun::new(spec, shape, SHARD, InstructionSet::detect()).expect("a valid layer");
        let (forward, pack) = (median(&mut || run.forward()), median(&mut || run.pack()));
        let backward = median(&mut || run.backward(index > 0));
        total += forward + backward;
        println!(
            "{index:>2} {:<15} {:>4} x {:<4} forward {forward:>8.1} us, backward {backward:>8.1} us, packing {pack:>6.1} us",
            spec.type_name(),
            shape.time,
            shape.channels
        );
        let alone = Architecture { layers: vec![spec.clone()] };
        shape = Network::new(&alone, shape).expect("a valid layer").output();
    }
    println!("all {total:.1} us");
}
