//! Compares configurations on validation people; test people are never touched.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example choose -- 1 base.toml other.toml
//! ```
//!
//! The people to develop on are shuffled by each of the draws named first and cut into groups of `validation.subjects`;
//! each configuration is trained once for every group, with its own seeds, and watched on that group. So everyone is a
//! validation person once for each draw. One line per training and one of means over all groups per configuration:
//! macro-F1 and accuracy of the last epoch, macro-F1 of the best epoch, of the kept one with each recording turned about the
//! vertical by a random angle, and tilted by up to 15 degrees (levelled ones after levelling: what a wrong one costs);
//! seconds; recall of each activity in %; and how many windows of each person were taken for another activity.

#![allow(clippy::print_stdout)]

use ambulo_data::DataError;
use ambulo_record::EpochRecord;
use ambulo_train::metrics::ConfusionMatrix;
use ambulo_train::{Config, Silent, TrainError, select};
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let draws = arguments.next().ok_or("name the draws, e.g. 1,2,3, then configuration files")?;
    let draws: Vec<u64> = draws.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let dataset = ambulo_data::hapt()?;
    println!(
        "configuration\tdraw\tgroup\tseed\tmacro_f1\taccuracy\tbest\tturned\ttilted_15\tseconds\trecall\tmistakes"
    );
    for path in arguments {
        let config = Config::read(Path::new(&path))?;
        let name = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy();
        let mut all: Vec<[f64; 6]> = Vec::new();
        let mut total: Option<ConfusionMatrix> = None;
        for &draw in &draws {
            for group in 0.. {
                let mut config = config.clone();
                (config.validation.seed, config.validation.group) = (draw, group);
                let selections = match select(&config, &dataset, &AtomicBool::new(false), &mut Silent) {
                    Ok(selections) => selections,
                    // Groups are counted until there are no more people.
                    Err(TrainError::Data(DataError::SplitSize { .. })) if group > 0 => break,
                    Err(error) => return Err(error.into()),
                };
                for selection in selections {
                    let f1 = |r: &EpochRecord| r.validation_macro_f1.unwrap_or(0.0);
                    let best = selection.epochs.iter().map(f1).fold(0.0, f64::max);
                    let Some(last) = selection.epochs.last() else { continue };
                    let accuracy = last.validation_accuracy.unwrap_or(0.0);
                    let (turned, tilted) = (selection.turned_macro_f1, selection.tilted_macro_f1);
                    let row = [f1(last), accuracy, best, turned, tilted, last.seconds];
                    let mut own = ConfusionMatrix::new(config.labels.len())?;
                    let mut mistakes = Vec::new();
                    for (person, matrix) in &selection.people {
                        own.add(matrix)?;
                        let wrong = matrix.total() as f64 * (1.0 - matrix.accuracy());
                        mistakes.push(format!("{person}: {wrong:.0}"));
                    }
                    total.get_or_insert(ConfusionMatrix::new(config.labels.len())?).add(&own)?;
                    let (recall, mistakes) = (recall(&own), mistakes.join(", "));
                    println!("{name}\t{draw}\t{group}\t{}\t{}\t{recall}\t{mistakes}", last.seed, line(&row));
                    all.push(row);
                }
            }
        }
        let count = all.len().max(1) as f64;
        let mean: [f64; 6] = std::array::from_fn(|i| all.iter().map(|row| row[i]).sum::<f64>() / count);
        let worst = all.iter().map(|row| row[0]).fold(1.0, f64::min);
        let recall = total.as_ref().map(recall).unwrap_or_default();
        println!("{name}\tmean of {}, worst {worst:.4}\t\t\t{}\t{recall}", all.len(), line(&mean));
    }
    Ok(())
}

/// Recall of each activity in %.
fn recall(matrix: &ConfusionMatrix) -> String {
    let scores = matrix.class_scores();
    scores.iter().map(|class| format!("{:.1}", 100.0 * class.recall)).collect::<Vec<_>>().join(" ")
}

fn line(row: &[f64; 6]) -> String {
    let figures: Vec<String> = row[..5].iter().map(|v| format!("{v:.4}")).collect();
    format!("{}\t{:.0}", figures.join("\t"), row[5])
}
