//! The lines before the rows of an ActiGraph export, in all their wordings.

use crate::error::{Fault, Need, quoted};
use crate::number::Point;
use crate::time::{DateOrder, TimeFormat, TimeReader};

/// Lines in which it ends.
const LONGEST: usize = 30;

/// What it says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Preamble {
    /// How many lines it has.
    pub(super) lines: usize,
    pub(super) device: String,
    pub(super) rate_hz: Option<f64>,
    /// Of counts; 0 for raw data.
    pub(super) epoch_s: Option<u64>,
    pub(super) serial: Option<String>,
    /// How dates are written, e.g. `M/d/yyyy`.
    date_format: Option<String>,
    start_time: Option<String>,
    /// With its line, from 1.
    pub(super) start_date: Option<(usize, String)>,
}

/// Whether it is the first line of such a file: `------ Data File Created By ActiGraph …`, also `Data Table File`.
pub(super) fn is_first(line: &str) -> bool {
    let line = line.to_lowercase();
    line.contains("created by") && line.contains("actigraph")
}

/// A line without what spreadsheets put around it and at its end.
fn plain(line: &str) -> &str {
    line.trim_matches([',', ';', '\t', ' ', '"', '\u{feff}'])
}

fn is_rule(line: &str) -> bool {
    line.len() >= 3 && line.bytes().all(|c| c == b'-')
}

/// What stands behind a key, whatever its letters' case; a colon may stand between.
fn behind<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let value = line
        .get(key.len()..)
        .filter(|_| line.get(..key.len()).is_some_and(|k| k.eq_ignore_ascii_case(key)))?;
    let value = value.trim_start_matches([':', ' ', ',', ';', '\t', '"']).trim();
    (!value.is_empty()).then_some(value)
}

/// `00:00:15`.
fn seconds(text: &str) -> Option<u64> {
    let parts: Option<Vec<u64>> = text.split(':').map(|part| part.trim().parse().ok()).collect();
    match parts?.as_slice() {
        &[h, m, s] if h < 1000 && m < 60 && s < 60 => Some(h * 3600 + m * 60 + s),
        _ => None,
    }
}

impl Preamble {
    pub(super) fn read(lines: &[String]) -> Self {
        let mut all = Self { device: "ActiGraph".to_owned(), ..Self::default() };
        let Some(first) = lines.first().filter(|line| is_first(line)) else { return all };
        all.first(plain(first));
        all.lines = 1;
        for (line, number) in lines.iter().take(LONGEST).zip(1..).skip(1) {
            let line = plain(line);
            if is_rule(line) {
                all.lines = number;
                break;
            }
            // Without a rule the last line that is understood ends it.
            if all.line(line, number) {
                all.lines = number;
            }
        }
        all
    }

