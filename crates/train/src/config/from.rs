//! A training that begins with another model's weights.

use super::read::parse;
use super::{Asked, Config, ModelKind};
use crate::TrainError;
use crate::error::Difference;
use ambulo_data::hash::sha256;
use ambulo_model::shipped::Shipped;
use ambulo_model::{Metadata, Model};
use ambulo_nn::{Architecture, LayerSpec};
use ambulo_record::files::MODEL;
use ambulo_signal::{Preprocessing, Sensor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use toml::{Table, Value};

/// With which model a training begins, and how fast its layers go on learning: the section `[from]`.
///
/// Layers are counted from the first one, those with weights alone; a normalisation counts with the layer before it. The last
/// one, the head, is new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromConfig {
    /// The model file, or the name of a model inside.
    pub file: PathBuf,
    /// SHA-256 of its content; found when the file is first read ([`Config::read_asked`]).
    #[serde(default)]
    pub sha256: String,
    /// Which layers keep their weights.
    #[serde(default)]
    pub freeze: Freeze,
    /// Each layer learns at this share of the rate of the one above it; the head at the whole rate.
    #[serde(default = "decay")]
    pub decay: f64,
    /// Epochs at first in which the head alone is trained.
    #[serde(default = "warmup")]
    pub warmup: usize,
}

const fn decay() -> f64 {
    0.7
}

const fn warmup() -> usize {
    1
}

/// Which layers keep their weights; written as a number or `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freeze {
    /// So many of the first ones.
    First(usize),
    /// All but the head.
    All,
}

impl Default for Freeze {
    fn default() -> Self {
        Self::First(0)
    }
}

impl FromStr for Freeze {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            number => {
                number.parse().map(Self::First).map_err(|_| format!("`{text}` is neither a number nor `all`"))
            }
        }
    }
}

impl Serialize for Freeze {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::First(layers) => layers.serialize(to),
            Self::All => "all".serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Freeze {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number of layers, or \"all\"")]
        enum Written {
            Number(usize),
            Word(String),
        }
        match Written::deserialize(from)? {
            Written::Number(layers) => Ok(Self::First(layers)),
            Written::Word(word) => word.parse().map_err(serde::de::Error::custom),
        }
    }
}

impl FromConfig {
    /// Begins with this file, nothing frozen.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            sha256: String::new(),
            freeze: Freeze::default(),
            decay: decay(),
            warmup: warmup(),
        }
    }

    /// Name of the file, without the folder.
    pub(crate) fn name(&self) -> String {
        self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The model; also of the directory of a run, or one inside by its name. Without a hash it takes that of the file.
    ///
    /// # Errors
    /// A file that cannot be read or is none, or one of another content than the hash says.
    pub(crate) fn open(&mut self) -> Result<Model, TrainError> {
        if self.file.is_dir() {
            self.file.push(MODEL);
        }
        let path = &self.file;
        let inside = path.to_str().and_then(Shipped::named).filter(|_| !path.exists());
        let bytes = match inside {
            Some(shipped) => Cow::Borrowed(shipped.bytes()),
            None => Cow::Owned(
                std::fs::read(path).map_err(|source| TrainError::Io { path: path.clone(), source })?,
            ),
        };
        let found = sha256(&bytes);
        if self.sha256.is_empty() {
            self.sha256.clone_from(&found);
        }
        if self.sha256 != found {
            let (path, expected) = (path.clone(), self.sha256.clone());
            return Err(TrainError::OtherAncestor { path, expected, found });
        }
        Ok(Model::from_bytes(&path.display().to_string(), &bytes)?)
    }

    pub(super) fn validate(&self) -> Result<(), TrainError> {
        let setting =
            |setting, found: String, expected| Err(TrainError::Setting { setting, found, expected });
        if self.sha256.len() != 64 {
            return setting(
                "from.sha256",
                format!("`{}`", self.sha256),
                "the SHA-256 of the file, 64 digits",
            );
        }
        if !(self.decay > 0.0 && self.decay <= 1.0) {
            return setting("from.decay", self.decay.to_string(), "above 0 and at most 1");
        }
        if self.warmup > 100_000 {
            return setting("from.warmup", self.warmup.to_string(), "at most 100000 epochs");
        }
        Ok(())
    }
}

/// What is asked of a training that begins with a model, beside the configuration file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AskedFrom<'a> {
    /// The model file, or the directory of a run.
    pub file: Option<&'a Path>,
    /// Which layers keep their weights.
    pub freeze: Option<Freeze>,
    /// The sensors that the model shall use.
    pub sensors: Option<&'a [Sensor]>,
}

