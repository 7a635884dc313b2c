//! Compares configurations on validation people; test people are never touched.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example choose -- 1 base.toml other.toml
//! ```
//!
//! The people to develop on are shuffled by each of the draws named first and cut into groups of `validation.subjects`;
//! each configuration is trained once for every group, with its own seeds, and watched on that group. So everyone is a
//! validation person once for each draw. One line per training and one of means over all groups per configuration, the
//! last epoch's macro-F1 and accuracy first, then the best epoch's macro-F1, and the lowest last macro-F1 of a group.

#![allow(clippy::print_stdout)]

use ambulo_train::record::EpochRecord;
use ambulo_train::{Config, Silent, select};
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let draws = arguments.next().ok_or("name the draws, e.g. 1,2,3, then configuration files")?;
    let draws: Vec<u64> = draws.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let dataset = ambulo_data::hapt()?;
    println!("configuration\tdraw\tgroup\tseed\tmacro_f1\taccuracy\tbest_macro_f1\tloss\tseconds");
    for path in arguments {
        let config = Config::read(Path::new(&path))?;
        let name = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy();
        let mut all: Vec<[f64; 3]> = Vec::new();
        let mut total = 0.0;
        for &draw in &draws {
            for group in 0.. {
                let mut config = config.clone();
                (config.validation.seed, config.validation.group) = (draw, group);
                let records = match select(&config, &dataset, &AtomicBool::new(false), &mut Silent) {
                    Ok(records) => records,
                    // Groups are counted until there are no more people.
                    Err(ambulo_train::TrainError::Data(ambulo_data::DataError::SplitSize { .. }))
                        if group > 0 =>
                    {
                        break;
                    }
                    Err(error) => return Err(error.into()),
                };
                for epochs in records.chunk_by(|a, b| a.seed == b.seed) {
                    let f1 = |r: &EpochRecord| r.validation_macro_f1.unwrap_or(0.0);
                    let best = epochs.iter().map(f1).fold(0.0, f64::max);
                    let Some(last) = epochs.last() else { continue };
                    let accuracy = last.validation_accuracy.unwrap_or(0.0);
                    println!(
                        "{name}\t{draw}\t{group}\t{}\t{:.4}\t{accuracy:.4}\t{best:.4}\t{:.4}\t{:.0}",
                        last.seed,
                        f1(last),
                        last.validation_loss.unwrap_or(0.0),
                        last.seconds
                    );
                    all.push([f1(last), accuracy, best]);
                    total += last.seconds;
                }
            }
        }
        let mean = |i: usize| all.iter().map(|row| row[i]).sum::<f64>() / all.len().max(1) as f64;
        let worst = all.iter().map(|row| row[0]).fold(1.0, f64::min);
        println!(
            "{name}\tmean of {}\t\t\t{:.4}\t{:.4}\t{:.4}\tworst {worst:.4}\t{total:.0}",
            all.len(),
            mean(0),
            mean(1),
            mean(2)
        );
    }
    Ok(())
}
