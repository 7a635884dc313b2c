//! The command line: the one source of help, completions and man pages.

mod adapt;
mod classify;
mod personal;
mod pretrain;
mod stream;
mod transfer;

pub(crate) use adapt::{AdaptArgs, Method as AdaptMethod, WithoutLabels};
pub(crate) use classify::{ClassifyArgs, ResultFormat};
pub(crate) use personal::{PersonalArgs, WayStep};
pub(crate) use pretrain::PretrainArgs;
pub(crate) use stream::{StepFormat, StreamArgs};
pub(crate) use transfer::{Between, TransferArgs};

use ambulo_baseline::BaselineKind;
use ambulo_formats::{Columns, TimeFormat, Units};
use ambulo_record::PersonId;
use ambulo_signal::Sensor;
use ambulo_signal::intake::{Autocalibrate, AxisMap, ClockBack, MAX_GAP_S};
use ambulo_train::{
    Balance, FewAmounts, Freeze, LabelChoice, Labels, Length, ModelKind, Orientation, Protocol,
};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Turns recordings of phone and watch motion sensors into human activities
#[derive(Debug, Parser)]
#[command(name = "ambulo", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (--resume goes on).")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Inspect(InspectArgs),
    Convert(ConvertArgs),
    Classify(Box<ClassifyArgs>),
    Stream(Box<StreamArgs>),
    Train(Box<TrainArgs>),
    Pretrain(Box<PretrainArgs>),
    Adapt(Box<AdaptArgs>),
    Personal(Box<PersonalArgs>),
    Evaluate(Box<EvaluateArgs>),
    Transfer(Box<TransferArgs>),
    Models(ModelsArgs),
    Baseline(BaselineArgs),
    Compare(CompareArgs),
    Datasets(DatasetsArgs),
    Report(ReportArgs),
    Reference(ReferenceArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Say what a recording holds: sensors, units, clock, gaps, orientation, faults, and whether a model would take it
///
/// Reads files of phones, watches and research devices, tables of any kind and Parquet, recognised by their content; also in
/// archives (.zip, .gz), and everything below a folder. Files that fail are listed at the end, and so are files that are the same
/// byte for byte. Ends with 1 if a file cannot be read or is not usable; the others are still shown.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// Recordings, archives of them, or folders that are searched
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON object per file, a line each; of a file that cannot be read one with the error
    #[arg(long)]
    pub(crate) json: bool,
    /// Also draw all recordings on one page: signals zoomed out, pauses, findings
    #[arg(long, value_name = "FILE.html")]
    pub(crate) html: Option<PathBuf>,
    /// Also show serial numbers, names and annotations, which are left out otherwise
    #[arg(long)]
    pub(crate) identity: bool,
    /// Hold the recordings against this model, a model.safetensors or a run directory, and not against what models usually need:
    /// 50 Hz and windows of 2.56 s
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// Write recordings as Parquet, in g, rad/s and µT and with a time for each sample
///
/// Whatever can be read becomes NAME.parquet, the same layout for every source (docs/CONVERT.md), with its origin, what was
/// converted and what was noticed. Samples keep their own rates and times: nothing is resampled or made up. A recording whose
/// unit is in doubt, or whose clock goes back by an hour that nobody explains, is not written. Ends with 1 if any was not; the others are.
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// Recordings, archives of them, or folders that are searched
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
    /// Directory for the files; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Overwrite files that are there already
    #[arg(long)]
    pub(crate) force: bool,
    /// Print one JSON object per recording, a line each; of a file that was not converted one with the error
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// How recordings are read, where they do not say it themselves.
#[derive(Debug, Args)]
#[command(next_help_heading = "How files are read, where they do not say it themselves")]
pub(crate) struct ReadingArgs {
    /// Format or dialect, whatever the content looks like: table, parquet, cwa, gt3x, androsensor, … (docs/READERS.md)
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// The device's axes that are x, y and z (right-handed, as the Android sensor frame), with signs: -y,x,z
    #[arg(long, value_name = "MAP", allow_hyphen_values = true)]
    pub(crate) axes: Option<AxisMap>,
    #[command(flatten)]
    pub(crate) stated: StatedArgs,
}

/// What is stated about recordings, for every command that reads them.
#[derive(Debug, Args)]
pub(crate) struct StatedArgs {
    /// Dialects of tables besides the shipped ones, in TOML (docs/READERS.md)
    #[arg(long, value_name = "FILE")]
    pub(crate) dialects: Option<PathBuf>,
    /// Columns by name or number: time=1,ax=2,ay=3,az=4 or time,x,y,z or time=1,acc=2-4,gyro=5-7
    #[arg(long, value_name = "LIST")]
    pub(crate) columns: Option<Columns>,
    /// Units: m/s2, or acc=m/s2,gyro=deg/s
    #[arg(long, value_name = "LIST")]
    pub(crate) units: Option<Units>,
    /// Samples per second of files without times
    #[arg(long, value_name = "HZ")]
    pub(crate) rate: Option<f64>,
    /// How times are written: s, ms, us, ns, epoch-ms, iso, dd/mm/yyyy, …
    #[arg(long, value_name = "FORMAT")]
    pub(crate) time: Option<TimeFormat>,
    /// Which of several devices or placements in one file
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,
    /// Variable of a MATLAB file that holds the samples
    #[arg(long, value_name = "NAME")]
    pub(crate) variable: Option<String>,
    /// Longest pause that is bridged, in seconds; a longer one begins a new segment
    #[arg(long, value_name = "S", default_value_t = MAX_GAP_S)]
    pub(crate) max_gap: f64,
    /// Whether acceleration is calibrated to 1 g at rest; auto: of research devices' own files of a day and more
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) autocalibrate: AutocalibrateChoice,
    /// What it means that a wall clock without an offset goes back by an hour
    #[arg(long, value_name = "WHAT")]
    pub(crate) clock_back: Option<ClockBackChoice>,
}

