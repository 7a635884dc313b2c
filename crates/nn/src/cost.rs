//! What a network costs per example, counted and not measured.

use crate::{Architecture, InstructionSet, LayerSpec, Network, NnError, Role, Shape};

impl Architecture {
    /// Multiply-adds of products with weights for one example, the usual measure of a network's work: products with weights
    /// of recurrent, convolutional, linear and attention layers, each element of normalisations and pooling once; activation
    /// functions are not counted.
    ///
    /// # Errors
    /// Names the first layer whose options or input do not fit.
    pub fn multiply_adds(&self, input: Shape) -> Result<u64, NnError> {
        let layers = self.build(input, InstructionSet::detect())?;
        let mut shape = input;
        let mut sum = 0usize;
        for (spec, layer) in self.layers.iter().zip(&layers) {
            let out = layer.output();
            sum += match *spec {
                LayerSpec::Lstm { hidden, layers, bidirectional, .. } => {
                    recurrent(4, shape, hidden, layers, bidirectional)
                }
                LayerSpec::Gru { hidden, layers, bidirectional, .. } => {
                    recurrent(3, shape, hidden, layers, bidirectional)
                }
                LayerSpec::Linear { .. } => shape.len() * out.channels,
                LayerSpec::Conv { kernel, depthwise: false, .. } => out.len() * kernel * shape.channels,
                LayerSpec::Conv { kernel, depthwise: true, .. } => out.len() * kernel,
                LayerSpec::AttentionPool { hidden } => {
                    shape.time * (shape.channels * hidden + hidden) + shape.len()
                }
                LayerSpec::WindowPool { kernel, .. } => out.len() * kernel,
                LayerSpec::BatchNorm { .. } | LayerSpec::LayerNorm { .. } | LayerSpec::Pool { .. } => {
                    shape.len()
                }
                LayerSpec::Dropout { .. } | LayerSpec::Activation { .. } => 0,
            };
            shape = out;
        }
        Ok(sum as u64)
    }
}

fn recurrent(gates: usize, input: Shape, hidden: usize, layers: usize, bidirectional: bool) -> usize {
    let directions = 1 + usize::from(bidirectional);
    let width = |layer: usize| if layer == 0 { input.channels } else { directions * hidden };
    let step: usize = (0..layers).map(|layer| gates * hidden * (width(layer) + hidden)).sum();
    input.time * directions * step
}

impl Network {
    /// Parameters that training moves: running statistics are not among them.
    #[must_use]
    pub fn trainable_len(&self) -> usize {
        let moved = |p: &crate::Parameter| !matches!(p.role, Role::Statistic { .. });
        self.parameters().iter().filter(|p| moved(p)).map(|p| p.range.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Architecture, Network, Shape};

    fn of(json: &str, input: Shape) -> (u64, usize) {
        let architecture: Architecture = serde_json::from_str(json).unwrap();
        let network = Network::new(&architecture, input).unwrap();
        (architecture.multiply_adds(input).unwrap(), network.trainable_len())
    }

    #[test]
    fn counts_are_those_by_hand() {
        let input = Shape { time: 10, channels: 3 };
        let lstm = r#"{"layers": [{"type": "lstm", "hidden": 4, "layers": 2}]}"#;
        assert_eq!(of(lstm, input), (10 * (16 * 7 + 16 * 8), 16 * 7 + 16 * 8 + 4 * 16));
        let conv = r#"{"layers": [{"type": "conv", "out": 5, "kernel": 3, "stride": 2, "padding": 1, "bias": false},
            {"type": "batch-norm"}, {"type": "pool", "kind": "mean"}, {"type": "linear", "out": 2}]}"#;
        assert_eq!(of(conv, input), (5 * 5 * 9 + 25 + 25 + 10, 45 + 10 + 12));
    }
}
