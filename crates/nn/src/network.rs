//! A network: layers one after the other over buffers that are allocated once.

#[cfg(feature = "std")]
mod statistics;

use crate::layer::{BackwardPass, Layer, Mode, ParameterSpec, Pass, Role, Weights};
use crate::{Aligned, Architecture, InstructionSet, NnError, Shape, initial};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Examples that go through the network together in inference, and one shard of a training batch: large enough to
/// fill the kernels' tiles, small enough that a batch of 64 feeds several threads.
pub const SHARD: usize = 32;

/// A named parameter of the whole network.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Layer index and PyTorch's name, e.g. `0.weight_ih_l0`.
    pub name: String,
    /// Shape, row-major.
    pub shape: Vec<usize>,
    /// Where it lies in the flat weights.
    pub range: Range<usize>,
    /// What the optimiser does with it.
    pub role: Role,
}

/// Layers with fixed shapes; holds no weights, so one network serves many threads and many sets of weights.
#[derive(Debug)]
pub struct Network {
    input: Shape,
    output: Shape,
    layers: Vec<Box<dyn Layer>>,
    specs: Vec<Vec<ParameterSpec>>,
    /// Where each layer finds its part of the flat slices.
    spans: Vec<Span>,
    isa: InstructionSet,
}

/// A layer's part of the weights, of what the forward pass reads of the packed weights, and of what the backward pass
/// reads besides, counted from the end of the former.
#[derive(Debug)]
struct Span {
    weights: Range<usize>,
    packed: Range<usize>,
    packed_backward: Range<usize>,
}

/// Where [`Network::backward`] leaves the gradients.
#[derive(Debug)]
pub struct Gradients<'a> {
    /// Those of all weights, in their order, are added here.
    pub weights: &'a mut [f32],
    /// That of the input, time-major `[time, batch, channels]`, is written here; empty when nobody needs it.
    pub input: &'a mut [f32],
}

/// Activations, gradients and workspaces of one pass over at most a fixed number of examples.
#[derive(Debug)]
pub struct Buffers {
    batch: usize,
    /// Whether a backward pass can follow.
    keep: bool,
    /// Input and result of each layer.
    activations: Vec<Aligned>,
    workspaces: Vec<Aligned>,
    /// Gradients of neighbouring activations, in turn; empty for inference.
    gradients: [Aligned; 2],
}

impl Network {
    /// Builds the layers of `architecture` for examples of shape `input`, on the best instruction set here.
    ///
    /// # Errors
    /// Names the first layer whose options or input do not fit.
    pub fn new(architecture: &Architecture, input: Shape) -> Result<Self, NnError> {
        Self::with_instruction_set(architecture, input, InstructionSet::detect())
    }

    /// As [`Network::new`], on a given instruction set.
    ///
    /// # Errors
    /// Names the first layer whose options or input do not fit.
    pub fn with_instruction_set(
        architecture: &Architecture,
        input: Shape,
        isa: InstructionSet,
    ) -> Result<Self, NnError> {
        let layers = architecture.build(input, isa)?;
        let output = layers.last().map_or(input, |l| l.output());
        let specs: Vec<_> = layers.iter().map(|l| l.parameters()).collect();
        let (mut w, mut p, mut b) = (0, 0, 0);
        let mut spans = Vec::with_capacity(layers.len());
        for (layer, specs) in layers.iter().zip(&specs) {
            let weights = w..w + specs.iter().map(ParameterSpec::len).sum::<usize>();
            let packed = p..p + layer.packed_len();
            let packed_backward = b..b + layer.packed_backward_len();
            (w, p, b) = (weights.end, packed.end, packed_backward.end);
            spans.push(Span { weights, packed, packed_backward });
        }
        Ok(Self { input, output, layers, specs, spans, isa })
    }

    /// Shape of one example.
    #[must_use]
    pub fn input(&self) -> Shape {
        self.input
    }

    /// Shape of one result.
    #[must_use]
    pub fn output(&self) -> Shape {
        self.output
    }

    /// Instruction set of the kernels.
    #[must_use]
    pub fn instruction_set(&self) -> InstructionSet {
        self.isa
    }

    /// Number of trainable values.
    #[must_use]
    pub fn weights_len(&self) -> usize {
        self.spans.last().map_or(0, |s| s.weights.end)
    }