/// When acceleration is calibrated to 1 g at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AutocalibrateChoice {
    /// Of research devices' own files of a day and more
    Auto,
    /// Wherever the recording has what it needs
    On,
    /// Never
    Off,
}

impl From<AutocalibrateChoice> for Autocalibrate {
    fn from(choice: AutocalibrateChoice) -> Self {
        match choice {
            AutocalibrateChoice::Auto => Self::Auto,
            AutocalibrateChoice::On => Self::On,
            AutocalibrateChoice::Off => Self::Off,
        }
    }
}

/// What an hour back means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClockBackChoice {
    /// Summer time ended: the recording went on
    SummerTime,
    /// The recording began anew
    Restart,
}

impl From<ClockBackChoice> for ClockBack {
    fn from(choice: ClockBackChoice) -> Self {
        match choice {
            ClockBackChoice::SummerTime => Self::SummerTime,
            ClockBackChoice::Restart => Self::Restart,
        }
    }
}

/// The share of windows of this name.
fn balance(name: &str) -> Balance {
    match name {
        "people" => Balance::People,
        "data-sets" => Balance::DataSets,
        _ => Balance::None,
    }
}

/// Which sensors a model may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SensorChoice {
    /// Whatever the channels are made from: acceleration and angular velocity
    All,
    /// Acceleration alone
    Acceleration,
}

impl SensorChoice {
    /// The sensors.
    pub(crate) fn sensors(self) -> &'static [Sensor] {
        match self {
            Self::All => &Sensor::ALL,
            Self::Acceleration => &[Sensor::Accelerometer],
        }
    }
}

/// A rate in Hz; its bounds are those of preprocessing.
fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| *rate > 0.0 && *rate <= 1e6);
    rate.ok_or_else(|| "give samples per second, above 0 and at most 1000000".to_owned())
}

