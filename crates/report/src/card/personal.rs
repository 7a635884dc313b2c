//! The card of a model that was made a person's own.

use super::inline;
use crate::text::{activity, list};
use ambulo_record::Adaptation;
use std::fmt::Write as _;

/// What a personal model is, what it was made from, and how it does on what was held out, as Markdown. `labels` are all that it tells
/// apart.
#[must_use]
pub fn personal_card(name: &str, adaptation: &Adaptation, labels: &[String]) -> String {
    let labels: Vec<String> = labels.iter().map(|label| inline(&activity(label).to_lowercase())).collect();
    let what = adaptation.tuning.map_or_else(
        || "whose last layer was moved".to_owned(),
        |tuning| {
            format!(
                "of which scale and shift of normalisation were moved by gradient ({} steps from a rate of {}, strength {}) and the last layer \
                 in closed form",
                tuning.steps, tuning.rate, tuning.strength
            )
        },
    );
    let mut out = format!(
        "# {}\n\nA personal model: `{}`, {what} towards a person's own examples (shrinkage {}). Recognises {}. What is \
         true of the model that it was made from — sensors, rate, way of wearing, sources and their terms — is true of it; its figures are \
         not.\n\n## Examples\n\n| activity | seconds | segments | windows | held out | right before | right after |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
        inline(name),
        inline(&adaptation.base),
        adaptation.shrinkage,
        list(&labels),
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
         alone. They were recorded with the rest and are more like it than another day is.\n\n## Limits\n\nIt knows one person, and one way \
         of wearing the device. For anyone else use the model that it was made from.\n",
    );
    out
}
