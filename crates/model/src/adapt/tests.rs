mod unlabelled;

use super::*;
use crate::novelty::Clouds;
use crate::shipped::Shipped;
use crate::{MOVEMENT, Predictor};
use ambulo_nn::Random;

fn model() -> Model {
    Shipped::named("waist").unwrap().model().unwrap()
}

/// Solves `whitening x = white`.
fn coloured(clouds: &Clouds, white: &[f32]) -> Vec<f32> {
    let n = clouds.dimension;
    let mut x: Vec<f32> = Vec::new();
    for i in 0..n {
        let row = &clouds.whitening[i * n..][..=i];
        let known: f32 = row.iter().zip(&x).map(|(w, v)| w * v).sum();
        x.push((white[i] - known) / row[i]);
    }
    x
}

/// Embeddings around the mean of a class, shifted along one direction of the white space.
fn around(model: &Model, class: usize, shift: f32, count: usize, seed: u64) -> Vec<Vec<f32>> {
    let clouds = &model.metadata().unknown.as_ref().unwrap().embedding;
    let mut random = Random::new(seed, class as u64);
    let mean = &clouds.means[class * clouds.dimension..][..clouds.dimension];
    (0..count)
        .map(|_| {
            let mut white: Vec<f32> = mean.iter().map(|m| m + 0.5 * random.normal()).collect();
            white[3] += shift;
            coloured(clouds, &white)
        })
        .collect()
}

fn logits(model: &Model, embedding: &[f32]) -> Vec<f32> {
    let (weight, bias) = space::layer(model).unwrap();
    let row = |(row, bias): (&[f32], &f32)| bias + row.iter().zip(embedding).map(|(w, v)| w * v).sum::<f32>();
    weight.chunks_exact(embedding.len()).zip(bias).map(row).collect()
}

fn push(examples: &mut Examples, model: &Model, activity: &str, embeddings: &[Vec<f32>]) {
    let segment = examples.segment(activity, 2.56 + 0.64 * embeddings.len() as f64).unwrap();
    for (i, embedding) in embeddings.iter().enumerate() {
        let logits = logits(model, embedding);
        examples.push(
            segment,
            Seen {
                start_s: 0.64 * i as f64,
                length_s: 2.56,
                step_s: 0.64,
                embedding,
                movement: &[0.1; MOVEMENT],
                logits: &logits,
            },
        );
    }
}

fn share(model: &Model, class: usize, embeddings: &[Vec<f32>]) -> f64 {
    let right = embeddings.iter().filter(|e| ambulo_nn::argmax(&logits(model, e)) == class);
    right.count() as f64 / embeddings.len() as f64
}

/// Sitting that lies where standing does, more or less.
fn sits_as_others_stand(model: &Model, seed: u64, count: usize) -> Vec<Vec<f32>> {
    let clouds = &model.metadata().unknown.as_ref().unwrap().embedding;
    let n = clouds.dimension;
    let [sit, stand] = [3, 4].map(|class| &clouds.means[class * n..][..n]);
    let mut random = Random::new(seed, 77);
    (0..count)
        .map(|_| {
            let white: Vec<f32> =
                sit.iter().zip(stand).map(|(a, b)| 0.35 * a + 0.65 * b + 0.3 * random.normal()).collect();
            coloured(clouds, &white)
        })
        .collect()
}

#[test]
fn a_person_who_sits_as_others_stand_is_learned_and_nothing_is_forgotten() {
    let model = model();
    let names: Vec<String> = model.metadata().labels.names().map(Into::into).collect();
    let later = sits_as_others_stand(&model, 2, 50);
    assert!(share(&model, 3, &later) < 0.6, "{}", share(&model, 3, &later));
    let mut examples = Examples::default();
    push(&mut examples, &model, "sitting", &sits_as_others_stand(&model, 1, 12));
    push(&mut examples, &model, "standing", &around(&model, 4, 0.0, 12, 1));
    let Adapted { model: own, adaptation } = adapt(&model, &examples, SHRINKAGE, "waist").unwrap();
    assert!(share(&own, 3, &later) > share(&model, 3, &later) + 0.2, "{}", share(&own, 3, &later));
    // What nobody gave examples of is answered as before.
    for class in [0, 1, 2, 4, 5] {
        let there = around(&model, class, 0.0, 50, 3);
        let (before, after) = (share(&model, class, &there), share(&own, class, &there));
        assert!(after >= before - 0.02, "{}: {before} and {after}", names[class]);
    }
    assert_eq!(own.metadata().adaptations, std::slice::from_ref(&adaptation));
    let sitting = &adaptation.activities[0];
    assert_eq!(
        (sitting.name.as_str(), sitting.windows, sitting.segments, sitting.new),
        ("sitting", 12, 1, false)
    );
    let held_out = sitting.held_out.unwrap();
    assert!(held_out.windows > 4 && held_out.right_after >= held_out.right_before, "{held_out:?}");
    // An ordinary file, which tells the same.
    let read = Model::from_bytes("own", &own.to_bytes().unwrap()).unwrap();
    assert_eq!(read.metadata(), own.metadata());
    assert_eq!(read.weights(), own.weights());
    // Without holding anything out it is the same model, which remembers nothing of it.
    let moved = move_head(&model, &examples, SHRINKAGE).unwrap();
    assert_eq!((moved.weights(), moved.metadata().adaptations.len()), (own.weights(), 0));
}

