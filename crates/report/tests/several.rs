//! What a reader would miss of a run on several data sets: each of them, each depth, their terms, and how models do on those
//! they have not learned from.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod support;

use ambulo_record::{
    AncestorRecord, Breakdown, CoarseMetrics, DepthConfusion, Estimate, LabelRecall, LeftOutLabel,
    PartMetrics, SourceRecord, TransferBetween, TransferCell, TransferMatrix, TransferScore,
};
use ambulo_report::{html, model_card, transfer_page, write_transfer};
use proptest::prelude::*;
use support::checked;
use support::sample::records;
use support::several::{several_records, transfer};
use support::wellformed::{check_picture, elements, pictures};
use yaml_rust2::YamlLoader;

/// A page, after holding all of it and each picture against the rules.
fn well_formed(page: &str) -> Result<(), String> {
    let (before, after) = page.split_once("<style>").unwrap();
    let (_, after) = after.split_once("</style>").unwrap();
    elements(&format!("{before}{after}"))?;
    pictures(page).into_iter().try_for_each(check_picture)
}

/// What stands between the first `from` and the next `to`.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from}"));
    let end = page[start..].find(to).unwrap_or_else(|| panic!("no {to} after {from}"));
    &page[start..start + end]
}

#[test]
fn every_part_has_its_people_windows_and_figures() {
    let records = several_records();
    let page = checked(&records);
    let section = between(&page, "<section class=\"breakdowns\">", "</section>");
    for heading in ["By data set", "By placement", "By device", "By group of people"] {
        assert!(section.contains(&format!("<h3>{heading}</h3>")), "{heading}");
    }
    for part in records.metrics.test.breakdowns.iter().flat_map(|b| &b.parts) {
        let name = part.value.as_deref().unwrap_or("not stated");
        let row =
            between(section, &format!("<th scope=\"row\">{name}</th><td>{}</td>", part.people), "</tr>");
        match part.macro_f1 {
            Some(f1) if part.people > 1 => {
                let [low, high] = f1.ci95.map(|v| 100.0 * v);
                let interval = format!("{low:.1}\u{a0}to\u{a0}{high:.1}");
                assert!(
                    row.contains(&format!("{:.1}\u{a0}%", 100.0 * f1.mean)) && row.contains(&interval),
                    "{row}"
                );
            }
            Some(_) => assert!(row.contains("one person"), "{row}"),
            None => assert!(row.contains("–"), "{row}"),
        }
    }
    // Seven columns of recalls: six classes and the coarse label, which one of the sets has.
    let recalls = between(section, "Recall of each activity by data set", "</table>");
    assert_eq!(recalls.matches("<th scope=\"col\">").count(), 7);
    assert!(recalls.contains("<b>95.7</b><small>412</small>"), "{recalls}");
}

#[test]
fn each_depth_has_its_matrix_beside_its_figures() {
    let page = checked(&several_records());
    let section = between(&page, "<section class=\"depths\">", "</section>");
    assert!(section.contains("<h3>Depth 1: 2\u{a0}activities</h3>") && section.contains("<b>7,112</b>"));
    assert!(section.contains("<h3>Depth 2: 5\u{a0}activities</h3>") && section.contains("<b>4,840</b>"));
    assert!(section.contains("<em>Accuracy 99.9\u{a0}%</em>"));
}

#[test]
fn a_run_on_one_data_set_has_the_page_it_always_had() {
    let page = checked(&records(3));
    for absent in ["class=\"breakdowns\"", "class=\"depths\"", "Joined from", "Its terms"] {
        assert!(!page.contains(absent), "{absent}");
    }
}

#[test]
fn the_card_names_every_source_with_its_terms_and_citation() {
    let records = several_records();
    let card = model_card(&records);
    let (yaml, body) = card.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    let yaml = YamlLoader::load_from_str(yaml).unwrap().remove(0);
    let names: Vec<&str> =
        yaml["datasets"].as_vec().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names, ["hip", "watch-and-phone", "two-ages"]);
    assert_eq!(yaml["license"].as_str(), Some("other"));
    for source in &records.metrics.sources {
        let line =
            body.lines().find(|line| line.starts_with("- **") && line.contains(&source.title)).unwrap();
        let people = format!("{}\u{a0}people", source.people);
        for part in [&people, source.licence.trim(), &source.citation, &source.source, &source.sha256] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    assert!(body.contains("Terms: not on record; find them out"), "one set has none");
    assert!(body.contains("The device was worn at: trouser pocket, waist, wrist."));
    assert!(body.contains("\n| two-ages | 19 |") && body.contains("\n| not stated | 32 |"));
    assert!(!body.contains("This card does not know the terms"));
}

