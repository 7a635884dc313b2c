//! Layers with explicit `forward` and `backward` over buffers that the caller owns.

mod activation;
mod attention;
mod conv;
mod depthwise;
mod dropout;
mod linear;
mod norm;
mod pool;
mod recurrent;
mod window_pool;

pub(crate) use activation::Elementwise;
pub(crate) use attention::AttentionPool;
pub(crate) use conv::{Conv, Window};
pub(crate) use depthwise::Depthwise;
pub(crate) use dropout::Dropout;
pub(crate) use linear::Linear;
pub(crate) use norm::{BatchNorm, LayerNorm};
pub(crate) use pool::Pool;
pub(crate) use recurrent::{CellKind, Recurrent};
pub(crate) use window_pool::WindowPool;

use crate::{Random, Shape};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// What the optimiser does with a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    /// Trained, with weight decay.
    Weight,
    /// Trained, without weight decay.
    Bias,
    /// Not trained: a running statistic. What `backward` adds to its place in the gradient is the statistic of the
    /// batch times the number of examples; the new value is `(1 - momentum) * old + momentum * mean over the batch`.
    Statistic {
        /// Weight of a new batch.
        momentum: f32,
    },
}

/// How a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Initial {
    /// Uniform in ±`√(6 / (fan_in + fan_out))` (Glorot and Bengio 2010).
    GlorotUniform {
        /// Inputs of one unit.
        fan_in: usize,
        /// Outputs of one unit.
        fan_out: usize,
    },
    /// Each square block of `size` rows orthogonal (Saxe et al. 2014): recurrent weights, one block a gate.
    OrthogonalBlocks {
        /// Rows and columns of a block.
        size: usize,
    },
    /// Zeros.
    Zero,
    /// Ones: the factors and variances of normalisation.
    One,
    /// Zeros, and ones for the forget gate (Gers et al. 2000; Jozefowicz et al. 2015) of the order i, f, g, o.
    ForgetGateOne {
        /// Values per gate.
        hidden: usize,
    },
}

/// One named parameter of a layer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ParameterSpec {
    /// PyTorch's name within the layer, e.g. `weight_ih_l0`.
    pub name: String,
    /// PyTorch's shape, row-major.
    pub shape: Vec<usize>,
    /// How it starts.
    pub initial: Initial,
    /// What the optimiser does with it.
    pub role: Role,
}

impl ParameterSpec {
    /// Number of values.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// Whether a pass trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Dropout is the identity, batch normalisation uses its running statistics.
    Inference,
    /// Dropout draws from this seed and stream, which no other pass shares; batch normalisation uses the statistics of the
    /// examples in the pass.
    Training {
        /// The run's seed.
        seed: u64,
        /// Address of this step and shard.
        stream: u64,
    },
}

impl Mode {
    /// The generator of a layer's dropout, or `None` in inference.
    pub(crate) fn random(self, salt: u64) -> Option<Random> {
        match self {
            Self::Inference => None,
            // An odd multiplier spreads the salt over the seed, so that layers draw from unrelated keys.
            Self::Training { seed, stream } => {
                Some(Random::new(seed ^ (salt + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15), stream))
            }
        }
    }
}

/// What one pass through a layer needs besides its data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass {
    /// Examples in this pass.
    pub batch: usize,
    /// Training or inference.
    pub mode: Mode,
    /// Whether `backward` will follow, so that `forward` must leave in the workspace what it needs.
    pub keep: bool,
    /// Position of the layer in the network: separates the random draws of layers.
    pub index: usize,
}

/// What [`Layer::backward`] reads and writes.
#[derive(Debug)]
pub(crate) struct BackwardPass<'a> {
    /// The input of the forward pass.
    pub x: &'a [f32],
    /// Its result.
    pub y: &'a [f32],
    /// Gradient of the result; may be overwritten.
    pub dy: &'a mut [f32],
    /// Where the gradient of the input is written; empty when nobody needs it.
    pub dx: &'a mut [f32],
    /// Where the gradient of the parameters is added.
    pub dw: &'a mut [f32],
    /// As `forward` left it.
    pub workspace: &'a mut [f32],
}

/// A layer: fixed input and output shape, parameters in a slice, buffers from the caller.
///
/// All arrays are time-major `[time, batch, channels]`. `w` and `dw` hold the layer's parameters one after the
/// other in the order of [`Layer::parameters`]; `packed` is what [`Layer::pack`] made of `w`.
pub(crate) trait Layer: core::fmt::Debug + Send + Sync {
    /// Shape of one example of the result.
    fn output(&self) -> Shape;

    /// Parameters in the order of the weight slice.
    fn parameters(&self) -> Vec<ParameterSpec> {
        Vec::new()
    }

    /// Values [`Layer::pack`] writes.
    fn packed_len(&self) -> usize {
        0
    }

    /// Lays out the weights as the kernels of the forward pass read them; once per change of the weights.
    fn pack(&self, _w: &[f32], _packed: &mut [f32]) {}

    /// Values [`Layer::pack_backward`] writes.
    fn packed_backward_len(&self) -> usize {
        0
    }

    /// As [`Layer::pack`], for what only the backward pass reads.
    fn pack_backward(&self, _w: &[f32], _packed: &mut [f32]) {}

    /// Values of workspace for a batch: scratch space, and what `forward` keeps for `backward` if that will follow.
    fn workspace_len(&self, _batch: usize, _keep: bool) -> usize {
        0
    }

    /// Steps of time over which [`Layer::attention`] has a weight; 0 for layers without attention.
    fn attention_len(&self) -> usize {
        0
    }

    /// The weights of the steps of time that the last forward pass left in the workspace, `[time, batch]`.
    fn attention<'a>(&self, _batch: usize, _workspace: &'a [f32]) -> &'a [f32] {
        &[]
    }

    /// Computes `y` from `x`.
    fn forward(&self, pass: &Pass, w: Weights<'_>, x: &[f32], y: &mut [f32], workspace: &mut [f32]);

    /// From the gradient of the result those of the input and of the parameters.
    fn backward(&self, pass: &Pass, w: Weights<'_>, back: BackwardPass<'_>);
}

/// Parameters of a convolution with `out` results, `group_out` of them seeing each `group_in` channels.
fn conv_parameters(
    (out, group_out, group_in): (usize, usize, usize),
    kernel: usize,
    bias: bool,
) -> Vec<ParameterSpec> {
    let weight = ParameterSpec {
        name: "weight".into(),
        shape: vec![out, group_in, kernel],
        initial: Initial::GlorotUniform { fan_in: group_in * kernel, fan_out: group_out * kernel },
        role: Role::Weight,
    };
    let bias = bias.then(|| ParameterSpec {
        name: "bias".into(),
        shape: vec![out],
        initial: Initial::Zero,
        role: Role::Bias,
    });
    [weight].into_iter().chain(bias).collect()
}

/// A layer's weights, as they are and as the kernels read them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights<'a> {
    /// Parameters in PyTorch's layout.
    pub plain: &'a [f32],
    /// What [`Layer::pack`] made of them.
    pub packed: &'a [f32],
    /// What [`Layer::pack_backward`] made of them; empty in inference.
    pub packed_backward: &'a [f32],
}
