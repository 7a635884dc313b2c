//! What a column of times means: by its values and its steps, as neither alone tells.

use super::{DateOrder, KNOWN, NoTime, TimeFormat, TimeReader, TimeUnit};
use crate::error::{Fault, Need, quoted};
use crate::number::{self, Point};

/// Some cells of a column that is thought to hold times.
pub(crate) struct Column<'a> {
    /// Its name, or its number, for messages.
    pub(crate) name: String,
    /// The unit that its name states.
    pub(crate) unit: Option<TimeUnit>,
    /// Line of the file and cell, in the order of the file.
    pub(crate) cells: Vec<(u64, &'a [u8])>,
    /// So many of the first cells follow one another.
    pub(crate) head: usize,
    /// Lines before the first row, for the numbers of rows in messages.
    pub(crate) before: u64,
}

impl Column<'_> {
    /// A line for messages.
    fn place(&self, line: u64) -> String {
        match line {
            0 => "a line further on".to_owned(),
            _ => format!("line {line} (row {})", line.saturating_sub(self.before)),
        }
    }
}

/// What it means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Meaning {
    pub(crate) format: TimeFormat,
    pub(crate) tick_ns: Option<u64>,
}

/// Of the cells that hold something, the part that has to be readable.
const READABLE: f64 = 0.5;

/// Finds out what a column of times means.
///
/// # Errors
/// [`Need::TimeFormat`] or [`Need::Rate`] where it cannot be known, and a place where dates contradict each other.
pub(crate) fn meaning(column: &Column<'_>, point: Point) -> Result<Meaning, Fault> {
    let said: Vec<_> = column.cells.iter().filter(|(_, cell)| !number::is_missing(cell)).collect();
    let Some(&&(line, first)) = said.first() else {
        return Err(Fault::needs(
            Need::TimeFormat,
            format!("column {} has no times in its first {} rows", column.name, column.cells.len()),
        ));
    };
    let numbers = said.iter().filter(|(_, cell)| number::whole(cell, point).is_some()).count();
    if numbers as f64 > READABLE * said.len() as f64 {
        return of_numbers(column, point);
    }
    let mut orders = Vec::new();
    for order in [DateOrder::YearMonthDay, DateOrder::DayMonthYear, DateOrder::MonthDayYear] {
        let reader = TimeReader::new(TimeFormat::Text(order), point);
        let read = |cell: &[u8]| reader.read(cell);
        let good = said.iter().filter(|(_, cell)| read(cell).is_ok()).count();
        let wrong = said.iter().find(|(_, cell)| read(cell) == Err(NoTime::Order)).copied();
        orders.push((order, good, wrong));
    }
    let readable = |good: usize| good as f64 > READABLE * said.len() as f64;
    if readable(orders[0].1) {
        return Ok(Meaning { format: TimeFormat::Text(DateOrder::YearMonthDay), tick_ns: None });
    }
    match (&orders[1], &orders[2]) {
        ((_, day_first, None), (_, month_first, None)) if readable(*day_first) && readable(*month_first) => {
            Err(Fault::needs(
                Need::TimeFormat,
                format!(
                    "the dates of column {} may have the day or the month first: {} in {}, and no number above \
                     12 decides\nhint: say dd/mm/yyyy or mm/dd/yyyy",
                    column.name,
                    quoted(first),
                    column.place(line)
                ),
            ))
        }
        ((order, good, None), _) | (_, (order, good, None)) if readable(*good) => {
            Ok(Meaning { format: TimeFormat::Text(*order), tick_ns: None })
        }
        ((_, day_first, Some(a)), (_, month_first, Some(b))) if day_first + month_first > 0 => {
            // The later of the two is the one that breaks the order of the first.
            let (line, cell) = if a.0 > b.0 { a } else { b };
            Err(Fault::damaged(
                column.place(*line),
                format!("{} in column {}", quoted(cell), column.name),
                "one order of day and month for all dates",
            ))
        }
        _ => Err(Fault::needs(
            Need::TimeFormat,
            format!(
                "the times of column {} are not understood: {} in {}\nhint: {KNOWN}",
                column.name,
                quoted(first),
                column.place(line)
            ),
        )),
    }
}

/// First value and typical steps of the rows that follow one another.
struct Steps {
    first: f64,
    /// Mean over rows of the steps forward that are not gaps.
    mean: f64,
    /// Every step is exactly 1.
    counts: bool,
}

fn steps(column: &Column<'_>, point: Point) -> Option<Steps> {
    let values: Vec<f64> = column.cells[..column.head.min(column.cells.len())]
        .iter()
        .filter_map(|(_, cell)| number::whole(cell, point).map(number::Decimal::to_f64))
        .collect();
    let first = *values.first()?;
    let all: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mut forward: Vec<f64> = all.iter().copied().filter(|&step| step > 0.0).collect();
    forward.sort_by(f64::total_cmp);
    let median = forward.get(forward.len() / 2).copied().unwrap_or(0.0);
    let ordinary = |step: &&f64| **step >= 0.0 && **step <= 20.0 * median;
    let (sum, n) = all.iter().filter(ordinary).fold((0.0, 0), |(sum, n), step| (sum + step, n + 1));
    Some(Steps {
        first,
        mean: if n > 0 { sum / f64::from(n) } else { 0.0 },
        counts: !all.is_empty() && all.iter().all(|&step| step == 1.0),
    })
}

