//! Reference inputs and outputs of a model, for checking another runtime against this one.

use crate::TrainError;
use ambulo_data::{DataError, Dataset, subjects_trained_on};
use ambulo_model::{Predictor, tensors};
use ambulo_record::{PersonId, atomic};
use std::collections::BTreeSet;
use std::path::Path;

/// Writes `x [window, time, channel]`, preprocessed and normalised, and the model's `logits [window, label]` to a
/// `safetensors` file: up to `count` windows, evenly spread over those of the people the model was trained on (test
/// people are not needed for this and stay untouched). Returns how many there are.
///
/// # Errors
/// Data that do not fit the model or hold none of those people, or the file system.
pub fn export_reference(
    model: &Predictor,
    dataset: &Dataset,
    count: usize,
    path: &Path,
) -> Result<usize, TrainError> {
    let metadata = model.model().metadata();
    let people: BTreeSet<PersonId> = metadata.provenance.trained_on.iter().cloned().collect();
    let partition = match subjects_trained_on(people).cut(dataset, &metadata.preprocessing, &metadata.labels)
    {
        Err(DataError::NoWindows { dataset, .. }) => return Err(TrainError::NoReference { dataset }),
        cut => cut?,
    };
    let windows = partition.windows();
    let taken = count.min(windows.len());
    let size = metadata.input().len();
    let mut x = vec![0.0; taken * size];
    for (i, out) in x.chunks_exact_mut(size).enumerate() {
        metadata.preprocessing.window_input(&windows.window(i * windows.len() / taken)?, out);
    }
    let logits = model.logits(&x)?;
    let bytes = tensors::to_bytes(
        "{\"content\": \"reference\"}".into(),
        &[
            ("x".into(), vec![taken, windows.time, metadata.preprocessing.channels.len()], &x),
            ("logits".into(), vec![taken, metadata.labels.len()], &logits),
        ],
    )?;
    atomic::write(path, &bytes).map_err(TrainError::Write)?;
    Ok(taken)
}
