//! Trainings that cannot succeed: what they say, and what they leave.

use crate::support::{PEOPLE, Sandbox, TINY};

/// Replaces a row (from 1) of a file.
fn change_row(sandbox: &Sandbox, file: &str, row: usize, content: &str) {
    let name = format!("{PEOPLE}/RawData/{file}");
    let text = sandbox.text(&name);
    let mut rows: Vec<&str> = text.lines().collect();
    rows[row - 1] = content;
    sandbox.write(&name, &(rows.join("\n") + "\n"));
}

#[test]
fn a_damaged_row_is_named_with_its_place_and_leaves_no_run() {
    for (file, row, content, words) in [
        (
            "acc_exp03_user03.txt",
            17,
            "1.0 oops 0.2",
            "acc_exp03_user03.txt, row 17, column 2: expected a number",
        ),
        (
            "gyro_exp30_user30.txt",
            1,
            "0.1 0.2 NaN",
            "gyro_exp30_user30.txt, row 1, column 3: expected a finite number",
        ),
        (
            "acc_exp12_user12.txt",
            900,
            "1.0 0.2",
            "acc_exp12_user12.txt, row 900: expected 3 numbers, found 2",
        ),
        ("labels.txt", 5, "1 1 13 800 900", "labels.txt, row 5, column 3"),
    ] {
        let sandbox = Sandbox::new();
        change_row(&sandbox, file, row, content);
        sandbox
            .run(&["train", "--config", "tiny.toml", "--out", "run"])
            .expect(1)
            .silent()
            .says(&["error: ", words, "hint: "]);
        assert!(!sandbox.path("run").exists(), "{file}: a run directory was left behind");
    }
}

#[test]
fn a_folder_that_is_no_data_set_is_wrong_usage() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("other")).unwrap();
    sandbox.write("other/notes.txt", "nothing");
    sandbox
        .run(&["train", "--config", "tiny.toml", "--data", "other", "--out", "run"])
        .expect(2)
        .silent()
        .says(&["other is not a data set", "notes.txt", "HAPT Data Set"]);
    let nowhere = sandbox.run(&["train", "--config", "tiny.toml", "--data", "nowhere", "--out", "run"]);
    nowhere.expect(2).silent().says(&["nowhere is no folder", "hint: "]);
    assert!(!sandbox.path("run").exists());
}

#[test]
fn people_who_do_not_fit_the_protocol_leave_no_run() {
    let sandbox = Sandbox::new();
    sandbox.write("c.toml", &TINY.replace("subjects = 4", "subjects = 21"));
    let run = ["train", "--config", "c.toml", "--out", "run"];
    sandbox.run(&run).expect(2).silent().says(&["cannot take 21 subjects out of 21"]);
    assert!(!sandbox.path("run").exists());

    sandbox.remove_people(&[30]);
    let run = ["train", "--config", "tiny.toml", "--out", "run"];
    sandbox.run(&run).expect(1).silent().says(&["exactly the subjects 1 to 30", "28, 29\n", "hint: "]);
    assert!(!sandbox.path("run").exists());
}

#[test]
fn a_training_that_diverges_says_so_and_leaves_no_model() {
    let sandbox = Sandbox::new();
    let run = ["train", "--config", "tiny.toml", "--learning-rate", "1e38", "--out", "run"];
    sandbox.run(&run).expect(1).silent().says(&[
        "error: training diverged (seed 5",
        "epoch 1",
        "hint: lower the learning rate",
    ]);
    let left: Vec<_> =
        sandbox.files("run").into_iter().filter(|p| !p.to_string_lossy().starts_with("events.")).collect();
    assert!(
        !left.iter().any(|p| p.ends_with("model.safetensors") || p.ends_with("metrics.json")),
        "{left:?}"
    );
    assert!(!left.iter().any(|p| p.to_string_lossy().starts_with(".ambulo-")), "{left:?}");
    assert!(sandbox.text("run/metrics.jsonl").is_empty());
}

#[test]
fn a_training_that_diverges_with_its_last_step_says_so_too() {
    let sandbox = Sandbox::new();
    // One step an epoch: only the validation sees what it did.
    let config = TINY.replace("batch = 96", "batch = 100000").replace("\"one-cycle\"", "\"constant\"");
    sandbox.write("c.toml", &config);
    let run = ["train", "--config", "c.toml", "--learning-rate", "1e39", "--epochs", "1", "--out", "run"];
    sandbox.run(&run).expect(1).silent().says(&[
        "error: training diverged (seed 5",
        "epoch 1",
        "hint: lower the learning rate",
    ]);
    assert!(!sandbox.path("run/model.safetensors").exists());
}

#[test]
fn people_without_a_window_of_that_length_are_named() {
    let sandbox = Sandbox::new();
    sandbox.write("c.toml", &TINY.replace("window = 32", "window = 161"));
    sandbox
        .run(&["train", "--config", "c.toml", "--out", "run"])
        .expect(1)
        .silent()
        .says(&["no window of 161 samples", "hint: "]);
    assert!(!sandbox.path("run").exists(), "it would be in the way of the corrected command");
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "");
    sandbox
        .run(&["train", "--config", "tiny.toml", "--out", "file/run"])
        .expect(1)
        .silent()
        .says(&["file/run"]);
    let done = sandbox.run(&["train", "--config", "tiny.toml", "--out", "file"]).silent();
    assert!(matches!(done.code, Some(1 | 2)), "{done:?}");
    assert_eq!(sandbox.text("file"), "");
}
