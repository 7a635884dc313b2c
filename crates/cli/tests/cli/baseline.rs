//! Hand-made features in the same protocols, with the same records.

use crate::support::Sandbox;

#[test]
fn a_baseline_leaves_the_records_of_a_run_and_stands_beside_one() {
    let sandbox = Sandbox::with_finished_run();
    let done = sandbox.run(&["baseline", "--data", "HAPT Data Set", "--out", "base"]).expect(0);
    assert!(
        done.stdout.contains("test accuracy") && !done.stdout.contains("model.safetensors"),
        "{}",
        done.stdout
    );
    let metrics = sandbox.json("base/metrics.json");
    assert_eq!(metrics["model"].as_str(), Some("features-linear"));
    // What it does not have is not there.
    let fit = &metrics["test"]["per_seed"][0];
    for absent in [
        &metrics["parameters"],
        &metrics["instruction_set"],
        &metrics["keep"],
        &metrics["test"]["ece"],
        &metrics["test"]["reliability"],
        &fit["best_epoch"],
        &fit["temperature"],
        &fit["validation_macro_f1"],
    ] {
        assert!(absent.is_null(), "{absent}");
    }
    assert!(!done.stdout.contains("calibration"), "{}", done.stdout);
    let page = std::fs::read_to_string(sandbox.path("base/report.html")).unwrap();
    assert!(page.contains("fitted once") && !page.contains("temperature"));
    assert_eq!(metrics["test"]["wearings"].as_array().map(Vec::len), Some(11));
    // Nothing is chosen, so all 21 people are fitted on.
    assert_eq!(metrics["subjects"]["train"].as_array().map(Vec::len), Some(21));
    assert_eq!(metrics["subjects"]["test"], sandbox.json("runs/done/metrics.json")["subjects"]["test"]);
    let names: Vec<String> = sandbox.files("base").iter().map(|p| p.display().to_string()).collect();
    for file in ["predictions.parquet", "wearings.json", "mistakes.json", "evaluations.jsonl", "report.html"]
    {
        assert!(names.iter().any(|n| n == file), "{file}: {names:?}");
    }
    let table = sandbox.run(&["compare", "runs/done", "base"]).expect(0).stdout;
    assert!(table.contains("features-linear") && table.contains("base against done"), "{table}");
    sandbox.run(&["baseline", "--data", "HAPT Data Set", "--out", "base"]).expect(2).says(&["base"]);
    sandbox.run(&["train", "--resume", "base"]).expect(2).says(&["base holds a baseline", "fit it anew"]);
}
