//! The device worn another way: what training does about it, and what is recorded.

use crate::support::{PEOPLE, Sandbox, tiny};
use ambulo_model::Model;
use serde_json::Value;

const WEARINGS: [&str; 11] = [
    "turned",
    "facing-45",
    "facing-90",
    "facing-135",
    "facing-180",
    "facing-225",
    "facing-270",
    "facing-315",
    "tilted-15",
    "tilted-30",
    "upside-down",
];

const ALL_CHANNELS: (&str, &str) = (
    r#"channels = ["total_acc_x", "total_acc_y", "total_acc_z", "body_acc_x", "gyro_y", "companded_gyro_x"]"#,
    r#"channels = ["total_acc_x", "total_acc_y", "total_acc_z", "gyro_x", "gyro_y", "gyro_z"]"#,
);

fn mean(figure: &Value) -> f64 {
    figure["accuracy"]["mean"].as_f64().unwrap()
}

fn wearings(test: &Value) -> &Vec<Value> {
    test["wearings"].as_array().unwrap()
}

fn worn(test: &Value, name: &str) -> f64 {
    mean(wearings(test).iter().find(|w| w["wearing"] == name).unwrap())
}

#[test]
fn every_run_is_tested_worn_eleven_other_ways() {
    let sandbox = Sandbox::with_finished_run();
    let test = &sandbox.json("runs/done/metrics.json")["test"];
    let names: Vec<&str> = wearings(test).iter().map(|w| w["wearing"].as_str().unwrap()).collect();
    assert_eq!(names, WEARINGS);
    let counts = sandbox.json("runs/done/wearings.json");
    for (counts, figures) in counts.as_array().unwrap().iter().zip(wearings(test)) {
        assert_eq!(counts["wearing"], figures["wearing"]);
        let [people] = counts["by_subject"].as_array().unwrap().as_slice() else { panic!("{counts}") };
        let (mut right, mut all) = (0, 0);
        for confusion in people.as_object().unwrap().values() {
            for (truth, row) in confusion.as_array().unwrap().iter().enumerate() {
                for (answer, count) in row.as_array().unwrap().iter().enumerate() {
                    all += count.as_u64().unwrap();
                    right += if truth == answer { count.as_u64().unwrap() } else { 0 };
                }
            }
        }
        assert_eq!(all, 270);
        assert!((mean(figures) - f64::from(right as u32) / 270.0).abs() < 1e-12, "{figures}: {right}");
        let ci = &figures["accuracy"]["ci95"];
        assert!(
            ci[0].as_f64().unwrap() <= mean(figures) && mean(figures) <= ci[1].as_f64().unwrap(),
            "{figures}"
        );
    }
}

/// `tiny.toml` for a network that learns all axes well, with parts replaced.
fn learning(replaced: &[(&str, &str)]) -> String {
    let more = [
        ALL_CHANNELS,
        ("epochs = 3", "epochs = 12"),
        ("hidden = 6", "hidden = 16"),
        ("batch = 96", "batch = 32"),
    ];
    tiny(&[&more[..], replaced].concat())
}

/// What a run of this configuration found.
fn trained(sandbox: &Sandbox, replaced: &[(&str, &str)]) -> Value {
    sandbox.write("c.toml", &learning(replaced));
    let done = sandbox.run(&["train", "--config", "c.toml", "--out", "run"]).expect(0);
    assert!(done.stdout.contains("worn facing any way: "), "{}", done.stdout);
    sandbox.json("run/metrics.json")
}

#[test]
fn a_model_of_one_way_of_wearing_fails_when_turned_and_the_figures_say_so() {
    let sandbox = Sandbox::new();
    let metrics = trained(&sandbox, &[]);
    assert_eq!(metrics["orientation"], "fixed");
    let test = &metrics["test"];
    assert!(mean(test) > 0.8, "{}", mean(test));
    for name in ["facing-180", "upside-down"] {
        assert!(worn(test, name) < mean(test) - 0.1, "{name}: {} of {}", worn(test, name), mean(test));
    }
    let model = Model::load(&sandbox.path("run/model.safetensors")).unwrap();
    let text = serde_json::to_value(model.metadata().orientation).unwrap();
    assert_eq!(text["kind"], "fixed");
}

