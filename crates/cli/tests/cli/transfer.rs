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
