//! Which of Sensor Logger's sensors are read, and how: the same for its tables, its JSON export and its messages.
//!
//! Units, signs and names follow the app's own notes on units, coordinates and sampling.

mod facts;

use crate::error::{Fault, Need};
use ambulo_signal::{Finding, FindingKind, Place, STANDARD_GRAVITY, Sensor, Severity, Unit};
pub(crate) use facts::{Facts, Platform};

/// A device that Sensor Logger records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    Phone,
    /// An Apple Watch.
    Watch,
    /// Headphones with motion sensors.
    Head,
}

impl Device {
    const ALL: [Self; 3] = [Self::Phone, Self::Watch, Self::Head];

    /// The word by which it is asked for.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Watch => "watch",
            Self::Head => "head",
        }
    }

    fn of(text: &str) -> Option<Self> {
        match plain(text).as_str() {
            "phone" | "iphone" | "android" | "smartphone" => Some(Self::Phone),
            "watch" | "applewatch" | "wrist" | "smartwatch" => Some(Self::Watch),
            "head" | "headphone" | "headphones" | "airpods" => Some(Self::Head),
            _ => None,
        }
    }

    /// Where it is worn, as far as the device tells.
    pub(crate) fn placement(self) -> Option<&'static str> {
        match self {
            Self::Phone => None,
            Self::Watch => Some("wrist"),
            Self::Head => Some("head"),
        }
    }
}

/// Three columns of one of the app's sensors.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    /// The sensor or member as it was given to [`choose`].
    pub(crate) name: String,
    /// Its columns, to be found by these names whatever the case.
    pub(crate) columns: [&'static str; 3],
    /// What its values are multiplied by before parts are added: -1 turns iOS signs; another unit than the sensor's is in it.
    pub(crate) factor: f64,
}

/// A sensor of the recording: the sum of its parts, joined by time where they are of different names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chosen {
    pub(crate) sensor: Sensor,
    /// One or two.
    pub(crate) parts: Vec<Part>,
    /// The unit of the sum.
    pub(crate) unit: Option<Unit>,
    /// Where the unit is known from; empty if it is not.
    pub(crate) because: String,
    /// The rate that the metadata states, in Hz.
    pub(crate) rate_hz: Option<f64>,
}

/// What is read of a recording.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    pub(crate) device: Device,
    /// Accelerometer, gyroscope, magnetometer, as far as they are there.
    pub(crate) sensors: Vec<Chosen>,
    pub(crate) conversions: Vec<String>,
    pub(crate) findings: Vec<Finding>,
}

/// A name as it is compared: without an extension, signs and case.
fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    let stem = lower.strip_suffix(".csv").unwrap_or(&lower);
    stem.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What is known of each sensor of the app: its plain name, the device, its columns of one quantity.
struct Known {
    name: &'static str,
    device: Device,
    holds: Holds,
    columns: [&'static str; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Total,
    WithoutGravity,
    Gravity,
    Uncalibrated,
    Rotation,
    Field,
}

const XYZ: [&str; 3] = ["x", "y", "z"];
const ROTATION: [&str; 3] = ["rotationRateX", "rotationRateY", "rotationRateZ"];
const GRAVITY: [&str; 3] = ["gravityX", "gravityY", "gravityZ"];
const ACCELERATION: [&str; 3] = ["accelerationX", "accelerationY", "accelerationZ"];

const fn known(name: &'static str, device: Device, holds: Holds, columns: [&'static str; 3]) -> Known {
    Known { name, device, holds, columns }
}