/// Train a network, choose on validation people, evaluate once on test people
///
/// Without options: a convolutional LSTM for any facing of the device, on the bundled recordings of 30 people. Leaves a run
/// directory with the model, a report, all figures and predictions, and the configuration that repeats it. Ctrl-C saves and
/// says how to resume. The protocols groups10 and loso train one model for each fold, several folds at a time.
#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// A data set: a manifest, MANIFEST=FOLDER or NAME=FOLDER for data that lie elsewhere, a folder of a published data set, or
    /// `hapt` for the bundled recordings, which are the default; given again, the data sets are joined
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Vec<PathBuf>,
    /// Only recordings of devices worn there, as the data sets say, e.g. waist,pocket
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) placements: Vec<String>,
    /// Test on recordings of devices worn there instead, of people who are not learned from: --placements pocket
    /// --test-placements wrist goes from phone to watch
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) test_placements: Vec<String>,
    /// How people are divided into training, validation and test: official, published, groups10 (or any number), loso or
    /// leave-one-dataset-out [default: official for the bundled recordings, published where all data sets name test people, otherwise groups10]
    #[arg(long, conflicts_with = "test_on")]
    pub(crate) protocol: Option<Protocol>,
    /// Test on everyone in these of the data sets, by name, and train on the others
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) test_on: Vec<String>,
    /// How often windows are seen: each once, those of each person equally often, or those of each data set and in it of each person
    /// [default: none]
    #[arg(long, value_parser = PossibleValuesParser::new(["none", "people", "data-sets"]).map(|name| balance(&name)))]
    pub(crate) balance: Option<Balance>,
    /// Which network; `ambulo models` describes them [default: cnn-lstm]
    #[arg(long, value_parser = PossibleValuesParser::new(ModelKind::names()).try_map(|name| name.parse::<ModelKind>()))]
    pub(crate) model: Option<ModelKind>,
    /// Ways of wearing the device: facing any way, any way at all (each recording is levelled, which needs some walking in it), or only
    /// as in the training data [default: any-facing]
    #[arg(long, value_parser = PossibleValuesParser::new(Orientation::names()).try_map(|name| name.parse::<Orientation>()))]
    pub(crate) orientation: Option<Orientation>,
    /// Sensors that the model may use: all, or acceleration alone, for recordings without a gyroscope [default: all]
    #[arg(long, value_name = "SENSORS")]
    pub(crate) sensors: Option<SensorChoice>,
    /// Samples per second that the model works at; faster recordings are lowered to it [default: 50]
    #[arg(long, value_name = "HZ", value_parser = parse_rate)]
    pub(crate) rate: Option<f64>,
    /// Length of a window, in seconds (4s) or samples (200); sizes of the network follow [default: 2.56s]
    #[arg(long, value_name = "LENGTH")]
    pub(crate) window: Option<Length>,
    /// From window to window, as a share of the window (50%), in seconds (1s) or samples (64) [default: 50%]
    #[arg(long, value_name = "LENGTH")]
    pub(crate) step: Option<Length>,
    /// The activities to tell apart: 6, 12 with the postural transitions, names separated by commas, or those in the data: `leaves`, or
    /// `depth=2` for nothing deeper in the vocabulary [default: 6 of the bundled recordings, leaves of others]
    #[arg(long, value_name = "N|NAMES|leaves|depth=N")]
    pub(crate) labels: Option<LabelChoice>,
    /// Train although a stretch of signal occurs twice, under two people or two labels
    #[arg(long)]
    pub(crate) allow_duplicates: bool,
    /// Width of each recurrent layer [default: as the model has it]
    #[arg(long, value_name = "N")]
    pub(crate) hidden: Option<usize>,
    /// Number of recurrent layers [default: as the model has it]
    #[arg(long, value_name = "N")]
    pub(crate) layers: Option<usize>,
    /// Most epochs, and the length of the learning-rate schedule [default: as the model has it]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// Windows per optimiser step [default: 64]
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<usize>,
    /// Peak learning rate [default: as the model has it]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) learning_rate: Option<f64>,
    /// Seed of initial weights, order of batches and dropout [default: 1]
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Train this many seeds, S, S+1, …; figures are then means over seeds
    #[arg(long, value_name = "N")]
    pub(crate) seeds: Option<u64>,
    /// Train anew on training and validation people for the chosen number of epochs [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub(crate) refit: Option<bool>,
    /// Threads, 0 for all cores; the results are the same bits for any number [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Begin with the weights of this model, a model.safetensors, a run directory or the name of one inside: its layers and preprocessing are taken, the
    /// head is new but for activities that both know
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["hidden", "layers"])]
    pub(crate) from: Option<PathBuf>,
    /// Keep the weights of the first N layers of that model, or of all but the head [default: 0]
    #[arg(long, value_name = "N|all", requires = "from")]
    pub(crate) freeze: Option<Freeze>,
    /// Train on few labels and tell what they are worth: people=2 for two of the training people, windows=5 for five windows of each
    /// activity, people=1,2,5,all for several amounts; with --from each draw also from scratch
    #[arg(long, value_name = "AMOUNTS", conflicts_with_all = ["refit", "resume"])]
    pub(crate) few: Vec<FewAmounts>,
    /// Draws of each amount [default: 10]
    #[arg(long, value_name = "D", requires = "few", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) draws: Option<u64>,
    /// Configuration file; the options above override it
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// Directory for the run; must be new or empty [default: runs/DATE-TIME-MODEL]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Continue an interrupted run to the very weights it would have had
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = [
            "placements", "test_placements", "protocol", "test_on", "balance", "model", "orientation", "sensors", "rate", "window", "step", "labels", "hidden", "layers", "epochs", "batch", "learning_rate", "seed", "seeds", "refit", "allow_duplicates", "from", "freeze",
            "config", "out",
        ]
    )]
    pub(crate) resume: Option<PathBuf>,
    /// Print the content of metrics.json on stdout and nothing else there; with --few that of few.json
    #[arg(long)]
    pub(crate) json: bool,
}

