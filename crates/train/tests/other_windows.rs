//! Every model at other rates and lengths of windows: trained for a step, saved, loaded, and run over a stream.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

use ambulo_data::{Content, DataError, Dataset, LabelInterval, LabelledRecording, lookup};
use ambulo_model::{Model, Predictor, Stream};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::intake::Declared;
use ambulo_signal::{Phase, Recording, Resampling};
use ambulo_train::{
    Asked, Config, Length, ModelKind, Orientation, Outcome, Protocol, Run, Silent, TrainError,
};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Four people who walk and sit for as long as three windows each.
fn dataset(rate_hz: f64, window: usize) -> Dataset {
    let mut state = 1_u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32) / (1 << 23) as f32 - 1.0
    };
    let samples = 3 * window;
    let recordings = (0..4).map(|person| {
        let (mut acceleration, mut turning, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for (label, swing) in [("walking", 0.3), ("sitting", 0.01)] {
            let time_ns = |i: usize| (i as f64 * 1e9 / rate_hz).round() as i64;
            let start_ns = time_ns(acceleration.len());
            for i in 0..samples {
                let s = swing * (std::f32::consts::TAU * 1.9 * i as f32 / rate_hz as f32).sin();
                acceleration.push([1.0 + s, 0.05 * noise(), 0.05 * noise()]);
                turning.push([s, 0.1 * noise(), 0.1 * noise()]);
            }
            labels.push(LabelInterval { start_ns, end_ns: time_ns(acceleration.len()), label: label.into() });
        }
        LabelledRecording {
            person: PersonId::new(format!("P{person}")).unwrap(),
            name: format!("visit {person}"),
            recording: Recording::uniform(rate_hz, acceleration, Some(turning)).into(),
            facts: std::sync::Arc::default(),
            up: None,
            labels,
        }
    });
    let content = Content::Recordings(recordings.collect());
    let mut info = lookup("hapt").unwrap();
    (info.name, info.cohort, info.sha256) = ("made-up".into(), "nobody".into(), None);
    Dataset::new(info, "0".repeat(64), content)
}

/// One epoch of one step.
fn config(model: ModelKind, rate_hz: f64, window: usize) -> Config {
    let mut config = Config::sized(model, Orientation::Fixed, rate_hz, window);
    config.labels = LabelSet::new(["walking", "sitting"]).unwrap().into();
    (config.protocol, config.fold) = (Protocol::Loso, Some(1));
    (config.validation.subjects, config.training.epochs, config.training.refit) = (1, 1, false);
    config.preprocessing.phase = Phase::Causal;
    config
}

fn train(directory: &Path, config: Config, dataset: &Dataset) -> Result<Predictor, TrainError> {
    let run = Run::create(directory, config, dataset)?;
    match run.execute(dataset, "", &AtomicBool::new(false), &mut Silent)? {
        Outcome::Finished(_) => Ok(Predictor::new(Model::load(&directory.join("model.safetensors"))?)),
        Outcome::Interrupted => panic!("nobody asked it to stop"),
    }
}

fn streams_as_a_whole(predictor: &Predictor, recording: &Recording) {
    let expected = predictor.recording_in_memory(recording).unwrap();
    let mut stream = Stream::new(predictor, recording.header(), &Declared::default()).unwrap();
    let mut found = Vec::new();
    for i in 0..recording.series()[0].values.len() {
        for series in recording.series() {
            found.extend(stream.push(series.info.sensor, series.clock.time_ns(i), series.values[i]));
        }
    }
    found.extend(stream.finish());
    assert!(!found.is_empty());
    assert_eq!(found, expected);
}

