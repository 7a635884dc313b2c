//! An examination of a labelled data set: how much there is of what, and what is wrong or strange.
//!
//! Recordings are read one at a time, and of each only a digest is kept. What is compared is compared between people, so that
//! one of them in another unit or with other axes stands out; what physics says (1 g at rest, a gyroscope that turns as gravity
//! does) is held against each by itself. Nothing here is learned from or decided for a model.

mod amounts;
mod axes;
mod between_sensors;
mod copies;
mod digest;
mod grid;
mod islands;
mod linear;
mod numbers;
mod rates;
mod reading;
mod shift;
mod strangers;
mod traits;
mod units;

use crate::{Content, Dataset};
use ambulo_record::examination::{EXAMINATION_FORMAT, Examination, Problem, ProblemKind, ProblemWeight};
use ambulo_signal::Severity;
use digest::Digest;

pub use reading::FileFaults;

/// By what windows are counted and looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExamineOptions {
    /// Length of a window in seconds.
    pub window_s: f64,
    /// Seconds from one window to the next.
    pub step_s: f64,
}

impl Default for ExamineOptions {
    /// The default input of models: 2.56 s, half of it new.
    fn default() -> Self {
        Self { window_s: 2.56, step_s: 1.28 }
    }
}

/// Examines a data set. `problems` are those that reading it met already; `progress` is told the number of recordings that are
/// done, and of all.
///
/// Problems come in a fixed order: by weight, kind, person, recordings, time.
#[must_use]
pub fn examine(
    dataset: &Dataset,
    problems: Vec<Problem>,
    options: &ExamineOptions,
    progress: &mut dyn FnMut(usize, usize),
) -> Examination {
    let mut found = Examination {
        format: EXAMINATION_FORMAT,
        ambulo_version: env!("CARGO_PKG_VERSION").into(),
        dataset: dataset.info.name.clone(),
        title: dataset.info.title.clone(),
        licence: dataset.info.licence.clone(),
        sha256: dataset.sha256.clone(),
        window_s: options.window_s,
        step_s: options.step_s,
        recordings: 0,
        total: ambulo_record::examination::Amount::default(),
        problems,
        not_checked: Vec::new(),
        people: Vec::new(),
        activities: Vec::new(),
        placements: std::collections::BTreeMap::new(),
        devices: std::collections::BTreeMap::new(),
        groups: std::collections::BTreeMap::new(),
        conditions: std::collections::BTreeMap::new(),
        rates: Vec::new(),
    };
    match &dataset.content {
        Content::Recordings(recordings) => {
            let mut digests: Vec<Digest<'_>> = Vec::with_capacity(recordings.len());
            for (number, labelled) in recordings.iter().enumerate() {
                match Digest::new(labelled, dataset, options) {
                    Ok(digest) => digests.push(digest),
                    Err(error) => found.problems.push(unreadable(labelled, &error)),
                }
                progress(number + 1, recordings.len());
            }
            found.recordings = digests.len();
            amounts::of_recordings(&digests, &mut found);
            amounts::without_content(&digests, &mut found.problems);
            rates::check(&digests, &mut found);
            units::check(&digests, &mut found.problems);
            let placements = axes::check(&digests, &mut found.problems);
            between_sensors::check(&digests, &mut found);
            shift::check(&digests, &mut found);
            strangers::check(&digests, &placements, &mut found);
        }
        Content::Windows(windows) => {
            amounts::of_windows(windows, &mut found);
            found.not_checked.push(
                "the data set was published as windows, filtered and without their recordings: rates, units, axes, the time of \
                 labels and strange people were not looked at"
                    .into(),
            );
        }
    }
    amounts::labels(dataset, &mut found);
    amounts::imbalance(&mut found);
    copies::check(dataset, &mut found);
    found.problems.extend(dataset.findings.iter().map(|noted| {
        let weight = match noted.finding.severity {
            Severity::Refusal => ProblemWeight::Fault,
            Severity::Warning => ProblemWeight::Suspicion,
            Severity::Note => ProblemWeight::Note,
        };
        let advice = "look at the file with `ambulo inspect`";
        Problem::new(ProblemKind::Reading, weight, noted.finding.text.clone(), advice).within([&noted.file])
    }));
    sort(&mut found.problems);
    found
}

fn unreadable(labelled: &crate::LabelledRecording, error: &std::io::Error) -> Problem {
    let text = format!("the recording cannot be read: {error}");
    Problem::new(ProblemKind::Unreadable, ProblemWeight::Fault, text, "restore the file, or leave it out")
        .of(&labelled.person)
        .within([&labelled.name])
}

fn sort(problems: &mut [Problem]) {
    problems.sort_by(|a, b| {
        let key = |p: &Problem| (p.weight, p.kind);
        (key(a).cmp(&key(b)))
            .then_with(|| a.place.person.cmp(&b.place.person))
            .then_with(|| a.place.recordings.cmp(&b.place.recordings))
            .then_with(|| a.place.start_s.unwrap_or(0.0).total_cmp(&b.place.start_s.unwrap_or(0.0)))
            .then_with(|| a.text.cmp(&b.text))
    });
}
