//! One sample in, one result out, the state carried along.

use crate::{Aligned, Network, NnError};
use alloc::vec::Vec;

/// State of a network between two samples of one stream.
#[derive(Clone, Debug)]
pub struct StreamState {
    layers: Vec<Aligned>,
    /// Input and result of each layer.
    activations: Vec<Aligned>,
}

impl StreamState {
    /// Back to the first sample.
    pub fn reset(&mut self) {
        self.layers.iter_mut().for_each(|state| state.fill(0.0));
    }
}

impl Network {
    /// A stream before its first sample: recurrent layers at their zero state, pooling over nothing.
    ///
    /// # Errors
    /// Names the first layer that must see later time steps: the reverse direction of a recurrent layer, for one.
    pub fn stream_state(&self) -> Result<StreamState, NnError> {
        let mut layers = Vec::new();
        let mut activations = Vec::new();
        for (index, (name, layer)) in self.layers().enumerate() {
            let len = layer.stream_len().ok_or(NnError::Stream { index, layer: name })?;
            layers.push(Aligned::zeros(len));
            activations.push(Aligned::zeros(layer.output().channels));
        }
        Ok(StreamState { layers, activations })
    }

    /// One sample `x [channels]` through the network, with the weights packed by [`Network::pack`]; returns the result
    /// for the sequence so far, `[channels]` of the output.
    ///
    /// Pooling is over the samples since the last reset, however many: after as many as the network's time steps, the
    /// result is that of [`Network::infer`] for the same window. Allocates nothing.
    ///
    /// # Panics
    /// When a slice does not have the network's length.
    pub fn stream_step<'s>(
        &self,
        weights: &[f32],
        packed: &[f32],
        x: &[f32],
        state: &'s mut StreamState,
    ) -> &'s [f32] {
        assert_eq!(x.len(), self.input().channels, "a sample");
        assert_eq!(weights.len(), self.weights_len(), "weights");
        assert_eq!(packed.len(), self.packed_len(), "packed weights");
        for (index, (_, layer)) in self.layers().enumerate() {
            let (before, after) = state.activations.split_at_mut(index);
            let x = before.last().map_or(x, |below| below);
            layer.stream(
                self.layer_weights(index, weights, packed),
                x,
                &mut after[0],
                &mut state.layers[index],
            );
        }
        state.activations.last().map_or(&[], |result| result)
    }
}
