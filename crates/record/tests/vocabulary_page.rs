//! docs/VOCABULARY.md says what the table says.

use ambulo_record::{LabelSet, Target, vocabulary};
use std::path::Path;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/VOCABULARY.md");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Cells of the rows of the table that follows a heading; without backquotes.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let section = page.split_once(heading).unwrap_or_else(|| panic!("no section `{heading}`")).1;
    let table = section.lines().skip_while(|line| !line.starts_with('|')).skip(2);
    let cells =
        |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    table.take_while(|line| line.starts_with('|')).map(cells).collect()
}

#[test]
fn the_tree_is_the_one_of_the_table() {
    let outline = vocabulary::outline();
    assert!(page().contains(&format!("\n{outline}\n")), "the section `The tree` should be:\n\n{outline}");
}

#[test]
fn the_codes_are_mapped_to_names_of_the_tree() {
    let rows = rows(&page(), "## Codes of the built-in data sets");
    assert_eq!(rows.len(), 13);
    assert_eq!(rows[0], ["0", "", "unlabelled", ""]);
    let twelve = LabelSet::twelve();
    for (code, row) in rows.iter().enumerate().skip(1) {
        let [number, published, name, parent] = row.as_slice() else { panic!("{row:?}") };
        assert_eq!(*number, code.to_string());
        assert_eq!(vocabulary::canonical(published).unwrap(), *name);
        assert_eq!(vocabulary::lookup(name).unwrap().parent().unwrap().name(), parent);
        // The twelve activities in the order of their codes.
        assert_eq!(twelve.index_of(name), Some(code as u8 - 1));
    }
}

#[test]
fn the_meanings_of_labels_are_as_the_page_says() {
    let rows = rows(&page(), "## Classes of a model");
    assert_eq!(rows.len(), 6);
    for row in &rows {
        let [label, classes, means] = row.as_slice() else { panic!("{row:?}") };
        let classes =
            if classes == "any" { LabelSet::six() } else { LabelSet::new(classes.split(", ")).unwrap() };
        let target = classes.target(label);
        match target {
            None => assert!(means.starts_with("nothing"), "{label}: {means}"),
            Some(Target::Class(_)) => assert!(means.starts_with("the class"), "{label}: {means}"),
            Some(Target::Group(_)) => {
                assert!(means.starts_with("one of the classes beneath"), "{label}: {means}");
            }
        }
    }
}
