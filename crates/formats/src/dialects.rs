//! What is known of an app's files beyond the names of their columns: a table, not code.

/// What such a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Acceleration without gravity.
    GravityFree,
    /// Gravity without acceleration.
    GravityAlone,
}

/// How files of an app are known, and what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// The app, for messages.
    pub(crate) app: &'static str,
    /// Columns that are all there, in lower case.
    columns: &'static [&'static str],
    /// What the file's name begins with, in lower case; empty where any name will do.
    file: &'static str,
    pub(crate) holds: Holds,
    /// What to record or export instead.
    pub(crate) advice: &'static str,
}

const DIALECTS: &[Dialect] = &[
    Dialect {
        app: "Sensor Logger",
        columns: &["time", "seconds_elapsed", "x", "y", "z"],
        file: "accelerometer.",
        holds: Holds::GravityFree,
        advice: "record \"Total Acceleration\" (Android), or \"Gravity\" beside it (iOS)",
    },
    Dialect {
        app: "Sensor Logger",
        columns: &["time", "seconds_elapsed", "rotationratex", "gravityx", "accelerationx"],
        file: "",
        holds: Holds::GravityFree,
        advice: "total acceleration is the sum of its columns of gravity and acceleration",
    },
    Dialect {
        app: "Sensor Logger",
        columns: &["time", "seconds_elapsed", "x", "y", "z"],
        file: "gravity.",
        holds: Holds::GravityAlone,
        advice: "read the file of total acceleration instead",
    },
    Dialect {
        app: "phyphox",
        columns: &["time (s)", "acceleration x (m/s^2)"],
        file: "gravity.",
        holds: Holds::GravityAlone,
        advice: "read Accelerometer.csv instead",
    },
];

/// The dialect of a file with these columns.
pub(crate) fn dialect(names: &[String], file_name: &str) -> Option<&'static Dialect> {
    let file = file_name.to_lowercase();
    let there = |wanted: &&str| names.iter().any(|name| name.trim().to_lowercase() == **wanted);
    DIALECTS.iter().find(|dialect| file.starts_with(dialect.file) && dialect.columns.iter().all(there))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_are_known_by_columns_and_name() {
        let names: Vec<String> = ["time", "seconds_elapsed", "z", "y", "x"].map(str::to_owned).to_vec();
        let holds = |file: &str| dialect(&names, file).map(|dialect| dialect.holds);
        assert_eq!(holds("Accelerometer.csv"), Some(Holds::GravityFree));
        assert_eq!(holds("GRAVITY.csv"), Some(Holds::GravityAlone));
        assert_eq!(holds("TotalAcceleration.csv"), None);
        assert_eq!(holds("AccelerometerUncalibrated.csv"), None);
        assert_eq!(dialect(&names[2..], "Accelerometer.csv"), None);
    }
}
