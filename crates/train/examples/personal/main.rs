//! How much a few seconds of a person's own help: for people whom a model has not seen, seconds of each activity are drawn at random,
//! the model is adapted to them, and scored on the rest of the same person. Also how well an activity is learned that the model does
//! not know. Models are those of folds, as `fit_timeline` leaves them, each for the people it was not trained on, or finished ones for
//! test people.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example personal -- OUT.json personal 10 MODEL.safetensors... [NAME=FOLDER...]
//! cargo run --release -p ambulo-train --example personal -- OUT.json new=running 10 MODEL.safetensors... [NAME=FOLDER...]
//! ```
//!
//! `personal` gives seconds of every activity; `new=ACTIVITY` those of one that the models do not know and of all others;
//! `only=ACTIVITY` those of that one alone. Ten draws; means over draws, intervals over people (bootstrap, 2,000 times).

#![allow(clippy::print_stdout)]

mod people;

use ambulo_data::{Content, Dataset, LabelledRecording};
use ambulo_model::adapt::{Examples, SHRINKAGE, Seen, adapt};
use ambulo_model::{MOVEMENT, Model, Predictor};
use ambulo_nn::Random;
use ambulo_record::PersonId;
use ambulo_train::with_memory;
use people::{Person, Stretch, Window, people_of};
use serde::Serialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

const DRAWS: u64 = 10;

/// A person before and after, means over draws.
#[derive(Debug, Serialize)]
struct Score {
    person: String,
    dataset: String,
    windows: f64,
    mistakes_before: f64,
    mistakes_after: f64,
    /// Share found of each activity, before and after.
    recalls: BTreeMap<String, [f64; 2]>,
    /// Of what strangers do, told from what the model knows; before and after.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown_auroc: Option<[f64; 2]>,
}

#[derive(Serialize)]
struct Figures {
    task: String,
    seconds: f64,
    draws: u64,
    people: Vec<Score>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "give OUT.json, a task, seconds, models, and data sets as NAME=FOLDER";
    let (out, task) = (arguments.next().ok_or(usage)?, arguments.next().ok_or(usage)?);
    let seconds: f64 = arguments.next().ok_or(usage)?.parse()?;
    let mut sets = vec![ambulo_data::hapt()?];
    let mut models = Vec::new();
    for word in arguments {
        match word.split_once('=') {
            Some((name, folder)) => {
                let manifest = &ambulo_data::shipped_manifest(name)?.manifest;
                sets.push(manifest.read_dataset(Path::new(folder), &mut |_| {})?);
            }
            None => models.push(Model::load(Path::new(&word))?),
        }
    }
    let dataset = Dataset::join(sets)?;
    let (new, alone) = match task.split_once('=') {
        Some(("new", activity)) => (Some(activity), false),
        Some(("only", activity)) => (Some(activity), true),
        _ => (None, false),
    };
    let mut scores = Vec::new();
    for model in models {
        let remembers = model.metadata().unknown.is_some();
        // A model of the bundled recordings alone names its people as they do.
        let own = model.metadata().provenance.sources.is_empty();
        let model = match (remembers, own) {
            (true, _) => model,
            (false, true) => with_memory(model, &ambulo_data::hapt()?)?,
            (false, false) => with_memory(model, &dataset)?,
        };
        for person in people_of(&model, &dataset, new)? {
            scores.extend(score(&model, &person, (new, alone), seconds)?);
        }
    }
    scores.sort_by(|a, b| (&a.dataset, &a.person).cmp(&(&b.dataset, &b.person)));
    print(&task, seconds, &scores);
    let figures = Figures { task, seconds, draws: DRAWS, people: scores };
    std::fs::write(out, serde_json::to_string_pretty(&figures)? + "\n")?;
    Ok(())
}

/// Weight and bias of a model's last layer on an embedding.
fn answer(model: &Model, embedding: &[f32]) -> Vec<f32> {
    let classes = model.metadata().labels.len();
    let from = model.weights().len() - classes * (embedding.len() + 1);
    let (weight, bias) = model.weights()[from..].split_at(classes * embedding.len());
    let row = |(row, bias): (&[f32], &f32)| bias + row.iter().zip(embedding).map(|(w, v)| w * v).sum::<f32>();
    weight.chunks_exact(embedding.len()).zip(bias).map(row).collect()
}

fn is_right(model: &Model, window: &Window) -> bool {
    let labels = &model.metadata().labels;
    let best = ambulo_nn::argmax(&answer(model, &window.embedding));
    labels.target(&window.label).is_some_and(|target| target.classes().contains(&(best as u8)))
}

