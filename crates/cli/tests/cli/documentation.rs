//! The documentation shows commands that there are, and has every key and field that there is.

use crate::support::{AUGMENTED, Sandbox};
use ambulo_train::{Config, ModelKind, Orientation};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The words of a line as a shell reads them, up to a comment, pipe, redirection or next command.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None if "|><;&".contains(c) || (c == '#' && word.is_none()) => break,
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Arguments of `ambulo` in this line of a shell, if it calls it directly or through cargo.
fn arguments(line: &str) -> Option<Vec<String>> {
    let words = words(line.trim_start().trim_start_matches("$ "));
    let cargo = words.split(|w| w == "--").next()?;
    match words.first()?.as_str() {
        "ambulo" => Some(words[1..].to_vec()),
        "cargo" if cargo.get(1)? == "run" && !cargo.iter().any(|w| w == "--example") => {
            Some(words[cargo.len()..].iter().skip(1).cloned().collect())
        }
        _ => None,
    }
}

/// Lines of the shell blocks of a Markdown page; a line that ends in a backslash goes on in the next.
fn shell_lines(page: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            inside = !inside && matches!(language.trim(), "sh" | "bash" | "shell" | "console");
        } else if inside {
            lines.push(line);
        }
    }
    lines.join("\n").replace("\\\n", " ").lines().map(String::from).collect()
}

/// Pages that there must be, from the root of the repository.
const PAGES: [&str; 20] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/ARCHITECTURE.md",
    "docs/CLASSIFY.md",
    "docs/CONFIGURATION.md",
    "docs/CONVERT.md",
    "docs/ENGINE.md",
    "docs/FINETUNING.md",
    "docs/FORMATS.md",
    "docs/MODEL_FILE.md",
    "docs/PERSONAL.md",
    "docs/PREPROCESSING.md",
    "docs/PRETRAINING.md",
    "docs/PROTOCOLS.md",
    "docs/RECORDINGS.md",
    "docs/RESULTS.md",
    "docs/RESULT_FORMATS.md",
    "docs/STREAM.md",
    "docs/VOCABULARY.md",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every page a reader may copy a command from.
fn pages() -> Vec<(PathBuf, String)> {
    let mut pages = Vec::new();
    for directory in [".", "docs", "datasets/hapt", "benches/peers"] {
        let directory = repository().join(directory);
        let entries =
            std::fs::read_dir(&directory).unwrap_or_else(|e| panic!("{}: {e}", directory.display()));
        let before = pages.len();
        for entry in entries {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                pages.push((path, text));
            }
        }
        assert!(pages.len() > before, "{} has no page", directory.display());
    }
    pages
}

#[test]
fn every_page_is_there() {
    let pages = pages();
    for name in PAGES {
        assert!(
            pages.iter().any(|(path, text)| path.ends_with(name) && !text.is_empty()),
            "{name} is missing"
        );
    }
}

#[test]
fn the_commands_that_the_documentation_shows_exist() {
    let sandbox = Sandbox::empty();
    for (path, page) in pages() {
        let lines = shell_lines(&page);
        let commands: Vec<Vec<String>> = lines.iter().filter_map(|line| arguments(line)).collect();
        let is_readme = path.ends_with("../../README.md");
        assert!(!is_readme || !commands.is_empty(), "the README shows no command:\n{}", lines.join("\n"));
        for command in commands {
            // Help comes last: everything before it has been understood by then, and nothing is done.
            let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
            let done = sandbox.run(&arguments);
            assert_eq!(done.code, Some(0), "{}: {command:?}\n{}", path.display(), done.stderr);
        }
    }
}

/// A page of `docs`.
pub(crate) fn page(name: &str) -> String {
    let path = repository().join("docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A number, a text or a list, as TOML has it; the shortest digits of an f32 where it was one.
fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::Float(v) if f64::from(*v as f32) == *v => format!("{:?}", *v as f32),
        _ => value.to_string(),
    }
}

