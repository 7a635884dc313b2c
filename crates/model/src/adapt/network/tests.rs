use super::*;
use crate::adapt::{SHRINKAGE, SaidInterval, Seen, adapt};
use crate::movement::MOVEMENT;
use crate::shipped::Shipped;
use ambulo_nn::Random;
use ambulo_record::LabelSet;
use ambulo_signal::Recording;
use ambulo_signal::intake::Declared;

fn model() -> Model {
    Shipped::named("waist").unwrap().model().unwrap()
}

/// Windows that oscillate by so many cycles about a level, with noise: `[window, time, channel]`.
fn windows(model: &Model, cycles: f32, level: f32, count: usize, seed: u64) -> Vec<f32> {
    let input = model.network().input();
    let mut random = Random::new(seed, 0);
    let mut x = Vec::with_capacity(count * input.len());
    for _ in 0..count {
        for t in 0..input.time {
            let angle = core::f32::consts::TAU * cycles * t as f32 / input.time as f32;
            x.extend(
                (0..input.channels).map(|c| level + libm::sinf(angle + c as f32) + 0.3 * random.normal()),
            );
        }
    }
    x
}

fn push(examples: &mut InputExamples, model: &Model, activity: &str, x: &[f32]) {
    let (size, width) = (model.network().input().len(), model.network().embedding().len());
    let classes = model.metadata().labels.len();
    let own = Model::new(model.metadata().clone(), model.weights().to_vec()).unwrap();
    let (logits, embeddings) = Predictor::new(own).logits_and_embeddings(x).unwrap();
    let segment = examples.segment(activity, 2.56 + 0.64 * (x.len() / size) as f64).unwrap();
    for (i, input) in x.chunks_exact(size).enumerate() {
        let seen = Seen {
            start_s: 0.64 * i as f64,
            length_s: 2.56,
            step_s: 0.64,
            embedding: &embeddings[i * width..][..width],
            movement: &[0.1; MOVEMENT],
            logits: &logits[i * classes..][..classes],
        };
        examples.push(segment, seen, input);
    }
}

fn examples(model: &Model) -> InputExamples {
    let mut all = InputExamples::default();
    push(&mut all, model, "walking", &windows(model, 5.0, 0.2, 12, 1));
    push(&mut all, model, "rowing", &windows(model, 2.0, -0.4, 12, 2));
    push(&mut all, model, "stairs", &windows(model, 4.0, 0.6, 12, 3));
    all
}

fn loss(model: &Model, examples: &InputExamples, labels: &LabelSet) -> f64 {
    let own = Model::new(model.metadata().clone(), model.weights().to_vec()).unwrap();
    let mut logits = Predictor::new(own).logits(&examples.inputs).unwrap();
    let targets: Vec<_> = examples.examples.activities().map(|name| labels.target(name).unwrap()).collect();
    let rows = logits.chunks_exact_mut(labels.len()).zip(&examples.examples.windows);
    rows.map(|(row, window)| tune::cross_entropy(row, &targets[window.activity], window.weight)).sum()
}

#[test]
fn the_descent_lowers_the_loss_and_moves_nothing_but_scale_and_shift() {
    let model = model();
    let examples = examples(&model);
    let first = adapt(&model, examples.examples(), SHRINKAGE, "waist").unwrap().model;
    let labels = &first.metadata().labels;
    let targets: Vec<_> = examples.examples.activities().map(|name| labels.target(name).unwrap()).collect();
    let own = &examples.examples.windows;
    let lesson = Lesson {
        inputs: &examples.inputs,
        windows: &(0..own.len()).collect::<Vec<_>>(),
        targets: own.iter().map(|window| &targets[window.activity]).collect(),
        weights: own.iter().map(|window| window.weight).collect(),
    };
    let moved = |tuning: Tuning| {
        let weights = tune(&first, &lesson, &tuning).unwrap();
        Model::new(first.metadata().clone(), weights).unwrap()
    };
    let objective = |after: &Model, strength: f64| {
        let away = first.weights().iter().zip(after.weights()).map(|(a, b)| f64::from(b - a).powi(2));
        loss(after, &examples, labels) + strength * away.sum::<f64>() / 2.0
    };
    let after = moved(TUNING);
    let before = objective(&first, TUNING.strength);
    assert!(objective(&after, TUNING.strength) < before - 0.01, "{before}");
    let freely = moved(Tuning { strength: 1.0, ..TUNING });
    assert!(loss(&freely, &examples, labels) < loss(&after, &examples, labels));
    let learns: Vec<_> = tune::moves(&first).into_iter().map(|p| p.name).collect();
    assert_eq!(learns.len(), 6);
    for p in first.network().parameters() {
        let same = first.weights()[p.range.clone()] == after.weights()[p.range];
        assert_eq!(same, !learns.contains(&p.name), "{}", p.name);
    }
}

