//! Compares configurations on validation people; test people are never touched.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example choose -- 1,2,3 base.toml other.toml
//! ```
//!
//! Each configuration is trained once for each validation draw named first, with its own seeds. One line per
//! training: configuration, draw, seed, best epoch, macro-F1 and accuracy there, loss, and the last epoch's macro-F1.

#![allow(clippy::print_stdout)]

use ambulo_train::record::EpochRecord;
use ambulo_train::{Config, Silent, select};
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let draws = arguments.next().ok_or("name the validation draws, e.g. 1,2,3, then configuration files")?;
    let draws: Vec<u64> = draws.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let dataset = ambulo_data::hapt()?;
    println!("configuration\tdraw\tseed\tbest_epoch\tmacro_f1\taccuracy\tloss\tlast_macro_f1\tseconds");
    for path in arguments {
        let config = Config::read(Path::new(&path))?;
        for &draw in &draws {
            let mut config = config.clone();
            config.validation.seed = draw;
            let records = select(&config, &dataset, &AtomicBool::new(false), &mut Silent)?;
            for epochs in records.chunk_by(|a, b| a.seed == b.seed) {
                let f1 = |r: &EpochRecord| r.validation_macro_f1.unwrap_or(0.0);
                let loss = |r: &EpochRecord| r.validation_loss.unwrap_or(f64::INFINITY);
                // As the trainer chooses: of equals the lower loss, then the earlier epoch.
                let better = |a: &&EpochRecord, b: &&EpochRecord| {
                    f1(a).total_cmp(&f1(b)).then(loss(b).total_cmp(&loss(a))).then(b.epoch.cmp(&a.epoch))
                };
                let Some(best) = epochs.iter().max_by(better) else { continue };
                println!(
                    "{path}\t{draw}\t{}\t{}\t{:.4}\t{:.4}\t{:.4}\t{:.4}\t{:.0}",
                    best.seed,
                    best.epoch,
                    f1(best),
                    best.validation_accuracy.unwrap_or(0.0),
                    best.validation_loss.unwrap_or(0.0),
                    epochs.last().map_or(0.0, f1),
                    epochs.last().map_or(0.0, |r| r.seconds)
                );
            }
        }
    }
    Ok(())
}
