//! Whatever a signature of the surface mentions can be named through it.

use ambulo::network::{
    Activation, Architecture, Buffers, InstructionSet, LayerSpec, Mode, Network, NnError, Parameter, Pooling,
    Role, Shape, WindowPooling,
};
use ambulo::preprocessing::{
    AccelerationUnit, AngularVelocityUnit, Channel, Companding, Facing, GravityFilter, Level, NoiseFilter,
    Normalisation, Phase, Preprocessing, PreprocessingStream, ResampleOptions, Resampling, Rotation, Units,
};
use ambulo::{
    Calibration, Metadata, Model, ModelError, Prediction, Predictor, Provenance, Recording,
    RequiredOrientation, Sample, SignalError, Stream,
};
use std::path::Path;

/// A program's own signatures, for each type that a method or field hands out.
#[allow(dead_code, clippy::type_complexity, reason = "compiles or does not")]
struct Named<'m>(
    (Activation, Architecture, Buffers, InstructionSet, LayerSpec, Mode, Network, NnError, Parameter),
    (Pooling, Role, Shape, WindowPooling),
    (AccelerationUnit, AngularVelocityUnit, Channel, Companding, Facing, GravityFilter, Level, NoiseFilter),
    (Normalisation, Phase, Preprocessing, PreprocessingStream, ResampleOptions, Resampling, Rotation, Units),
    (Calibration, Metadata, Model, ModelError, RequiredOrientation, Prediction, Predictor<'m>, Provenance),
    (Recording, Sample, SignalError, Stream<'m>),
);

/// What a program that only predicts writes.
fn classify(file: &Path, recording: &Recording) -> Result<Vec<String>, ModelError> {
    let model = Model::load(file)?;
    let labels = &model.metadata().labels;
    let found: Vec<Prediction> = Predictor::new(&model).recording(recording)?;
    Ok(found.into_iter().map(|window| labels[window.label].clone()).collect())
}

#[test]
fn a_file_that_is_not_there_is_an_error_that_names_it() {
    let nothing = Recording { rate_hz: 50.0, samples: Vec::new() };
    let error = classify(Path::new("nowhere/model.safetensors"), &nothing).expect_err("no file");
    assert!(error.to_string().contains("model.safetensors"), "{error}");
}
