//! The card of a model that was made a person's own.

use super::inline;
use crate::text::{activity, list};
use ambulo_record::{Adaptation, UnlabelledUse};
use std::fmt::Write as _;

/// What a personal model is, what it was made from, and how it does on what was held out, as Markdown. `labels` are all that it tells
/// apart.
#[must_use]
pub fn personal_card(name: &str, adaptation: &Adaptation, labels: &[String]) -> String {
    let labels: Vec<String> = labels.iter().map(|label| inline(&activity(label).to_lowercase())).collect();
    let what = match (adaptation.share, adaptation.tuning) {
        (Some(share), _) => format!(
            "in whose batch normalisation {:.0} % of the running statistics are those of a person's own recordings, without any label",
            100.0 * share
        ),
        (None, Some(tuning)) => format!(
            "of which scale and shift of normalisation were moved by gradient ({} steps from a rate of {}, strength {}) and the last layer in \
             closed form towards {}",
            tuning.steps,
            tuning.rate,
            tuning.strength,
            towards(adaptation)
        ),
        (None, None) => format!("whose last layer was moved towards {}", towards(adaptation)),
    };
    let mut out = format!(
        "# {}\n\nA personal model: `{}`, {what}. Recognises {}. What is true of the model that it was made from — sensors, rate, way of \
         wearing, sources and their terms — is true of it; its figures are not.\n\n",
        inline(name),
        inline(&adaptation.base),
        list(&labels),
    );
    if !adaptation.activities.is_empty() {
        examples(&mut out, adaptation);
    }
    if let Some(used) = &adaptation.unlabelled {
        unlabelled(&mut out, used, adaptation);
    }
    out.push_str(
        "\n## Limits\n\nIt knows one person, and one way of wearing the device. For anyone else use the model that it was made from.\n",
    );
    out
}

/// What the last layer was moved towards, and how far.
fn towards(adaptation: &Adaptation) -> String {
    let what = match (adaptation.activities.is_empty(), &adaptation.unlabelled) {
        (true, Some(_)) => "its own answers to a person's recordings, without any label",
        (false, Some(_)) => "a person's own examples, and its own answers to what was recorded besides",
        (_, None) => "a person's own examples",
    };
    format!("{what} (shrinkage {})", adaptation.shrinkage)
}

/// What was given, and how it does on what was held out.
fn examples(out: &mut String, adaptation: &Adaptation) {
    out.push_str(
        "## Examples\n\n| activity | seconds | segments | windows | held out | right before | right after |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
    );
    for one in &adaptation.activities {
        let figures = one.held_out.map_or_else(
            || "– | – | –".to_owned(),
            |held| {
                let share =
                    |right: usize| format!("{:.1} %", 100.0 * right as f64 / held.windows.max(1) as f64);
                let before = if one.new { "new".to_owned() } else { share(held.right_before) };
                format!("{} | {before} | {}", held.windows, share(held.right_after))
            },
        );
        let _ = writeln!(
            out,
            "| {} | {:.1} | {} | {} | {figures} |",
            inline(&activity(&one.name).to_lowercase()),
            one.seconds,
            one.segments,
            one.windows
        );
    }
    out.push_str(
        "\nSegments were held out in turn, an activity with one segment by halves, and answered by a model that was moved by the others \
         alone. They were recorded with the rest and are more like it than another day is.\n",
    );
}

/// What it took from its own answers, of which nobody knows how many are right.
fn unlabelled(out: &mut String, used: &UnlabelledUse, adaptation: &Adaptation) {
    let alone = adaptation.activities.is_empty();
    let (lost, became) = match adaptation.share {
        Some(_) => ("", "gave their statistics, as many of each activity that the model answers"),
        None => (
            " or for want of a vertical",
            "became examples, those that were sure once answers were brought together over time",
        ),
    };
    let _ = write!(
        out,
        "{}## Without labels\n\n{:.0} s in {} windows carried no label: {} were left out as strange to the model{lost}, and \
         {} {became}. {} answers are other ones after, each window for itself, and {} brought together over time.\n\n\
         | activity | learned from | answers before | answers after |\n|---|---:|---:|---:|\n",
        if alone { "" } else { "\n" },
        used.seconds,
        used.windows,
        used.left_out,
        used.used,
        used.changed,
        used.changed_over_time,
    );
    for one in &used.activities {
        let name = inline(&activity(&one.name).to_lowercase());
        let _ = writeln!(out, "| {name} | {} | {} | {} |", one.used, one.before, one.after);
    }
    out.push_str(if alone {
        "\nNobody said what was done: how many of the answers are right, before or after, is not known.\n"
    } else {
        "\nNobody said what was done there: how many of these answers are right is not known. What was held out above was measured on the examples \
         alone.\n"
    });
}
