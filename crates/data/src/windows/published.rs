//! Windows that were published as such.

use super::cut::{Codes, upright};
use super::{LabelledWindows, Place, Series, WindowOrigin};
use crate::{DataError, Dataset, Spool, WindowedData};
use ambulo_record::PersonId;
use ambulo_signal::{InertialSignals, Layout, Level, Preprocessing};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Refuses what published windows cannot give.
pub(super) fn check(dataset: &Dataset, published: &WindowedData, p: &Preprocessing) -> Result<(), DataError> {
    let mismatch = |found, expected, hint| {
        Err(DataError::PreprocessingMismatch { dataset: dataset.info.name.clone(), expected, found, hint })
    };
    if p.level != Level::AsWorn {
        return mismatch(
            "windows without their recordings".into(),
            "recordings, to be levelled".into(),
            "which way is up is found in whole recordings; use them (hapt), or a model of another orientation",
        );
    }
    if published.time != p.window {
        return mismatch(
            format!("windows of {} samples", published.time),
            format!("windows of {}", p.window),
            "published windows cannot be cut anew; set the window to their length, or use the recordings (hapt)",
        );
    }
    // The tolerance of recordings.
    if (published.rate_hz / p.rate_hz - 1.0).abs() > ambulo_signal::intake::RATE_TOLERANCE {
        return mismatch(
            format!("{} samples per second", published.rate_hz),
            format!("{} Hz", p.rate_hz),
            "published windows cannot be resampled; set the rate to theirs, or use the recordings (hapt)",
        );
    }
    if published.signals.layout().width() < p.layout().width() {
        return mismatch(
            "acceleration alone".into(),
            "angular velocity as well".into(),
            "choose channels of acceleration",
        );
    }
    Ok(())
}

/// One person's windows, which do not continue each other.
struct Person {
    series: usize,
    signals: InertialSignals,
    /// Label of each window.
    labels: Vec<Arc<str>>,
}

pub(super) fn take(
    published: &WindowedData,
    p: &Preprocessing,
    codes: &mut Codes<'_>,
    chosen: &BTreeSet<PersonId>,
    (windows, spool): (&mut LabelledWindows, &Spool),
) -> Result<(), DataError> {
    let mut people: BTreeMap<&PersonId, Person> = BTreeMap::new();
    for (i, person_id) in published.people.iter().enumerate().filter(|(_, id)| chosen.contains(id)) {
        let label = &published.labels[i];
        let Some(code) = codes.code(label)? else { continue };
        let series = people.len();
        let person = people.entry(person_id).or_insert_with(|| Person {
            series,
            signals: InertialSignals::empty(p.layout()),
            labels: Vec::new(),
        });
        let (series, start) = (person.series, person.signals.len());
        add(&mut person.signals, published.window(i), published.signals.layout());
        person.labels.push(Arc::clone(label));
        let origin = WindowOrigin {
            person: person_id.clone(),
            recording: "".into(),
            facts: Arc::clone(&published.facts),
            start: i as u64,
        };
        windows.push(Place { series, start, starts: start..start + 1 }, code, origin);
    }
    let mut people: Vec<_> = people.into_values().collect();
    people.sort_by_key(|person| person.series);
    for Person { signals, labels, .. } in people {
        let of_rows = labels.iter().flat_map(|label| std::iter::repeat_n(Some(label), published.time));
        let up = upright(signals.iter().zip(of_rows));
        windows.series.push(Arc::new(Series::stored(spool, signals, up)?));
    }
    Ok(())
}

/// Adds rows of a layout that holds at least the same signals, in the same order.
fn add(signals: &mut InertialSignals, rows: &[f32], layout: Layout) {
    let width = signals.layout().width();
    if width == layout.width() {
        signals.extend(rows);
    } else {
        rows.chunks_exact(layout.width()).for_each(|row| signals.extend(&row[..width]));
    }
}
