//! What a training leaves, and what it does not depend on.

use crate::support::records::{TEST_PEOPLE, assert_same_results, epochs, lines, named, numbers, predictions};
use crate::support::{AUGMENTED, PEOPLE, Sandbox, events, tiny};
use ambulo_model::Model;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[track_caller]
fn assert_share(what: &str, value: &Value) {
    assert!((0.0..=1.0).contains(&number(value)), "{what} is {value}");
}

#[test]
fn a_run_leaves_every_file_and_nothing_else() {
    let sandbox = Sandbox::with_finished_run();
    let (events, others): (Vec<PathBuf>, Vec<PathBuf>) = sandbox
        .files("runs/done")
        .into_iter()
        .partition(|p| p.to_string_lossy().starts_with("events.out.tfevents."));
    assert_eq!(events.len(), 1, "{events:?}");
    let names: Vec<&str> = others.iter().map(|p| p.to_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "MODEL_CARD.md",
            "config.toml",
            "evaluations.jsonl",
            "metrics.json",
            "metrics.jsonl",
            "mistakes.json",
            "model.safetensors",
            "predictions.parquet",
            "report.html",
            "wearings.json",
        ]
    );
}

#[test]
fn config_toml_is_complete() {
    fn assert_has_keys(of: &toml::Table, have: &toml::Table, path: &str) {
        for (key, value) in of {
            let path = format!("{path}{key}");
            let found = have.get(key).unwrap_or_else(|| panic!("config.toml has no {path}"));
            // What follows from a `type` differs with it.
            if let (toml::Value::Table(of), toml::Value::Table(have)) = (value, found)
                && !of.contains_key("type")
            {
                assert_has_keys(of, have, &format!("{path}."));
            }
        }
    }
    let sandbox = Sandbox::with_finished_run();
    let written: toml::Table = sandbox.text("runs/done/config.toml").parse().unwrap();
    // Each model has sizes of its own.
    let all = ambulo_train::Config::of(ambulo_train::ModelKind::Lstm, ambulo_train::Orientation::Fixed);
    let all: toml::Table = all.to_toml().unwrap().parse().unwrap();
    assert_has_keys(&all, &written, "");
    assert_eq!(written["training"]["batch"].as_integer(), Some(96));
    assert_eq!(written["data"].as_str(), Some("HAPT Data Set"));
    assert_eq!(written["orientation"].as_str(), Some("fixed"));
    assert_eq!(written["training"]["augmentation"].as_array(), Some(&Vec::new()));
}

#[test]
fn the_configuration_of_a_run_repeats_it_to_the_same_bytes() {
    let sandbox = Sandbox::with_finished_run();
    sandbox.run(&["train", "--config", "runs/done/config.toml", "--out", "again"]).expect(0);
    assert_same_results((&sandbox, "runs/done"), (&sandbox, "again"));
}

#[test]
fn json_prints_metrics_json_and_nothing_else_on_stdout() {
    let sandbox = Sandbox::new();
    let done = sandbox.run(&["train", "--config", "tiny.toml", "--out", "run", "--json"]).expect(0);
    assert_eq!(done.stdout, sandbox.text("run/metrics.json"));
    assert!(done.stderr.contains("epoch   3"), "{}", done.stderr);
}

#[test]
fn without_json_stdout_says_the_result_and_where_it_is_and_stderr_has_the_talk() {
    let sandbox = Sandbox::new();
    let done = sandbox.run(&["train", "--config", "tiny.toml", "--out", "run"]).expect(0);
    for word in ["test accuracy", "95 % interval", "run/model.safetensors", "run/report.html"] {
        assert!(done.stdout.contains(word), "{word}: {}", done.stdout);
    }
    assert!(!done.stdout.contains("epoch"), "{}", done.stdout);
    let done =
        done.says(&["run directory run", "seed 5: choosing the epoch", "training anew", "final evaluation"]);
    // Not a terminal: neither colours nor a bar that is redrawn.
    assert!(!done.stderr.contains(['\u{1b}', '\r']), "{:?}", done.stderr);
}

