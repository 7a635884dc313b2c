//! What few labels are worth, on one page.

mod curve;

use crate::figures::table;
use crate::frame::{Frame, close, repeat, section};
use crate::text::{ABSENT, count, decimal, escape, list, moment, percent, plural};
use ambulo_record::{FewLabels, FewPoint};

const STYLE: &str = concat!(include_str!("../style.css"), include_str!("few.css"));

/// A page about models trained on few labels: macro-F1 by the amount of labels, and of each test person what beginning with a model
/// gave. It needs nothing but itself: style inline, no script, no network.
///
/// Every text is escaped; numbers that are not finite give a page without them, never a panic.
#[must_use]
pub fn few_page(few: &FewLabels) -> String {
    let title =
        escape(&format!("{} on few labels", if few.model.is_empty() { "Models" } else { &few.model }));
    let what = [few.architecture.clone(), few.protocol.clone(), moment(&few.finished)];
    let what: Vec<String> = what.iter().filter(|text| !text.is_empty()).map(|text| escape(text)).collect();
    let mut out = Frame {
        title: &title,
        name: "Ambulo",
        kind: "Ambulo on few labels",
        what: &what,
        class: "few",
        style: STYLE,
        version: &few.ambulo_version,
    }
    .open();
    if few.points.is_empty() {
        out.push_str("<p class=\"absent\">The record holds no amounts of labels.</p>\n");
    } else {
        let mut curves: String = ["people", "windows"].iter().map(|by| curve::figure(few, by)).collect();
        if curves.is_empty() {
            curves = curve::figure(few, "all");
        }
        section(&mut out, "Label efficiency", &(lead(few) + "<div class=\"plots\">" + &curves + "</div>"));
        if few.points.iter().any(|point| point.gain.is_some()) {
            section(&mut out, "Person by person", &people(few));
        }
        section(&mut out, "The draws", &draws(few));
    }
    repeat(&mut out, &few.command);
    close(&mut out, ". Definitions: docs/FINETUNING.md. The page needs no network.");
    out
}

/// What was done, in a few sentences.
fn lead(few: &FewLabels) -> String {
    let from = few.from.as_ref().map_or_else(String::new, |from| {
        format!(
            " Each draw was trained on twice: from scratch, and beginning with the model <code>{}</code> (SHA-256 <code>{}</code>), which \
             {} of {} shaped; nobody of them was tested on.",
            escape(&from.name),
            escape(from.sha256.get(..12).unwrap_or(&from.sha256)),
            plural(from.people, "person", "people"),
            escape(&list(&from.datasets))
        )
    });
    format!(
        "<p class=\"note\">Labels were drawn among {} of {}; {} others were chosen on, the same for all draws, and {} were tested on. \
         Layers and preprocessing of both ways of training are the same.{from}</p>",
        plural(few.subjects.train.len(), "person", "people"),
        escape(&few.dataset),
        few.subjects.validation.len(),
        few.subjects.test.len()
    )
}

/// A row for each test person, in the order of what they gained with the fewest labels.
fn people(few: &FewLabels) -> String {
    let gained: Vec<&FewPoint> = few.points.iter().filter(|point| point.gain.is_some()).collect();
    let of =
        |point: &FewPoint, person| point.gain.as_ref().and_then(|gain| gain.by_person.get(person)).copied();
    let mut order: Vec<_> = few.subjects.test.iter().collect();
    let first = |person| gained.first().and_then(|point| of(point, person)).unwrap_or(f64::NAN);
    order.sort_by(|a, b| first(b).total_cmp(&first(a)));
    let names: Vec<String> = gained.iter().map(|point| point.name()).collect();
    let head: Vec<&str> = std::iter::once("Person").chain(names.iter().map(String::as_str)).collect();
    let rows: Vec<Vec<String>> = order
        .into_iter()
        .map(|person| {
            let cell = |point: &&FewPoint| match of(point, person).filter(|gain| gain.is_finite()) {
                Some(gain) => decimal(100.0 * gain, 1),
                None => ABSENT.to_owned(),
            };
            std::iter::once(escape(person.as_str())).chain(gained.iter().map(cell)).collect()
        })
        .collect();
    "<p>Points of macro-F1 gained by beginning with the model, over the activities of the person, mean over draws.</p>".to_owned()
        + &table("Gain of each test person", &head, &rows)
}

/// A row for each draw.
fn draws(few: &FewLabels) -> String {
    let mut rows = Vec::new();
    for point in &few.points {
        for draw in &point.draws {
            rows.push(vec![
                format!("{}, draw {}", escape(&point.name()), draw.draw),
                escape(&list(&draw.people)),
                count(draw.windows as u64),
                percent(draw.scratch.macro_f1),
                draw.from.as_ref().map_or_else(|| ABSENT.to_owned(), |own| percent(own.macro_f1)),
            ]);
        }
    }
    let head = ["Draw", "Whose labels", "Windows", "From scratch", "Begun with the model"];
    table("Each draw with its people", &head, &rows)
}
