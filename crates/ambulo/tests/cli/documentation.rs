//! The commands the documentation shows are commands there are.

use crate::support::Sandbox;
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

/// Every page a reader may copy a command from; none in a packaged crate, which has no repository around it.
fn pages() -> Vec<(PathBuf, String)> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages = Vec::new();
    for directory in [".", "docs", "datasets/hapt", "benches", "scripts"] {
        for entry in std::fs::read_dir(repository.join(directory)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                pages.push((path, text));
            }
        }
    }
    pages
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
