//! What a file looks like: columns, units, rate, and where labels may stand.

use super::words;
use ambulo_formats::{Format, ReadOptions, open};
use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::{Sensor, Source as _, Unit};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

/// Bytes of a text file that are looked at.
const MOST_BYTES: u64 = 8 << 20;
/// Most different words that labels are.
const MOST_WORDS: usize = 60;
/// Rows after which a label is the same, on average, at least: words that change in each row are none.
const LONG: usize = 4;

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Look {
    pub(super) columns: Option<String>,
    /// With whether they are stated in the file.
    pub(super) units: Vec<(Sensor, Unit, bool)>,
    /// Whether there is a gyroscope.
    pub(super) rate_hz: Option<f64>,
    /// Whether samples have times.
    pub(super) timed: bool,
    pub(super) label: Option<String>,
    pub(super) person: Option<String>,
    pub(super) words: BTreeSet<String>,
    /// What a person must decide.
    pub(super) checks: Vec<String>,
    pub(super) format: Option<String>,
}

/// A file that cannot be understood at all gives none.
pub(super) fn look(path: &Path) -> Option<Look> {
    let mut look = Look::default();
    let text = rows(path);
    if let Some(table) = &text {
        labels(table, &mut look);
    }
    let first = recognised(path, &ReadOptions::default(), &mut look);
    if let Err(says) = first {
        let table = text.as_ref()?;
        let columns = columns(table)?;
        // A rate and units that are surely wrong in number, but let the rest be looked at.
        look.checks.push(says);
        if let Some(text) = columns.checked {
            look.checks.push(text);
        }
        let options = ReadOptions {
            format: Some(Format::Table),
            columns: columns.text.parse().ok(),
            rate_hz: (!columns.timed).then_some(50.0),
            ..ReadOptions::default()
        };
        look.columns = Some(columns.text);
        look.format = Some("table".into());
        if let Err(says) = recognised(path, &options, &mut look) {
            look.checks.push(says);
        }
        look.timed = columns.timed;
        if !columns.timed {
            look.rate_hz = None;
        }
    }
    Some(look)
}

/// Fills in what the file's own reader finds.
fn recognised(path: &Path, options: &ReadOptions, look: &mut Look) -> Result<(), String> {
    let short = |text: String| {
        text.lines().next().unwrap_or_default().replace(&path.display().to_string(), "the file")
    };
    let mut opened = open(path, options).map_err(|error| short(error.to_string()))?;
    if opened.len() > 1 {
        look.checks.push(format!(
            "each file holds {} devices or placements; `only` takes one of them",
            opened.len()
        ));
    }
    let several = opened.len() > 1;
    let Some(first) = opened.first_mut() else { return Err("no recording was found in the file".into()) };
    let stated: Vec<(Sensor, Option<Unit>)> =
        first.header().sensors.iter().map(|s| (s.sensor, s.unit)).collect();
    let report = survey(first, &Declared::default()).map_err(|error| short(error.to_string()))?;
    if first.format() != Format::Table || first.format_name() != first.format().name() {
        look.format = Some(first.format_name().to_owned());
    }
    for (sensor, (kind, stated)) in report.sensors.iter().zip(stated) {
        if let Some(unit) = stated.or(sensor.unit_found) {
            look.units.push((kind, unit, stated.is_some()));
        } else {
            look.checks.push(format!("the unit of the {kind} is not stated, and its values do not show it"));
        }
    }
    if let Some((_, sensor)) = report.sensor(Sensor::Accelerometer) {
        // Of several devices each has its own.
        look.rate_hz = sensor.rate_hz.filter(|_| !several);
        look.timed = true;
        if sensor.gravity == Some(false) {
            look.checks.push("acceleration seems to be without gravity: such recordings are refused".into());
        }
    }
    for finding in report.refusals() {
        look.checks.push(finding.text.clone());
    }
    Ok(())
}

/// The beginning of a text table.
struct Table {
    names: Option<Vec<String>>,
    rows: Vec<Vec<String>>,
}

fn rows(path: &Path) -> Option<Table> {
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    if bytes.contains(&0) {
        return None;
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines = || text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with(['#', '%', '@']));
    let separator = [';', '\t', ','].into_iter().find(|&c| lines().take(3).all(|line| line.contains(c)));
    // A semicolon that only ends lines separates nothing.
    let separator =
        separator.filter(|&c| lines().take(3).any(|line| line.trim_end().trim_end_matches(c).contains(c)));
    let separator = separator.or_else(|| lines().take(3).all(|line| line.contains(',')).then_some(','));
    let split = |line: &str| -> Vec<String> {
        let line = line.trim().trim_end_matches(';');
        let plain = |word: &str| word.trim().trim_matches('"').to_owned();
        match separator {
            Some(c) => line.split(c).map(plain).collect(),
            None => line.split_whitespace().map(plain).collect(),
        }
    };
    let mut rows: Vec<Vec<String>> = lines().map(split).collect();
    if bytes.len() as u64 == MOST_BYTES {
        rows.pop();
    }
    let first = rows.first()?;
    let names = first.iter().all(|word| word.parse::<f64>().is_err()).then(|| first.clone());
    if names.is_some() {
        rows.remove(0);
    }
    (!rows.is_empty()).then_some(Table { names, rows })
}

