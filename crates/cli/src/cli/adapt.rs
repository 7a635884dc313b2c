//! `ambulo adapt`

use super::StatedArgs;
use crate::axes::Axes;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Make a model a person's own from a few seconds of each activity, or from recordings without labels
///
/// Takes recordings with a table of who did what when (--labels), or a recording for each activity: walking=walk.csv sitting=sit.csv. The
/// last layer moves towards what the examples say, with --method network its normalisation as well; the rest of the network stays. An
/// activity that the model does not know is added. What the result is good for is measured on stretches that are held out in turn (docs/PERSONAL.md). The model that was given is not touched.
///
/// Without labels (--without-labels) it learns from some minutes of a usual day: with `clusters` what it is sure of, once its answers are
/// brought together over time, is taken for right; with `statistics` normalisation moves towards what the person's own movement is like, and
/// nothing is taken for anything. Nothing says then how many answers are right. One after the other is another call on what the first wrote.
#[derive(Debug, Args)]
pub(crate) struct AdaptArgs {
    /// The model: a model.safetensors, a run directory, or the name of one inside, e.g. general
    pub(crate) model: PathBuf,
    /// Recordings whose labels are in the table of --labels, or ACTIVITY=FILE; with --without-labels any
    #[arg(required = true, value_name = "FILE|ACTIVITY=FILE")]
    pub(crate) recordings: Vec<PathBuf>,
    /// Labels of the recordings as CSV: recording, `start_s`, `end_s`, label (the first may be left out with one file)
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) labels: Option<PathBuf>,
    /// Also learn from what the recordings of --labels hold besides, as --without-labels clusters does
    #[arg(long, requires = "labels")]
    pub(crate) also_unlabelled: bool,
    /// Learn from recordings of which nobody said what was done
    #[arg(long, value_name = "HOW", conflicts_with = "labels")]
    pub(crate) without_labels: Option<WithoutLabels>,
    /// The personal model; its card is written beside it, with the ending .md
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) out: PathBuf,
    /// What is moved: the last layer, in a fraction of a second, or the network's normalisation as well, in seconds
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Method::Head, conflicts_with_all = ["without_labels", "also_unlabelled"])]
    pub(crate) method: Method,
    /// How little the examples move what the model knows already: ten times as much for examples in doubt, a tenth for many good ones
    #[arg(long, value_name = "X", default_value_t = ambulo_model::adapt::SHRINKAGE)]
    pub(crate) shrinkage: f64,
    /// Which way is up: auto, found while the wearer walks, or the axis that points up while the wearer stands: x=up, -y=up. Also which
    /// axes of the device are x, y and z, where they are not those of Android: -y,x,z, or both: -y,x,z,z=up
    #[arg(long, value_name = "AXES", default_value = "auto", allow_hyphen_values = true)]
    pub(crate) axes: Axes,
    /// Format or dialect, whatever the content looks like: table, parquet, cwa, gt3x, androsensor, … (docs/READERS.md)
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Print what was done as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) stated: StatedArgs,
}

/// What of a model is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// The last layer, in closed form
    Head,
    /// Scale and shift of normalisation by gradient, and the last layer on top in closed form
    Network,
}

/// What is learned from where nobody said what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WithoutLabels {
    /// The last layer moves towards what the model is sure of over time
    Clusters,
    /// A share of the person's own mean and deviation of each feature goes into batch normalisation
    Statistics,
}
