//! Which network is trained, and on which activities.

use crate::support::records::predictions;
use crate::support::{Sandbox, tiny};
use ambulo_model::Model;
use serde_json::{Value, json};

const NAMES: [&str; 9] =
    ["cnn-lstm", "cnn-lstm-attention", "lstm", "bilstm", "gru", "cnn", "deepconvlstm", "tiny", "custom"];

/// `tiny.toml` with a network of its own.
fn with_network(model: &str, network: &str) -> String {
    let sizes = "[network]\nhidden = 6\nlayers = 1\nhead_dropout = 0.2\n";
    tiny(&[
        ("model = \"lstm\"", &format!("model = \"{model}\"")),
        (sizes, network),
        ("epochs = 3", "epochs = 1"),
    ])
}

const STACK: &str = r#"
[[network.stack]]
type = "conv"
out = 8
kernel = 5
stride = 2

[[network.stack]]
type = "layer-norm"

[[network.stack]]
type = "gru"
hidden = 5
layers = 1

[[network.stack]]
type = "pool"
kind = "last"
"#;

#[test]
fn models_lists_every_model_that_can_be_trained_with_its_size() {
    let sandbox = Sandbox::empty();
    let done = sandbox.run(&["models"]).expect(0);
    let rows: Vec<&str> = done.stdout.lines().filter(|l| !l.starts_with(' ')).collect();
    assert!(rows[0].starts_with("model ") && rows[0].contains("parameters"), "{}", done.stdout);
    let named: Vec<&str> = rows[1..].iter().map(|l| l.split(' ').next().unwrap()).collect();
    assert_eq!(named, NAMES);
    assert_eq!(done.stderr, "");

    let done = sandbox.run(&["models", "--json"]).expect(0);
    let list: Vec<Value> = serde_json::from_str(&done.stdout).unwrap();
    assert!(list.iter().map(|e| e["model"].as_str().unwrap()).eq(NAMES));
    for entry in &list {
        assert!(!entry["description"].as_str().unwrap().is_empty(), "{entry}");
        let name = entry["model"].as_str().unwrap();
        assert_eq!(entry["size"].is_object(), name != "custom", "{entry}");
    }
    let size = |name: &str, what: &str| {
        list.iter().find(|e| e["model"] == name).unwrap()["size"][what].as_u64().unwrap()
    };
    // Two layers of 64 on 15 channels, two biases each as PyTorch has them, and six classes.
    let lstm = 4 * 64 * (15 + 64 + 2) + 4 * 64 * (64 + 64 + 2) + 6 * 64 + 6;
    assert_eq!(size("lstm", "parameters"), lstm);
    assert!(size("tiny", "parameters") < 5_000);
    // Weights of each step, and of the last layer once.
    let steps = 128 * (4 * 64 * (15 + 64) + 4 * 64 * (64 + 64)) + 6 * 64;
    let counted = size("lstm", "multiply_adds_per_window");
    assert!(counted >= steps && counted < steps + steps / 20, "{counted}, {steps}");
}

#[test]
fn a_stack_of_layers_from_the_configuration_file_is_trained() {
    let sandbox = Sandbox::new();
    sandbox.write("c.toml", &with_network("custom", STACK));
    sandbox.run(&["train", "--config", "c.toml", "--out", "run"]).expect(0);
    let metrics = sandbox.json("run/metrics.json");
    assert_eq!(metrics["model"], "custom");
    let text = metrics["architecture"].as_str().unwrap();
    assert!(text.starts_with("conv 8 x 5") && text.contains("GRU 1 x 5"), "{text}");
    let model = Model::load(&sandbox.path("run/model.safetensors")).unwrap();
    assert_eq!(model.metadata().architecture.layers.len(), 5, "the last linear layer is added");
    // The configuration that was saved repeats it.
    sandbox.run(&["train", "--config", "run/config.toml", "--out", "again"]).expect(0);
    assert!(sandbox.read("run/model.safetensors") == sandbox.read("again/model.safetensors"));
}

#[test]
fn a_stack_that_does_not_fit_is_refused_with_its_layer_and_shapes() {
    let sandbox = Sandbox::new();
    for (from, to, words) in [
        // 32 samples of 6 channels; then 14 steps of 8.
        ("kernel = 5", "kernel = 33", &["layer 0 (conv)", "[time 32, channels 6]"][..]),
        (
            "type = \"layer-norm\"",
            "type = \"conv\"\nout = 4\nkernel = 15",
            &["layer 1 (conv)", "[time 14, channels 8]"],
        ),
        ("hidden = 5", "hidden = 0", &["layer 2 (gru)", "hidden is 0"]),
        ("kind = \"last\"", "kind = \"median\"", &["c.toml", "median", "mean"]),
        ("type = \"gru\"", "type = \"transformer\"", &["c.toml", "transformer", "gru"]),
        (STACK, "\n", &["network.stack is empty"]),
    ] {
        assert!(STACK.contains(from));
        sandbox.write("c.toml", &with_network("custom", &STACK.replacen(from, to, 1)));
        sandbox.run(&["train", "--config", "c.toml", "--out", "run"]).expect(2).silent().says(words);
        assert!(!sandbox.path("run").exists());
    }
    sandbox.write("c.toml", &with_network("gru", STACK));
    let run = ["train", "--config", "c.toml", "--out", "run"];
    sandbox.run(&run).expect(2).silent().says(&["network.stack", "gru"]);
    assert!(!sandbox.path("run").exists());
}

