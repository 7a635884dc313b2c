//! Other ways of wearing, calibration, people and folds: what a page says must follow from the figures.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod support;

use ambulo_record::RunRecords;
use ambulo_record::{Keep, Metrics};
use ambulo_report::model_card;
use support::checked;
use support::folds::fold_records;
use support::sample::{records, wearings};

/// The section of this class.
fn section<'a>(page: &'a str, class: &str) -> &'a str {
    let start = page.find(&format!("<section class=\"{class}\">")).unwrap_or_else(|| panic!("no {class}"));
    &page[start..start + page[start..].find("</section>").unwrap()]
}

fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

/// A run whose model is of this kind and loses as such a one does.
fn worn(orientation: &str, fixed: bool) -> RunRecords {
    let mut records = records(5);
    let m = &mut records.metrics;
    m.orientation = orientation.into();
    m.test.wearings = wearings(m.test.accuracy.mean, fixed);
    records
}

#[test]
fn every_way_of_wearing_has_its_mark_its_interval_and_its_row() {
    let records = records(5);
    let page = checked(&records);
    let section = section(&page, "worn");
    for name in [
        "Turned at random",
        "Turned by 45°",
        "Turned by 90°",
        "Turned by 180°",
        "Turned by 225°",
        "Turned by 270°",
        "Turned by 315°",
        "Tilted up to 15°",
        "Tilted up to 30°",
        "Upside down",
    ] {
        assert!(section.contains(&format!("<th scope=\"row\">{name}</th>")), "{name}");
        assert!(section.contains(&format!("<title>{name}: accuracy ")), "{name}");
    }
    assert_eq!(section.matches("<title>95 % interval</title>").count(), 12);
    for w in &records.metrics.test.wearings {
        let [low, high] = w.accuracy.ci95.map(|v| v * 100.0);
        assert!(plain(section).contains(&format!("<td>{low:.1} to {high:.1}</td>")), "{}", w.wearing);
    }
}

#[test]
fn the_worst_facing_alone_is_pointed_out() {
    let mut records = records(5);
    let page = checked(&records);
    assert!(section(&page, "worn").contains("<th scope=\"row\">Turned by 135° (worst)</th>"));
    assert_eq!(section(&page, "worn").matches("(worst)").count(), 1);
    // Upside down is worse, but no facing.
    records.metrics.test.wearings[7].accuracy.mean = 0.02;
    let page = checked(&records);
    assert!(section(&page, "worn").contains("<th scope=\"row\">Turned by 315° (worst)</th>"));
}

#[test]
fn what_is_said_of_the_promise_follows_from_the_figures() {
    let said = |orientation: &str, fixed: bool| {
        let records = worn(orientation, fixed);
        let page = checked(&records);
        assert!(model_card(&records).contains("at worst") || orientation.is_empty());
        plain(section(&page, "worn"))
    };
    let kept = said("any-facing", false);
    assert!(
        kept.contains("The figures keep that: at worst (turned by 135°) it reaches 93.0 %, 0.4 points less")
    );
    assert!(kept.contains("not below the lower end of the interval as recorded, 91.1 %"));
    let broken = said("any-facing", true);
    assert!(
        broken.contains("do not keep that: at worst (turned by 135°) it reaches 51.4 %, 42.0 points less")
    );
    assert!(broken.contains("<p class=\"note bad\">") && !kept.contains("note bad"));
    assert!(said("fixed", true).contains("It needs that: at worst"));
    assert!(said("fixed", false).contains("better than it promises"));
    assert!(said("", true).contains("does not say which ways of wearing"));
}

#[test]
fn one_bad_facing_or_a_bad_random_turn_breaks_the_promise() {
    for index in [0, 5] {
        let mut records = worn("any-facing", false);
        let low = records.metrics.test.accuracy.ci95[0];
        records.metrics.test.wearings[index].accuracy.mean = low - 0.001;
        assert!(checked(&records).contains("do not keep that"), "{index}");
        records.metrics.test.wearings[index].accuracy.mean = low;
        assert!(checked(&records).contains("The figures keep that"), "{index}");
        records.metrics.test.wearings[index].accuracy.mean = f64::NAN;
        let page = checked(&records);
        assert!(page.contains("cannot be said") && !page.contains("keep that"), "{index}");
    }
    let mut records = worn("any-facing", false);
    // Tilted and upside down the model promises nothing.
    records.metrics.test.wearings.last_mut().unwrap().accuracy.mean = 0.0;
    assert!(checked(&records).contains("The figures keep that"));
    assert!(plain(&checked(&records)).contains("upside down it reaches 0.0 %"));
}

