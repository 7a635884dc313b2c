//! A record of an EmbracePlus: what of it makes a recording.

use super::avro::Number;
use ambulo_signal::{Samples, Sensor, SensorInfo, Unit};

/// Samples of an axis in a record; half an hour at 64 Hz is 115,200.
const MOST_SAMPLES: usize = 1 << 22;
/// Beyond this no gyroscope is in rad/s: 34.9 is 2,000 deg/s.
const RADIANS: f64 = 40.0;
/// Greatest count of 16 bits, where no range is stated.
const LARGEST_COUNT: f64 = 32_768.0;

/// The accelerometer and the gyroscope, by their places in a [`Session`].
pub(super) const SENSORS: [usize; 2] = [0, 1];

/// Where in a record one is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    Elsewhere,
    Root,
    Timezone,
    Serial,
    Raw,
    Sensor(usize),
    Start(usize),
    Rate(usize),
    Params(usize),
    Param(usize, Param),
    Axis(usize, usize),
}

/// What scales the counts of a sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Param {
    PhysicalMin,
    PhysicalMax,
    DigitalMin,
    DigitalMax,
    Factor,
}

impl Place {
    /// The place of a field, by its name: schemas have grown, and places in them have moved.
    pub(super) fn field(self, name: &str) -> Self {
        match (self, name) {
            (Self::Root, "rawData") => Self::Raw,
            (Self::Root, "timezone") => Self::Timezone,
            (Self::Root, "deviceSn") => Self::Serial,
            (Self::Raw, "accelerometer") => Self::Sensor(0),
            (Self::Raw, "gyroscope") => Self::Sensor(1),
            (Self::Sensor(i), "timestampStart") => Self::Start(i),
            (Self::Sensor(i), "samplingFrequency") => Self::Rate(i),
            (Self::Sensor(i), "imuParams") => Self::Params(i),
            (Self::Sensor(i), "x") => Self::Axis(i, 0),
            (Self::Sensor(i), "y") => Self::Axis(i, 1),
            (Self::Sensor(i), "z") => Self::Axis(i, 2),
            (Self::Params(i), "physicalMin") => Self::Param(i, Param::PhysicalMin),
            (Self::Params(i), "physicalMax") => Self::Param(i, Param::PhysicalMax),
            (Self::Params(i), "digitalMin") => Self::Param(i, Param::DigitalMin),
            (Self::Params(i), "digitalMax") => Self::Param(i, Param::DigitalMax),
            (Self::Params(i), "conversionFactor") => Self::Param(i, Param::Factor),
            _ => Self::Elsewhere,
        }
    }
}

/// A record.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    /// Seconds by which the wearer's clock is ahead of UTC.
    pub(super) timezone_s: Option<i64>,
    pub(super) serial: Option<String>,
    sensors: [Series; 2],
}

#[derive(Clone, Debug, Default)]
struct Series {
    /// Microseconds since 1970 UTC.
    start_us: i64,
    rate_hz: f64,
    /// In the order of [`Param`].
    params: [Option<f64>; 5],
    axes: [Vec<f32>; 3],
}

impl Series {
    /// What a count is.
    fn scale(&self) -> Option<f64> {
        let [from, to, digital_from, digital_to, factor] = self.params;
        let by_range = || Some((to? - from?) / (digital_to? - digital_from?));
        let usable = |scale: &f64| scale.is_finite() && *scale != 0.0;
        factor.filter(usable).or_else(by_range).filter(usable)
    }
}

impl Session {
    /// Keeps a number, if it is one of interest.
    pub(super) fn set(&mut self, at: Place, value: Number) -> Result<(), String> {
        match (at, value) {
            (Place::Timezone, Number::Whole(seconds)) => self.timezone_s = Some(seconds),
            (Place::Start(i), Number::Whole(us)) => self.sensors[i].start_us = us,
            (Place::Rate(i), rate) => self.sensors[i].rate_hz = rate.real(),
            (Place::Param(i, param), value) => self.sensors[i].params[param as usize] = Some(value.real()),
            (Place::Axis(i, axis), value) => {
                let axis = &mut self.sensors[i].axes[axis];
                if axis.len() == MOST_SAMPLES {
                    return Err(format!("more than {MOST_SAMPLES} samples in a record"));
                }
                axis.push(value.real() as f32);
            }
            _ => {}
        }
        Ok(())
    }

    /// What is wrong with the sensors that have samples, if anything.
    pub(super) fn check(&self) -> Result<(), String> {
        const RATES: std::ops::RangeInclusive<f64> = 0.1..=10_000.0;
        for (series, name) in self.sensors.iter().zip(["accelerometer", "gyroscope"]) {
            let [x, y, z] = [0, 1, 2].map(|axis| series.axes[axis].len());
            if x != y || y != z {
                return Err(format!("{x}, {y} and {z} values on the axes of the {name}"));
            }
            if x > 0 && !RATES.contains(&series.rate_hz) {
                return Err(format!("samplingFrequency {} of the {name}", series.rate_hz));
            }
            if x > 0 && series.scale().is_none() {
                return Err(format!("imuParams of the {name} that give no scale"));
            }
        }
        Ok(())
    }

    pub(super) fn has_samples(&self, i: usize) -> bool {
        !self.sensors[i].axes[0].is_empty()
    }

    pub(super) fn start_us(&self, i: usize) -> i64 {
        self.sensors[i].start_us
    }

    /// What is known of a sensor that has samples.
    pub(super) fn info(&self, i: usize) -> SensorInfo {
        let series = &self.sensors[i];
        let range = series.params[Param::PhysicalMax as usize]
            .unwrap_or_else(|| series.scale().unwrap_or_default() * LARGEST_COUNT)
            .abs();
        let (sensor, unit, because) = match i {
            0 => (
                Sensor::Accelerometer,
                Some(Unit::G),
                "the format's own: imuParams scale counts to g".to_owned(),
            ),
            _ if range > RADIANS => {
                let because = format!("its range of {range:.0}, which no gyroscope has in rad/s");
                (Sensor::Gyroscope, Some(Unit::DegreesPerSecond), because)
            }
            _ => (Sensor::Gyroscope, None, String::new()),
        };
        SensorInfo { unit, unit_because: because, rate_hz: Some(series.rate_hz), ..SensorInfo::new(sensor) }
    }

    /// Seconds in which the faster sensor takes so many samples.
    pub(super) fn seconds(&self, samples: f64) -> f64 {
        let fastest = SENSORS.iter().filter(|&&i| self.has_samples(i)).map(|&i| self.sensors[i].rate_hz);
        samples / fastest.fold(1.0, f64::max)
    }

    /// Gives out the samples of some seconds; whether there are more.
    pub(super) fn give(
        &self,
        i: usize,
        given: &mut usize,
        seconds: f64,
        zero_us: i64,
        part: &mut Samples,
    ) -> bool {
        let series = &self.sensors[i];
        let [x, y, z] = &series.axes;
        let scale = series.scale().unwrap_or_default();
        let most = given.saturating_add((seconds * series.rate_hz) as usize + 1).min(x.len());
        let from = series.start_us.saturating_sub(zero_us).saturating_mul(1000);
        for k in *given..most {
            let time_ns = from.saturating_add((k as f64 * 1e9 / series.rate_hz).round() as i64);
            part.push(time_ns, [x[k], y[k], z[k]].map(|count| (f64::from(count) * scale) as f32));
        }
        *given = most;
        most < x.len()
    }
}