#[test]
fn the_gradient_is_that_of_the_loss() {
    let labels = LabelSet::twelve();
    for name in ["sitting", "stairs"] {
        let target = labels.target(name).unwrap();
        let logits: Vec<f32> = (0..12).map(|i| ((i * 7) % 5) as f32 / 2.0).collect();
        let mut gradient = logits.clone();
        tune::cross_entropy(&mut gradient, &target, 0.7);
        for i in 0..12 {
            let at = |by: f32| {
                let mut row = logits.clone();
                row[i] += by;
                tune::cross_entropy(&mut row, &target, 0.7)
            };
            let numeric = (at(1.0 / 64.0) - at(-1.0 / 64.0)) * 32.0;
            assert!((numeric - f64::from(gradient[i])).abs() < 1e-4, "{name} {i}: {numeric}");
        }
    }
}

#[test]
fn a_personal_network_keeps_what_was_not_moved_and_the_model_it_was_made_from() {
    let model = model();
    let before = model.weights().to_vec();
    let examples = examples(&model);
    let Adapted { model: own, adaptation } =
        adapt_network(&model, &examples, SHRINKAGE, &TUNING, "waist").unwrap();
    assert_eq!(model.weights(), before);
    assert_eq!((adaptation.method.as_str(), adaptation.tuning), ("network", Some(TUNING)));
    assert_eq!(own.metadata().adaptations, std::slice::from_ref(&adaptation));
    assert_eq!(own.metadata().labels.names().last(), Some("rowing"));
    for one in &adaptation.activities {
        assert!(one.held_out.is_some_and(|held| held.windows > 0), "{one:?}");
    }
    let alone = move_network(&model, &examples, SHRINKAGE, &TUNING).unwrap();
    assert_eq!((alone.weights(), alone.metadata().adaptations.len()), (own.weights(), 0));
    let last = last_layer(&own);
    let moved: Vec<_> = tune::moves(&model).into_iter().map(|p| p.name).collect();
    let own_parameters = own.network().parameters();
    for (old, new) in model.network().parameters().into_iter().zip(own_parameters) {
        if !old.name.starts_with(&*last) {
            let same = before[old.range] == own.weights()[new.range];
            assert_eq!(same, !moved.contains(&new.name), "{}", new.name);
        }
    }
    // The new activity is known, among what was not given as well.
    let (rowing, labels) = (windows(&own, 2.0, -0.4, 20, 9), own.metadata().labels.clone());
    let read = Model::from_bytes("own", &own.to_bytes().unwrap()).unwrap();
    assert_eq!(read.metadata(), own.metadata());
    let logits = Predictor::new(read).logits(&rowing).unwrap();
    let found = logits.chunks_exact(labels.len()).filter(|row| ambulo_nn::argmax(row) == labels.len() - 1);
    assert!(found.count() >= 18);
}

