//! The page about an evaluation on whole recordings.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

#[path = "support/wellformed.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod wellformed;

use ambulo_record::continuous::{
    Answered, ClassEvents, ClassTime, CoarseTime, ContinuousMetrics, ContinuousVariant, ErrorStretches,
    EventCounts, Onsets, PersonTime, Stretches,
};
use ambulo_record::{Estimate, PersonId, Spread};
use ambulo_report::continuous_page;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The elements of a page, its style sheet apart.
fn elements(page: &str) -> Result<Vec<wellformed::Element>, String> {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    wellformed::elements(&format!("{head}{body}"))
}

fn variant(variant: &str, delay_s: Option<f64>, fragmentations: u64, value: f64) -> ContinuousVariant {
    let estimate = Estimate { mean: value, sd: 0.0, ci95: [value - 0.01, value + 0.01] };
    let spread = Spread { min: -1.0, q1: -0.5, median: 0.25, q3: value, max: 4.0 };
    let stretches = |count: u64| Stretches { count, seconds: count as f64 * value };
    let events = EventCounts {
        deleted: 1,
        fragmented: fragmentations,
        correct: 5000,
        fragmenting: 2 * fragmentations,
        inserted: 7,
        ..EventCounts::default()
    };
    let errors = ErrorStretches {
        true_positive: stretches(900),
        true_negative: stretches(900),
        fragmentation: stretches(fragmentations),
        insertion: stretches(7),
        underfill_start: stretches(3),
        ..ErrorStretches::default()
    };
    ContinuousVariant {
        variant: variant.into(),
        delay_s,
        turned: false,
        accuracy: estimate,
        balanced_accuracy: estimate,
        macro_f1: estimate,
        per_seed: Vec::new(),
        per_class: vec![ClassTime {
            label: "walking".into(),
            precision: value,
            recall: value,
            f1: value,
            seconds: 120.0,
        }],
        coarse: vec![CoarseTime { label: "stairs".into(), seconds: 12.0, recall: value }],
        confusion_s: vec![vec![118.0, 2.0]],
        ece: value / 100.0,
        reliability: Vec::new(),
        answered: Some(Answered { class: 0.75, class_right: value, above: 0.25, ..Answered::default() }),
        events,
        errors,
        per_class_events: vec![ClassEvents {
            label: "walking".into(),
            coarse: false,
            events,
            errors,
            found: 5000,
            delay_s: spread,
        }],
        onset: Onsets {
            found: 5000,
            missed: 1,
            delay_s: spread,
            percentiles_s: (0..=100).map(|p| f64::from(p) / 25.0 - 1.0).collect(),
        },
        per_person: BTreeMap::from([(
            PersonId::new("<7>").unwrap(),
            PersonTime {
                seconds: 120.0,
                accuracy: value,
                macro_f1: value,
                events,
                fragmentations,
                median_delay_s: Some(0.25),
            },
        )]),
    }
}

fn metrics(value: f64) -> ContinuousMetrics {
    ContinuousMetrics {
        model: "cnn & co".into(),
        dataset: "<hapt>".into(),
        protocol: "official".into(),
        labels: vec!["walking".into()],
        seeds: vec![1],
        subjects: vec![PersonId::new("<7>").unwrap(), PersonId::from(8)],
        recordings: 2,
        scored_s: 120.0,
        coarse_s: 12.0,
        not_scored_s: BTreeMap::from([("stand_to_sit".into(), 3.5)]),
        variants: vec![
            variant("unsmoothed", None, 40, value),
            variant("causal", Some(2.0), 6, value),
            variant("whole-file", None, 4, value),
        ],
        ..ContinuousMetrics::default()
    }
}

#[test]
fn the_page_says_what_the_record_says_and_fetches_nothing() {
    let page = continuous_page(&metrics(0.98));
    elements(&page).unwrap();
    for word in [
        "cnn &amp; co on &lt;hapt&gt;",
        "98.0\u{a0}% of the labelled time",
        "Causal, 2\u{a0}s",
        "−90.0\u{a0}%", // 40 fragmentations fell to 4
        "F\u{a0}40 · C\u{a0}5,000",
        "Stand to sit (3.5\u{a0}s)",
        "&lt;7&gt;",
        "0.9700 to 0.9900",
        "Above classes",
    ] {
        assert!(page.contains(word), "{word}");
    }
    for outside in ["http", "<script", "<link", "@import", "url(", "<7>", "<hapt>"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn what_occurs_is_seen_however_rare() {
    let page = continuous_page(&metrics(0.98));
    let all = elements(&page).unwrap();
    let width = |class: &str| -> Vec<f64> {
        let own = all.iter().filter(|e| e.name == "rect" && e.attribute("class") == Some(class));
        own.map(|e| e.attribute("width").unwrap().parse().unwrap()).collect()
    };
    let deleted = width("e-d");
    assert_eq!(deleted.len(), 4, "a bar for each way of smoothing, and one for the activity");
    assert!(deleted.iter().all(|&w| w >= 2.0), "{deleted:?}");
    // What does not occur is not drawn in the diagram of events.
    assert!(width("e-c").iter().all(|&w| w > 400.0));
    let merged: Vec<f64> = width("a-m");
    assert!(merged.is_empty(), "{merged:?}");
}

#[test]
fn a_record_without_figures_gives_a_page_that_says_so() {
    let page = continuous_page(&ContinuousMetrics::default());
    elements(&page).unwrap();
    assert!(page.contains("holds no figures"));
    // One person has no interval.
    let one = ContinuousMetrics { subjects: vec![PersonId::from(7)], ..metrics(0.5) };
    assert!(!continuous_page(&one).contains("0.4900 to"));
}

proptest! {
    #[test]
    fn no_number_breaks_the_page(value in any::<f64>(), counts in any::<[u32; 3]>()) {
        let mut wild = metrics(value);
        wild.variants[0].events.merged = u64::from(counts[0]);
        wild.variants[1].events.correct = u64::from(counts[1]);
        wild.variants[2].errors.merge.count = u64::from(counts[2]);
        wild.variants[1].onset.percentiles_s = vec![value; 101];
        let page = continuous_page(&wild);
        prop_assert!(elements(&page).is_ok());
        prop_assert!(!page.contains("NaN") && !page.contains("inf"));
    }

    #[test]
    fn records_are_read_as_they_are_written(value in -1e6f64..1e6) {
        let text = serde_json::to_string(&metrics(value)).unwrap();
        prop_assert_eq!(serde_json::from_str::<ContinuousMetrics>(&text).unwrap(), metrics(value));
    }
}