/// In the order in which they are preferred.
const KNOWN: [Known; 17] = [
    known("totalacceleration", Device::Phone, Holds::Total, XYZ),
    known("accelerometer", Device::Phone, Holds::WithoutGravity, XYZ),
    known("gravity", Device::Phone, Holds::Gravity, XYZ),
    known("accelerometeruncalibrated", Device::Phone, Holds::Uncalibrated, XYZ),
    known("gyroscope", Device::Phone, Holds::Rotation, XYZ),
    known("gyroscopeuncalibrated", Device::Phone, Holds::Rotation, XYZ),
    known("magnetometer", Device::Phone, Holds::Field, XYZ),
    known("magnetometeruncalibrated", Device::Phone, Holds::Field, XYZ),
    known("wristmotion", Device::Watch, Holds::WithoutGravity, ACCELERATION),
    known("wristmotion", Device::Watch, Holds::Gravity, GRAVITY),
    known("wristmotion", Device::Watch, Holds::Rotation, ROTATION),
    known("watchaccelerometeruncalibrated", Device::Watch, Holds::Uncalibrated, XYZ),
    known("watchgyroscope", Device::Watch, Holds::Rotation, XYZ),
    known("watchgyroscopeuncalibrated", Device::Watch, Holds::Rotation, XYZ),
    known("headphone", Device::Head, Holds::WithoutGravity, ACCELERATION),
    known("headphone", Device::Head, Holds::Gravity, GRAVITY),
    known("headphone", Device::Head, Holds::Rotation, ROTATION),
];

/// Whether a sensor of this name may be read at all.
pub(crate) fn is_of_motion(name: &str) -> bool {
    let name = plain(name);
    KNOWN.iter().any(|known| known.name == name)
}

/// Whether the name is that of the app's facts about a recording.
pub(crate) fn is_metadata(name: &str) -> bool {
    plain(name) == "metadata"
}

/// What to record instead.
const ADVICE: &str = "also record \"Gravity\" (iOS) or \"Total Acceleration\" (Android)";

/// What of the sensors with these names is read; only those that have rows are named.
///
/// # Errors
/// Two devices and no word which; a word for a device that is not there; no motion at all.
pub(crate) fn choose(names: &[&str], facts: &Facts, wanted: Option<&str>) -> Result<Choice, Fault> {
    let find = |device: Device, holds: Holds| {
        KNOWN.iter().filter(move |known| known.device == device && known.holds == holds).find_map(|known| {
            let name = names.iter().find(|name| plain(name) == known.name)?;
            Some(Part { name: (*name).to_owned(), columns: known.columns, factor: 1.0 })
        })
    };
    let accelerated = |device: Device| {
        [Holds::Total, Holds::WithoutGravity, Holds::Uncalibrated]
            .iter()
            .any(|&holds| find(device, holds).is_some())
    };
    let mut findings = Vec::new();
    let device = device(names, wanted, accelerated, |d| find(d, Holds::Rotation).is_some(), &mut findings)?;
    let mut choice = Choice { device, sensors: Vec::new(), conversions: Vec::new(), findings };
    let part = |holds| find(device, holds);
    let (total, free, gravity, uncalibrated) =
        (part(Holds::Total), part(Holds::WithoutGravity), part(Holds::Gravity), part(Holds::Uncalibrated));
    let is_total = total.is_some();
    match (total, free, gravity, uncalibrated) {
        (Some(total), ..) => choice.acceleration(facts, vec![total], Holds::Total),
        (None, Some(free), Some(gravity), _) => {
            choice.conversions.push(sum(&free, &gravity));
            choice.acceleration(facts, vec![free, gravity], Holds::WithoutGravity);
        }
        (None, _, _, Some(uncalibrated)) => {
            choice.acceleration(facts, vec![uncalibrated], Holds::Uncalibrated);
        }
        (None, Some(free), None, None) => {
            choice.findings.push(gravity_removed(&free.name));
            choice.acceleration(facts, vec![free], Holds::WithoutGravity);
        }
        (None, None, gravity, None) => {
            let what = if gravity.is_some() { "gravity alone" } else { "no acceleration" };
            choice.findings.push(Finding::new(
                FindingKind::SensorMissing,
                Severity::Warning,
                format!("there is {what}: record \"Accelerometer\", and {ADVICE}"),
            ));
        }
    }
    if !choice.sensors.is_empty() {
        choice.signs(facts, is_total);
    }
    for (holds, sensor) in [(Holds::Rotation, Sensor::Gyroscope), (Holds::Field, Sensor::Magnetometer)] {
        if let Some(part) = part(holds) {
            let because = format!("{} of Sensor Logger", crate::error::quoted(part.name.as_bytes()));
            choice.add(facts, sensor, vec![part], Some(sensor.unit()), because);
        }
    }
    Ok(choice)
}