#[test]
fn metrics_json_has_every_figure_and_they_agree_with_the_other_files() {
    let sandbox = Sandbox::with_finished_run();
    let metrics = sandbox.json("runs/done/metrics.json");
    let test = &metrics["test"];

    assert_eq!(metrics["protocol"], "official");
    assert_eq!(metrics["model"], "lstm");
    assert_eq!(metrics["seeds"], serde_json::json!([5]));
    assert_eq!(metrics["dataset"], "hapt");
    assert!(number(&metrics["train_seconds"]) > 0.0);
    let model = Model::load(&sandbox.path("runs/done/model.safetensors")).unwrap();
    assert_eq!(metrics["parameters"], model.weights().len());

    // Five windows of each of the six activities and of each person: 17, 4 and 9 of them.
    assert_eq!(metrics["windows"], serde_json::json!({"train": 510, "validation": 120, "test": 270}));
    let people = |part: &str| -> Vec<u64> { numbers(&metrics["subjects"][part]) };
    let mut everyone = [people("train"), people("validation"), people("test")].concat();
    assert_eq!(people("test"), TEST_PEOPLE);
    assert_eq!((people("train").len(), people("validation").len()), (17, 4));
    everyone.sort_unstable();
    assert!(everyone.iter().copied().eq(1..=30), "{everyone:?}");

    for figure in ["accuracy", "macro_f1", "balanced_accuracy"] {
        let Value::Array(interval) = &test[figure]["ci95"] else { panic!("{figure}: {}", test[figure]) };
        let [low, high] = interval.as_slice() else { panic!("{figure}: {interval:?}") };
        assert_share(figure, low);
        assert_share(figure, high);
        let mean = &test[figure]["mean"];
        assert!(number(low) <= number(mean) && number(mean) <= number(high), "{figure}: {}", test[figure]);
        assert_eq!(test[figure]["sd"], 0.0, "one seed has no spread");
        assert_eq!(test["per_seed"][0][figure], *mean);
    }
    assert_share("ece", &test["ece"]);
    assert!(number(&test["nll"]) > 0.0);
    assert_eq!(test["per_seed"][0]["seed"], 5);
    let subjects: Vec<&String> = test["per_subject"].as_object().unwrap().keys().collect();
    assert_eq!(subjects.len(), TEST_PEOPLE.len(), "{subjects:?}");
    assert!(TEST_PEOPLE.iter().all(|s| test["per_subject"][s.to_string()]["windows"] == 30), "{test}");

    // The predictions tell the same.
    let rows = predictions(&sandbox, "runs/done");
    assert_eq!(rows.len(), 270);
    let labels: Vec<&str> =
        metrics["labels"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    let mut confusion = vec![vec![0u64; labels.len()]; labels.len()];
    for row in &rows {
        assert_eq!(row.seed, 5);
        assert!(TEST_PEOPLE.contains(&row.subject.parse().unwrap()), "{row:?}");
        let sum: f32 = row.probabilities.iter().sum();
        assert!((sum - 1.0).abs() < 1e-5, "{row:?}");
        let best = row.probabilities.iter().fold(0.0, |a: f32, &b| a.max(b));
        let index = |name: &str| labels.iter().position(|l| *l == name).unwrap();
        assert_eq!(row.probabilities[index(&row.predicted)].to_bits(), best.to_bits(), "{row:?}");
        confusion[index(&row.label)][index(&row.predicted)] += 1;
    }
    assert_eq!(test["confusion"], serde_json::json!(confusion));
    let right: u64 = (0..labels.len()).map(|i| confusion[i][i]).sum();
    assert!((number(&test["accuracy"]["mean"]) - right as f64 / 270.0).abs() < 1e-12);
}

#[test]
fn every_epoch_is_on_record_and_in_the_curves() {
    let sandbox = Sandbox::with_finished_run();
    let records = epochs(&sandbox, "runs/done");
    let of = |stage: &str| records.iter().filter(|r| r["stage"] == stage).collect::<Vec<_>>();
    let (select, refit) = (of("select"), of("refit"));
    assert_eq!(select.len(), 3);
    let best = &sandbox.json("runs/done/metrics.json")["test"]["per_seed"][0];
    // The refit takes the epochs of the choice, which is the best of them on validation people.
    assert_eq!(best["best_epoch"], refit.len());
    assert_eq!(best["refit"], true);
    let highest = select.iter().map(|r| number(&r["validation_macro_f1"])).fold(0.0, f64::max);
    assert_eq!(best["validation_macro_f1"], highest);
    for (i, record) in select.iter().enumerate() {
        assert_eq!(record["epoch"], i + 1);
        // 510 windows in batches of 96.
        assert_eq!(record["step"], 6 * (i + 1));
        assert_share("validation accuracy", &record["validation_accuracy"]);
    }
    for record in &refit {
        assert!(record.get("validation_loss").is_none(), "{record}");
        // Validation people are in it now: 630 windows.
        assert_eq!(record["step"], 7 * record["epoch"].as_u64().unwrap());
    }

    let scalars = events::scalars(&sandbox.path("runs/done"));
    assert_eq!(scalars.len(), 6 * select.len() + 3 * refit.len());
    let losses: Vec<_> = scalars.iter().filter(|s| s.tag.ends_with("/train_loss")).collect();
    let steps: Vec<u64> = losses.iter().map(|s| s.step).collect();
    assert!(steps.windows(2).all(|w| w[0] < w[1]), "{steps:?}");
    for (scalar, record) in losses.iter().zip(&records) {
        assert_eq!(scalar.bits, (number(&record["train_loss"]) as f32).to_bits());
    }
}

#[test]
fn one_evaluation_is_logged_with_whom_it_saw() {
    let sandbox = Sandbox::with_finished_run();
    let log = lines(&sandbox, "runs/done/evaluations.jsonl");
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["protocol"], "official");
    assert_eq!(log[0]["subjects"], named(&TEST_PEOPLE));
    assert_eq!(log[0]["windows"], 270);
    assert_eq!(log[0]["models"], serde_json::json!(["model.safetensors"]));
}

