//! What the record's figures for other ways of wearing the device allow one to say.

use crate::text::{decimal, percent};
use ambulo_record::{Metrics, Wearing, WearingMetrics};

/// A name for the column of a figure.
pub(crate) fn label(worn: &WearingMetrics) -> String {
    match worn.way() {
        Some(Wearing::Turned) => "Turned at random".to_owned(),
        Some(Wearing::Facing(d)) => format!("Turned by {d}°"),
        Some(Wearing::Tilted(d)) => format!("Tilted up to {d}°"),
        Some(Wearing::UpsideDown) => "Upside down".to_owned(),
        None => worn.wearing.replace('-', " "),
    }
}

/// The ways of wearing for which the model's kind makes a promise: all for one that levels recordings, facings for others.
fn promised(metrics: &Metrics) -> impl Iterator<Item = &WearingMetrics> {
    let all = metrics.orientation == "levelled";
    metrics.test.wearings.iter().filter(move |w| match w.way() {
        Some(Wearing::Turned | Wearing::Facing(_)) => true,
        Some(Wearing::Tilted(_) | Wearing::UpsideDown) => all,
        None => false,
    })
}

/// Accuracy worn like this less accuracy as recorded, in points, e.g. `−1.2`.
pub(crate) fn change(metrics: &Metrics, worn: &WearingMetrics) -> String {
    decimal((worn.accuracy.mean - metrics.test.accuracy.mean) * 100.0, 1)
}

fn points(metrics: &Metrics, worn: &WearingMetrics) -> String {
    let lost = (metrics.test.accuracy.mean - worn.accuracy.mean) * 100.0;
    let number = decimal(lost.abs(), 1);
    match number.as_str() {
        "0.0" => "no different".to_owned(),
        _ if lost < 0.0 => format!("{number}\u{a0}points more"),
        _ => format!("{number}\u{a0}points less"),
    }
}

/// What came out for a promise about facing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// None of the ways of wearing that count falls below the interval of the test as recorded.
    Holds,
    /// One of them does.
    Falls,
    /// A figure is missing.
    Unknown,
}

/// Whether accuracy survives being worn another way. The bound is the lower end of the interval of the test as recorded: what
/// other people of the same kind would have cost as well.
pub(crate) fn verdict(metrics: &Metrics) -> Verdict {
    let low = metrics.test.accuracy.ci95[0];
    let means: Vec<f64> = promised(metrics).map(|w| w.accuracy.mean).collect();
    if metrics.test.worst_facing().is_none() || !low.is_finite() || means.iter().any(|m| !m.is_finite()) {
        Verdict::Unknown
    } else if means.iter().all(|&m| m >= low) {
        Verdict::Holds
    } else {
        Verdict::Falls
    }
}

const LEVELLED: &str = "The model levels each recording: it promises to name activities as well however the device is \
                        worn, tilted and upside down included, where the recording holds some walking.";

/// What the model's kind promises about facing, and whether the figures keep it: plain words, no escaping needed.
/// `None` where no facing was measured.
pub(crate) fn statement(metrics: &Metrics) -> Option<String> {
    let worst = metrics.test.worst_facing()?;
    // The random turn may be worse than each single facing; what is quoted must be the lowest of all.
    let lowest = promised(metrics)
        .filter(|w| w.accuracy.mean.is_finite())
        .fold(worst, |low, w| if w.accuracy.mean < low.accuracy.mean { w } else { low });
    let (figure, less) = (percent(lowest.accuracy.mean), points(metrics, lowest));
    let (where_, low) = (place(lowest), percent(metrics.test.accuracy.ci95[0]));
    let bound = format!("the lower end of the interval as recorded, {low}");
    Some(match (metrics.orientation.as_str(), verdict(metrics)) {
        ("levelled", Verdict::Holds) => format!(
            "{LEVELLED} That is so by construction, as each of these \
             is found in the recording and undone: at worst ({where_}) it reaches {figure}, {less} than as recorded and not \
             below {bound}."
        ),
        ("levelled", Verdict::Falls) => format!(
            "{LEVELLED} The figures do not keep that: at worst \
             ({where_}) it reaches {figure}, {less} than as recorded and below {bound}."
        ),
        ("any-facing", Verdict::Holds) => format!(
            "The model is any-facing: it promises to name activities as well however the device is turned about the \
             vertical. The figures keep that: at worst ({where_}) it reaches {figure}, {less} than as recorded and \
             not below {bound}."
        ),
        ("any-facing", Verdict::Falls) => format!(
            "The model is any-facing: it promises to name activities as well however the device is turned about the \
             vertical. The figures do not keep that: at worst ({where_}) it reaches {figure}, {less} than as \
             recorded and below {bound}."
        ),
        ("fixed", Verdict::Holds) => format!(
            "The model is of the fixed kind: it promises its figures only for a device worn as recorded. Here it \
             does better than it promises: at worst ({where_}) it reaches {figure}, {less} than as recorded and not \
             below {bound}."
        ),
        ("fixed", Verdict::Falls) => format!(
            "The model is of the fixed kind: it promises its figures only for a device worn as recorded. It needs \
             that: at worst ({where_}) it reaches {figure}, {less} than as recorded and below {bound}."
        ),
        ("any-facing" | "levelled" | "fixed", Verdict::Unknown) => "Some of the figures are not numbers, so whether the model \
             keeps what its kind promises cannot be said."
            .to_owned(),
        _ => format!(
            "The record does not say which ways of wearing the model is for. At worst ({where_}) it reaches \
             {figure}, {less} than as recorded."
        ),
    }
    .replace("no different than", "no different from"))
}

/// What tilting and turning upside down cost; `None` where neither was measured.
pub(crate) fn tilt_statement(metrics: &Metrics) -> Option<String> {
    let mut parts = Vec::new();
    for w in &metrics.test.wearings {
        let way = match w.way() {
            Some(Wearing::Tilted(d)) => format!("tilted by up to {d}°"),
            Some(Wearing::UpsideDown) => "upside down".to_owned(),
            _ => continue,
        };
        parts.push(format!("{way} it reaches {}", percent(w.accuracy.mean)));
    }
    if parts.is_empty() {
        return None;
    }
    let parts = parts.join(", ");
    Some(match metrics.orientation.as_str() {
        "levelled" => format!("Levelled anew, {parts}."),
        "any-facing" | "fixed" => {
            format!("Such a model promises nothing for a device tilted or upside down: {parts}.")
        }
        _ => format!("Further, {parts}."),
    })
}

/// A way of turning within a sentence.
fn place(worn: &WearingMetrics) -> String {
    match worn.way() {
        Some(Wearing::Facing(d)) => format!("turned by {d}°"),
        Some(Wearing::Tilted(d)) => format!("tilted by up to {d}°"),
        Some(Wearing::UpsideDown) => "upside down".to_owned(),
        _ => "each recording turned at random".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_record::Estimate;

    #[test]
    fn every_label_fits_its_column() {
        let none = Estimate { mean: 0.0, sd: 0.0, ci95: [0.0; 2] };
        for wearing in Wearing::ALL {
            let worn = WearingMetrics { wearing: wearing.name(), accuracy: none, macro_f1: none };
            assert!(label(&worn).chars().count() <= 18, "{wearing}");
        }
    }
}
