//! Whatever a signature of the surface mentions can be named through it.

use ambulo::labels::{Answer, LabelSet, LabelSetError, Node, PersonId, PersonIdError, Target};
use ambulo::network::{
    Activation, Architecture, Buffers, InstructionSet, LayerSpec, Mode, Network, NnError, Parameter, Pooling,
    Role, Shape, WindowPooling,
};
use ambulo::preprocessing::{
    Channel, Companding, Facing, GravityFilter, InertialSignals, Layout, Level, NoiseFilter, Normalisation,
    Phase, Preprocessing, PreprocessingStream, Resampling, Rotation, Segment, Signal, Units,
};
use ambulo::{
    AxisMap, Calibration, Chunk, Clock, Declared, Finding, FindingKind, Gap, Header, Metadata, Model,
    ModelError, Objective, Orientation, Place, Prediction, Predictor, Pretext, Provenance, Recording,
    RecordingSource, Report, RequiredOrientation, Samples, Sensor, SensorInfo, SensorReport, SensorSeries,
    Severity, SignalError, Source, SourceError, Start, Stream, Unit,
};
use std::path::Path;

/// A program's own signatures, for each type that a method or field hands out.
#[allow(dead_code, clippy::type_complexity, reason = "compiles or does not")]
struct Named<'m>(
    (Activation, Architecture, Buffers, InstructionSet, LayerSpec, Mode, Network, NnError, Parameter),
    (Pooling, Role, Shape, WindowPooling),
    (Channel, Companding, Facing, GravityFilter, InertialSignals, Layout, Level, NoiseFilter, Normalisation),
    (Phase, Preprocessing, PreprocessingStream, Resampling, Rotation, Segment, Signal, Units),
    (Calibration, Metadata, Model, ModelError, Orientation, Prediction, Predictor, Provenance),
    (Objective, Pretext),
    (RequiredOrientation, Stream, Recording, RecordingSource<'m>, Box<dyn Source>, SourceError, SignalError),
    (Chunk, Samples, Clock, Header, Sensor, SensorInfo, SensorSeries, Start, Unit),
    (AxisMap, Declared, Finding, FindingKind, Gap, Place, Report, SensorReport, Severity),
    (Answer, LabelSet, LabelSetError, ambulo::labels::Level, Node, PersonId, PersonIdError, Target),
);

/// What a program that only predicts writes.
fn classify(file: &Path, recording: &Recording) -> Result<Vec<String>, ModelError> {
    let predictor = Predictor::new(Model::load(file)?);
    let labels = &predictor.model().metadata().labels;
    let found: Vec<Prediction> = predictor.recording_in_memory(recording)?;
    Ok(found.iter().filter_map(|window| labels.name(window.label as u8)).map(str::to_owned).collect())
}

#[test]
fn a_file_that_is_not_there_is_an_error_that_names_it() {
    let nothing = Recording::uniform(50.0, Vec::new(), None);
    let error = classify(Path::new("nowhere/model.safetensors"), &nothing).expect_err("no file");
    assert!(error.to_string().contains("model.safetensors"), "{error}");
}
