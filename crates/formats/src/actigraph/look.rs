//! What the first records of `log.bin` tell before it is read.

use super::info;
use super::log::{self, Blocks};
use super::record::{Damage, Record};
use crate::bytes::Bytes;
use crate::error::Fault;
use ambulo_signal::{Finding, FindingKind, Severity};

/// The first record with samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    /// Its second of the device's clock.
    pub(super) second: u32,
    pub(super) samples: usize,
}

/// What PARAMETERS records say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parameters {
    /// Counts of 1 g.
    pub(super) per_g: Option<f64>,
    /// Samples per second.
    pub(super) rate: Option<f64>,
}

/// What METADATA records say of the clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Zone {
    /// The seconds of records are UTC, not those of the local clock.
    pub(super) used_utc: bool,
    pub(super) offset_s: Option<i32>,
}

pub(super) struct Looked {
    pub(super) first: First,
    pub(super) parameters: Parameters,
    pub(super) zone: Zone,
    pub(super) findings: Vec<Finding>,
}

/// Reads on until there are samples, and then to the end of the block.
///
/// # Errors
/// Nothing but other records.
pub(super) fn look(bytes: &Bytes) -> Result<Looked, Fault> {
    let mut blocks = Blocks::new(bytes.clone());
    let (mut number, mut damage) = (0, Damage::default());
    let mut first: Option<First> = None;
    let (mut parameters, mut zone) = (Parameters::default(), Zone::default());
    let mut kinds = [0u64; 256];
    while first.is_none() && blocks.next()? {
        let records = blocks.search(&mut number, &mut damage);
        for record in records {
            kinds[usize::from(record.kind)] += 1;
            let content = record.content(blocks.buffer());
            match record.kind {
                log::PARAMETERS => parameters.take(content),
                log::METADATA => zone.take(content),
                _ => {}
            }
            first = first.or_else(|| first_of(&record));
        }
    }
    let Some(first) = first else { return Err(nothing(bytes, &kinds, &damage)) };
    let findings = others(&kinds);
    Ok(Looked { first, parameters, zone, findings })
}

fn first_of(record: &Record) -> Option<First> {
    let samples = log::packing(record.kind)?.samples(record.len());
    (samples > 0).then_some(First { second: record.second, samples })
}

/// There are no samples.
fn nothing(bytes: &Bytes, kinds: &[u64; 256], damage: &Damage) -> Fault {
    if kinds[usize::from(log::ACTIVITY3)] > 0 {
        return Fault::Unsupported {
            what: "a recording of a newer ActiGraph device (records of kind 0x1b in log.bin), whose samples need the maker's \
                   calibration"
                .to_owned(),
            hint: "export it as raw CSV from CentrePoint".to_owned(),
        };
    }
    let seen: Vec<String> = (0..kinds.len())
        .filter(|&kind| kinds[kind] > 0)
        .map(|kind| format!("{} of kind {kind:#04x}", kinds[kind]))
        .collect();
    let seen =
        if seen.is_empty() { "no whole record".to_owned() } else { format!("records: {}", seen.join(", ")) };
    let damaged = damage.first.map(|first| {
        format!("; {} are damaged, the first is record {} at byte {}", damage.records, first.number, first.at)
    });
    Fault::NoRows(format!(
        "no samples of acceleration (kinds 0x00 and 0x1a) in the {} bytes of log.bin; {seen}{}",
        bytes.len(),
        damaged.unwrap_or_default()
    ))
}

/// What else there is and is not read.
fn others(kinds: &[u64; 256]) -> Vec<Finding> {
    let mut all = Vec::new();
    if kinds[usize::from(log::SENSOR_SCHEMA)] > 0 && kinds[usize::from(log::SENSOR_DATA)] > 0 {
        let text = "the recording also holds samples of an inertial measurement unit, with a gyroscope: they are not read";
        all.push(Finding::new(FindingKind::SensorMissing, Severity::Note, text));
    }
    all
}

impl Parameters {
    fn take(&mut self, content: &[u8]) {
        for &[a, b, c, d, v, w, x, y] in content.as_chunks::<8>().0 {
            let value = u32::from_le_bytes([v, w, x, y]);
            match (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])) {
                (0, 55) => self.per_g = Some(fixed_point(value)),
                (1, 10) => self.rate = Some(f64::from(value)),
                _ => {}
            }
        }
    }
}

/// A number as the device's firmware stores it: a signed fraction of 24 bits, and above it a signed power of two.
pub(super) fn fixed_point(value: u32) -> f64 {
    let exponent = i32::from((value >> 24) as u8 as i8);
    let fraction = f64::from((value << 8).cast_signed() >> 8) / f64::from(1u32 << 23);
    fraction * f64::from(exponent).exp2()
}

impl Zone {
    fn take(&mut self, content: &[u8]) {
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(content) else { return };
        let offset = |value: &serde_json::Value| value["UtcOffset"].as_str().and_then(info::offset_s);
        match value["MetadataType"].as_str() {
            Some("LocalTimeLog") => {
                self.used_utc |= value["UsedUtc"] == true;
                self.offset_s = self.offset_s.or(offset(&value));
            }
            Some("SubjectTimeLog") => self.offset_s = offset(&value).or(self.offset_s),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_firmware() {
        // The maker's own examples.
        assert_eq!((fixed_point(0x0940_0000), fixed_point(0x0140_0000)), (256.0, 1.0));
        assert!((fixed_point(0xfd66_6666) - 0.1).abs() < 1e-7);
        assert_eq!(fixed_point(0x09c0_0000), -256.0);
    }
}
