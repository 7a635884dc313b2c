//! Columns that were declared by name or number.

use crate::error::OptionError;
use ambulo_signal::Sensor;
use std::fmt;
use std::str::FromStr;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ColumnRef {
    /// Counted from 1.
    Number(usize),
    /// By its name in the header; case, blanks around it and a unit in brackets do not matter.
    Name(String),
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => write!(f, "`{name}`"),
        }
    }
}

/// Which columns hold what. Parsed from `time=1,ax=2,ay=3,az=4,gx=5,…`, from `time=1,acc=2-4,gyro=5-7`, or from names alone in
/// the order `[time,] ax, ay, az [, gx, gy, gz]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The times, if there are any.
    pub time: Option<ColumnRef>,
    /// Of a long table, in which each row is a sample of one sensor: what kind it is, by a number (0 accelerometer, 1 gyroscope, 2
    /// magnetometer).
    pub kind: Option<ColumnRef>,
    /// Of a long table: which device it is, by a number.
    pub device: Option<ColumnRef>,
    /// Axes x, y, z of each declared sensor.
    pub sensors: Vec<(Sensor, [ColumnRef; 3])>,
}

/// The sensor that a short name means.
pub(crate) fn sensor(name: &str) -> Option<Sensor> {
    match name.trim().to_lowercase().as_str() {
        "a" | "acc" | "accel" | "acceleration" | "accelerometer" => Some(Sensor::Accelerometer),
        "g" | "w" | "gyr" | "gyro" | "gyroscope" => Some(Sensor::Gyroscope),
        "m" | "mag" | "magnetometer" => Some(Sensor::Magnetometer),
        _ => None,
    }
}

fn reference(text: &str) -> Option<ColumnRef> {
    let text = text.trim();
    if let Some(name) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        return Some(ColumnRef::Name(name.to_owned()));
    }
    if !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()) {
        return text.parse().ok().filter(|&number| number > 0).map(ColumnRef::Number);
    }
    (!text.is_empty()).then(|| ColumnRef::Name(text.to_owned()))
}

/// `2-4` as three columns.
fn range(text: &str) -> Option<[ColumnRef; 3]> {
    let (from, to) = text.trim().split_once('-')?;
    let (from, to): (usize, usize) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from > 0 && to == from.checked_add(2)?).then(|| [0, 1, 2].map(|i| ColumnRef::Number(from + i)))
}

/// Commas outside quotes cut.
fn parts(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .map(str::trim)
    .collect()
}

impl FromStr for Columns {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let error = |found: &str| {
            OptionError {
            what: "list of columns",
            found: found.to_owned(),
            expected: "as in time=1,ax=2,ay=3,az=4,gx=5,gy=6,gz=7 with numbers from 1 or names, time=1,acc=2-4,gyro=5-7, or \
                       the names alone: x,y,z or time,x,y,z or time,ax,ay,az,gx,gy,gz; type= and device= for a table with a \
                       sample of one sensor in each row"
                .to_owned(),
        }
        };
        let parts = parts(text);
        if parts.iter().all(|part| !part.contains('=')) {
            let all: Option<Vec<ColumnRef>> = parts.iter().map(|part| reference(part)).collect();
            let mut all =
                all.filter(|all| matches!(all.len(), 3 | 4 | 6 | 7)).ok_or_else(|| error(text))?.into_iter();
            let time = if all.len() % 3 == 1 { all.next() } else { None };
            let mut columns = Self { time, ..Self::default() };
            for sensor in [Sensor::Accelerometer, Sensor::Gyroscope] {
                if let (Some(x), Some(y), Some(z)) = (all.next(), all.next(), all.next()) {
                    columns.sensors.push((sensor, [x, y, z]));
                }
            }
            return Ok(columns);
        }
        let mut columns = Self::default();
        let mut axes: Vec<(Sensor, [Option<ColumnRef>; 3])> = Vec::new();
        for part in parts {
            let (role, value) = part.split_once('=').ok_or_else(|| error(part))?;
            let role = role.trim().to_lowercase();
            if role == "time" || role == "t" {
                let column = reference(value).ok_or_else(|| error(part))?;
                if columns.time.replace(column).is_some() {
                    return Err(error(part));
                }
                continue;
            }
            if let "type" | "kind" | "device" | "id" = role.as_str() {
                let column = reference(value).ok_or_else(|| error(part))?;
                let of_device = matches!(role.as_str(), "device" | "id");
                let slot = if of_device { &mut columns.device } else { &mut columns.kind };
                if slot.replace(column).is_some() {
                    return Err(error(part));
                }
                continue;
            }
            let (sensor, place, value) = match (sensor(&role), range(value)) {
                (Some(sensor), Some(three)) => (sensor, None, three.to_vec()),
                _ => {
                    let letter = role.chars().next_back().and_then(|c| "xyz".find(c));
                    let stem = role.get(..role.len().saturating_sub(1)).unwrap_or_default();
                    let stem = stem.trim_end_matches(['_', '.', ' ']);
                    let sensor =
                        if stem.is_empty() { Some(Sensor::Accelerometer) } else { self::sensor(stem) };
                    let (Some(axis), Some(sensor), Some(column)) = (letter, sensor, reference(value)) else {
                        return Err(error(part));
                    };
                    (sensor, Some(axis), vec![column])
                }
            };
            let at = axes.iter().position(|entry| entry.0 == sensor).unwrap_or_else(|| {
                axes.push((sensor, [None, None, None]));
                axes.len() - 1
            });
            for (i, column) in value.into_iter().enumerate() {
                if axes[at].1[place.unwrap_or(i)].replace(column).is_some() {
                    return Err(error(part));
                }
            }
        }
        for (sensor, three) in axes {
            let [Some(x), Some(y), Some(z)] = three else { return Err(error(text)) };
            columns.sensors.push((sensor, [x, y, z]));
        }
        columns.sensors.sort_by_key(|entry| entry.0);
        Ok(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, OptionError> {
        let columns: Columns = text.parse()?;
        let time = columns.time.map_or("-".to_owned(), |time| time.to_string());
        let sensors: Vec<String> =
            columns.sensors.iter().map(|(s, [x, y, z])| format!("{s} {x} {y} {z}")).collect();
        Ok(format!("{time}; {}", sensors.join("; ")))
    }

    #[test]
    fn declarations() {
        for (text, expected) in [
            ("time=1,ax=2,ay=3,az=4", "1; accelerometer 2 3 4"),
            ("x=2, y=3, z=4", "-; accelerometer 2 3 4"),
            ("t=Zeit,acc=2-4,gyro=5-7", "`Zeit`; accelerometer 2 3 4; gyroscope 5 6 7"),
            ("gz=1,gy=2,gx=3,acc_x=a,acc_y=b,acc_z=c", "-; accelerometer `a` `b` `c`; gyroscope 3 2 1"),
            ("x,y,z", "-; accelerometer `x` `y` `z`"),
            ("time,x,\"y, odd\",z", "`time`; accelerometer `x` `y, odd` `z`"),
            ("1,2,3,4,5,6,7", "1; accelerometer 2 3 4; gyroscope 5 6 7"),
            ("mx=1,my=2,mz=3", "-; magnetometer 1 2 3"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "",
            "x,y",
            "ax=1,ay=2",
            "time=1,time=2,acc=2-4",
            "acc=2-5",
            "ax=0,ay=1,az=2",
            "qx=1",
            "ax=1,ax=2",
            "é=1",
        ] {
            assert!(text.parse::<Columns>().unwrap_err().to_string().contains("time=1,ax=2"), "{text}");
        }
    }
}
