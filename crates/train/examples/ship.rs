//! Makes the models in the box: trains each on the 21 people to develop on of the official protocol, evaluates once on its test
//! people, fits what timelines need to answers about people to develop on whom networks have not seen, and writes model and figures.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example ship -- RUNS MODELS [NAME]
//! ```
//!
//! `RUNS` gets a run directory for each model, `MODELS` gets `NAME.safetensors` and `NAME.json` with the figures on people to develop
//! on. The same instruction set gives the same bytes; a run that is there already is not trained again.

#![allow(clippy::print_stdout)]

use ambulo_model::Model;
use ambulo_record::EpochRecord;
use ambulo_signal::{Phase, Resampling, Sensor};
use ambulo_train::{Config, Labels, ModelKind, Observer, Orientation, Outcome, Progress, Run, fit_timeline};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Rows between answers: 0.64 s at 50 Hz.
const STEP: usize = 32;
/// The lowest rate at which answers about people to develop on were found to hold (docs/RESULTS.md).
const LOWEST_HZ: f64 = 20.0;

/// Says what happens, but not every step.
struct Lines;

impl Observer for Lines {
    fn step(&mut self, _: &Progress) {}
    fn epoch(&mut self, _: &EpochRecord) {}
    fn message(&mut self, text: &str) {
        println!("{text}");
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "give a directory for runs and one for models";
    let (runs, models) = (arguments.next().ok_or(usage)?, arguments.next().ok_or(usage)?);
    let only = arguments.next();
    let dataset = ambulo_data::hapt()?;
    std::fs::create_dir_all(&models)?;
    for (name, sensors) in
        [("waist", &[Sensor::Accelerometer, Sensor::Gyroscope][..]), ("waist-acc", &[Sensor::Accelerometer])]
    {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let mut config = Config::of(ModelKind::Cnn, Orientation::Levelled);
        config.labels = Labels::of_count(12).ok_or("no changes of posture")?;
        config.preprocessing.phase = Phase::Causal;
        config.preprocessing.resampling = Resampling::Linear;
        config.preprocessing.keep_sensors(sensors);
        config.validation.subjects = 3;
        let directory = Path::new(&runs).join(name);
        let file = directory.join("model.safetensors");
        if !file.exists() {
            println!("{name}: training");
            let run = Run::create(&directory, config.clone(), &dataset)?;
            match run.execute(&dataset, "", &AtomicBool::new(false), &mut Lines)? {
                Outcome::Finished(_) => {}
                Outcome::Interrupted => return Ok(()),
            }
        }
        let model = Model::load(&file)?;
        let (model, figures) = fit_timeline(
            &config,
            &dataset,
            model,
            STEP,
            &Path::new(&runs).join(format!("{name}-folds")),
            &mut Lines,
        )?;
        let model = model.with_lowest_rate(LOWEST_HZ)?;
        let models = Path::new(&models);
        model.save(&models.join(format!("{name}.safetensors")))?;
        let text = serde_json::to_string_pretty(&figures)? + "\n";
        std::fs::write(models.join(format!("{name}.json")), &text)?;
        println!("{text}");
    }
    Ok(())
}
