//! Configuration files: what they do not say is as the model, the orientation, the rate and the window have it.

use super::sizes::{Length, shift};
use super::{Config, ModelKind};
use crate::TrainError;
use ambulo_signal::{Orientation, Preprocessing};
use std::path::Path;
use toml::{Table, Value};

/// What is asked for beside a configuration file, and decides what its defaults are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    /// Another model than the file's.
    pub model: Option<ModelKind>,
    /// Another orientation.
    pub orientation: Option<Orientation>,
    /// Another rate, in Hz. Recordings at higher rates are then lowered to it.
    pub rate_hz: Option<f64>,
    /// Another window. At another rate, a window nobody asked for lasts as long as before.
    pub window: Option<Length>,
    /// Another step from window to window; half a window if one was asked for and no step.
    pub step: Option<Length>,
}

impl Asked {
    /// The defaults, as far as nothing else is asked for.
    ///
    /// # Errors
    /// None that a value out of range makes: these are found by [`Config::validate`].
    pub fn alone(self) -> Result<Config, TrainError> {
        parse("", self).map_err(|source| TrainError::ConfigFile {
            path: "configuration".into(),
            source: Box::new(source),
        })
    }
}

impl Config {
    /// Reads a TOML file; what it does not name has the default of its model, orientation, rate and window.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or has an unknown key: with line and column.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        Self::read_with(path, Asked::default())
    }

    /// As [`Config::read`], for another model, orientation, rate or window than the file's.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn read_with(path: &Path, asked: Asked) -> Result<Self, TrainError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TrainError::Io { path: path.to_owned(), source })?;
        parse(&text, asked)
            .map_err(|source| TrainError::ConfigFile { path: path.to_owned(), source: Box::new(source) })
    }

    /// Reads the configuration that a run was begun with, which names everything.
    ///
    /// # Errors
    /// As [`Config::read`], and [`TrainError::IncompleteConfiguration`] for a file that leaves anything to defaults.
    pub fn read_whole(path: &Path) -> Result<Self, TrainError> {
        let config = Self::read(path)?;
        let stated = std::fs::read_to_string(path)
            .map_err(|source| TrainError::Io { path: path.to_owned(), source })?;
        let table = |text: &str| {
            text.parse::<Table>()
                .map_err(|source| TrainError::ConfigFile { path: path.to_owned(), source: Box::new(source) })
        };
        match first_missing(&table(&config.to_toml()?)?, &table(&stated)?) {
            Some(missing) => Err(TrainError::IncompleteConfiguration { path: path.to_owned(), missing }),
            None => Ok(config),
        }
    }

    /// A configuration from TOML; what it does not name has the default of its model, orientation, rate and window.
    ///
    /// # Errors
    /// Text that is not TOML, or has an unknown key: with line and column.
    pub fn from_toml(text: &str) -> Result<Self, TrainError> {
        parse(text, Asked::default()).map_err(|source| TrainError::ConfigFile {
            path: "configuration".into(),
            source: Box::new(source),
        })
    }
}

pub(super) fn parse(text: &str, asked: Asked) -> Result<Config, toml::de::Error> {
    // First as it stands, for messages that name line and column.
    let stated: Config = toml::from_str(text)?;
    let mut table: Table = toml::from_str(text)?;
    if let Some(model) = asked.model {
        // Sizes of another model mean nothing to this one.
        if stated.model != model {
            table.remove("network");
        }
        table.insert("model".into(), model.name().into());
    }
    if let Some(orientation) = asked.orientation {
        // What brings about the file's own orientation does not bring about another.
        if orientation != stated.orientation {
            for (section, key) in
                [("training", "augmentation"), ("preprocessing", "facing"), ("preprocessing", "level")]
            {
                remove(&mut table, section, key);
            }
        }
        table.insert("orientation".into(), orientation.name().into());
    }
    let orientation = asked.orientation.unwrap_or(stated.orientation);
    let model = asked.model.unwrap_or(stated.model);
    let (rate_hz, window) = resize(&mut table, &stated, asked);
    let mut whole = match Value::try_from(Config::sized(model, orientation, rate_hz, window)) {
        Ok(Value::Table(whole)) => whole,
        // Every default can be written as TOML, which a test holds.
        _ => Table::new(),
    };
    if table.contains_key("from") {
        // The layers are those of the model that it begins with.
        whole.remove("network");
    }
    overlay(&mut whole, table);
    whole.try_into()
}

/// The rate and window of a file under what is asked for; takes out of the file what was meant for another window.
fn resize(table: &mut Table, stated: &Config, asked: Asked) -> (f64, usize) {
    let names = |key: &str| table.get("preprocessing").and_then(|section| section.get(key)).is_some();
    let p = &stated.preprocessing;
    // A rate alone leaves the window as long as it is by default.
    let seconds = if names("window") || !names("rate_hz") {
        p.window as f64 / p.rate_hz
    } else {
        let usual = Preprocessing::default();
        usual.window as f64 / usual.rate_hz
    };
    let rate_hz = asked.rate_hz.unwrap_or(p.rate_hz);
    let lasting = Length::Seconds(seconds).samples(rate_hz, p.window);
    let window = asked.window.map_or(lasting, |length| length.samples(rate_hz, lasting));
    let own = Length::Seconds(seconds).samples(p.rate_hz, p.window);
    if asked.rate_hz.is_some_and(|asked| asked != p.rate_hz) || window != own {
        for (section, key) in [
            ("network", "filters"),
            ("network", "kernel"),
            ("network", "stride"),
            ("preprocessing", "step"),
            ("preprocessing", "noise"),
        ] {
            remove(table, section, key);
        }
        let steps = table.get_mut("training").and_then(|t| t.get_mut("augmentation"));
        for step in steps.and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(samples) = step.get_mut("samples") {
                *samples = Value::Integer(shift(window) as i64);
            }
        }
    }
    if asked.rate_hz.is_some() || asked.window.is_some() || asked.step.is_some() {
        let section = table.entry("preprocessing").or_insert_with(|| Value::Table(Table::new()));
        if let Some(section) = section.as_table_mut() {
            section.insert("rate_hz".into(), rate_hz.into());
            section.insert("window".into(), Value::Integer(window as i64));
            if let Some(step) = asked.step {
                section.insert("step".into(), Value::Integer(step.samples(rate_hz, window) as i64));
            }
            let stays = section.get("resampling").and_then(Value::as_str) == Some("fill");
            if asked.rate_hz.is_some() && !stays {
                section.insert("resampling".into(), "linear".into());
            }
        }
    }
    (rate_hz, window)
}

fn remove(table: &mut Table, section: &str, key: &str) {
    if let Some(section) = table.get_mut(section).and_then(Value::as_table_mut) {
        section.remove(key);
    }
}

/// The first key of `whole` that `stated` does not have, as a path. A table with a `type` is one value.
fn first_missing(whole: &Table, stated: &Table) -> Option<String> {
    whole.iter().find_map(|(key, value)| match (value, stated.get(key)) {
        (_, None) => Some(key.clone()),
        (Value::Table(below), Some(Value::Table(own))) if !below.contains_key("type") => {
            first_missing(below, own).map(|rest| format!("{key}.{rest}"))
        }
        _ => None,
    })
}

/// Puts `over` on top of `base`. A table with a `type` is one value: its fields belong to that type.
fn overlay(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) if !above.contains_key("type") => {
                overlay(below, above);
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}
