//! Preprocessing of a stream, with the bits of whole recordings.

use super::Preprocessing;
use super::chain::FilterChain;
use crate::filter::Phase;
use crate::window::WindowBuffer;
use crate::{InertialSignals, Level, Rotation, SignalError};
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Turns frames as they come into normalised windows; made by [`Preprocessing::stream`].
#[derive(Clone, Debug)]
pub struct PreprocessingStream {
    preprocessing: Preprocessing,
    state: State,
    /// How windows are turned before anything else; none leaves them as worn.
    rotation: Option<Rotation>,
    /// The last window, turned.
    turned: Vec<f32>,
    /// `[time, channel]`.
    input: Vec<f32>,
    rows: InertialSignals,
}

/// What a stream remembers of the samples before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct State {
    chain: FilterChain,
    /// Of inertial signals.
    windows: WindowBuffer,
}

impl Preprocessing {
    /// A stream of windows with exactly the bits that whole recordings give for the same samples.
    ///
    /// # Errors
    /// [`SignalError::LevelledStream`] if recordings are levelled; [`SignalError::ZeroPhaseStream`] if the filters look ahead;
    /// those of [`validate`](Self::validate).
    pub fn stream(&self) -> Result<PreprocessingStream, SignalError> {
        if self.level != Level::AsWorn {
            return Err(SignalError::LevelledStream);
        }
        self.turned_stream(None)
    }

    /// A stream whose windows are turned by this rotation, which may [change](PreprocessingStream::turn) later: with the bits that
    /// whole recordings give which are turned so from their beginning.
    ///
    /// # Errors
    /// [`SignalError::ZeroPhaseStream`] if the filters look ahead; those of [`validate`](Self::validate).
    pub fn turned_stream(&self, rotation: Option<Rotation>) -> Result<PreprocessingStream, SignalError> {
        self.validate()?;
        if self.phase == Phase::Zero {
            return Err(SignalError::ZeroPhaseStream);
        }
        let layout = self.layout();
        Ok(PreprocessingStream {
            state: State {
                chain: FilterChain::new(self)?,
                windows: WindowBuffer::new(self.window, self.step, layout.width())?,
            },
            rotation,
            turned: Vec::new(),
            input: vec![0.0; self.window * self.channels.len()],
            rows: InertialSignals::empty(layout),
            preprocessing: self.clone(),
        })
    }
}

impl PreprocessingStream {
    /// Takes one frame `[3 · sensors]` at the rate of the preprocessing, in g and rad/s; returns a normalised window
    /// `[time, channel]` every `step` frames once the first is full.
    ///
    /// No window spans a frame that is not finite: it is dropped, and everything before it forgotten. The
    /// [intake](crate::intake) gives none. A frame of another length is dropped.
    pub fn push(&mut self, frame: &[f32]) -> Option<&[f32]> {
        if frame.len() != 3 * self.rows.layout().sensors().len() {
            return None;
        }
        if !frame.iter().all(|v| v.is_finite()) {
            self.reset();
            return None;
        }
        self.rows.clear();
        self.state.chain.run(frame, &mut self.rows);
        let window = self.state.windows.push(self.rows.values())?;
        self.turned.clear();
        self.turned.extend_from_slice(window);
        if let Some(rotation) = &self.rotation {
            rotation.apply_rows(&mut self.turned);
        }
        self.preprocessing.window_input(&self.turned, &mut self.input);
        Some(&self.input)
    }

    /// The inertial signals of the last window `[time, width]`, turned; none before the first.
    pub fn last_window(&self) -> &[f32] {
        &self.turned
    }

    /// The inertial signals of the last frame, before any turning.
    pub fn last_row(&self) -> &[f32] {
        self.rows.values()
    }

    /// Turns all windows to come by another rotation.
    pub fn turn(&mut self, rotation: Option<Rotation>) {
        self.rotation = rotation;
    }

    /// Forgets all frames, as at the beginning of another segment.
    pub fn reset(&mut self) {
        self.state.chain.reset();
        self.state.windows.reset();
    }

    /// What it remembers, to be saved; [`restore`](Self::restore) of another stream goes on from it with the same bits.
    pub fn state(&self) -> impl Serialize + '_ {
        &self.state
    }

    /// Goes on from a state that a stream of the same preprocessing saved.
    ///
    /// # Errors
    /// What the deserialiser says, and a state of another preprocessing.
    pub fn restore<'de, D: serde::Deserializer<'de>>(&mut self, from: D) -> Result<(), D::Error> {
        use serde::de::Error as _;
        let state = State::deserialize(from)?;
        if !state.chain.is_like(&self.state.chain) || !state.windows.has_shape_of(&self.state.windows) {
            return Err(D::Error::custom("the state belongs to another preprocessing"));
        }
        self.state = state;
        Ok(())
    }

    /// The preprocessing it was made from.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }
}
