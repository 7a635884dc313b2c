//! `ambulo classify`

mod folder;
mod in_order;
mod input;
mod items;
mod names;
mod pages;
mod printed;
mod progress;
mod recording;
mod settings;
mod summary;
mod table;

pub(super) use printed::warn;
pub(super) use recording::{failure, option, zero};
pub(super) use settings::{columns, fingerprint, shipped, units};

use super::inspect::page;
use super::reading::{Tally, find};
use crate::cli::{ClassifyArgs, ResultFormat};
use crate::failure::Usage;
use ambulo_record::timeline::TableFormat;
use anyhow::Context as _;
use items::Items;
use names::ItemNames;
use progress::Batch;
use settings::Settings;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Files of more bytes are worked on alone, with all threads: a packed one may hold half a day, whose answers take 5 MB, and keeps all
/// threads busy by itself.
const LARGE: u64 = 8 << 20;

/// What is done, and with what.
struct Job<'a> {
    items: Items,
    settings: &'a Settings,
    batch: Batch,
    /// Recordings that are worked on side by side.
    workers: usize,
}

impl Job<'_> {
    fn is_large(&self, number: usize) -> bool {
        self.items.all[number].candidate.as_ref().is_ok_and(|candidate| candidate.size() > LARGE)
    }
}

/// What is printed, and which files are written besides.
struct Wanted<'a> {
    format: ResultFormat,
    summary: bool,
    probabilities: Option<(&'a Path, TableFormat)>,
    html: Option<&'a Path>,
    svg: Option<&'a Path>,
}

pub(crate) fn run(args: &ClassifyArgs) -> anyhow::Result<ExitCode> {
    let wanted = wanted(args)?;
    let settings = Settings::new(args)?;
    let items = items(args);
    if items.all.len() > 1
        && let Some(option) = args.html.as_ref().map(|_| "--html").or(args.svg.as_ref().map(|_| "--svg"))
    {
        return Err(Usage(format!(
            "{option} draws one recording, and there are {} files\nhint: --out DIR draws each on a page of its own",
            items.all.len()
        ))
        .into());
    }
    let batch = Batch::new(items.sizes());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let job = Job { items, settings: &settings, batch, workers };
    let mut tally = Tally::default();
    match &args.out {
        Some(path) => folder::run(&job, path, args.force, &mut tally)?,
        None => printed::run(&job, &wanted, &mut tally)?,
    }
    tally.add_barren(&args.files, &job.items.all);
    tally.say("classified");
    Ok(if tally.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What there is to classify: nothing that this command writes.
fn items(args: &ClassifyArgs) -> Items {
    let written: Vec<&PathBuf> = [&args.probabilities, &args.html, &args.svg].into_iter().flatten().collect();
    let out = args.out.as_ref().and_then(|path| path.canonicalize().ok());
    let mut all = find(&args.files);
    all.retain(|item| {
        let path = Path::new(&item.file);
        let below =
            out.as_ref().is_some_and(|out| path.canonicalize().is_ok_and(|path| path.starts_with(out)));
        !below && !written.iter().any(|file| page::is_same(file, path))
    });
    Items { names: ItemNames::new(&all), all, given: args.files.clone() }
}

/// Refuses what cannot be written, before anything is read.
fn wanted(args: &ClassifyArgs) -> anyhow::Result<Wanted<'_>> {
    let terminal = io::stdout().is_terminal();
    let format = match (args.format, args.json) {
        (Some(format), _) => format,
        (None, true) => ResultFormat::Jsonl,
        (None, false) if terminal => ResultFormat::Table,
        (None, false) => ResultFormat::Csv,
    };
    if format == ResultFormat::Parquet && args.summary {
        return Err(Usage("a summary is printed as table, csv or jsonl, not as parquet".into()).into());
    }
    if format == ResultFormat::Parquet && terminal {
        let text =
            "parquet is not for a terminal\nhint: send it to a file: --format parquet > segments.parquet";
        return Err(Usage(text.into()).into());
    }
    let probabilities = match &args.probabilities {
        None => None,
        Some(path) => {
            let Some(format) = TableFormat::of_path(path) else {
                return Err(Usage(format!(
                    "--probabilities {}: the name ends in .csv, .jsonl or .parquet",
                    path.display()
                ))
                .into());
            };
            Some((path.as_path(), format))
        }
    };
    if let Some(path) = &args.html {
        page::prepare(path, &args.files)?;
    }
    for (option, path) in [("--probabilities", &args.probabilities), ("--svg", &args.svg)] {
        if let Some(path) = path {
            prepare(option, path, &args.files)?;
        }
    }
    Ok(Wanted {
        format,
        summary: args.summary,
        probabilities,
        html: args.html.as_deref(),
        svg: args.svg.as_deref(),
    })
}

/// A file that is going to be written: none of the recordings, in a directory that is made.
fn prepare(option: &str, path: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let refused = |why: &str| Err(Usage(format!("{option} {}: {why}", path.display())).into());
    if files.iter().any(|file| page::is_same(path, file)) {
        return refused("this is one of the recordings, which it would replace");
    }
    if path.is_dir() {
        return refused("this is a directory");
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the directory {}", folder.display()))?;
    }
    Ok(())
}
