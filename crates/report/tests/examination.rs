//! The page about an examined data set.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

#[path = "support/wellformed.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod wellformed;

use ambulo_record::PersonId;
use ambulo_record::examination::{
    Amount, EXAMINATION_FORMAT, Examination, ExaminedActivity, ExaminedPerson, ExaminedRate, Problem,
    ProblemKind, ProblemWeight,
};
use ambulo_report::examination_page;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn elements(page: &str) -> Result<Vec<wellformed::Element>, String> {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    wellformed::elements(&format!("{head}{body}"))
}

fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

fn examination(text: &str, value: f64) -> Examination {
    let amount = Amount { seconds: 600.0 * value, windows: 400 };
    let fault = Problem::new(
        ProblemKind::CopyOfPerson,
        ProblemWeight::Fault,
        format!("331 s occur twice {text}"),
        text,
    )
    .of(&person("s2"))
    .within((1..=9).map(|i| format!("rec{i} {text}")))
    .between(1.0, value);
    let note =
        |i: usize| Problem::new(ProblemKind::Imbalance, ProblemWeight::Note, format!("note {i}"), "look");
    let people = ["s1", "s2"].map(|name| ExaminedPerson {
        person: person(name),
        recordings: 3,
        activities: if name == "s1" {
            [("walking".to_owned(), amount), ("unlabelled".to_owned(), amount)].into()
        } else {
            BTreeMap::new()
        },
    });
    Examination {
        format: EXAMINATION_FORMAT,
        ambulo_version: "0".into(),
        dataset: "set".into(),
        title: text.into(),
        licence: text.into(),
        sha256: String::new(),
        window_s: value,
        step_s: 1.28,
        recordings: 6,
        total: amount,
        problems: [vec![fault], (0..5).map(note).collect()].concat(),
        not_checked: vec![format!("nothing of {text}")],
        people: people.to_vec(),
        activities: vec![ExaminedActivity { label: "walking".into(), people: 1, amount }],
        placements: [(text.to_owned(), amount)].into(),
        devices: BTreeMap::new(),
        groups: BTreeMap::new(),
        conditions: BTreeMap::new(),
        rates: vec![ExaminedRate {
            person: person("s1"),
            placement: None,
            device: Some(text.into()),
            stated_hz: 50.0,
            found_hz: Some([50.0, 51.0 * value, 52.0]),
            checked: 2,
            recordings: 3,
        }],
    }
}

#[test]
fn problems_come_first_and_all_is_said() {
    let page = examination_page(&examination("waist", 1.0));
    elements(&page).unwrap();
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(place("331 s occur twice") < place("How much there is"));
    assert!(place("Who did what") > place("How much there is"));
    assert!(page.contains("rec6 waist and 3 more") && !page.contains("rec7"));
    assert!(page.contains("<summary>5\u{a0}notes</summary>"));
    assert!(page.contains("<b class=\"off\">+2.00\u{a0}%</b>"));
    assert!(page.contains("<td class=\"nothing\">0</td>") && page.contains(">10</td>"));
    assert!(!page.contains("<script") && !page.contains("http"));
}

#[test]
fn a_clean_set_is_called_so() {
    let mut clean = examination("waist", 1.0);
    clean.problems.clear();
    clean.rates[0].found_hz = None;
    let page = examination_page(&clean);
    assert!(page.contains("Nothing is wrong that can be seen from here."));
    assert!(page.contains("50 Hz as stated"));
}

proptest! {
    #[test]
    fn any_text_and_number_gives_a_page(
        text in "\\PC{0,20}|<script>&\"'", value in prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-1e300), any::<f64>()],
    ) {
        let page = examination_page(&examination(&text, value));
        prop_assert!(elements(&page).is_ok(), "{:?}", elements(&page).err());
        let (_, body) = page.split_once("</style>").unwrap();
        prop_assert!(!body.contains("NaN"));
    }
}
