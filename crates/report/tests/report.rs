//! What a reader of `report.html` would miss.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod support;

use ambulo_record::RunRecords;
use ambulo_record::files::REPORT;
use ambulo_record::{ClassMetrics, Stage, SubjectMetrics};
use ambulo_report::{html, write_report};
use support::checked;
use support::sample::{LABELS, records};
use support::wellformed::pictures;
use support::write_run;

/// The text of the figure under this heading.
fn figure<'a>(page: &'a str, heading: &str) -> &'a str {
    let start = page.find(&format!("<h3>{heading}</h3>")).unwrap_or_else(|| panic!("no figure {heading:?}"));
    let end = page[start..].find("</figure>").unwrap();
    &page[start..start + end]
}

#[test]
fn headline_shows_figures_intervals_and_every_seed() {
    let page = checked(&records(5));
    let m = records(5).metrics;
    for estimate in [m.test.accuracy, m.test.macro_f1] {
        assert!(page.contains(&format!("<strong>{:.1}<small>", estimate.mean * 100.0)));
        let [low, high] = estimate.ci95.map(|v| v * 100.0);
        assert!(page.contains(&format!("95\u{a0}% interval {low:.1}\u{a0}to\u{a0}{high:.1}")));
    }
    let sure = figure(&page, "How sure these figures are");
    for s in &m.test.per_seed {
        let title = format!("<title>Seed {}: {:.1}\u{a0}%</title>", s.seed, s.accuracy * 100.0);
        assert!(sure.contains(&title), "{title}");
    }
}

#[test]
fn page_names_every_person_and_says_what_was_not_chosen() {
    let page = checked(&records(5));
    assert!(page.contains("Nothing was chosen on test people."));
    for people in ["1, 3, 5, 6, 7, 8, 11, 14, 16, 17, 19, 21, 22, 23, 26, 27, 29", "15, 25, 28, 30"] {
        assert!(page.contains(&format!("<td>{people}</td>")));
    }
    assert!(page.contains("<td>2, 4, 9, 10, 12, 13, 18, 20, 24</td><td>2,560</td>"));
}

#[test]
fn a_person_in_two_partitions_is_called_out() {
    let mut records = records(2);
    records.metrics.subjects.validation.push(9.into());
    let page = checked(&records);
    assert!(!page.contains("Nothing was chosen on test people."));
    assert!(page.contains("1\u{a0}person is in more than one partition: 9."));
}

#[test]
fn learning_curves_mark_the_chosen_epoch_of_every_seed_and_keep_the_refit_apart() {
    let records = records(5);
    let page = checked(&records);
    let score = figure(&page, "Validation macro-F1");
    for s in &records.metrics.test.per_seed {
        assert!(score.contains(&format!(
            "<title>Seed {}: kept epoch {}, macro-F1",
            s.seed,
            s.best_epoch.unwrap()
        )));
    }
    assert_eq!(score.matches("<circle class=\"chosen\"").count(), 5 + 1, "five seeds and the legend");
    for heading in ["Training loss", "Refit: training loss"] {
        let loss = figure(&page, heading);
        assert_eq!(loss.matches("<path class=\"faint\"").count(), 5, "{heading}");
        assert_eq!(loss.matches("<path class=\"mean\"").count(), 1, "{heading}");
    }
    let longest = records.metrics.test.per_seed.iter().filter_map(|s| s.best_epoch).max().unwrap();
    let refit = figure(&page, "Refit: training loss");
    assert!(refit.contains(&format!("<th scope=\"row\">{longest}</th>")));
    assert!(!refit.contains(&format!("<th scope=\"row\">{}</th>", longest + 1)));
}

#[test]
fn without_refit_there_is_no_second_loss_figure() {
    let mut records = records(2);
    records.epochs.retain(|e| e.stage == Stage::Select);
    records.metrics.test.per_seed.iter_mut().for_each(|s| s.refit = Some(false));
    let page = checked(&records);
    assert!(!page.contains("Refit: training loss"));
    assert!(page.contains("The weights of that epoch were evaluated."));
}

#[test]
fn confusion_matrix_holds_every_count_and_row_share_in_place() {
    let records = records(5);
    let page = checked(&records);
    let matrix = figure(&page, "Confusion matrix");
    let body = &matrix[matrix.find("<tbody>").unwrap()..matrix.find("</tbody>").unwrap()];
    let rows: Vec<&str> = body.split("<tr>").skip(1).collect();
    assert_eq!(rows.len(), 6);
    for (row, counts) in rows.iter().zip(&records.metrics.test.confusion) {
        let total: u64 = counts.iter().sum();
        let cells: Vec<&str> = row.split("<td").skip(1).collect();
        assert_eq!(cells.len(), 6);
        for (cell, &n) in cells.iter().zip(counts) {
            if n == 0 {
                assert!(cell.contains(">0</td>"), "{cell}");
            } else {
                let share = format!("<small>{:.1}</small>", n as f64 / total as f64 * 100.0);
                let shown = cell.replace(',', "");
                assert!(shown.contains(&format!("<b>{n}</b>")) && cell.contains(&share), "{cell}");
            }
        }
    }
    assert!(matrix.contains("<em>sitting</em>, of which 13.4\u{a0}% was taken for <em>standing</em>"));
}

