//! Compares settings of the baseline on validation people; test people are never touched.
//!
//! ```sh
//! cargo run --release -p ambulo-baseline --example choose_baseline -- 1,2,3
//! ```
//!
//! Four of the 21 people to develop on are held out for each draw named. One line per fit: kernel, cost, width, draw,
//! macro-F1 and accuracy on the people held out, seconds of the fit.

#![allow(clippy::print_stdout)]

use ambulo_baseline::{Baseline, BaselineSetting, FEATURES, SvmKernel, features_of};
use ambulo_data::{Dataset, LabelledWindows, Protocol};
use ambulo_record::LabelSet;
use ambulo_signal::{Channel, Preprocessing};
use ambulo_train::metrics::ConfusionMatrix;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let draws = std::env::args().nth(1).ok_or("name the validation draws, e.g. 1,2,3")?;
    let draws: Vec<u64> = draws.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let dataset = ambulo_data::hapt()?;
    let linear =
        [0.001, 0.003, 0.01, 0.1, 1.0].map(|cost| BaselineSetting { kernel: SvmKernel::Linear, cost });
    let rbf =
        [(1.0, 1.0), (10.0, 0.25), (10.0, 0.1), (100.0, 0.1), (10.0, 0.03), (100.0, 0.01), (1000.0, 0.001)]
            .map(|(cost, width)| BaselineSetting { kernel: SvmKernel::Rbf { width }, cost });
    println!("kernel\tcost\twidth\tdraw\tmacro_f1\taccuracy\tseconds");
    for draw in draws {
        let (training, validation) = draw_windows(&dataset, draw)?;
        let (x, held_out) = (rows(&training)?, rows(&validation)?);
        for setting in linear.iter().chain(&rbf) {
            let begun = Instant::now();
            let baseline = Baseline::fit_with(*setting, &x, FEATURES, &training.labels, LABELS)?;
            let seconds = begun.elapsed().as_secs_f64();
            let p = baseline.probabilities(&held_out)?;
            let matrix = ConfusionMatrix::from_probabilities(&validation.labels, &p, LABELS)?;
            let (kernel, width) = match setting.kernel {
                SvmKernel::Linear => ("linear", String::new()),
                SvmKernel::Rbf { width } => ("rbf", width.to_string()),
            };
            println!(
                "{kernel}\t{}\t{width}\t{draw}\t{:.4}\t{:.4}\t{seconds:.1}",
                setting.cost,
                matrix.macro_f1(),
                matrix.accuracy()
            );
        }
    }
    Ok(())
}

/// The six activities.
const LABELS: usize = 6;

fn preprocessing() -> Preprocessing {
    Preprocessing { channels: Channel::INERTIAL.to_vec(), ..Preprocessing::default() }
}

fn draw_windows(dataset: &Dataset, draw: u64) -> Result<(LabelledWindows, LabelledWindows), Failure> {
    let (people, _test) = Protocol::Official.split(dataset, 1)?.into_parts();
    let (training, validation) = people.hold_out_validation(4, draw)?;
    let (p, labels) = (preprocessing(), LabelSet::six());
    let training = training.cut(dataset, &p, &labels)?;
    let validation = validation.cut(dataset, &p, &labels)?;
    Ok((training.windows().clone(), validation.windows().clone()))
}

/// Features of all windows: the only place that knows how windows are stored.
fn rows(windows: &LabelledWindows) -> Result<Vec<f32>, Failure> {
    let held = (0..windows.len()).map(|i| windows.window(i)).collect::<Result<Vec<_>, _>>()?;
    let all: Vec<&[[f32; 9]]> = held.iter().map(|window| window.as_chunks().0).collect();
    Ok(features_of(&all, preprocessing().rate_hz))
}
