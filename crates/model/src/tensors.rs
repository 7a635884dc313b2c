//! f32 tensors in `safetensors` bytes.

use crate::ModelError;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use safetensors::tensor::{Dtype, SafeTensors};

/// The metadata key that holds Ambulo's JSON. One key only: the header writes several in no fixed order, and equal
/// models must be equal bytes.
pub const KEY: &str = "ambulo";

/// Serialises named f32 tensors with `json` under [`KEY`].
///
/// # Errors
/// When a shape does not match its values.
#[cfg(feature = "std")]
pub fn to_bytes(json: String, tensors: &[(String, Vec<usize>, &[f32])]) -> Result<Vec<u8>, ModelError> {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, _, values)| values.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
    let fail = |source| ModelError::Format { file: "the new file".into(), source };
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), b)| {
            Ok((name.as_str(), safetensors::tensor::TensorView::new(Dtype::F32, shape.clone(), b)?))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(fail)?;
    let metadata = std::collections::HashMap::from([(KEY.to_owned(), json)]);
    safetensors::serialize(views, Some(metadata)).map_err(fail)
}

/// Opens `bytes`: the tensors and the JSON under [`KEY`].
///
/// # Errors
/// A damaged file, or one without that key.
pub fn open<'a>(file: &str, bytes: &'a [u8]) -> Result<(SafeTensors<'a>, String), ModelError> {
    let fail = |source| ModelError::Format { file: file.to_owned(), source };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(fail)?;
    let json = header
        .metadata()
        .as_ref()
        .and_then(|m| m.get(KEY))
        .cloned()
        .ok_or_else(|| ModelError::Foreign { file: file.to_owned(), key: KEY })?;
    Ok((SafeTensors::deserialize(bytes).map_err(fail)?, json))
}

/// The values of one f32 tensor of a known shape.
///
/// # Errors
/// A tensor that is absent, of another shape or type, or holds a value that is not finite.
pub fn read(
    file: &str,
    tensors: &SafeTensors<'_>,
    name: &str,
    shape: &[usize],
) -> Result<Vec<f32>, ModelError> {
    let view = tensors.tensor(name).map_err(|_| ModelError::MissingTensor {
        file: file.to_owned(),
        tensor: name.to_owned(),
        expected: shape.to_vec(),
    })?;
    if view.dtype() != Dtype::F32 || view.shape() != shape {
        return Err(ModelError::Tensor {
            file: file.to_owned(),
            tensor: name.to_owned(),
            expected: format!("F32 {shape:?}"),
            found: format!("{:?} {:?}", view.dtype(), view.shape()),
        });
    }
    let values: Vec<f32> = view.data().as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(values),
        Some(position) => Err(ModelError::NotFinite {
            file: file.to_owned(),
            tensor: name.to_owned(),
            position,
            found: values[position],
        }),
    }
}