#[test]
fn a_levelled_model_promises_every_way_of_wearing() {
    let mut records = worn("levelled", false);
    let low = records.metrics.test.accuracy.ci95[0];
    for wearing in &mut records.metrics.test.wearings {
        wearing.accuracy.mean = low + 0.01;
    }
    let page = checked(&records);
    assert!(page.contains("by construction") && page.contains("Levelled anew, tilted by up to"));
    assert!(!page.contains("promises nothing"));
    records.metrics.test.wearings.last_mut().unwrap().accuracy.mean = low - 0.01;
    let page = checked(&records);
    assert!(
        page.contains("do not keep that: at worst (upside down)") && page.contains("<p class=\"note bad\">")
    );
    assert!(model_card(&records).contains("refuses one without movement"));
}

#[test]
fn calibration_is_shown_before_and_after_with_every_temperature() {
    let mut records = records(5);
    let page = checked(&records);
    let section_ = plain(section(&page, "calibration"));
    assert!(section_.contains("brought the expected calibration error down from 4.3 % to 2.3 %"));
    assert!(section_.contains("(0.72, 0.70, 0.71, 0.70, 0.71; in the order of the seeds)"), "{section_}");
    assert!(section_.contains("fitted on the validation people and never on test people"));
    let (before, after) = section_.split_once("After: as the model answers").unwrap();
    assert!(before.contains("Before: at temperature 1"));
    // The bin around 63 %: before and after, not one of them twice.
    assert!(
        before.contains("63.5 % on average, 70.5 % correct")
            && after.contains("63.5 % on average, 54.5 % correct")
    );
    let filled = |bins: &[ambulo_record::ReliabilityBin]| bins.iter().filter(|b| b.count > 0).count();
    let test = &records.metrics.test;
    assert_eq!(before.matches("<rect class=\"bar\"").count(), filled(&test.reliability_uncalibrated));
    assert_eq!(after.matches("<rect class=\"bar\"").count(), filled(&test.reliability));
    records.metrics.test.ece_uncalibrated = Some(0.011);
    assert!(
        plain(&checked(&records))
            .contains("did not help: it moved the expected calibration error up from 1.1 %")
    );
    records.metrics.test.ece_uncalibrated = records.metrics.test.ece;
    assert!(plain(&checked(&records)).contains("left the expected calibration error at 2.3 %"));
}

#[test]
fn spread_stands_beside_the_mean_and_the_worst_three_are_named() {
    let page = checked(&records(5));
    let section_ = plain(section(&page, "individuals"));
    for (name, value) in [
        ("Mean over windows", "93.4 %"),
        ("Lowest person", "87.4 %"),
        ("First quartile", "91.3 %"),
        ("Median person", "94.4 %"),
        ("Third quartile", "95.9 %"),
        ("Highest person", "98.2 %"),
    ] {
        assert!(section_.contains(&format!("<dt>{name}</dt><dd>{value}</dd>")), "{name}");
    }
    let worst = &section_[section_.find("Where it does worst").unwrap()..];
    let rows: Vec<&str> =
        worst.split("<th scope=\"row\">").skip(1).map(|r| &r[..r.find('<').unwrap()]).collect();
    assert_eq!(rows, ["9", "20", "10"]);
    assert!(worst.contains("Nobody lies far apart"));
    assert!(worst.contains("<li>subject 20: 1 × walking taken for walking upstairs</li>"), "{worst}");
}

#[test]
fn a_person_far_below_the_rest_is_named_with_the_fold_and_the_confusions() {
    let page = checked(&fold_records(3));
    let worst = plain(section(&page, "individuals"));
    assert!(worst.contains("between the quartiles): subject 14."));
    assert!(worst.contains("<th scope=\"row\">14</th><td>62.0 %</td><td>56.0 %</td><td>314</td><td>5</td>"));
    assert!(worst.contains("<li>subject 14: 4 × sitting taken for standing"), "{worst}");
}

#[test]
fn one_person_in_each_fold_names_the_worst_five() {
    let worst = |per_fold| {
        let page = checked(&fold_records(per_fold));
        let section = section(&page, "individuals");
        section[section.find("Where it does worst").unwrap()..].matches("<th scope=\"row\">").count()
    };
    assert_eq!(worst(1), 5);
    assert_eq!(worst(3), 3);
}