/// Whose sensors are read.
fn device(
    names: &[&str],
    wanted: Option<&str>,
    accelerated: impl Fn(Device) -> bool,
    turning: impl Fn(Device) -> bool,
    findings: &mut Vec<Finding>,
) -> Result<Device, Fault> {
    let mut there: Vec<Device> = Device::ALL.into_iter().filter(|&device| accelerated(device)).collect();
    if there.is_empty() {
        there = Device::ALL.into_iter().filter(|&device| turning(device)).collect();
    }
    let listed = |devices: &[Device]| devices.iter().map(|d| d.name()).collect::<Vec<_>>().join(" and ");
    if there.is_empty() {
        const MOST: usize = 20;
        let all: Vec<String> =
            names.iter().take(MOST).map(|name| crate::error::quoted(name.as_bytes())).collect();
        let held = if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
        return Err(Fault::NotARecording {
            what: format!("a recording of Sensor Logger without acceleration: there is {held}"),
            hint: format!("record \"Accelerometer\", and {ADVICE}"),
        });
    }
    if let Some(wanted) = wanted {
        return match Device::of(wanted).filter(|device| there.contains(device)) {
            Some(device) => Ok(device),
            None => Err(Fault::needs(
                Need::Device,
                format!(
                    "there is no device {}; there is {}\nhint: state one of them as the device",
                    crate::error::quoted(wanted.as_bytes()),
                    listed(&there)
                ),
            )),
        };
    }
    match there.as_slice() {
        [one] => Ok(*one),
        [first, Device::Head] => {
            let text = "the headphones' motion is left out: it is that of the head; state the device head to read it";
            findings.push(Finding::new(FindingKind::File, Severity::Note, text));
            Ok(*first)
        }
        several => Err(Fault::needs(
            Need::Device,
            format!("there are several devices: {}\nhint: state one of them as the device", listed(several)),
        )),
    }
}

fn sum(free: &Part, gravity: &Part) -> String {
    let quoted = |part: &Part| crate::error::quoted(part.name.as_bytes());
    if free.name == gravity.name {
        format!("acceleration is the sum of the columns of gravity and acceleration of {}", quoted(free))
    } else {
        format!("acceleration is the sum of {} and {}, joined by time", quoted(free), quoted(gravity))
    }
}

fn gravity_removed(name: &str) -> Finding {
    let text = format!(
        "{} of Sensor Logger is acceleration without gravity, and nothing beside it holds gravity: {ADVICE}",
        crate::error::quoted(name.as_bytes())
    );
    Finding::new(FindingKind::GravityRemoved, Severity::Refusal, text)
        .at(Place::sensor(Sensor::Accelerometer))
}

/// What is said where nobody knows which way the axes of an acceleration point.
pub(crate) fn signs_unknown(why: &str) -> Finding {
    let text = format!(
        "sign convention unknown: {why}; on iOS Sensor Logger writes it with signs opposite to those \
         on Android, unless it is set to standardise; the file's signs are kept: declare the axes if they are those of iOS"
    );
    Finding::new(FindingKind::Axes, Severity::Warning, text).at(Place::sensor(Sensor::Accelerometer))
}

/// What is known of a device's conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Convention {
    /// m/s², Android signs.
    Android,
    /// Signs of iOS, some files in g.
    Ios,
    Unknown,
}