    /// The first line: device, date format and rate.
    fn first(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let place = |word: &str| words.iter().position(|other| other.eq_ignore_ascii_case(word));
        if let Some(at) = place("actigraph") {
            const OTHERS: [&str; 6] = ["actilife", "centrepoint", "firmware", "date", "at", "filter"];
            let is_model = |word: &&&str| {
                !OTHERS.contains(&word.to_lowercase().as_str())
                    && word.len() <= 16
                    && word.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'+' || c == b'-')
                    && !is_rule(word)
            };
            let model: Vec<&str> = words[at + 1..].iter().take(2).take_while(is_model).copied().collect();
            self.device = ["ActiGraph"].into_iter().chain(model).collect::<Vec<_>>().join(" ");
        }
        if let Some(at) = place("format") {
            let ends = |word: &&&str| {
                !(word.eq_ignore_ascii_case("at") || word.eq_ignore_ascii_case("filter") || is_rule(word))
            };
            let format: Vec<&str> = words[at + 1..].iter().take(3).take_while(ends).copied().collect();
            self.date_format = (!format.is_empty()).then(|| format.join(" "));
        }
        let hz =
            words.windows(3).find(|w| w[0].eq_ignore_ascii_case("at") && w[2].eq_ignore_ascii_case("hz"));
        let rate = hz.and_then(|w| w[1].replace(',', ".").parse::<f64>().ok());
        self.rate_hz = rate.filter(|rate| rate.is_finite() && *rate > 0.0 && *rate <= 10_000.0);
    }

    /// One of the others; whether it is known.
    fn line(&mut self, line: &str, number: usize) -> bool {
        const OTHERS: [&str; 5] =
            ["Download Time", "Download Date", "Current Memory", "Current Battery", "Serial Number"];
        if let Some(serial) = behind(line, "Serial Number") {
            self.serial = Some(serial.to_owned());
        } else if let Some(time) = behind(line, "Start Time") {
            self.start_time = Some(time.to_owned());
        } else if let Some(date) = behind(line, "Start Date") {
            self.start_date = Some((number, date.to_owned()));
        } else if let Some(epoch) =
            ["Epoch Period (hh:mm:ss)", "Cycle Period (hh:mm:ss)", "Epoch Period", "Cycle Period"]
                .iter()
                .find_map(|key| behind(line, key))
        {
            self.epoch_s = seconds(epoch);
        } else {
            return OTHERS
                .iter()
                .any(|key| line.get(..key.len()).is_some_and(|k| k.eq_ignore_ascii_case(key)));
        }
        true
    }

    /// In which order dates are written: as stated, else as the Start Date proves.
    ///
    /// # Errors
    /// Neither.
    pub(super) fn order(&self) -> Result<Option<DateOrder>, Fault> {
        if let Some(format) = &self.date_format {
            let place = |letter: char| format.to_lowercase().find(letter);
            return Ok(match (place('y'), place('m'), place('d')) {
                (Some(y), Some(m), Some(d)) if y < m && y < d => Some(DateOrder::YearMonthDay),
                (_, Some(m), Some(d)) if d < m => Some(DateOrder::DayMonthYear),
                (_, Some(_), Some(_)) => Some(DateOrder::MonthDayYear),
                _ => None,
            });
        }
        let Some((line, date)) = &self.start_date else { return Ok(None) };
        let orders = [DateOrder::DayMonthYear, DateOrder::MonthDayYear];
        let read = orders.map(|order| read(order, date, "00:00:00"));
        match read {
            [Some(a), Some(b)] if a != b => Err(Fault::needs(
                Need::TimeFormat,
                format!(
                    "the header does not state the order of day and month, and the Start Date {} in line {line} can be read both \
                     ways\nhint: say dd/mm/yyyy or mm/dd/yyyy",
                    quoted(date.as_bytes())
                ),
            )),
            [Some(_), _] => Ok(Some(DateOrder::DayMonthYear)),
            [None, Some(_)] => Ok(Some(DateOrder::MonthDayYear)),
            [None, None] => Ok(None),
        }
    }

    /// When it began, in nanoseconds since 1970 of the local clock.
    ///
    /// # Errors
    /// A date that cannot be of the order, or is not written as the header says dates are.
    pub(super) fn start_ns(&self, order: DateOrder, declared: bool) -> Result<Option<i64>, Fault> {
        let Some((line, date)) = &self.start_date else { return Ok(None) };
        let time = self.start_time.as_deref().unwrap_or("00:00:00");
        let year_first = date.bytes().take_while(u8::is_ascii_digit).count() == 4;
        let signs = |text: &str| text.chars().find(|c| matches!(c, '/' | '-' | '.'));
        let alike = match &self.date_format {
            Some(format) if !declared && !year_first => signs(format) == signs(date),
            _ => true,
        };
        match read(order, date, time).filter(|_| alike) {
            Some(ns) => Ok(Some(ns)),
            None => {
                let stated = match &self.date_format {
                    Some(format) => format!("line 1 states the date format {}", quoted(format.as_bytes())),
                    None => "another order of day and month is stated".to_owned(),
                };
                Err(Fault::damaged(
                    format!("line {line}"),
                    format!(
                        "the Start Date is {} (at {}), and {stated}",
                        quoted(date.as_bytes()),
                        quoted(time.as_bytes())
                    ),
                    "one way of writing dates: state how the times are written, or export again",
                ))
            }
        }
    }
}

