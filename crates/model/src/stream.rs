//! Answers while the samples arrive.

use crate::{ModelError, Prediction, Predictor};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use ambulo_nn::Buffers;
use ambulo_signal::intake::{Declared, Intake, Piece};
use ambulo_signal::{Finding, Header, PreprocessingStream, Sensor, SignalError};
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
    clock: SegmentClock,
    buffers: Buffers,
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
    preprocessing: P,
}

/// The same read back.
#[derive(Deserialize)]
struct Saved {
    model: u64,
    intake: Intake,
    clock: SegmentClock,
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
    /// A model whose filters look into the future (zero phase) or that levels whole recordings; a sensor that the model needs
    /// and the header lacks, or whose unit is neither in it nor declared; a rate that does not fit.
    pub fn new(predictor: &Predictor, header: &Header, declared: &Declared) -> Result<Self, ModelError> {
        let model = predictor.model();
        let p = &model.metadata().preprocessing;
        let preprocessing = p.stream()?;
        for rate_hz in
            header.sensors.iter().filter(|i| p.sensors().contains(&i.sensor)).filter_map(|i| i.rate_hz)
        {
            p.check_rate(rate_hz)?;
        }
        Ok(Self {
            intake: Intake::live(header, p.sensors(), p.rate_hz, declared)?,
            preprocessing,
            clock: SegmentClock::default(),
            buffers: model.network().buffers(1, false),
            predictor: predictor.clone(),
        })
    }

    /// Takes one sample of a sensor with its time in nanoseconds from any zero, in the unit of the header; gives the answers
    /// that it completes, nearly always none or one. Samples of a sensor that the model does not need are ignored.
    pub fn push(&mut self, sensor: Sensor, time_ns: i64, value: [f32; 3]) -> Vec<Prediction> {
        let sensors = self.preprocessing.preprocessing().sensors();
        let Some(number) = sensors.iter().position(|&s| s == sensor) else { return Vec::new() };
        self.run(|intake, sink| intake.push_sample(number, time_ns, value, sink))
    }

    /// Ends the recording: gives the answers that its last samples complete.
    pub fn finish(&mut self) -> Vec<Prediction> {
        self.run(|intake, sink| intake.finish(sink))
    }

    fn run(&mut self, feed: impl FnOnce(&mut Intake, &mut dyn FnMut(Piece<'_>))) -> Vec<Prediction> {
        let Self { predictor, intake, preprocessing, clock, buffers } = self;
        let p = &predictor.model().metadata().preprocessing;
        let mut answers = Vec::new();
        let frame = 3 * p.sensors().len();
        let mut logits = vec![0.0; predictor.model().metadata().labels.len()];
        feed(intake, &mut |piece| match piece {
            Piece::Begin { start_ns } => {
                preprocessing.reset();
                *clock = SegmentClock { start_ns, frames: 0 };
            }
            Piece::Frames(frames) => {
                for values in frames.chunks_exact(frame) {
                    clock.frames = clock.frames.saturating_add(1);
                    let Some(window) = preprocessing.push(values) else { continue };
                    predictor.infer(window, &mut logits, buffers);
                    predictor.calibrate(&mut logits);
                    let start = clock.frames.saturating_sub(p.window);
                    let start_ns = clock.start_ns.saturating_add(p.nanoseconds(start));
                    answers.push(Prediction::new(start_ns, p.nanoseconds(p.window), &logits));
                }
            }
            Piece::End => {}
        });
        answers
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
        if !saved.intake.is_like(&self.intake) {
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
        Ok(())
    }
}