fn of_numbers(column: &Column<'_>, point: Point) -> Result<Meaning, Fault> {
    use TimeFormat::{Epoch, MatlabDays, Relative, SpreadsheetDays, Ticks};
    let plain = |format| Ok(Meaning { format, tick_ns: None });
    let Some(Steps { first, mean, counts }) = steps(column, point) else {
        return Err(Fault::needs(Need::TimeFormat, format!("column {} has no times", column.name)));
    };
    // Years 2000 to 2100, in each unit, with at most 10 kHz and at least a sample in a quarter of an hour.
    let seconds = |unit: TimeUnit| 10f64.powi(unit.power() - 9);
    let epoch = TimeUnit::ALL.into_iter().find(|&unit| {
        let (value, step) = (first * seconds(unit), mean * seconds(unit));
        (9.46e8..4.1025e9).contains(&value) && (step == 0.0 || (1e-4..900.0).contains(&step))
    });
    // ns since boot with steps of some ms may have a value like epoch seconds, ms or µs: the steps decide.
    if let Some(unit) = epoch
        && column.unit.is_none_or(|stated| stated == unit)
    {
        return plain(Epoch(unit));
    }
    if let Some(unit) = column.unit {
        return plain(Relative(unit));
    }
    if column.name.to_lowercase().contains("sampletimefine") {
        // Xsens DOT at 1 to 120 Hz: the app writes µs, the program for computers ticks of 0.1 ms.
        let tick_ns = if mean < 8_000.0 { 100_000 } else { 1_000 };
        return Ok(Meaning { format: Relative(TimeUnit::Microseconds), tick_ns: Some(tick_ns) });
    }
    let day_step = mean < 1e-2 && mean > 0.0;
    match first {
        36_526.0..73_051.0 if day_step && mean < 1e-3 => return plain(SpreadsheetDays),
        730_486.0..767_011.0 if day_step && mean < 1e-3 => return plain(MatlabDays),
        6.308e17..6.624e17 if (1e3..1e10).contains(&mean) => return plain(Ticks),
        _ => {}
    }
    if counts {
        return Err(Fault::needs(
            Need::Rate,
            format!(
                "column {} counts in steps of 1 from {first}: a number of the sample, not a time\nhint: state the rate",
                column.name
            ),
        ));
    }
    // Between 1 Hz and 1 kHz, more or less: a step says in which unit.
    match mean {
        5e-5..0.5 => plain(Relative(TimeUnit::Seconds)),
        2.0..1e3 => plain(Relative(TimeUnit::Milliseconds)),
        1e3..5e5 => plain(Relative(TimeUnit::Microseconds)),
        5e5..1e10 => plain(Relative(TimeUnit::Nanoseconds)),
        _ => Err(Fault::needs(
            Need::TimeFormat,
            format!(
                "the unit of the times in column {} is not stated: they begin with {first} and advance by {mean:.6} a row, \
                 which fits none\nhint: {KNOWN}",
                column.name
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(cells: &[&str], name: &str, unit: Option<TimeUnit>) -> Result<String, Fault> {
        let column = Column {
            name: name.to_owned(),
            unit,
            cells: cells.iter().zip(2..).map(|(cell, line)| (line, cell.as_bytes())).collect(),
            head: cells.len(),
            before: 1,
        };
        meaning(&column, Point::DOT).map(|m| m.format.to_string())
    }

    fn series(first: f64, step: f64) -> Vec<String> {
        (0..50).map(|i| format!("{}", first + step * f64::from(i))).collect()
    }

    #[test]
    fn by_value_and_step() {
        for (first, step, expected) in [
            (1709629200.0, 0.02, "s since 1970"),
            (1709629200.0, 1.0, "s since 1970"),
            (1709629200000.0, 20.0, "ms since 1970"),
            (1709629200000000.0, 2e4, "µs since 1970"),
            (1709629200000000000.0, 2e7, "ns since 1970"),
            (45356.5, 2f64.powi(-22), "days of a spreadsheet"),
            (739316.5, 2f64.powi(-22), "days of MATLAB"),
            (638452296000000000.0, 2e5, "ticks"),
            (45147364669817.0, 2e7, "ns from a start"),
            // As epoch ms this would be 2008: the step of 20 ms says ns since boot.
            (1.2e12, 2e7, "ns from a start"),
            (1.2e9, 2e7, "ns from a start"),
            (0.0, 0.02, "s from a start"),
            (45356.5, 0.02, "s from a start"),
            (-5.0, 20.0, "ms from a start"),
            (17.0, 2e4, "µs from a start"),
        ] {
            let cells = series(first, step);
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            let found = guess(&cells, "time", None).unwrap();
            assert!(found.starts_with(expected), "{first} by {step}: {found}");
        }
        let stated = guess(&["0", "1", "2"], "time (s)", Some(TimeUnit::Seconds)).unwrap();
        assert!(stated.starts_with("s from"), "{stated}");
    }

    #[test]
    fn what_cannot_be_known_is_asked() {
        let needs = |cells: &[&str]| match guess(cells, "`time`", None) {
            Err(Fault::Needs { need, text }) => (need, text),
            other => panic!("{other:?}"),
        };
        assert_eq!(needs(&["1", "2", "3"]).0, Need::Rate);
        assert_eq!(needs(&["5", "5", "5"]).0, Need::TimeFormat);
        let (need, text) = needs(&["10h00'00\"", "10h00'02\""]);
        assert!(need == Need::TimeFormat && text.contains("10h00") && text.contains("row 1"), "{text}");
        let (need, text) = needs(&["03/04/2024 10:00:00", "03/04/2024 10:00:01"]);
        assert!(need == Need::TimeFormat && text.contains("dd/mm"), "{text}");
        assert!(matches!(
            guess(&["13/02/2024 10:00:00", "02/13/2024 10:00:01"], "t", None),
            Err(Fault::Damaged { place, .. }) if place == "line 3 (row 2)"
        ));
        let day = guess(&["03/04/2024 10:00:00", "13/04/2024 10:00:01"], "t", None).unwrap();
        assert!(day.contains("day before month"), "{day}");
    }
}
