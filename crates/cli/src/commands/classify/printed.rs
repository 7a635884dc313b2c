//! Results on standard output, and in the files that were named.

use super::super::reading::{Failure, Tally};
use super::Job;
use super::in_order::in_order;
use super::input::content;
use super::recording::{Classified, classify, option};
use super::summary::{input, summary};
use super::table::{Segments, write_days};
use super::{Wanted, pages};
use crate::cli::ResultFormat;
use crate::commands::output::Stdout;
use crate::talk::{say, shown};
use ambulo_record::atomic::Pending;
use ambulo_record::timeline::{DaySummary, Input, ProbabilityTable, SegmentTable, SummaryTable, TableFormat};
use ambulo_signal::{Finding, Severity};
use anyhow::Context as _;
use std::io::{BufWriter, Write as _};

/// What is printed.
enum Printer {
    Table(Segments<Stdout>),
    Rows(SegmentTable<Stdout>),
    Days(Stdout),
    DayRows(SummaryTable<Stdout>),
    Summaries(Stdout),
}

/// Prints all recordings, in order; nothing where there is none.
pub(super) fn run(job: &Job<'_>, wanted: &Wanted<'_>, tally: &mut Tally) -> anyhow::Result<()> {
    let alone = wanted.html.is_some() || wanted.svg.is_some();
    // What tells inputs apart is only said in summaries.
    let looks = wanted.summary && wanted.format == ResultFormat::Jsonl;
    let mut probabilities = match wanted.probabilities {
        Some((path, format)) => {
            let out = BufWriter::new(Pending::create(path).context("cannot write")?);
            Some(ProbabilityTable::new(out, format, job.settings.labels())?)
        }
        None => None,
    };
    let work = |number: usize| {
        let done = job.items.each(number, &job.settings.options, |opened, named| {
            if alone && named.number.is_some() {
                let text = "a page or figure shows one recording, and this file holds several\nhint: --device NAME says which one, \
                            --out DIR draws each";
                return Err(Failure::new("needs_device", text));
            }
            let read = match (looks, &job.items.all[number].candidate) {
                (true, Ok(candidate)) => content(candidate).map_err(|text| Failure::new("io", &text))?,
                _ => (0, String::new()),
            };
            let watch = job.batch.file(&named.file);
            let mut classified = classify(opened, &named, job.settings, alone, &watch)?;
            if wanted.probabilities.is_none() && !alone {
                // A week of them is 40 MB.
                classified.timeline.steps = Default::default();
            }
            Ok((classified, input(&named, read)))
        });
        job.batch.done(number, true);
        (number, done)
    };
    let mut printer = None;
    let mut recordings = 0;
    in_order(
        job.items.all.len(),
        job.workers,
        |number| job.is_large(number),
        work,
        |(number, done)| {
            for (classified, input) in done.recordings {
                recordings += 1;
                if printer.is_none() {
                    printer = Some(Printer::new(job, wanted)?);
                }
                if let Some(printer) = &mut printer {
                    job.batch.aside(|| printer.push(&classified, input, job))?;
                }
                let timeline = &classified.timeline;
                if let Some(table) = &mut probabilities {
                    table.push(&timeline.recording, timeline.zero, &timeline.steps)?;
                }
                if let Some(path) = wanted.html {
                    pages::write_html(path, timeline).context("cannot write")?;
                }
                if let Some(path) = wanted.svg {
                    pages::write_svg(path, timeline).context("cannot write")?;
                }
                if wanted.format != ResultFormat::Table {
                    job.batch.aside(|| warn(&classified.timeline.recording, &classified.findings));
                }
            }
            tally.take(&job.items.all[number], done.failure);
            Ok(())
        },
    )?;
    job.batch.finish();
    if let Some(printer) = printer {
        printer.finish()?;
    }
    if let Some(table) = probabilities.filter(|_| recordings > 0) {
        let out = table.finish().context("cannot write")?;
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish().context("cannot write")?;
    }
    Ok(())
}

impl Printer {
    fn new(job: &Job<'_>, wanted: &Wanted<'_>) -> std::io::Result<Self> {
        let files = wanted.probabilities.is_some() || wanted.html.is_some() || wanted.svg.is_some();
        let out = Stdout::new(files);
        let rows = |format| match format {
            ResultFormat::Csv => TableFormat::Csv,
            ResultFormat::Parquet => TableFormat::Parquet,
            ResultFormat::Table | ResultFormat::Jsonl => TableFormat::JsonLines,
        };
        Ok(match (wanted.summary, wanted.format) {
            (false, ResultFormat::Table) => {
                let several = job.items.all.len() > 1;
                Self::Table(Segments::new(out, several.then(|| job.items.names.longest())))
            }
            (false, format) => Self::Rows(SegmentTable::new(out, rows(format))?),
            (true, ResultFormat::Table) => Self::Days(out),
            (true, ResultFormat::Jsonl) => Self::Summaries(out),
            (true, ResultFormat::Csv | ResultFormat::Parquet) => Self::DayRows(SummaryTable::new(out)?),
        })
    }

    fn push(&mut self, classified: &Classified, input: Input, job: &Job<'_>) -> std::io::Result<()> {
        let timeline = &classified.timeline;
        match self {
            Self::Table(table) => table.push(classified),
            Self::Rows(table) => {
                table.push(&timeline.recording, timeline.zero, &timeline.segments)?;
                table.flush()
            }
            Self::Days(out) => {
                write_days(out, classified)?;
                out.flush()
            }
            Self::DayRows(table) => {
                let days: Vec<DaySummary> = timeline.days.iter().map(DaySummary::from).collect();
                table.push(&timeline.recording, &days)
            }
            Self::Summaries(out) => {
                let summary = summary(classified, input, job.settings, Vec::new())?;
                let mut line = serde_json::to_vec(&summary)?;
                line.push(b'\n');
                out.write_all(&line)?;
                out.flush()
            }
        }
    }

    fn finish(self) -> std::io::Result<()> {
        match self {
            Self::Table(table) => table.finish(),
            Self::Rows(table) => table.finish().map(drop),
            Self::DayRows(table) => table.finish().map(drop),
            Self::Days(_) | Self::Summaries(_) => Ok(()),
        }
    }
}

/// Says on stderr what makes a recording doubtful.
pub(in super::super) fn warn(recording: &str, findings: &[Finding]) {
    for finding in findings.iter().filter(|finding| finding.severity != Severity::Note) {
        say!("warning: {}: {}", shown(recording), finding.text);
        if let Some(hint) = option(finding) {
            say!("hint: {hint}");
        }
    }
}