#[test]
fn folds_have_their_table_and_no_learning_curves() {
    let records = fold_records(3);
    let page = checked(&records);
    let folds = plain(section(&page, "folds"));
    for f in &records.metrics.folds {
        let people: Vec<String> = f.subjects.test.iter().map(ToString::to_string).collect();
        let row = format!(
            "<th scope=\"row\">{}</th><td>{}</td><td>930</td><td>{:.1} %</td><td>{:.1} %</td>",
            f.fold,
            people.join(", "),
            f.accuracy * 100.0,
            f.macro_f1 * 100.0
        );
        assert!(folds.contains(&row), "{row}");
    }
    assert!(folds.contains("Accuracy runs from 83.0 % (fold 5, subjects 13, 14, 15) to"));
    assert!(!folds.contains("<details>"));
    assert!(
        page.contains("Each fold has learning curves of its own") && !page.contains("<h2>How it learned")
    );
    assert!(page.contains("In each of the 10\u{a0}folds no person is in two partitions"));
    assert!(!page.contains("<th scope=\"row\">Training</th>"), "everyone trains some folds");
    let page = checked(&fold_records(1));
    assert!(section(&page, "folds").contains("<details><summary>All 30 folds as a table</summary>"));
    let one = checked(&self::records(2));
    assert!(!one.contains("Fold by fold") && one.contains("<th scope=\"row\">Training</th>"));
}

#[test]
fn a_person_trained_on_or_tested_twice_in_folds_is_called_out() {
    let mut leaking = fold_records(3);
    leaking.metrics.folds[4].subjects.train.push(13.into());
    let mut twice = fold_records(3);
    twice.metrics.folds[0].subjects.test.push(30.into());
    twice.metrics.folds[0].subjects.train.retain(|s| *s != 30.into());
    for (records, subject) in [(leaking, 13), (twice, 30)] {
        let page = checked(&records);
        assert!(
            page.contains(&format!("1\u{a0}person is in more than one partition: {subject}.")),
            "{subject}"
        );
        assert!(!page.contains("Nothing was chosen on test people."));
        assert!(model_card(&records).contains(&format!("not to be trusted:** subjects {subject}")));
    }
}

#[test]
fn the_card_of_folds_is_that_of_an_evaluation() {
    let card = plain(&model_card(&fold_records(3)));
    assert!(card.contains("**This is an evaluation, not a model.** It trained 30 models"));
    assert!(card.contains("Protocol groups10: 10 folds, 30 test subjects in all (9,300 windows)"));
    assert!(card.contains("\n| 5 | 13, 14, 15 | 930 | 83.0 % | 77.0 % |\n"));
    assert!(card.contains("\n| turned by 135° | 93.2 % |") && card.contains("lowest 62.0 %"));
    assert!(card.contains("everyone is tested in one fold only"));
    let usual = plain(&model_card(&records(5)));
    assert!(!usual.contains("not a model") && !usual.contains("| fold |"));
    assert!(usual.contains("(4.3 % before the temperature, which was fitted on validation people)"));
}

#[test]
fn twelve_classes_keep_their_names_in_matrix_and_table() {
    let page = checked(&fold_records(3));
    assert!(page.contains("class=\"matrix many\""));
    for name in ["Stand→Sit", "Sit→Stand", "Sit→Lie", "Lie→Sit", "Stand→Lie", "Lie→Stand"] {
        assert!(page.matches(&format!(">{name}</abbr>")).count() >= 2, "{name} heads row and column");
    }
    // The table needs no opening: there is room beside the figure.
    let table = page.find("<caption class=\"sr\">Precision, recall and F1").unwrap();
    assert_eq!(page[..table].matches("<details").count(), page[..table].matches("</details>").count());
    assert!(page.contains(">Lie to stand</text>") && page.contains(">Walking downstairs</text>"));
}

#[test]
fn what_the_record_says_was_kept_is_what_the_page_says_was_chosen() {
    let mut records = records(2);
    assert!(
        checked(&records).contains("the epoch with the best macro-F1 on the validation subjects was chosen")
    );
    records.metrics.keep = Some(Keep::Last);
    let page = checked(&records);
    assert!(page.contains("No epoch was chosen: training ran to its end") && !page.contains("was chosen. "));
    assert!(model_card(&records).contains("No epoch was chosen, and the temperature was fitted"));
}

