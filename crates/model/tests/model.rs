//! What a model file promises: nothing lost, damage named, old files read.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[expect(dead_code, reason = "each test file uses some of it")]
mod common;

use ambulo_model::{Metadata, Model, RequiredOrientation, tensors};
use ambulo_nn::LayerSpec;
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::{Level, Orientation, Phase};
use common::{metadata, model};
use proptest::prelude::*;

const LEVEL: Level = Level::Recording { up: [1.0, 0.0, 0.0] };

#[test]
fn a_saved_model_comes_back_whole_and_saves_to_the_same_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    let before = model(Phase::Zero);
    before.save(&path).unwrap();
    let after = Model::load(&path).unwrap();
    assert_eq!(before.metadata(), after.metadata());
    assert_eq!(before.weights(), after.weights());
    assert_eq!(before.to_bytes().unwrap(), after.to_bytes().unwrap());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = model(Phase::Zero).to_bytes().unwrap();
    for length in (0..bytes.len()).step_by(97) {
        let error = Model::from_bytes("cut.safetensors", &bytes[..length]).unwrap_err();
        assert!(error.to_string().contains("cut.safetensors"), "{length} bytes: {error}");
    }
}

#[test]
fn foreign_newer_and_damaged_files_are_named() {
    let text = |json: &str, weights: &[(String, Vec<usize>, &[f32])]| {
        Model::from_bytes("m", &tensors::to_bytes(json.into(), weights).unwrap()).unwrap_err().to_string()
    };
    assert!(text("{}", &[]).contains("missing field `format`"), "{}", text("{}", &[]));
    assert!(text(r#"{"format": 99}"#, &[]).contains("format 99, this version reads up to 2"));
    let good = model(Phase::Zero);
    let json = serde_json::to_string(good.metadata()).unwrap();
    assert!(
        text(&json, &[]).contains("no tensor `0.weight_ih_l0` of shape [24, 15]"),
        "{}",
        text(&json, &[])
    );
    let mut all: Vec<_> = good
        .network()
        .parameters()
        .into_iter()
        .map(|p| (p.name, p.shape, good.weights()[p.range].to_vec()))
        .collect();
    fn borrowed(all: &[(String, Vec<usize>, Vec<f32>)]) -> Vec<(String, Vec<usize>, &[f32])> {
        all.iter().map(|(n, s, v)| (n.clone(), s.clone(), v.as_slice())).collect()
    }
    all[2].2[5] = f32::NAN;
    let nan = text(&json, &borrowed(&all));
    assert!(nan.contains("`0.bias_ih_l0`") && nan.contains("NaN at position 5"), "{nan}");
    all[2].1 = vec![1, 24];
    let shape = text(&json, &borrowed(&all));
    assert!(shape.contains("F32 [1, 24], expected F32 [24]"), "{shape}");
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let fail = |change: fn(&mut Metadata), wanted: &str| {
        let mut metadata = metadata(Phase::Zero);
        let weights = model(Phase::Zero).weights().to_vec();
        change(&mut metadata);
        let error = Model::new(metadata, weights).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    };
    fail(
        |m| m.labels = LabelSet::new(["walking", "sitting"]).unwrap(),
        "number of labels is 2, expected 3 labels",
    );
    fail(|m| m.calibration.temperature = 0.0, "temperature is 0, expected a positive number");
    fail(|m| m.preprocessing.normalisation = None, "normalisation is absent");
    fail(|m| m.architecture.layers[0] = LayerSpec::Linear { out: 2 }, "number of weights");
    fail(|m| m.preprocessing.window = 0, "window");
    fail(
        |m| m.orientation = RequiredOrientation::new(Orientation::Levelled, [1.0, 0.0, 0.0]),
        "orientation is levelled, expected fixed or any-facing",
    );
    fail(|m| m.preprocessing.level = LEVEL, "orientation is another, expected levelled");
}

#[test]
fn a_file_of_format_1_is_read() {
    let now = model(Phase::Zero);
    let mut json = serde_json::to_value(now.metadata()).unwrap();
    json["format"] = 1.into();
    json["labels"] = serde_json::json!(["WALKING", "SITTING", "LAYING"]);
    json["provenance"]["trained_on"] = serde_json::json!([1, 3]);
    json["provenance"]["chosen_on"] = serde_json::json!([3]);
    json["provenance"].as_object_mut().unwrap().remove("cohort");
    let parameters: Vec<_> =
        now.network().parameters().into_iter().map(|p| (p.name, p.shape, &now.weights()[p.range])).collect();
    let old = Model::from_bytes("old", &tensors::to_bytes(json.to_string(), &parameters).unwrap()).unwrap();
    assert_eq!(old.weights(), now.weights());
    let (old, now) = (old.metadata(), now.metadata());
    assert_eq!((&old.labels, &old.preprocessing), (&now.labels, &now.preprocessing));
    assert_eq!(old.provenance.trained_on, [PersonId::from(1), PersonId::from(3)]);
    assert_eq!(old.provenance.cohort, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), length in 0u64..400) {
        prop_assert!(Model::from_bytes("noise", &bytes).is_err());
        let with_header = [&length.to_le_bytes()[..], &bytes].concat();
        prop_assert!(Model::from_bytes("noise", &with_header).is_err());
    }
}
