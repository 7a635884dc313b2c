//! The same windows as a personal model sees them.

use super::people::{Person, Window};
use ambulo_model::{Model, ModelError, Predictor};

/// Windows that are looked at together.
const TOGETHER: usize = 256;

/// A person as a model with another network sees them.
pub(super) fn by(model: &Model, person: &Person) -> Result<Person, ModelError> {
    let mut own = person.clone();
    windows(model, &mut own.windows)?;
    let predictor = predictor(model)?;
    for whole in own.recordings.values_mut() {
        let mut embeddings = Vec::with_capacity(whole.embeddings.len());
        for inputs in whole.inputs.chunks(TOGETHER * model.network().input().len()) {
            embeddings.extend(predictor.logits_and_embeddings(inputs)?.1);
        }
        whole.embeddings = embeddings;
    }
    Ok(own)
}

/// The same of windows alone.
pub(super) fn windows(model: &Model, windows: &mut [Window]) -> Result<(), ModelError> {
    let predictor = predictor(model)?;
    let (labels, width) = (model.metadata().labels.len(), model.network().embedding().len());
    for some in windows.chunks_mut(TOGETHER) {
        let inputs: Vec<f32> = some.iter().flat_map(|window| window.input.iter().copied()).collect();
        let (logits, embeddings) = predictor.logits_and_embeddings(&inputs)?;
        let rows = logits.chunks_exact(labels).zip(embeddings.chunks_exact(width));
        for (window, (logits, embedding)) in some.iter_mut().zip(rows) {
            window.logits = logits.to_vec();
            window.embedding = embedding.to_vec();
        }
    }
    Ok(())
}

fn predictor(model: &Model) -> Result<Predictor, ModelError> {
    Ok(Predictor::new(Model::new(model.metadata().clone(), model.weights().to_vec())?))
}

/// What a model with the same network but another last layer says.
pub(super) fn answer(model: &Model, windows: &mut [Window]) {
    for window in windows {
        window.logits = last_layer(model, &window.embedding).collect();
    }
}

/// What a model says of windows before calibration, `[window, label]`, given what its last layer is given.
pub(super) fn logits<'a>(model: &'a Model, windows: impl Iterator<Item = &'a Window>) -> Vec<f32> {
    windows.flat_map(|window| last_layer(model, &window.embedding)).collect()
}

/// Weight and bias of a model's last layer, whose parameters are its last, on an embedding.
pub(super) fn last_layer<'a>(model: &'a Model, embedding: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
    let classes = model.metadata().labels.len();
    let from = model.weights().len() - classes * (embedding.len() + 1);
    let (weight, bias) = model.weights()[from..].split_at(classes * embedding.len());
    let row =
        move |(row, bias): (&[f32], &f32)| bias + row.iter().zip(embedding).map(|(w, v)| w * v).sum::<f32>();
    weight.chunks_exact(embedding.len().max(1)).zip(bias).map(row)
}
