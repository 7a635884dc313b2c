//! Configuration files: what they do not say is as the model and the orientation have it.

use super::{Config, ModelKind};
use crate::TrainError;
use ambulo_signal::Orientation;
use std::path::Path;
use toml::{Table, Value};

impl Config {
    /// Reads a TOML file; what it does not name has the default of its model and orientation.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or has an unknown key: with line and column.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        Self::read_with(path, None, None)
    }

    /// As [`Config::read`], for another model or orientation than the file's.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn read_with(
        path: &Path,
        model: Option<ModelKind>,
        orientation: Option<Orientation>,
    ) -> Result<Self, TrainError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TrainError::Io { path: path.to_owned(), source })?;
        parse(&text, model, orientation)
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

    /// A configuration from TOML; what it does not name has the default of its model and orientation.
    ///
    /// # Errors
    /// Text that is not TOML, or has an unknown key: with line and column.
    pub fn from_toml(text: &str) -> Result<Self, TrainError> {
        parse(text, None, None).map_err(|source| TrainError::ConfigFile {
            path: "configuration".into(),
            source: Box::new(source),
        })
    }
}

fn parse(
    text: &str,
    model: Option<ModelKind>,
    orientation: Option<Orientation>,
) -> Result<Config, toml::de::Error> {
    // First as it stands, for messages that name line and column.
    let stated: Config = toml::from_str(text)?;
    let mut table: Table = toml::from_str(text)?;
    if let Some(model) = model {
        // Sizes of another model mean nothing to this one.
        if stated.model != model {
            table.remove("network");
        }
        table.insert("model".into(), model.name().into());
    }
    if let Some(orientation) = orientation {
        // What brings about the file's own orientation does not bring about another.
        if orientation != stated.orientation {
            for (section, key) in
                [("training", "augmentation"), ("preprocessing", "facing"), ("preprocessing", "level")]
            {
                if let Some(section) = table.get_mut(section).and_then(Value::as_table_mut) {
                    section.remove(key);
                }
            }
        }
        table.insert("orientation".into(), orientation.name().into());
    }
    let orientation = orientation.unwrap_or(stated.orientation);
    let model = model.unwrap_or(stated.model);
    let mut whole = match Value::try_from(Config::of(model, orientation)) {
        Ok(Value::Table(whole)) => whole,
        // Every default can be written as TOML, which a test holds.
        _ => Table::new(),
    };
    overlay(&mut whole, table);
    whole.try_into()
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
