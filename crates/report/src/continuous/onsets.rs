//! How soon after its beginning an event is found.

use super::{as_they_are, most_smoothed, name, seconds};
use crate::axis::{Frame, Scale, extent};
use crate::figures::{Figure, Key, legend, table};
use crate::svg::{Anchor, Svg, WIDTH};
use crate::text::{ABSENT, activity, count, escape};
use ambulo_record::Spread;
use ambulo_record::continuous::{ContinuousMetrics, Onsets};

/// The axis shows no more than this, in seconds: what is earlier or later is drawn at the edge.
const SHOWN: (f64, f64) = (-5.0, 10.0);

pub(super) fn figures(m: &ContinuousMetrics) -> String {
    let names: Vec<String> = as_they_are(m).map(name).collect();
    let keys: Vec<Key<'_>> =
        names.iter().enumerate().map(|(i, name)| Key::Line(KEY_CLASSES[i % 3], name)).collect();
    let rows: Vec<Vec<String>> =
        (m.variants.iter()).map(|v| row(&name(v), v.onset.found, v.onset.missed, &v.onset.delay_s)).collect();
    let head = ["Smoothing", "Found", "Never", "First quartile", "Median", "Third quartile"];
    let picture = Figure {
        title: "Events found, by time since their beginning",
        legend: legend(&keys),
        picture: svg(m),
        caption: "Early is before 0: the answer began before the event did, back to the end of the same activity's last event at \
                  most. A curve ends below 100 % where events were never found. Causal answers count at the time that they are about: who \
                  watches live sees them by their delay later."
            .to_owned(),
        table: table("Onset delay by way of smoothing", &head, &rows),
    };
    let mut out = picture.html();
    if let Some((variant, title)) = most_smoothed(m) {
        let rows: Vec<Vec<String>> = (variant.per_class_events.iter())
            .filter(|class| class.events.truth() > 0)
            .map(|class| row(&activity(&class.label), class.found, class.events.deleted, &class.delay_s))
            .collect();
        let head = ["Activity", "Found", "Never", "First quartile", "Median", "Third quartile"];
        let caption = format!("Onset delay by activity, {}", title.to_lowercase());
        out += &format!("<div><h3>{}</h3>{}</div>", escape(&caption), table(&caption, &head, &rows));
    }
    format!("<div class=\"plots pairs\">{out}</div>")
}

const KEY_CLASSES: [&str; 3] = ["curve s1", "curve s2 dashed", "curve s3 dotted"];

fn row(label: &str, found: u64, missed: u64, delay: &Spread) -> Vec<String> {
    let quartiles = [delay.q1, delay.median, delay.q3].map(|value| match found {
        0 => ABSENT.to_owned(),
        _ => seconds(value),
    });
    [vec![escape(label), count(found), count(missed)], quartiles.to_vec()].concat()
}

fn svg(m: &ContinuousMetrics) -> String {
    let frame = Frame { left: 44.0, right: WIDTH - 10.0, top: 8.0, bottom: 230.0 };
    let description =
        "Share of events found by time since their beginning; the numbers are in the table below the figure";
    let mut svg = Svg::new(WIDTH, frame.bottom + 46.0, "chart", description);
    // From the first to the last percent: the few beyond would take all the room.
    let values = as_they_are(m).flat_map(|v| {
        let all = &v.onset.percentiles_s;
        [all.get(2), all.get(98)].into_iter().flatten().copied()
    });
    let (low, high) = extent(values).unwrap_or((0.0, 1.0));
    let domain = (low.clamp(SHOWN.0, 0.0), high.clamp(1.0, SHOWN.1));
    let x = Scale::nice(domain, (frame.left, frame.right), 5);
    let y = Scale::exact((0.0, 100.0), (frame.bottom, frame.top), 5);
    frame.grid_x(&mut svg, &x);
    frame.draw_y(&mut svg, &y);
    if let Some(zero) = x.at(0.0) {
        svg.line("axis", (zero, frame.top), (zero, frame.bottom));
    }
    for (number, v) in as_they_are(m).enumerate() {
        let points = curve(&v.onset).into_iter().map(|(time, share)| Some((x.at(time)?, y.at(share)?)));
        svg.path(KEY_CLASSES[number % 3], points, &name(v));
    }
    frame.draw_x(&mut svg, &x, 19.0);
    let middle = 0.5 * (frame.left + frame.right);
    svg.text(
        "tick",
        (middle, frame.bottom + 40.0),
        Anchor::Middle,
        "Seconds since the event began; found (%)",
    );
    svg.finish()
}

/// Time and share of all events, in percent, that were found by then.
fn curve(onset: &Onsets) -> Vec<(f64, f64)> {
    let all = onset.found + onset.missed;
    if all == 0 {
        return Vec::new();
    }
    let found = onset.found as f64 / all as f64;
    onset.percentiles_s.iter().enumerate().map(|(p, &time)| (time, found * p as f64)).collect()
}
