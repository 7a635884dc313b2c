//! What is known of an app's or a device's tables beyond the names of their columns: a table of signatures, not code.
//!
//! The shipped table is `dialects.toml` beside this file; users may add their own (`docs/READERS.md` describes the keys).

mod pattern;

use crate::error::OptionError;
use crate::time::TimeFormat;
use ambulo_signal::{Sensor, Unit};
use serde::Deserialize;
use std::sync::{Arc, LazyLock};

/// Known dialects of tables: the shipped ones, and before them those of a user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dialects(Arc<Vec<Dialect>>);

/// How tables of an app or device are known, and what they mean.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dialect {
    /// For programs and the command line, e.g. `androsensor`.
    pub(crate) name: String,
    /// For people.
    pub(crate) title: String,
    /// Names of columns that are all there; `*` stands for anything, case and blanks do not matter.
    #[serde(default)]
    has: Vec<String>,
    /// Names of which none is there.
    #[serde(default)]
    lacks: Vec<String>,
    /// What the file's name holds.
    #[serde(default)]
    file: String,
    /// What the first row looks like in a table without header: `9` a digit, `#` a whole number, anything else itself.
    #[serde(default)]
    row: String,
    /// The column of times.
    pub(crate) time: Option<String>,
    /// How times are written.
    #[serde(default, deserialize_with = "time_format")]
    pub(crate) time_format: Option<TimeFormat>,
    /// Times are a counter of so many bits, which begins anew when it is full.
    pub(crate) counter_bits: Option<u32>,
    /// What a line before the header begins with that states the start.
    pub(crate) start: Option<String>,
    pub(crate) accelerometer: Option<OfSensor>,
    pub(crate) gyroscope: Option<OfSensor>,
    pub(crate) magnetometer: Option<OfSensor>,
    /// Of a long table, in which each row is a sample of one sensor: the column that says of which kind, and of which device.
    pub(crate) kind: Option<String>,
    pub(crate) device: Option<String>,
    /// What the codes of kinds mean.
    #[serde(default)]
    pub(crate) kinds: Vec<Kind>,
    /// Which cells of lines before the header hold a device's number, and where it was worn, from 1.
    pub(crate) device_lines: Option<[usize; 2]>,
    /// Warned of: what is assumed and not known.
    pub(crate) assumes: Option<String>,
    /// It is no recording, but this.
    pub(crate) not_a_recording: Option<String>,
    /// What to record or export instead.
    pub(crate) hint: Option<String>,
}

/// What is known of one sensor; columns that are not named are found by their names as in any table.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfSensor {
    /// Columns of x, y, z.
    pub(crate) columns: Option<[String; 3]>,
    /// Columns to be added to them: gravity to acceleration without it.
    pub(crate) plus: Option<[String; 3]>,
    #[serde(default, deserialize_with = "unit")]
    pub(crate) unit: Option<Unit>,
    pub(crate) signs: Option<Signs>,
    pub(crate) holds: Option<Holds>,
}

/// A kind of sensor in a long table.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kind {
    pub(crate) code: i64,
    pub(crate) sensor: Sensor,
    #[serde(default, deserialize_with = "unit")]
    pub(crate) unit: Option<Unit>,
}

/// Whose signs acceleration has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Signs {
    /// Negative where Android's are positive.
    Ios,
    /// Nobody knows.
    Unknown,
}

/// What such a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Holds {
    /// Acceleration without gravity.
    GravityFree,
    /// Gravity without acceleration.
    GravityAlone,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dialect: Vec<Dialect>,
}

fn time_format<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<TimeFormat>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(serde::de::Error::custom)
}

fn unit<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Unit>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(|_| serde::de::Error::custom(format!("`{text}` is no unit of a sensor")))
}

static SHIPPED: LazyLock<Vec<Dialect>> =
    LazyLock::new(|| parse(include_str!("dialects.toml")).unwrap_or_default());

fn parse(text: &str) -> Result<Vec<Dialect>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    for dialect in &file.dialect {
        let wrong = |what: &str| Err(format!("dialect `{}`: {what}", dialect.name));
        if dialect.has.is_empty() && dialect.row.is_empty() {
            return wrong("name the columns it has, or what a row looks like");
        }
        for (of, sensor) in [
            (&dialect.accelerometer, Sensor::Accelerometer),
            (&dialect.gyroscope, Sensor::Gyroscope),
            (&dialect.magnetometer, Sensor::Magnetometer),
        ] {
            let Some(of) = of else { continue };
            if of.unit.is_some_and(|unit| unit.sensor() != sensor) {
                return wrong(&format!("the unit of the {sensor} is no unit of {}", sensor.quantity()));
            }
            if of.plus.is_some() && of.columns.is_none() {
                return wrong("columns can only be added to columns that are named");
            }
        }
    }
    Ok(file.dialect)
}

impl Dialects {
    /// A user's dialects, in TOML; they come before the shipped ones.
    ///
    /// # Errors
    /// What is wrong with the text, with its line.
    pub fn parse(text: &str) -> Result<Self, OptionError> {
        parse(text).map(|all| Self(Arc::new(all))).map_err(|found| OptionError {
            what: "table of dialects",
            found,
            expected: "see docs/READERS.md for the keys of a [[dialect]]".to_owned(),
        })
    }

