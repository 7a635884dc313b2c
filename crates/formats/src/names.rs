//! What the name of a column says: time, or which axis of which sensor in which unit.

use crate::time::TimeUnit;
use ambulo_signal::{Sensor, Unit};

/// What a column holds by its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// Times, in the unit that the name states.
    Time(Option<TimeUnit>),
    /// One axis of a sensor.
    Axis {
        sensor: Sensor,
        /// 0, 1, 2 for x, y, z.
        axis: usize,
        /// What else the name says, e.g. `left_arm`: tells several sensors of a kind apart.
        group: String,
        /// Acceleration without gravity.
        gravity_free: bool,
        unit: Option<Unit>,
    },
    /// Something else.
    Other,
}

/// Stems of names, without separators, in lower case.
const ACCELERATION: &[&str] = &[
    "a",
    "acc",
    "accel",
    "acceleration",
    "accelerometer",
    "accelerometeracceleration",
    "accelerometers",
    "accelerations",
    "totalacceleration",
    "totalacc",
    "gf",
    "gforce",
];
const GRAVITY_FREE: &[&str] = &[
    "linear",
    "linacc",
    "linaccel",
    "linearacc",
    "linearaccel",
    "linearacceleration",
    "linearaccelerometer",
    "lineaccelerometer",
    "useracceleration",
    "useracc",
    "motionuseracceleration",
    "userdotacceleration",
    "freeacc",
    "freeacceleration",
    "bodyacc",
    "bodyacceleration",
    "accelerationwithoutgravity",
];
const ANGULAR_VELOCITY: &[&str] = &[
    "g",
    "gyr",
    "gyro",
    "gyroscope",
    "w",
    "omega",
    "angularvelocity",
    "angvel",
    "angularrate",
    "rotationrate",
    "rotrate",
    "gyrorotation",
    "gyrorate",
    "gyrorotationrate",
    "motionrotationrate",
];
const MAGNETIC: &[&str] =
    &["m", "mag", "magn", "magnet", "magnetometer", "magneticfield", "magnetic", "motionmagneticfield"];
/// Words that change nothing.
const NEUTRAL: &[&str] = &[
    "axis",
    "cal",
    "calibrated",
    "uncalibrated",
    "uncal",
    "raw",
    "value",
    "values",
    "val",
    "sensor",
    "data",
    "signal",
    "channel",
    "reading",
];
/// Words that make it something else than a reading of a sensor.
const ELSE: &[&str] = &[
    "gravity",
    "grav",
    "motiongravity",
    "quaternion",
    "quat",
    "euler",
    "orientation",
    "ori",
    "attitude",
    "bias",
    "offset",
    "error",
    "std",
    "sd",
    "mean",
    "avg",
    "var",
    "min",
    "max",
    "median",
    "drift",
    "position",
    "pos",
    "vel",
    "jerk",
    "lat",
    "lon",
    "dq",
    "dv",
    "delta",
    "geo",
    "gps",
    "fft",
    "energy",
    "pitch",
    "roll",
    "yaw",
    "pressure",
    "rotationvector",
    "count",
];
const TIMES: &[&str] = &[
    "t",
    "ts",
    "date",
    "datum",
    "uhrzeit",
    "zeit",
    "zeitstempel",
    "clock",
    "utc",
    "unix",
    "unixtime",
    "datetime",
    "localtime",
    "headertimestamp",
    "loggingtime",
    "secondselapsed",
    "elapsed",
    "elapsedtime",
    "elapsedseconds",
    "epoch",
    "epoc",
    "sampletimefine",
    "seconds",
    "millis",
    "milliseconds",
];

