//! The command line itself: help, versions, completions, wrong usage, pipes.

use crate::support::{Done, PEOPLE, Sandbox, TINY, finish, tiny};
use std::process::Command;

const COMMANDS: [&str; 14] = [
    "inspect",
    "train",
    "pretrain",
    "adapt",
    "personal",
    "evaluate",
    "models",
    "compare",
    "baseline",
    "datasets",
    "report",
    "reference",
    "completions",
    "man",
];

/// Checks that a training is refused as wrong usage, and that no run directory comes of it.
#[track_caller]
fn assert_refused(sandbox: &Sandbox, arguments: &[&str], words: &[&str]) {
    let mut all = vec!["train"];
    all.extend(arguments);
    sandbox.run(&all).expect(2).silent().says(words);
    assert!(!sandbox.path("runs").exists(), "{arguments:?} left a run directory");
}

#[test]
fn without_arguments_it_shows_its_help_and_fails() {
    let done = Sandbox::empty().run(&[]).expect(2).silent();
    for command in COMMANDS {
        assert!(done.stderr.contains(&format!("\n  {command} ")), "{command}: {}", done.stderr);
    }
}

#[test]
fn version_and_help_are_data() {
    let sandbox = Sandbox::empty();
    let version = sandbox.run(&["--version"]).expect(0).stdout;
    assert_eq!(version, format!("ambulo {}\n", env!("CARGO_PKG_VERSION")));
    for command in COMMANDS {
        let done = sandbox.run(&[command, "--help"]).expect(0);
        assert!(done.stdout.contains(&format!("Usage: ambulo {command}")), "{}", done.stdout);
    }
}

#[test]
fn completions_know_every_command_in_every_shell() {
    let sandbox = Sandbox::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let done = sandbox.run(&["completions", shell]).expect(0);
        for word in COMMANDS.iter().chain(&["learning-rate", "verify"]) {
            assert!(done.stdout.contains(word), "{word} in {shell}");
        }
    }
    sandbox.run(&["completions", "tcsh"]).expect(2).silent().says(&["bash", "zsh"]);
}

#[test]
fn man_pages_are_there_for_every_command() {
    let sandbox = Sandbox::empty();
    let page = sandbox.run(&["man"]).expect(0).stdout;
    sandbox.run(&["man", "--out", "man1"]).expect(0).silent();
    assert_eq!(sandbox.text("man1/ambulo.1"), page);
    for command in COMMANDS {
        assert!(page.contains(&format!("ambulo\\-{command}(1)")), "{command}: {page}");
        let own = sandbox.text(format!("man1/ambulo-{command}.1"));
        assert!(own.starts_with(".ie") && own.contains(".SH SYNOPSIS"), "{own}");
    }
    assert!(sandbox.text("man1/ambulo-train.1").contains("learning\\-rate"));
}

#[test]
fn an_unknown_choice_is_answered_with_the_choices() {
    let sandbox = Sandbox::new();
    assert_refused(
        &sandbox,
        &["--model", "transformer"],
        &["transformer", "possible values: cnn-lstm, cnn-lstm-attention, lstm"],
    );
    assert_refused(
        &sandbox,
        &["--protocol", "random"],
        &["random", "expected one of: official, published, groups10, loso"],
    );
    assert_refused(
        &sandbox,
        &["--orientation", "up"],
        &["up", "possible values: any-facing, levelled, fixed"],
    );
    sandbox.write("c.toml", "model = 'transformer'");
    let words = ["unknown model `transformer`, expected one of: cnn-lstm, cnn-lstm-attention, lstm"];
    assert_refused(&sandbox, &["--config", "c.toml"], &words);
    sandbox.run(&["trian"]).expect(2).silent().says(&["trian", "'train'"]);
}

#[test]
fn a_fault_in_the_configuration_file_is_shown_with_its_line() {
    let sandbox = Sandbox::new();
    for (wrong, right, words) in [
        ("epoch = 3", "epochs = 3", ["unknown field `epoch`", "epochs"]),
        ("batch = \"many\"", "batch = 96", ["\"many\"", "invalid type"]),
        ("channels = [\"total_acc_w\", ", "channels = [", ["total_acc_w", "total_acc_x"]),
        ("hidden = ", "hidden = 6", ["hidden = ", "c.toml"]),
    ] {
        assert!(TINY.contains(right));
        let text = TINY.replacen(right, wrong, 1);
        let line = 1 + text.lines().position(|l| l.contains(wrong.trim())).unwrap();
        sandbox.write("c.toml", &text);
        let at = format!("line {line}");
        assert_refused(&sandbox, &["--config", "c.toml"], &["c.toml", &at, words[0], words[1]]);
    }
    assert_refused(
        &sandbox,
        &["--config", "nope.toml"],
        &["there is no configuration file nope.toml", "hint: "],
    );
}

