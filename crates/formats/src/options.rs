//! What a user knows about a file and the file does not say.

use crate::columns::{ColumnRef, Columns};
use crate::dialects::Dialects;
use crate::error::OptionError;
use crate::time::TimeFormat;
use ambulo_signal::{Sensor, Unit};
use std::fmt;
use std::str::FromStr;

/// A format that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Rows of text: columns between commas, semicolons, tabs or blanks.
    Table,
    /// Apache Parquet.
    Parquet,
    /// One JSON object with numbers in each line.
    JsonLines,
    /// Axivity AX3 and AX6, `.cwa`.
    Cwa,
    /// Axivity, resampled by its software, `.wav`.
    AxivityWav,
    /// ActiGraph `.gt3x`, both layouts.
    Gt3x,
    /// ActiGraph, exported as text.
    ActiGraphCsv,
    /// GENEActiv `.bin`.
    GeneActivBin,
    /// GENEActiv, exported as text.
    GeneActivCsv,
    /// Parmay Matrix `.BIN`.
    Matrix,
    /// MATLAB `.mat` of versions 5 to 7: a matrix of numbers.
    Mat,
    /// Empatica EmbracePlus, `.avro`.
    EmbracePlus,
    /// Empatica E4, `ACC.csv`.
    EmpaticaE4,
    /// Movesense JSON.
    Movesense,
    /// Sensor Logger: a folder or archive of tables.
    SensorLogger,
    /// Sensor Logger's JSON export.
    SensorLoggerJson,
    /// What Sensor Logger sends while it records, a message in each line.
    SensorLoggerPush,
    /// phyphox: a folder or archive of tables.
    Phyphox,
    /// MbientLab MetaMotion: a table for each sensor.
    MetaMotion,
}

/// Each with its name on the command line and what it is called.
const NAMES: [(Format, &str, &str); 19] = [
    (Format::Table, "table", "table"),
    (Format::Parquet, "parquet", "Parquet"),
    (Format::JsonLines, "jsonl", "JSON Lines"),
    (Format::Cwa, "cwa", "Axivity .cwa"),
    (Format::AxivityWav, "axivity-wav", "Axivity .wav"),
    (Format::Gt3x, "gt3x", "ActiGraph .gt3x"),
    (Format::ActiGraphCsv, "actigraph-csv", "ActiGraph CSV"),
    (Format::GeneActivBin, "geneactiv-bin", "GENEActiv .bin"),
    (Format::GeneActivCsv, "geneactiv-csv", "GENEActiv CSV"),
    (Format::Matrix, "matrix", "Matrix .BIN"),
    (Format::Mat, "mat", "MATLAB .mat"),
    (Format::EmbracePlus, "embraceplus", "Empatica EmbracePlus .avro"),
    (Format::EmpaticaE4, "empatica-e4", "Empatica E4"),
    (Format::Movesense, "movesense", "Movesense JSON"),
    (Format::SensorLogger, "sensor-logger", "Sensor Logger"),
    (Format::SensorLoggerJson, "sensor-logger-json", "Sensor Logger JSON"),
    (Format::SensorLoggerPush, "sensor-logger-push", "Sensor Logger push messages"),
    (Format::Phyphox, "phyphox", "phyphox"),
    (Format::MetaMotion, "metamotion", "MetaMotion"),
];

impl Format {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|&(format, ..)| format)
    }

    fn entry(self) -> (&'static str, &'static str) {
        NAMES.iter().find(|entry| entry.0 == self).map_or(("", ""), |&(_, name, title)| (name, title))
    }

    /// Its name for programs and on the command line, e.g. `table`.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// What people call it, e.g. `Axivity .cwa`.
    pub fn title(self) -> &'static str {
        self.entry().1
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = OptionError;

    /// One of the names; also `csv` and `tsv` for `table`.
    fn from_str(text: &str) -> Result<Self, OptionError> {
        let wanted = text.trim().to_lowercase();
        if matches!(wanted.as_str(), "csv" | "tsv" | "text") {
            return Ok(Self::Table);
        }
        Self::all().find(|format| format.name() == wanted).ok_or_else(|| OptionError {
            what: "format",
            found: text.to_owned(),
            expected: format!(
                "one of {}",
                NAMES.iter().map(|&(_, name, _)| name).collect::<Vec<_>>().join(", ")
            ),
        })
    }
}

