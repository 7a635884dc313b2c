//! A network as a value: a list of layers that can stand in a configuration file or a model file.

use crate::layer::{
    AttentionPool, BatchNorm, CellKind, Conv, Depthwise, Dropout, Elementwise, Layer, LayerNorm, Linear,
    Pool, Recurrent, Window, WindowPool,
};
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
    /// The largest value over time; its gradient goes to the first time step that has it.
    Max,
}

/// How the time steps of a window become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WindowPooling {
    /// The largest value, as PyTorch's `MaxPool1d`.
    Max,
    /// The mean, padding included as zeros, as PyTorch's `AvgPool1d`.
    Mean,
}

/// A function of single values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// Hyperbolic tangent, to 4.5e-7.
    Tanh,
    /// Logistic sigmoid, to 3e-7.
    Sigmoid,
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

fn default_epsilon() -> f32 {
    1e-5
}

fn default_momentum() -> f32 {
    0.1
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
    /// Convolution over time, zeros at both ends, as PyTorch's `Conv1d`: `[time, channels]` to
    /// `[(time + 2 padding - kernel) / stride + 1, out]`.
    Conv {
        /// Channels of the result.
        out: usize,
        /// Time steps that a result sees.
        kernel: usize,
        /// Time steps between results.
        #[serde(default = "one")]
        stride: usize,
        /// Zeros at each end, fewer than the kernel.
        #[serde(default)]
        padding: usize,
        /// Each channel by itself (as many groups as channels); `out` is then a multiple of the channels.
        #[serde(default)]
        depthwise: bool,
        /// Whether there is a bias.
        #[serde(default = "yes")]
        bias: bool,
    },
    /// Batch normalisation of the channels (Ioffe and Szegedy 2015), as PyTorch's `BatchNorm1d`. In training the batch is
    /// the shard of at most [`crate::SHARD`] examples (Hoffer et al. 2017), so that bits do not depend on threads.
    BatchNorm {
        /// Added to the variance.
        #[serde(default = "default_epsilon")]
        epsilon: f32,
        /// Weight of a new batch in the running statistics, in `(0, 1]`.
        #[serde(default = "default_momentum")]
        momentum: f32,
    },
    /// Layer normalisation over the channels of each time step (Ba et al. 2016), as PyTorch's `LayerNorm`.
    LayerNorm {
        /// Added to the variance.
        #[serde(default = "default_epsilon")]
        epsilon: f32,
    },
    /// A non-linearity, value by value.
    Activation {
        /// Which one.
        kind: Activation,
    },
    /// Pooling over windows of time: `[time, channels]` to `[(time + 2 padding - kernel) / stride + 1, channels]`.
    WindowPool {
        /// Which pooling.
        kind: WindowPooling,
        /// Time steps of a window.
        kernel: usize,
        /// Time steps between windows; the kernel when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stride: Option<usize>,
        /// Padding at each end, at most half the kernel.
        #[serde(default)]
        padding: usize,
    },
    /// Pooling over time by additive attention (Yang et al. 2016): `[time, channels]` to `[1, channels]`, the sum of the time
    /// steps `x` weighted by the softmax over time of `context · tanh(weight x + bias)`.
    AttentionPool {
        /// Length of the context.
        hidden: usize,
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
            Self::Conv { .. } => "conv",
            Self::BatchNorm { .. } => "batch-norm",
            Self::LayerNorm { .. } => "layer-norm",
            Self::Activation { .. } => "activation",
            Self::WindowPool { .. } => "window-pool",
            Self::AttentionPool { .. } => "attention-pool",
        }
    }

    pub(crate) fn build(
        &self,
        index: usize,
        input: Shape,
        isa: InstructionSet,
    ) -> Result<Box<dyn Layer>, NnError> {
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
        let shape = |problem| {
            let Shape { time, channels } = input;
            NnError::Shape { index, layer, problem, time, channels }
        };
        if input.is_empty() {
            return Err(shape("a layer needs at least one time step and one channel".into()));
        }
        let epsilon = |e: f32| match e {
            e if e > 0.0 && e.is_finite() => Ok(e),
            e => Err(option("epsilon", e.to_string(), "a positive number")),
        };
        let window = |kernel, stride, padding, (limit, expected)| {
            let window = Window {
                kernel: size("kernel", kernel, 1024, "from 1 to 1024")?,
                stride: size("stride", stride, 1024, "from 1 to 1024")?,
                padding,
            };
            if padding > limit {
                return Err(option("padding", padding.to_string(), expected));
            }
            if window.results(input.time) == 0 {
                let least = kernel - 2 * padding;
                let with = if padding > 0 { format!(" with padding {padding}") } else { String::new() };
                return Err(shape(format!("a kernel of {kernel}{with} needs at least {least} time steps")));
            }
            Ok(window)
        };
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
            Self::Pool { kind } => Box::new(Pool::new(input, kind, isa)),
            Self::Dropout { p } => Box::new(Dropout::new(input, probability("p", p)?)),
            Self::Linear { out } => {
                Box::new(Linear::new(input, size("out", out, 65_536, "from 1 to 65536")?, isa))
            }
            Self::Conv { out, kernel, stride, padding, depthwise, bias } => {
                let out = size("out", out, 8192, "from 1 to 8192")?;
                let limit = (kernel.saturating_sub(1), "fewer than the kernel");
                let window = window(kernel, stride, padding, limit)?;
                if !depthwise {
                    return Ok(Box::new(Conv::new(input, out, window, bias, isa)));
                }
                if !out.is_multiple_of(input.channels) {
                    return Err(shape(format!(
                        "depthwise, out must be a multiple of the channels and is {out}"
                    )));
                }
                Box::new(Depthwise::new(input, out, window, bias, isa))
            }
            Self::BatchNorm { epsilon: e, momentum } => {
                if !(momentum > 0.0 && momentum <= 1.0) {
                    return Err(option("momentum", momentum.to_string(), "above 0 and at most 1"));
                }
                Box::new(BatchNorm::new(input, epsilon(e)?, momentum, isa))
            }
            Self::LayerNorm { epsilon: e } => Box::new(LayerNorm::new(input, epsilon(e)?, isa)),
            Self::Activation { kind } => Box::new(Elementwise::new(input, kind, isa)),
            Self::WindowPool { kind, kernel, stride, padding } => {
                let limit = (kernel / 2, "at most half the kernel");
                let window = window(kernel, stride.unwrap_or(kernel), padding, limit)?;
                Box::new(WindowPool::new(input, kind, window, isa))
            }
            Self::AttentionPool { hidden } => {
                Box::new(AttentionPool::new(input, size("hidden", hidden, 8192, "from 1 to 8192")?, isa))
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
                LayerSpec::Pool { kind: Pooling::Max } => "maximum over time".into(),
                LayerSpec::Dropout { p } => format!("dropout {p}"),
                LayerSpec::Linear { out } => format!("linear {out}"),
                LayerSpec::Conv { out, kernel, stride, depthwise, .. } => {
                    let kind = if *depthwise { "depthwise conv" } else { "conv" };
                    let every = if *stride > 1 { format!(" every {stride}") } else { String::new() };
                    format!("{kind} {out} x {kernel}{every}")
                }
                LayerSpec::BatchNorm { .. } => "batch norm".into(),
                LayerSpec::LayerNorm { .. } => "layer norm".into(),
                LayerSpec::Activation { kind: Activation::Relu } => "ReLU".into(),
                LayerSpec::Activation { kind: Activation::Tanh } => "tanh".into(),
                LayerSpec::Activation { kind: Activation::Sigmoid } => "sigmoid".into(),
                LayerSpec::WindowPool { kind, kernel, stride, .. } => {
                    let kind = match kind {
                        WindowPooling::Max => "maximum",
                        WindowPooling::Mean => "mean",
                    };
                    let every = stride.map_or(String::new(), |stride| format!(" every {stride}"));
                    format!("{kind} of {kernel}{every}")
                }
                LayerSpec::AttentionPool { hidden } => format!("attention {hidden}"),
            })
            .collect();
        parts.join(", ")
    }
}