#[test]
fn values_out_of_range_are_refused_with_what_would_do() {
    let sandbox = Sandbox::new();
    for (option, words) in [
        ("--hidden=0", "hidden is 0, expected from 1"),
        ("--hidden=99999999", "hidden is 99999999"),
        ("--layers=0", "layers is 0"),
        ("--epochs=0", "training.epochs is 0, expected from 1"),
        ("--batch=0", "training.batch is 0, expected from 1"),
        ("--learning-rate=-1", "training.learning_rate is -1, expected a positive number"),
        ("--learning-rate=nan", "training.learning_rate is NaN"),
        ("--seeds=0", "seeds is empty, expected at least one"),
        ("--seeds=99999999", "--seeds is 99999999, expected at most 10000"),
        ("--seed=18446744073709551615", "no room for 1 seeds"),
        ("--seed=9223372036854775808", "expected at most 9223372036854775807"),
        ("--threads=5000", "threads is 5000, expected from 0"),
        ("--epochs=-3", "invalid value '-3'"),
        ("--refit=maybe", "'maybe'"),
        ("--labels=7", "labels is 7, expected 6, or 12"),
    ] {
        assert_refused(&sandbox, &["--config", "tiny.toml", option], &[words]);
    }
    for (right, wrong, words) in [
        ("window = 32", "window = 0", "window"),
        ("cutoff_hz = 0.3", "cutoff_hz = 30.0", "gravity.cutoff_hz"),
        ("seeds = [5]", "seeds = [5, 6, 5]", "seeds is 5 twice"),
        ("subjects = 4", "subjects = 0", "validation.subjects is 0"),
        ("head_dropout = 0.2", "head_dropout = 1.5", "1.5"),
        ("weight_average = 0.0", "weight_average = 1.0", "training.weight_average is 1"),
        (
            "augmentation = []",
            "augmentation = [{ type = \"turn\", degrees = 200.0 }]",
            "degrees from 0 to 180",
        ),
        ("hidden = 6", "hidden = 6\nkernel = 3", "network.kernel"),
    ] {
        assert!(TINY.contains(right));
        sandbox.write("c.toml", &TINY.replacen(right, wrong, 1));
        assert_refused(&sandbox, &["--config", "c.toml"], &[words]);
    }
    let as_worn = ("[preprocessing]", "[preprocessing]\nfacing = { type = \"as-worn\" }");
    sandbox.write("c.toml", &tiny(&[("\"fixed\"", "\"any-facing\""), as_worn]));
    assert_refused(&sandbox, &["--config", "c.toml"], &["any-facing without a way to it", "canonical"]);
}

#[test]
fn a_run_directory_that_holds_something_is_left_alone() {
    let sandbox = Sandbox::with_finished_run();
    let before: Vec<_> = sandbox.files("runs/done");
    let metrics = sandbox.read("runs/done/metrics.json");
    sandbox.run(&["train", "--config", "tiny.toml", "--out", "runs/done"]).expect(2).silent().says(&[
        "runs/done exists already and is not empty",
        "hint: ",
        "--out",
        "--resume",
    ]);
    assert_eq!(sandbox.files("runs/done"), before);
    assert_eq!(sandbox.read("runs/done/metrics.json"), metrics);

    std::fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.run(&["train", "--config", "tiny.toml", "--out", "empty"]).expect(0);
}

#[test]
fn what_determines_a_run_cannot_be_changed_by_resuming_it() {
    let sandbox = Sandbox::with_finished_run();
    for option in [
        "--protocol=loso",
        "--model=gru",
        "--orientation=fixed",
        "--labels=12",
        "--hidden=4",
        "--epochs=9",
        "--seed=2",
        "--config=tiny.toml",
        "--out=other",
        "--refit=false",
    ] {
        assert_refused_resume(&sandbox, option);
    }
}

#[track_caller]
fn assert_refused_resume(sandbox: &Sandbox, option: &str) {
    let name = option.split('=').next().unwrap();
    sandbox
        .run(&["train", "--resume", "runs/done", option])
        .expect(2)
        .silent()
        .says(&["cannot be used with", name]);
}

/// Runs a command whose stdout or stderr nobody reads any more.
fn into_closed_pipe(mut command: Command, stderr: bool) -> Done {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    if stderr {
        command.stderr(writer);
    } else {
        command.stdout(writer);
    }
    finish(command.output().unwrap())
}

#[test]
fn a_reader_of_stdout_that_has_seen_enough_is_no_error() {
    let sandbox = Sandbox::with_finished_run();
    for arguments in [
        &["datasets"][..],
        &["datasets", "--json"],
        &["compare", "runs/done", "runs/done"],
        &["datasets", "info", "hapt", "--data", PEOPLE],
        &["completions", "zsh"],
        &["man"],
        &["--help"],
        &["report", "runs/done"],
    ] {
        let done = into_closed_pipe(sandbox.command(arguments), false).expect(0);
        let talk: Vec<&str> = done
            .stderr
            .lines()
            .filter(|l| !(l.starts_with("note: ") || l.starts_with("warning: ")))
            .collect();
        assert!(talk.is_empty(), "{arguments:?}: {talk:?}");
    }
}

#[test]
fn a_training_goes_on_where_nobody_reads_its_progress() {
    let sandbox = Sandbox::new();
    let command = sandbox.command(&["train", "--config", "tiny.toml", "--out", "run", "--json"]);
    let done = into_closed_pipe(command, true).expect(0);
    assert_eq!(done.stdout, sandbox.text("run/metrics.json"));
}

#[test]
fn nothing_is_coloured_outside_a_terminal() {
    let sandbox = Sandbox::with_finished_run();
    for arguments in [&["--help"][..], &["train", "--hidden", "x"], &["evaluate", "nope"], &["datasets"], &[]]
    {
        let done = sandbox.run(arguments);
        assert!(
            !done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'),
            "{arguments:?}: {done:?}"
        );
    }
}
