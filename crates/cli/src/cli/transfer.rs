//! Arguments of `ambulo transfer`.

use super::SensorChoice;
use ambulo_train::{Length, ModelKind, Orientation};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Train on each of several data sets, or placements of devices, and test on the others
///
/// Trains on each data set alone, on all but one, and within each by groups of people; tests on every data set that was not
/// learned from, at the finest activities that both sides know, and writes transfer.json and transfer.html. With --between
/// placements it trains on devices worn at one place and tests on those at every place, of other people. The runs lie beside
/// them; a command that was stopped goes on where it was when it is given again.
#[derive(Debug, Args)]
pub(crate) struct TransferArgs {
    /// The data sets, as for `ambulo train`; two or more, or one with --between placements
    #[arg(long, value_name = "DATA", required = true)]
    pub(crate) data: Vec<PathBuf>,
    /// What is gone between: data sets, or placements, from phone to watch for instance
    #[arg(long, value_enum, default_value_t = Between::DataSets)]
    pub(crate) between: Between,
    /// Only recordings of devices worn there, as the data sets say, e.g. waist,pocket
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) placements: Vec<String>,
    /// Train each once more from the weights of this model, a model.safetensors, a run directory or the name of one inside, and test on whom it has not seen
    #[arg(long, value_name = "MODEL")]
    pub(crate) from: Option<PathBuf>,
    /// Which network; `ambulo models` describes them
    #[arg(long, value_parser = PossibleValuesParser::new(ModelKind::names()).try_map(|name| name.parse::<ModelKind>()), default_value = "cnn")]
    pub(crate) model: ModelKind,
    /// Ways of wearing the device: other data sets wear it other ways
    #[arg(long, value_parser = PossibleValuesParser::new(Orientation::names()).try_map(|name| name.parse::<Orientation>()), default_value = "levelled")]
    pub(crate) orientation: Orientation,
    /// Sensors that the model may use: all, or acceleration alone
    #[arg(long, value_name = "SENSORS", default_value = "all")]
    pub(crate) sensors: SensorChoice,
    /// Samples per second that the model works at [default: 50]
    #[arg(long, value_name = "HZ", value_parser = super::parse_rate)]
    pub(crate) rate: Option<f64>,
    /// Length of a window, in seconds (4s) or samples (200) [default: 2.56s]
    #[arg(long, value_name = "LENGTH")]
    pub(crate) window: Option<Length>,
    /// Groups into which the people of each data set are divided, or all people with --between placements
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) groups: u16,
    /// Epochs [default: as the model has it]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// Train this many seeds, 1, 2, …
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seeds: u64,
    /// Threads, 0 for all cores
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
    /// Directory for the runs and the figures
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Print transfer.json on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// What rows and columns of the matrix are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Between {
    DataSets,
    Placements,
}
