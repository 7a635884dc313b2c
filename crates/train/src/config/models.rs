//! The networks that have a name, each a short composition of the engine's layers.

use super::{NetworkConfig, PerLayer};
use crate::TrainError;
use ambulo_nn::{Activation, Architecture, LayerSpec, Pooling};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A network that has a name. Every property of one is a `match` here, so that a new one cannot be forgotten anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum ModelKind {
    /// Strided convolutions, then an LSTM; trained unless another is named: the best one of the LSTM family that trains
    /// within a minute.
    #[default]
    CnnLstm,
    /// The same with attention over time.
    CnnLstmAttention,
    /// Stacked LSTM on the samples.
    Lstm,
    /// Stacked LSTM in both directions.
    Bilstm,
    /// Stacked gated recurrent units.
    Gru,
    /// Strided convolutions.
    Cnn,
    /// `DeepConvLSTM`.
    Deepconvlstm,
    /// A small one for microcontrollers.
    Tiny,
    /// The stack of layers in the configuration file.
    Custom,
}

impl ModelKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::CnnLstm,
        Self::CnnLstmAttention,
        Self::Lstm,
        Self::Bilstm,
        Self::Gru,
        Self::Cnn,
        Self::Deepconvlstm,
        Self::Tiny,
        Self::Custom,
    ];

    /// Its name, as configurations and records write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CnnLstm => "cnn-lstm",
            Self::CnnLstmAttention => "cnn-lstm-attention",
            Self::Lstm => "lstm",
            Self::Bilstm => "bilstm",
            Self::Gru => "gru",
            Self::Cnn => "cnn",
            Self::Deepconvlstm => "deepconvlstm",
            Self::Tiny => "tiny",
            Self::Custom => "custom",
        }
    }

    /// The names of all of them.
    #[must_use]
    pub fn names() -> [&'static str; 9] {
        Self::ALL.map(Self::name)
    }

    /// What it is, in a line.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::CnnLstm => "strided convolutional stem, then an LSTM over an eighth of the time steps",
            Self::CnnLstmAttention => "the same with attention over time instead of the mean",
            Self::Lstm => "stacked LSTM on the samples",
            Self::Bilstm => "stacked LSTM in both directions",
            Self::Gru => "stacked gated recurrent units (Cho et al. 2014)",
            Self::Cnn => "three strided convolutions, mean over time",
            Self::Deepconvlstm => "four convolutions, then two LSTM layers (Ordóñez and Roggen 2016)",
            Self::Tiny => "one strided convolution and a small LSTM, for microcontrollers",
            Self::Custom => "the layers of the configuration file",
        }
    }

    /// How long it is trained unless the configuration says otherwise; chosen on validation people.
    #[must_use]
    pub(super) const fn epochs(self) -> usize {
        match self {
            // An LSTM over all samples costs several times the others' time.
            Self::Lstm | Self::Bilstm | Self::Gru | Self::Deepconvlstm => 12,
            Self::Cnn => 60,
            Self::CnnLstm | Self::CnnLstmAttention | Self::Tiny | Self::Custom => 30,
        }
    }

    /// Its sizes for 128 samples at 50 Hz unless the configuration says otherwise: what is `None` it does not have.
    #[must_use]
    pub fn default_network(self) -> NetworkConfig {
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
            kernel: Some(PerLayer::All(5)),
            stride: Some(PerLayer::All(2)),
            hidden: Some(64),
            layers: Some(1),
            dropout: Some(0.0),
            head_dropout: Some(0.5),
            pooling: Some(Pooling::Mean),
            ..NetworkConfig::default()
        };
        match self {
            Self::Lstm | Self::Gru => recurrent,
            Self::Bilstm => NetworkConfig { hidden: Some(48), ..recurrent },
            Self::Cnn => NetworkConfig {
                filters: Some(vec![48, 64, 64]),
                kernel: Some(PerLayer::All(5)),
                stride: Some(PerLayer::All(2)),
                head_dropout: Some(0.5),
                pooling: Some(Pooling::Mean),
                ..NetworkConfig::default()
            },
            Self::CnnLstm => hybrid,
            Self::CnnLstmAttention => NetworkConfig { pooling: None, attention: Some(32), ..hybrid },
            Self::Deepconvlstm => NetworkConfig {
                filters: Some(vec![64; 4]),
                stride: Some(PerLayer::All(1)),
                hidden: Some(128),
                layers: Some(2),
                pooling: Some(Pooling::Last),
                ..hybrid
            },
            Self::Tiny => NetworkConfig {
                filters: Some(vec![16]),
                stride: Some(PerLayer::All(4)),
                kernel: Some(PerLayer::All(8)),
                hidden: Some(18),
                head_dropout: Some(0.1),
                ..hybrid
            },
            Self::Custom => NetworkConfig::default(),
        }
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ModelKind {
    type Err = TrainError;

    fn from_str(name: &str) -> Result<Self, TrainError> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| TrainError::Unknown {
            what: "model",
            found: name.into(),
            choices: Self::names().join(", "),
        })
    }
}

impl TryFrom<String> for ModelKind {
    type Error = TrainError;

    fn try_from(name: String) -> Result<Self, TrainError> {
        name.parse()
    }
}

impl From<ModelKind> for &'static str {
    fn from(kind: ModelKind) -> Self {
        kind.name()
    }
}

