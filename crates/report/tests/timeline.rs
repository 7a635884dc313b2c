//! The page and the figure of a classified recording.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

#[path = "../examples/sample_timeline/made_up/mod.rs"]
mod made_up;
#[path = "support/wellformed.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod wellformed;

use ambulo_record::overview::{Bin, Noticed, Overview, Stretch, StretchKind, Weight, ZoomedOut};
use ambulo_record::timeline::{Day, DayActivity, Flag, Segment, Steps, Timeline, Zero};
use ambulo_report::{TIMELINE_COLUMNS, timeline_page, timeline_svg, write_timeline, write_timeline_svg};
use proptest::prelude::*;
use wellformed::{check_picture, elements};

/// The page without style and script, of which XML knows nothing, and the script's data.
fn split(page: &str) -> (String, Option<serde_json::Value>) {
    let (head, rest) = page.split_once("<style>").unwrap();
    let page = &format!("{head}{}", rest.split_once("</style>").unwrap().1);
    let Some((before, rest)) = page.split_once("<script type=\"application/json\" id=\"data\">") else {
        return (page.to_owned(), None);
    };
    let (data, rest) = rest.split_once("</script>").unwrap();
    let (_, after) = rest.split_once("<script>").unwrap();
    let (_, after) = after.split_once("</script>").unwrap();
    assert!(!after.contains("<script"), "a third script");
    (format!("{before}{after}"), Some(serde_json::from_str(data).unwrap()))
}

/// The page, well formed, with every number finite; and its data.
fn checked(timeline: &Timeline) -> (String, Option<serde_json::Value>) {
    let page = timeline_page(timeline);
    let (markup, data) = split(&page);
    elements(&markup).unwrap_or_else(|e| panic!("{e}"));
    for broken in ["NaN", "inf\"", "=\"-inf", "null"] {
        assert!(!markup.contains(broken), "{broken}");
    }
    let figure = timeline_svg(timeline);
    // Sizes are in millimetres, which are no numbers of the canvas.
    let (head, rest) = figure.split_once(" width=\"180mm\" height=\"").unwrap();
    let bare = format!("{head}{}", rest.split_once("mm\"").unwrap().1);
    check_picture(bare.trim_end()).unwrap_or_else(|e| panic!("{e}\n{figure}"));
    (markup, data)
}

fn hostile() -> Timeline {
    let evil = "</script><script>alert(1)</script><img src=x onerror='alert(\"2\")'>&\u{0}\u{2028}";
    let text = |s: &str| format!("{s}{evil}");
    Timeline {
        recording: text("name"),
        labels: vec![text("label"), "walking".into()],
        confidence: 0.8,
        steps: Steps {
            step_ns: 1_000_000_000,
            start_ns: vec![0, 1_000_000_000],
            probabilities: vec![0.9, 0.1, 0.2, 0.8],
            unknown: vec![0.0, 0.0],
            attention: vec![1.0, 1.0],
        },
        segments: vec![Segment {
            start_ns: 0,
            end_ns: 2_000_000_000,
            activity: text("label"),
            confidence: 0.9,
            flags: Flag::ALL.to_vec(),
        }],
        days: vec![Day {
            date: Some(text("date")),
            activities: vec![DayActivity { activity: text("label"), minutes: 1.0, bouts: [1; 6] }],
            transitions: vec![(text("from"), text("to"), 3)],
            ..Day::default()
        }],
        card: vec![(text("name"), text("value"))],
        overview: Overview {
            facts: vec![(text("fact"), text("value"))],
            noticed: vec![Noticed { weight: Weight::Warning, text: text("seen"), time_s: Some(1.0) }],
            signals: vec![ZoomedOut {
                name: text("sensor"),
                unit: text("unit"),
                width_s: 1.0,
                bins: vec![Bin { start_s: 0.0, least: [0.0; 3], most: [1.0; 3] }],
            }],
            ..Overview::default()
        },
        zero: Zero::Unknown,
    }
}

