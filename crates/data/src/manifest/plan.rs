//! From a manifest to what is done with its files: defaults filled in, everything parsed.

use super::pattern::Pattern;
use super::place::Step;
use super::words::{self, Words};
use super::{FilesEntry, Gravity, LabelFrom, LabelTable, LabelUnit, Manifest, Number, Problem};
use ambulo_formats::{ColumnRef, Columns, Dialects, Format, ReadOptions, TimeFormat, Units};
use ambulo_record::PersonId;
use ambulo_record::vocabulary::{Parents, canonical};
use ambulo_signal::Sensor;
use ambulo_signal::intake::AxisMap;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// The path of the key at fault, and the fault.
pub(super) type Fault<'a> = (Vec<Step<'a>>, Problem);

/// A manifest that was understood.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) entries: Vec<Entry>,
    pub(super) words: Words,
    pub(super) parents: Parents,
    /// Activities that count only while the wearer moves.
    pub(super) while_moving: BTreeSet<String>,
    pub(super) leave_out_files: Vec<Pattern>,
    /// Pattern of people's names and their group; names before patterns.
    pub(super) groups: Vec<(String, String)>,
    pub(super) test_people: BTreeSet<PersonId>,
}

/// An entry of `files` with the defaults filled in.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) pattern: Pattern,
    pub(super) options: ReadOptions,
    pub(super) texts: Roles,
    pub(super) gravity: Gravity,
    pub(super) rate_hz: Option<f64>,
    pub(super) ignore_times: bool,
    pub(super) axes: AxisMap,
    /// Of length 1, in the project's axes.
    pub(super) up: Option<[f32; 3]>,
    pub(super) with: Vec<Companion>,
    pub(super) label: Label,
    pub(super) person: Option<PersonId>,
    pub(super) placement: Option<String>,
    pub(super) device: Option<String>,
    pub(super) rename: BTreeMap<String, BTreeMap<String, String>>,
    /// Seconds.
    pub(super) trim: [f64; 2],
    pub(super) optional: bool,
}

/// Where in a run of texts what stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Roles {
    pub(super) person: Option<usize>,
    pub(super) trial: Option<usize>,
    pub(super) device: Option<usize>,
    pub(super) placement: Option<usize>,
    pub(super) label: Option<usize>,
}

impl Roles {
    /// Those that divide a table.
    pub(super) fn dividing(self) -> [Option<usize>; 4] {
        [self.person, self.trial, self.device, self.placement]
    }

    /// Whether a table is divided.
    pub(super) fn divide(self) -> bool {
        self.dividing().iter().any(Option::is_some)
    }
}

/// A file that belongs to another.
#[derive(Debug)]
pub(super) struct Companion {
    pub(super) pattern: Pattern,
    /// As of the main file, with columns of its own and without the label.
    pub(super) options: ReadOptions,
    pub(super) optional: bool,
}

/// Where labels are.
#[derive(Debug)]
pub(super) enum Label {
    Capture(String),
    Column,
    Always(String),
    Table(LabelTable),
    Dictionary { file: String, text: String, label: String },
}

/// Rates that are believed, in Hz: a sample in 100 s to 100 kHz.
const RATES: std::ops::RangeInclusive<f64> = 0.01..=100_000.0;

/// Longest name of a data set: it becomes part of names of files.
const LONGEST_NAME: usize = 64;

const DIVIDING: [&str; 4] = ["person", "trial", "device", "placement"];