/// Units that were declared, at most one for each sensor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units(Vec<Unit>);

impl Units {
    /// The declared unit of a sensor.
    pub fn of(&self, sensor: Sensor) -> Option<Unit> {
        self.0.iter().copied().find(|unit| unit.sensor() == sensor)
    }

    /// The same with this unit, in place of an earlier one of its sensor.
    #[must_use]
    pub fn with(mut self, unit: Unit) -> Self {
        self.0.retain(|other| other.sensor() != unit.sensor());
        self.0.push(unit);
        self
    }
}

impl FromStr for Units {
    type Err = OptionError;

    /// A unit, or several with commas between, each alone (its sensor is clear) or behind `acc=`, `gyro=` or `mag=`:
    /// `m/s2`, `acc=m/s2,gyro=deg/s`.
    fn from_str(text: &str) -> Result<Self, OptionError> {
        let error = |found: &str| {
            OptionError {
            what: "unit of a sensor",
            found: found.to_owned(),
            expected: "units are g, mg, m/s2 (acceleration), rad/s, deg/s, mdeg/s (angular velocity), uT (magnetic field); \
                       several as acc=m/s2,gyro=deg/s"
                .to_owned(),
        }
        };
        let mut units = Self::default();
        for part in text.split(',') {
            let (sensor, unit) = match part.split_once('=') {
                None => (None, part),
                Some((name, unit)) => match crate::columns::sensor(name) {
                    Some(sensor) => (Some(sensor), unit),
                    None => return Err(error(part)),
                },
            };
            let unit: Unit = unit.parse().map_err(|_| error(part))?;
            let taken = units.of(unit.sensor()).is_some();
            if taken || sensor.is_some_and(|sensor| sensor != unit.sensor()) {
                return Err(error(part));
            }
            units.0.push(unit);
        }
        Ok(units)
    }
}

/// How a file is to be read, where its content does not decide; the default decides nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// The format, whatever the content looks like.
    pub format: Option<Format>,
    /// The dialect of a table by its name, whatever its columns look like.
    pub dialect: Option<String>,
    /// Dialects that are known besides the shipped ones.
    pub dialects: Dialects,
    /// The columns of a table.
    pub columns: Option<Columns>,
    /// Units; they win over what the file states.
    pub units: Units,
    /// Samples per second, in Hz, of files without times.
    pub rate_hz: Option<f64>,
    /// How times are written.
    pub time: Option<TimeFormat>,
    /// Which of several devices or placements, by the word that tells their columns or files apart.
    pub device: Option<String>,
    /// Columns of a table whose texts are handed on beside the samples ([`Opened::take_texts`](crate::Opened::take_texts)).
    pub texts: Vec<ColumnRef>,
    /// What the values of a sensor are multiplied by, sums with [`added`](Self::added) too, to be in the declared unit: of counts, or -1
    /// where signs are the other way round; of several factors of one sensor the last. Of tables, Parquet and MATLAB.
    pub scale: Vec<(Sensor, f64)>,
    /// Three columns whose values are added to acceleration x, y, z: gravity that is kept apart.
    pub added: Vec<ColumnRef>,
    /// The variable of a MATLAB file that holds the samples.
    pub variable: Option<String>,
    /// Whether serial numbers, names and annotations are put into the header.
    pub identity: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        let units: Units = "acc=m/s2, gyro=deg/s".parse().unwrap();
        assert_eq!(units.of(Sensor::Accelerometer), Some(Unit::MetresPerSecondSquared));
        assert_eq!(units.of(Sensor::Gyroscope), Some(Unit::DegreesPerSecond));
        assert_eq!(units.of(Sensor::Magnetometer), None);
        assert_eq!("G".parse::<Units>().unwrap(), Units::default().with(Unit::MilliG).with(Unit::G));
        for text in ["", "furlong", "acc=deg/s", "g,mg", "hand=g", "g,"] {
            assert!(text.parse::<Units>().unwrap_err().to_string().contains("acc=m/s2"), "{text}");
        }
        assert_eq!("CSV".parse::<Format>(), Ok(Format::Table));
        assert!("docx".parse::<Format>().is_err());
    }
}
