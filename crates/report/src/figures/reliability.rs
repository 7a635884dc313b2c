//! The reliability diagram: how often the model is right, against how sure it says it is.

use super::{Figure, Key, legend, table};
use crate::axis::{Frame, Scale};
use crate::svg::{Anchor, Shape, Svg, WIDTH};
use crate::text::{count, decimal, percent, plural};
use ambulo_record::{Metrics, ReliabilityBin};

/// Bins with fewer predictions are drawn open: their share correct is uncertain by ten points and more.
const FEW: u64 = 25;

/// The diagram of the model's answers, and before it, where the record has it, that of the same answers at
/// temperature 1; none where no confidence was recorded.
pub(crate) fn figures(metrics: &Metrics) -> Vec<String> {
    let test = &metrics.test;
    let over = format!("Pooled over {}.", plural(metrics.seeds.len(), "seed", "seeds"));
    let before =
        figure("Before: at temperature 1", &test.reliability_uncalibrated, test.ece_uncalibrated, &over);
    let title =
        if before.is_some() { "After: as the model answers" } else { "Reliability of its confidence" };
    let explained = format!("{over} Points below the line: the model is surer than it is right.");
    let after = figure(title, &test.reliability, test.ece, &explained);
    before.into_iter().chain(after).collect()
}

fn figure(title: &str, all: &[ReliabilityBin], ece: Option<f64>, remark: &str) -> Option<String> {
    let bins: Vec<&ReliabilityBin> = all.iter().filter(|b| b.count > 0).collect();
    if bins.is_empty() {
        return None;
    }
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|b| {
            let name = format!("{} to {}", decimal(b.lower * 100.0, 1), decimal(b.upper * 100.0, 1));
            let (confidence, accuracy) =
                if b.count == 0 { (f64::NAN, f64::NAN) } else { (b.confidence, b.accuracy) };
            vec![name, percent(confidence), percent(accuracy), count(b.count)]
        })
        .collect();
    Some(
        Figure {
            title,
            legend: legend(&[
                Key::Mark("s1 solid", Shape::Circle, "bin"),
                Key::Mark("s1 open", Shape::Circle, &format!("bin of fewer than {FEW} windows")),
                Key::Line("diagonal", "perfect calibration"),
                Key::Line("gap", "gap"),
            ]),
            picture: picture(&bins),
            caption: ece.map_or_else(String::new, |e| format!("Expected calibration error {}. ", percent(e)))
                + remark,
            table: table(
                &format!("Reliability by bin of confidence, {}", title.to_lowercase()),
                &["Confidence (%)", "Mean confidence", "Correct", "Windows"],
                &rows,
            ),
        }
        .html(),
    )
}

fn picture(bins: &[&ReliabilityBin]) -> String {
    let upper = Frame { left: 50.0, right: WIDTH - 10.0, top: 30.0, bottom: 236.0 };
    let lower = Frame { top: 278.0, bottom: 356.0, ..upper };
    let mut svg = Svg::new(
        WIDTH,
        402.0,
        "chart",
        "Share correct against confidence, with the number of windows in each bin; the numbers are in the table \
         below the figure",
    );
    let x = Scale::exact((0.0, 100.0), (upper.left, upper.right), 5);
    let y = Scale::exact((0.0, 100.0), (upper.bottom, upper.top), 5);
    svg.text("tick", (0.0, 14.0), Anchor::Start, "Windows classified correctly (%)");
    upper.draw_y(&mut svg, &y);
    svg.line("diagonal", (upper.left, upper.bottom), (upper.right, upper.top));
    let places: Vec<_> =
        bins.iter().map(|b| Some((x.at(b.confidence * 100.0)?, y.at(b.accuracy * 100.0)?))).collect();
    for (bin, place) in bins.iter().zip(&places) {
        if let (&Some(at), Some(ideal)) = (place, y.at(bin.confidence * 100.0)) {
            svg.line("gap", at, (at.0, ideal));
        }
    }
    svg.path("thin s1", places.iter().copied(), "");
    for (bin, place) in bins.iter().zip(&places) {
        if let Some(at) = *place {
            let class = if bin.count < FEW { "s1 open" } else { "s1 solid" };
            svg.mark(class, Shape::Circle, at, 5.0, &title(bin));
        }
    }
    counts(&mut svg, lower, &x, bins);
    svg.finish()
}

/// Bars on a logarithmic axis: nearly all windows lie in the last bin, and the few others matter.
fn counts(svg: &mut Svg, frame: Frame, x: &Scale, bins: &[&ReliabilityBin]) {
    let most = bins.iter().map(|b| b.count).max().unwrap_or(1).max(1);
    let decades = (most as f64).log10().ceil().max(1.0);
    let y = Scale::exact((-0.3, decades), (frame.bottom, frame.top), 2);
    svg.text("tick", (0.0, frame.top - 14.0), Anchor::Start, "Windows in bin (logarithmic)");
    let every = if decades > 4.0 { 2 } else { 1 };
    for exponent in (0..=decades as u32).step_by(every) {
        if let Some(at) = y.at(f64::from(exponent)) {
            svg.line("grid", (frame.left, at), (frame.right, at));
            svg.text("tick mid", (frame.left - 7.0, at), Anchor::End, &power_of_ten(exponent));
        }
    }
    for bin in bins {
        let sides = (x.at(bin.lower * 100.0), x.at(bin.upper * 100.0), y.at((bin.count as f64).log10()));
        if let (Some(left), Some(right), Some(top)) = sides {
            let inset = if right - left > 4.0 { 1.0 } else { 0.0 };
            svg.rect("bar", (left + inset, top), (right - inset, frame.bottom), &title(bin));
        }
    }
    frame.draw_x(svg, x, 19.0);
    svg.text(
        "tick",
        (0.5 * (frame.left + frame.right), frame.bottom + 40.0),
        Anchor::Middle,
        "Confidence (%)",
    );
}

fn power_of_ten(exponent: u32) -> String {
    match exponent {
        0..=2 => 10u32.pow(exponent).to_string(),
        3..=5 => format!("{}k", 10u32.pow(exponent - 3)),
        6..=8 => format!("{}M", 10u32.pow(exponent - 6)),
        _ => format!("1e{exponent}"),
    }
}

fn title(bin: &ReliabilityBin) -> String {
    format!(
        "Confidence {} on average, {} correct, {} windows",
        percent(bin.confidence),
        percent(bin.accuracy),
        count(bin.count)
    )
}
