//! What becomes of the figures when the device is worn another way.

use crate::figures::wearings::figures;
use crate::text::escape;
use crate::wearing::{Verdict, statement, tilt_statement, verdict};
use ambulo_record::Metrics;

pub(crate) fn section(metrics: &Metrics) -> String {
    let Some([picture, numbers]) = figures(metrics) else {
        return "<p class=\"absent\">The record holds no test with the device worn another way.</p>\n"
            .to_owned();
    };
    let promised = ["any-facing", "levelled"].contains(&metrics.orientation.as_str());
    let broken = promised && verdict(metrics) == Verdict::Falls;
    let class = if broken { "note bad" } else { "note" };
    let promise = statement(metrics).unwrap_or_else(|| "No facing was measured.".to_owned());
    let tilt = tilt_statement(metrics).unwrap_or_default();
    format!(
        "<section class=\"worn\"><h2>Worn another way</h2><p class=\"{class}\">{} {}</p><div class=\"plots pairs\">\
         {picture}{numbers}</div></section>\n",
        escape(&promise),
        escape(&tilt)
    )
}