/// Evaluate a saved model on people it was not trained on
///
/// The evaluation is logged in evaluations.jsonl beside the model: look once, report what you saw. With --continuous whole
/// recordings are answered from beginning to end, smoothed and not, and scored by time and by events (docs/CONTINUOUS.md); with
/// --truth recordings of your own, whose labels are in a table.
#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// The model.safetensors of a run, or its directory
    pub(crate) model: PathBuf,
    /// Recordings whose labels are in the table of --truth
    #[arg(value_name = "FILE|DIR", requires = "truth")]
    pub(crate) files: Vec<PathBuf>,
    /// Score whole recordings over time, instead of windows cut out of them
    #[arg(long)]
    pub(crate) continuous: bool,
    /// Labels of the recordings as CSV: recording, `start_s`, `end_s`, label (the first may be left out with one file)
    #[arg(long, value_name = "FILE.csv", requires_all = ["continuous", "files"], conflicts_with_all = ["data", "subjects"])]
    pub(crate) truth: Option<PathBuf>,
    /// Seconds that the causal answers of --continuous wait
    #[arg(long, value_name = "S", default_value_t = 2.0, requires = "continuous")]
    pub(crate) delay: f64,
    /// Probability that an answer has to reach, as with `ambulo classify`: what is right among those given to users
    #[arg(long, value_name = "P", default_value_t = 0.8, requires = "continuous")]
    pub(crate) confidence: f32,
    /// Score activities alone with --continuous or --truth: changes of posture are neither asked for nor answered
    #[arg(long)]
    pub(crate) activities: bool,
    /// Score --continuous once more with every recording turned at random in space, as if the device had been worn any way
    #[arg(long, requires = "continuous")]
    pub(crate) turned: bool,
    /// Also write continuous.json and a page, continuous.html, into this directory; made if it is not there
    #[arg(long, value_name = "DIR", requires = "continuous")]
    pub(crate) out: Option<PathBuf>,
    /// A data set: a manifest, MANIFEST=FOLDER or NAME=FOLDER for data that lie elsewhere, a folder of a published data set, or
    /// `hapt` for the bundled recordings, which are the default; given again, the data sets are joined
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Vec<PathBuf>,
    /// Only these people, e.g. 2,4,9
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) subjects: Option<Vec<PersonId>>,
    /// Threads, 0 for all cores
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
    /// Print all figures as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// List the networks that can be trained, or the trained models in the box