#[test]
fn every_class_and_every_subject_has_its_row() {
    let page = checked(&records(5));
    let classes = figure(&page, "By activity");
    for name in ["Walking", "Walking upstairs", "Walking downstairs", "Sitting", "Standing", "Lying"] {
        for what in ["precision", "recall", "F1"] {
            assert!(classes.contains(&format!("<title>{name}: {what} ")), "{name} {what}");
        }
        assert!(classes.contains(&format!(">{name}</text>")), "{name} is cut or absent");
    }
    let people = figure(&page, "By person");
    let places: Vec<usize> = [2, 12, 24, 4, 18, 13, 10, 20, 9]
        .iter()
        .map(|n| people.find(&format!(">Subject {n}</text>")).unwrap_or_else(|| panic!("no subject {n}")))
        .collect();
    assert!(places.is_sorted(), "best first");
    assert!(people.contains("<title>Subject 9: accuracy 87.4\u{a0}% on 284 windows</title>"));
}

#[test]
fn reliability_diagram_shows_each_filled_bin_with_its_count() {
    let records = records(5);
    let page = checked(&records);
    let diagram = figure(&page, "After: as the model answers");
    let filled = records.metrics.test.reliability.iter().filter(|b| b.count > 0).count();
    assert_eq!(diagram.matches("<rect class=\"bar\"").count(), filled);
    assert!(diagram.contains("98.5\u{a0}% correct, 10,440 windows</title>"));
    assert!(diagram.contains("Expected calibration error 2.3\u{a0}%"));
}

#[test]
fn mistakes_are_drawn_with_who_when_and_how_sure() {
    let mut records = records(5);
    let extra = records.mistakes.as_ref().unwrap()[0].clone();
    records.mistakes.as_mut().unwrap().push(extra);
    let page = checked(&records);
    assert_eq!(page.matches("<figure class=\"mistake\">").count(), 12, "twelve at most");
    assert!(page.contains(
        "Subject 4, recording 21, 47.36 to 49.92\u{a0}s into the recording (from sample\u{a0}2,368)"
    ));
    assert!(page.contains(">99.9\u{a0}% sure; gave the truth 0.1\u{a0}%<"));
    let first = &page[page.find("<figure class=\"mistake\">").unwrap()..];
    let first = pictures(first)[0];
    assert_eq!(first.matches("<path ").count(), 6);
    assert!(first.contains(">Acceleration (g)<") && first.contains(">Angular velocity (rad/s)<"));
    assert_eq!(first.matches('L').count(), 6 * 127, "all 128 samples of six channels");
}

#[test]
fn what_was_run_and_how_to_repeat_it_is_there() {
    let records = records(5);
    let page = checked(&records);
    let m = &records.metrics;
    for fact in [&m.dataset_sha256, &m.architecture, &m.command, m.instruction_set.as_ref().unwrap()] {
        assert!(page.contains(fact.as_str()), "{fact}");
    }
    assert!(page.contains("52,870") && page.contains("<details class=\"config\">"));
    assert!(page.contains("kind = &quot;lstm&quot;"));
}

