//! Runs that were interrupted end as if they had not been.
#![cfg(unix)] // by signals

use crate::support::records::{assert_same_results, epochs, lines};
use crate::support::{AUGMENTED, Done, PEOPLE, SLOW, Sandbox, Started, replace};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

const TRAIN: [&str; 5] = ["train", "--config", "slow.toml", "--out", "run"];
const RESUME: [&str; 3] = ["train", "--resume", "run"];

/// Lines on stderr that tell how far a run is.
const CHOICE: &str = "seed 7 (1 of 2): choosing";
const CHOICE_EPOCH: &str = "epoch   2";
const REFIT: &str = "seed 7 (1 of 2): training anew";
const SECOND_CHOICE: &str = "seed 8 (2 of 2): choosing";
const SECOND_REFIT: &str = "seed 8 (2 of 2): training anew";

fn interrupt(started: Started) -> Done {
    let done = started.interrupt().expect(130).silent();
    done.says(&[
        "stopped; everything up to the last step is saved",
        "hint: go on with: ambulo train --resume run\n",
    ])
}

fn kill(started: Started) {
    let done = started.kill();
    assert_eq!(done.code, None, "it ended before it was killed:\n{}", done.stderr);
}

/// Checks that the run is unfinished, then resumes it and compares it with the one that was not interrupted; gives
/// the number of epochs that were left to train.
#[track_caller]
fn assert_resumes_to_the_same(sandbox: &Sandbox, options: &[&str]) -> usize {
    assert!(!sandbox.path("run/metrics.json").exists());
    let done = sandbox.run(&[&RESUME[..], options].concat()).expect(0);
    assert_same_results((sandbox, "runs/done"), (sandbox, "run"));
    assert_eq!(lines(sandbox, "run/evaluations.jsonl").len(), 1);
    done.stderr.lines().filter(|line| line.starts_with("epoch ")).count()
}

#[test]
fn ctrl_c_before_the_first_step() {
    let sandbox = Sandbox::with_uninterrupted_run();
    interrupt(sandbox.start(&TRAIN, "test windows of 17"));
    assert_eq!(epochs(&sandbox, "run").len(), 0);
    assert!(!sandbox.path("run/model.safetensors").exists());

    // Without its log the final evaluation does not take place; what has been trained stays.
    std::fs::create_dir(sandbox.path("run/evaluations.jsonl")).unwrap();
    let done = sandbox.run(&RESUME).expect(1).silent();
    done.says(&[
        "final evaluation",
        "error: cannot log the evaluation, so the data of test people stay closed",
    ]);
    assert!(!sandbox.path("run/predictions.parquet").exists());
    std::fs::remove_dir(sandbox.path("run/evaluations.jsonl")).unwrap();
    assert_eq!(assert_resumes_to_the_same(&sandbox, &[]), 0);
}

#[test]
fn ctrl_c_in_the_refit_and_other_threads_afterwards() {
    let sandbox = Sandbox::with_uninterrupted_run();
    let done = interrupt(sandbox.start(&TRAIN, REFIT));
    assert!(!done.stderr.contains("seed 8"), "{}", done.stderr);
    let recorded = epochs(&sandbox, "run").len();
    let left = assert_resumes_to_the_same(&sandbox, &["--threads", "2"]);
    assert_eq!(recorded + left, epochs(&sandbox, "run").len());
}

#[test]
fn a_kill_in_the_first_epoch_and_another_in_the_choice() {
    let sandbox = Sandbox::with_uninterrupted_run();
    kill(sandbox.start(&TRAIN, CHOICE));
    kill(sandbox.start(&RESUME, CHOICE_EPOCH));
    assert_resumes_to_the_same(&sandbox, &[]);
}

#[test]
fn a_kill_in_the_refit_and_another_at_the_start_of_the_second_seed() {
    let sandbox = Sandbox::with_uninterrupted_run();
    kill(sandbox.start(&TRAIN, REFIT));
    // The choice is over: what is resumed is the refit.
    let started = sandbox.start(&RESUME, SECOND_CHOICE);
    kill(started);
    assert!(sandbox.path("run/model.safetensors").exists());
    assert_resumes_to_the_same(&sandbox, &[]);
}

