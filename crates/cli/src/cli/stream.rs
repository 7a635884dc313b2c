//! `ambulo stream`

use crate::axes::Axes;
use ambulo_formats::{Columns, TimeFormat, Units};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Answer while samples arrive: CSV or JSON Lines on stdin, a line for each step on stdout
///
/// Each line of input is a row of samples, as CSV with a line of names or as a JSON object with the same names, or an object with a
/// sample of one sensor; docs/STREAM.md has the layouts. The answer for a moment comes --delay seconds after it, and is the same as
/// `ambulo classify --delay` gives for a file. A line that cannot be read is reported and left out. Ctrl-C ends it; with --state it
/// goes on later as if it had not been stopped.
#[derive(Debug, Args)]
pub(crate) struct StreamArgs {
    /// A model.safetensors or a run directory, in place of the model inside
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<PathBuf>,
    /// Which way is up: auto, found while the wearer walks, or the axis that points up while the wearer stands: x=up, -y=up. Also which
    /// axes of the device are x, y and z, where they are not those of Android: -y,x,z, or both: -y,x,z,z=up
    #[arg(long, value_name = "AXES", default_value = "auto", allow_hyphen_values = true)]
    pub(crate) axes: Axes,
    /// Probability that an answer must have; below it the activity above is answered (stairs, still, moving), or unknown
    #[arg(long, value_name = "P", default_value_t = 0.8)]
    pub(crate) confidence: f32,
    /// Seconds from a moment to its answer, 0 to 5: what follows tells, too. Below half a window it is a forecast
    #[arg(long, value_name = "S", default_value_t = 2.0, conflicts_with = "no_smoothing")]
    pub(crate) delay: f64,
    /// Answer each window by itself, when it is full
    #[arg(long)]
    pub(crate) no_smoothing: bool,
    /// What is printed
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub(crate) format: StepFormat,
    /// Go on from this file, if it is there, and write it at the end: nothing that waits for an answer is lost between
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Learn from the wearer while answering: lines {"activity":"walking"} and {"activity":null} among the samples say what is done from there
    /// on; at the end a personal model is written here (docs/PERSONAL.md)
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) teach: Option<PathBuf>,
    /// Columns by name or number: time=1,ax=2,ay=3,az=4 or time,x,y,z or time=1,acc=2-4,gyro=5-7
    #[arg(long, value_name = "LIST")]
    pub(crate) columns: Option<Columns>,
    /// Units, where the names do not say them: m/s2, or acc=m/s2,gyro=deg/s
    #[arg(long, value_name = "LIST")]
    pub(crate) units: Option<Units>,
    /// Samples per second [default: measured in the first two seconds]; samples without times come at this rate
    #[arg(long, value_name = "HZ")]
    pub(crate) rate: Option<f64>,
    /// How times are written: s, ms, us, ns, epoch-ms, iso, dd/mm/yyyy, …
    #[arg(long, value_name = "FORMAT")]
    pub(crate) time: Option<TimeFormat>,
}

/// How answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StepFormat {
    /// A line of names and a line for each step
    Csv,
    /// A JSON object a line
    Jsonl,
}