fn score(
    model: &Model,
    person: &Person,
    (new, alone): (Option<&str>, bool),
    seconds: f64,
) -> Result<Option<Score>, Box<dyn Error>> {
    if person.activities().len() < 2 || new.is_some_and(|new| !person.activities().contains(&new)) {
        return Ok(None);
    }
    let mut sums: BTreeMap<String, [f64; 3]> = BTreeMap::new();
    let (mut windows, mut before, mut after, mut auroc) = (0.0, 0.0, 0.0, [0.0; 2]);
    for draw in 0..DRAWS {
        let mut random = Random::new(draw, person.stream());
        let mut examples = Examples::default();
        let mut taken: Vec<Stretch> = Vec::new();
        for activity in person.activities() {
            if alone && Some(activity) != new {
                continue;
            }
            let stretch = person.draw(activity, seconds, &mut random);
            let segment = examples.segment(activity, stretch.seconds())?;
            for window in person.within(&stretch, activity) {
                examples.push(
                    segment,
                    Seen {
                        start_s: (window.start_ns - stretch.start_ns) as f64 / 1e9,
                        length_s: person.window_ns as f64 / 1e9,
                        step_s: person.step_ns as f64 / 1e9,
                        embedding: &window.embedding,
                        movement: &window.movement,
                        logits: &window.logits,
                    },
                );
            }
            taken.push(stretch);
        }
        let own = adapt(model, &examples, SHRINKAGE, "")?.model;
        for window in person.rest(&taken) {
            let [was, is] = [is_right(model, window), is_right(&own, window)].map(f64::from);
            let sum = sums.entry(window.label.clone()).or_default();
            sum.iter_mut().zip([1.0, was, is]).for_each(|(sum, v)| *sum += v);
            // What the model cannot know before is no mistake before.
            if Some(window.label.as_str()) != new {
                windows += 1.0;
                before += 1.0 - was;
                after += 1.0 - is;
            }
        }
        if new.is_some() && !person.strange.is_empty() {
            for (sum, model) in auroc.iter_mut().zip([model, &own]) {
                *sum += person.auroc(model, new);
            }
        }
    }
    let draws = DRAWS as f64;
    Ok(Some(Score {
        person: person.name.to_string(),
        dataset: person.dataset.clone(),
        windows: windows / draws,
        mistakes_before: before / windows,
        mistakes_after: after / windows,
        recalls: sums.into_iter().map(|(name, [n, was, is])| (name, [was / n, is / n])).collect(),
        unknown_auroc: (new.is_some() && !person.strange.is_empty()).then(|| auroc.map(|a| a / draws)),
    }))
}

/// Mean over people with a 95 % interval by the bootstrap.
fn interval(values: &[f64]) -> (f64, f64, f64) {
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len().max(1) as f64;
    let mut random = Random::new(1, 1);
    let mut means: Vec<f64> = (0..2000)
        .map(|_| {
            let drawn: Vec<f64> =
                (0..values.len()).map(|_| values[random.below(values.len() as u32) as usize]).collect();
            mean(&drawn)
        })
        .collect();
    means.sort_by(f64::total_cmp);
    (mean(values), means[49], means[1949])
}

fn print(task: &str, seconds: f64, scores: &[Score]) {
    let mut by_set: BTreeMap<&str, Vec<&Score>> = BTreeMap::new();
    for score in scores {
        by_set.entry(&score.dataset).or_default().push(score);
    }
    for (dataset, people) in by_set {
        let [before, after]: [Vec<f64>; 2] = [
            people.iter().map(|s| s.mistakes_before).collect(),
            people.iter().map(|s| s.mistakes_after).collect(),
        ];
        let gain: Vec<f64> = before.iter().zip(&after).map(|(b, a)| b - a).collect();
        let mut worst: Vec<usize> = (0..people.len()).collect();
        worst.sort_by(|&a, &b| before[b].total_cmp(&before[a]));
        worst.truncate(5);
        let of_worst = |all: &[f64]| worst.iter().map(|&i| all[i]).sum::<f64>() / worst.len() as f64;
        let (b, a) = (interval(&before).0, interval(&after).0);
        let (mean, low, high) = interval(&gain);
        println!(
            "{task} {seconds} s, {dataset}, {} people: mistakes {:.2} -> {:.2} % (gain {:.2} points, {:.2} to {:.2}; {:.0} % fewer); worst five \
             {:.2} -> {:.2} % ({:.0} % fewer); lose more than a point: {}, at most {:.2}",
            people.len(),
            100.0 * b,
            100.0 * a,
            100.0 * mean,
            100.0 * low,
            100.0 * high,
            100.0 * (1.0 - a / b),
            100.0 * of_worst(&before),
            100.0 * of_worst(&after),
            100.0 * (1.0 - of_worst(&after) / of_worst(&before)),
            gain.iter().filter(|g| **g < -0.01).count(),
            -100.0 * gain.iter().copied().fold(0.0, f64::min),
        );
        let mut recalls: BTreeMap<&str, Vec<[f64; 2]>> = BTreeMap::new();
        for score in &people {
            score.recalls.iter().for_each(|(name, pair)| recalls.entry(name).or_default().push(*pair));
        }
        for (name, pairs) in recalls {
            let mean = |i: usize| pairs.iter().map(|pair| pair[i]).sum::<f64>() / pairs.len() as f64;
            println!("  {name:20} recall {:.3} -> {:.3}", mean(0), mean(1));
        }
        let aurocs: Vec<[f64; 2]> = people.iter().filter_map(|s| s.unknown_auroc).collect();
        if !aurocs.is_empty() {
            let mean = |i: usize| aurocs.iter().map(|pair| pair[i]).sum::<f64>() / aurocs.len() as f64;
            println!("  unknown AUROC {:.3} -> {:.3}", mean(0), mean(1));
        }
    }
}
