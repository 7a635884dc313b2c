//! The networks that have a name, each a short composition of the engine's layers.

use crate::{Config, NetworkConfig, TrainError};
use ambulo_nn::{Activation, Architecture, LayerSpec, Pooling};

/// Names of the models that can be trained; `custom` is the stack of layers in the configuration file.
pub const MODELS: &[&str] =
    &["cnn-lstm", "cnn-lstm-attention", "lstm", "bilstm", "gru", "cnn", "deepconvlstm", "tiny", CUSTOM];

pub(crate) const CUSTOM: &str = "custom";

/// What a model is, in a line.
#[must_use]
pub fn describe(model: &str) -> &'static str {
    match model {
        "cnn-lstm" => "strided convolutional stem, then an LSTM over an eighth of the time steps",
        "cnn-lstm-attention" => "the same with attention over time instead of the mean",
        "lstm" => "stacked LSTM on the samples",
        "bilstm" => "stacked LSTM in both directions",
        "gru" => "stacked gated recurrent units (Cho et al. 2014)",
        "cnn" => "three strided convolutions, mean over time",
        "deepconvlstm" => "four convolutions, then two LSTM layers (Ordóñez and Roggen 2016)",
        "tiny" => "one strided convolution and a small LSTM, for microcontrollers",
        CUSTOM => "the layers of the configuration file",
        _ => "unknown",
    }
}

/// Sizes of a model unless the configuration says otherwise: what is `None` the model does not have.
#[must_use]
pub fn default_network(model: &str) -> NetworkConfig {
    let recurrent = NetworkConfig {
        hidden: Some(64),
        layers: Some(2),
        dropout: Some(0.2),
        pooling: Some(Pooling::Mean),
        head_dropout: Some(0.5),
        ..NetworkConfig::default()
    };
    let hybrid = NetworkConfig {
        filters: Some(vec![48, 64, 64]),
        kernel: Some(5),
        stride: Some(2),
        hidden: Some(64),
        layers: Some(1),
        dropout: Some(0.0),
        head_dropout: Some(0.5),
        pooling: Some(Pooling::Mean),
        ..NetworkConfig::default()
    };
    match model {
        "lstm" | "gru" => recurrent,
        "bilstm" => NetworkConfig { hidden: Some(48), ..recurrent },
        "cnn" => NetworkConfig {
            filters: Some(vec![48, 64, 64]),
            kernel: Some(5),
            stride: Some(2),
            head_dropout: Some(0.5),
            pooling: Some(Pooling::Mean),
            ..NetworkConfig::default()
        },
        "cnn-lstm" => hybrid,
        "cnn-lstm-attention" => NetworkConfig { pooling: None, attention: Some(32), ..hybrid },
        "deepconvlstm" => NetworkConfig {
            filters: Some(vec![64; 4]),
            stride: Some(1),
            hidden: Some(128),
            layers: Some(2),
            pooling: Some(Pooling::Last),
            ..hybrid
        },
        "tiny" => NetworkConfig {
            filters: Some(vec![16]),
            stride: Some(4),
            kernel: Some(8),
            hidden: Some(18),
            head_dropout: Some(0.1),
            ..hybrid
        },
        _ => NetworkConfig::default(),
    }
}

/// The layers of a configuration for a number of classes.
///
/// # Errors
/// A size that the model does not have, or lacks.
pub(crate) fn architecture(config: &Config, classes: usize) -> Result<Architecture, TrainError> {
    let model = config.model.as_str();
    let n = &config.network;
    refuse_foreign_sizes(model, n)?;
    let mut layers = Vec::new();
    match model {
        CUSTOM => {
            if n.stack.is_empty() {
                return Err(TrainError::Setting {
                    setting: "network.stack",
                    found: "empty".into(),
                    expected: "the layers of a custom model, as [[network.stack]] tables; the last linear layer is added",
                });
            }
            layers.extend(n.stack.iter().cloned());
        }
        "lstm" | "bilstm" | "gru" => {
            layers.push(recurrent(model, n)?);
            pool(n, &mut layers)?;
        }
        _ => {
            stem(n, model != "deepconvlstm", &mut layers)?;
            if model != "cnn" {
                layers.push(recurrent(model, n)?);
            }
            pool(n, &mut layers)?;
        }
    }
    if let Some(p) = n.head_dropout.filter(|&p| p != 0.0) {
        layers.push(LayerSpec::Dropout { p });
    }
    layers.push(LayerSpec::Linear { out: classes });
    Ok(Architecture { layers })
}

