//! Makes the models in the box: trains each on people to develop on, evaluates once on the test people of the official protocol,
//! fits what timelines need to answers about people to develop on whom networks have not seen, and writes model and figures.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example ship -- RUNS MODELS
//! cargo run --release -p ambulo-train --example ship -- RUNS MODELS sisfall=FOLDER sp-sw=FOLDER
//! ```
//!
//! Alone it makes `waist` and `waist-acc`, from the 21 people of the bundled recordings; with further data sets, which are named as
//! in `ambulo train --data`, `general` and `general-acc`, from everyone in those as well.
//!
//! `RUNS` gets a run directory for each model, `MODELS` gets `NAME.safetensors` and `NAME.json` with the figures on people to develop
//! on. The same instruction set gives the same bytes; a run that is there already is not trained again.

#![allow(clippy::print_stdout)]

use ambulo_data::Dataset;
use ambulo_model::Model;
use ambulo_record::{EpochRecord, LabelSet};
use ambulo_signal::{Phase, Resampling, Sensor};
use ambulo_train::{
    Config, Labels, ModelKind, Observer, Orientation, Outcome, Progress, Protocol, Run, fit_timeline,
};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What further data sets add to the twelve activities of the bundled recordings. Stairs without a direction are a coarse label.
const MORE: [&str; 2] = ["running", "jumping"];
/// Groups of people to develop on, each of which is answered by networks of the others: three of the 21, or 16 of the 63.
const FOLDS: [usize; 2] = [7, 4];
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
    let mut sets = vec![ambulo_data::hapt()?];
    for word in arguments {
        let (name, folder) = word.split_once('=').ok_or("name data sets as NAME=FOLDER")?;
        let manifest = &ambulo_data::shipped_manifest(name)?.manifest;
        sets.push(manifest.read_dataset(Path::new(folder), &mut |_| {})?);
    }
    let general = sets.len() > 1;
    let dataset = Dataset::join(sets)?;
    let people = Protocol::Published.split(&dataset, 1)?.development().ids().len();
    std::fs::create_dir_all(&models)?;
    let names = if general { ["general", "general-acc"] } else { ["waist", "waist-acc"] };
    let all = [&[Sensor::Accelerometer, Sensor::Gyroscope][..], &[Sensor::Accelerometer]];
    for (name, sensors) in names.into_iter().zip(all) {
        let mut config = Config::of(ModelKind::Cnn, Orientation::Levelled);
        config.labels = Labels::of_count(12).ok_or("no changes of posture")?;
        if general {
            let more = config.labels.names().chain(MORE);
            config.labels = LabelSet::new(more)?.into();
            config.protocol = Protocol::Published;
        }
        config.preprocessing.phase = Phase::Causal;
        config.preprocessing.resampling = Resampling::Linear;
        config.preprocessing.keep_sensors(sensors);
        config.validation.subjects = people.div_ceil(FOLDS[usize::from(general)]);
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