/// Reads a name.
pub(crate) fn read(name: &str) -> Meaning {
    let (plain, bracket) = without_bracket(name);
    let mut tokens = tokens(&plain);
    let unit_text = bracket.or_else(|| unit_tail(&mut tokens));
    let time_unit = unit_text.as_deref().and_then(TimeUnit::from_header);
    tokens.retain(|token| !NEUTRAL.contains(&token.as_str()));
    let joined = tokens.concat();
    if is_time(&joined, &tokens) {
        let by_name = match joined.as_str() {
            "secondselapsed" | "elapsedseconds" | "seconds" => Some(TimeUnit::Seconds),
            "millis" | "milliseconds" => Some(TimeUnit::Milliseconds),
            _ => None,
        };
        return Meaning::Time(time_unit.or(by_name));
    }
    if time_unit.is_some() {
        return Meaning::Other;
    }
    axis(tokens, unit_text.as_deref().and_then(unit)).unwrap_or(Meaning::Other)
}

fn is_time(joined: &str, tokens: &[String]) -> bool {
    let behind = tokens.iter().any(|token| token == "zone" || token == "timezone");
    !behind
        && (TIMES.contains(&joined)
            || joined.starts_with("time") && !joined.starts_with("timezone")
            || joined.ends_with("time")
            || joined.ends_with("timestamp")
            || joined.contains("timestamp"))
}

/// A unit as headers write it; a few spellings more than the project's own.
pub(crate) fn unit(text: &str) -> Option<Unit> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    match plain.as_str() {
        "d/s" => Some(Unit::DegreesPerSecond),
        "m/(sec^2)" | "m/(s^2)" | "meter/sec^2" | "ms2" | "mps2" | "mss" => {
            Some(Unit::MetresPerSecondSquared)
        }
        "degs" => Some(Unit::DegreesPerSecond),
        _ => plain.parse().ok(),
    }
}

/// The name without its last bracket, and what stands in that.
fn without_bracket(name: &str) -> (String, Option<String>) {
    let name = name.trim().trim_matches('"').trim();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let (Some(from), Some(to)) = (name.find(open), name.rfind(close))
            && from < to
        {
            let inner = name[from + 1..to].trim().to_owned();
            return (format!("{} {}", &name[..from], &name[to + 1..]), Some(inner));
        }
    }
    (name.to_owned(), None)
}

