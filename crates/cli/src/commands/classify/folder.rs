//! `--out`: all results of each recording in a directory.
//!
//! A recording's summary is written last and states what it was made from and what lies beside it: a recording whose summary is there
//! and states the same is finished. Everything is written under another name first, so that a run that is killed and started again
//! leaves the same bytes as one that was not.

use super::super::reading::{Failure, Tally};
use super::super::thousands;
use super::Job;
use super::in_order::in_order;
use super::input::content;
use super::items::Named;
use super::pages;
use super::recording::{Classified, classify};
use super::settings::Settings;
use super::summary::{input, summary};
use crate::talk::{say, shown};
use ambulo_formats::Opened;
use ambulo_record::atomic::{self, Pending};
use ambulo_record::timeline::{
    Input, ProbabilityTable, SUMMARY_FORMAT, SegmentTable, Summary, SummaryTable, TableFormat, UsedModel,
    WrittenFile,
};
use ambulo_signal::Source as _;
use anyhow::Context as _;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// Says that a run is writing here; goes with it.
const LOCK: &str = ".ambulo-lock";
/// All recordings together.
const SUMMARY: &str = "summary.csv";

/// How the results of a recording are called behind its name.
const SEGMENTS: &str = "segments.csv";
const PROBABILITIES: &str = "probabilities.parquet";
const PAGE: &str = "timeline.html";
const LAST: &str = "summary.json";

/// A directory of results that nobody else writes to.
pub(super) struct Folder {
    path: PathBuf,
    /// Locked as long as this lives.
    lock: File,
}

