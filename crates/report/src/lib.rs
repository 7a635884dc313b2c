//! Figures and documents from the records of a run: `report.html`, one self-contained page without scripts or
//! network, and `MODEL_CARD.md`; pages of the same kind about recordings ([`overview_page`]) and about an evaluation on whole
//! recordings ([`continuous_page`]), an examined data set ([`examination_page`]), models from data set to data set
//! ([`transfer_page`]) models on few labels ([`few_page`]) or what people's own seconds
//! are worth ([`personal_page`]); and a classified recording as a page that is looked at from near and far ([`timeline_page`])
//! and as a figure ([`timeline_svg`]).
//!
//! Everything here is drawn from the values of [`ambulo_record`] alone; nothing is computed anew from
//! models or data. [`RunRecords::read`] reads a run directory, [`html`] and [`model_card`] are pure functions of
//! what was read, [`write_report`] and [`write_model_card`] put the results beside the records.
//!
//! Figures are hand-written SVG. Text in them is sized by the page's style sheet, which enlarges it on narrow
//! screens, so margins are laid out for the larger size.

mod axis;
mod card;
mod continuous;
mod error;
mod examination;
mod few;
mod figures;
mod frame;
mod individuals;
mod overview;
mod page;
mod partitions;
mod personal;
mod sections;
mod svg;
mod text;
mod timeline;
mod transfer;
mod wearing;

pub use card::{model_card, personal_card};
pub use continuous::continuous_page;
pub use error::ReportError;
pub use examination::examination_page;
pub use few::few_page;
pub use overview::overview_page;
pub use page::html;
pub use personal::personal_page;
pub use timeline::{TIMELINE_COLUMNS, timeline_page, timeline_svg};
pub use transfer::transfer_page;

use ambulo_record::files::{MODEL_CARD, REPORT};
use ambulo_record::timeline::Timeline;
use ambulo_record::{RunRecords, atomic};
use std::path::{Path, PathBuf};

/// Reads the records in run directory `dir` and writes `report.html` beside them; gives the file's path.
///
/// # Errors
/// As [`RunRecords::read`]; [`ReportError::Write`] when the file cannot be written (an older report is then
/// left as it was).
pub fn write_report(dir: &Path) -> Result<PathBuf, ReportError> {
    let page = html(&RunRecords::read(dir)?);
    write(dir.join(REPORT), &page)
}

/// Reads the records in run directory `dir` and writes `MODEL_CARD.md` beside them; gives the file's path.
///
/// # Errors
/// As [`write_report`].
pub fn write_model_card(dir: &Path) -> Result<PathBuf, ReportError> {
    let card = model_card(&RunRecords::read(dir)?);
    write(dir.join(MODEL_CARD), &card)
}

fn write(path: PathBuf, content: &str) -> Result<PathBuf, ReportError> {
    // The message of `atomic::write` names the path.
    atomic::write(&path, content.as_bytes()).map_err(|source| ReportError::Write { source })?;
    Ok(path)
}

/// Writes a page about recordings to `path`, with the files that could not be read and why.
///
/// # Errors
/// [`ReportError::Write`] when the file cannot be written; an older one is then left as it was.
pub fn write_overviews(
    path: &Path,
    recordings: &[ambulo_record::overview::Overview],
    failed: &[(String, String)],
) -> Result<PathBuf, ReportError> {
    write(path.to_owned(), &overview_page(recordings, failed))
}

/// Writes the page about a classified recording to `path`.
///
/// # Errors
/// [`ReportError::Write`] when the file cannot be written; an older one is then left as it was.
pub fn write_timeline(path: &Path, timeline: &Timeline) -> Result<PathBuf, ReportError> {
    write(path.to_owned(), &timeline_page(timeline))
}

/// Writes the figure of a classified recording to `path`.
///
/// # Errors
/// As [`write_timeline`].
pub fn write_timeline_svg(path: &Path, timeline: &Timeline) -> Result<PathBuf, ReportError> {
    write(path.to_owned(), &timeline_svg(timeline))
}

/// Writes the page about an evaluation on whole recordings to `path`.
///
/// # Errors
/// [`ReportError::Write`] when the file cannot be written; an older one is then left as it was.
pub fn write_continuous(
    path: &Path,
    metrics: &ambulo_record::continuous::ContinuousMetrics,
) -> Result<PathBuf, ReportError> {
    write(path.to_owned(), &continuous_page(metrics))
}

/// Writes the page about an examined data set to `path`.
///
/// # Errors
/// [`ReportError::Write`] when the file cannot be written; an older one is then left as it was.
pub fn write_examination(
    path: &Path,
    examination: &ambulo_record::examination::Examination,
) -> Result<PathBuf, ReportError> {
    write(path.to_owned(), &examination_page(examination))
}

/// Writes the page about models that were trained on some data sets and tested on others to `path`.
///
/// # Errors
/// [`ReportError::Write`] when the file cannot be written; an older one is then left as it was.
pub fn write_transfer(path: &Path, transfer: &ambulo_record::TransferMatrix) -> Result<PathBuf, ReportError> {
    write(path.to_owned(), &transfer_page(transfer))
}

/// Writes the page about models that were trained on few labels to `path`.
///
/// # Errors
/// [`ReportError::Write`] when the file cannot be written; an older one is then left as it was.
pub fn write_few(path: &Path, few: &ambulo_record::FewLabels) -> Result<PathBuf, ReportError> {
    write(path.to_owned(), &few_page(few))
}

/// Writes the page about what a little of their own is worth to people to `path`.
///
/// # Errors
/// [`ReportError::Write`] when the file cannot be written; an older one is then left as it was.
pub fn write_personal(path: &Path, figures: &ambulo_record::PersonalFigures) -> Result<PathBuf, ReportError> {
    write(path.to_owned(), &personal_page(figures))
}
