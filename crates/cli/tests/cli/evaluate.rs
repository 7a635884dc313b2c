//! What is done with a finished run: evaluate, report, reference.

use crate::support::records::{TEST_PEOPLE, lines, named};
use crate::support::{PEOPLE, Sandbox, TINY, WINDOWS};
use safetensors::SafeTensors;
use serde_json::Value;

const MODEL: &str = "runs/done/model.safetensors";
const LOG: &str = "runs/done/evaluations.jsonl";

#[test]
fn an_evaluation_gives_the_figures_of_the_run_and_is_logged_beside_the_model() {
    let sandbox = Sandbox::with_finished_run();
    let done = sandbox.run(&["evaluate", MODEL, "--data", PEOPLE, "--json"]).expect(0).says(&["logged in"]);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    let metrics = sandbox.json("runs/done/metrics.json");
    for key in ["test", "seeds", "protocol", "labels", "dataset", "dataset_sha256", "model"] {
        assert_eq!(found[key], metrics[key], "{key}");
    }
    assert_eq!(found["windows"], metrics["windows"]["test"]);
    assert_eq!(found["subjects"], metrics["subjects"]["test"]);
    let log = lines(&sandbox, LOG);
    assert_eq!(log.len(), 2);
    assert_eq!(log[1]["models"], serde_json::json!(["model.safetensors"]), "as seen from the log");

    // A run directory stands for its model; threads do not matter.
    let again =
        sandbox.run(&["evaluate", "runs/done", "--data", PEOPLE, "--json", "--threads", "3"]).expect(0);
    assert_eq!(again.stdout, done.stdout);
    assert_eq!(lines(&sandbox, LOG).len(), 3);
}

#[test]
fn an_evaluation_in_words_shows_each_person_and_activity() {
    let sandbox = Sandbox::with_finished_run();
    let done = sandbox.run(&["evaluate", MODEL, "--data", PEOPLE, "--subjects", "4,20"]).expect(0);
    for word in [
        "60 windows of hapt",
        "95 % interval",
        "seed 5; 2 people (chosen)",
        "walking_upstairs",
        "macro-F1",
        "\n     4 ",
        "\n    20 ",
    ] {
        assert!(done.stdout.contains(word), "{word}: {}", done.stdout);
    }
    let one = sandbox.run(&["evaluate", MODEL, "--data", PEOPLE, "--subjects", "4,4"]).expect(0);
    assert!(one.stdout.contains("no interval from one person, seed 5; 1 person (chosen)"), "{}", one.stdout);
    let log = lines(&sandbox, LOG);
    assert_eq!(log[1]["subjects"], named(&[4, 20]));
    assert_eq!(log[1]["protocol"], "chosen");
}

#[test]
fn people_the_model_has_seen_are_refused_and_not_even_logged() {
    let sandbox = Sandbox::with_finished_run();
    // 1 and 3 are not test people, so one way or the other the model has seen them.
    sandbox
        .run(&["evaluate", MODEL, "--data", PEOPLE, "--subjects", "1,2,3"])
        .expect(2)
        .silent()
        .says(&["cannot be evaluated on the subjects `1, 3` of hapt", "hint: choose among 2, 4, 9, 10, 12"]);
    assert_eq!(lines(&sandbox, LOG).len(), 1);
}

#[test]
fn data_with_nobody_new_are_refused() {
    let sandbox = Sandbox::with_finished_run();
    sandbox.run(&["train", "--config", "tiny.toml", "--refit=false", "--out", "chosen"]).expect(0);
    sandbox.remove_people(&TEST_PEOPLE);
    // People it was only chosen on are not new to a model either.
    for run in ["runs/done", "chosen"] {
        sandbox
            .run(&["evaluate", run, "--data", PEOPLE])
            .expect(1)
            .silent()
            .says(&["the model was trained on every subject of hapt", "hint: evaluate on other people"]);
        assert_eq!(lines(&sandbox, format!("{run}/evaluations.jsonl")).len(), 1);
    }
}

#[test]
fn the_same_people_in_another_data_set_are_no_strangers() {
    let sandbox = Sandbox::new();
    sandbox.add_published_windows();
    sandbox.write("windows.toml", &TINY.replace("window = 32", "window = 128").replace(PEOPLE, WINDOWS));
    sandbox.run(&["train", "--config", "windows.toml", "--out", "run"]).expect(0);
    let windows = &sandbox.json("run/metrics.json")["windows"];
    assert_eq!(*windows, serde_json::json!({"train": 102, "validation": 24, "test": 54}));

    let done = sandbox.run(&["evaluate", "run", "--data", PEOPLE, "--json"]).expect(0);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(found["subjects"], named(&TEST_PEOPLE));
    assert_eq!((&found["dataset"], &found["protocol"]), (&"hapt".into(), &"official".into()));

    sandbox.remove_people(&TEST_PEOPLE);
    let done = sandbox.run(&["evaluate", "run", "--data", PEOPLE]).expect(1).silent();
    done.says(&["the model was trained on every subject of hapt"]);
}

#[test]
fn windows_of_another_length_than_the_model_was_trained_on_are_refused() {
    let sandbox = Sandbox::with_finished_run();
    sandbox.add_published_windows();
    sandbox.run(&["evaluate", MODEL, "--data", WINDOWS]).expect(1).silent().says(&[
        "uci-har has windows of 128 samples",
        "expects windows of 32",
        "hint: ",
    ]);
    assert_eq!(lines(&sandbox, LOG).len(), 1);
}