#[test]
fn the_model_says_whom_it_was_trained_and_chosen_on() {
    let sandbox = Sandbox::with_finished_run();
    let provenance =
        Model::load(&sandbox.path("runs/done/model.safetensors")).unwrap().metadata().provenance.clone();
    assert!(
        !provenance.trained_on.iter().any(|s| TEST_PEOPLE.contains(&s.as_str().parse().unwrap())),
        "{provenance:?}"
    );
    // After the refit the validation people are among them.
    assert_eq!(provenance.trained_on.len(), 21);
    assert_eq!(provenance.chosen_on.len(), 4);
    assert_eq!(provenance.seed, 5);

    sandbox.run(&["train", "--config", "tiny.toml", "--refit=false", "--out", "chosen"]).expect(0);
    let provenance =
        Model::load(&sandbox.path("chosen/model.safetensors")).unwrap().metadata().provenance.clone();
    assert_eq!(provenance.trained_on.len(), 17);
    assert!(provenance.chosen_on.iter().all(|s| !provenance.trained_on.contains(s)), "{provenance:?}");
    assert!(epochs(&sandbox, "chosen").iter().all(|r| r["stage"] == "select"));
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let sandbox = Sandbox::with_finished_run();
    for threads in ["2", "3"] {
        let out = format!("threads-{threads}");
        sandbox.run(&["train", "--config", "tiny.toml", "--threads", threads, "--out", &out]).expect(0);
        for file in ["model.safetensors", "predictions.parquet"] {
            let same =
                sandbox.read(Path::new("runs/done").join(file)) == sandbox.read(Path::new(&out).join(file));
            assert!(same, "{file} differs with {threads} threads");
        }
        assert_eq!(epochs(&sandbox, "runs/done"), epochs(&sandbox, &out));
    }
}