impl Plan {
    /// # Errors
    /// The first fault, with the path of its key.
    pub(super) fn new(manifest: &Manifest) -> Result<Self, Fault<'_>> {
        head(manifest)?;
        let own = &manifest.labels.own;
        let parents = Parents::try_from(own.clone()).map_err(|error| {
            let at_fault = |text: &str| match error.name() {
                Some(name) => canonical(text).is_ok_and(|spelt| spelt == name),
                None => canonical(text).is_err(),
            };
            let key = (own.iter().find(|(name, _)| at_fault(name)))
                .or_else(|| own.iter().find(|(_, parent)| at_fault(parent)));
            let path = ["labels", "own"].into_iter().chain(key.map(|(name, _)| name.as_str()));
            (path.map(Step::from).collect(), Problem::from(error))
        })?;
        let words = Words::new(&manifest.labels, &parents)?;
        let mut while_moving = BTreeSet::new();
        for (index, name) in manifest.labels.while_moving.iter().enumerate() {
            let path = vec!["labels".into(), "while-moving".into(), index.into()];
            while_moving.insert(words::activity(name, &parents).map_err(|problem| (path, problem))?);
        }
        let mut leave_out_files = Vec::new();
        for pattern in manifest.leave_out_files.keys() {
            let path = vec!["leave-out-files".into(), pattern.as_str().into()];
            leave_out_files.push(Pattern::new(pattern).map_err(|problem| (path, problem))?);
        }
        if manifest.files.is_empty() {
            let hint = "say where the files are: `[[files]]` with `pattern = \"{person}/{trial}.csv\"`";
            return Err((vec!["files".into()], Problem::Missing { what: "the list of files", hint }));
        }
        let mut entries = Vec::with_capacity(manifest.files.len());
        for index in 0..manifest.files.len() {
            entries.push(entry(manifest, index, &words)?);
        }
        let mut test_people = BTreeSet::new();
        for (index, name) in manifest.test_people.iter().enumerate() {
            let path = vec!["test-people".into(), index.into()];
            test_people.insert(PersonId::new(name.as_str()).map_err(|error| (path, error.into()))?);
        }
        ages(manifest)?;
        let mut groups: Vec<(String, String)> =
            manifest.groups.iter().map(|(a, b)| (a.clone(), b.clone())).collect();
        // The longest pattern is the most particular one; a plain name comes first.
        groups.sort_by_key(|(pattern, _)| (pattern.contains('*'), std::cmp::Reverse(pattern.len())));
        Ok(Self {
            name: manifest.name.clone(),
            entries,
            words,
            parents,
            while_moving,
            leave_out_files,
            groups,
            test_people,
        })
    }

    /// The group that a person's name tells.
    pub(super) fn group(&self, person: &PersonId) -> Option<&str> {
        let found = self.groups.iter().find(|(pattern, _)| super::pattern::glob(pattern, person.as_str()));
        found.map(|(_, group)| group.as_str())
    }
}

fn head(manifest: &Manifest) -> Result<(), Fault<'_>> {
    if manifest.manifest != Manifest::FORMAT {
        let problem = Problem::Version { expected: Manifest::FORMAT, found: manifest.manifest };
        return Err((vec!["manifest".into()], problem));
    }
    let name = &manifest.name;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = |c: Option<char>| c.is_some_and(|c| c != '-');
    if !name.chars().all(plain)
        || !ends(name.chars().next())
        || !ends(name.chars().last())
        || name.len() > LONGEST_NAME
    {
        return Err((
            vec!["name".into()],
            Problem::Name { found: name.chars().take(LONGEST_NAME).collect() },
        ));
    }
    for (key, text, hint) in [
        ("title", &manifest.title, "a title that people recognise"),
        ("licence", &manifest.licence, "the terms in words; `not stated` where nothing is stated"),
    ] {
        if text.trim().is_empty() {
            return Err((vec![key.into()], Problem::Missing { what: "the text", hint }));
        }
    }
    if manifest.cohort.as_ref().is_some_and(|cohort| cohort.trim().is_empty()) {
        let hint = "name the group of people, or leave the key out";
        return Err((vec!["cohort".into()], Problem::Missing { what: "the name", hint }));
    }
    if let Some(sha) = &manifest.sha256 {
        sha256(sha).map_err(|problem| (vec!["sha256".into()], problem))?;
    }
    for (index, archive) in manifest.archive.iter().enumerate() {
        let at = |key| vec!["archive".into(), index.into(), Step::Key(key)];
        if let Some(sha) = &archive.sha256 {
            sha256(sha).map_err(|problem| (at("sha256"), problem))?;
        }
        if !archive.url.contains("://") {
            let found = archive.url.chars().take(200).collect();
            return Err((at("url"), Problem::Number { found, expected: "an address such as https://…" }));
        }
        for (inner, pattern) in archive.inner.iter().enumerate() {
            let path = || vec!["archive".into(), index.into(), "inner".into(), inner.into()];
            Pattern::new(pattern).map_err(|problem| (path(), problem))?;
        }
    }
    Ok(())
}

