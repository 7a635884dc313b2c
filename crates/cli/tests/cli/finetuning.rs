//! `ambulo train --from`

use crate::support::Sandbox;
use crate::transfer::write;
use safetensors::SafeTensors;
use serde_json::Value;
use std::collections::BTreeMap;

/// The model of three people of the data set `one`; person 1 is tested on.
pub(crate) const MODEL: &str = "a/folds/01/model.safetensors";

/// Two data sets of four people each, and a model of the first.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty();
    write(&sandbox, "one", &["waist"]);
    write(&sandbox, "two", &["waist"]);
    let options = "train --data one --model tiny --orientation levelled --sensors acceleration --epochs 1 --threads 1 --out a";
    sandbox.run(&options.split(' ').collect::<Vec<_>>()).expect(0);
    sandbox
}

/// Tensors by name, and the metadata.
fn read(sandbox: &Sandbox, name: &str) -> (BTreeMap<String, Vec<u8>>, Value) {
    let bytes = sandbox.read(name);
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let json = &header.metadata().as_ref().unwrap()["ambulo"];
    let tensors = tensors.tensors().into_iter().map(|(name, t)| (name, t.data().to_vec())).collect();
    (tensors, serde_json::from_str(json).unwrap())
}

fn train(sandbox: &Sandbox, more: &[&str]) -> crate::support::Done {
    let mut words = vec!["train", "--from", MODEL, "--epochs", "2", "--threads", "1"];
    words.extend(more);
    sandbox.run(&words)
}

#[test]
fn a_frozen_body_keeps_its_bits_and_the_line_of_models_is_on_record() {
    let sandbox = sandbox();
    train(&sandbox, &["--data", "two", "--freeze", "all", "--out", "b"]).expect(0);
    let (before, old) = read(&sandbox, MODEL);
    let (after, new) = read(&sandbox, "b/folds/01/model.safetensors");
    let head = before.keys().filter_map(|name| name.split('.').next()?.parse::<usize>().ok()).max().unwrap();
    for (name, values) in &before {
        assert_eq!(*values == after[name], !name.starts_with(&format!("{head}.")), "{name}");
    }
    for key in ["preprocessing", "architecture", "orientation", "model"] {
        assert_eq!(new[key], old[key], "{key}");
    }
    let from = &new["provenance"]["from"];
    assert_eq!(from["name"], "model.safetensors");
    assert_eq!(from["dataset"], "one");
    assert_eq!(from["trained_on"], old["provenance"]["trained_on"]);
    assert_eq!(from["sha256"].as_str().unwrap().len(), 64);
    assert!(old["provenance"].get("from").is_none());

    // The record and the card of a run say so; a run over folds has as many models.
    let metrics = sandbox.json("b/metrics.json");
    assert_eq!(metrics["from"]["sha256"], from["sha256"]);
    assert_eq!(metrics["from"]["datasets"], serde_json::json!(["one"]));
    let card = sandbox.text("b/MODEL_CARD.md");
    assert!(card.contains(from["sha256"].as_str().unwrap()) && card.contains("began with"), "{card}");

    // The configuration repeats it, and a grandchild knows its grandparent's people.
    let config = sandbox.text("b/folds/01/config.toml");
    assert!(config.contains("freeze = \"all\"") && config.contains("[[network.stack]]"), "{config}");
    sandbox
        .run(&["train", "--config", "b/folds/01/config.toml", "--data", "two", "--out", "again"])
        .expect(0);
    assert_eq!(sandbox.read("again/model.safetensors"), sandbox.read("b/folds/01/model.safetensors"));
    let seen = sandbox.run(&["evaluate", "b/folds/01", "--data", "one", "--subjects", "p2"]).expect(2);
    assert!(seen.stderr.contains("p2"), "{}", seen.stderr);
    let open = sandbox.run(&["evaluate", "b/folds/01", "--data", "one", "--json"]).expect(0);
    let open: Value = serde_json::from_str(&open.stdout).unwrap();
    assert_eq!(open["subjects"], serde_json::json!(["p1"]));
}