/// The layers of a model of these sizes for a number of classes.
///
/// # Errors
/// A size that the model does not have, or lacks.
pub(super) fn architecture(
    model: ModelKind,
    n: &NetworkConfig,
    classes: usize,
) -> Result<Architecture, TrainError> {
    refuse_foreign_sizes(model, n)?;
    let mut layers = Vec::new();
    match model {
        ModelKind::Custom => {
            if n.stack.is_empty() {
                return Err(TrainError::Setting {
                    setting: "network.stack",
                    found: "empty".into(),
                    expected: "the layers of a custom model, as [[network.stack]] tables; the last linear layer is added",
                });
            }
            layers.extend(n.stack.iter().cloned());
        }
        ModelKind::Lstm => {
            shortening(n, &mut layers)?;
            layers.push(lstm(n, false)?);
            pool(n, &mut layers)?;
        }
        ModelKind::Bilstm => {
            shortening(n, &mut layers)?;
            layers.push(lstm(n, true)?);
            pool(n, &mut layers)?;
        }
        ModelKind::Gru => {
            shortening(n, &mut layers)?;
            layers.push(gru(n)?);
            pool(n, &mut layers)?;
        }
        ModelKind::Cnn => {
            stem(n, true, &mut layers)?;
            pool(n, &mut layers)?;
        }
        ModelKind::CnnLstm | ModelKind::CnnLstmAttention | ModelKind::Tiny => {
            stem(n, true, &mut layers)?;
            layers.push(lstm(n, false)?);
            pool(n, &mut layers)?;
        }
        ModelKind::Deepconvlstm => {
            stem(n, false, &mut layers)?;
            layers.push(lstm(n, false)?);
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

/// Width, number and dropout of recurrent layers.
fn recurrent(n: &NetworkConfig) -> Result<(usize, usize, f32), TrainError> {
    let hidden = n.hidden.ok_or_else(|| missing("network.hidden"))?;
    let layers = n.layers.ok_or_else(|| missing("network.layers"))?;
    Ok((hidden, layers, n.dropout.unwrap_or(0.0)))
}

fn lstm(n: &NetworkConfig, bidirectional: bool) -> Result<LayerSpec, TrainError> {
    let (hidden, layers, dropout) = recurrent(n)?;
    Ok(LayerSpec::Lstm { hidden, layers, dropout, bidirectional })
}

fn gru(n: &NetworkConfig) -> Result<LayerSpec, TrainError> {
    let (hidden, layers, dropout) = recurrent(n)?;
    Ok(LayerSpec::Gru { hidden, layers, dropout, bidirectional: false })
}

/// Whether a model works on the samples themselves unless their window is long.
fn is_recurrent(model: ModelKind) -> bool {
    matches!(model, ModelKind::Lstm | ModelKind::Bilstm | ModelKind::Gru)
}

/// What stands before a recurrent model whose window is long; nothing where there are no filters.
fn shortening(n: &NetworkConfig, layers: &mut Vec<LayerSpec>) -> Result<(), TrainError> {
    if n.filters.is_some() { stem(n, true, layers) } else { Ok(()) }
}

/// Convolutions that each shorten time by their stride, normalised over the batch; `DeepConvLSTM` is not normalised.
fn stem(n: &NetworkConfig, normalised: bool, layers: &mut Vec<LayerSpec>) -> Result<(), TrainError> {
    let filters = n.filters.as_deref().ok_or_else(|| missing("network.filters"))?;
    let kernels = n.kernel.as_ref().ok_or_else(|| missing("network.kernel"))?;
    let strides = n.stride.as_ref().ok_or_else(|| missing("network.stride"))?;
    for (setting, sizes) in [("network.kernel", kernels), ("network.stride", strides)] {
        if !sizes.is_for(filters.len()) {
            return Err(TrainError::Setting {
                setting,
                found: format!("{sizes:?}"),
                expected: "one number, or as many as network.filters has",
            });
        }
    }
    for (i, &out) in filters.iter().enumerate() {
        let (Some(kernel), Some(stride)) = (kernels.get(i), strides.get(i)) else { continue };
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
fn refuse_foreign_sizes(model: ModelKind, n: &NetworkConfig) -> Result<(), TrainError> {
    let mut own = model.default_network();
    if is_recurrent(model) && n.filters.is_some() {
        // With convolutions before it.
        (own.filters, own.kernel, own.stride) = (n.filters.clone(), n.kernel.clone(), n.stride.clone());
    }
    let custom = model == ModelKind::Custom;
    let given = [
        ("network.hidden", n.hidden.is_some(), own.hidden.is_some()),
        ("network.layers", n.layers.is_some(), own.layers.is_some()),
        ("network.dropout", n.dropout.is_some(), own.dropout.is_some()),
        ("network.filters", n.filters.is_some(), own.filters.is_some()),
        ("network.kernel", n.kernel.is_some(), own.kernel.is_some()),
        ("network.stride", n.stride.is_some(), own.stride.is_some()),
        ("network.pooling", n.pooling.is_some(), own.pooling.is_some()),
        ("network.attention", n.attention.is_some(), own.attention.is_some()),
        ("network.stack", !n.stack.is_empty(), custom),
        ("network.head_dropout", n.head_dropout.is_some(), own.head_dropout.is_some() || custom),
    ];
    match given.into_iter().find(|&(_, given, own)| given && !own) {
        Some((setting, ..)) => Err(TrainError::ForeignSetting { setting, model: model.name().into() }),
        None => Ok(()),
    }
}
