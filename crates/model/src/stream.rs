//! Answers while the samples arrive.

use crate::movement::{MOVEMENT, movement};
use crate::{ModelError, Prediction, Predictor};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use ambulo_nn::Buffers;
use ambulo_signal::intake::{Declared, Intake, Piece, RATE_TOLERANCE};
use ambulo_signal::levelling::{LiveVertical, rotation_to};
use ambulo_signal::{Finding, Header, Preprocessing, PreprocessingStream, Rotation, Sensor, SignalError};
use serde::{Deserialize, Serialize};

/// Timed samples in, answers out: the same intake and preprocessing and the same bits as
/// [`Predictor::recording`](crate::Predictor::recording), for models whose filters do not look ahead.
///
/// Every `step` samples at the model's rate the last window is classified as a whole. A pause, a clock that begins anew or a
/// value beyond any sensor begins another segment: no window spans it. What a whole file tells of itself (its unit at rest,
/// its rate) a stream has to be told: the header's units and rates, or what is declared.
///
/// An answer comes with the first sample after its window, since a sample's time is only known when the next has come.
pub struct Stream {
    predictor: Predictor,
    intake: Intake,
    preprocessing: PreprocessingStream,
    /// Finds the vertical and turns what comes; none where it is declared, or nothing is turned.
    vertical: Option<LiveVertical>,
    clock: SegmentClock,
    buffers: Buffers,
}

/// What the network says of one window.
pub(crate) struct RawWindow<'a> {
    pub(crate) start_ns: i64,
    pub(crate) logits: &'a mut [f32],
    pub(crate) embedding: &'a [f32],
    pub(crate) movement: [f32; MOVEMENT],
    /// Whether it is known which way was up.
    pub(crate) vertical: bool,
}

/// Where the stream is in its segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct SegmentClock {
    start_ns: i64,
    frames: usize,
}

/// What is saved of a stream, by reference.
#[derive(Serialize)]
struct SavedRef<'a, P: Serialize> {
    model: u64,
    intake: &'a Intake,
    clock: SegmentClock,
    #[serde(skip_serializing_if = "Option::is_none")]
    vertical: Option<&'a LiveVertical>,
    preprocessing: P,
}

/// The same read back.
#[derive(Deserialize)]
struct Saved {
    model: u64,
    intake: Intake,
    clock: SegmentClock,
    #[serde(default)]
    vertical: Option<LiveVertical>,
    preprocessing: Box<serde_json::value::RawValue>,
}

impl core::fmt::Debug for Stream {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Stream")
            .field("predictor", &self.predictor)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

impl Stream {
    /// A stream at its first sample, from sensors as the header says.
    ///
    /// # Errors
    /// A model whose filters look into the future (zero phase), or that levels recordings where no vertical is declared
    /// ([`Live`](crate::Live) finds it); a sensor that the model needs and the header lacks, or whose unit is neither in it nor
    /// declared; a rate that does not fit.
    pub fn new(predictor: &Predictor, header: &Header, declared: &Declared) -> Result<Self, ModelError> {
        let p = &predictor.model().metadata().preprocessing;
        let stream = match predictor.declared_rotation(declared)? {
            Some(rotation) => p.turned_stream(Some(rotation))?,
            None => p.stream()?,
        };
        Self::with(predictor, header, declared, stream, None, p.rate_hz)
    }

    /// A stream that finds out itself which way is up, where that is not declared and the model can be turned, and that may have fewer
    /// samples a second, down to the rate that the model states.
    pub(crate) fn levelling(
        predictor: &Predictor,
        header: &Header,
        declared: &Declared,
    ) -> Result<Self, ModelError> {
        let metadata = predictor.model().metadata();
        let p = &metadata.preprocessing;
        let rotation = predictor.declared_rotation(declared)?;
        let finds = rotation.is_none() && predictor.model().up().is_some();
        let vertical = finds.then(|| LiveVertical::new(p.rate_hz, p.layout()));
        let stream = p.turned_stream(rotation)?;
        Self::with(predictor, header, declared, stream, vertical, metadata.lowest_hz())
    }

    fn with(
        predictor: &Predictor,
        header: &Header,
        declared: &Declared,
        preprocessing: PreprocessingStream,
        vertical: Option<LiveVertical>,
        lowest_hz: f64,
    ) -> Result<Self, ModelError> {
        let model = predictor.model();
        let p = &model.metadata().preprocessing;
        for rate_hz in stated_rates(p, header) {
            if rate_hz >= p.rate_hz || rate_hz < lowest_hz * (1.0 - RATE_TOLERANCE) {
                p.check_rate(rate_hz)?;
            }
        }
        Ok(Self {
            intake: Intake::live(header, p.sensors(), p.rate_hz, declared)?,
            preprocessing,
            vertical,
            clock: SegmentClock::default(),
            buffers: model.network().buffers(1, false),
            predictor: predictor.clone(),
        })
    }

    /// Takes one sample of a sensor with its time in nanoseconds from any zero, in the unit of the header; gives the answers
    /// that it completes, nearly always none or one. Samples of a sensor that the model does not need are ignored.
    pub fn push(&mut self, sensor: Sensor, time_ns: i64, value: [f32; 3]) -> Vec<Prediction> {
        let mut answers = Vec::new();
        let (predictor, length_ns) = (self.predictor.clone(), self.predictor.window_ns());
        self.push_raw(sensor, time_ns, value, &mut |raw| {
            predictor.calibrate(raw.logits);
            answers.push(Prediction::new(raw.start_ns, length_ns, raw.logits));
        });
        answers
    }

