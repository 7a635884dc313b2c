//! How long the tables of a week of steps take, and how large they are.
//!
//! ```sh
//! cargo run --release -p ambulo-record --features parquet --example table_speed
//! ```

#![allow(clippy::print_stdout)]

use ambulo_record::timeline::{ProbabilityTable, Steps, TableFormat, Zero};
use std::io;
use std::time::Instant;

fn main() -> io::Result<()> {
    let labels = ["walking", "walking_upstairs", "walking_downstairs", "sitting", "standing", "lying"];
    let step_ns = 640_000_000;
    let count = (7 * 86_400_000_000_000 / step_ns) as usize;
    let mut steps = Steps { step_ns, ..Steps::default() };
    let mut state = 1u32;
    for i in 0..count {
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        // Mostly certain, as smoothed answers are.
        let mut row: Vec<f32> = (0..labels.len() + 1).map(|_| noise().powi(20)).collect();
        row[(i / 500) % labels.len()] += 3.0;
        let sum: f32 = row.iter().sum();
        steps.start_ns.push(i as i64 * step_ns);
        steps.probabilities.extend(row[..labels.len()].iter().map(|p| p / sum));
        steps.unknown.push(row[labels.len()] / sum);
    }
    let zero = Zero::Utc { utc_ns: 1_777_629_600_123_456_789, offset_s: Some(7200) };
    for &format in TableFormat::ALL {
        let began = Instant::now();
        let mut table = ProbabilityTable::new(Vec::new(), format, labels)?;
        table.push("week", zero, &steps)?;
        let bytes = table.finish()?;
        let seconds = began.elapsed().as_secs_f64();
        println!("{:8} {count} steps: {seconds:.2} s, {:.1} MB", format.name(), bytes.len() as f64 / 1e6);
    }
    Ok(())
}