    fn all(&self) -> impl Iterator<Item = &Dialect> {
        self.0.iter().chain(SHIPPED.iter())
    }

    /// Names of all of them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all().map(|dialect| dialect.name.as_str())
    }

    /// By its name.
    pub(crate) fn named(&self, name: &str) -> Option<&Dialect> {
        self.all().find(|dialect| dialect.name.eq_ignore_ascii_case(name))
    }

    /// The dialect of a table with these columns, or without names and with this first row.
    pub(crate) fn of(&self, names: Option<&[String]>, row: &[u8], file_name: &str) -> Option<&Dialect> {
        let file = file_name.to_lowercase();
        self.all().find(|dialect| {
            file.contains(&dialect.file.to_lowercase())
                && match names {
                    Some(names) => {
                        let there = |wanted: &String| column(names, wanted).is_some();
                        !dialect.has.is_empty()
                            && dialect.has.iter().all(there)
                            && !dialect.lacks.iter().any(there)
                    }
                    None => !dialect.row.is_empty() && pattern::row(&dialect.row, row),
                }
        })
    }
}

impl Dialect {
    /// Whether it names columns of a sensor.
    pub(crate) fn names_columns(&self) -> bool {
        Sensor::ALL.into_iter().any(|sensor| self.sensor(sensor).is_some_and(|of| of.columns.is_some()))
    }

    /// Whether its tables are long.
    pub(crate) fn is_long(&self) -> bool {
        self.kind.is_some() || self.device.is_some()
    }

    pub(crate) fn sensor(&self, sensor: Sensor) -> Option<&OfSensor> {
        match sensor {
            Sensor::Accelerometer => self.accelerometer.as_ref(),
            Sensor::Gyroscope => self.gyroscope.as_ref(),
            Sensor::Magnetometer => self.magnetometer.as_ref(),
        }
    }

    /// Why a table was recognised as one.
    pub(crate) fn because(&self) -> String {
        let quoted = |name: &String| crate::error::quoted(name.trim_matches('*').as_bytes());
        let columns: Vec<String> = self.has.iter().take(4).map(quoted).collect();
        let file = match self.file.as_str() {
            "" => String::new(),
            file => format!(", and its file's name holds {}", crate::error::quoted(file.as_bytes())),
        };
        match columns.as_slice() {
            [] => format!("{}: its rows look like {}", self.title, crate::error::quoted(self.row.as_bytes())),
            columns => format!("{}: it has columns {}{file}", self.title, columns.join(", ")),
        }
    }
}

/// The first column that a pattern means; in a table without names a number, from 1.
pub(crate) fn column(names: &[String], wanted: &str) -> Option<usize> {
    if names.is_empty() {
        return wanted.trim().parse::<usize>().ok()?.checked_sub(1);
    }
    names.iter().position(|name| pattern::name(wanted, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str], file: &str) -> Option<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Dialects::default().of(Some(&names), b"", file).map(|dialect| dialect.name.clone())
    }

    #[test]
    fn the_shipped_table_is_read() {
        let all = parse(include_str!("dialects.toml")).unwrap();
        assert!(all.len() > 15);
        for (i, dialect) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|other| other.name != dialect.name), "{} twice", dialect.name);
            assert!(dialect.name.bytes().all(|c| c.is_ascii_lowercase() || c == b'-' || c.is_ascii_digit()));
        }
    }

    #[test]
    fn apps_are_known_by_columns_and_name() {
        let names = ["time", "seconds_elapsed", "z", "y", "x"];
        assert_eq!(of(&names, "Accelerometer.csv").as_deref(), Some("sensor-logger-acceleration"));
        assert_eq!(of(&names, "GRAVITY.csv").as_deref(), Some("sensor-logger-gravity"));
        assert_eq!(of(&names, "walk.csv").as_deref(), Some("sensor-logger-table"));
        assert_eq!(of(&names[2..], "Accelerometer.csv"), None);
        let dialects = Dialects::default();
        let row = b"2024-03-05 10:00:00.430,0.984375,-0.328125,0.093750";
        assert_eq!(dialects.of(None, row, "").map(|dialect| dialect.name.as_str()), Some("axivity-csv"));
    }

    #[test]
    fn users_add_their_own() {
        let text = "[[dialect]]\nname = 'lab'\ntitle = 'Our logger'\nhas = ['tick', 'a_1', 'a_2', 'a_3']\n\
                    time = 'tick'\ntime_format = 'ms'\n[dialect.accelerometer]\ncolumns = ['a_1', 'a_2', 'a_3']\nunit = 'mg'\n";
        let dialects = Dialects::parse(text).unwrap();
        assert_eq!(dialects.named("LAB").unwrap().accelerometer.as_ref().unwrap().unit, Some(Unit::MilliG));
        assert!(dialects.names().any(|name| name == "androsensor"));
        for (wrong, says) in [
            (text.replace("unit = 'mg'", "unit = 'deg/s'"), "no unit of acceleration"),
            (text.replace("'mg'", "'stone'"), "`stone` is no unit"),
            (text.replace("has =", "hat ="), "hat"),
            (text.replace("'ms'", "'fortnights'"), "fortnights"),
            ("x = 1".to_owned(), "dialect"),
        ] {
            let error = Dialects::parse(&wrong).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