#[test]
fn the_bits_do_not_depend_on_the_threads() {
    let model = model();
    let mut examples = examples(&model);
    // More than a batch.
    push(&mut examples, &model, "lying", &windows(&model, 0.0, 1.0, 80, 5));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let tuning = Tuning { steps: 4, ..TUNING };
        let own = pool.install(|| adapt_network(&model, &examples, SHRINKAGE, &tuning, "").unwrap());
        let bits: Vec<u32> = own.model.weights().iter().map(|w| w.to_bits()).collect();
        (bits, own.adaptation)
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn what_teaches_nothing_is_refused_as_for_the_last_layer() {
    let model = model();
    let go = |examples: &InputExamples, tuning: &Tuning| {
        adapt_network(&model, examples, SHRINKAGE, tuning, "").unwrap_err()
    };
    assert!(matches!(go(&InputExamples::default(), &TUNING), AdaptError::Nothing { .. }));
    let mut one = InputExamples::default();
    push(&mut one, &model, "walking", &windows(&model, 5.0, 0.2, 4, 1));
    assert!(matches!(go(&one, &TUNING), AdaptError::OneActivity { .. }));
    let mut both = one.clone();
    push(&mut both, &model, "lying", &windows(&model, 5.0, 0.2, 4, 1));
    assert!(matches!(go(&both, &TUNING), AdaptError::Contradiction { .. }));
    let good = examples(&model);
    assert!(matches!(go(&good, &Tuning { rate: 0.0, ..TUNING }), AdaptError::Tuning { .. }));
    assert!(matches!(go(&good, &Tuning { strength: f64::NAN, ..TUNING }), AdaptError::Tuning { .. }));
    let mut short = good.clone();
    short.inputs.pop();
    assert!(matches!(go(&short, &TUNING), AdaptError::OtherModel));
    let mut odd = good;
    odd.inputs[5] = f32::INFINITY;
    assert!(matches!(go(&odd, &TUNING), AdaptError::NotFinite));
}

#[test]
fn many_turns_are_asked_in_folds_that_keep_nothing_they_ask() {
    let model = model();
    let mut all = InputExamples::default();
    for seed in 0..5 {
        push(&mut all, &model, "walking", &windows(&model, 5.0, 0.2, 2, seed));
        push(&mut all, &model, "lying", &windows(&model, 0.0, 1.0, 2, 10 + seed));
    }
    let turns = || held_out::turns(&all.examples);
    assert_eq!((turns().len(), held_out::in_folds(turns(), 30).len()), (10, 10));
    let folds = held_out::in_folds(turns(), 4);
    assert_eq!(folds.len(), 4);
    let mut asked: Vec<usize> = folds.iter().flat_map(|fold| fold.asked.clone()).collect();
    asked.sort_unstable();
    assert_eq!(asked, (0..all.len()).collect::<Vec<_>>());
    for fold in &folds {
        assert!(fold.asked.iter().all(|i| !fold.kept.contains(i)));
        assert_eq!(fold.asked.len() + fold.kept.len(), all.len());
    }
}

#[test]
fn collected_inputs_are_what_the_network_was_given() {
    let model = model();
    let mut random = Random::new(4, 0);
    let mut axes = |level: [f32; 3]| -> Vec<[f32; 3]> {
        (0..1200).map(|_| level.map(|v| v + 0.1 * random.normal())).collect()
    };
    let recording = Recording::uniform(50.0, axes([1.0, 0.0, 0.1]), Some(axes([0.0; 3])));
    let declared = Declared { up: Some([1.0, 0.0, 0.0]), ..Declared::default() };
    let said =
        |start_ns, end_ns, activity: &str| SaidInterval { start_ns, end_ns, activity: activity.into() };
    let said = [said(10_000_000_000, 18_000_000_000, "sitting"), said(0, 8_000_000_000, "rowing")];
    let (mut plain, mut with_inputs) = (Examples::default(), InputExamples::default());
    let predictor = Predictor::new(Model::new(model.metadata().clone(), model.weights().to_vec()).unwrap());
    let a = predictor.collect(&mut recording.source(), &declared, &said, &mut plain).unwrap();
    let b = predictor.collect_inputs(&mut recording.source(), &declared, &said, &mut with_inputs).unwrap();
    assert!(a.windows > 10);
    assert_eq!((&a, &plain), (&b, with_inputs.examples()));
    with_inputs.check(&model).unwrap();
    let (_, seen) = seen_by(&plain, &with_inputs.inputs, model).unwrap();
    assert_eq!(seen, plain);
}
