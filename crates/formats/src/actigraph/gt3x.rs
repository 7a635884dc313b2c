//! `.gt3x`: a zip archive with `info.txt` and either `log.bin` (records) or, of old devices, `activity.bin` (one run of samples).
//!
//! After the maker's "GT3X File Format" and "NHANES GT3X File Format".

use super::info::Info;
use super::log::{LogReader, Plan};
use super::look::{self, Looked};
use super::old::OldReader;
use super::seconds::Beat;
use super::unpack::{Packing, Scale};
use crate::container::Member;
use crate::error::{Fault, Need};
use crate::options::{Format, ReadOptions};
use crate::reader::{Found, Reader};
use ambulo_signal::{Header, Sensor, SensorInfo, Start, Unit};

const SECOND_NS: i64 = 1_000_000_000;
/// No device takes more samples a second.
const FASTEST_HZ: f64 = 1000.0;

/// The members that make a recording.
struct Members<'a> {
    info: &'a Member,
    log: Option<&'a Member>,
    activity: Option<&'a Member>,
    calibration: Option<&'a Member>,
}

/// The recordings among the members: whatever lies in a folder with an `info.txt`.
fn sets(members: &[Member]) -> impl Iterator<Item = Members<'_>> {
    members.iter().filter_map(|info| {
        let (folder, name) = info.split();
        if !name.eq_ignore_ascii_case("info.txt") {
            return None;
        }
        let beside = |wanted: &str| {
            let same = |member: &&Member| {
                let (other, name) = member.split();
                other == folder && name.eq_ignore_ascii_case(wanted)
            };
            members.iter().find(same)
        };
        let (log, activity) = (beside("log.bin"), beside("activity.bin"));
        let counts = beside("epoch.bin").is_some() && beside("log.bin").is_none();
        (log.is_some() || activity.is_some() || counts).then(|| Members {
            info,
            log,
            activity,
            calibration: beside("calibration.json"),
        })
    })
}

/// Whether the members of an archive are those of a recording.
pub(crate) fn claims(members: &[Member]) -> bool {
    sets(members).next().is_some()
}

/// Opens the recordings in an archive.
pub(crate) fn open(members: &[Member], options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    sets(members).map(|members| recording(&members, options)).collect()
}

fn recording(members: &Members<'_>, options: &ReadOptions) -> Result<Found, Fault> {
    let info = Info::read(&members.info.input()?.bytes)?;
    calibration(members)?;
    match (members.log, members.activity) {
        (Some(log), _) if log.size > 0 => new_layout(log, &info, options),
        (_, Some(activity)) => old_layout(activity, &info, options),
        (Some(log), None) => Err(Fault::NoRows(format!("{} has 0 bytes", log.name))),
        (None, None) => Err(Fault::NotARecording {
            what: "an ActiGraph archive of activity counts (epoch.bin), without raw data".to_owned(),
            hint: "download the device with raw data".to_owned(),
        }),
    }
}

/// The newest devices leave it to the software to calibrate, by a method that is not published.
fn calibration(members: &Members<'_>) -> Result<(), Fault> {
    const LONGEST: usize = 64 << 10;
    let Some(member) = members.calibration else { return Ok(()) };
    let bytes = member.input()?.bytes.head(LONGEST)?;
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if value["isCalibrated"] == false {
        return Err(Fault::Unsupported {
            what: "a recording of an ActiGraph device whose samples are not calibrated (calibration.json says isCalibrated: \
                   false)"
                .to_owned(),
            hint: "export it as raw CSV from ActiLife or CentrePoint".to_owned(),
        });
    }
    Ok(())
}

/// What the recording says of the device, without its serial number.
fn device(info: &Info) -> String {
    const LONGEST: usize = 24;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '+' | '-');
    match info.get("device type").filter(|model| model.len() <= LONGEST && model.chars().all(plain)) {
        Some(model) => format!("ActiGraph {model}"),
        None => "ActiGraph".to_owned(),
    }
}

/// Counts of 1 g by the first letters of the serial number: ±6 g and ±8 g devices.
fn per_g_of(prefix: &str) -> Option<f64> {
    match prefix {
        "NEO" | "CLE" | "MRA" => Some(341.0),
        "MOS" | "TAS" => Some(256.0),
        _ => None,
    }
}

fn is_scale(per_g: &f64) -> bool {
    (1.0..=1e6).contains(per_g)
}

fn scale(info: &Info, parameter: Option<f64>) -> Result<(Scale, String), Fault> {
    let stated = info.number("acceleration scale").filter(is_scale).map(|per_g| (per_g, "info.txt"));
    let parameter = parameter.filter(is_scale).map(|per_g| (per_g, "its PARAMETERS record"));
    let known = || info.prefix().and_then(per_g_of).map(|per_g| (per_g, "the kind of device"));
    let Some((per_g, because)) = stated.or(parameter).or_else(known) else {
        return Err(Fault::damaged(
            "info.txt",
            "no Acceleration Scale, neither here nor in a PARAMETERS record, and a serial number of an unknown kind of device",
            "the counts of 1 g",
        ));
    };
    let turned = info.prefix() == Some("MOS") && info.get("firmware") == Some("1.6.0");
    Ok((Scale { per_g: per_g as f32, turned }, because.to_owned()))
}