#[test]
fn unknown_people_are_answered_with_those_there_are() {
    let sandbox = Sandbox::with_finished_run();
    sandbox
        .run(&["evaluate", MODEL, "--data", PEOPLE, "--subjects", "2,77"])
        .expect(2)
        .silent()
        .says(&["the subjects `77` of hapt", "hint: choose among 2, 4, 9, 10, 12, 13, 18, 20, 24"]);
    sandbox.run(&["evaluate", MODEL, "--subjects", "two"]).expect(2).silent().says(&["two"]);
}

#[test]
fn a_missing_model_is_answered_with_the_models_there_are() {
    let sandbox = Sandbox::with_finished_run();
    for command in
        [["evaluate", "nope.safetensors", ""], ["reference", "nope.safetensors", "out.safetensors"]]
    {
        let command: Vec<&str> = command.into_iter().filter(|w| !w.is_empty()).collect();
        sandbox
            .run(&command)
            .expect(2)
            .silent()
            .says(&["there is no model nope.safetensors", "hint: there are: runs/done/model.safetensors"]);
    }
    let elsewhere = Sandbox::empty();
    elsewhere.run(&["evaluate", "nope"]).expect(2).says(&["`ambulo train` makes one"]);
}

#[test]
fn a_damaged_model_file_is_named() {
    let sandbox = Sandbox::with_finished_run();
    let whole = sandbox.read(MODEL);
    for length in [0, 5, 200, whole.len() / 2, whole.len() - 1] {
        std::fs::write(sandbox.path("cut.safetensors"), &whole[..length]).unwrap();
        sandbox
            .run(&["evaluate", "cut.safetensors", "--data", PEOPLE])
            .expect(1)
            .silent()
            .says(&["error: cut.safetensors is not a whole safetensors file", "hint: "]);
    }
    assert!(!sandbox.path("evaluations.jsonl").exists());
}

#[test]
fn a_report_is_drawn_anew_to_the_same_bytes() {
    let sandbox = Sandbox::with_finished_run();
    let files = ["runs/done/report.html", "runs/done/MODEL_CARD.md"];
    let before = files.map(|f| sandbox.text(f));
    for file in files {
        std::fs::remove_file(sandbox.path(file)).unwrap();
    }
    let done = sandbox.run(&["report", "runs/done"]).expect(0);
    assert_eq!(done.stdout.lines().collect::<Vec<_>>(), files);
    for (file, before) in files.iter().zip(before) {
        assert!(sandbox.text(file) == before, "{file} differs");
    }
}

#[test]
fn the_report_stands_alone_and_says_how_to_repeat_the_run() {
    let sandbox = Sandbox::with_finished_run();
    let page = sandbox.text("runs/done/report.html");
    for outside in ["<script", "src=\"http", "url(", "<link", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("ambulo train --config runs/done/config.toml"));
    let metrics = sandbox.json("runs/done/metrics.json");
    let accuracy = 100.0 * metrics["test"]["accuracy"]["mean"].as_f64().unwrap();
    assert!(page.contains(&format!("{accuracy:.1}")), "the accuracy {accuracy} is not in the report");
}

#[test]
fn a_report_of_what_is_no_finished_run_is_answered_with_the_runs_there_are() {
    let sandbox = Sandbox::with_finished_run();
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    for run in ["nope", "empty"] {
        let hint = "hint: there are: runs/done/metrics.json";
        sandbox.run(&["report", run]).expect(2).silent().says(&[run, hint]);
    }
}

#[test]
fn a_report_of_damaged_records_says_where() {
    let sandbox = Sandbox::with_finished_run();
    let text = sandbox.text("runs/done/metrics.jsonl");
    sandbox.write("runs/done/metrics.jsonl", &text.replacen("\"epoch\":2", "\"epoch\":two", 1));
    sandbox.run(&["report", "runs/done"]).expect(1).silent().says(&["runs/done/metrics.jsonl, line 2"]);
}

#[test]
fn reference_outputs_have_the_shapes_of_the_model() {
    let sandbox = Sandbox::with_finished_run();
    for (windows, option) in [(64, None), (3, Some("3")), (630, Some("60000"))] {
        let mut command = vec!["reference", MODEL, "reference.safetensors", "--data", PEOPLE];
        command.extend(option.iter().flat_map(|n| ["--windows", n]));
        sandbox.run(&command).expect(0).silent().says(&[&format!("{windows} windows")]);
        let bytes = sandbox.read("reference.safetensors");
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(tensors.tensor("x").unwrap().shape(), [windows, 32, 6]);
        assert_eq!(tensors.tensor("logits").unwrap().shape(), [windows, 6]);
        for name in ["x", "logits"] {
            let values = tensors.tensor(name).unwrap();
            assert_eq!(values.dtype(), safetensors::Dtype::F32);
            let finite = |b: &[u8]| f32::from_le_bytes(b.try_into().unwrap()).is_finite();
            assert!(values.data().chunks_exact(4).all(finite), "{name}");
        }
    }
    assert_eq!(lines(&sandbox, LOG).len(), 1, "test people are not looked at for this");
    sandbox.run(&["reference", MODEL, "r", "--windows", "0"]).expect(2).silent();
}

#[test]
fn a_reference_that_cannot_be_written_is_an_error() {
    let sandbox = Sandbox::with_finished_run();
    sandbox.run(&["reference", MODEL, "no/such/r", "--data", PEOPLE]).expect(1).silent().says(&["no/such/r"]);
}