///
/// Parameters and multiply-adds of a window are counted, the time for one window on one core is measured.
#[derive(Debug, Args)]
pub(crate) struct ModelsArgs {
    /// Show the trained models inside, which `classify` and `stream` use unless another is named: what they are for, their figures
    /// and terms
    #[arg(long, conflicts_with_all = ["sensors", "rate", "window"])]
    pub(crate) shipped: bool,
    /// Sensors that the models may use: all, or acceleration alone
    #[arg(long, value_name = "SENSORS", default_value = "all")]
    pub(crate) sensors: SensorChoice,
    /// Samples per second that the models are to work at [default: 50]
    #[arg(long, value_name = "HZ", value_parser = parse_rate)]
    pub(crate) rate: Option<f64>,
    /// Length of a window, in seconds (4s) or samples (200) [default: 2.56s]
    #[arg(long, value_name = "LENGTH")]
    pub(crate) window: Option<Length>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Fit and evaluate hand-made features with a support vector machine, for comparison
///
/// 561 features of time and frequency domain, after those of the UCI HAR set; one linear machine or one with an RBF kernel for
/// each pair of activities. Leaves the same records as a training.
#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    /// Which classifier
    #[arg(long, value_parser = PossibleValuesParser::new(BaselineKind::names()), default_value = "features-linear")]
    pub(crate) kind: String,
    /// A data set: a manifest, MANIFEST=FOLDER or NAME=FOLDER for data that lie elsewhere, a folder of a published data set, or
    /// `hapt` for the bundled recordings, which are the default; given again, the data sets are joined
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Vec<PathBuf>,
    /// How people are divided
    #[arg(long, default_value = "official")]
    pub(crate) protocol: Protocol,
    /// The activities to tell apart: 6, 12 with the postural transitions, or names separated by commas
    #[arg(long, value_name = "N|NAMES", default_value = "6")]
    pub(crate) labels: Labels,
    /// Directory for the run; must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Print the content of metrics.json on stdout and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

/// Compare finished runs on the people they share
///
/// A table of all runs, and the first against each other one by a paired test over people (Wilcoxon signed-rank, with a
/// bootstrap interval of the mean difference).
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// Run directories, two or more
    #[arg(required = true, num_args = 2..)]
    pub(crate) runs: Vec<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// List, describe, download and verify data sets
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DatasetsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<DatasetsCommand>,
    /// Print the catalogue as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DatasetsCommand {
    /// Print the manifest of a data set, to read or to start another from
    Show {
        /// Name of the data set, as `ambulo datasets` lists it
        name: String,
    },
    /// Download a data set: its terms first, then the archive, checked and unpacked
    ///
    /// A download that broke off goes on where it stopped. Where there is no plain address it says where to click.
    Get {
        /// Name of the data set, or a manifest (.toml) with the address of its archive
        name: String,
        /// Directory in which the folder NAME is made; default: the current one
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Agree to the terms without being asked
        #[arg(long)]
        yes: bool,
    },
    /// Counts per person and activity; without data, what is known of the data set
    Info {
        /// Name of the data set, as `ambulo datasets` lists it
        name: String,
        /// Its folder, where it is not bundled
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Examine labelled data: copies, units, axes, rates, labels, people, amounts
    Check(CheckArgs),
    /// Propose a manifest for a folder of recordings
    Init(InitArgs),
    /// Check the content against the published hash
    Verify {
        /// Name of the data set
        #[arg(default_value = "hapt")]
        name: String,
        /// Its folder, where it is not bundled
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Examine labelled data: what is there, and what is wrong or strange
///
/// Two people with one recording, units, swapped axes, rates, labels that come late, people and labels that contradict all others.
/// Files that cannot be read are named, and the others are examined. Exit code 1 if there is a fault.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A manifest, MANIFEST=FOLDER or NAME=FOLDER for data that lie elsewhere, a folder of a data set, or hapt for the bundled recordings
    #[arg(value_name = "DATA")]
    pub(crate) data: PathBuf,
    /// Seconds of a window, by which windows are counted and looked at
    #[arg(long, value_name = "SECONDS", default_value_t = 2.56, value_parser = window_seconds)]
    pub(crate) window: f64,
    /// Also write what was found as a page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Propose a manifest for a folder of recordings
///
/// Looks at the paths, the columns and the words in the files. What somebody has to decide is marked CHECK.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder
    pub(crate) dir: PathBuf,
    /// The file to write instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Reads the length of a window in seconds.
fn window_seconds(text: &str) -> Result<f64, String> {
    let seconds = text.trim_end_matches('s').parse::<f64>().ok().filter(|s| (0.2..=60.0).contains(s));
    seconds.ok_or_else(|| "expected seconds between 0.2 and 60".to_owned())
}

/// Draw the report and the model card of a finished run anew
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// A run directory
    pub(crate) run: PathBuf,
}

/// Write reference inputs and outputs of a model, to check another runtime against
///
/// A safetensors file with x [window, time, channel], preprocessed and normalised, and logits [window, label].
#[derive(Debug, Args)]
pub(crate) struct ReferenceArgs {
    /// The model.safetensors of a run
    pub(crate) model: PathBuf,
    /// The file to write
    pub(crate) out: PathBuf,
    /// A data set: a manifest, MANIFEST=FOLDER or NAME=FOLDER for data that lie elsewhere, a folder of a published data set, or
    /// `hapt` for the bundled recordings, which are the default; given again, the data sets are joined
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Vec<PathBuf>,
    /// Number of windows
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) windows: u16,
}

/// Print completions for a shell
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Print the man page, or write those of all commands
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write ambulo.1 and one page for each command into this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}
