//! What a reader would miss of the page about few labels.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod support;

use ambulo_record::{
    AncestorRecord, Estimate, FewDraw, FewFigures, FewGain, FewLabels, FewPoint, PersonId, SubjectLists,
};
use ambulo_report::{few_page, model_card, write_few};
use std::collections::BTreeMap;
use support::sample::records;
use support::wellformed::{check_picture, elements, pictures};

/// A page, after holding all of it and each picture against the rules.
fn well_formed(few: &FewLabels) -> String {
    let page = few_page(few);
    let (before, after) = page.split_once("<style>").unwrap();
    let (_, after) = after.split_once("</style>").unwrap();
    elements(&format!("{before}{after}")).unwrap();
    pictures(&page).into_iter().try_for_each(check_picture).unwrap();
    page
}

fn point(by: &str, count: usize, scratch: f64, from: f64) -> FewPoint {
    let of = |mean: f64| Estimate { mean, sd: 0.02, ci95: [mean - 0.03, mean + 0.02] };
    let figures = |macro_f1| FewFigures { macro_f1, ..FewFigures::default() };
    let draw = |draw: u64| FewDraw {
        draw,
        people: vec![PersonId::from(draw as u16)],
        windows: 1234,
        scratch: figures(scratch),
        from: Some(figures(from)),
    };
    let gain = FewGain {
        macro_f1: from - scratch,
        ci95: [0.01, 0.09],
        by_draw: vec![from - scratch; 2],
        by_person: BTreeMap::from([(PersonId::from(2), -0.012), (PersonId::from(4), 0.107)]),
        better_worse: [1, 1],
    };
    FewPoint {
        by: by.into(),
        count,
        scratch: of(scratch),
        from: Some(of(from)),
        gain: Some(gain),
        draws: vec![draw(1), draw(2)],
    }
}

fn few() -> FewLabels {
    FewLabels {
        format: 1,
        dataset: "hapt".into(),
        model: "cnn".into(),
        from: Some(AncestorRecord {
            name: "<b>.safetensors".into(),
            sha256: "ab".repeat(32),
            datasets: vec!["sisfall".into()],
            people: 19,
        }),
        subjects: SubjectLists { test: [2, 4].map(PersonId::from).to_vec(), ..SubjectLists::default() },
        points: vec![
            point("people", 2, 0.8, 0.86),
            point("windows", 5, 0.7, 0.81),
            point("all", 17, 0.97, 0.975),
        ],
        ..FewLabels::default()
    }
}

#[test]
fn amounts_have_a_curve_for_what_they_count_with_all_labels_at_its_end() {
    let page = well_formed(&few());
    for words in [
        "By number of labelled people",
        "By labelled windows of each activity",
        "people=2",
        "windows=5",
        ">80.0",
        ">86.0",
        "1.0 to 9.0",
        "&lt;b&gt;.safetensors",
        "people of sisfall",
        "234<",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert_eq!(pictures(&page).iter().filter(|svg| svg.contains("class=\"chart\"")).count(), 2);
    // Who gained most comes first.
    let people = page.split("Person by person").nth(1).unwrap();
    assert!(people.find(">4<").unwrap() < people.find(">2<").unwrap());
    let alone = FewLabels { points: vec![point("all", 17, 0.97, 0.975)], ..few() };
    assert!(well_formed(&alone).contains("With all labels"));
}

#[test]
fn without_a_model_nothing_is_said_of_one_and_nothing_at_all_gives_a_page() {
    let mut few = few();
    few.from = None;
    for point in &mut few.points {
        (point.from, point.gain) = (None, None);
        point.draws.iter_mut().for_each(|draw| draw.from = None);
    }
    few.points[0].scratch.mean = f64::NAN;
    few.points[1].scratch.ci95 = [f64::INFINITY, f64::MAX];
    let page = well_formed(&few);
    assert!(!page.contains("Person by person") && !page.contains(">begun with the model<"));
    let dir = tempfile::tempdir().unwrap();
    write_few(&dir.path().join("few.html"), &FewLabels::default()).unwrap();
    assert!(well_formed(&FewLabels::default()).contains("no amounts of labels"));
}

#[test]
fn the_card_names_the_model_that_a_training_began_with() {
    let mut records = records(1);
    assert!(!model_card(&records).contains("began with the weights"));
    records.metrics.from = few().from;
    let card = model_card(&records);
    assert!(card.contains("began with the weights") && card.contains("people of sisfall"), "{card}");
    assert!(card.contains(&"ab".repeat(32)));
}
