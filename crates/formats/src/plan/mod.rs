//! From some rows of a table to what its columns are: the same for text and for Parquet.

mod clock;
mod facts;
mod named;
mod of_dialect;
mod scaled;
mod sensors;

use crate::combine::{Counted, Mapped, Output, Unwrapped};
use crate::dialects::Dialect;
use crate::error::{Fault, Need};
use crate::number::Point;
use crate::options::{Format, ReadOptions};
use crate::reader::{Found, Reader};
use crate::time::TimeReader;
use ambulo_signal::{Finding, Header, SensorInfo, Start};

pub(crate) use facts::Facts;
pub(crate) use scaled::factor;

/// A row that is looked at before reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct SampleRow {
    /// Line of the file from 1, or row from 1 where there are no lines; 0 where nobody counted.
    pub(crate) line: u64,
    /// What stands in its columns, without quotes and the blanks around.
    pub(crate) cells: Vec<Vec<u8>>,
}

impl SampleRow {
    fn cell(&self, column: usize) -> &[u8] {
        self.cells.get(column).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What is looked at before reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// The header, if there is one.
    pub(crate) names: Option<Vec<String>>,
    /// Rows in the order of the file; the first `head` follow one another from its beginning.
    pub(crate) rows: Vec<SampleRow>,
    pub(crate) head: usize,
    /// Columns of a row.
    pub(crate) columns: usize,
    /// Lines before the first row.
    pub(crate) before: u64,
    /// Whether two neighbouring cells can be read together.
    pub(crate) text: bool,
    /// The file's name, in which a sensor may be told.
    pub(crate) file_name: String,
    /// The first row as it stands, where there is no header, and the lines before the header.
    pub(crate) first_row: Vec<u8>,
    pub(crate) preamble: Vec<String>,
    /// What the format states.
    pub(crate) facts: Facts,
}

impl Sample {
    /// A column for messages: its name in quotes, else its number.
    pub(crate) fn name(&self, column: usize) -> String {
        match self.names.as_ref().and_then(|names| names.get(column)).filter(|name| !name.is_empty()) {
            Some(name) => crate::error::quoted(without_address(name).as_bytes()),
            None => (column + 1).to_string(),
        }
    }

    /// All columns, for messages.
    fn list(&self) -> String {
        const MOST: usize = 40;
        let shown: Vec<String> = (0..self.columns.min(MOST)).map(|column| self.name(column)).collect();
        format!("{}{}", shown.join(", "), if self.columns > MOST { ", …" } else { "" })
    }
}

/// A column's name without the address of the device that Shimmer writes into it: `Shimmer_AB12_Accel_LN_X_CAL`.
fn without_address(name: &str) -> std::borrow::Cow<'_, str> {
    let plain = name.split_once("Shimmer_").filter(|(before, _)| before.is_empty());
    match plain.and_then(|(_, rest)| rest.split_once('_')) {
        Some((address, rest)) if address.len() == 4 && address.bytes().all(|c| c.is_ascii_hexdigit()) => {
            format!("Shimmer_…_{rest}").into()
        }
        _ => name.into(),
    }
}

/// Where the times come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TimePlan {
    Column {
        column: usize,
        /// The date stands in this column and the time of day in the next.
        joined: bool,
        reader: TimeReader,
        /// What the recording's zero is in the column's own count.
        origin_ns: i64,
        /// They are times of day without a date.
        of_day: bool,
    },
    Rate(f64),
}

/// A sensor and its columns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SensorPlan {
    pub(crate) info: SensorInfo,
    pub(crate) columns: [usize; 3],
    /// Columns to be added to them.
    pub(crate) plus: Option<[usize; 3]>,
    /// Whether the signs are to be reversed.
    pub(crate) negate: bool,
    /// What they are multiplied by.
    pub(crate) scale: f64,
}

impl SensorPlan {
    pub(crate) fn new(info: SensorInfo, columns: [usize; 3]) -> Self {
        Self { info, columns, plus: None, negate: false, scale: 1.0 }
    }
}

/// What is to be read from a table.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) time: TimePlan,
    pub(crate) sensors: Vec<SensorPlan>,
    pub(crate) start: Start,
    pub(crate) conversions: Vec<String>,
    pub(crate) findings: Vec<Finding>,
    /// Name of the dialect, and why it is that.
    pub(crate) dialect: Option<(String, String)>,
    /// Times are a counter that begins anew after so many nanoseconds.
    pub(crate) wraps_ns: Option<i64>,
    /// Columns whose texts are handed on, in the order in which they were asked for.
    pub(crate) texts: Vec<usize>,
}

impl Plan {
    /// Columns of each series that is to be read: those of the sensors, each followed by what is added to it.
    pub(crate) fn parts(&self) -> Vec<[usize; 3]> {
        self.sensors.iter().flat_map(|sensor| std::iter::once(sensor.columns).chain(sensor.plus)).collect()
    }

    /// What the column of times says at the recording's zero, in nanoseconds.
    pub(crate) fn origin_ns(&self) -> i64 {
        match self.time {
            TimePlan::Column { origin_ns, .. } => origin_ns,
            TimePlan::Rate(_) => 0,
        }
    }

    /// How the series that are read become that of each sensor.
    pub(crate) fn each_output(&self) -> impl Iterator<Item = Output> {
        let mut part = 0;
        self.sensors.iter().map(move |sensor| {
            let factor = if sensor.negate { -sensor.scale } else { sensor.scale };
            let plus = sensor.plus.map(|_| (part + 1, factor));
            let output = Output { part, factor, plus };
            part += 1 + usize::from(plus.is_some());
            output
        })
    }

