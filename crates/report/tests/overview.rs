//! The page about recordings.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

use ambulo_record::overview::{Bin, Noticed, Overview, Stretch, StretchKind, Weight, ZoomedOut};
use ambulo_report::overview_page;
use proptest::prelude::*;

fn signal(bins: impl IntoIterator<Item = (f64, f32, f32)>) -> ZoomedOut {
    let bin = |(start_s, least, most): (f64, f32, f32)| Bin { start_s, least: [least; 3], most: [most; 3] };
    ZoomedOut {
        name: "accelerometer".to_owned(),
        unit: "g".to_owned(),
        width_s: 1.0,
        bins: bins.into_iter().map(bin).collect(),
    }
}

fn recording() -> Overview {
    Overview {
        title: "<walk> & \"more\".csv".to_owned(),
        usable: true,
        facts: vec![("start".to_owned(), "unknown".to_owned()), ("length".to_owned(), "1 min".to_owned())],
        noticed: vec![
            Noticed { weight: Weight::Warning, text: "values <clipped>".to_owned(), time_s: Some(12.0) },
            Noticed { weight: Weight::Note, text: "somewhere".to_owned(), time_s: None },
        ],
        start_s: 0.0,
        end_s: 60.0,
        zero_ns: None,
        stretches: vec![Stretch { kind: StretchKind::Gap, start_s: 20.0, length_s: 10.0 }],
        signals: vec![signal(
            (0..60).filter(|i| !(21..30).contains(i)).map(|i| (f64::from(i), -0.5, 1.0 + i as f32 * 0.01)),
        )],
    }
}

#[test]
fn texts_are_escaped_and_nothing_is_fetched() {
    let page = overview_page(&[recording()], &[("a<b".to_owned(), "a<b is empty\nhint: none".to_owned())]);
    assert!(page.contains("&lt;walk&gt; &amp; &quot;more&quot;.csv") && !page.contains("<walk>"));
    assert!(page.contains("values &lt;clipped&gt;") && page.contains("a&lt;b"));
    for outside in ["http", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_line_does_not_cross_a_pause() {
    let page = overview_page(&[recording()], &[]);
    assert_eq!(page.matches("class=\"band s1\"").count(), 2);
    assert_eq!(page.matches("<rect class=\"gap-stretch\"").count(), 1);
    // The finding with a time is marked at a fifth of the width.
    assert!(page.contains("left:20%\" title=\"Warning: values &lt;clipped&gt;"), "no mark");
    assert_eq!(page.matches("class=\"at\"").count(), 1);
    // One recording needs no contents; two do.
    assert!(!page.contains("<nav"));
    let two = overview_page(&[recording(), recording()], &[]);
    assert!(two.contains("<nav") && two.contains("href=\"#r1\"") && two.contains("id=\"r1\""));
}

#[test]
fn a_recording_without_a_sample_has_a_page() {
    let page = overview_page(&[Overview::default()], &[]);
    assert!(page.contains("not usable") && !page.contains("<figure"));
    assert!(overview_page(&[], &[]).contains("0 recordings"));
}

proptest! {
    #[test]
    fn no_numbers_break_it(
        numbers in prop::collection::vec((prop::num::f64::ANY, prop::num::f32::ANY, prop::num::f32::ANY), 0..20),
        bounds in (prop::num::f64::ANY, prop::num::f64::ANY), zero in prop::option::of(any::<i64>()),
        stretches in prop::collection::vec((prop::num::f64::ANY, prop::num::f64::ANY), 0..5),
    ) {
        let mut broken = recording();
        (broken.start_s, broken.end_s, broken.zero_ns) = (bounds.0, bounds.1, zero);
        broken.signals = vec![signal(numbers)];
        let stretch = |(start_s, length_s)| Stretch { kind: StretchKind::NotWorn, start_s, length_s };
        broken.stretches = stretches.into_iter().map(stretch).collect();
        let page = overview_page(&[broken], &[]);
        let figure = page.split("<figure").nth(1).unwrap_or_default().split("</figure>").next().unwrap_or_default().to_owned();
        prop_assert!(!figure.contains("NaN") && !figure.contains("inf\""), "{figure}");
    }
}
