//! Arguments of `ambulo pretrain`.

use super::{SensorChoice, balance};
use ambulo_model::Objective;
use ambulo_record::PersonId;
use ambulo_train::{Balance, Length, ModelKind, Orientation};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::path::PathBuf;

/// Learn an encoder from recordings in which nobody said what was done
///
/// Takes all windows of recordings, labelled or not, and asks the network something about them that needs no label. The file is
/// an ordinary model whose last layer knows nothing yet: `ambulo train --from FILE` teaches it activities from few labels
/// (docs/PRETRAINING.md). Test people that a data set names are left out. Ctrl-C stops, and writes nothing.
#[derive(Debug, Args)]
pub(crate) struct PretrainArgs {
    /// Recordings, archives of them, folders that are searched, or data sets: a manifest, MANIFEST=FOLDER or NAME=FOLDER, the folder of a
    /// published data set, or `hapt` for the bundled recordings
    #[arg(required = true, value_name = "FILE|DIR|DATA")]
    pub(crate) from: Vec<PathBuf>,
    /// The encoder's file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Overwrite the file if it is there already
    #[arg(long)]
    pub(crate) force: bool,
    /// What the network is asked: whether a window was put into another order and its time warped, what hidden spans held, or which views
    /// are of one window
    #[arg(long, value_parser = PossibleValuesParser::new(Objective::names()).map(|name| Objective::named(&name).unwrap_or_default()), default_value = "contrastive")]
    pub(crate) objective: Objective,
    /// Which network; `ambulo models` describes them
    #[arg(long, value_parser = PossibleValuesParser::new(ModelKind::names()).try_map(|name| name.parse::<ModelKind>()), default_value = "cnn")]
    pub(crate) model: ModelKind,
    /// Ways of wearing the device: any way at all (each recording is levelled), facing any way, or only as recorded
    #[arg(long, value_parser = PossibleValuesParser::new(Orientation::names()).try_map(|name| name.parse::<Orientation>()), default_value = "levelled")]
    pub(crate) orientation: Orientation,
    /// Sensors that the encoder may use; recordings without them are passed over [default: all, acceleration if not every recording has a
    /// gyroscope]
    #[arg(long, value_name = "SENSORS")]
    pub(crate) sensors: Option<SensorChoice>,
    /// Samples per second that the encoder works at [default: 50]
    #[arg(long, value_name = "HZ", value_parser = super::parse_rate)]
    pub(crate) rate: Option<f64>,
    /// Length of a window, in seconds (4s) or samples (200) [default: 2.56s]
    #[arg(long, value_name = "LENGTH")]
    pub(crate) window: Option<Length>,
    /// Only recordings of devices worn there, as data sets and files say, e.g. waist,pocket
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) placements: Vec<String>,
    /// Only these people, by name; of several data sets as in sisfall/SA03
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) people: Option<Vec<PersonId>>,
    /// Not these people
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) without_people: Vec<PersonId>,
    /// Also the test people that data sets name; the model can then not be tested on them any more
    #[arg(long)]
    pub(crate) all_people: bool,
    /// How often windows are seen: each once, those of each person equally often, or those of each data set and in it of each person
    /// [default: people]
    #[arg(long, value_parser = PossibleValuesParser::new(["none", "people", "data-sets"]).map(|name| balance(&name)))]
    pub(crate) balance: Option<Balance>,
    /// Epochs [default: 8]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// Windows per step [default: 128]
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<usize>,
    /// Peak learning rate [default: 0.004]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) learning_rate: Option<f64>,
    /// Seed of initial weights, order and draws
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Threads, 0 for all cores; the results are the same bits for any number
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
    /// Print the figures as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}
