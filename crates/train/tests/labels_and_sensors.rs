//! Recordings of any sensors and labels of any depth, from data set to figures.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

use ambulo_data::{Content, DataError, Dataset, LabelInterval, LabelledRecording, lookup};
use ambulo_model::{Model, Predictor, RawWindows};
use ambulo_record::{LabelSet, Metrics, Mistake, PersonId};
use ambulo_signal::intake::Declared;
use ambulo_signal::{Channel, Recording};
use ambulo_train::{Config, ModelKind, Orientation, Outcome, Protocol, Run, Silent, TrainError};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const SAMPLES: usize = 400;

/// What is done, how gravity lies, and how fast and far one swings.
const DONE: [(&str, [f32; 3], f32, f32); 4] = [
    ("walking", [1.0, 0.0, 0.0], 1.9, 0.3),
    ("walking_upstairs", [0.95, 0.0, -0.3], 1.2, 0.25),
    ("walking_downstairs", [0.95, 0.0, 0.3], 2.6, 0.4),
    ("sitting", [0.8, 0.1, 0.6], 0.3, 0.01),
];

/// One recording of each of five people; where the person says so, stairs are only stairs.
fn dataset(gyroscope: bool, coarse: impl Fn(usize) -> bool) -> Dataset {
    let mut state = 1_u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32) / (1 << 23) as f32 - 1.0
    };
    let mut recordings = Vec::new();
    for person in 0..5 {
        let (mut acceleration, mut turning, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for (label, gravity, rate, swing) in DONE {
            let start_ns = acceleration.len() as i64 * 20_000_000;
            for i in 0..SAMPLES {
                let s = swing * (std::f32::consts::TAU * rate * i as f32 / 50.0).sin();
                acceleration.push([gravity[0] + s, gravity[1] + 0.05 * noise(), gravity[2] + 0.05 * noise()]);
                turning.push([s, 0.1 * noise(), 0.1 * noise()]);
            }
            let end_ns = acceleration.len() as i64 * 20_000_000;
            let label = if coarse(person) && label.contains("stairs") { "stairs" } else { label };
            labels.push(LabelInterval { start_ns, end_ns, label: label.into() });
        }
        recordings.push(LabelledRecording {
            person: PersonId::new(format!("P{person}")).unwrap(),
            name: format!("visit {person}"),
            recording: Recording::uniform(50.0, acceleration, gyroscope.then_some(turning)).into(),
            facts: std::sync::Arc::default(),
            up: None,
            labels,
        });
    }
    let mut info = lookup("hapt").unwrap();
    (info.name, info.cohort, info.sha256) = ("made-up".into(), "nobody".into(), None);
    Dataset::new(info, "0".repeat(64), Content::Recordings(recordings))
}

fn config() -> Config {
    let mut config = Config::of(ModelKind::Tiny, Orientation::Fixed);
    config.labels = LabelSet::new(DONE.map(|(label, ..)| label)).unwrap().into();
    (config.protocol, config.fold) = (Protocol::Loso, Some(1));
    (config.validation.subjects, config.training.epochs, config.training.batch) = (1, 40, 16);
    config
}

fn train(directory: &Path, config: Config, dataset: &Dataset) -> Metrics {
    let run = Run::create(directory, config, dataset).unwrap();
    match run.execute(dataset, "", &AtomicBool::new(false), &mut Silent).unwrap() {
        Outcome::Finished(metrics) => *metrics,
        Outcome::Interrupted => panic!("nobody asked it to stop"),
    }
}

#[test]
fn coarse_labels_are_trained_on_and_scored_at_their_depth() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("run");
    // Two who are developed on, and the one who is tested, know stairs only.
    let metrics = train(&directory, config(), &dataset(true, |person| person < 3));
    let [stairs] = metrics.test.coarse.as_slice() else { panic!("{:?}", metrics.test.coarse) };
    // Up and down are one stretch of stairs, in which more windows fit.
    assert_eq!((stairs.label.as_str(), stairs.windows), ("stairs", 11));
    assert!(stairs.recall > 0.8, "{stairs:?}");
    // Everything else is of the windows that carry a class.
    assert_eq!(metrics.test.confusion.iter().flatten().sum::<u64>(), 10);
    assert_eq!(metrics.test.per_subject[&PersonId::new("P0").unwrap()].windows, 10);
    assert_eq!((metrics.windows.test, metrics.test.per_class[1].support), (21, 0));
    assert!(metrics.test.accuracy.mean > 0.8, "{:?}", metrics.test.accuracy);
    let labels = config().label_set();
    let stored =
        ambulo_train::predictions::read_predictions(&directory.join("predictions.parquet"), &labels).unwrap();
    assert_eq!(stored.windows.groups, [vec![1, 2]]);
    assert_eq!(stored.windows.class_counts(4), [5, 0, 0, 5]);
}

