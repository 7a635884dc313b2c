//! Timelines as pages and figures.

use ambulo_record::timeline::Timeline;
use ambulo_report::ReportError;
use std::io;
use std::path::{Path, PathBuf};

pub(super) fn write_html(path: &Path, timeline: &Timeline) -> io::Result<()> {
    told(ambulo_report::write_timeline(path, timeline))
}

pub(super) fn write_svg(path: &Path, timeline: &Timeline) -> io::Result<()> {
    told(ambulo_report::write_timeline_svg(path, timeline))
}

fn told(done: Result<PathBuf, ReportError>) -> io::Result<()> {
    done.map(drop).map_err(|error| match error {
        ReportError::Write { source } => source,
        error => io::Error::other(error),
    })
}
