//! What the record's figures for other ways of wearing the device allow one to say.

use crate::text::{decimal, percent};
use ambulo_record::{Metrics, WearingMetrics};

/// What a way of wearing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Each recording turned about the vertical by an angle of its own.
    Turned,
    /// All recordings turned about the vertical by so many degrees.
    Facing(u16),
    /// Each recording tilted by up to so many degrees.
    Tilted(u16),
    UpsideDown,
    /// A name that a later version may have given.
    Other,
}

impl Way {
    pub(crate) fn of(name: &str) -> Self {
        let degrees = |prefix: &str| name.strip_prefix(prefix).and_then(|d| d.parse().ok());
        match name {
            "turned" => Self::Turned,
            "upside-down" => Self::UpsideDown,
            _ => match (degrees("facing-"), degrees("tilted-")) {
                (Some(d), _) => Self::Facing(d),
                (_, Some(d)) => Self::Tilted(d),
                _ => Self::Other,
            },
        }
    }

    /// A name for the column of a figure.
    pub(crate) fn label(self, name: &str) -> String {
        match self {
            Self::Turned => "Turned at random".to_owned(),
            Self::Facing(d) => format!("Turned by {d}°"),
            Self::Tilted(d) => format!("Tilted up to {d}°"),
            Self::UpsideDown => "Upside down".to_owned(),
            Self::Other => name.replace('-', " "),
        }
    }
}

/// The ways of wearing for which the model's kind makes a promise: all for one that levels recordings, facings for others.
fn promised(metrics: &Metrics) -> impl Iterator<Item = &WearingMetrics> {
    let all = metrics.orientation == "levelled";
    metrics.test.wearings.iter().filter(move |w| match Way::of(&w.wearing) {
        Way::Turned | Way::Facing(_) => true,
        Way::Tilted(_) | Way::UpsideDown => all,
        Way::Other => false,
    })
}

/// The facing with the lowest accuracy; the first of several.
pub(crate) fn worst_facing(metrics: &Metrics) -> Option<&WearingMetrics> {
    let facings = metrics.test.wearings.iter().filter(|w| matches!(Way::of(&w.wearing), Way::Facing(_)));
    facings.filter(|w| w.accuracy.mean.is_finite()).min_by(|a, b| a.accuracy.mean.total_cmp(&b.accuracy.mean))
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
    if worst_facing(metrics).is_none() || !low.is_finite() || means.iter().any(|m| !m.is_finite()) {
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
    let worst = worst_facing(metrics)?;
    // The random turn may be worse than each single facing; what is quoted must be the lowest of all.
    let lowest = promised(metrics)
        .filter(|w| w.accuracy.mean.is_finite())
        .fold(worst, |low, w| if w.accuracy.mean < low.accuracy.mean { w } else { low });
    let (figure, less) = (percent(lowest.accuracy.mean), points(metrics, lowest));
    let (where_, low) = (place(&lowest.wearing), percent(metrics.test.accuracy.ci95[0]));
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
        let way = match Way::of(&w.wearing) {
            Way::Tilted(d) => format!("tilted by up to {d}°"),
            Way::UpsideDown => "upside down".to_owned(),
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
fn place(name: &str) -> String {
    match Way::of(name) {
        Way::Facing(d) => format!("turned by {d}°"),
        Way::Tilted(d) => format!("tilted by up to {d}°"),
        Way::UpsideDown => "upside down".to_owned(),
        _ => "each recording turned at random".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_trainer_are_understood() {
        for wearing in ambulo_train::Wearing::ALL {
            assert_ne!(Way::of(&wearing.name()), Way::Other, "{wearing:?}");
        }
        assert_eq!(Way::of("facing-315"), Way::Facing(315));
        assert_eq!(Way::of("tilted-15"), Way::Tilted(15));
        assert_eq!(Way::of("facing-"), Way::Other);
    }

    #[test]
    fn every_label_fits_its_column() {
        for wearing in ambulo_train::Wearing::ALL {
            let name = wearing.name();
            assert!(Way::of(&name).label(&name).chars().count() <= 18, "{name}");
        }
    }
}