impl Folder {
    /// Makes it, locks it, and takes away what a run that was killed left half written.
    ///
    /// # Errors
    /// What the system says, or that another run is writing there.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("cannot make the directory {}", path.display()))?;
        let lock = path.join(LOCK);
        let in_file = || format!("cannot write {}", lock.display());
        let file = File::create(&lock).with_context(in_file)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                anyhow::bail!(
                    "another run is writing to {}\nhint: wait for it, or name another directory",
                    path.display()
                )
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(in_file),
        }
        for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?.flatten()
        {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(atomic::TEMPORARY) && name != LOCK {
                // Nothing depends on it: what is left is only in the way of whoever looks.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(Self { path: path.to_owned(), lock: file })
    }

    fn file(&self, name: &str, what: &str) -> PathBuf {
        self.path.join(format!("{name}.{what}"))
    }

    /// The summary of a recording that is finished: made from the same, with the same settings, and nothing missing beside it.
    fn finished(&self, name: &str, input: &Input, model: &UsedModel, settings: &Settings) -> Option<Summary> {
        let bytes = fs::read(self.file(name, LAST)).ok()?;
        let summary: Summary = serde_json::from_slice(&bytes).ok()?;
        let same = summary.version == SUMMARY_FORMAT
            && summary.recording == name
            && summary.input == *input
            && summary.model == *model
            && summary.settings == settings.stated;
        let whole = |file: &WrittenFile| {
            fs::metadata(self.path.join(&file.name)).is_ok_and(|found| found.len() == file.bytes)
        };
        (same && summary.files.len() == 3 && summary.files.iter().all(whole)).then_some(summary)
    }

    /// Writes the results of a recording, its summary last.
    fn write(&self, classified: &Classified, input: Input, job: &Job<'_>) -> io::Result<Summary> {
        let timeline = &classified.timeline;
        let name = &timeline.recording;
        // A summary of other settings would vouch for files that are being replaced.
        match fs::remove_file(self.file(name, LAST)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let path = self.file(name, SEGMENTS);
        let mut table = SegmentTable::new(BufWriter::new(Pending::create(&path)?), TableFormat::Csv)?;
        table.push(name, timeline.zero, &timeline.segments)?;
        finish(table.finish()?)?;

        let path = self.file(name, PROBABILITIES);
        let out = BufWriter::new(Pending::create(&path)?);
        let mut table = ProbabilityTable::new(out, TableFormat::Parquet, &timeline.labels)?;
        table.push(name, timeline.zero, &timeline.steps)?;
        finish(table.finish()?)?;

        pages::write_html(&self.file(name, PAGE), timeline)?;

        let written = |what: &str| {
            let path = self.file(name, what);
            let bytes = fs::metadata(&path)?.len();
            io::Result::Ok(WrittenFile { name: format!("{name}.{what}"), bytes })
        };
        let files = [SEGMENTS, PROBABILITIES, PAGE].into_iter().map(written).collect::<io::Result<_>>()?;
        let summary = summary(classified, input, job.settings, files)?;
        atomic::write(&self.file(name, LAST), &summary.to_json()?)?;
        Ok(summary)
    }

    /// Writes the summaries of all recordings, in their order.
    fn write_summary(&self, summaries: &[Summary]) -> io::Result<()> {
        let path = self.path.join(SUMMARY);
        let mut table = SummaryTable::new(BufWriter::new(Pending::create(&path)?))?;
        for summary in summaries {
            table.push(&summary.recording, &summary.days)?;
        }
        finish(table.finish()?)
    }

    fn close(self) {
        // Locked until it is gone: nobody comes between.
        let _ = fs::remove_file(self.path.join(LOCK));
        drop(self.lock);
    }
}

fn finish(out: BufWriter<Pending>) -> io::Result<()> {
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
}

/// A recording of the folder: what is known of it, and whether it was finished before.
struct Recorded {
    summary: Summary,
    skipped: bool,
}

/// Classifies all recordings into a directory; what is finished there already is skipped, unless it is to be done anew.
pub(super) fn run(job: &Job<'_>, path: &Path, force: bool, tally: &mut Tally) -> anyhow::Result<()> {
    let folder = Folder::open(path)?;
    let work = |number: usize| {
        let done = job.items.each(number, &job.settings.options, |opened, named| {
            recording(opened, &named, &folder, job, number, force)
        });
        let worked = done.failure.is_some() || done.recordings.iter().any(|recorded| !recorded.skipped);
        job.batch.done(number, worked);
        (number, done)
    };
    let (mut summaries, mut skipped) = (Vec::new(), 0);
    let mut out = crate::commands::output::Lines::default();
    in_order(
        job.items.all.len(),
        job.workers,
        |number| job.is_large(number),
        work,
        |(number, done)| {
            for recorded in done.recordings {
                skipped += usize::from(recorded.skipped);
                let path = folder.file(&recorded.summary.recording, LAST);
                job.batch.aside(|| out.line(&shown(&path.display().to_string())))?;
                summaries.push(recorded.summary);
            }
            tally.take(&job.items.all[number], done.failure);
            Ok(())
        },
    )?;
    job.batch.finish();
    if !summaries.is_empty() {
        folder.write_summary(&summaries).with_context(|| format!("cannot write {SUMMARY}"))?;
        let doubtful = summaries.iter().filter(|summary| is_doubtful(summary)).count();
        let mut more = String::new();
        for (count, what) in
            [(skipped, "finished before"), (doubtful, "with warnings, which their summaries and pages hold")]
        {
            if count > 0 {
                more += &format!(", {} of them {what}", thousands(count));
            }
        }
        let recordings = plural(summaries.len());
        say!("{recordings} in {}{more}", shown(&path.display().to_string()));
    }
    folder.close();
    Ok(())
}

/// Whether something was noticed that makes answers doubtful.
fn is_doubtful(summary: &Summary) -> bool {
    summary.findings.iter().any(|finding| finding["severity"] != "note")
}

fn plural(recordings: usize) -> String {
    if recordings == 1 { "1 recording".to_owned() } else { format!("{} recordings", thousands(recordings)) }
}

fn recording(
    opened: Opened,
    named: &Named,
    folder: &Folder,
    job: &Job<'_>,
    number: usize,
    force: bool,
) -> Result<Recorded, Failure> {
    let io = |error: &dyn std::fmt::Display| Failure::new("io", &format!("cannot write: {error}"));
    let candidate = job.items.all[number].candidate.as_ref().map_err(Clone::clone)?;
    let input = input(named, content(candidate).map_err(|text| Failure::new("io", &text))?);
    let model = &job.settings.answerer(opened.header()).used;
    if !force && let Some(summary) = folder.finished(&named.name, &input, model, job.settings) {
        return Ok(Recorded { summary, skipped: true });
    }
    let watch = job.batch.file(&named.file);
    let classified = classify(opened, named, job.settings, true, &watch)?;
    let summary = folder.write(&classified, input, job).map_err(|error| io(&error))?;
    Ok(Recorded { summary, skipped: false })
}