#[test]
fn a_new_activity_is_known_and_the_others_stay() {
    let model = model();
    let (classes, strange) = (model.metadata().labels.len(), around(&model, 0, 9.0, 60, 4));
    let mut examples = Examples::default();
    push(&mut examples, &model, "cycling", &strange[..12]);
    let own = adapt(&model, &examples, SHRINKAGE, "waist").unwrap().model;
    assert_eq!(own.metadata().labels.names().last(), Some("cycling"));
    assert!(share(&own, classes, &strange[12..]) > 0.95, "{}", share(&own, classes, &strange[12..]));
    for class in 0..6 {
        let there = around(&model, class, 0.0, 50, 5);
        assert!(share(&own, class, &there) >= share(&model, class, &there) - 0.02, "class {class}");
    }
    let novelty = |model: &Model| model.metadata().unknown.as_ref().unwrap().embedding.distance(&strange[20]);
    assert!(novelty(&own) < 0.5 * novelty(&model));
    own.metadata().smoothing.as_ref().unwrap().validate(classes + 1).unwrap();
    // It can be taught again.
    let mut more = Examples::default();
    push(&mut more, &own, "cycling", &strange[12..24]);
    push(&mut more, &own, "walking", &around(&model, 0, 0.0, 12, 6));
    let twice = adapt(&own, &more, SHRINKAGE, "own").unwrap();
    assert_eq!(twice.model.metadata().adaptations.len(), 2);
    assert!(!twice.adaptation.activities[0].new);
}

#[test]
fn a_persons_own_way_of_a_known_activity_is_no_longer_strange() {
    let model = model();
    let (own_way, elsewhere) = (around(&model, 3, 9.0, 24, 4), around(&model, 3, -9.0, 12, 4));
    let mut examples = Examples::default();
    push(&mut examples, &model, "sitting", &own_way[..12]);
    push(&mut examples, &model, "standing", &around(&model, 4, 0.0, 12, 6));
    let own = adapt(&model, &examples, SHRINKAGE, "waist").unwrap().model;
    let score = |model: &Model, embedding: &[f32]| {
        let novelty = model.metadata().unknown.as_ref().unwrap();
        novelty.score(embedding, &[0.1; MOVEMENT], &logits(model, embedding))
    };
    let mean = |model: &Model, of: &[Vec<f32>]| {
        of.iter().map(|embedding| score(model, embedding)).sum::<f32>() / of.len() as f32
    };
    // Windows that were not given, and what lies on the other side of the class.
    assert!(mean(&own, &own_way[12..]) < mean(&model, &own_way[12..]) - 1.0);
    let far = |model: &Model| {
        let clouds = &model.metadata().unknown.as_ref().unwrap().embedding;
        elsewhere.iter().map(|embedding| clouds.distance(embedding)).sum::<f32>()
    };
    assert!((far(&own) / far(&model) - 1.0).abs() < 0.05, "{} {}", far(&own), far(&model));
    // And it goes on from there.
    let mut more = Examples::default();
    push(&mut more, &own, "rowing", &around(&model, 0, 9.0, 12, 5));
    push(&mut more, &own, "sitting", &own_way[12..]);
    let twice = adapt(&own, &more, SHRINKAGE, "own").unwrap().model;
    assert_eq!(twice.metadata().labels.names().last(), Some("rowing"));
    assert!(share(&twice, 3, &own_way) >= share(&own, 3, &own_way) - 0.05);
}

