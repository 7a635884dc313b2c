//! What a record says of the model that a training began with.

use serde::{Deserialize, Serialize};

/// A model whose weights a training began with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AncestorRecord {
    /// Name of its file, without the folder.
    pub name: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Names of the data sets that shaped it, and those before it.
    pub datasets: Vec<String>,
    /// People who shaped it, and those before it: nobody of them was tested on.
    pub people: usize,
}