#[test]
fn texts_are_escaped_and_nothing_is_fetched() {
    let timeline = hostile();
    let page = timeline_page(&timeline);
    for outside in
        ["<img", "alert(1)</script>", "http:", "https:", "<link", "@import", "url(h", "fetch(", "import("]
    {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<script").count(), 2);
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"));
    let (markup, data) = checked(&timeline);
    assert!(markup.contains("name&lt;/script&gt;"));
    // In the data the text is what it was, as prose.
    let name = data.unwrap()["activities"][0]["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("Label</script>"), "{name}");
    assert!(!timeline_svg(&timeline).contains("<script"));
}

#[test]
fn a_short_recording_is_shown_whole() {
    let timeline = made_up::six_minutes();
    let (markup, data) = checked(&timeline);
    let data = data.unwrap();
    assert_eq!(data["segments"]["count"], timeline.segments.len());
    assert_eq!(data["answers"]["count"], timeline.steps.len());
    assert_eq!(data["answers"]["attention"]["group"], 1);
    assert_eq!(data["signals"].as_array().unwrap().len(), 2);
    assert_eq!((&data["zero"], data["marks"].as_array().unwrap().len()), (&serde_json::Value::Null, 1));
    for said in [
        "Walking upstairs",
        "Where the network looked",
        "1 min 42",
        "cnn-gru",
        "Segments: all 12",
        "For 21.1 s activities could not",
    ] {
        assert!(markup.replace('\u{a0}', " ").contains(said), "{said}");
    }
    // One row, which is the picture itself.
    assert_eq!(markup.matches("class=\"day\"").count(), 1);
    assert!(markup.contains("class=\"rows single\""));
    let figure = timeline_svg(&timeline);
    assert!(figure.contains("width=\"180mm\"") && figure.contains("Walking upstairs 16.0 s"), "{figure}");
}

#[test]
fn a_week_is_small_and_has_a_row_for_each_day() {
    let mut timeline = made_up::a_week();
    assert_eq!(timeline.steps.len() + not_answered(&timeline), 945_000);
    let (markup, data) = checked(&timeline);
    assert_eq!(markup.matches("class=\"day\"").count(), 8);
    assert!(markup.contains(">Mon 4 May</a>") && markup.contains(">Mon 11 May</a>"));
    // A finding stands in the list with its minute.
    assert!(markup.contains("<i class=\"at\">1 · Wed 6 May 2026 16:00</i>"));
    assert!(markup.contains("local time, UTC+02:00") && markup.contains("Mon 4 May 2026 08:00"));
    assert!(timeline_page(&timeline).len() < 3_000_000);
    assert_eq!(data.unwrap()["segments"]["count"], timeline.segments.len());
    assert!(timeline_svg(&timeline).len() < 200_000);
    // As bad as it can be: probabilities and attention without any rest, and an answer of its own for each step.
    let mut noise = made_up::Noise(1);
    let steps = timeline.steps.len();
    timeline.steps.probabilities = (0..6 * steps).map(|_| noise.next() as f32 / 6.0).collect();
    timeline.steps.attention = (0..steps).map(|_| 2.0 * noise.next() as f32).collect();
    timeline.segments = (0..steps)
        .map(|i| Segment {
            start_ns: timeline.steps.start_ns[i],
            end_ns: timeline.steps.end_ns(i),
            activity: made_up::LABELS[(noise.next() * 6.0) as usize].to_owned(),
            confidence: noise.next() as f32,
            flags: Vec::new(),
        })
        .collect();
    let bins = (0..TIMELINE_COLUMNS).map(|i| Bin {
        start_s: i as f64 * 30.24,
        least: [-noise.next() as f32; 3],
        most: [noise.next() as f32; 3],
    });
    let bins: Vec<Bin> = bins.collect();
    for signal in &mut timeline.overview.signals {
        signal.bins.clone_from(&bins);
    }
    let page = timeline_page(&timeline);
    assert!(page.len() < 3_000_000, "{}", page.len());
    // A year of it.
    for (i, start_ns) in timeline.steps.start_ns.iter_mut().enumerate() {
        *start_ns = 33_000_000_000 * i as i64;
    }
    timeline.steps.step_ns = 33_000_000_000;
    for (i, segment) in timeline.segments.iter_mut().enumerate() {
        (segment.start_ns, segment.end_ns) = (33_000_000_000 * i as i64, 33_000_000_000 * (i as i64 + 1));
    }
    timeline.overview.end_s = 33.0 * steps as f64;
    for bin in timeline.overview.signals.iter_mut().flat_map(|signal| &mut signal.bins) {
        bin.start_s *= 33.0 / 0.64;
    }
    let year = timeline_page(&timeline);
    assert!(year.matches("class=\"day\"").count() > 300);
    assert!(year.len() < 6_000_000, "{}", year.len());
    assert!(page.contains("are drawn as part of the one before") && page.contains("their means over"));
}

fn not_answered(timeline: &Timeline) -> usize {
    let gaps = timeline.overview.stretches.iter();
    gaps.map(|stretch| (stretch.length_s * 1e9 / made_up::STEP_NS as f64).round() as usize).sum()
}

#[test]
fn a_recording_without_answers_has_a_page() {
    let (markup, data) = checked(&Timeline::default());
    assert!(markup.contains("no samples") && !markup.contains("<figure") && data.is_none());
    assert!(markup.contains("default-src 'none'; style-src 'unsafe-inline'; base-uri"));
    // Signals alone.
    let overview = made_up::six_minutes().overview;
    let (markup, data) = checked(&Timeline { overview, ..Timeline::default() });
    assert!(markup.contains("<figure") && data.unwrap()["answers"].is_null());
}

#[test]
fn both_are_written_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let timeline = made_up::six_minutes();
    let page = write_timeline(&directory.path().join("walk.timeline.html"), &timeline).unwrap();
    let figure = write_timeline_svg(&directory.path().join("walk.svg"), &timeline).unwrap();
    assert_eq!(std::fs::read_to_string(page).unwrap(), timeline_page(&timeline));
    assert_eq!(std::fs::read_to_string(figure).unwrap(), timeline_svg(&timeline));
    assert!(write_timeline(&directory.path().join("missing/walk.html"), &timeline).is_err());
}

fn any_time() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -100_000_000_000i64..700_000_000_000_000, 1 => any::<i64>()]
}

