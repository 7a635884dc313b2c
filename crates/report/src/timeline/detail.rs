//! The whole recording as one picture: answers, the probability of each label, signals, and where the network looked. The page's
//! script draws the same for a part of it.

use super::columns::Columns;
use super::rows::activities;
use super::sheet::Sheet;
use super::{rectangle, thinned};
use crate::overview::drawing::{ACROSS, axis, legend, marks, sensor};
use crate::overview::times::Times;
use crate::svg::number;
use crate::text::{escape, short_activity};
use ambulo_record::overview::ZoomedOut;
use std::fmt::Write as _;

/// Height of the answers, of a label's lane and of the attention, in pixels.
const ANSWER: f64 = 56.0;
const LANE: f64 = 20.0;
const ATTENTION: f64 = 30.0;
/// Columns of a picture without the script.
const COLUMNS: usize = 1000;
/// A block of fewer columns has no room for its name.
const NAMED: usize = 70;

/// All of it; nothing for what has no length.
pub(super) fn detail(sheet: &Sheet<'_>, signals: &[&ZoomedOut]) -> String {
    let Some((from_ns, to_ns)) = sheet.window else { return String::new() };
    let times = Times::between(from_ns as f64 / 1e9, to_ns as f64 / 1e9, sheet.clock.zero_ns);
    let columns = Columns { from_ns, to_ns, count: COLUMNS };
    let overview = &sheet.timeline.overview;
    let mut out = String::from(
        "<figure class=\"signals view\" id=\"view\" tabindex=\"0\" role=\"group\" aria-labelledby=\"view-title\" \
         aria-describedby=\"keys\">",
    );
    out.push_str(&legend(overview));
    out.push_str(&marks(overview, &times));
    out.push_str(&answer(sheet, &columns));
    if sheet.answers.count > 0 {
        out.push_str(&probabilities(sheet, &columns));
    }
    for signal in signals {
        out.push_str(&sensor(overview, &thinned(signal, COLUMNS), &times));
    }
    if let Some(weights) = sheet.answers.attention() {
        out.push_str(&attention(sheet, &columns, weights));
    }
    out.push_str(&axis(&times));
    out.push_str("<div class=\"cursor\" id=\"cursor\" hidden=\"\"></div></figure>");
    out
}

fn open(class: &str, height: f64, label: &str) -> String {
    format!(
        "<div class=\"strip {class}\" style=\"height:{0}px\"><svg viewBox=\"0 0 {1} {0}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{2}\">",
        number(height),
        number(ACROSS),
        escape(label)
    )
}

fn answer(sheet: &Sheet<'_>, columns: &Columns) -> String {
    let mut out = String::from("<p class=\"sensor\">Activity <span>as high as it is sure</span></p>");
    out.push_str(&open("answer", ANSWER, "The activity over time, as high as it is sure"));
    out.push_str(&activities(sheet, columns, ANSWER, ACROSS / COLUMNS as f64));
    out.push_str("</svg><i style=\"top:0\">1</i><i style=\"top:100%\">0</i><div class=\"words\">");
    for block in columns.blocks(&sheet.segments).iter().filter(|block| block.to - block.from >= NAMED) {
        let activity = &sheet.activities[block.activity];
        let _ = write!(
            out,
            "<span class=\"k{}\" style=\"left:{}%;width:{}%\"><b>{}</b></span>",
            block.activity,
            number(block.from as f64 / COLUMNS as f64 * 100.0),
            number((block.to - block.from) as f64 / COLUMNS as f64 * 100.0),
            escape(&activity.title())
        );
    }
    out.push_str("</div></div>");
    out
}

fn probabilities(sheet: &Sheet<'_>, columns: &Columns) -> String {
    let lanes = sheet.answers.lanes();
    let mut out = String::from("<p class=\"sensor\">Probability <span>of each activity</span></p>");
    let height = lanes as f64 * LANE;
    out.push_str(&open("probabilities", height, "The probability of each activity over time"));
    let unit = ACROSS / COLUMNS as f64;
    for (lane, means) in columns.means(&sheet.answers).iter().enumerate() {
        let base = (lane + 1) as f64 * LANE;
        let mut path = String::new();
        let mut from = 0;
        while from < means.len() {
            let same = |p: &f64| (p - means[from]).abs() < 0.02;
            let held = means[from..].iter().take_while(|p| same(p)).count().max(1);
            if means[from] > 0.01 {
                let top = base - (LANE - 2.0) * means[from];
                rectangle(&mut path, (from as f64 * unit, top), ((from + held) as f64 * unit, base));
            }
            from += held;
        }
        let _ = write!(
            out,
            "<path class=\"lane\" d=\"M0 {base}H{ACROSS}\"/><path class=\"c{lane}\" d=\"{path}\"/>"
        );
    }
    out.push_str("</svg>");
    for (lane, activity) in sheet.activities.iter().take(lanes).enumerate() {
        let _ = write!(
            out,
            "<i style=\"top:{}px\" title=\"{}\">{}</i>",
            number((lane as f64 + 0.55) * LANE),
            escape(&activity.title()),
            escape(&short_activity(activity.name))
        );
    }
    out.push_str("</div>");
    out
}

/// The mean weight in each column on a logarithmic scale from a quarter to four times even weights.
fn attention(sheet: &Sheet<'_>, columns: &Columns, weights: &[f32]) -> String {
    let mut sums = vec![(0.0, 0u32); columns.count];
    for (step, &weight) in weights.iter().enumerate().filter(|(_, weight)| weight.is_finite()) {
        let place = columns.place(sheet.timeline.steps.start_ns[step]) as usize;
        let end = columns.place(sheet.timeline.steps.end_ns(step)).ceil() as usize;
        for (sum, count) in sums.iter_mut().take(end.max(place + 1)).skip(place) {
            (*sum, *count) = (*sum + f64::from(weight), *count + 1);
        }
    }
    let mut path = String::new();
    let unit = ACROSS / COLUMNS as f64;
    for (column, &(sum, count)) in sums.iter().enumerate().filter(|(_, (_, count))| *count > 0) {
        let share = (((sum / f64::from(count)).max(1e-9).log2() + 2.0) / 4.0).clamp(0.0, 1.0);
        let left = column as f64 * unit;
        rectangle(&mut path, (left, ATTENTION * (1.0 - share)), (left + unit, ATTENTION));
    }
    let mut out = String::from(
        "<p class=\"sensor\">Where the network looked <span>weight of each step, 1 where all weigh the same</span></p>",
    );
    out.push_str(&open("attention", ATTENTION, "Weight of each step over time"));
    let middle = number(0.5 * ATTENTION);
    let _ = write!(
        out,
        "<path class=\"looked\" d=\"{path}\"/><path class=\"even\" d=\"M0 {middle}H{ACROSS}\"/></svg>\
         <i style=\"top:0\">×4</i><i style=\"top:50%\">1</i><i style=\"top:100%\">×¼</i></div>"
    );
    out
}
