//! `ambulo classify`

use super::StatedArgs;
use crate::axes::Axes;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Say what the wearer of a recording did, when, and how sure that is
///
/// Prints segments of one activity with their confidence: a table to a terminal, CSV elsewhere (`docs/RESULT_FORMATS.md`). Needs no model:
/// one is inside. Reads whatever `ambulo inspect` reads. With --out each recording gets its segments, the probabilities of every
/// step, a summary and a page with its timeline; recordings that are finished there already are skipped. A file that fails stops
/// nothing: it is listed at the end, and the command ends with 1.
#[derive(Debug, Args)]
pub(crate) struct ClassifyArgs {
    /// Recordings, archives of them, or folders that are searched
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
    /// A model.safetensors or a run directory, in place of the model inside
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<PathBuf>,
    /// Which way is up: auto, as found in the recording, or the axis that points up while the wearer stands: x=up, -y=up. Also which
    /// axes of the device are x, y and z, where they are not those of Android: -y,x,z, or both: -y,x,z,z=up
    #[arg(long, value_name = "AXES", default_value = "auto", allow_hyphen_values = true)]
    pub(crate) axes: Axes,
    /// Probability that an answer must have; below it the activity above is answered (stairs, still, moving), or unknown
    #[arg(long, value_name = "P", default_value_t = 0.8)]
    pub(crate) confidence: f32,
    /// Seconds between two answers [default: as the model has it, 0.64; twice that in recordings of more than a day]
    #[arg(long, value_name = "S")]
    pub(crate) step: Option<f64>,
    /// Smooth as a stream with this delay in seconds does, and not over the whole recording
    #[arg(long, value_name = "S", conflicts_with = "no_smoothing")]
    pub(crate) delay: Option<f64>,
    /// Answer each window by itself
    #[arg(long)]
    pub(crate) no_smoothing: bool,
    /// What is printed [default: table to a terminal, else csv]
    #[arg(long, value_name = "FORMAT", conflicts_with = "out")]
    pub(crate) format: Option<ResultFormat>,
    /// The same as --format jsonl
    #[arg(long, conflicts_with_all = ["format", "out"])]
    pub(crate) json: bool,
    /// Print days in place of segments: minutes and bouts of each activity, changes, and time without answers
    #[arg(long, conflicts_with = "out")]
    pub(crate) summary: bool,
    /// Also write the probabilities of every step, as CSV, JSON Lines or Parquet by the end of the name
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub(crate) probabilities: Option<PathBuf>,
    /// Also draw the timeline of the one recording as a page
    #[arg(long, value_name = "FILE.html", conflicts_with = "out")]
    pub(crate) html: Option<PathBuf>,
    /// Also draw the timeline of the one recording as a figure
    #[arg(long, value_name = "FILE.svg", conflicts_with = "out")]
    pub(crate) svg: Option<PathBuf>,
    /// Write all results of each recording into this directory, and summary.csv over all; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Do recordings anew that are finished already
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// Format or dialect of the recordings, whatever the content looks like: table, parquet, cwa, … (docs/READERS.md)
    #[arg(
        long,
        value_name = "FORMAT",
        help_heading = "How files are read, where they do not say it themselves"
    )]
    pub(crate) input_format: Option<String>,
    #[command(flatten, next_help_heading = "How files are read, where they do not say it themselves")]
    pub(crate) stated: StatedArgs,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResultFormat {
    /// For people, with minutes of each activity and what was noticed
    Table,
    /// A line of names and a line for each segment
    Csv,
    /// A JSON object a line
    Jsonl,
    /// Apache Parquet
    Parquet,
}
