//! How far a download is, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;

pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        Self(bar)
    }

    /// Something begins, of which so many bytes are done, of so many in all if that is known.
    pub(super) fn begin(&self, what: &'static str, done: u64, total: Option<u64>) {
        let template = match total {
            Some(total) => {
                self.0.set_length(total);
                "{msg}  {bytes} of {total_bytes}  {wide_bar}  {bytes_per_sec}  {eta}"
            }
            None => "{spinner} {msg}  {bytes}  {bytes_per_sec}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        }
        self.0.set_message(what);
        self.0.set_position(done);
        self.0.reset_eta();
    }

    pub(super) fn reached(&self, bytes: u64) {
        self.0.set_position(bytes);
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
        self.0.reset();
    }
}