fn sha256(text: &str) -> Result<(), Problem> {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Ok(());
    }
    let expected = "a SHA-256: 64 hexadecimal digits, lower case";
    Err(Problem::Number { found: text.chars().take(80).collect(), expected })
}

fn ages(manifest: &Manifest) -> Result<(), Fault<'_>> {
    let Some(ages) = &manifest.ages else { return Ok(()) };
    let rising = ages.from.array_windows().all(|[a, b]| a < b);
    if !rising || ages.from.iter().any(|age| !(0.0..=150.0).contains(age)) {
        let found = format!("{:?}", ages.from);
        let problem = Problem::Number { found, expected: "a list of ages in years, ascending" };
        return Err((vec!["ages".into(), "from".into()], problem));
    }
    Ok(())
}

/// An entry together with the defaults: where a value comes from decides which key is at fault.
#[derive(Clone, Copy)]
struct Merged<'a> {
    own: &'a FilesEntry,
    defaults: &'a FilesEntry,
    index: usize,
}

impl<'a> Merged<'a> {
    /// A value and the path of its key.
    fn get<T>(
        self,
        key: &'static str,
        get: impl Fn(&'a FilesEntry) -> Option<T>,
    ) -> Option<(T, Vec<Step<'a>>)> {
        match get(self.own) {
            Some(value) => Some((value, self.at(key))),
            None => Some((get(self.defaults)?, vec!["defaults".into(), key.into()])),
        }
    }

    fn at(self, key: &'static str) -> Vec<Step<'a>> {
        vec!["files".into(), self.index.into(), key.into()]
    }

    /// A text that is parsed.
    fn parsed<T>(
        self,
        key: &'static str,
        get: impl Fn(&'a FilesEntry) -> &'a Option<String>,
    ) -> Result<Option<T>, Fault<'a>>
    where
        T: FromStr,
        Problem: From<T::Err>,
    {
        let Some((text, path)) = self.get(key, |entry| get(entry).as_deref()) else { return Ok(None) };
        text.parse().map(Some).map_err(|error| (path, Problem::from(error)))
    }

    fn text(
        self,
        key: &'static str,
        get: impl Fn(&'a FilesEntry) -> &'a Option<String>,
    ) -> Result<Option<String>, Fault<'a>> {
        let Some((text, path)) = self.get(key, |entry| get(entry).as_deref()) else { return Ok(None) };
        if text.trim().is_empty() {
            return Err((
                path,
                Problem::Missing { what: "the text", hint: "write it, or leave the key out" },
            ));
        }
        Ok(Some(text.to_owned()))
    }
}

fn entry<'a>(manifest: &'a Manifest, index: usize, words: &Words) -> Result<Entry, Fault<'a>> {
    let merged = Merged { own: &manifest.files[index], defaults: &manifest.defaults, index };
    let missing = |key, what, hint| (merged.at(key), Problem::Missing { what, hint });
    let (pattern, path) = merged.get("pattern", |entry| entry.pattern.as_deref()).ok_or_else(|| {
        missing("pattern", "the pattern of the files", "`pattern = \"{person}/{trial}.csv\"`")
    })?;
    let pattern = Pattern::new(pattern).map_err(|problem| (path, problem))?;

    let rate_hz = match merged.get("rate", |entry| entry.rate) {
        Some((rate, path)) if !RATES.contains(&rate) => {
            let expected = "a rate in Hz between 0.01 and 100000";
            return Err((path, Problem::Number { found: rate.to_string(), expected }));
        }
        rate => rate.map(|(rate, _)| rate),
    };
    let ignore_times = merged.get("ignore-times", |entry| entry.ignore_times);
    if let (Some((true, path)), None) = (&ignore_times, rate_hz) {
        let hint = "state the `rate` at which samples were taken";
        return Err((
            path.clone(),
            Problem::Missing { what: "the rate, without which times cannot be ignored,", hint },
        ));
    }
    let columns: Option<Columns> = merged.parsed("columns", |entry| &entry.columns)?;
    let (format, dialect) = format(merged)?;
    let mut options = ReadOptions {
        format,
        dialect,
        columns,
        units: merged.parsed::<Units>("units", |entry| &entry.units)?.unwrap_or_default(),
        rate_hz,
        time: merged.parsed::<TimeFormat>("time", |entry| &entry.time)?,
        device: merged.text("only", |entry| &entry.only)?,
        scale: scale(merged)?,
        variable: merged.text("variable", |entry| &entry.variable)?,
        ..ReadOptions::default()
    };
    let (texts, roles) = divided(merged)?;
    let with = companions(merged, &pattern, &options, &texts)?;
    options.added = added(merged)?;
    options.texts = texts;
    let person = match merged.get("person", |entry| entry.person.as_deref()) {
        Some((name, path)) => Some(PersonId::new(name).map_err(|error| (path, error.into()))?),
        None => None,
    };
    if person.is_none() && roles.person.is_none() && !pattern.names().any(|name| name == "person") {
        let hint = "capture `{person}` in the pattern, name the column in `split.person`, or say `person = \"…\"` where there is one";
        return Err(missing("pattern", "who was recorded", hint));
    }
    let (label, roles) = label(merged, &pattern, roles, &mut options, words)?;
    Ok(Entry {
        pattern,
        texts: roles,
        gravity: merged.get("gravity", |entry| entry.gravity).map(|(gravity, _)| gravity).unwrap_or_default(),
        rate_hz,
        ignore_times: ignore_times.is_some_and(|(ignore, _)| ignore),
        axes: merged.parsed("axes", |entry| &entry.axes)?.unwrap_or_default(),
        with,
        label,
        person,
        placement: merged.text("placement", |entry| &entry.placement)?,
        device: merged.text("device", |entry| &entry.device)?,
        rename: rename(merged)?,
        trim: trim(merged)?,
        optional: merged.get("optional", |entry| entry.optional).is_some_and(|(optional, _)| optional),
        up: up(merged)?,
        options,
    })
}

/// A format by its name, else a dialect of tables.
fn format(merged: Merged<'_>) -> Result<(Option<Format>, Option<String>), Fault<'_>> {
    let Some((name, path)) = merged.get("format", |entry| entry.format.as_deref()) else {
        return Ok((None, None));
    };
    match name.parse::<Format>() {
        Ok(format) => Ok((Some(format), None)),
        Err(_) if Dialects::default().names().any(|known| known == name) => Ok((None, Some(name.to_owned()))),
        Err(mut error) => {
            let dialects = Dialects::default();
            error.expected = format!(
                "{}; or a table's dialect: {}",
                error.expected,
                dialects.names().collect::<Vec<_>>().join(", ")
            );
            Err((path, error.into()))
        }
    }
}

/// A column by name, or by number from 1.
fn column(text: &str) -> ColumnRef {
    match text.trim().parse::<usize>() {
        Ok(number) if number > 0 => ColumnRef::Number(number),
        _ => ColumnRef::Name(text.trim().to_owned()),
    }
}

/// The columns that divide a table, and what each is.
fn divided(merged: Merged<'_>) -> Result<(Vec<ColumnRef>, Roles), Fault<'_>> {
    let mut texts = Vec::new();
    let mut add =
        |key: &'static str, text: fn(&FilesEntry) -> Option<&str>| -> Result<Option<usize>, Fault<'_>> {
            let Some((text, mut path)) = merged.get("split", text) else { return Ok(None) };
            if text.trim().is_empty() {
                path.push(key.into());
                return Err((
                    path,
                    Problem::Missing { what: "the column", hint: "its name, or its number from 1 as text" },
                ));
            }
            texts.push(column(text));
            Ok(Some(texts.len() - 1))
        };
    let roles = Roles {
        person: add("person", |entry| entry.split.person.as_deref())?,
        trial: add("trial", |entry| entry.split.trial.as_deref())?,
        device: add("device", |entry| entry.split.device.as_deref())?,
        placement: add("placement", |entry| entry.split.placement.as_deref())?,
        label: None,
    };
    Ok((texts, roles))
}

fn companions<'a>(
    merged: Merged<'a>,
    main: &Pattern,
    options: &ReadOptions,
    texts: &[ColumnRef],
) -> Result<Vec<Companion>, Fault<'a>> {
    let listed = |entry: &'a FilesEntry| (!entry.with.is_empty()).then_some(&entry.with);
    let Some((with, path)) = merged.get("with", listed) else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for (index, with) in with.iter().enumerate() {
        let at = |key: &'static str| [path.as_slice(), &[index.into(), key.into()]].concat();
        let pattern = Pattern::new(&with.pattern).map_err(|problem| (at("pattern"), problem))?;
        let of_main: BTreeSet<&str> = main.names().collect();
        if !pattern.names().any(|name| of_main.contains(name)) && !of_main.is_empty() {
            let what = "what the file shares with the main one";
            let hint = "capture the same names in both patterns";
            return Err((at("pattern"), Problem::Missing { what, hint }));
        }
        let columns = match &with.columns {
            Some(columns) => Some(columns.parse().map_err(|error| (at("columns"), Problem::Setting(error)))?),
            None => None,
        };
        let options = ReadOptions { columns, texts: texts.to_vec(), ..options.clone() };
        all.push(Companion { pattern, options, optional: with.optional.unwrap_or(false) });
    }
    Ok(all)
}

fn label<'a>(
    merged: Merged<'a>,
    pattern: &Pattern,
    mut roles: Roles,
    options: &mut ReadOptions,
    words: &Words,
) -> Result<(Label, Roles), Fault<'a>> {
    let (from, path) = merged.get("label", |entry| entry.label.as_ref()).ok_or_else(|| {
        let hint = "`label = { column = \"label\" }`, `{ capture = \"activity\" }`, `{ always = \"walking\" }` or `{ table = … }`";
        (merged.at("label"), Problem::Missing { what: "where the labels are", hint })
    })?;
    let names: BTreeSet<&str> = pattern.names().collect();
    let at = |keys: &[&'a str]| -> Vec<Step<'a>> {
        path.iter().copied().chain(keys.iter().map(|&key| Step::Key(key))).collect()
    };
    let contradiction = |what: String, hint| Problem::Contradiction { what, hint };
    let mut of_rows = |text: &str| {
        options.texts.push(column(text));
        roles.label = Some(options.texts.len() - 1);
    };
    let label = match from {
        LabelFrom::Capture(name) if !names.contains(name.as_str()) => {
            let what = format!("the pattern `{}` captures no `{name}`", pattern.text());
            return Err((at(&["capture"]), contradiction(what, "write `{activity}` into the pattern")));
        }
        LabelFrom::Capture(name) => Label::Capture(name.clone()),
        LabelFrom::Always(word) if words.meaning(word).is_none() => {
            let what = format!("the label `{word}` is not in `labels.map`");
            return Err((at(&["always"]), contradiction(what, "explain it there, as the words of files")));
        }
        LabelFrom::Always(word) => Label::Always(word.clone()),
        LabelFrom::Column(column) => {
            of_rows(column);
            Label::Column
        }
        LabelFrom::Dictionary { column, file, text, label } => {
            of_rows(column);
            Label::Dictionary { file: file.clone(), text: text.clone(), label: label.clone() }
        }
        LabelFrom::Table(table) => {
            let known = |name: &str| {
                names.contains(name)
                    || DIVIDING
                        .iter()
                        .zip(roles.dividing())
                        .any(|(role, column)| *role == name && column.is_some())
            };
            if let Some(name) = table.of.keys().find(|name| !known(name)) {
                let what = format!("the pattern `{}` captures no `{name}`", pattern.text());
                return Err((
                    at(&["table", "of", name]),
                    contradiction(what, "`of` maps names of captures to columns"),
                ));
            }
            let inserted = super::tables::placeholders(&table.file);
            if let Some(name) = inserted.iter().find(|name| !known(name)) {
                let what = format!(
                    "`{}` speaks of `{{{name}}}`, which the pattern `{}` does not capture",
                    table.file,
                    pattern.text()
                );
                return Err((at(&["table", "file"]), contradiction(what, "only captures may stand in it")));
            }
            if table.first_row > 1 {
                let found = table.first_row.to_string();
                return Err((at(&["table", "first-row"]), Problem::Number { found, expected: "0 or 1" }));
            }
            if table.unit == LabelUnit::Times && options.time.is_none() {
                let hint = "say with `time` how they are written";
                return Err((
                    at(&["table", "unit"]),
                    Problem::Missing { what: "how times are written", hint },
                ));
            }
            Label::Table(table.clone())
        }
    };
    Ok((label, roles))
}

