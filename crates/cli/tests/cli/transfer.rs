//! `ambulo transfer`

use crate::support::Sandbox;
use std::fmt::Write as _;

/// A data set of four people with a device at each of these places, who sit and walk for a quarter of a minute each. No two files
/// are alike whose names are not.
pub(crate) fn write(sandbox: &Sandbox, name: &str, placements: &[&str]) {
    std::fs::create_dir_all(sandbox.path(name)).unwrap();
    let mut manifest = format!(
        "manifest = 1\nname = \"{name}\"\ntitle = \"Made up: {name}\"\nlicence = \"CC0\"\n\
         verified = {{ on = \"nothing\", what = \"made up\" }}\n\
         [defaults]\nformat = \"table\"\ncolumns = \"acc=1-3\"\nunits = \"acc=g\"\nrate = 50\nlabel = {{ column = \"4\" }}\n\
         [labels.map]\nsit = \"sitting\"\nwalk = \"walking\"\n"
    );
    for placement in placements {
        let _ = write!(
            manifest,
            "[[files]]\npattern = \"{{person}}-{placement}.csv\"\nplacement = \"{placement}\"\n"
        );
        for person in 1..=4 {
            let mut rows = String::new();
            let own: f64 = name.bytes().chain(placement.bytes()).map(f64::from).sum();
            for i in 0..1500 {
                let (label, swing) = if i < 750 { ("sit", 0.0) } else { ("walk", 0.3) };
                let step = swing * (0.24 * f64::from(i)).sin();
                let noise = 0.001 * f64::from((i * (7 + person)) % 13) + 0.0001 * own;
                let _ = writeln!(rows, "{:.4},{:.4},{:.4},{label}", 1.0 + step, noise, 0.02 - noise);
            }
            sandbox.write(format!("{name}/p{person}-{placement}.csv"), &rows);
        }
    }
    sandbox.write(format!("{name}/{name}.toml"), &manifest);
}

#[test]
fn each_data_set_is_tried_on_the_other_at_the_placements_that_it_has() {
    let sandbox = Sandbox::empty();
    write(&sandbox, "one", &["waist", "wrist", "ankle"]);
    write(&sandbox, "two", &["waist"]);
    let command = |placements: &'static str| {
        let options = "--model tiny --sensors acceleration --epochs 1 --groups 2 --threads 1 --out t --json";
        let mut words = vec!["transfer", "--data", "one", "--data", "two", "--placements", placements];
        words.extend(options.split(' '));
        words
    };
    let refused = sandbox.run(&command("ankle")).expect(2);
    assert!(refused.stderr.contains("ankle") && refused.stderr.contains("waist"), "{}", refused.stderr);
    let done = sandbox.run(&command("waist,wrist")).expect(0);
    let matrix: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(matrix, sandbox.json("t/transfer.json"));
    let cells: Vec<(&str, &str, u64)> = (matrix["cells"].as_array().unwrap().iter())
        .map(|cell| {
            let name = |key: &str| cell[key].as_str().unwrap();
            (name("trained_on"), name("tested_on"), cell["score"]["windows"].as_u64().unwrap())
        })
        .collect();
    // Two devices of each person in the one, one in the other; what was worn at the ankle is in neither.
    let in_two = cells[1].2;
    let expected = [
        ("one", "one", 2 * in_two),
        ("two", "two", in_two),
        ("one", "two", in_two),
        ("two", "one", 2 * in_two),
    ];
    assert_eq!(cells, expected);
    assert_eq!(
        matrix["command"],
        "ambulo transfer --data one --data two --placements 'waist,wrist' --model tiny --orientation levelled \
         --sensors acceleration --epochs 1 --groups 2 --seeds 1 --out t"
    );
    assert!(sandbox.text("t/transfer.html").contains("two"));

    // The runs are there: the same command reads them, and finds the same.
    let again = sandbox.run(&command("waist,wrist")).expect(0);
    let mut second: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    second["finished"] = matrix["finished"].clone();
    assert_eq!(second, matrix);
    assert!(!again.stderr.contains("epoch"), "{}", again.stderr);
}

#[test]
fn from_placement_to_placement_people_are_kept_apart_and_rows_begin_with_a_model_that_saw_none_of_them() {
    let sandbox = Sandbox::empty();
    write(&sandbox, "one", &["pocket", "wrist"]);
    write(&sandbox, "two", &["waist"]);
    let quick = "--model tiny --orientation levelled --sensors acceleration --epochs 1 --threads 1";
    let run = |words: &str| sandbox.run(&words.split(' ').collect::<Vec<_>>());
    run(&format!("train --data two --protocol groups2 --labels sitting,walking --out seen {quick}"))
        .expect(0);
    let model = "seen/folds/01/model.safetensors";
    let transfer = "transfer --data one --between placements --model tiny --sensors acceleration --epochs 1 --groups 2 \
                    --threads 1 --json";
    let done = run(&format!("{transfer} --from {model} --out t")).expect(0);
    let matrix: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(matrix["between"], "placements");
    assert_eq!(matrix["tested_on"], serde_json::json!(["pocket", "wrist"]));
    let rows = ["pocket", "wrist", "pocket, from model.safetensors", "wrist, from model.safetensors"];
    assert_eq!(matrix["trained_on"], serde_json::json!(rows));
    assert_eq!(matrix["from"]["datasets"], serde_json::json!(["two"]));
    let cells = matrix["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 8);
    // Everyone is tested once with the device at the one place, whatever was learned from.
    let people = |cell: &serde_json::Value| cell["score"]["people"].as_u64();
    assert!(cells.iter().all(|cell| people(cell) == Some(4)), "{cells:?}");
    let page = sandbox.text("t/transfer.html");
    assert!(page.contains("from placement to placement") && page.contains("Beginning with it changes"));

    // One run of the same kind by itself.
    run(&format!("train --data one --placements pocket --test-placements wrist --protocol groups2 --out r --labels sitting,walking {quick}"))
        .expect(0);
    let metrics = sandbox.json("r/metrics.json");
    assert_eq!(metrics["windows"]["test"], cells[1]["score"]["windows"]);
    assert!(sandbox.text("r/config.toml").contains("test_placements = [\"wrist\"]"));

    // A model that saw people of these data answers nobody of them; between data sets the cell is missing.
    run(&format!("train --data one --protocol groups2 --labels sitting,walking --out own {quick}")).expect(0);
    let refused = run(&format!("{transfer} --from own/folds/01/model.safetensors --out u")).expect(2);
    assert!(refused.stderr.contains("was shaped by people of one"), "{}", refused.stderr);
    assert!(!sandbox.path("u/pocket-to-pocket").exists(), "refused before anything is trained");
    let between_sets = "transfer --data one --data two --model tiny --sensors acceleration --epochs 1 --groups 2 --threads 1 --json";
    let done = run(&format!("{between_sets} --from own/folds/01/model.safetensors --out v")).expect(0);
    let matrix: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let names: Vec<(&str, &str)> = (matrix["cells"].as_array().unwrap().iter())
        .map(|cell| (cell["trained_on"].as_str().unwrap(), cell["tested_on"].as_str().unwrap()))
        .collect();
    assert_eq!(names[4..], [("one, from model.safetensors", "two")], "{names:?}");
    let refused =
        run("transfer --data two --between placements --model tiny --sensors acceleration --out w").expect(1);
    assert!(refused.stderr.contains("one place alone: waist"), "{}", refused.stderr);
}