#[test]
fn a_canonical_facing_makes_every_facing_the_same() {
    let sandbox = Sandbox::new();
    sandbox.straighten();
    let metrics = trained(
        &sandbox,
        &[
            ("orientation = \"fixed\"", "orientation = \"any-facing\""),
            ("[preprocessing]", "[preprocessing]\nfacing = { type = \"canonical\", up = [1.0, 0.0, 0.0] }"),
        ],
    );
    assert_eq!(metrics["orientation"], "any-facing");
    let test = &metrics["test"];
    assert!(mean(test) > 0.7, "{}", mean(test));
    for name in WEARINGS.iter().filter(|n| n.starts_with("facing") || **n == "turned") {
        // A window of 270 that lies on the border may fall to either side.
        assert!(
            (worn(test, name) - mean(test)).abs() < 1.5 / 270.0,
            "{name}: {} {}",
            worn(test, name),
            mean(test)
        );
    }
    assert!(worn(test, "upside-down") < mean(test) - 0.1);
    let model = Model::load(&sandbox.path("run/model.safetensors")).unwrap();
    assert!(!model.metadata().preprocessing.facing.is_as_worn());
    let text = serde_json::to_value(model.metadata().orientation).unwrap();
    assert_eq!((&text["kind"], &text["up"]), (&"any-facing".into(), &serde_json::json!([1.0, 0.0, 0.0])));

    // The model file carries it: a later evaluation finds the same.
    let done = sandbox.run(&["evaluate", "run", "--data", PEOPLE, "--json"]).expect(0);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(found["test"], *test);
}

#[test]
fn a_levelled_model_answers_the_same_however_the_device_is_worn() {
    let sandbox = Sandbox::new();
    let level = "[preprocessing]\nlevel = { type = \"recording\", up = [0.0, 0.0, 1.0] }\n\
                 facing = { type = \"canonical\", up = [0.0, 0.0, 1.0] }";
    let metrics = trained(
        &sandbox,
        &[("orientation = \"fixed\"", "orientation = \"levelled\""), ("[preprocessing]", level)],
    );
    assert_eq!(metrics["orientation"], "levelled");
    let test = &metrics["test"];
    assert!(mean(test) > 0.7, "{}", mean(test));
    for name in WEARINGS {
        // A window of 270 that lies on the border may fall to either side.
        assert!((worn(test, name) - mean(test)).abs() < 1.5 / 270.0, "{name}: {}", worn(test, name));
    }
    let model = Model::load(&sandbox.path("run/model.safetensors")).unwrap();
    let metadata = serde_json::to_value(model.metadata()).unwrap();
    assert_eq!(metadata["orientation"], serde_json::json!({"kind": "levelled"}));
    assert_eq!(metadata["preprocessing"]["level"]["type"], "recording");
    let page = sandbox.text("run/report.html");
    assert!(page.contains("levels each recording"));

    // A recording in which nobody moves is levelled by what was up most of the time, as `classify` does.
    let file = format!("{PEOPLE}/RawData/acc_exp02_user02.txt");
    let still = "0.9 0.3 0.2\n".repeat(sandbox.text(&file).lines().count());
    sandbox.write(&file, &still);
    sandbox.run(&["evaluate", "run", "--data", PEOPLE, "--json"]).expect(0);
}

#[test]
fn a_turn_in_training_makes_any_facing_of_a_model() {
    let sandbox = Sandbox::new();
    let metrics = trained(
        &sandbox,
        &[
            ("orientation = \"fixed\"", "orientation = \"any-facing\""),
            ("[preprocessing]", "[preprocessing]\nfacing = { type = \"as-worn\" }"),
            ("augmentation = []", "augmentation = [{ type = \"turn\", degrees = 180.0 }]"),
        ],
    );
    // The configuration that repeats it says so too, although that is not the default.
    let config: toml::Table = sandbox.text("run/config.toml").parse().unwrap();
    assert_eq!(config["preprocessing"]["facing"]["type"].as_str(), Some("as-worn"));
    let test = &metrics["test"];
    let facings: Vec<f64> =
        WEARINGS.iter().filter(|n| n.starts_with("facing")).map(|n| worn(test, n)).collect();
    let lowest = facings.iter().copied().fold(1.0, f64::min);
    assert!(lowest > mean(test) - 0.1, "{facings:?}, {}", mean(test));
}