/// The record as a version wrote it that knew nothing of wearing, temperature, spread and folds.
fn old() -> RunRecords {
    let mut records = records(3);
    let mut value = serde_json::to_value(&records.metrics).unwrap();
    for field in ["orientation", "keep"] {
        value.as_object_mut().unwrap().remove(field).unwrap();
    }
    let test = value["test"].as_object_mut().unwrap();
    for field in ["wearings", "ece_uncalibrated", "reliability_uncalibrated", "subject_accuracy"] {
        test.remove(field).unwrap();
    }
    for seed in test["per_seed"].as_array_mut().unwrap() {
        seed.as_object_mut().unwrap().remove("temperature").unwrap();
        seed.as_object_mut().unwrap().remove("ece_uncalibrated").unwrap();
    }
    records.metrics = serde_json::from_value::<Metrics>(value).unwrap();
    records
}

#[test]
fn an_old_record_shows_nothing_it_does_not_hold() {
    let page = plain(&checked(&old()));
    assert!(
        page.contains("no test with the device worn another way") && !page.contains("<h2>Worn another way")
    );
    let calibration = section(&page, "calibration");
    assert!(calibration.contains("Expected calibration error 2.3 %; no temperature is on record."));
    assert!(
        calibration.contains("<h3>Reliability of its confidence</h3>") && !calibration.contains("Before:")
    );
    // Defaults of the reader, 0 and 1, are no figures of the run.
    assert!(!page.contains("<td>1.00</td>") && !page.contains("<dd>0.0 %</dd>"));
    assert!(page.contains("does not say whether an epoch was chosen"));
    assert!(page.contains("<dt>Lowest person</dt><dd>87.4 %</dd>"), "the spread is that of its people");
    let card = plain(&model_card(&old()));
    assert!(!card.contains("| worn |") && !card.contains("before the temperature"));
}

/// The record of a method that is fitted once: without epochs, validation people, temperature and calibration.
fn fitted_once(mut records: RunRecords) -> RunRecords {
    records.epochs.clear();
    records.config = "baseline = \"features-linear\"\nlabels = 6\n".into();
    let m = &mut records.metrics;
    m.command = "ambulo baseline --out base".into();
    m.model = "features-linear".into();
    m.architecture = "561 hand-made features, linear support vector machines, C 0.003".into();
    (m.parameters, m.keep, m.instruction_set) = (None, None, None);
    m.seeds.truncate(1);
    m.subjects.validation.clear();
    m.windows.validation = 0;
    m.folds.iter_mut().for_each(|fold| fold.subjects.validation.clear());
    let test = &mut m.test;
    test.per_seed.truncate(1);
    for fit in &mut test.per_seed {
        (fit.best_epoch, fit.validation_macro_f1, fit.refit) = (None, None, None);
        (fit.temperature, fit.ece, fit.ece_uncalibrated, fit.nll) = (None, None, None, None);
    }
    (test.ece, test.ece_uncalibrated, test.nll) = (None, None, None);
    test.reliability.clear();
    test.reliability_uncalibrated.clear();
    records
}

#[test]
fn of_a_method_that_is_fitted_once_nothing_is_said_that_it_does_not_have() {
    for records in [fitted_once(records(1)), fitted_once(fold_records(3))] {
        let page = plain(&checked(&records));
        let card = plain(&model_card(&records));
        for (what, text) in [("page", &page), ("card", &card)] {
            for word in [
                "emperature",
                "nstruction set",
                "scalar",
                "arameters",
                " validation",
                "Validation",
                "efit",
                "poch was",
                "Seeds",
                "NLL",
                "alibration error",
            ] {
                assert!(!text.contains(word), "{word} on the {what} of {}", records.metrics.run);
            }
        }
        assert!(page.contains("The method was fitted once to everyone who is not tested"));
        assert!(page.contains("no figures of calibration") && !page.contains("<h2>Seed by seed"));
        assert!(card.contains("There was nothing to choose") && card.contains(", fitted with Ambulo"));
    }
    assert!(plain(&model_card(&fitted_once(fold_records(3)))).contains("The method was fitted 10 times"));
}

#[test]
fn a_record_of_a_fit_holds_no_keys_of_what_it_does_not_have() {
    let records = fitted_once(records(1));
    let text = serde_json::to_string(&records.metrics).unwrap();
    for key in [
        "best_epoch",
        "temperature",
        "refit",
        "ece",
        "nll",
        "parameters",
        "instruction_set",
        "keep",
        "reliability",
    ] {
        assert!(!text.contains(&format!("\"{key}\"")), "{key}");
    }
    assert_eq!(serde_json::from_str::<Metrics>(&text).unwrap(), records.metrics);
}