    /// As [`push`](Self::push), with what the network says before it is calibrated.
    pub(crate) fn push_raw(
        &mut self,
        sensor: Sensor,
        time_ns: i64,
        value: [f32; 3],
        take: &mut dyn FnMut(RawWindow<'_>),
    ) {
        let sensors = self.preprocessing.preprocessing().sensors();
        let Some(number) = sensors.iter().position(|&s| s == sensor) else { return };
        self.run(|intake, sink| intake.push_sample(number, time_ns, value, sink), take);
    }

    /// Ends the recording: gives the answers that its last samples complete.
    pub fn finish(&mut self) -> Vec<Prediction> {
        let mut answers = Vec::new();
        let (predictor, length_ns) = (self.predictor.clone(), self.predictor.window_ns());
        self.finish_raw(&mut |raw| {
            predictor.calibrate(raw.logits);
            answers.push(Prediction::new(raw.start_ns, length_ns, raw.logits));
        });
        answers
    }

    /// As [`finish`](Self::finish), with what the network says before it is calibrated.
    pub(crate) fn finish_raw(&mut self, take: &mut dyn FnMut(RawWindow<'_>)) {
        self.run(|intake, sink| intake.finish(sink), take);
    }

    fn run(
        &mut self,
        feed: impl FnOnce(&mut Intake, &mut dyn FnMut(Piece<'_>)),
        take: &mut dyn FnMut(RawWindow<'_>),
    ) {
        let Self { predictor, intake, preprocessing, vertical, clock, buffers } = self;
        let (model, network) = (predictor.model(), predictor.model().network());
        let p = &model.metadata().preprocessing;
        let up = model.up();
        let frame = 3 * p.sensors().len();
        let mut logits = vec![0.0; model.metadata().labels.len()];
        let mut embedding = vec![0.0; network.embedding().len()];
        feed(intake, &mut |piece| match piece {
            Piece::Begin { start_ns } => {
                preprocessing.reset();
                vertical.iter_mut().for_each(LiveVertical::end_segment);
                *clock = SegmentClock { start_ns, frames: 0 };
            }
            Piece::Frames(frames) => {
                for values in frames.chunks_exact(frame) {
                    clock.frames = clock.frames.saturating_add(1);
                    if let Some(window) = preprocessing.push(values) {
                        predictor.infer(window, &mut logits, buffers);
                        network.embeddings(1, buffers, &mut embedding);
                        let start = clock.frames.saturating_sub(p.window);
                        take(RawWindow {
                            start_ns: clock.start_ns.saturating_add(p.nanoseconds(start)),
                            logits: &mut logits,
                            embedding: &embedding,
                            movement: movement(
                                preprocessing.last_window(),
                                p.layout(),
                                up.unwrap_or_default(),
                            ),
                            vertical: vertical.as_ref().is_none_or(|v| v.vertical().is_some()),
                        });
                    }
                    if let Some(vertical) = vertical
                        && vertical.push(preprocessing.last_row())
                    {
                        preprocessing.turn(turn(vertical, up));
                    }
                }
            }
            Piece::End => {}
        });
    }

    /// What was noticed up to now: missing and impossible values, gaps, what the clocks did, sensors that wait for each other
    /// in vain. Unit and rate a stream is told, and what only a whole recording tells it does not know.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.intake.findings()
    }

    /// Everything that the stream remembers, as JSON: [`restore`](Self::restore) goes on from it with the same bits.
    ///
    /// # Errors
    /// None with the state of a stream; the serialiser's in principle.
    pub fn save(&self) -> Result<String, ModelError> {
        let saved = SavedRef {
            model: self.predictor.fingerprint(),
            intake: &self.intake,
            clock: self.clock,
            vertical: self.vertical.as_ref(),
            preprocessing: self.preprocessing.state(),
        };
        serde_json::to_string(&saved)
            .map_err(|source| ModelError::Metadata { file: "the stream's state".into(), source })
    }

    /// Goes on from a state that a stream of the same model saved.
    ///
    /// # Errors
    /// Text that is no state, or one of another model.
    pub fn restore(&mut self, state: &str) -> Result<(), ModelError> {
        let unreadable = |source| ModelError::Metadata { file: "the stream's state".into(), source };
        let saved: Saved = serde_json::from_str(state).map_err(unreadable)?;
        if saved.model != self.predictor.fingerprint() {
            return Err(SignalError::Setting {
                field: "state",
                found: "that of another model".to_string(),
                expected: "give a state that a stream of this model saved".into(),
            }
            .into());
        }
        if !saved.intake.is_like(&self.intake) || saved.vertical.is_some() != self.vertical.is_some() {
            return Err(SignalError::Setting {
                field: "state",
                found: "that of a stream with other sensors, rates or units".to_string(),
                expected: "give the state of a stream made with the same model, header and declarations"
                    .into(),
            }
            .into());
        }
        let mut text = serde_json::Deserializer::from_str(saved.preprocessing.get());
        self.preprocessing.restore(&mut text).map_err(unreadable)?;
        (self.intake, self.clock) = (saved.intake, saved.clock);
        if let Some(vertical) = saved.vertical {
            self.preprocessing.turn(turn(&vertical, self.predictor.model().up()));
            self.vertical = Some(vertical);
        }
        Ok(())
    }
}

/// Rates that a header states of the sensors that are used.
pub(crate) fn stated_rates(p: &Preprocessing, header: &Header) -> impl Iterator<Item = f64> {
    header.sensors.iter().filter(|info| p.sensors().contains(&info.sensor)).filter_map(|info| info.rate_hz)
}

/// The rotation that brings a vertical, once it is found, to that of the model.
fn turn(vertical: &LiveVertical, up: Option<[f32; 3]>) -> Option<Rotation> {
    rotation_to(vertical.vertical()?, up?).ok()
}