#[test]
fn people_of_one_cohort_are_called_the_same() {
    let mut records = several_records();
    records.metrics.sources[2].cohort = "hip".into();
    assert!(model_card(&records).contains("`hip` and `two-ages` recorded the same people"));
    records.metrics.sources.truncate(1);
    let card = model_card(&records);
    assert!(card.contains("license_name: \"CC BY 4.0; the readme excludes commercial use\"\n"));
    assert!(
        card.contains("license_link: \"https://example.org/hip\"\n")
            && card.contains("those of this data set.\n")
    );
}

#[test]
fn every_cell_has_its_figure_interval_and_people() {
    let t = transfer();
    let page = transfer_page(&t);
    well_formed(&page).unwrap();
    let heat = between(&page, "<table class=\"matrix heat", "</table>");
    let rows: Vec<&str> = heat.split("<tr>").skip(2).collect();
    assert_eq!(rows.len(), t.trained_on.len());
    for (row, name) in rows.iter().zip(&t.trained_on) {
        let cells: Vec<&str> = row.split("<td").skip(1).collect();
        assert_eq!(cells.len(), t.tested_on.len());
        for (cell, column) in cells.iter().zip(&t.tested_on) {
            let Some(of) = t.cell(name, column) else {
                assert!(cell.contains(" class=\"zero\">–"), "{cell}");
                continue;
            };
            assert_eq!(cell.contains(" own\""), of.is_in_set(), "{cell}");
            let Some(score) = of.score else {
                assert!(cell.contains("nothing in common"), "{cell}");
                continue;
            };
            let [low, high] = score.macro_f1.ci95.map(|v| 100.0 * v);
            assert!(cell.contains(&format!("<b>{:.1}</b>", 100.0 * score.macro_f1.mean)), "{cell}");
            assert!(cell.contains(&format!("{low:.1}\u{a0}to\u{a0}{high:.1}")), "{cell}");
            assert!(cell.contains(&format!("{}\u{a0}people", score.people)), "{cell}");
            assert_eq!(cell.contains("kept"), !of.is_in_set(), "{cell}");
        }
    }
    assert!(page.contains(&format!("keep <em>{:.1}\u{a0}%</em>", 100.0 * t.mean_kept().unwrap().0)));
    assert!(page.contains("hip on two-ages: running (391)"));
    for source in &t.sources {
        assert!(page.contains(&source.title) && page.contains(&source.citation), "{}", source.name);
    }
    // The links of sources are text: nothing is fetched.
    for outside in ["<script", "<link", "@import", "url(", "src=", "href="] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn texts_of_the_records_cannot_become_markup() {
    let evil = "</td><script>alert(1)</script>&amp;'\"\u{7}";
    let mut t = transfer();
    t.sources[0].title = evil.into();
    t.trained_on.push(evil.into());
    t.tested_on.push(evil.into());
    t.cells[0].left_out.push(LeftOutLabel { label: evil.into(), windows: 1 });
    t.cells.push(TransferCell { trained_on: evil.into(), tested_on: evil.into(), ..t.cells[0].clone() });
    t.cells[1].labels[0] = evil.into();
    (t.model, t.protocol, t.command) = (evil.into(), evil.into(), evil.into());
    let page = transfer_page(&t);
    well_formed(&page).unwrap();
    assert!(!page.contains("<script"));
    let mut records = several_records();
    let m = &mut records.metrics;
    m.sources[1].licence = evil.into();
    m.test.breakdowns[0].parts[1].value = Some(evil.into());
    m.test.breakdowns[1].by = evil.into();
    m.test.depths[0].labels[1] = evil.into();
    assert!(!checked(&records).contains("<script"));
    // In Markdown a backslash takes the meaning from what follows.
    let card = model_card(&records);
    assert_eq!(card.matches("<script").count(), card.matches("\\<script").count());
}

#[test]
fn a_matrix_without_cells_says_so_and_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("transfer.html");
    write_transfer(&path, &TransferMatrix::default()).unwrap();
    let page = std::fs::read_to_string(&path).unwrap();
    well_formed(&page).unwrap();
    assert!(page.contains("The record holds no cells."));
}

/// Mostly shares, sometimes what no share should be.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![6 => 0.0..=1.0, 2 => any::<f64>(), 1 => Just(f64::NAN), 1 => Just(0.0)]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just("walking".to_owned()), "[a-z_]{0,30}", any::<String>()]
}