/// Finds columns of labels and of people.
fn labels(table: &Table, look: &mut Look) {
    let width = table.rows[0].len();
    let name = |at: usize| table.names.as_ref().and_then(|names| names.get(at)).map(String::as_str);
    let called = |at: usize| name(at).map_or((at + 1).to_string(), str::to_owned);
    let mut found: Option<(usize, BTreeSet<String>)> = None;
    for at in 0..width {
        let column = || table.rows.iter().filter_map(|row| row.get(at));
        if name(at).is_some_and(words::is_person_column) && look.person.is_none() {
            look.person = Some(called(at));
            continue;
        }
        let words: BTreeSet<String> = column().take(500_000).cloned().collect();
        let said = name(at).is_some_and(words::is_label_column);
        let text = words.iter().any(|word| !word.is_empty() && word.parse::<f64>().is_err());
        let changes = column().zip(column().skip(1)).filter(|(a, b)| a != b).count();
        let few = words.len() <= MOST_WORDS && changes * LONG <= table.rows.len();
        // What the header calls labels wins over what only looks like them.
        if few && (said || text) && (found.is_none() || said) {
            found = Some((at, words));
        }
    }
    if let Some((at, words)) = found {
        look.label = Some(called(at));
        look.words = words;
    }
}

/// Columns as on the command line.
struct Guess {
    text: String,
    timed: bool,
    checked: Option<String>,
}

fn columns(table: &Table) -> Option<Guess> {
    if let Some(names) = &table.names {
        return named(names);
    }
    let numbers = table.rows[0].iter().take_while(|word| word.parse::<f64>().is_ok()).count();
    let rising = |at: usize| {
        let values: Vec<f64> =
            table.rows.iter().take(100).filter_map(|row| row.get(at)?.parse().ok()).collect();
        values.len() > 2
            && values.windows(2).all(|pair| pair[0] <= pair[1])
            && values[0] < values[values.len() - 1]
    };
    let timed = numbers > 3 && rising(0);
    let from = 1 + usize::from(timed);
    let axes = numbers + 1 - from;
    if axes < 3 {
        return None;
    }
    let mut text = if timed { "time=1,".to_owned() } else { String::new() };
    text.push_str(&format!("acc={from}-{}", from + 2));
    if axes >= 6 {
        text.push_str(&format!(",gyro={}-{}", from + 3, from + 5));
    }
    let checked = format!("there are {numbers} columns of numbers without names: which are they?");
    Some(Guess { text, timed, checked: Some(checked) })
}

fn named(names: &[String]) -> Option<Guess> {
    let find = |sensor: &[&str], axis: char| {
        names.iter().find(|name| {
            let name = name.to_lowercase();
            let short = [format!("a{axis}"), format!("g{axis}")];
            let own = sensor.iter().any(|word| name.contains(word))
                || short.contains(&name) && name.starts_with(sensor[0].as_bytes()[0] as char);
            let rest = sensor.iter().fold(name.clone(), |rest, word| rest.replace(word, " "));
            own && rest
                .split(|c: char| !c.is_alphanumeric())
                .any(|part| part == axis.to_string() || part == short[0] || part == short[1])
        })
    };
    let mut parts = Vec::new();
    let time = names.iter().find(|name| {
        ["time", "timestamp", "t", "seconds", "elapsed"].contains(&name.to_lowercase().as_str())
    });
    parts.extend(time.map(|name| format!("time={name}")));
    let triple = |sensor: &[&str], letter: char| -> Option<Vec<String>> {
        ['x', 'y', 'z'].iter().map(|&axis| Some(format!("{letter}{axis}={}", find(sensor, axis)?))).collect()
    };
    parts.extend(triple(&["acceleration", "accelerometer", "accel", "acc"], 'a')?);
    parts.extend(triple(&["gyroscope", "gyro", "gyr"], 'g').into_iter().flatten());
    Some(Guess { text: parts.join(","), timed: time.is_some(), checked: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn looked(text: &str) -> Look {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        look(&path).unwrap()
    }

    #[test]
    fn a_table_with_names_times_and_labels() {
        let mut text = "timestamp,acc_x,acc_y,acc_z,activity\n".to_owned();
        for i in 0..500 {
            let label = if i < 250 { "sitting" } else { "walk" };
            let _ = writeln!(
                text,
                "{},{:.3},0.1,9.7,{label}",
                1_657_544_710_000u64 + 10 * i,
                0.01 * (i % 7) as f64
            );
        }
        let found = looked(&text);
        assert_eq!(found.label.as_deref(), Some("activity"));
        assert_eq!(found.words, ["sitting", "walk"].map(String::from).into());
        assert!((found.rate_hz.unwrap() - 100.0).abs() < 0.5, "{found:?}");
        assert!(
            found.units.contains(&(Sensor::Accelerometer, Unit::MetresPerSecondSquared, false)),
            "{found:?}"
        );
    }

    #[test]
    fn a_table_without_names() {
        let found = looked(&"  -1,-253,  -6,  58,  20,   1, -13,-1020,  -2;\n".repeat(300));
        assert_eq!(found.columns.as_deref(), Some("acc=1-3,gyro=4-6"));
        assert!(!found.timed && found.rate_hz.is_none() && found.label.is_none(), "{found:?}");
        assert!(found.checks.iter().any(|check| check.contains("9 columns")), "{found:?}");
    }
}
