//! What a manifest says of its data set as a whole.

use super::{FilesEntry, Manifest};
use crate::{Availability, DatasetInfo};
use ambulo_formats::{Columns, Units};
use ambulo_record::PersonId;
use ambulo_record::vocabulary::{UNLABELLED, canonical};
use ambulo_signal::Sensor;

impl Manifest {
    /// What the data set is, without its files. The number of people is 0 where the manifest does not expect one, the rate 0
    /// where no one rate is stated: times decide.
    pub fn info(&self) -> DatasetInfo {
        let entries = || std::iter::once(&self.defaults).chain(&self.files);
        let rates: Vec<f64> = distinct(entries().filter_map(|entry| entry.rate));
        DatasetInfo {
            name: self.name.clone(),
            title: self.title.clone(),
            cohort: self.cohort.clone().unwrap_or_else(|| self.name.clone()),
            licence: self.licence.clone(),
            citation: self.citation.clone(),
            people: self.expect.people.and_then(|people| u16::try_from(people).ok()).unwrap_or(0),
            rate_hz: if let [rate] = rates[..] { rate } else { 0.0 },
            device: distinct(entries().filter_map(|entry| entry.device.as_deref())).join(", "),
            placement: self.placements().join(", "),
            activities: self.activities(),
            channels: self.sensors().into_iter().map(channels).collect(),
            source: self.source.clone(),
            availability: if self.archive.is_empty() {
                Availability::Page { source: self.source.clone() }
            } else {
                Availability::Archive {
                    urls: self.archive.iter().map(|archive| archive.url.clone()).collect(),
                }
            },
            sha256: self.sha256.clone(),
        }
    }

    /// Where devices were worn, as far as the manifest lists it: where placements are captured, what they are called.
    pub fn placements(&self) -> Vec<&str> {
        let entries = || std::iter::once(&self.defaults).chain(&self.files);
        let fixed = entries().filter_map(|entry| entry.placement.as_deref());
        let captured = entries().filter_map(|entry| entry.rename.get("placement"));
        distinct(fixed.chain(captured.flat_map(|words| words.values().map(String::as_str))))
    }

    /// Sensors that are read, of any of the files.
    pub fn sensors(&self) -> Vec<Sensor> {
        let all = [Sensor::Accelerometer, Sensor::Gyroscope, Sensor::Magnetometer];
        all.into_iter()
            .filter(|&sensor| {
                self.files.iter().any(|entry| {
                    has(entry, &self.defaults, sensor)
                        || entry.with.iter().chain(&self.defaults.with).any(|with| {
                            with.columns.as_deref().is_some_and(|columns| columns_have(columns, sensor))
                        })
                })
            })
            .collect()
    }

    /// Names of its activities, in the order of their numbers or words in the files.
    pub fn activities(&self) -> Vec<String> {
        let mut words: Vec<(PersonId, &String)> = Vec::new();
        // Numbers in words count as they do in names of people: 2 before 10.
        for (word, name) in &self.labels.map {
            if let Ok(word) = PersonId::new(word.trim()) {
                words.push((word, name));
            }
        }
        words.sort();
        let names = words.into_iter().filter_map(|(_, name)| canonical(name).ok());
        distinct(names.filter(|name| name != UNLABELLED))
    }
}

/// Whether the files of an entry have a sensor: by their columns, or by their units where a format of its own has no columns.
fn has(entry: &FilesEntry, defaults: &FilesEntry, sensor: Sensor) -> bool {
    if let Some(columns) = entry.columns.as_deref().or(defaults.columns.as_deref()) {
        return columns_have(columns, sensor);
    }
    let units = entry.units.as_deref().or(defaults.units.as_deref());
    units.and_then(|units| units.parse::<Units>().ok()).is_some_and(|units| units.of(sensor).is_some())
}

fn columns_have(columns: &str, sensor: Sensor) -> bool {
    columns.parse::<Columns>().is_ok_and(|columns| columns.sensors.iter().any(|(of, _)| *of == sensor))
}

/// What is read of a sensor, in words.
pub(super) fn channels(sensor: Sensor) -> String {
    match sensor {
        Sensor::Accelerometer => "acceleration x, y, z in g, with gravity",
        Sensor::Gyroscope => "angular velocity x, y, z in rad/s",
        Sensor::Magnetometer => "magnetic field x, y, z in µT",
    }
    .to_owned()
}

/// Each once, in the order of the first.
pub(crate) fn distinct<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}