    /// All parameters in the order of the flat weights.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut at = 0;
        let mut all = Vec::new();
        for (index, specs) in self.specs.iter().enumerate() {
            for spec in specs {
                let range = at..at + spec.len();
                at = range.end;
                all.push(Parameter {
                    name: format!("{index}.{}", spec.name),
                    shape: spec.shape.clone(),
                    range,
                    role: spec.role,
                });
            }
        }
        all
    }

    /// Where the weights of each layer lie among all; empty for layers without.
    pub fn layer_ranges(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.spans.iter().map(|span| span.weights.clone())
    }

    /// Initial weights: the same for the same seed on every machine.
    #[must_use]
    pub fn initial_weights(&self, seed: u64) -> Vec<f32> {
        initial::all(self.specs.iter().flatten(), seed)
    }

    /// Values of weights packed for inference.
    #[must_use]
    pub fn packed_len(&self) -> usize {
        self.spans.last().map_or(0, |s| s.packed.end)
    }

    /// Values of weights packed for training; the first [`Network::packed_len`] of them are those of inference.
    #[must_use]
    pub fn training_packed_len(&self) -> usize {
        self.packed_len() + self.spans.last().map_or(0, |s| s.packed_backward.end)
    }

    /// Lays out the weights as the kernels of the forward pass read them; once per change of the weights.
    ///
    /// # Panics
    /// When a slice does not have the network's length.
    pub fn pack(&self, weights: &[f32], packed: &mut [f32]) {
        assert_eq!(weights.len(), self.weights_len(), "weights");
        assert_eq!(packed.len(), self.packed_len(), "packed weights");
        for (layer, span) in self.layers.iter().zip(&self.spans) {
            layer.pack(&weights[span.weights.clone()], &mut packed[span.packed.clone()]);
        }
    }

    /// As [`Network::pack`], and behind that what the kernels of the backward pass read:
    /// [`Network::training_packed_len`] values.
    ///
    /// # Panics
    /// When a slice does not have the network's length.
    pub fn pack_for_training(&self, weights: &[f32], packed: &mut [f32]) {
        assert_eq!(packed.len(), self.training_packed_len(), "weights packed for training");
        let (forward, backward) = packed.split_at_mut(self.packed_len());
        self.pack(weights, forward);
        for (layer, span) in self.layers.iter().zip(&self.spans) {
            layer.pack_backward(&weights[span.weights.clone()], &mut backward[span.packed_backward.clone()]);
        }
    }

    /// Buffers for passes over at most `batch` examples, with room for gradients when `training`.
    #[must_use]
    pub fn buffers(&self, batch: usize, training: bool) -> Buffers {
        let mut activations = vec![Aligned::zeros(batch * self.input.len())];
        activations.extend(self.layers.iter().map(|l| Aligned::zeros(batch * l.output().len())));
        let widest =
            if training { activations.iter().skip(1).map(|a| a.len()).max().unwrap_or(0) } else { 0 };
        Buffers {
            batch,
            keep: training,
            activations,
            workspaces: self
                .layers
                .iter()
                .map(|l| Aligned::zeros(l.workspace_len(batch, training)))
                .collect(),
            gradients: [Aligned::zeros(widest), Aligned::zeros(widest)],
        }
    }

    /// Runs all layers over the examples that [`Buffers::load`] put there and returns the result, time-major
    /// `[time, batch, channels]`. The weights may be packed for inference or for training.
    ///
    /// # Panics
    /// When a slice does not have the network's length or the batch is larger than the buffers.
    pub fn forward<'b>(
        &self,
        weights: &[f32],
        packed: &[f32],
        batch: usize,
        mode: Mode,
        buffers: &'b mut Buffers,
    ) -> &'b [f32] {
        self.forward_partly(weights, packed, batch, (mode, &[]), buffers)
    }

    /// As [`Network::forward`], with those layers in [`Mode::Inference`] that `frozen` names; layers beyond its end are not.
    pub(crate) fn forward_partly<'b>(
        &self,
        weights: &[f32],
        packed: &[f32],
        batch: usize,
        (mode, frozen): (Mode, &[bool]),
        buffers: &'b mut Buffers,
    ) -> &'b [f32] {
        assert!(batch <= buffers.batch, "batch of {batch} in buffers for {}", buffers.batch);
        for (index, layer) in self.layers.iter().enumerate() {
            let (before, after) = buffers.activations.split_at_mut(index + 1);
            let x = &before[index][..batch * self.shape_before(index).len()];
            let y = &mut after[0][..batch * layer.output().len()];
            let w = self.layer_weights(index, weights, packed);
            let workspace = &mut buffers.workspaces[index];
            let mode = of_layer(mode, frozen, index);
            layer.forward(&Pass { batch, mode, keep: buffers.keep, index }, w, x, y, workspace);
        }
        &buffers.activations[self.layers.len()][..batch * self.output.len()]
    }

    /// The result of the last [`Network::forward`] and where the gradient of the loss with respect to it goes before
    /// [`Network::backward`], both time-major `[time, batch, channels]`.
    ///
    /// # Panics
    /// When the buffers were made without gradients.
    pub fn result_and_gradient<'b>(
        &self,
        batch: usize,
        buffers: &'b mut Buffers,
    ) -> (&'b [f32], &'b mut [f32]) {
        let len = batch * self.output.len();
        (&buffers.activations[self.layers.len()][..len], &mut buffers.gradients[0][..len])
    }

    /// From the gradient of the result (written where [`Network::result_and_gradient`] says) those of the weights and of
    /// the input; `packed` is what [`Network::pack_for_training`] made of `weights`.
    ///
    /// # Panics
    /// When a slice does not have the network's length, or the buffers were made without gradients.
    pub fn backward(
        &self,
        weights: &[f32],
        packed: &[f32],
        batch: usize,
        mode: Mode,
        buffers: &mut Buffers,
        gradients: Gradients<'_>,
    ) {
        self.backward_partly(weights, packed, batch, (mode, &[]), buffers, gradients);
    }

    /// As [`Network::backward`] behind [`Network::forward_partly`]. It ends with the first layer that is not frozen and has weights:
    /// gradients of those before it, and of the input, stay as they are.
    pub(crate) fn backward_partly(
        &self,
        weights: &[f32],
        packed: &[f32],
        batch: usize,
        (mode, frozen): (Mode, &[bool]),
        buffers: &mut Buffers,
        gradients: Gradients<'_>,
    ) {
        assert_eq!(packed.len(), self.training_packed_len(), "weights packed for training");
        let learns = |&i: &usize| !frozen.get(i).is_some_and(|&frozen| frozen) && !self.specs[i].is_empty();
        // Without a frozen layer the input's gradient may be wanted.
        let lowest = if frozen.contains(&true) { (0..self.layers.len()).find(learns) } else { Some(0) };
        let Some(lowest) = lowest else { return };
        let Gradients { weights: d_weights, input: d_input } = gradients;
        assert_eq!(d_weights.len(), self.weights_len(), "gradient");
        let [upper, lower] = &mut buffers.gradients;
        let (mut upper, mut lower) = (upper, lower);
        for (index, layer) in self.layers.iter().enumerate().skip(lowest).rev() {
            let input_len = batch * self.shape_before(index).len();
            let output_len = batch * layer.output().len();
            let back = BackwardPass {
                x: &buffers.activations[index][..input_len],
                y: &buffers.activations[index + 1][..output_len],
                dy: &mut upper[..output_len],
                dx: if index == 0 { &mut *d_input } else { &mut lower[..input_len] },
                dw: &mut d_weights[self.spans[index].weights.clone()],
                workspace: &mut buffers.workspaces[index],
            };
            let w = self.layer_weights(index, weights, packed);
            let mode = of_layer(mode, frozen, index);
            layer.backward(&Pass { batch, mode, keep: true, index }, w, back);
            core::mem::swap(&mut upper, &mut lower);
        }
    }

    fn shape_before(&self, index: usize) -> Shape {
        if index == 0 { self.input } else { self.layers[index - 1].output() }
    }

    fn layer_weights<'a>(&self, index: usize, weights: &'a [f32], packed: &'a [f32]) -> Weights<'a> {
        let (span, (packed, backward)) = (&self.spans[index], packed.split_at(self.packed_len()));
        Weights {
            plain: &weights[span.weights.clone()],
            packed: &packed[span.packed.clone()],
            packed_backward: backward.get(span.packed_backward.clone()).unwrap_or_default(),
        }
    }

    /// Inference on one thread: `x [batch, time, channel]` to `[batch, time, channel]` of the output shape.
    ///
    /// # Errors
    /// When `x` is not whole examples or `weights` has the wrong length.
    pub fn infer(&self, weights: &[f32], x: &[f32]) -> Result<Vec<f32>, NnError> {
        self.check_weights(weights)?;
        let count = self.count_examples(x)?;
        let mut packed = Aligned::zeros(self.packed_len());
        self.pack(weights, &mut packed);
        let mut buffers = self.buffers(SHARD.min(count), false);
        let mut out = vec![0.0; count * self.output.len()];
        let inputs = x.chunks(SHARD * self.input.len());
        for (x, out) in inputs.zip(out.chunks_mut(SHARD * self.output.len())) {
            self.infer_shard(weights, &packed, x, out, &mut buffers);
        }
        Ok(out)
    }

    fn check_weights(&self, weights: &[f32]) -> Result<(), NnError> {
        let (expected, found) = (self.weights_len(), weights.len());
        if expected == found { Ok(()) } else { Err(NnError::Length { what: "weights", expected, found }) }
    }

    /// How many whole examples `x` holds.
    pub(crate) fn count_examples(&self, x: &[f32]) -> Result<usize, NnError> {
        let one = self.input.len();
        if !x.len().is_multiple_of(one) {
            let expected = x.len().next_multiple_of(one);
            return Err(NnError::Length { what: "input", expected, found: x.len() });
        }
        Ok(x.len() / one)
    }

    /// Inference with packed weights into buffers of the caller: `x` and `out` are `[batch, time, channel]` with at
    /// most as many examples as the buffers hold.
    ///
    /// # Panics
    /// When a slice does not have the network's length or there are more examples than the buffers hold.
    pub fn infer_shard(
        &self,
        weights: &[f32],
        packed: &[f32],
        x: &[f32],
        out: &mut [f32],
        buffers: &mut Buffers,
    ) {
        let batch = x.len() / self.input.len();
        buffers.load(self.input, batch, x.chunks_exact(self.input.len()));
        let y = self.forward(weights, packed, batch, Mode::Inference, buffers);
        batch_major(self.output, batch, y, out);
    }

    /// Shape of one embedding: what the last layer is given, which in a classifier is what the network makes of an example
    /// before it decides.
    #[must_use]
    pub fn embedding(&self) -> Shape {
        self.layers.len().checked_sub(1).map_or(self.input, |last| self.shape_before(last))
    }

    /// The embeddings of the examples of the last forward pass, `[batch, time, channel]` of [`Network::embedding`].
    ///
    /// # Panics
    /// When `out` does not have that length, or there are more examples than the buffers hold.
    pub fn embeddings(&self, batch: usize, buffers: &Buffers, out: &mut [f32]) {
        let shape = self.embedding();
        assert_eq!(out.len(), batch * shape.len(), "embeddings");
        let activation = &buffers.activations[self.layers.len().saturating_sub(1)];
        batch_major(shape, batch, &activation[..out.len()], out);
    }

    /// Steps of time over which the last layer with attention has a weight; 0 for networks without attention.
    #[must_use]
    pub fn attention_len(&self) -> usize {
        self.layers.iter().rev().map(|layer| layer.attention_len()).find(|&len| len > 0).unwrap_or(0)
    }

    /// Where the network looked: the weights of that layer for the examples of the last forward pass, `[batch, time]` of
    /// [`Network::attention_len`]; those of an example add up to 1. Nothing is done for networks without attention.
    ///
    /// # Panics
    /// When `out` does not have that length, or there are more examples than the buffers hold.
    pub fn attention(&self, batch: usize, buffers: &Buffers, out: &mut [f32]) {
        let time = self.attention_len();
        assert_eq!(out.len(), batch * time, "attention");
        let Some(index) = self.layers.iter().rposition(|layer| layer.attention_len() > 0) else { return };
        let weights = self.layers[index].attention(batch, &buffers.workspaces[index]);
        batch_major(Shape { time, channels: 1 }, batch, weights, out);
    }
}