#[test]
fn another_model_than_the_file_names_has_its_own_sizes() {
    let sandbox = Sandbox::new();
    let run = ["train", "--config", "tiny.toml", "--model", "tiny", "--hidden", "3", "--epochs", "1"];
    sandbox.run(&[&run[..], &["--out", "run"]].concat()).expect(0);
    let config: toml::Table = sandbox.text("run/config.toml").parse().unwrap();
    assert_eq!(config["network"]["hidden"].as_integer(), Some(3));
    assert_eq!(config["network"]["filters"].as_array().unwrap().len(), 1);
    // Everything else is as in the file.
    assert_eq!(config["training"]["batch"].as_integer(), Some(96));
    assert_eq!(sandbox.json("run/metrics.json")["model"], "tiny");
}

#[test]
fn twelve_activities_with_short_transitions_are_told_apart() {
    let sandbox = Sandbox::new();
    sandbox.label_transitions();
    // Below half a window: no window.
    let labels = sandbox.text("HAPT Data Set/RawData/labels.txt");
    let (whole, short) = ("\n2 2 12 1056 1095", "\n2 2 12 1056 1070");
    assert!(labels.contains(whole));
    sandbox.write("HAPT Data Set/RawData/labels.txt", &labels.replace(whole, short));
    let run = ["train", "--config", "tiny.toml", "--labels", "12", "--out", "run"];
    sandbox.run(&run).expect(0);
    let metrics = sandbox.json("run/metrics.json");
    assert_eq!(metrics["labels"].as_array().unwrap().len(), 12);
    assert_eq!(
        (&metrics["labels"][6], &metrics["labels"][11]),
        (&"stand_to_sit".into(), &"lie_to_stand".into())
    );
    // Five windows of each activity and one of each transition, of 17, 4 and 9 people.
    assert_eq!(metrics["windows"], json!({"train": 612, "validation": 144, "test": 323}));
    let support: Vec<u64> = metrics["test"]["per_class"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["support"].as_u64().unwrap())
        .collect();
    assert_eq!(support, [45, 45, 45, 45, 45, 45, 9, 9, 9, 9, 9, 8]);
    let rows = predictions(&sandbox, "run");
    assert!(rows.iter().all(|r| r.probabilities.len() == 12));
    // The transition of 20 samples from 635 on: centred in its window.
    let centred: Vec<i64> = rows.iter().filter(|r| r.label == "lie_to_sit").map(|r| r.start).collect();
    assert_eq!(centred, [635 + 10 - 16; 9]);
    assert_eq!(Model::load(&sandbox.path("run/model.safetensors")).unwrap().metadata().labels.len(), 12);
}

#[test]
fn an_activity_that_nobody_did_is_named() {
    let sandbox = Sandbox::new();
    let run = ["train", "--config", "tiny.toml", "--labels", "12", "--out", "run"];
    sandbox.run(&run).expect(1).silent().says(&["stand_to_sit"]);
    assert!(!sandbox.path("run").exists());
}

#[test]
fn models_for_other_windows_are_listed_and_trained_with_their_sizes() {
    let sandbox = Sandbox::new();
    let asked = ["models", "--rate", "25", "--window", "4s", "--json"];
    let list: Vec<Value> = serde_json::from_str(&sandbox.run(&asked).expect(0).stdout).unwrap();
    let cnn = list.iter().find(|entry| entry["model"] == "cnn").unwrap();
    let text = cnn["size"]["architecture"].as_str().unwrap();
    assert!(text.contains("conv 48 x"), "{text}");
    let page = sandbox.run(&["models", "--rate", "25", "--window", "4s"]).expect(0).stdout;
    assert!(page.starts_with("windows of 100 samples, 4 s at 25 Hz\n"), "{page}");
    sandbox.run(&["models", "--rate", "0"]).expect(2).says(&["samples per second"]);
    sandbox.run(&["models", "--window", "4 m"]).expect(2).says(&["is no length"]);

    let run = ["train", "--config", "tiny.toml", "--rate", "25", "--window", "0.64s", "--epochs", "1"];
    sandbox.run(&[&run[..], &["--out", "run"]].concat()).expect(0).says(&["training"]);
    let config: toml::Table = sandbox.text("run/config.toml").parse().unwrap();
    let p = &config["preprocessing"];
    assert_eq!((p["window"].as_integer(), p["step"].as_integer()), (Some(16), Some(8)));
    assert_eq!((p["rate_hz"].as_float(), p["resampling"].as_str()), (Some(25.0), Some("linear")));
    assert_eq!(p["noise"].as_bool(), Some(false));
}