#[test]
fn acceleration_alone_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.preprocessing.channels.retain(|channel| !channel.name().contains("gyro"));
    config.training.epochs = 1;
    let data = dataset(false, |_| false);
    let directory = folder.path().join("run");
    let metrics = train(&directory, config, &data);
    assert_eq!(metrics.windows.test, 20);
    let text = std::fs::read_to_string(directory.join("mistakes.json")).unwrap();
    let mistakes: Vec<Mistake> = serde_json::from_str(&text).unwrap();
    for mistake in &mistakes {
        assert_eq!((mistake.recording.as_str(), &mistake.angular_velocity), ("visit 0", &None));
        assert_eq!(mistake.acceleration[2].len(), 128);
        assert_eq!(mistake.attention, None);
    }
    let both = Config { fold: Some(2), ..self::config() };
    assert!(both.preprocessing.channels.contains(&Channel::GyroX));
    let run = Run::create(&folder.path().join("both"), both, &data).unwrap();
    let error = run.execute(&data, "", &AtomicBool::new(false), &mut Silent).unwrap_err().to_string();
    assert!(error.contains("no gyroscope"), "{error}");
}

#[test]
fn mistakes_say_where_a_network_with_attention_looked() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    let network = Config::of(ModelKind::CnnLstmAttention, Orientation::Fixed).network;
    (config.model, config.network) = (ModelKind::CnnLstmAttention, network);
    // At this step the windows of the labelled stretches are windows of the whole as well.
    (config.training.epochs, config.preprocessing.step) = (1, 16);
    let data = dataset(true, |_| false);
    let directory = folder.path().join("run");
    train(&directory, config, &data);
    let text = std::fs::read_to_string(directory.join("mistakes.json")).unwrap();
    let mistakes: Vec<Mistake> = serde_json::from_str(&text).unwrap();
    assert!(!mistakes.is_empty());

    let predictor = Predictor::new(Model::load(&directory.join("model.safetensors")).unwrap());
    let time = predictor.model().network().attention_len();
    let Content::Recordings(all) = &data.content else { panic!() };
    let mut found = Vec::new();
    let sink = &mut |raw: RawWindows| {
        let weights = raw.attention.chunks(time).map(<[f32]>::to_vec);
        found.extend(raw.start_ns.into_iter().zip(weights));
    };
    predictor.each_raw(&mut all[0].recording.source(), &Declared::default(), sink).unwrap();
    for mistake in &mistakes {
        let weights = mistake.attention.as_ref().unwrap();
        assert!(weights.len() == time && (weights.iter().sum::<f32>() - 1.0).abs() < 1e-4, "{weights:?}");
        let start_ns = mistake.start as i64 * 20_000_000;
        let (_, expected) = found.iter().find(|(start, _)| *start == start_ns).unwrap();
        let near = weights.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4);
        assert!(near, "{weights:?} {expected:?}");
    }
    assert!(mistakes.windows(2).any(|pair| pair[0].attention != pair[1].attention));
}

#[test]
fn what_occurs_twice_is_refused_unless_it_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let mut data = dataset(true, |_| false);
    let Content::Recordings(all) = &mut data.content else { panic!() };
    all[4].recording = all[1].recording.clone();
    let error = Run::create(&folder.path().join("run"), config(), &data).unwrap_err();
    assert!(matches!(error, TrainError::Data(DataError::Duplicate { .. })), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("person P1, recording visit 1") && text.contains("person P4, recording visit 4"),
        "{text}"
    );
    assert!(!folder.path().join("run").exists());
    Run::create(&folder.path().join("run"), Config { allow_duplicates: true, ..config() }, &data).unwrap();
}