#[test]
fn the_layer_says_what_was_computed_in_its_space() {
    let model = model();
    let mut examples = Examples::default();
    push(&mut examples, &model, "sitting", &sits_as_others_stand(&model, 1, 8));
    push(&mut examples, &model, "rowing", &around(&model, 2, 7.0, 8, 1));
    let plan = plan(&model, &examples).unwrap();
    let space = Space::of(&model, &examples);
    let all: Vec<usize> = (0..examples.len()).collect();
    let added = fit(&model, &examples, &plan, &space, &all, SHRINKAGE).unwrap();
    let own = assemble(&model, &examples, &plan, &space, &added, None).unwrap();
    let classes = plan.labels.len();
    for embedding in around(&model, 5, 1.0, 5, 9) {
        let mut point = Vec::new();
        space.place(&embedding, &mut point);
        let before = logits(&model, &embedding).into_iter().map(f64::from).chain([0.0]);
        for (c, (before, after)) in before.zip(logits(&own, &embedding)).enumerate() {
            let more: f64 = point.iter().zip(added.chunks_exact(classes)).map(|(v, row)| v * row[c]).sum();
            let expected = before + more;
            assert!(
                (expected - f64::from(after)).abs() < 2e-3 * (1.0 + expected.abs()),
                "{expected} {after}"
            );
        }
    }
    // And the whole network with it.
    let zeros = vec![0.1; own.network().input().len()];
    let (logits_of_network, embedding) = Predictor::new(own).logits_and_embeddings(&zeros).unwrap();
    assert_eq!(logits_of_network.len(), classes);
    assert_eq!(embedding.len(), 64);
}

#[test]
fn examples_are_the_same_after_a_rest() {
    let model = model();
    let mut examples = Examples::default();
    push(&mut examples, &model, "sitting", &sits_as_others_stand(&model, 1, 4));
    let saved = serde_json::to_string(&examples).unwrap();
    let mut again: Examples = serde_json::from_str(&saved).unwrap();
    assert_eq!(again, examples);
    for own in [&mut examples, &mut again] {
        push(own, &model, "standing", &around(&model, 4, 0.0, 4, 1));
    }
    let [a, b] = [&examples, &again].map(|own| adapt(&model, own, SHRINKAGE, "").unwrap().model);
    assert_eq!(a.weights(), b.weights());
}

#[test]
fn what_teaches_nothing_is_refused() {
    let model = model();
    let empty = Examples::default();
    assert!(matches!(adapt(&model, &empty, SHRINKAGE, ""), Err(AdaptError::Nothing { .. })));
    let mut one = Examples::default();
    push(&mut one, &model, "sitting", &around(&model, 3, 0.0, 4, 1));
    assert!(matches!(adapt(&model, &one, SHRINKAGE, ""), Err(AdaptError::OneActivity { .. })));
    assert!(matches!(adapt(&model, &one, 0.0, ""), Err(AdaptError::Shrinkage { .. })));
    let mut both = one.clone();
    push(&mut both, &model, "standing", &around(&model, 3, 0.0, 4, 1));
    let error = adapt(&model, &both, SHRINKAGE, "").unwrap_err();
    assert!(matches!(error, AdaptError::Contradiction { .. }), "{error}");
    let mut vague = one.clone();
    push(&mut vague, &model, "activity", &around(&model, 4, 0.0, 4, 1));
    let error = adapt(&model, &vague, SHRINKAGE, "").unwrap_err();
    assert!(matches!(error, AdaptError::SaysNothing { .. }), "{error}");
    let mut other = one.clone();
    push(&mut other, &model, "standing", &around(&model, 4, 0.0, 4, 1));
    other.windows[5].embedding.pop();
    assert!(matches!(adapt(&model, &other, SHRINKAGE, ""), Err(AdaptError::OtherModel)));
    other.windows[5].embedding.push(f32::NAN);
    assert!(matches!(adapt(&model, &other, SHRINKAGE, ""), Err(AdaptError::NotFinite)));
    assert!(Examples::default().segment("unknown", 1.0).is_err());
}

#[test]
fn a_coarse_label_moves_what_lies_beneath_it() {
    let model = model();
    let mut examples = Examples::default();
    push(&mut examples, &model, "stairs", &around(&model, 1, 2.5, 12, 1));
    push(&mut examples, &model, "walking", &around(&model, 0, 0.0, 12, 1));
    let adapted = adapt(&model, &examples, SHRINKAGE, "").unwrap();
    assert_eq!(adapted.model.metadata().labels, model.metadata().labels);
    assert!(!adapted.adaptation.activities[0].new);
    for class in 0..3 {
        let there = around(&model, class, 0.0, 50, 5);
        assert!(share(&adapted.model, class, &there) >= share(&model, class, &there) - 0.05);
    }
}