#[test]
fn every_model_is_trained_saved_and_streamed_at_every_size() {
    let folder = tempfile::tempdir().unwrap();
    for (rate_hz, seconds) in [(20.0, 2.0), (25.0, 4.0), (50.0, 0.8), (100.0, 2.0), (200.0, 10.0)] {
        let window = (rate_hz * seconds) as usize;
        let data = dataset(rate_hz, window);
        let Content::Recordings(recordings) = &data.content else { panic!("recordings") };
        for model in ModelKind::ALL.into_iter().filter(|m| *m != ModelKind::Custom) {
            let directory = folder.path().join(format!("{model}-{rate_hz}-{seconds}"));
            let predictor = train(&directory, config(model, rate_hz, window), &data).unwrap();
            let p = &predictor.model().metadata().preprocessing;
            assert_eq!((p.rate_hz, p.window, p.step), (rate_hz, window, window / 2));
            streams_as_a_whole(&predictor, recordings[0].recording.in_memory().unwrap());
        }
    }
}

#[test]
fn a_faster_data_set_is_lowered_and_a_slower_one_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = dataset(100.0, 256);
    let mut config = config(ModelKind::Tiny, 25.0, 64);
    assert!(config.resample_for(&data) && config.preprocessing.resampling == Resampling::Linear);
    assert!(!config.resample_for(&data), "it is allowed already");
    let predictor = train(&folder.path().join("fast"), config.clone(), &data).unwrap();
    assert_eq!(predictor.model().metadata().preprocessing.resampling, Resampling::Linear);

    let data = dataset(20.0, 64);
    let error = train(&folder.path().join("slow"), config.clone(), &data).err().unwrap();
    assert!(matches!(error, TrainError::Data(DataError::Slow { fits_hz: 20.0, .. })), "{error}");
    config.preprocessing.resampling = Resampling::Fill;
    let predictor = train(&folder.path().join("filled"), config, &data).unwrap();
    let Content::Recordings(recordings) = &data.content else { panic!("recordings") };
    let recording = recordings[0].recording.in_memory().unwrap();
    assert!(!predictor.recording_in_memory(recording).unwrap().is_empty());
}

#[test]
fn files_and_options_size_the_network_unless_the_file_does() {
    let sized = |rate_hz, window| Config::sized(ModelKind::Cnn, Orientation::AnyFacing, rate_hz, window);
    let of = |text: &str| Config::from_toml(&format!("model = 'cnn'\n{text}")).unwrap();
    assert_eq!(of("[preprocessing]\nrate_hz = 25.0\nwindow = 100"), sized(25.0, 100));
    // A rate alone leaves the window as long as it was.
    assert_eq!(of("[preprocessing]\nrate_hz = 100.0"), sized(100.0, 256));
    let own = of("[network]\nkernel = [9, 5, 3]\n[preprocessing]\nrate_hz = 25.0\nwindow = 100\nstep = 7");
    assert_eq!(own.preprocessing.step, 7);
    assert_eq!(toml::to_string(&own.network).unwrap().lines().nth(1), Some("kernel = [9, 5, 3]"));
    assert_eq!(own.network.stride, sized(25.0, 100).network.stride);
    let wrong = of("[network]\nkernel = [9, 5]").validate().unwrap_err().to_string();
    assert!(wrong.contains("network.kernel") && wrong.contains("as many as network.filters"), "{wrong}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let mut whole = sized(50.0, 128);
    whole.network.head_dropout = Some(0.3);
    std::fs::write(&path, whole.to_toml().unwrap()).unwrap();
    let asked = Asked {
        rate_hz: Some(25.0),
        window: Some(Length::Seconds(4.0)),
        step: Some(Length::Share(0.25)),
        ..Asked::default()
    };
    let mut expected = sized(25.0, 100);
    (expected.preprocessing.step, expected.preprocessing.resampling) = (25, Resampling::Linear);
    expected.network.head_dropout = Some(0.3);
    assert_eq!(Config::read_with(&path, asked).unwrap(), expected);
    // Saved whole and read again, it is the same.
    std::fs::write(&path, expected.to_toml().unwrap()).unwrap();
    assert_eq!(Config::read_whole(&path).unwrap(), expected);
}