/// The mode of one layer.
fn of_layer(mode: Mode, frozen: &[bool], index: usize) -> Mode {
    if frozen.get(index).is_some_and(|&frozen| frozen) { Mode::Inference } else { mode }
}

/// From `[batch, time, channels]` to `[time, batch, channels]`.
#[cfg(feature = "std")]
pub(crate) fn time_major(shape: Shape, batch: usize, x: &[f32], out: &mut [f32]) {
    let Shape { time, channels } = shape;
    for (b, x) in x.chunks_exact(time * channels).enumerate() {
        for (t, x) in x.chunks_exact(channels).enumerate() {
            out[(t * batch + b) * channels..][..channels].copy_from_slice(x);
        }
    }
}

/// From `[time, batch, channels]` to `[batch, time, channels]`.
pub(crate) fn batch_major(shape: Shape, batch: usize, y: &[f32], out: &mut [f32]) {
    let Shape { time, channels } = shape;
    for (b, out) in out.chunks_exact_mut(time * channels).enumerate() {
        for (t, out) in out.chunks_exact_mut(channels).enumerate() {
            out.copy_from_slice(&y[(t * batch + b) * channels..][..channels]);
        }
    }
}

impl Buffers {
    /// Puts examples, each `[time, channel]`, into the input buffer as `[time, batch, channel]`.
    ///
    /// # Panics
    /// When there are more examples than the buffers hold or one has another shape.
    pub fn load<'a>(&mut self, shape: Shape, batch: usize, examples: impl Iterator<Item = &'a [f32]>) {
        assert!(batch <= self.batch, "batch of {batch} in buffers for {}", self.batch);
        let input = &mut self.activations[0];
        for (b, example) in examples.enumerate() {
            assert!(
                b < batch && example.len() == shape.len(),
                "example {b} of {batch}: {} values",
                example.len()
            );
            for (t, values) in example.chunks_exact(shape.channels).enumerate() {
                input[(t * batch + b) * shape.channels..][..shape.channels].copy_from_slice(values);
            }
        }
    }
}