    /// The same; none if they are them already.
    fn outputs(&self) -> Option<Vec<Output>> {
        let outputs: Vec<Output> = self.each_output().collect();
        outputs.iter().any(|output| output.factor != 1.0 || output.plus.is_some()).then_some(outputs)
    }

    /// The recording that it makes of a table.
    pub(crate) fn found(self, format: Format, because: String, reader: Box<dyn Reader>) -> Found {
        let outputs = self.outputs();
        let reader = match self.wraps_ns {
            Some(wraps_ns) => Box::new(Unwrapped::new(reader, wraps_ns)),
            None => reader,
        };
        let reader = match outputs {
            Some(outputs) => Box::new(Mapped::new(reader, outputs)),
            None => reader,
        };
        let reader: Box<dyn Reader> = match self.time {
            TimePlan::Column { origin_ns, .. } => Box::new(Counted::new(reader, origin_ns)),
            TimePlan::Rate(_) => reader,
        };
        let (dialect, because) = match self.dialect {
            Some((name, why)) => (Some(name), format!("{why}; {because}")),
            None => (None, because),
        };
        let header = Header {
            start: self.start,
            sensors: self.sensors.into_iter().map(|sensor| sensor.info).collect(),
            conversions: self.conversions,
            findings: self.findings,
            ..Header::default()
        };
        Found { format, dialect, because, header, reader }
    }
}

/// Decides what the columns are.
///
/// # Errors
/// What has to be said first.
pub(crate) fn decide(sample: &Sample, point: Point, options: &ReadOptions) -> Result<Plan, Fault> {
    if options.rate_hz.is_some_and(|rate| !(rate.is_finite() && rate > 0.0)) {
        return Err(Fault::needs(Need::Rate, "the rate must be a number above 0"));
    }
    let dialect = of_dialect::find(sample, options)?;
    if let Some(Dialect { not_a_recording: Some(what), hint, .. }) = dialect {
        return Err(Fault::NotARecording { what: what.clone(), hint: hint.clone().unwrap_or_default() });
    }
    let mut findings = Vec::new();
    let chosen = sensors::choose(sample, point, options, dialect, &mut findings)?;
    let (time, format) = of_dialect::time(sample, options, dialect);
    let options = &ReadOptions { time: options.time.or(format), ..options.clone() };
    let clock = clock::choose(sample, point, options, chosen.time.or(time).as_deref())?;
    let mut plan = Plan {
        time: clock.time,
        sensors: chosen.sensors,
        start: clock.start,
        conversions: clock.conversions,
        findings,
        dialect: None,
        wraps_ns: None,
        texts: options.texts.iter().map(|column| resolve(sample, column)).collect::<Result<_, _>>()?,
    };
    if let Some(dialect) = dialect {
        of_dialect::apply(sample, dialect, &mut plan)?;
    }
    scaled::apply(sample, options, &mut plan)?;
    for sensor in &mut plan.sensors {
        sensor.info.rate_hz = options.rate_hz.or(sample.facts.rate_hz);
        if let Some(unit) = sample.facts.units.of(sensor.info.sensor) {
            sensor.info.unit = Some(unit);
            sensor.info.unit_because.clone_from(&sample.facts.unit_because);
        }
        if let Some(unit) = options.units.of(sensor.info.sensor) {
            sensor.info.unit = Some(unit);
            sensor.info.unit_because = "declared".to_owned();
        }
    }
    Ok(plan)
}

/// The dialect of a table.
///
/// # Errors
/// One that was asked for and is not known.
pub(crate) fn dialect<'a>(sample: &Sample, options: &'a ReadOptions) -> Result<Option<&'a Dialect>, Fault> {
    of_dialect::find(sample, options)
}

/// The place of a declared column.
pub(crate) fn resolve(sample: &Sample, column: &crate::columns::ColumnRef) -> Result<usize, Fault> {
    use crate::columns::ColumnRef;
    let none = || {
        let text = format!("there is no column {column}; the columns are {}", sample.list());
        Fault::needs(Need::Columns, text)
    };
    match column {
        ColumnRef::Number(number) => {
            number.checked_sub(1).filter(|&index| index < sample.columns).ok_or_else(none)
        }
        ColumnRef::Name(wanted) => {
            let names = sample.names.as_deref().unwrap_or_default();
            let plain = |name: &str| name.trim().to_lowercase();
            let bare = |name: &str| plain(name.split(['(', '[']).next().unwrap_or_default());
            let matches = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
                (0..names.len()).filter(|&i| same(&names[i])).collect()
            };
            let exact = matches(&|name| plain(name) == plain(wanted));
            let found = if exact.is_empty() { matches(&|name| bare(name) == bare(wanted)) } else { exact };
            match found.as_slice() {
                [] => Err(none()),
                [one] => Ok(*one),
                several => Err(Fault::needs(Need::Columns, twice(wanted, several))),
            }
        }
    }
}

fn twice(name: &str, columns: &[usize]) -> String {
    let numbers: Vec<String> = columns.iter().map(|c| (c + 1).to_string()).collect();
    let times = if columns.len() == 2 { "twice".to_owned() } else { format!("{} times", columns.len()) };
    format!(
        "column {} stands {times}: columns {}\nhint: state the columns by number",
        crate::error::quoted(name.as_bytes()),
        numbers.join(" and ")
    )
}