impl Config {
    /// The configuration of a file, or the defaults, under what is asked for. Where it begins with a model, layers and preprocessing are the
    /// model's, and whatever says otherwise is refused; only the step from window to window may be another.
    ///
    /// # Errors
    /// As [`Config::read_with`]; a model that cannot be read; [`TrainError::AncestorDiffers`].
    pub fn read_asked(file: Option<&Path>, asked: Asked, from: AskedFrom<'_>) -> Result<Self, TrainError> {
        let text = match file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| TrainError::Io { path: path.to_owned(), source })?,
        };
        let path = file.map_or_else(|| PathBuf::from("configuration"), Path::to_owned);
        let wrong = |source| TrainError::ConfigFile { path: path.clone(), source: Box::new(source) };
        // First as it stands, for messages that name line and column.
        let stated: Self = toml::from_str(&text).map_err(wrong)?;
        let mut table: Table = toml::from_str(&text).map_err(wrong)?;
        let Some(mut own) = from.file.map(FromConfig::of).or(stated.from) else {
            return parse(&text, asked).map_err(wrong);
        };
        own.freeze = from.freeze.unwrap_or(own.freeze);
        let model = own.open()?;
        let m = model.metadata();
        let differences = differences(&table, asked, from.sensors, m);
        if !differences.is_empty() {
            return Err(TrainError::AncestorDiffers { path: own.file, differences: differences.into() });
        }
        let mut preprocessing = Preprocessing { normalisation: None, ..m.preprocessing.clone() };
        let section = section(&table, "preprocessing");
        if let Some(step) = section.and_then(|s| s.get("step")).and_then(Value::as_integer) {
            preprocessing.step = usize::try_from(step).unwrap_or(0);
        }
        if let Some(step) = asked.step {
            preprocessing.step = step.samples(preprocessing.rate_hz, preprocessing.window);
        }
        let mut network = Table::new();
        network.insert("stack".into(), Value::try_from(body(&m.architecture))?);
        table.insert("model".into(), kind_of(m).name().into());
        table.insert("orientation".into(), m.orientation.kind.name().into());
        table.insert("preprocessing".into(), Value::try_from(preprocessing)?);
        table.insert("network".into(), Value::Table(network));
        table.insert("from".into(), Value::try_from(own)?);
        parse(&toml::to_string(&table)?, Asked::default()).map_err(wrong)
    }

    /// The layers of a training that begins with a model: those of the file with a new head.
    pub(super) fn architecture_from(&self, classes: usize) -> Result<Architecture, TrainError> {
        let mut layers = self.network.stack.clone();
        if layers.is_empty() {
            return Err(TrainError::Setting {
                setting: "network.stack",
                found: "empty".into(),
                expected: "the layers of the model in from.file",
            });
        }
        layers.push(LayerSpec::Linear { out: classes });
        Ok(Architecture { layers })
    }
}

/// All layers but the head.
fn body(architecture: &Architecture) -> &[LayerSpec] {
    architecture.layers.split_last().map_or(&[], |(_, body)| body)
}

/// The kind that the file names; of one that has no name here its layers are all that counts.
fn kind_of(m: &Metadata) -> ModelKind {
    m.model.parse().unwrap_or(ModelKind::Custom)
}

fn section<'a>(table: &'a Table, key: &str) -> Option<&'a Table> {
    table.get(key).and_then(Value::as_table)
}

/// Everything that is asked for and that the file has otherwise.
fn differences(table: &Table, asked: Asked, sensors: Option<&[Sensor]>, m: &Metadata) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut compare = |what: &str, asked: Option<String>, found: String| {
        if let Some(asked) = asked.filter(|asked| *asked != found) {
            all.push(Difference { what: what.into(), asked, found });
        }
    };
    let p = &m.preprocessing;
    let named = |key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
    compare("model", asked.model.map(|kind| kind.name().into()).or(named("model")), kind_of(m).name().into());
    let orientation = asked.orientation.map(|kind| kind.name().into()).or(named("orientation"));
    compare("orientation", orientation, m.orientation.kind.name().into());
    let list = |sensors: &[Sensor]| sensors.iter().map(|s| s.name()).collect::<Vec<_>>().join(" and ");
    // All of them are those that a model can use.
    let usable = Preprocessing::default().sensors();
    let sensors = sensors.map(|own| own.iter().copied().filter(|s| usable.contains(s)).collect::<Vec<_>>());
    compare("sensors", sensors.as_deref().map(list), list(p.sensors()));
    let hz = |rate: f64| format!("{rate} Hz");
    compare("rate", asked.rate_hz.map(hz), hz(p.rate_hz));
    let samples = |samples: usize| format!("{samples} samples");
    compare("window", asked.window.map(|w| samples(w.samples(p.rate_hz, p.window))), samples(p.window));
    // What a file of defaults would say is the model's own; the step is a matter of training, rates are lowered where data need it.
    let own = Value::try_from(Preprocessing { normalisation: None, ..p.clone() }).ok();
    let own = own.as_ref().and_then(Value::as_table);
    for (key, value) in section(table, "preprocessing").into_iter().flatten() {
        let found = own.and_then(|own| own.get(key));
        let free = ["step", "resampling"].contains(&key.as_str())
            || (key == "rate_hz" && asked.rate_hz.is_some())
            || (key == "window" && asked.window.is_some());
        if !free && !found.is_some_and(|found| agrees(value, found)) {
            let found = found.map_or_else(|| "none".to_owned(), Value::to_string);
            compare(&format!("preprocessing.{key}"), Some(value.to_string()), found);
        }
    }
    let layers = Value::try_from(body(&m.architecture)).ok();
    for (key, value) in section(table, "network").into_iter().flatten() {
        if key != "stack" || !layers.as_ref().is_some_and(|layers| agrees(value, layers)) {
            compare(&format!("network.{key}"), Some(value.to_string()), m.architecture.describe());
        }
    }
    all
}

/// Whether a value says nothing else than the file's; a table may leave out what it does not mean to say.
fn agrees(value: &Value, found: &Value) -> bool {
    match (value, found) {
        (Value::Table(value), Value::Table(found)) => {
            value.iter().all(|(key, value)| found.get(key).is_some_and(|found| agrees(value, found)))
        }
        (Value::Integer(value), Value::Float(found)) => *value as f64 == *found,
        // What is written with the digits of an f64 may be held as an f32.
        (Value::Float(value), Value::Float(found)) => *value as f32 == *found as f32,
        (Value::Array(value), Value::Array(found)) => {
            value.len() == found.len() && value.iter().zip(found).all(|(value, found)| agrees(value, found))
        }
        _ => value == found,
    }
}