#[test]
fn page_asks_nothing_of_a_network_and_runs_nothing() {
    let page = html(&records(5));
    for forbidden in
        ["http:", "https:", "<script", "<link", "@import", "url(", " src=", " onload", "javascript:"]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn text_of_the_records_cannot_become_markup() {
    let evil = "</text><script>alert(\"1\")</script>&amp;' x=\"\u{7}";
    let mut records = records(1);
    let m = &mut records.metrics;
    for field in [
        &mut m.run,
        &mut m.ambulo_version,
        &mut m.finished,
        &mut m.dataset,
        &mut m.dataset_sha256,
        &mut m.protocol,
        &mut m.model,
        &mut m.architecture,
        m.instruction_set.as_mut().unwrap(),
        &mut m.command,
        &mut m.labels[3],
        &mut m.test.per_class[0].label,
        &mut records.config,
        &mut records.mistakes.as_mut().unwrap()[0].truth,
    ] {
        *field = evil.to_owned();
    }
    let page = checked(&records);
    assert!(!page.contains("<script"), "markup got through");
    assert!(page.matches("&lt;script&gt;").count() >= 13);
}

#[test]
fn absent_parts_leave_a_sentence_not_an_empty_section() {
    let mut records = records(1);
    records.epochs.clear();
    records.mistakes = None;
    records.config.clear();
    let m = &mut records.metrics;
    m.test.confusion = vec![vec![0; 6]; 6];
    m.test.per_class.clear();
    m.test.per_subject.clear();
    m.test.reliability.clear();
    m.test.reliability_uncalibrated.clear();
    m.test.wearings.clear();
    m.test.per_seed.clear();
    let page = checked(&records);
    for sentence in [
        "there are no learning curves",
        "there is no confusion matrix",
        "no figures by activity",
        "no figures by person",
        "there is no reliability diagram",
        "no figures by seed",
        "no test with the device worn another way",
        "no mistakes.json",
        "left no configuration",
    ] {
        assert!(page.contains(sentence), "{sentence}");
    }
    assert!(!page.contains("<h2>Seed by seed") && !page.contains("<h2>Where it is right"));
    assert!(!page.contains("How it learned") && !page.contains("Its most confident mistakes"));
    records.mistakes = Some(Vec::new());
    assert!(checked(&records).contains("On the test subjects the first seed's model made no mistake"));
}

#[test]
fn one_seed_and_one_epoch_still_make_a_page() {
    let mut records = records(1);
    records.epochs.retain(|e| e.epoch == 1);
    records.metrics.test.per_seed[0].best_epoch = Some(1);
    let page = checked(&records);
    assert!(page.contains("One seed was run"));
    assert!(!page.contains("s.d. over seeds"));
    assert_eq!(figure(&page, "Validation macro-F1").matches("<circle class=\"chosen\"").count(), 1 + 1);
}

#[test]
fn twelve_classes_thirty_people_and_an_empty_row_keep_their_places() {
    let mut records = records(5);
    let m = &mut records.metrics;
    m.labels = LABELS.iter().map(ToString::to_string).collect();
    for transition in
        ["STAND_TO_SIT", "SIT_TO_STAND", "SIT_TO_LIE", "LIE_TO_SIT", "STAND_TO_LIE", "LIE_TO_STAND"]
    {
        m.labels.push(transition.to_owned());
    }
    m.test.confusion =
        (0..12).map(|i| (0..12).map(|j| if i == 7 { 0 } else { (i * j) as u64 }).collect()).collect();
    let class = |label: &String| ClassMetrics {
        label: label.clone(),
        precision: 0.5,
        recall: 0.6,
        f1: 0.55,
        support: 9,
    };
    m.test.per_class = m.labels.iter().map(class).collect();
    m.test.per_subject = (1_u16..=30)
        .map(|n| {
            (n.into(), SubjectMetrics { windows: 9, accuracy: 0.5 + 0.01 * f64::from(n), macro_f1: 0.4 })
        })
        .collect();
    let page = checked(&records);
    assert_eq!(figure(&page, "Confusion matrix").matches("<td class=").count(), 144);
    assert!(figure(&page, "Confusion matrix").contains("Stand→Sit"));
    for n in 1..=30 {
        assert!(figure(&page, "By person").contains(&format!(">Subject {n}</text>")));
    }
}

#[test]
fn numbers_that_are_not_finite_are_left_out_of_the_pictures() {
    let mut records = records(2);
    for (i, e) in records.epochs.iter_mut().enumerate() {
        e.train_loss = [f64::NAN, f64::INFINITY, 0.5][i % 3];
        e.validation_macro_f1 = Some([f64::NEG_INFINITY, 0.7, f64::NAN][i % 3]);
    }
    let m = &mut records.metrics;
    (m.test.accuracy.mean, m.test.accuracy.ci95) = (f64::NAN, [f64::NAN, f64::INFINITY]);
    m.test.per_seed[0].macro_f1 = f64::NAN;
    m.test.per_class[2].recall = f64::INFINITY;
    m.test.per_subject.get_mut(&4.into()).unwrap().accuracy = f64::NAN;
    m.test.reliability[14].confidence = f64::NAN;
    m.test.reliability_uncalibrated[9].accuracy = f64::NAN;
    m.test.ece_uncalibrated = Some(f64::NAN);
    m.test.subject_accuracy.q1 = f64::INFINITY;
    m.test.wearings[3].accuracy.mean = f64::NAN;
    m.test.per_seed[1].temperature = Some(f64::NAN);
    let first = &mut records.mistakes.as_mut().unwrap()[0];
    first.rate_hz = 0.0;
    first.acceleration[0][5] = f32::NAN;
    first.angular_velocity.as_mut().unwrap()[1].fill(f32::INFINITY);
    let page = checked(&records);
    assert!(page.contains("<strong>–<small>"));
    assert!(!page.contains("NaN") && !page.contains("inf "));
}

#[test]
fn report_is_written_beside_the_records() {
    let dir = tempfile::tempdir().unwrap();
    write_run(dir.path(), &records(3)).unwrap();
    let path = write_report(dir.path()).unwrap();
    assert_eq!(path, dir.path().join(REPORT));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), html(&RunRecords::read(dir.path()).unwrap()));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 5, "no temporary file is left");
}

#[test]
fn nothing_is_drawn_of_a_run_that_is_not_whole() {
    for file in ["metrics.json", "metrics.jsonl", "config.toml"] {
        let dir = tempfile::tempdir().unwrap();
        write_run(dir.path(), &records(1)).unwrap();
        std::fs::remove_file(dir.path().join(file)).unwrap();
        let error = write_report(dir.path()).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains(file), "{error}");
        assert!(!dir.path().join(REPORT).exists());
    }
}