fn is_rate(rate: &f64) -> bool {
    rate.is_finite() && *rate > 0.0 && *rate <= FASTEST_HZ
}

/// The recording as far as both layouts have it in common.
fn found(
    info: &Info,
    options: &ReadOptions,
    (scale, scale_because): (Scale, String),
    rate: f64,
    start: Start,
    because: &str,
    reader: Box<dyn Reader>,
) -> Found {
    let mut conversions =
        vec![format!("counts divided by {} (known from {scale_because}) are g", scale.per_g)];
    if scale.turned {
        conversions.push(
            "axes turned as firmware 1.6.0 of this device needs it: x is its y, y is minus its x".to_owned(),
        );
    }
    let accelerometer = SensorInfo {
        unit_because: format!("counts and {} counts of 1 g, known from {scale_because}", scale.per_g),
        rate_hz: Some(rate),
        ..SensorInfo::new(Sensor::Accelerometer)
    };
    let header = Header {
        device: Some(device(info)),
        start,
        autocalibrate: true,
        identity: if options.identity { info.identity() } else { Vec::new() },
        sensors: vec![accelerometer],
        conversions,
        ..Header::default()
    };
    Found { format: Format::Gt3x, dialect: None, because: because.to_owned(), header, reader }
}

fn start(local_ns: i64, offset_s: Option<i32>) -> Start {
    match offset_s {
        Some(ahead) => Start::Utc {
            utc_ns: local_ns.saturating_sub(i64::from(ahead) * SECOND_NS),
            offset_s: Some(ahead),
        },
        None => Start::Local { local_ns },
    }
}

fn new_layout(member: &Member, info: &Info, options: &ReadOptions) -> Result<Found, Fault> {
    let bytes = member.input()?.bytes;
    let Looked { first, parameters, zone, gyroscope, findings } = look::look(&bytes)?;
    let stated = info.number("sample rate").or(parameters.rate).filter(is_rate);
    let rate = stated.or(options.rate_hz.filter(is_rate)).unwrap_or(first.samples as f64);
    let scale = scale(info, parameters.per_g)?;
    let local_ns = i64::from(first.second) * SECOND_NS;
    let offset_s = zone.offset_s.or(info.offset_s());
    let start = if zone.used_utc {
        Start::Utc { utc_ns: local_ns, offset_s }
    } else {
        start(local_ns, info.offset_s().or(offset_s))
    };
    let plan = Plan { scale: scale.0, beat: Beat::new(rate), gyroscope, zero: first.second };
    let reader = LogReader::new(bytes, plan);
    let because = "a zip archive with info.txt and log.bin";
    let mut found = found(info, options, scale, rate, start, because, Box::new(reader));
    found.header.findings = findings;
    if let Some(schema) = gyroscope {
        found.header.sensors.push(SensorInfo {
            unit: Some(Unit::DegreesPerSecond),
            unit_because: "a SENSOR_SCHEMA record and the maker's description of it".to_owned(),
            rate_hz: Some(schema.rate() as f64),
            ..SensorInfo::new(Sensor::Gyroscope)
        });
        found.header.conversions.push(
            "the accelerometer and the magnetometer of the measurement unit are left out, its gyroscope is read".to_owned(),
        );
    }
    Ok(found)
}

fn old_layout(member: &Member, info: &Info, options: &ReadOptions) -> Result<Found, Fault> {
    let bytes = member.input()?.bytes;
    let samples = Packing::Twelve.samples(usize::try_from(bytes.len()).unwrap_or(usize::MAX / 2));
    if samples == 0 {
        return Err(Fault::NoRows(format!("{} has {} bytes: no sample", member.name, bytes.len())));
    }
    let rate = info.number("sample rate").filter(is_rate).or(options.rate_hz.filter(is_rate));
    let rate = rate.ok_or_else(|| {
        Fault::needs(
            Need::Rate,
            "info.txt states no Sample Rate, and activity.bin has no times\nhint: state the rate",
        )
    })?;
    // The layout is that of the ±6 g devices alone.
    let scale = scale(info, Some(341.0))?;
    let start = info.date_ns("start date").map_or(Start::Unknown, |ns| start(ns, info.offset_s()));
    let reader = OldReader::new(bytes, scale.0, Beat::new(rate));
    let because = "a zip archive with info.txt and activity.bin, the old layout";
    Ok(found(info, options, scale, rate, start, because, Box::new(reader)))
}
