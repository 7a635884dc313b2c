//! The file from which a stream goes on.

use crate::failure::Usage;
use ambulo_formats::{LiveSample, LiveState};
use ambulo_record::atomic;
use ambulo_signal::{Header, Sensor};
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// The version of the layout; another one is refused.
const VERSION: u32 = 1;

/// Everything that a stream needs to go on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    version: u32,
    ambulo: String,
    /// What was asked for, by option.
    stated: BTreeMap<String, Value>,
    /// Answers were printed as CSV, so that the line of names is there.
    pub(super) csv: bool,
    pub(super) input: LiveState,
    /// Samples that wait for enough of them to begin with.
    pub(super) waiting: Vec<Waiting>,
    pub(super) begun: Option<Begun>,
}

/// A stream that answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Begun {
    /// The model's fingerprint.
    pub(super) model: String,
    /// Sensors, units and rates.
    pub(super) header: Header,
    /// What [`ambulo_model::Live`] saves of itself.
    pub(super) live: String,
}

/// A sample; its values as bits, since JSON has no numbers that are none.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Waiting(Sensor, i64, [u32; 3]);

impl From<&LiveSample> for Waiting {
    fn from(sample: &LiveSample) -> Self {
        Self(sample.sensor, sample.time_ns, sample.value.map(f32::to_bits))
    }
}

impl From<Waiting> for LiveSample {
    fn from(Waiting(sensor, time_ns, bits): Waiting) -> Self {
        Self { sensor, time_ns, value: bits.map(f32::from_bits) }
    }
}

impl Saved {
    pub(super) fn new(stated: BTreeMap<String, Value>, csv: bool, input: LiveState) -> Self {
        let ambulo = env!("CARGO_PKG_VERSION").to_owned();
        Self { version: VERSION, ambulo, stated, csv, input, waiting: Vec::new(), begun: None }
    }

    /// Refuses to go on with anything else than what was asked for before.
    pub(super) fn check(&self, stated: &BTreeMap<String, Value>, path: &Path) -> anyhow::Result<()> {
        let said = |stated: &BTreeMap<String, Value>, name: &str| match stated.get(name) {
            None => format!("without {name}"),
            Some(Value::Bool(_)) => format!("with {name}"),
            Some(Value::String(text)) => format!("with {name} {text}"),
            Some(value) => format!("with {name} {value}"),
        };
        for name in self.stated.keys().chain(stated.keys()) {
            if self.stated.get(name) != stated.get(name) {
                return Err(Usage(format!(
                    "{} was written by a stream {}, and this one is {}\nhint: go on with the options that it began with, or name \
                     another file to begin anew",
                    path.display(),
                    said(&self.stated, name),
                    said(stated, name)
                ))
                .into());
            }
        }
        Ok(())
    }
}

/// Reads a state; nothing where there is no such file.
pub(super) fn read(path: &Path) -> anyhow::Result<Option<Saved>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let refused = |error: serde_json::Error| {
        Usage(format!(
            "{} is no state of a stream: {error}\nhint: name a file that is not there yet to begin anew",
            path.display()
        ))
    };
    let Version { version } = serde_json::from_slice(&bytes).map_err(refused)?;
    if version != VERSION {
        return Err(Usage(format!(
            "{} is a state of version {version}, and this program goes on from version {VERSION}\nhint: name a file that is not there \
             yet to begin anew",
            path.display()
        ))
        .into());
    }
    Ok(Some(serde_json::from_slice(&bytes).map_err(refused)?))
}

pub(super) fn write(path: &Path, saved: &Saved) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec(saved)?;
    bytes.push(b'\n');
    atomic::write(path, &bytes).context("cannot write the state")
}