#[test]
fn people_whom_the_model_has_seen_are_neither_tested_nor_chosen_on() {
    let sandbox = sandbox();
    for (fold, words) in [(1, "chosen on: p"), (2, "tested on: p2")] {
        let config = format!("protocol = \"loso\"\nfold = {fold}\n[validation]\nsubjects = 1\n");
        sandbox.write("fold.toml", &config);
        let refused = train(&sandbox, &["--data", "one", "--config", "fold.toml", "--out", "b"]).expect(2);
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    // Of a run over folds every fold is looked at.
    train(&sandbox, &["--data", "one", "--out", "b"]).expect(2).says(&["shaped by people of one"]);
    assert!(!sandbox.path("b").exists());
}

#[test]
fn what_the_model_has_otherwise_is_refused_and_named_all_at_once() {
    let sandbox = sandbox();
    let options = "--data two --model cnn --rate 25 --window 4s --orientation fixed --sensors all --out b";
    let refused = train(&sandbox, &options.split(' ').collect::<Vec<_>>()).expect(2);
    for words in [
        "model asked for is cnn, the file has tiny",
        "rate asked for is 25 Hz, the file has 50 Hz",
        "window asked for is 200 samples, the file has 128 samples",
        "orientation asked for is fixed, the file has levelled",
        "sensors asked for is accelerometer and gyroscope, the file has accelerometer",
    ] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    sandbox.write(
        "c.toml",
        "[network]\nhidden = 7\n[preprocessing]\nphase = \"causal\"\n[preprocessing.gravity]\norder = 2\n",
    );
    let refused = train(&sandbox, &["--data", "two", "--config", "c.toml", "--out", "b"]).expect(2);
    for words in ["network.hidden asked for is 7", "preprocessing.phase", "preprocessing.gravity"] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    train(&sandbox, &["--data", "two", "--hidden", "7", "--out", "b"]).expect(2);
    sandbox.run(&["train", "--freeze", "1", "--data", "two", "--out", "b"]).expect(2);
    assert!(!sandbox.path("b").exists());
}

#[test]
fn a_run_is_not_gone_on_with_from_another_model() {
    let sandbox = sandbox();
    sandbox.write(
        "fold.toml",
        "labels = [\"sitting\", \"walking\"]\nprotocol = \"loso\"\nfold = 2\n[validation]\nsubjects = 1\n",
    );
    train(&sandbox, &["--data", "two", "--config", "fold.toml", "--out", "b"]).expect(0);
    // As if it had been stopped before its first step.
    std::fs::remove_file(sandbox.path("b/metrics.json")).unwrap();
    let other = sandbox.read("a/folds/02/model.safetensors");
    let own = sandbox.read(MODEL);
    std::fs::write(sandbox.path(MODEL), other).unwrap();
    let refused = sandbox.run(&["train", "--resume", "b", "--data", "two"]).expect(2);
    assert!(refused.stderr.contains("is not the model that the training began with"), "{}", refused.stderr);
    std::fs::write(sandbox.path(MODEL), own).unwrap();
    sandbox.run(&["train", "--resume", "b", "--data", "two"]).expect(0);
}

#[test]
fn a_model_inside_is_begun_with_by_its_name() {
    let sandbox = Sandbox::empty();
    write(&sandbox, "two", &["waist"]);
    let options =
        "train --data two --from waist-acc --freeze all --epochs 1 --threads 1 --protocol groups2 --out b";
    sandbox.run(&options.split(' ').collect::<Vec<_>>()).expect(0);
    let (_, new) = read(&sandbox, "b/folds/01/model.safetensors");
    assert_eq!(new["provenance"]["from"]["name"], "waist-acc");
    assert_eq!(new["provenance"]["from"]["dataset"], "hapt");
    let refused = sandbox.run(&["train", "--from", "wrist", "--out", "c"]).expect(1);
    assert!(refused.stderr.contains("wrist"), "{}", refused.stderr);
}