/// Factors of accelerometer and gyroscope, as far as they are stated.
fn scale(merged: Merged<'_>) -> Result<Vec<(Sensor, f64)>, Fault<'_>> {
    let of = |key: &'static str, get: fn(&FilesEntry) -> Option<&Number>| {
        let Some((number, mut path)) = merged.get("scale", get) else {
            return Ok(None);
        };
        let value = match number {
            Number::Value(value) => Some(*value),
            Number::Quotient(text) => quotient(text),
        };
        value.filter(|value| value.is_finite() && *value != 0.0).map(Some).ok_or_else(|| {
            path.push(key.into());
            let found = match number {
                Number::Value(value) => value.to_string(),
                Number::Quotient(text) => text.chars().take(80).collect(),
            };
            (
                path,
                Problem::Number {
                    found,
                    expected: "a factor other than 0, as a number or a quotient: \"32/8192\"",
                },
            )
        })
    };
    let factors = [
        (Sensor::Accelerometer, of("acc", |entry| entry.scale.acc.as_ref())?),
        (Sensor::Gyroscope, of("gyro", |entry| entry.scale.gyro.as_ref())?),
    ];
    Ok(factors.into_iter().filter_map(|(sensor, factor)| Some((sensor, factor?))).collect())
}

/// Three columns that are added to those of the accelerometer.
fn added(merged: Merged<'_>) -> Result<Vec<ColumnRef>, Fault<'_>> {
    let Some((text, path)) = merged.get("add-columns", |entry| entry.add_columns.as_deref()) else {
        return Ok(Vec::new());
    };
    match text.parse() {
        Ok(Columns { time: None, kind: None, device: None, sensors }) => match sensors.as_slice() {
            [(Sensor::Accelerometer, three)] => Ok(three.to_vec()),
            _ => Err((path, Problem::Number { found: text.to_owned(), expected: "three columns: x,y,z" })),
        },
        Ok(_) => Err((path, Problem::Number { found: text.to_owned(), expected: "three columns: x,y,z" })),
        Err(error) => Err((path, Problem::Setting(error))),
    }
}

fn quotient(text: &str) -> Option<f64> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    match text.split_once('/') {
        Some((above, below)) => Some(number(above)? / number(below)?),
        None => number(text),
    }
}

