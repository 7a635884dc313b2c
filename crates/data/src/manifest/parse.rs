//! From text to a manifest that says nothing impossible.

use super::Manifest;
use super::error::ManifestError;
use super::place::Text;
use super::plan::Plan;
use std::io::Read as _;
use std::path::Path;

/// Largest manifest that is read.
const MOST_BYTES: u64 = 4 << 20;

impl Manifest {
    /// Reads a manifest and checks everything that can be checked without the data. `name` is what messages call it.
    ///
    /// # Errors
    /// [`ManifestError::At`] with the first fault, its line and its key.
    pub fn parse(text: &str, name: &str) -> Result<Self, ManifestError> {
        let text = Text { name, text: text.strip_prefix('\u{feff}').unwrap_or(text) };
        let manifest: Self = toml::from_str(text.text).map_err(|error| text.toml(&error))?;
        // What is refused need not be complete.
        if manifest.refused.is_none() && !manifest.holds_windows() {
            Plan::new(&manifest).map_err(|(path, problem)| text.at(&path, problem))?;
        }
        Ok(manifest)
    }

    /// The same from a file.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); a file that cannot be read or is too large.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let io = |source| ManifestError::Io { path: path.to_owned(), source };
        let mut text = String::new();
        let file = std::fs::File::open(path).map_err(io)?;
        file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(io)?;
        if text.len() as u64 > MOST_BYTES {
            return Err(ManifestError::TooLarge { path: path.to_owned(), most: MOST_BYTES });
        }
        Self::parse(&text, &path.display().to_string())
    }
}
