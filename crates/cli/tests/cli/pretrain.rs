//! `ambulo pretrain`

use crate::support::Sandbox;
use serde_json::Value;
use std::fmt::Write as _;

/// Seconds of walking and standing at 50 Hz in g, of a person of their own gait; with a gyroscope or without.
fn table(person: u32, seconds: u32, gyroscope: bool) -> String {
    let mut text = String::from("time (s),ax (g),ay (g),az (g)");
    text += if gyroscope { ",gx (rad/s),gy (rad/s),gz (rad/s)\n" } else { "\n" };
    let pace = 10.0 + f64::from(person);
    for i in 0..seconds * 50 {
        let t = f64::from(i) / 50.0;
        let walks = if i < seconds * 25 { 1.0 } else { 0.0 };
        let noise = 0.004 * (f64::from(i * (7 + person)) * 2.7).sin();
        let step = 0.3 * walks * (pace * t).sin();
        write!(text, "{t:.3},{:.5},{:.5},{:.5}", 1.0 + step + noise, 0.3 * step + noise, noise).unwrap();
        if gyroscope {
            write!(text, ",{:.5},{:.5},{:.5}", step + noise, noise, 0.5 * step - noise).unwrap();
        }
        text.push('\n');
    }
    text
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty();
    std::fs::create_dir_all(sandbox.path("all")).unwrap();
    for person in 1..=4 {
        sandbox.write(format!("all/p{person}.csv"), &table(person, 30, true));
    }
    sandbox
}

const QUICK: [&str; 8] = ["--epochs", "2", "--batch", "16", "--threads", "1", "--model", "cnn"];

fn words<'a>(own: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["pretrain"];
    all.extend(own);
    all.extend(QUICK);
    all
}

fn metadata(bytes: &[u8]) -> Value {
    let length = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    serde_json::from_str(header["__metadata__"]["ambulo"].as_str().unwrap()).unwrap()
}

#[test]
fn an_encoder_is_a_model_file_that_says_what_it_is() {
    let sandbox = sandbox();
    for objective in ["contrastive", "masked", "discriminative"] {
        let file = format!("{objective}.safetensors");
        let done =
            sandbox.run(&words(&["all", "--out", &file, "--objective", objective, "--json"])).expect(0);
        let figures: Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!(figures["objective"], objective);
        assert_eq!(figures["people"].as_array().unwrap().len(), 3);
        assert_eq!(figures["held_out"].as_array().unwrap().len(), 1);
        assert_eq!(figures["epochs"].as_array().unwrap().len(), 2);
        for epoch in figures["epochs"].as_array().unwrap() {
            let loss = epoch["validation_loss"].as_f64().unwrap();
            assert!(loss.is_finite() && loss > 0.0, "{epoch}");
        }
        let m = metadata(&sandbox.read(&file));
        assert_eq!(m["pretext"]["objective"], objective);
        assert_eq!(m["provenance"]["epochs"], 2);
        assert_eq!(m["provenance"]["trained_on"], figures["people"]);
        assert_eq!(m["provenance"]["chosen_on"], figures["held_out"]);
        assert_eq!(m["orientation"]["kind"], "levelled");
        for answers in [&["classify", "all/p1.csv", "--model", &file][..], &["evaluate", &file]] {
            let refused = sandbox.run(answers);
            assert_ne!(refused.code, Some(0));
            refused.says(&["is an encoder", objective, "hint: `ambulo train --from"]);
        }
    }
}

#[test]
fn the_same_bits_come_of_any_number_of_threads_and_other_ones_of_another_seed() {
    let sandbox = sandbox();
    for (file, threads, seed) in [("a", "1", "1"), ("b", "3", "1"), ("c", "1", "2")] {
        let arguments =
            ["pretrain", "all", "--out", file, "--epochs", "1", "--threads", threads, "--seed", seed];
        sandbox.run(&arguments).expect(0);
    }
    assert_eq!(sandbox.read("a"), sandbox.read("b"));
    assert_ne!(sandbox.read("a"), sandbox.read("c"));
}

#[test]
fn what_gives_no_window_is_told_and_nothing_is_written() {
    let sandbox = sandbox();
    sandbox.write("short.csv", &table(1, 2, true));
    sandbox.write("notes.txt", "nothing\nto see\n");
    for (file, said) in
        [("short.csv", "shorter than a window"), ("notes.txt", "no recording"), ("gone.csv", "gone.csv")]
    {
        let refused = sandbox.run(&words(&[file, "--out", "e.safetensors"]));
        assert!(matches!(refused.code, Some(1 | 2)), "{file}: {:?}", refused.code);
        refused.says(&[said, "hint:"]);
        assert!(!sandbox.path("e.safetensors").exists(), "{file}");
    }
    for (option, value) in [("--epochs", "0"), ("--learning-rate", "-1"), ("--people", "nobody")] {
        sandbox.run(&["pretrain", "all", "--out", "e.safetensors", option, value]).expect(2);
        assert!(!sandbox.path("e.safetensors").exists(), "{option}");
    }
}

#[test]
fn recordings_without_a_gyroscope_decide_what_is_used_unless_somebody_says_otherwise() {
    let sandbox = sandbox();
    sandbox.write("all/phone.csv", &table(5, 30, false));
    let done = sandbox.run(&words(&["all", "--out", "acc"])).expect(0);
    done.says(&["acceleration alone is used", "--sensors all"]);
    let done = sandbox.run(&words(&["all", "--out", "both", "--sensors", "all"])).expect(0);
    done.says(&["passed over: 1, without a sensor that is needed"]);
    let channels =
        |file: &str| metadata(&sandbox.read(file))["preprocessing"]["channels"].as_array().unwrap().len();
    assert!(channels("acc") < channels("both"));
}

#[test]
fn a_file_that_is_there_stays_unless_forced() {
    let sandbox = sandbox();
    sandbox.write("e", "mine");
    sandbox.run(&words(&["all", "--out", "e"])).expect(2).says(&["already", "--force"]);
    assert_eq!(sandbox.text("e"), "mine");
    sandbox.run(&words(&["all", "--out", "e", "--force"])).expect(0);
    assert_ne!(sandbox.read("e"), b"mine");
}

#[test]
fn test_people_are_refused_by_name() {
    let sandbox = Sandbox::empty();
    let refused = sandbox.run(&words(&["hapt", "--people", "1,2", "--out", "e"])).expect(2);
    refused.says(&["2 of hapt are test people", "--all-people"]);
    assert!(!sandbox.path("e").exists());
}

#[test]
fn whoever_is_interrupted_writes_nothing() {
    let sandbox = sandbox();
    let arguments = ["pretrain", "all", "--out", "e", "--epochs", "5000", "--threads", "1"];
    let stopped = sandbox.start(&arguments, "epoch").interrupt().expect(130);
    stopped.says(&["nothing is written"]);
    assert!(!sandbox.path("e").exists());
}