#[test]
fn augmented_windows_do_not_depend_on_the_number_of_threads() {
    let sandbox = Sandbox::with_finished_run();
    sandbox.write("c.toml", &tiny(&[AUGMENTED, ("weight_average = 0.0", "weight_average = 0.9")]));
    for threads in ["1", "2"] {
        let out = format!("threads-{threads}");
        sandbox.run(&["train", "--config", "c.toml", "--threads", threads, "--out", &out]).expect(0);
    }
    for file in ["model.safetensors", "predictions.parquet", "wearings.json"] {
        let [one, two] = ["threads-1", "threads-2"].map(|run| sandbox.read(Path::new(run).join(file)));
        assert!(one == two, "{file} differs with the number of threads");
        assert!(one != sandbox.read(Path::new("runs/done").join(file)), "{file}: nothing was augmented");
    }
    assert_eq!(epochs(&sandbox, "threads-1"), epochs(&sandbox, "threads-2"));
    let saved: toml::Table = sandbox.text("threads-1/config.toml").parse().unwrap();
    let asked: toml::Table = AUGMENTED.1.parse().unwrap();
    assert_eq!(saved["training"]["augmentation"].as_array().unwrap().len(), 7);
    let kinds = |list: &toml::Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|a| a["type"].to_string()).collect()
    };
    assert_eq!(kinds(&saved["training"]["augmentation"]), kinds(&asked["augmentation"]));
}

#[test]
fn the_last_epoch_is_kept_where_that_is_asked_for() {
    let sandbox = Sandbox::new();
    // At this rate the weights of f32 do not move: every epoch is as good as the first.
    let text =
        tiny(&[("keep = \"best\"", "keep = \"last\""), ("learning_rate = 0.02", "learning_rate = 1e-40")]);
    sandbox.write("c.toml", &text);
    sandbox.run(&["train", "--config", "c.toml", "--out", "run"]).expect(0);
    assert_eq!(sandbox.json("run/metrics.json")["test"]["per_seed"][0]["best_epoch"], 3);
    assert_eq!(epochs(&sandbox, "run").iter().filter(|r| r["stage"] == "refit").count(), 3);
    sandbox.run(&["train", "--config", "c.toml", "--refit=false", "--out", "last"]).expect(0);
    assert_eq!(sandbox.json("last/metrics.json")["test"]["per_seed"][0]["best_epoch"], 3);
}