#[test]
fn ctrl_c_in_the_choice_then_ctrl_c_and_a_kill_in_the_refit_of_the_second_seed() {
    let sandbox = Sandbox::with_uninterrupted_run();
    interrupt(sandbox.start(&TRAIN, CHOICE_EPOCH));
    let first = epochs(&sandbox, "run");
    assert!(first.len() >= 2 && first.iter().all(|r| r["stage"] == "select"), "{first:?}");
    interrupt(sandbox.start(&RESUME, SECOND_REFIT));
    kill(sandbox.start(&RESUME, SECOND_REFIT));
    let second = epochs(&sandbox, "run");
    assert_eq!(second[..first.len()], first);
    assert_resumes_to_the_same(&sandbox, &[]);
}

#[test]
fn records_that_a_kill_left_half_written_or_ahead_of_the_checkpoint_are_dropped() {
    let sandbox = Sandbox::with_uninterrupted_run();
    interrupt(sandbox.start(&TRAIN, CHOICE_EPOCH));
    let append = |name: &Path, bytes: &[u8]| {
        File::options().append(true).open(name).unwrap().write_all(bytes).unwrap();
    };
    // As if killed between the record of an epoch and its checkpoint, and in the middle of the next record.
    let whole = sandbox.text("runs/done/metrics.jsonl");
    let reached = sandbox.text("run/metrics.jsonl").lines().count();
    let ahead: Vec<&str> = whole.lines().skip(reached).take(2).collect();
    let records = sandbox.path("run/metrics.jsonl");
    append(&records, format!("{}\n{}", ahead[0], &ahead[1][..30]).as_bytes());
    let curves = |run: &str| {
        let name =
            sandbox.files(run).into_iter().find(|p| p.to_string_lossy().starts_with("events.")).unwrap();
        sandbox.path(run).join(name)
    };
    // Every event takes the same room in both files.
    let written = std::fs::read(curves("run")).unwrap().len();
    append(&curves("run"), &std::fs::read(curves("runs/done")).unwrap()[written..written + 500]);
    // And in the middle of a file that would have been put in place when whole.
    sandbox.write("run/.ambulo-x1y2z3", "half a checkpoint");
    assert_resumes_to_the_same(&sandbox, &[]);
}

#[test]
fn the_best_epoch_is_kept_over_an_interruption() {
    let sandbox = Sandbox::new();
    // At this rate the weights of f32 do not move: every epoch is as good as the first, so that one is chosen.
    let config = SLOW.replace("seeds = [7, 8]", "seeds = [7]").replace("refit = true", "refit = false");
    let config = config.replace("learning_rate = 0.0005", "learning_rate = 1e-40");
    sandbox.write("slow.toml", &config);
    sandbox.run(&["train", "--config", "slow.toml", "--out", "runs/done"]).expect(0);
    assert_eq!(sandbox.json("runs/done/metrics.json")["test"]["per_seed"][0]["best_epoch"], 1);
    interrupt(sandbox.start(&TRAIN, CHOICE_EPOCH));
    assert_resumes_to_the_same(&sandbox, &[]);
}

#[test]
fn augmentation_and_averaged_weights_go_on_where_they_were() {
    let sandbox = Sandbox::new();
    let average = ("weight_average = 0.0", "weight_average = 0.95");
    sandbox.write(
        "slow.toml",
        &replace(SLOW, &[AUGMENTED, average, ("[7, 8]", "[7]"), ("epochs = 4", "epochs = 2")]),
    );
    sandbox.run(&["train", "--config", "slow.toml", "--out", "runs/done"]).expect(0);
    interrupt(sandbox.start(&TRAIN, "epoch   1"));
    assert_eq!(epochs(&sandbox, "run").len(), 1);
    kill(sandbox.start(&RESUME, "training anew"));
    interrupt(sandbox.start(&RESUME, "epoch   1"));
    assert_resumes_to_the_same(&sandbox, &[]);
}

#[test]
fn a_second_process_in_the_same_run_is_refused() {
    let sandbox = Sandbox::new();
    let started = sandbox.start(&TRAIN, CHOICE);
    sandbox.run(&RESUME).expect(1).silent().says(&["another process is training in run"]);
    sandbox.run(&TRAIN).expect(2).silent().says(&["run exists already"]);
    interrupt(started);
    assert!(sandbox.path("run/checkpoint.safetensors").exists());
}