#[test]
fn every_key_of_a_configuration_is_on_its_page_with_its_default() {
    let page = page("CONFIGURATION.md");
    // Cells of the row of a key, in the section whose heading is given.
    let row = |heading: &str, key: &str| -> Vec<String> {
        let section = page.split("\n## ").find(|s| s.starts_with(heading));
        let section = section.unwrap_or_else(|| panic!("no section {heading}"));
        let named = |line: &&str| line.split('|').nth(1).is_some_and(|c| c.contains(&format!("`{key}`")));
        let line = section.lines().find(named).unwrap_or_else(|| panic!("no row `{key}` in {heading}"));
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let config = Config::default();
    let all: toml::Table = config.to_toml().unwrap().parse().unwrap();
    for (key, value) in &all {
        if let Some(table) = value.as_table() {
            assert!(page.contains(&format!("\n## `[{key}]`\n")), "no section {key}");
            for (key, _) in table {
                assert!(page.contains(&format!("`{key}`")) || page.contains(&format!(".{key}]`")), "{key}");
            }
        } else {
            let cells = row("Top level", key);
            assert!(cells[3].contains(&format!("`{}`", written(value))), "{key} is {value}: {cells:?}");
        }
    }
    for table in ["training", "validation"] {
        for (key, value) in all[table].as_table().unwrap() {
            if value.is_table() || key == "augmentation" {
                continue;
            }
            let cells = row(&format!("`[{table}]`"), key);
            assert!(
                cells.contains(&format!("`{}`", written(value)))
                    || cells[3].starts_with(&format!("`{}`", written(value))),
                "{table}.{key} is {value}: {cells:?}"
            );
        }
    }
    for model in ModelKind::ALL {
        let cells = row("`[network]`", model.name());
        let own: toml::Table = Config::of(model, Orientation::Fixed).to_toml().unwrap().parse().unwrap();
        let own = own.get("network").and_then(toml::Value::as_table).cloned().unwrap_or_default();
        let heads = row("`[network]`", "model");
        assert_eq!(cells.len(), heads.len(), "{model}");
        for (head, cell) in heads.iter().zip(&cells).skip(2) {
            let key = head.trim_matches('`');
            let expected = own.get(key).map(|v| format!("`{}`", written(v)));
            let found = if cell == "absent" { "" } else { cell };
            assert_eq!(found, expected.unwrap_or_default(), "{key} of {model}");
        }
        for key in own.keys() {
            assert!(heads.contains(&format!("`{key}`")), "{key} of {model} is in no column");
            row("`[network]`", key);
        }
    }
    // Every kind of augmentation, and the keys of each.
    let steps: toml::Table = AUGMENTED.1.parse().unwrap();
    for step in steps["augmentation"].as_array().unwrap() {
        row("`training.augmentation`", step["type"].as_str().unwrap());
        for (key, _) in step.as_table().unwrap().iter().filter(|(key, _)| *key != "type") {
            assert!(page.contains(&format!("| `{key}` |")), "{key} of {step}");
        }
    }
}

#[test]
fn the_default_augmentation_is_the_one_on_its_page() {
    let page = page("CONFIGURATION.md");
    let start = page.find("```toml\n[training]\n").unwrap() + "```toml\n".len();
    let shown = &page[start..start + page[start..].find("```").unwrap()];
    assert_eq!(Config::from_toml(shown).unwrap(), Config::default());
    // And it is said, not left to the default.
    let shown: toml::Table = shown.parse().unwrap();
    let steps = shown["training"]["augmentation"].as_array().unwrap();
    assert_eq!(steps.len(), Config::default().training.augmentation.len());
}

/// All keys of a value, but for the names of people.
pub(crate) fn fields(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(all) => {
            for (key, value) in all {
                if key.parse::<u16>().is_err() {
                    found.insert(key.clone());
                }
                fields(value, found);
            }
        }
        serde_json::Value::Array(all) => all.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_the_records_is_on_their_page() {
    let page = page("FORMATS.md");
    let sandbox = Sandbox::with_finished_run();
    let mut found = BTreeSet::new();
    for name in ["metrics.json", "mistakes.json", "wearings.json"] {
        fields(&sandbox.json(format!("runs/done/{name}")), &mut found);
    }
    assert!(found.contains("subject_accuracy") && found.contains("by_subject"), "{found:?}");
    let words: BTreeSet<&str> = page.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let missing: Vec<&String> = found.iter().filter(|key| !words.contains(key.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?} are not in FORMATS.md");
    for name in sandbox.files("runs/done") {
        let name = name.to_str().unwrap();
        assert!(name.starts_with("events.") || page.contains(&format!("`{name}`")), "{name}");
    }
    for worn in sandbox.json("runs/done/wearings.json").as_array().unwrap() {
        let wearing = worn["wearing"].as_str().unwrap();
        assert!(page.contains(&format!("`{wearing}`")), "{wearing}");
    }
}

/// Words in backquotes of the section of a page whose heading is given, headings below it included.
fn code_words(page: &str, heading: &str) -> BTreeSet<String> {
    let level = heading.bytes().take_while(|c| *c == b'#').count();
    let start = page.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let mut lines = page[start + 1..].lines();
    lines.next();
    let ends = |line: &&str| {
        let depth = line.bytes().take_while(|c| *c == b'#').count();
        depth == 0 || depth > level
    };
    let section: Vec<&str> = lines.take_while(ends).collect();
    let word = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let section = section.join("\n");
    section.split('`').skip(1).step_by(2).flat_map(|code| code.split(word)).map(str::to_owned).collect()
}

#[test]
fn every_kind_of_finding_is_on_its_page() {
    let source = repository().join("crates/signal/src/finding.rs");
    let source = std::fs::read_to_string(&source).unwrap_or_else(|e| panic!("{}: {e}", source.display()));
    let kinds: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \"")?.1.strip_suffix("\","))
        .collect();
    assert!(kinds.len() >= 20 && kinds.contains(&"clock_reset"), "{kinds:?}");
    let known = code_words(&page("RECORDINGS.md"), "## Findings");
    for kind in kinds.into_iter().chain(["note", "warning", "refusal"]) {
        assert!(known.contains(kind), "{kind} is not in RECORDINGS.md");
    }
}

/// Sixty seconds of walking in m/s², a pause and a still minute, beside another device, with a cell that is no number.
fn walk() -> String {
    let mut text = "time (s),left_acc_x,left_acc_y,left_acc_z,left_gyro_x,left_gyro_y,left_gyro_z,\
                    right_acc_x,right_acc_y,right_acc_z\n"
        .to_owned();
    for i in 0..6000 {
        let (moving, pause) = (i < 3000, if i < 3000 { 0.0 } else { 5.0 });
        let s = if moving { (f64::from(i) / 4.0).sin() } else { 0.0 };
        let x = if i == 700 { "?".to_owned() } else { format!("{:.3}", 9.81 + 3.0 * s) };
        let time = f64::from(i) / 50.0 + pause;
        text += &format!("{time:.2},{x},{s:.3},0.5,{:.3},{s:.3},0.1,0,0,9.81\n", 0.2 * s);
    }
    text
}

#[test]
fn every_key_of_an_inspection_is_on_its_page() {
    let sandbox = Sandbox::with_finished_run();
    std::fs::write(sandbox.path("walk.csv"), walk()).unwrap();
    std::fs::write(sandbox.path("still.csv"), "t,x,y,z\n0,0,0,9.8\n0.02,0,0,9.8\n0.04,0,0,9.8\n").unwrap();
    let told = [
        &["inspect", "walk.csv", "--json", "--device", "left", "--model", "runs/done"][..],
        &["inspect", "still.csv", "--json", "--units", "m/s2"],
    ];
    let mut found = BTreeSet::new();
    for arguments in told {
        let done = sandbox.run(arguments);
        let value: serde_json::Value = serde_json::from_str(&done.stdout)
            .unwrap_or_else(|e| panic!("{e}: {} {}", done.stdout, done.stderr));
        assert_eq!(value["version"], 1);
        fields(&value, &mut found);
    }
    for key in ["placement", "gaps", "length_s", "line", "sample", "periods", "reason", "takes", "count"] {
        assert!(found.contains(key), "{key} was not printed: {found:?}");
    }
    let known = code_words(&page("RECORDINGS.md"), "### JSON");
    let missing: Vec<&String> = found.difference(&known).collect();
    assert!(missing.is_empty(), "{missing:?} are not in RECORDINGS.md");
}

#[test]
fn every_key_and_column_of_results_is_on_their_page() {
    let sandbox = Sandbox::with_finished_run();
    // An axis that never moves is refused.
    let text = walk();
    let rows =
        text.lines().enumerate().map(|(i, row)| row.replace(",0.5,", &format!(",0.5{},", i % 7)) + "\n");
    std::fs::write(sandbox.path("walk.csv"), rows.collect::<String>()).unwrap();
    let classify = ["classify", "walk.csv", "--model", "runs/done", "--device", "left"];
    let stated =
        ["--axes", "x,y,z", "--units", "m/s2", "--step", "0.5", "--delay", "1", "--clock-back", "restart"];
    let with = |own: &[&str]| sandbox.run(&[&classify[..], own].concat()).expect(0).stdout;
    let mut found = BTreeSet::new();
    for own in [&["--summary", "--json"][..], &[&["--summary", "--json"], &stated[..]].concat()] {
        fields(&serde_json::from_str(&with(own)).unwrap(), &mut found);
    }
    for key in ["day_clock", "transitions", "bouts", "first_place", "delay_s", "clock_back", "step_s"] {
        assert!(found.contains(key), "{key} was not printed: {found:?}");
    }
    with(&["--out", "out"]);
    for table in [with(&[]), sandbox.text("out/summary.csv")] {
        found.extend(table.lines().next().unwrap().split(',').map(str::to_owned));
    }
    let names = sandbox.files("out");
    let page = page("RESULT_FORMATS.md");
    let known = code_words(&format!("\n{page}"), "# Formats of results");
    let places = ["line", "sample", "sensor", "time_s"];
    let missing: Vec<&String> =
        found.difference(&known).filter(|key| !places.contains(&key.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?} are not in RESULT_FORMATS.md");
    for name in names {
        let name = name.to_str().unwrap().replacen("walk.", "NAME.", 1);
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn every_file_that_the_architecture_names_is_there() {
    let page = page("ARCHITECTURE.md");
    let word = |c: char| !(c.is_ascii_alphanumeric() || "_-./".contains(c));
    let named: BTreeSet<&str> = page
        .split(word)
        .filter(|path| ["crates/", "scripts/", "benches/", "datasets/"].iter().any(|d| path.starts_with(d)))
        .map(|path| path.trim_end_matches(['.', '/']))
        .collect();
    assert!(named.len() > 60, "{named:?}");
    for path in named {
        assert!(repository().join(path).exists(), "{path}");
    }
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut found = BTreeSet::new();
    for line in page.lines() {
        inside ^= line.starts_with("```");
        if let (false, true, Some((_, title))) = (inside, line.starts_with('#'), line.split_once("# ")) {
            let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            found.insert(kept.collect::<String>().to_lowercase().replace(' ', "-"));
        }
    }
    found
}

#[test]
fn links_between_pages_lead_somewhere() {
    for (path, page) in pages() {
        let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|t| !t.contains("://") && !t.contains(char::is_whitespace)) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let other = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(other.exists(), "{}: {target}", path.display());
            if !anchor.is_empty() {
                let anchors = anchors(&std::fs::read_to_string(&other).unwrap());
                assert!(anchors.contains(anchor), "{}: {target} is none of {anchors:?}", path.display());
            }
        }
    }
}

#[test]
fn lines_of_a_page_are_read_as_a_shell_does() {
    let page = "ambulo none\n```sh\n$ ambulo train \\\n  --out 'my run' | head # x\n```\n```rust\nambulo none\n```\n\
                ```sh\ncargo run --release -- evaluate \"a b\" --subjects 2,4\ncargo run --example x -- y\nls\n```\n";
    let found: Vec<Vec<String>> = shell_lines(page).iter().filter_map(|line| arguments(line)).collect();
    assert_eq!(found, [vec!["train", "--out", "my run"], vec!["evaluate", "a b", "--subjects", "2,4"]]);
    // What is not there is found out before the help is shown.
    for wrong in [["train", "--hiden", "4"], ["train", "--model", "x"], ["datasets", "drop", "x"]] {
        Sandbox::empty().run(&[&wrong[..], &["--help"]].concat()).expect(2);
    }
}
