//! A network as a value: a list of layers that can stand in a configuration file or a model file.

use crate::layer::{CellKind, Dropout, Layer, Linear, Pool, Recurrent};
use crate::{InstructionSet, NnError};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What flows between two layers, without the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Time steps; 1 after pooling.
    pub time: usize,
    /// Values per time step.
    pub channels: usize,
}

impl Shape {
    /// Values of one example.
    #[must_use]
    pub fn len(self) -> usize {
        self.time * self.channels
    }

    /// Whether an example has no values.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// How a sequence becomes one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// The last time step.
    Last,
    /// The mean over time.
    Mean,
}

/// One layer of an [`Architecture`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LayerSpec {
    /// Stacked LSTM: `[time, channels]` to `[time, hidden]`, or `[time, 2 hidden]` in both directions.
    Lstm {
        /// Width of each layer.
        hidden: usize,
        /// Depth.
        layers: usize,
        /// Dropout between the stacked layers (not after the last), as in PyTorch.
        #[serde(default)]
        dropout: f32,
        /// Also from the last step to the first; the result is both outputs, forward first.
        #[serde(default, skip_serializing_if = "is_false")]
        bidirectional: bool,
    },
    /// Stacked GRU in PyTorch's form: `[time, channels]` to `[time, hidden]`, or `[time, 2 hidden]` in both directions.
    Gru {
        /// Width of each layer.
        hidden: usize,
        /// Depth.
        layers: usize,
        /// Dropout between the stacked layers (not after the last), as in PyTorch.
        #[serde(default)]
        dropout: f32,
        /// Also from the last step to the first; the result is both outputs, forward first.
        #[serde(default, skip_serializing_if = "is_false")]
        bidirectional: bool,
    },
    /// Pooling over time: `[time, channels]` to `[1, channels]`.
    Pool {
        /// Which pooling.
        kind: Pooling,
    },
    /// Dropout (Srivastava et al. 2014), inverted: kept values are scaled up in training, inference is the identity.
    Dropout {
        /// Probability of a value to be dropped, in `[0, 1)`.
        p: f32,
    },
    /// Affine map of the channels, the same at each time step: `[time, channels]` to `[time, out]`.
    Linear {
        /// Channels of the result.
        out: usize,
    },
}

/// For options that are written down only when they are set, so that files from before them stay the same.
fn is_false(b: &bool) -> bool {
    !b
}

impl LayerSpec {
    /// The layer's type as configuration files name it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Lstm { .. } => "lstm",
            Self::Gru { .. } => "gru",
            Self::Pool { .. } => "pool",
            Self::Dropout { .. } => "dropout",
            Self::Linear { .. } => "linear",
        }
    }

    fn build(&self, index: usize, input: Shape, isa: InstructionSet) -> Result<Box<dyn Layer>, NnError> {
        let layer = self.type_name();
        let option =
            |option, found: String, expected| NnError::Option { index, layer, option, found, expected };
        let probability = |name, p: f32| match p {
            p if (0.0..1.0).contains(&p) => Ok(p),
            p => Err(option(name, p.to_string(), "at least 0 and below 1")),
        };
        // The upper bounds keep a slip in a configuration file from asking for terabytes.
        let size = |name, n: usize, limit, expected| match n {
            n if (1..=limit).contains(&n) => Ok(n),
            n => Err(option(name, n.to_string(), expected)),
        };
        if input.is_empty() {
            return Err(NnError::Shape {
                index,
                layer,
                problem: "a layer needs at least one time step and one channel".into(),
                time: input.time,
                channels: input.channels,
            });
        }
        Ok(match *self {
            Self::Lstm { hidden, layers, dropout, bidirectional }
            | Self::Gru { hidden, layers, dropout, bidirectional } => {
                let kind = if matches!(self, Self::Gru { .. }) { CellKind::Gru } else { CellKind::Lstm };
                let size = (
                    size("hidden", hidden, 8192, "from 1 to 8192")?,
                    size("layers", layers, 64, "from 1 to 64")?,
                );
                let dropout = probability("dropout", dropout)?;
                Box::new(Recurrent::new(kind, input, size, dropout, bidirectional, isa))
            }
            Self::Pool { kind } => Box::new(Pool::new(input, kind)),
            Self::Dropout { p } => Box::new(Dropout::new(input, probability("p", p)?)),
            Self::Linear { out } => {
                Box::new(Linear::new(input, size("out", out, 65_536, "from 1 to 65536")?, isa))
            }
        })
    }
}

/// A network as a list of layers, first to last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// The layers in the order the data passes them.
    pub layers: Vec<LayerSpec>,
}

impl Architecture {
    /// Builds the layers for an input shape.
    ///
    /// # Errors
    /// Names the first layer whose options or input do not fit.
    pub(crate) fn build(&self, input: Shape, isa: InstructionSet) -> Result<Vec<Box<dyn Layer>>, NnError> {
        if self.layers.is_empty() {
            return Err(NnError::Empty);
        }
        let mut shape = input;
        let mut layers = Vec::with_capacity(self.layers.len());
        for (index, spec) in self.layers.iter().enumerate() {
            let layer = spec.build(index, shape, isa)?;
            shape = layer.output();
            layers.push(layer);
        }
        Ok(layers)
    }

    /// One line for people, e.g. `LSTM 2 x 64, last step, dropout 0.3, linear 6`.
    #[must_use]
    pub fn describe(&self) -> String {
        let parts: Vec<String> = self
            .layers
            .iter()
            .map(|layer| match layer {
                LayerSpec::Lstm { hidden, layers, dropout, bidirectional }
                | LayerSpec::Gru { hidden, layers, dropout, bidirectional } => {
                    let kind = if matches!(layer, LayerSpec::Gru { .. }) { "GRU" } else { "LSTM" };
                    let both = if *bidirectional { "bidirectional " } else { "" };
                    let dropout =
                        if *dropout > 0.0 { format!(" (dropout {dropout})") } else { String::new() };
                    format!("{both}{kind} {layers} x {hidden}{dropout}")
                }
                LayerSpec::Pool { kind: Pooling::Last } => "last step".into(),
                LayerSpec::Pool { kind: Pooling::Mean } => "mean over time".into(),
                LayerSpec::Dropout { p } => format!("dropout {p}"),
                LayerSpec::Linear { out } => format!("linear {out}"),
            })
            .collect();
        parts.join(", ")
    }
}