/// What is renamed: words of placements, devices, conditions and groups.
fn rename(merged: Merged<'_>) -> Result<BTreeMap<String, BTreeMap<String, String>>, Fault<'_>> {
    const KINDS: [&str; 4] = ["placement", "device", "condition", "group"];
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (entry, path) in
        [(merged.defaults, vec!["defaults".into(), "rename".into()]), (merged.own, merged.at("rename"))]
    {
        for (kind, words) in &entry.rename {
            if !KINDS.contains(&kind.as_str()) {
                let mut path: Vec<Step<'_>> = path;
                path.push(kind.as_str().into());
                let nearest = super::nearest::nearest(kind, KINDS).map(str::to_owned);
                return Err((
                    path,
                    Problem::Unknown { what: "key", found: kind.clone(), nearest, known: KINDS.join(", ") },
                ));
            }
            all.entry(kind.clone()).or_default().extend(words.clone());
        }
    }
    Ok(all)
}

fn trim(merged: Merged<'_>) -> Result<[f64; 2], Fault<'_>> {
    let Some((trim, path)) = merged.get("trim", |entry| entry.trim) else { return Ok([0.0; 2]) };
    if trim.iter().all(|seconds| (0.0..=86_400.0).contains(seconds)) {
        return Ok(trim);
    }
    Err((
        path,
        Problem::Number {
            found: format!("{trim:?}"),
            expected: "two lengths of time in seconds, at most a day",
        },
    ))
}

fn up(merged: Merged<'_>) -> Result<Option<[f32; 3]>, Fault<'_>> {
    let Some((up, path)) = merged.get("up", |entry| entry.up.as_deref()) else { return Ok(None) };
    let axis = up.trim().trim_start_matches(['-', '+']);
    if let Some(index) = ["x", "y", "z"].iter().position(|known| *known == axis)
        && up.trim().len() - axis.len() <= 1
    {
        let mut direction = [0.0; 3];
        direction[index] = if up.trim().starts_with('-') { -1.0 } else { 1.0 };
        return Ok(Some(direction));
    }
    Err((path, Problem::Number { found: up.to_owned(), expected: "an axis with its sign: x, -y, …" }))
}