#[test]
fn more_seeds_leave_the_first_as_it_was_and_give_mean_and_spread() {
    let sandbox = Sandbox::with_finished_run();
    sandbox
        .run(&["train", "--config", "tiny.toml", "--seed", "5", "--seeds", "3", "--out", "three"])
        .expect(0);
    let metrics = sandbox.json("three/metrics.json");
    assert_eq!(metrics["seeds"], serde_json::json!([5, 6, 7]));
    let read = |name: &str| sandbox.read(Path::new("three").join(name));
    assert!(read("model.safetensors") == sandbox.read("runs/done/model.safetensors"));
    assert!(read("models/seed-6.safetensors") != read("models/seed-7.safetensors"));
    assert!(read("models/seed-6.safetensors") != read("model.safetensors"));
    let models: Vec<PathBuf> = sandbox.files("three/models");
    assert_eq!(models, [Path::new("seed-6.safetensors"), Path::new("seed-7.safetensors")]);

    let seeds = metrics["test"]["per_seed"].as_array().unwrap();
    assert_eq!(seeds.iter().map(|s| s["seed"].as_u64().unwrap()).collect::<Vec<_>>(), [5, 6, 7]);
    for figure in ["accuracy", "macro_f1"] {
        let values: Vec<f64> = seeds.iter().map(|s| number(&s[figure])).collect();
        let mean = values.iter().sum::<f64>() / 3.0;
        let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
        assert!(sd > 0.0, "{figure}: the seeds gave {values:?}");
        assert!((number(&metrics["test"][figure]["mean"]) - mean).abs() < 1e-12, "{figure}");
        assert!((number(&metrics["test"][figure]["sd"]) - sd).abs() < 1e-12, "{figure}");
    }
    let windows: u64 = metrics["test"]["confusion"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(windows, 3 * 270);
    assert_eq!(predictions(&sandbox, "three").len(), 3 * 270);
    let log = lines(&sandbox, "three/evaluations.jsonl");
    assert_eq!(log.len(), 1, "all seeds are evaluated at once");
    let models =
        serde_json::json!(["model.safetensors", "models/seed-6.safetensors", "models/seed-7.safetensors"]);
    assert_eq!(log[0]["models"], models);

    // The directory stands for all its models, not for the first.
    let all = sandbox.run(&["evaluate", "three", "--data", PEOPLE, "--json"]).expect(0);
    let all: Value = serde_json::from_str(&all.stdout).unwrap();
    assert_eq!(all["test"], metrics["test"]);
    assert_eq!(all["seeds"], metrics["seeds"]);
    assert_eq!(lines(&sandbox, "three/evaluations.jsonl")[1]["models"], models);
}

#[test]
fn options_override_the_configuration_file_and_are_saved() {
    let sandbox = Sandbox::new();
    sandbox.write("seeds.toml", &crate::support::TINY.replace("seeds = [5]", "seeds = [1, 2, 3]"));
    sandbox
        .run(&[
            "train",
            "--config",
            "seeds.toml",
            "--hidden",
            "3",
            "--layers",
            "2",
            "--epochs",
            "1",
            "--batch",
            "200",
            "--learning-rate",
            "0.03",
            "--seed",
            "11",
            "--threads",
            "2",
            "--refit=false",
            "--out",
            "run",
        ])
        .expect(0);
    let config: toml::Table = sandbox.text("run/config.toml").parse().unwrap();
    let expected: toml::Table = "network = { hidden = 3, layers = 2, head_dropout = 0.2 }
        training = { epochs = 1, batch = 200, learning_rate = 0.03, refit = false }
        preprocessing = { window = 32 }"
        .parse()
        .unwrap();
    for (table, entries) in &expected {
        for (key, value) in entries.as_table().unwrap() {
            // Shares are f32 in the configuration.
            match value.as_float() {
                Some(v) => {
                    assert!((config[table][key].as_float().unwrap() - v).abs() < 1e-7, "{table}.{key}");
                }
                None => assert_eq!(config[table][key], *value, "{table}.{key}"),
            }
        }
    }
    assert_eq!(config["seeds"], toml::Value::Array(vec![toml::Value::Integer(11)]));
    assert_eq!(config["threads"].as_integer(), Some(2));
    let metrics = sandbox.json("run/metrics.json");
    assert_eq!(metrics["threads"], 2);
    assert_eq!(metrics["seeds"], serde_json::json!([11]));
}

#[test]
fn without_out_the_run_goes_to_a_directory_of_its_own_below_runs() {
    let sandbox = Sandbox::new();
    let done = sandbox.run(&["train", "--config", "tiny.toml", "--json"]).expect(0);
    let runs: Vec<_> =
        std::fs::read_dir(sandbox.path("runs")).unwrap().map(|e| e.unwrap().file_name()).collect();
    let [name] = runs.as_slice() else { panic!("{runs:?}") };
    let name = name.to_str().unwrap();
    assert!(name.starts_with("20") && name.ends_with("-lstm"), "{name}");
    assert_eq!(serde_json::from_str::<Value>(&done.stdout).unwrap()["run"], name);
}

#[test]
#[cfg(feature = "bundled-data")]
fn the_bundled_recordings_give_the_windows_they_are_known_for() {
    let sandbox = Sandbox::empty();
    sandbox.write(
        "c.toml",
        r#"
        model = "lstm"
        orientation = "fixed"
        threads = 2
        network = { hidden = 2, layers = 1 }
        training = { epochs = 1, batch = 512, refit = false, augmentation = [] }
        [preprocessing]
        rate_hz = 50.0
        window = 128
        step = 64
        phase = "zero"
        channels = ["total_acc_x"]
        gravity = { cutoff_hz = 0.3, order = 3 }
        "#,
    );
    let done = sandbox.run(&["train", "--config", "c.toml", "--out", "run", "--json"]).expect(0);
    let metrics: Value = serde_json::from_str(&done.stdout).unwrap();
    let windows = |part: &str| metrics["windows"][part].as_u64().unwrap();
    assert_eq!((windows("train") + windows("validation"), windows("test")), (7415, 2996));
    assert_eq!(metrics["subjects"]["test"], named(&TEST_PEOPLE));
    let walking: Vec<u64> =
        (0..3).map(|c| metrics["test"]["per_class"][c]["support"].as_u64().unwrap()).collect();
    assert_eq!(walking, [496, 471, 420]);
}