fn missing(setting: &'static str) -> TrainError {
    TrainError::Setting { setting, found: "absent".into(), expected: "a value: this model needs it" }
}

fn recurrent(model: &str, n: &NetworkConfig) -> Result<LayerSpec, TrainError> {
    let hidden = n.hidden.ok_or_else(|| missing("network.hidden"))?;
    let layers = n.layers.ok_or_else(|| missing("network.layers"))?;
    let dropout = n.dropout.unwrap_or(0.0);
    Ok(match model {
        "gru" => LayerSpec::Gru { hidden, layers, dropout, bidirectional: false },
        _ => LayerSpec::Lstm { hidden, layers, dropout, bidirectional: model == "bilstm" },
    })
}

/// Convolutions that each shorten time by the stride, normalised over the batch; `DeepConvLSTM` is not normalised.
fn stem(n: &NetworkConfig, normalised: bool, layers: &mut Vec<LayerSpec>) -> Result<(), TrainError> {
    let filters = n.filters.as_deref().ok_or_else(|| missing("network.filters"))?;
    let kernel = n.kernel.ok_or_else(|| missing("network.kernel"))?;
    let stride = n.stride.ok_or_else(|| missing("network.stride"))?;
    for &out in filters {
        let bias = !normalised;
        layers.push(LayerSpec::Conv { out, kernel, stride, padding: kernel / 2, depthwise: false, bias });
        if normalised {
            layers.push(LayerSpec::BatchNorm { epsilon: 1e-5, momentum: 0.1 });
        }
        layers.push(LayerSpec::Activation { kind: Activation::Relu });
    }
    Ok(())
}

fn pool(n: &NetworkConfig, layers: &mut Vec<LayerSpec>) -> Result<(), TrainError> {
    layers.push(match (n.attention, n.pooling) {
        (Some(hidden), _) => LayerSpec::AttentionPool { hidden },
        (None, Some(kind)) => LayerSpec::Pool { kind },
        (None, None) => return Err(missing("network.pooling")),
    });
    Ok(())
}

/// A size that the model has no use for is a misunderstanding, which must not pass in silence.
fn refuse_foreign_sizes(model: &str, n: &NetworkConfig) -> Result<(), TrainError> {
    let own = default_network(model);
    let given = [
        ("network.hidden", n.hidden.is_some(), own.hidden.is_some()),
        ("network.layers", n.layers.is_some(), own.layers.is_some()),
        ("network.dropout", n.dropout.is_some(), own.dropout.is_some()),
        ("network.filters", n.filters.is_some(), own.filters.is_some()),
        ("network.kernel", n.kernel.is_some(), own.kernel.is_some()),
        ("network.stride", n.stride.is_some(), own.stride.is_some()),
        ("network.pooling", n.pooling.is_some(), own.pooling.is_some()),
        ("network.attention", n.attention.is_some(), own.attention.is_some()),
        ("network.stack", !n.stack.is_empty(), model == CUSTOM),
        ("network.head_dropout", n.head_dropout.is_some(), own.head_dropout.is_some() || model == CUSTOM),
    ];
    match given.into_iter().find(|&(_, given, own)| given && !own) {
        Some((setting, ..)) => Err(TrainError::ForeignSetting { setting, model: model.to_owned() }),
        None => Ok(()),
    }
}
