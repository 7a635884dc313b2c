//! The test at each depth of the vocabulary.

use crate::figures::confusion::Matrix;
use crate::figures::headline::interval;
use crate::text::{count, percent, plural};
use ambulo_record::{DepthConfusion, Metrics};

pub(crate) fn section(metrics: &Metrics) -> String {
    let depths = &metrics.test.depths;
    let figures: String = depths.iter().filter_map(|depth| figure(metrics, depth)).collect();
    if figures.is_empty() {
        return String::new();
    }
    format!(
        "<section class=\"depths\"><h2>At each depth of the vocabulary</h2><p>Activities form a tree, and not everyone \
         needs all of it. Here the activities beneath each one of a depth are taken as one, with the sum of their \
         probabilities; windows that are labelled above the activities of the model take part down to the depth of their \
         label. The deepest, all {}, is the matrix further up.</p><div class=\"plots pairs\">{figures}</div></section>\n",
        plural(metrics.labels.len(), "activity", "activities")
    )
}

fn figure(metrics: &Metrics, depth: &DepthConfusion) -> Option<String> {
    let before = format!(
        "<em>Accuracy {}</em> (95\u{a0}% interval {}), <em>macro-F1 {}</em> ({}) on {} windows. ",
        percent(depth.accuracy.mean),
        interval(&depth.accuracy),
        percent(depth.macro_f1.mean),
        interval(&depth.macro_f1),
        count(depth.windows)
    );
    let title = format!("Depth {}: {}", depth.depth, plural(depth.labels.len(), "activity", "activities"));
    let matrix = Matrix { title: &title, labels: &depth.labels, counts: &depth.confusion, before: &before };
    matrix.figure(metrics)
}