fn many() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..900u64, 1 => any::<u64>()]
}

fn estimate() -> impl Strategy<Value = Estimate> {
    (number(), number(), number(), number()).prop_map(|(mean, sd, a, b)| Estimate { mean, sd, ci95: [a, b] })
}

fn part() -> impl Strategy<Value = PartMetrics> {
    let found = || proptest::collection::vec((text(), many(), number()), 0..4);
    let maybe = || proptest::option::of(estimate());
    (proptest::option::of(text()), many(), many(), maybe(), maybe(), found(), found()).prop_map(
        |(value, people, windows, accuracy, macro_f1, recalls, coarse)| PartMetrics {
            value,
            people,
            windows,
            accuracy,
            macro_f1,
            recalls: recalls
                .into_iter()
                .map(|(label, windows, recall)| LabelRecall { label, windows, recall })
                .collect(),
            coarse: coarse
                .into_iter()
                .map(|(label, windows, recall)| CoarseMetrics { label, windows, recall })
                .collect(),
        },
    )
}

fn matrix() -> impl Strategy<Value = Vec<Vec<u64>>> {
    proptest::collection::vec(proptest::collection::vec(many(), 0..5), 0..5)
}

fn depth() -> impl Strategy<Value = DepthConfusion> {
    (any::<usize>(), proptest::collection::vec(text(), 0..5), many(), estimate(), estimate(), matrix())
        .prop_map(|(depth, labels, windows, accuracy, macro_f1, confusion)| DepthConfusion {
            depth,
            labels,
            windows,
            accuracy,
            macro_f1,
            confusion,
        })
}

fn source() -> impl Strategy<Value = SourceRecord> {
    ([text(), text(), text(), text(), text()], any::<usize>()).prop_map(
        |([name, title, licence, citation, source], people)| SourceRecord {
            cohort: name.clone(),
            sha256: title.clone(),
            name,
            title,
            licence,
            citation,
            source,
            people,
        },
    )
}

fn score() -> impl Strategy<Value = TransferScore> {
    (many(), many(), estimate(), estimate()).prop_map(|(people, windows, accuracy, macro_f1)| TransferScore {
        people,
        windows,
        accuracy,
        macro_f1,
    })
}

fn cell() -> impl Strategy<Value = TransferCell> {
    let names = || proptest::collection::vec(text(), 0..4);
    let scores = [proptest::option::of(score()), proptest::option::of(score())];
    (["[ab]", "[ab]"], names(), names(), scores, proptest::collection::vec(number(), 0..5), matrix(), names())
        .prop_map(|([trained_on, tested_on], datasets, labels, [score, in_set], recalls, confusion, left)| {
            TransferCell {
                trained_on,
                tested_on,
                datasets,
                seeds: vec![1],
                labels,
                score,
                recalls,
                confusion,
                left_out: left.into_iter().map(|label| LeftOutLabel { label, windows: u64::MAX }).collect(),
                in_set,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_parts_and_depths_give_a_well_formed_page_and_a_card(
        parts in proptest::collection::vec((text(), proptest::collection::vec(part(), 0..4)), 0..4),
        depths in proptest::collection::vec(depth(), 0..3),
        sources in proptest::collection::vec(source(), 0..4),
    ) {
        let mut records = records(1);
        let m = &mut records.metrics;
        m.test.breakdowns = parts.into_iter().map(|(by, parts)| Breakdown { by, parts }).collect();
        (m.test.depths, m.sources, m.dataset) = (depths, sources, "several".into());
        prop_assert_eq!(well_formed(&html(&records)), Ok(()));
        let card = model_card(&records);
        let (yaml, _) = card.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
        prop_assert!(YamlLoader::load_from_str(yaml).is_ok(), "{}", yaml);
    }

    #[test]
    fn any_matrix_gives_a_well_formed_page(
        cells in proptest::collection::vec(cell(), 0..6),
        sources in proptest::collection::vec(source(), 0..3),
        model in text(),
        placements in any::<bool>(),
        from in proptest::option::of(text()),
    ) {
        let names = || ["a", "b"].map(String::from).to_vec();
        let t = TransferMatrix {
            between: if placements { TransferBetween::Placements } else { TransferBetween::DataSets },
            from: from.map(|name| AncestorRecord { name, sha256: String::new(), datasets: names(), people: 2 }),
            cells, sources, model, trained_on: names(), tested_on: names(), ..TransferMatrix::default()
        };
        prop_assert_eq!(well_formed(&transfer_page(&t)), Ok(()));
    }
}