#[test]
fn a_run_with_other_data_is_refused_and_stays_as_it_was() {
    let sandbox = Sandbox::new();
    interrupt(sandbox.start(&TRAIN, CHOICE_EPOCH));
    let before = sandbox.read("run/checkpoint.safetensors");
    let file = format!("{PEOPLE}/RawData/acc_exp30_user30.txt");
    let text = sandbox.text(&file);
    let (first, rest) = text.split_once('\n').unwrap();
    sandbox.write(&file, &format!("1.0 0.5 0.0\n{rest}"));
    assert_ne!(first, "1.0 0.5 0.0");
    sandbox
        .run(&RESUME)
        .expect(1)
        .silent()
        .says(&["error: the run was begun on data with SHA-256 ", ", this is "]);
    assert!(before == sandbox.read("run/checkpoint.safetensors"));

    // With the data as they were it goes on, from a folder elsewhere too.
    std::fs::create_dir(sandbox.path("moved")).unwrap();
    std::fs::rename(sandbox.path(PEOPLE), sandbox.path("moved/people")).unwrap();
    sandbox.write("moved/people/RawData/acc_exp30_user30.txt", &text);
    interrupt(sandbox.start(&[&RESUME[..], &["--data", "moved/people"]].concat(), "epoch   3"));
}

#[test]
fn an_emptied_configuration_is_not_taken_for_the_defaults() {
    let sandbox = Sandbox::with_uninterrupted_run();
    interrupt(sandbox.start(&TRAIN, CHOICE));
    let whole = sandbox.text("run/config.toml");
    let without_epochs =
        whole.lines().filter(|line| !line.starts_with("epochs")).collect::<Vec<_>>().join("\n");
    for (text, wanted) in
        [("", "run/config.toml is incomplete: it has no `"), (&without_epochs, "no `training.epochs`")]
    {
        sandbox.write("run/config.toml", text);
        sandbox.run(&RESUME).expect(2).silent().says(&[wanted, "hint:"]);
    }
    sandbox.write("run/config.toml", &whole);
    assert_resumes_to_the_same(&sandbox, &[]);
}

#[test]
fn a_configuration_changed_in_between_is_refused_and_stays_as_it_was() {
    let sandbox = Sandbox::new();
    interrupt(sandbox.start(&TRAIN, CHOICE));
    let (before, text) = (sandbox.read("run/checkpoint.safetensors"), sandbox.text("run/config.toml"));
    let edited = text.replace("weight_decay = 0.01", "weight_decay = 0.5");
    assert_ne!(edited, text);
    sandbox.write("run/config.toml", &edited);
    sandbox
        .run(&RESUME)
        .expect(2)
        .silent()
        .says(&["run/config.toml was changed after the run was begun", "hint:"]);
    assert!(before == sandbox.read("run/checkpoint.safetensors"));
    // Threads do not change the result.
    sandbox.write("run/config.toml", &text.replace("threads = 1", "threads = 2"));
    interrupt(sandbox.start(&RESUME, "epoch   2"));
}

#[test]
fn what_cannot_be_resumed_says_why() {
    let sandbox = Sandbox::with_finished_run();
    let before = sandbox.files("runs/done");
    sandbox
        .run(&["train", "--resume", "runs/done"])
        .expect(2)
        .silent()
        .says(&["the run in runs/done is finished; there is nothing to resume"]);
    assert_eq!(sandbox.files("runs/done"), before);
    sandbox
        .run(&["train", "--resume", "runs"])
        .expect(2)
        .silent()
        .says(&["runs is no run directory", "config.toml"]);
    sandbox.run(&["train", "--resume", "nope"]).expect(2).silent().says(&["nope is no run directory"]);
    assert!(!sandbox.path("nope").exists());

    // A run of another program version, or one whose checkpoint was damaged.
    std::fs::remove_file(sandbox.path("runs/done/metrics.json")).unwrap();
    sandbox.write("runs/done/checkpoint.safetensors", "not a checkpoint");
    sandbox.run(&["train", "--resume", "runs/done"]).expect(1).silent().says(&["checkpoint.safetensors"]);
}

#[test]
fn the_hint_after_ctrl_c_is_quoted_for_the_shell() {
    let sandbox = Sandbox::new();
    let started = sandbox.start(&["train", "--config", "slow.toml", "--out", "my run's"], CHOICE);
    started.interrupt().expect(130).says(&[r"hint: go on with: ambulo train --resume 'my run'\''s'"]);
}
