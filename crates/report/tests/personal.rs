//! What a reader would miss of the page about personal models.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod support;

use ambulo_record::{
    LeftOutPerson, MeanOverPeople, MistakesOverTime, NewActivity, PersonId, PersonalFigures, PersonalModel,
    PersonalPoint, PersonalScore, PersonalSummary, PersonalWay, RecallBeforeAfter,
};
use ambulo_report::{personal_page, write_personal};
use std::collections::BTreeMap;
use support::wellformed::{check_picture, elements, pictures};

/// A page, after holding all of it and each picture against the rules.
fn well_formed(figures: &PersonalFigures) -> String {
    let page = personal_page(figures);
    let (before, after) = page.split_once("<style>").unwrap();
    let (_, after) = after.split_once("</style>").unwrap();
    elements(&format!("{before}{after}")).unwrap();
    pictures(&page).into_iter().try_for_each(check_picture).unwrap();
    page
}

fn score(person: u16, before: f64, after: f64) -> PersonalScore {
    PersonalScore {
        person: PersonId::from(person),
        dataset: "<i>".into(),
        model: 0,
        windows: 400.0,
        mistakes_before: before,
        mistakes_after: after,
        by_draw: vec![Some([before, after]), None, Some([before, after + 0.01])],
        over_time: None,
        refused: 0,
        given_s: BTreeMap::from([("walking".into(), 9.6), ("sitting".into(), 4.5)]),
        recalls: BTreeMap::from([("walking".into(), [1.0 - before, 1.0 - after])]),
        unknown_auroc: None,
    }
}

fn point(seconds: f64, people: Vec<PersonalScore>) -> PersonalPoint {
    let of = |mean: f64| MeanOverPeople { mean, ci95: [mean - 0.01, mean + 0.02] };
    let recall = |before, after| RecallBeforeAfter { people: people.len(), before, after };
    let summary = PersonalSummary {
        dataset: "<i>".into(),
        people: people.len(),
        mistakes_before: of(0.04),
        mistakes_after: of(0.03),
        gain: of(0.01),
        worst_five: [0.08, 0.05],
        better_worse: [4, 2],
        much_worse: 1,
        largest_loss: 0.015,
        refused: Some([3, 60]),
        over_time: Some(MistakesOverTime {
            mistakes_before: of(0.031),
            mistakes_after: of(0.022),
            gain: of(0.009),
            ..MistakesOverTime::default()
        }),
        recalls: BTreeMap::from([
            ("walking".into(), recall(0.97, 0.99)),
            ("rowing".into(), recall(0.0, 0.876)),
        ]),
        found: Some(of(0.876)),
        unknown_auroc: Some([0.987, 0.954]),
    };
    PersonalPoint { seconds, pieces: 2, summaries: vec![summary], people }
}

fn figures() -> PersonalFigures {
    let people = || vec![score(3, 0.02, 0.01), score(14, 0.09, 0.04), score(25, 0.05, 0.065)];
    PersonalFigures {
        format: 1,
        dataset: "hapt".into(),
        models: vec![PersonalModel { name: "<b>.safetensors".into(), ..PersonalModel::default() }],
        pieces: 2,
        draws: 3,
        points: vec![point(10.0, people()), point(3.0, people())],
        left_out: vec![LeftOutPerson { person: PersonId::from(77), reason: "no window of <u>".into() }],
        ..PersonalFigures::default()
    }
}

#[test]
fn each_amount_has_people_and_activities_with_those_who_lose_marked() {
    let page = well_formed(&figures());
    for words in [
        "25\u{a0}%<small> fewer mistakes",
        "10 s of each activity in 2 pieces",
        "3 s of each activity in 2 pieces",
        "1\u{a0}person is worse off, by more than a point: 25",
        "&lt;b&gt;.safetensors",
        "no window of &lt;u&gt;",
        ">77<",
        "4.5 <small>sitting",
        "Over time: 3.10 → 2.20\u{a0}%",
        "Nothing to learn from in 3 of 60 draws",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("The new activity"));
    let charts: Vec<&str> =
        pictures(&page).into_iter().filter(|svg| svg.contains("class=\"chart\"")).collect();
    assert_eq!(charts.len(), 4);
    // The worst on top, and who loses has another form as well as another colour.
    let (worst, best) = (charts[0].find(">14<").unwrap(), charts[0].find(">3<").unwrap());
    assert!(worst < best);
    assert_eq!(charts[0].matches("class=\"loses\"").count(), 1);
    assert_eq!(charts[0].matches("class=\"gains\"").count(), 2);
    assert_eq!(charts[0].matches("class=\"lost\"").count(), 1);
}

#[test]
fn what_was_given_without_labels_and_scored_elsewhere_is_said() {
    let way = |method: &str| PersonalWay { method: method.into(), shrinkage: None };
    let both = PersonalFigures { way: way("statistics, head"), across: true, ..figures() };
    let page = well_formed(&both);
    for words in [
        "10 s of each activity in 2 pieces, and recordings without labels, scored in other recordings",
        "and one recording, each in turn, were given without labels besides",
        "in the person's other recordings",
        "One after the other: a share of the person's own statistics goes into normalisation; then the network stays",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let mut alone = PersonalFigures { way: way("clusters"), ..figures() };
    alone.points.truncate(1);
    (alone.points[0].seconds, alone.points[0].pieces) = (0.0, 0);
    let page = well_formed(&alone);
    for words in
        ["recordings are worth, without labels", "Recordings without labels<", "in the same recordings"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("3 draws") && !page.contains("0 s of"), "nothing was drawn");
}

#[test]
fn a_new_activity_has_a_table_of_what_it_costs() {
    let mut figures = figures();
    figures.new = Some(NewActivity { activity: "rowing".into(), alone: true });
    let page = well_formed(&figures);
    for words in [
        "What it costs to add rowing",
        "87.6\u{a0}%<small> found",
        "of rowing alone",
        "The new activity",
        ">−1.00<",
        "0.987",
        "0.954",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let charts = pictures(&page).into_iter().filter(|svg| svg.contains("Share found"));
    assert!(charts.into_iter().all(|chart| !chart.contains("Rowing")), "it was not known before");
}

#[test]
fn whatever_a_record_holds_gives_a_page() {
    let mut figures = figures();
    for (value, person) in [f64::NAN, f64::INFINITY, -1e300].into_iter().zip(&mut figures.points[0].people) {
        (person.mistakes_before, person.windows) = (value, value);
    }
    figures.points[0].summaries[0].gain.ci95 = [f64::NEG_INFINITY, f64::NAN];
    figures.points[0].summaries[0].mistakes_before.mean = 0.0;
    figures.points[1].summaries.clear();
    well_formed(&figures);
    let many: Vec<PersonalScore> = (1..=300).map(|i| score(i, f64::from(i) / 1000.0, 0.1)).collect();
    figures.points = vec![point(10.0, many)];
    assert!(well_formed(&figures).contains("most mistakes of 300"));
    let dir = tempfile::tempdir().unwrap();
    write_personal(&dir.path().join("personal.html"), &PersonalFigures::default()).unwrap();
    assert!(well_formed(&PersonalFigures::default()).contains("no people"));
}
