//! What can be wrong with a model file or with what is given to a model.

use alloc::string::String;
use alloc::vec::Vec;
use ambulo_nn::NnError;
use ambulo_signal::SignalError;
#[cfg(feature = "std")]
use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file system's answer.
    #[cfg(feature = "std")]
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file system's answer; the message names the file.
    #[cfg(feature = "std")]
    #[error("cannot write {0}")]
    Write(#[source] std::io::Error),
    /// Not a safetensors file, or a damaged one.
    #[error(
        "{file} is not a whole safetensors file: {source}\nhint: a model is the file model.safetensors of a run directory"
    )]
    Format {
        /// Name of the file.
        file: String,
        /// What the format's reader said.
        source: safetensors::SafeTensorError,
    },
    /// A safetensors file of somebody else.
    #[error("{file} is a safetensors file without the metadata key `{key}`: it was not written by Ambulo")]
    Foreign {
        /// Name of the file.
        file: String,
        /// The key that is missing.
        key: &'static str,
    },
    /// Metadata that this version cannot read.
    #[error("the metadata of {file} cannot be read: {source}")]
    Metadata {
        /// Name of the file.
        file: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// Written by a newer version.
    #[error("{file} has format {found}, this version reads up to {supported}\nhint: use a newer Ambulo")]
    Newer {
        /// Name of the file.
        file: String,
        /// Its format.
        found: u32,
        /// The newest this version reads.
        supported: u32,
    },
    /// A tensor that the architecture needs is not there.
    #[error("{file} has no tensor `{tensor}` of shape {expected:?}")]
    MissingTensor {
        /// Name of the file.
        file: String,
        /// Name of the tensor.
        tensor: String,
        /// Shape it should have.
        expected: Vec<usize>,
    },
    /// A tensor of another shape or type than the architecture's.
    #[error("tensor `{tensor}` of {file} is {found}, expected {expected}")]
    Tensor {
        /// Name of the file.
        file: String,
        /// Name of the tensor.
        tensor: String,
        /// Type and shape it should have.
        expected: String,
        /// Type and shape it has.
        found: String,
    },
    /// A weight that is not a number or infinite.
    #[error(
        "tensor `{tensor}` of {file} holds {found} at position {position}: the file is damaged or its training diverged"
    )]
    NotFinite {
        /// Name of the file.
        file: String,
        /// Name of the tensor.
        tensor: String,
        /// Index of the value, row-major.
        position: usize,
        /// The value.
        found: f32,
    },
    /// An encoder where a model that tells activities apart is needed.
    #[error(
        "{file} is an encoder: it was learned without labels ({objective}) and knows no activity yet\n\
         hint: `ambulo train --from {file}` teaches it activities from labelled recordings"
    )]
    Encoder {
        /// Name of the file.
        file: String,
        /// What it learned by.
        objective: &'static str,
    },
    /// Parts of the metadata that contradict each other.
    #[error("the model's parts do not fit together: {what} is {found}, expected {expected}")]
    Inconsistent {
        /// Which part.
        what: &'static str,
        /// What the others ask for.
        expected: String,
        /// What it says.
        found: String,
    },
    /// The architecture or the size of an input.
    #[error(transparent)]
    Network(#[from] NnError),
    /// The preprocessing, or a recording that does not fit it.
    #[error(transparent)]
    Signal(#[from] SignalError),
}