fn read(order: DateOrder, date: &str, time: &str) -> Option<i64> {
    // `5. 3. 2024` and `2024. 03. 05.` of some countries.
    let date: String = date.split_whitespace().collect();
    let text = format!("{} {time}", date.trim_end_matches('.'));
    let stamp = TimeReader::new(TimeFormat::Text(order), Point::DOT).read(text.as_bytes()).ok()?;
    Some(stamp.ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(first: &str, date: &str) -> Preamble {
        let text = format!(
            "{first}\n\"Serial Number: X1\",,\nStart Time 10:00:00\nStart Date {date}\nEpoch Period (hh:mm:ss) 00:00:00\nCurrent \
             Battery Voltage: 4.10     Mode = 12\n---------,,\n0.1,0.2,0.3"
        );
        Preamble::read(&text.lines().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn wordings() {
        let all = of(
            "------------ Data Table File Created By ActiGraph  GT3X+ ActiLife v6.13.3 Firmware v2.5.0 date format yyyy-MM-dd at 80 Hz  Filter Normal -----------",
            "2018-04-03",
        );
        assert_eq!((all.lines, all.device.as_str(), all.rate_hz), (7, "ActiGraph GT3X+", Some(80.0)));
        assert_eq!((all.order().unwrap(), all.epoch_s), (Some(DateOrder::YearMonthDay), Some(0)));
        let leap =
            of("--- Data File Created By ActiGraph LEAP date format d. M. yyyy at 32 Hz ---", "3. 4. 2018");
        assert_eq!((leap.device.as_str(), leap.rate_hz), ("ActiGraph LEAP", Some(32.0)));
        let april_3 = Some(1_522_749_600_000_000_000);
        assert_eq!(leap.start_ns(leap.order().unwrap().unwrap(), false).unwrap(), april_3);
        for (format, date) in [
            ("M/d/yyyy", "4/3/2018"),
            ("dd/MM/yyyy", "03/04/2018"),
            ("d-M-yyyy", "3-4-2018"),
            ("dd.MM.yyyy", "03.04.2018"),
            ("M/d/yy", "4/3/18"),
            ("yyyy-MM-dd", "2018-04-03"),
            ("M/d/yyyy", "2018-04-03"),
        ] {
            let all =
                of(&format!("--- Data File Created By ActiGraph X date format {format} at 30 Hz ---"), date);
            assert_eq!(
                all.start_ns(all.order().unwrap().unwrap(), false).unwrap(),
                april_3,
                "{format} {date}"
            );
        }
    }

    #[test]
    fn contradictions_and_doubt() {
        for (format, date) in
            [("M/d/yyyy", "26/03/2024"), ("dd.MM.yyyy", "03/04/2024"), ("yyyy-MM-dd", "03-04-2024")]
        {
            let all =
                of(&format!("--- Data File Created By ActiGraph X date format {format} at 30 Hz ---"), date);
            let error = format!("{:?}", all.start_ns(all.order().unwrap().unwrap(), false).unwrap_err());
            assert!(error.contains(format) && error.contains(date) && error.contains("line 4"), "{error}");
        }
        let doubtful = of("--- Data File Created By ActiGraph X at 30 Hz ---", "3/4/2024");
        assert!(matches!(doubtful.order(), Err(Fault::Needs { need: Need::TimeFormat, .. })));
        let proved = of("--- Data File Created By ActiGraph X at 30 Hz ---", "3/14/2024");
        assert_eq!(proved.order().unwrap(), Some(DateOrder::MonthDayYear));
    }
}