/// Words in lower case, cut at signs and where a small letter meets a capital one.
fn tokens(name: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (small && c.is_uppercase()) {
            tokens.push(String::new());
        }
        small = c.is_lowercase();
        if c.is_alphanumeric()
            && let Some(last) = tokens.last_mut()
        {
            last.extend(c.to_lowercase());
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

/// Takes a unit off the end: `acc_x_g`, `gyro_x_rad_s`, `timestamp_ms`.
fn unit_tail(tokens: &mut Vec<String>) -> Option<String> {
    const ONE: &[&str] = &[
        "g",
        "mg",
        "ms2",
        "mps2",
        "mss",
        "dps",
        "mdps",
        "rads",
        "rps",
        "degs",
        "ut",
        "s",
        "ms",
        "us",
        "ns",
        "sec",
        "seconds",
        "milliseconds",
        "nanoseconds",
        "microseconds",
    ];
    const TWO: &[(&str, &str, &str)] =
        &[("m", "s2", "m/s2"), ("rad", "s", "rad/s"), ("deg", "s", "deg/s"), ("rad", "sec", "rad/s")];
    if let [_, .., a, b] = tokens.as_slice()
        && let Some((.., unit)) = TWO.iter().find(|two| two.0 == a && two.1 == b)
    {
        tokens.truncate(tokens.len() - 2);
        return Some((*unit).to_owned());
    }
    let last = tokens.last().filter(|last| tokens.len() >= 2 && ONE.contains(&last.as_str()))?.clone();
    // `time_s`, but not `seconds` of `elapsed seconds`, which is part of the name.
    tokens.pop();
    Some(last)
}

/// The axis in a name, and of what.
fn axis(mut tokens: Vec<String>, unit: Option<Unit>) -> Option<Meaning> {
    let letter = |token: &str| match token {
        "x" | "xaxis" => Some(0),
        "y" | "yaxis" => Some(1),
        "z" | "zaxis" => Some(2),
        _ => None,
    };
    let alone: Vec<usize> = (0..tokens.len()).filter(|&i| letter(&tokens[i]).is_some()).collect();
    let axis = match alone.as_slice() {
        &[i] => letter(&tokens.remove(i))?,
        [] => glued(&mut tokens)?,
        _ => return None,
    };
    if tokens.iter().any(|token| ELSE.contains(&token.as_str())) || ELSE.contains(&tokens.concat().as_str()) {
        return None;
    }
    // `gFx` is the g-force: the name is the unit.
    let force = tokens.concat();
    let unit = unit.or_else(|| matches!(force.as_str(), "gf" | "gforce").then_some(Unit::G));
    let of_unit = unit.map(Unit::sensor);
    let (sensor, gravity_free, group, certain) = match quantity(&tokens) {
        Some((sensor, gravity_free, group, certain)) => (sensor, gravity_free, group, certain),
        None if tokens.is_empty() => (of_unit.unwrap_or(Sensor::Accelerometer), false, String::new(), false),
        // `wrist x (g)`: the unit says what is measured.
        None => (of_unit?, false, tokens.join("_"), false),
    };
    let sensor = of_unit.filter(|_| !certain).unwrap_or(sensor);
    let gravity_free = gravity_free && sensor == Sensor::Accelerometer;
    Some(Meaning::Axis {
        sensor,
        axis,
        group,
        gravity_free,
        unit: unit.filter(|unit| unit.sensor() == sensor),
    })
}

/// `ax`, `accelx`, `xacc`: the axis without a sign between.
fn glued(tokens: &mut [String]) -> Option<usize> {
    for i in (0..tokens.len()).rev() {
        let before: String = tokens[..i].concat();
        let token = tokens[i].clone();
        let (Some(first), Some(last)) = (token.chars().next(), token.chars().last()) else { continue };
        let place = |c: char| "xyz".find(c);
        let behind = place(last).map(|axis| (axis, &token[..token.len() - 1]));
        let front = place(first).map(|axis| (axis, &token[1..]));
        for (axis, stem) in [behind, front].into_iter().flatten() {
            let whole = format!("{before}{stem}");
            if sensor_of(stem).is_some() || sensor_of(&whole).is_some() {
                tokens[i] = stem.to_owned();
                return Some(axis);
            }
        }
    }
    None
}

fn sensor_of(stem: &str) -> Option<(Sensor, bool)> {
    if ACCELERATION.contains(&stem) {
        Some((Sensor::Accelerometer, false))
    } else if GRAVITY_FREE.contains(&stem) {
        Some((Sensor::Accelerometer, true))
    } else if ANGULAR_VELOCITY.contains(&stem) {
        Some((Sensor::Gyroscope, false))
    } else if MAGNETIC.contains(&stem) {
        Some((Sensor::Magnetometer, false))
    } else {
        None
    }
}

/// The longest run of words that names a quantity; sensor, whether without gravity, the other words, and whether the name is
/// more than a letter.
fn quantity(tokens: &[String]) -> Option<(Sensor, bool, String, bool)> {
    for length in (1..=tokens.len()).rev() {
        for from in 0..=tokens.len() - length {
            let stem = tokens[from..from + length].concat();
            if let Some((sensor, gravity_free)) = sensor_of(&stem) {
                let group: Vec<&str> =
                    tokens[..from].iter().chain(&tokens[from + length..]).map(String::as_str).collect();
                let gravity_free =
                    gravity_free || group.iter().any(|word| matches!(*word, "linear" | "user" | "free"));
                return Some((sensor, gravity_free, group.join("_"), stem.len() > 1));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> String {
        match read(name) {
            Meaning::Time(unit) => format!("time {}", unit.map_or("-", TimeUnit::symbol)),
            Meaning::Axis { sensor, axis, group, gravity_free, unit } => format!(
                "{} {}{}{}{}",
                sensor.quantity(),
                ["x", "y", "z"][axis],
                unit.map(|u| format!(" {u}")).unwrap_or_default(),
                if gravity_free { " free" } else { "" },
                if group.is_empty() { String::new() } else { format!(" of {group}") },
            ),
            Meaning::Other => "-".to_owned(),
        }
    }

    #[test]
    fn many_spellings() {
        for (name, expected) in [
            ("x", "acceleration x"),
            ("Y ", "acceleration y"),
            ("ax", "acceleration x"),
            ("acc_x", "acceleration x"),
            ("x_acc", "acceleration x"),
            ("accelx", "acceleration x"),
            ("AccelerationZ", "acceleration z"),
            ("accelerometer x", "acceleration x"),
            ("ACCELEROMETER X (m/s²)", "acceleration x m/s2"),
            ("\"Acceleration x (m/s^2)\"", "acceleration x m/s2"),
            ("x-axis (g)", "acceleration x g"),
            ("x-axis (deg/s)", "angular velocity x deg/s"),
            ("X (rad/s)", "angular velocity x rad/s"),
            ("gFx", "acceleration x g"),
            ("Accel_LN_X_CAL", "acceleration x of ln"),
            ("Acc_X", "acceleration x"),
            ("acc_x_g", "acceleration x g"),
            ("acc_x [mg]", "acceleration x mg"),
            ("acc_x_m_s2", "acceleration x m/s2"),
            ("Ax(g)", "acceleration x g"),
            ("Gx(d/s)", "angular velocity x deg/s"),
            ("gx (g)", "acceleration x g"),
            ("gx", "angular velocity x"),
            ("gyro_x", "angular velocity x"),
            ("gyr_y", "angular velocity y"),
            ("wz", "angular velocity z"),
            ("rotationRateX", "angular velocity x"),
            ("gyroRotationX(rad/s)", "angular velocity x rad/s"),
            ("accelerometerAccelerationX(G)", "acceleration x g"),
            ("motionUserAccelerationX(G)", "acceleration x g free"),
            ("LINEAR ACCELERATION X (m/s²)", "acceleration x m/s2 free"),
            ("Linear Acceleration x (m/s^2)", "acceleration x m/s2 free"),
            ("userAcceleration.x", "acceleration x free"),
            ("FreeAcc_X", "acceleration x free"),
            ("left_arm_acc_x", "acceleration x of left_arm"),
            ("acc_x_wrist", "acceleration x of wrist"),
            ("wrist x (g)", "acceleration x g of wrist"),
            ("mag_x (µT)", "magnetic field x uT"),
            ("GRAVITY X (m/s²)", "-"),
            ("motionGravityX(G)", "-"),
            ("gravityX", "-"),
            ("Absolute acceleration (m/s^2)", "-"),
            ("quaternionX", "-"),
            ("TgF", "-"),
            ("aT (m/s^2)", "-"),
            ("gFTotal", "-"),
            ("Sample Count", "-"),
            ("label", "-"),
            ("hr", "-"),
            ("", "-"),
            ("position x", "-"),
            ("time", "time -"),
            ("Time (s)", "time s"),
            ("Timestamp", "time -"),
            ("time_stamp", "time -"),
            ("timestamp_ms", "time ms"),
            ("Time since start in ms ", "time ms"),
            ("epoc (ms)", "time ms"),
            ("timestamp (+0100)", "time -"),
            ("elapsed (s)", "time s"),
            ("HEADER_TIME_STAMP", "time -"),
            ("loggingTime(txt)", "time -"),
            ("seconds_elapsed", "time s"),
            ("Zeit (s)", "time s"),
            ("DateTime", "time -"),
            ("SampleTimeFine", "time -"),
            ("timezone", "-"),
            ("Time Zone", "-"),
        ] {
            assert_eq!(shown(name), expected, "{name}");
        }
    }
}