fn convention(device: Device, facts: &Facts) -> Convention {
    /// The first version whose watch files follow the setting; before that they never did.
    const WATCH_FOLLOWS: (u32, u32) = (1, 63);
    match (device, facts.platform, facts.standardised) {
        (Device::Phone, Some(Platform::Android), _) | (Device::Phone, _, Some(true)) => Convention::Android,
        // The setting is younger than the app: where it is not told, it was not there.
        (Device::Phone | Device::Watch, Some(Platform::Ios), Some(false) | None) => Convention::Ios,
        (Device::Watch, _, Some(true)) => match facts.app_version {
            Some(version) if version >= WATCH_FOLLOWS => Convention::Android,
            Some(_) => Convention::Ios,
            None => Convention::Unknown,
        },
        (Device::Head, Some(Platform::Ios), Some(false) | None) => Convention::Ios,
        _ => Convention::Unknown,
    }
}

impl Choice {
    fn add(&mut self, facts: &Facts, sensor: Sensor, parts: Vec<Part>, unit: Option<Unit>, because: String) {
        let rate_hz = parts.first().and_then(|part| facts.rate_hz(&part.name));
        let because = if unit.is_some() { because } else { String::new() };
        self.sensors.push(Chosen { sensor, parts, unit, because, rate_hz });
    }

    fn acceleration(&mut self, facts: &Facts, mut parts: Vec<Part>, holds: Holds) {
        const METRES: Unit = Unit::MetresPerSecondSquared;
        let name = crate::error::quoted(parts.first().map_or("", |part| part.name.as_str()).as_bytes());
        let (unit, because) = match (self.device, holds, convention(self.device, facts)) {
            (Device::Phone, Holds::Total | Holds::WithoutGravity, _) => {
                (Some(METRES), format!("{name} of Sensor Logger"))
            }
            (Device::Head, ..) => {
                // Its columns of gravity are in m/s², those of acceleration in g.
                for part in parts.iter_mut().filter(|part| part.columns == GRAVITY) {
                    part.factor = 1.0 / STANDARD_GRAVITY;
                }
                (Some(Unit::G), format!("{name} of Sensor Logger"))
            }
            (_, _, Convention::Android) if facts.standardised == Some(true) => {
                (Some(METRES), format!("{name} of Sensor Logger, standardised"))
            }
            (_, _, Convention::Android) => (Some(METRES), format!("{name} of Sensor Logger on Android")),
            (_, _, Convention::Ios) => {
                (Some(Unit::G), format!("{name} of Sensor Logger on iOS, not standardised"))
            }
            (_, _, Convention::Unknown) => (None, String::new()),
        };
        self.add(facts, Sensor::Accelerometer, parts, unit, because);
    }

    /// Turns the signs of iOS, or says that nobody knows them.
    fn signs(&mut self, facts: &Facts, total: bool) {
        match convention(self.device, facts) {
            Convention::Android => {}
            Convention::Ios => {
                let of_acceleration = self.sensors.iter_mut().filter(|s| s.sensor == Sensor::Accelerometer);
                for part in of_acceleration.flat_map(|chosen| &mut chosen.parts) {
                    part.factor = -part.factor;
                }
                let but = match facts.standardised {
                    Some(true) => "; the setting to standardise did not reach the watch before version 1.63",
                    _ => "",
                };
                self.conversions
                    .push(format!("acceleration negated: iOS signs became those of Android{but}"));
            }
            Convention::Unknown if total && facts.platform.is_none() => {
                let text = "the metadata do not name the platform: signs taken as Android's, since only there the app records \
                            \"Total Acceleration\"";
                self.findings.push(
                    Finding::new(FindingKind::Axes, Severity::Note, text)
                        .at(Place::sensor(Sensor::Accelerometer)),
                );
            }
            Convention::Unknown => {
                let why = match (facts.platform, self.device) {
                    (None, _) => "no metadata name the platform",
                    (Some(_), Device::Watch) => "the metadata do not tell the app's version",
                    (Some(_), _) => "the metadata do not decide it for this device",
                };
                self.findings.push(signs_unknown(why));
            }
        }
    }
}

#[cfg(test)]
mod tests;
