//! The model card: front matter that a hub can read, and the statements that must not be missing.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod support;

use ambulo_record::RunRecords;
use ambulo_record::files::MODEL_CARD;
use ambulo_report::{model_card, write_model_card};
use support::sample::records;
use support::write_run;
use yaml_rust2::{Yaml, YamlLoader};

/// The front matter, parsed, and the text below it.
fn parts(records: &RunRecords) -> (Yaml, String) {
    let card = model_card(records);
    let rest = card.strip_prefix("---\n").expect("begins with front matter");
    let (yaml, body) = rest.split_once("\n---\n").expect("front matter ends");
    let mut documents = YamlLoader::load_from_str(yaml).unwrap_or_else(|e| panic!("{e}\n{yaml}"));
    assert_eq!(documents.len(), 1);
    (documents.remove(0), body.to_owned())
}

#[test]
fn front_matter_carries_the_record() {
    let records = records(5);
    let (yaml, _) = parts(&records);
    assert_eq!(yaml["license"].as_str(), Some("other"));
    assert_eq!(yaml["datasets"][0].as_str(), Some("hapt"));
    assert_eq!(yaml["metrics"][0].as_str(), Some("accuracy"));
    let model = &yaml["model-index"][0];
    assert_eq!(model["name"].as_str(), Some("invented-example"));
    let result = &model["results"][0];
    assert_eq!(result["dataset"]["revision"].as_str(), Some(records.metrics.dataset_sha256.as_str()));
    assert_eq!(result["dataset"]["split"].as_str(), Some("test"));
    let metrics = result["metrics"].as_vec().unwrap();
    let test = &records.metrics.test;
    for (metric, (kind, value)) in
        metrics.iter().zip([("accuracy", test.accuracy.mean), ("f1", test.macro_f1.mean)])
    {
        assert_eq!(metric["type"].as_str(), Some(kind));
        assert!((metric["value"].as_f64().unwrap() - value).abs() < 1e-4);
    }
    assert_eq!(metrics[1]["args"]["average"].as_str(), Some("macro"));
}

#[test]
fn hostile_names_stay_strings() {
    let evil = "x: \"y\" #\\\n---\nlicense: mit\u{7}\u{2028}\u{85}'{[*&";
    let mut records = records(1);
    let m = &mut records.metrics;
    (m.run, m.dataset, m.model) = (evil.into(), evil.into(), evil.into());
    (m.protocol, m.dataset_sha256) = (evil.into(), evil.into());
    m.test.accuracy.mean = f64::NAN;
    let (yaml, body) = parts(&records);
    assert_eq!(yaml["model-index"][0]["name"].as_str(), Some(evil));
    assert_eq!(yaml["datasets"][0].as_str(), Some(evil));
    assert_eq!(yaml["license"].as_str(), Some("unknown"));
    assert!(yaml["model-index"][0]["results"][0]["metrics"][0]["value"].is_null());
    assert!(!body.contains("\n---\n"), "a name started a line of its own");
}

#[test]
fn terms_and_limits_of_hapt_are_said() {
    let (_, body) = parts(&records(5));
    for statement in [
        "CC BY 4.0",
        "excludes commercial use",
        "terms of the data apply to them",
        "30 volunteers aged 19 to 48",
        "waist",
        "Not a medical device",
        "way up it was trained for",
        "doi:10.24432/C54G7M",
        "nothing was chosen by looking at test subjects",
    ] {
        assert!(body.contains(statement), "{statement}");
    }
}

#[test]
fn an_unknown_data_set_is_not_given_the_terms_or_people_of_another() {
    let mut records = records(1);
    records.metrics.dataset = "my-clinic".into();
    let (yaml, body) = parts(&records);
    assert_eq!(yaml["license"].as_str(), Some("unknown"));
    assert!(!body.contains("CC BY") && !body.contains("volunteers") && !body.contains("Samsung"));
    assert!(body.contains("does not know the terms"));
}

#[test]
fn results_show_interval_protocol_and_command() {
    let records = records(5);
    let (_, body) = parts(&records);
    let m = &records.metrics;
    let [low, high] = m.test.accuracy.ci95.map(|v| v * 100.0);
    let row = format!(
        "| accuracy | {:.1}\u{a0}% | 0.6\u{a0}% | {low:.1} to {high:.1} % |",
        m.test.accuracy.mean * 100.0
    );
    assert!(body.contains(&row), "{row}");
    assert!(body.contains("Protocol official: 17 training, 4 validation and 9 test subjects"));
    assert!(body.contains(&format!("```sh\n{}\n```", m.command)));
    assert_eq!(body.matches("\n| walking\\_upstairs | ").count(), 1);
}

#[test]
fn a_person_in_two_partitions_is_called_out() {
    let mut records = records(2);
    records.metrics.subjects.train.push(24.into());
    let (_, body) = parts(&records);
    assert!(body.contains("not to be trusted:** subjects 24 are in more than one partition"));
    assert!(!body.contains("nothing was chosen"));
}

#[test]
fn card_is_written_beside_the_records() {
    let dir = tempfile::tempdir().unwrap();
    write_run(dir.path(), &records(2)).unwrap();
    let path = write_model_card(dir.path()).unwrap();
    assert_eq!(path, dir.path().join(MODEL_CARD));
    assert_eq!(std::fs::read_to_string(path).unwrap(), model_card(&records(2)));
}
