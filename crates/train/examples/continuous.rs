//! Scores over time what models answer about people to develop on whom they have not seen, as `out_of_fold` leaves them, and
//! whether smoothing has learnt the order of the protocol: the same answers with the stretches of each recording shuffled and
//! joined again, before and after smoothing. Test people are never touched. Writes `continuous.json` as `ambulo evaluate` does.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example continuous -- continuous.json MODEL.safetensors...
//! ```

#![allow(clippy::print_stdout)]

use ambulo_data::{Content, LabelledRecording, OFFICIAL_TEST_SUBJECTS};
use ambulo_model::smoothing::{Prior, smooth};
use ambulo_model::{Model, Predictor};
use ambulo_record::continuous::{ContinuousMetrics, ContinuousVariant};
use ambulo_record::timeline::Steps;
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::intake::Declared;
use ambulo_train::metrics::continuous::{Answers, SeedTally, Tally, Truth, continuous_variant, shuffled};
use ambulo_train::{ContinuousOptions, TimedAnswers, Way, by_timeline, score_recordings};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// What answers have to reach.
const CONFIDENCE: f32 = 0.8;
/// Orders in which each recording is shuffled.
const ORDERS: u64 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("give a file to write, and models")?;
    let models: Vec<Predictor> = arguments
        .map(|path| Ok(Predictor::new(Model::load(Path::new(&path))?)))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let dataset = ambulo_data::hapt()?;
    let Content::Recordings(recordings) = &dataset.content else { return Err("no recordings".into()) };
    let test = OFFICIAL_TEST_SUBJECTS.map(PersonId::from);
    let mut pairs: Vec<(&Predictor, &LabelledRecording)> = Vec::new();
    for model in &models {
        let provenance = &model.model().metadata().provenance;
        let unseen = |person: &PersonId| {
            provenance.chosen_on.contains(person)
                && !provenance.trained_on.contains(person)
                && !test.contains(person)
        };
        pairs.extend(recordings.iter().filter(|r| unseen(&r.person)).map(|r| (model, r)));
    }
    let answering = by_timeline(Declared::default(), CONFIDENCE, true);
    let options = ContinuousOptions {
        ways: &Way::USUAL,
        turned: true,
        activities: true,
        answering: &answering,
        threads: 0,
    };
    let found = score_recordings(&pairs, &options)?;
    let found =
        ContinuousMetrics { dataset: dataset.info.name.clone(), protocol: "out of fold".into(), ..found };
    std::fs::write(&out, serde_json::to_vec_pretty(&found)?)?;
    found.variants.iter().for_each(print);
    let (before, after) = in_another_order(&pairs)?;
    print(&before);
    print(&after);
    Ok(())
}

fn print(v: &ContinuousVariant) {
    let answers: Vec<String> = v.events.diagram().iter().map(|(letter, n)| format!("{letter} {n}")).collect();
    println!(
        "{:22} accuracy {:.4}, macro-F1 {:.4} ({:.4} to {:.4}), ECE {:.4}, holes {}, onset {:.2} s, {}",
        format!("{}{}", v.variant, if v.turned { ", turned" } else { "" }),
        v.accuracy.mean,
        v.macro_f1.mean,
        v.macro_f1.ci95[0],
        v.macro_f1.ci95[1],
        v.ece,
        v.errors.fragmentation.count,
        v.onset.delay_s.median,
        answers.join(" ")
    );
}

/// Figures of shuffled recordings, unsmoothed and smoothed as a whole.
fn in_another_order(
    pairs: &[(&Predictor, &LabelledRecording)],
) -> Result<(ContinuousVariant, ContinuousVariant), Box<dyn Error>> {
    let labels = &pairs.first().ok_or("nobody is unseen")?.0.model().metadata().labels;
    let mut sums: [BTreeMap<PersonId, Tally>; 2] = Default::default();
    let answering = by_timeline(Declared::default(), CONFIDENCE, true);
    for (model, recording) in pairs {
        let mut source = recording.recording.source();
        let TimedAnswers { steps, .. } = answering(model, &mut source, Way::Unsmoothed)?;
        let (Some(&start_ns), Some(last)) = (steps.start_ns.first(), steps.len().checked_sub(1)) else {
            continue;
        };
        let extent = ambulo_train::metrics::continuous::Interval::new(start_ns, steps.end_ns(last));
        let truth = Truth::new(labels, &recording.labels, extent);
        for order in 0..ORDERS {
            let (laid, anew) = shuffled(&steps, &truth, labels.len(), order);
            let smoothed = smoothed(model, labels, &laid);
            for (sum, steps) in sums.iter_mut().zip([&laid, &smoothed]) {
                let mut tally = Tally::new(labels.len())?;
                tally.add(labels, &anew, Answers { steps, segments: None })?;
                match sum.get_mut(&recording.person) {
                    Some(own) => own.merge(&tally)?,
                    None => {
                        sum.insert(recording.person.clone(), tally);
                    }
                }
            }
        }
    }
    let [before, after] = sums.map(|people| [SeedTally { seed: 0, people }]);
    Ok((
        continuous_variant(labels, "shuffled", None, &before)?,
        continuous_variant(labels, "shuffled, smoothed", None, &after)?,
    ))
}

/// What the model's prior makes of steps without a pause.
fn smoothed(model: &Predictor, labels: &LabelSet, steps: &Steps) -> Steps {
    let prior = model.model().metadata().smoothing.clone().unwrap_or_else(|| Prior::usual(labels));
    let numbers: Vec<i64> = (0..steps.len() as i64).collect();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for (i, &u) in steps.unknown.iter().enumerate() {
        let row = steps.row(i, labels.len());
        let sum: f32 = row.iter().sum();
        known.extend(row.iter().map(|p| p / sum.max(f32::MIN_POSITIVE)));
        // Back from the share of `unknown` to how much likelier it makes what was seen.
        unknown.push((u.max(f32::MIN_POSITIVE) * labels.len() as f32 / sum.max(f32::MIN_POSITIVE)).ln());
    }
    let rows = smooth(&prior, steps.step_ns as f64 / 1e9, &numbers, &known, &unknown);
    let mut out = Steps { probabilities: Vec::new(), unknown: Vec::new(), ..steps.clone() };
    for row in rows.chunks_exact(labels.len() + 1) {
        out.probabilities.extend_from_slice(&row[..labels.len()]);
        out.unknown.push(row[labels.len()]);
    }
    out
}