fn any_segment() -> impl Strategy<Value = Segment> {
    let activity = prop_oneof![
        3 => prop::sample::select(vec!["walking", "unknown", "not_worn", "still"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    (any_time(), any_time(), activity, any::<f32>(), prop::sample::subsequence(Flag::ALL.to_vec(), 0..=3))
        .prop_map(|(start_ns, end_ns, activity, confidence, flags)| Segment {
            start_ns,
            end_ns,
            activity,
            confidence,
            flags,
        })
}

fn any_zero() -> impl Strategy<Value = Zero> {
    prop_oneof![
        Just(Zero::Unknown),
        any::<i64>().prop_map(|local_ns| Zero::Local { local_ns }),
        (any::<i64>(), any::<Option<i32>>()).prop_map(|(utc_ns, offset_s)| Zero::Utc { utc_ns, offset_s }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_timeline_breaks_it(
        zero in any_zero(),
        recording: String,
        labels in prop::collection::vec(any::<String>(), 0..5),
        step_ns in prop_oneof![Just(640_000_000i64), any::<i64>()],
        start_ns in prop::collection::vec(any_time(), 0..12),
        numbers in prop::collection::vec(any::<f32>(), 0..40),
        segments in prop::collection::vec(any_segment(), 0..8),
        bins in prop::collection::vec((any::<f64>(), any::<f32>(), any::<f32>()), 0..8),
        width_s: f64,
        bounds: (f64, f64),
        minutes: f64,
    ) {
        let bins = bins.into_iter().map(|(start_s, a, b)| Bin { start_s, least: [a; 3], most: [b; 3] }).collect();
        let timeline = Timeline {
            zero,
            recording,
            labels,
            confidence: numbers.first().copied().unwrap_or_default(),
            steps: Steps {
                step_ns, start_ns, unknown: numbers.clone(), attention: numbers.clone(), probabilities: numbers,
            },
            days: segments.iter().map(|segment| Day {
                date: Some(segment.activity.clone()),
                worn_minutes: minutes,
                activities: vec![DayActivity { activity: segment.activity.clone(), minutes, bouts: [u32::MAX; 6] }],
                transitions: vec![(segment.activity.clone(), segment.activity.clone(), u32::MAX)],
                ..Day::default()
            }).collect(),
            segments,
            overview: Overview {
                start_s: bounds.0,
                end_s: bounds.1,
                signals: vec![ZoomedOut { width_s, bins, ..ZoomedOut::default() }],
                stretches: vec![Stretch { kind: StretchKind::Gap, start_s: bounds.0, length_s: bounds.1 }],
                noticed: vec![Noticed { weight: Weight::Note, text: String::new(), time_s: Some(bounds.1) }],
                ..Overview::default()
            },
            ..Timeline::default()
        };
        checked(&timeline);
    }
}
