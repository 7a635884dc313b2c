//! Arguments of `ambulo personal`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Measure what a few seconds of their own are worth to the people of a data set
///
/// Of each person whom a model has not seen stretches of every activity are drawn at random, the model is adapted to them as
/// `ambulo adapt` does, and both are scored on the rest of the same person (docs/PERSONAL.md): means over draws, intervals over people. With
/// --new the same of an activity that the model does not know; with --way clusters or statistics people give recordings without labels. Models of folds are asked about the people they were held back from.
#[derive(Debug, Args)]
pub(crate) struct PersonalArgs {
    /// Models: files, run directories, also of runs over folds, or names of models inside, e.g. general. A person whom several could answer is
    /// answered by the first
    #[arg(required = true, value_name = "MODEL")]
    pub(crate) models: Vec<PathBuf>,
    /// A data set: a manifest, MANIFEST=FOLDER or NAME=FOLDER for data that lie elsewhere, a folder of a published data set, or
    /// `hapt` for the bundled recordings, which are the default; given again, the data sets are joined
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Vec<PathBuf>,
    /// How models are adapted: calls of `ambulo adapt` one after the other, on labelled seconds (head, network, also-unlabelled) or on
    /// recordings without labels (clusters, statistics): statistics,head
    #[arg(long, value_enum, value_name = "LIST", value_delimiter = ',', default_value = "head")]
    pub(crate) way: Vec<WayStep>,
    /// Seconds of each activity, 10 if nothing is said; several are measured side by side: 10,3. None where recordings are given without labels
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_negative_numbers = true)]
    pub(crate) seconds: Vec<f64>,
    /// Take all that is given from one recording, each in turn, and score the person's others
    #[arg(long, conflicts_with = "new")]
    pub(crate) across: bool,
    /// Whose prior over time and scale of unknown models take that were fitted none, as those of folds: for answers over time, and for what
    /// clusters, also-unlabelled and statistics leave out. A file, a run or the name of a model inside
    #[arg(long, value_name = "MODEL")]
    pub(crate) timeline: Option<PathBuf>,
    /// Give them as so many pieces from different places, each of at least a window
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) pieces: usize,
    /// Draws of each person
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) draws: u64,
    /// An activity of the data set that the models do not know: what it costs to add it
    #[arg(long, value_name = "ACTIVITY")]
    pub(crate) new: Option<String>,
    /// Give the new activity alone, without seconds of those that the models know
    #[arg(long, requires = "new")]
    pub(crate) alone: bool,
    /// How little the examples move what the model knows already, as with `ambulo adapt`
    #[arg(long, value_name = "X", default_value_t = ambulo_model::adapt::SHRINKAGE, allow_negative_numbers = true)]
    pub(crate) shrinkage: f64,
    /// Also write personal.json and a page, personal.html, into this directory; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print all figures as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
    /// Threads, 0 for all cores; the figures are the same for any number
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
}

/// A step of adapting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WayStep {
    /// The last layer moves to labelled seconds
    Head,
    /// Normalisation moves by gradient, and the last layer above it
    Network,
    /// As head, also from what recordings hold besides labelled seconds
    AlsoUnlabelled,
    /// The last layer moves towards what the model is sure of over time
    Clusters,
    /// A share of the person's own statistics goes into normalisation
    Statistics,
}
