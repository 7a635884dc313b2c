//! The bundled recordings, and writers of the two published folder layouts.
#![allow(dead_code)] // each test binary uses its own part

use ambulo_data::{
    Content, DataError, Dataset, LabelInterval, LabelledRecording, LabelledWindows, OFFICIAL_TEST_SUBJECTS,
    TestSubjects, catalogue, content_hash, hapt, subjects_for_evaluation, with_test_subjects,
};
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::intake::Declared;
use ambulo_signal::{InertialSignals, Preprocessing, Recording, Sensor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;

/// Decoded once for a test binary.
pub(crate) fn bundled() -> &'static Dataset {
    static BUNDLED: OnceLock<Dataset> = OnceLock::new();
    BUNDLED.get_or_init(|| hapt().unwrap())
}

pub(crate) fn recordings(dataset: &Dataset) -> &[LabelledRecording] {
    match &dataset.content {
        Content::Recordings(recordings) => recordings,
        Content::Windows(_) => panic!("windows instead of recordings"),
    }
}

/// Samples of acceleration with each label; those without are under `-`.
pub(crate) fn counts<'a>(
    recordings: impl IntoIterator<Item = &'a LabelledRecording>,
) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for recording in recordings {
        for label in recording.sample_labels(recording.recording.in_memory().unwrap()) {
            *counts.entry(label.map_or("-".to_owned(), ToString::to_string)).or_default() += 1;
        }
    }
    counts
}

/// A folder or file of data that are not in the project, which lie beside one of the folders above the workspace, if they are there.
#[expect(clippy::print_stderr, reason = "nobody is to take it for a test that passed")]
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|above| above.join("shared/data").join(name)).find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: {name} is not here");
    }
    found
}

/// A data set of these recordings.
pub(crate) fn dataset(recordings: Vec<LabelledRecording>) -> Dataset {
    let sha256 = content_hash(&recordings).unwrap();
    Dataset {
        published_test: Some(OFFICIAL_TEST_SUBJECTS.into_iter().map(PersonId::from).collect()),
        ..Dataset::new(catalogue().remove(0), sha256, Content::Recordings(recordings))
    }
}

/// The windows of these people in the way there is to anybody's: as test people, once, logged. Of the complete data set in
/// two parts, as it is never tested on as a whole: the official test people first. No error for no windows.
pub(crate) fn cut(
    dataset: &Dataset,
    p: &Preprocessing,
    labels: &LabelSet,
    subjects: &BTreeSet<PersonId>,
) -> Result<LabelledWindows, DataError> {
    let everyone = dataset.subjects();
    let open = |test: TestSubjects| match test.cut(dataset, p, labels) {
        Err(DataError::NoWindows { .. }) => {
            Ok(LabelledWindows { time: p.window, classes: labels.len(), ..LabelledWindows::default() })
        }
        cut => cut?.open(&mut Vec::new()),
    };
    if *subjects != everyone {
        return open(with_test_subjects(dataset, subjects)?.into_parts().1);
    }
    let first = subjects_for_evaluation(dataset, &BTreeSet::new())?;
    let rest = &everyone - first.ids();
    let windows = open(first)?;
    if rest.is_empty() { Ok(windows) } else { windows.concat(&cut(dataset, p, labels, &rest)?) }
}

/// Names of HAPT's activities 1 to 12.
pub(crate) const NAMES: [&str; 12] = [
    "walking",
    "walking_upstairs",
    "walking_downstairs",
    "sitting",
    "standing",
    "lying",
    "stand_to_sit",
    "sit_to_stand",
    "sit_to_lie",
    "lie_to_sit",
    "stand_to_lie",
    "lie_to_stand",
];

/// Labels at 50 Hz from the activity number of each sample, 0 for none.
pub(crate) fn intervals(codes: &[u8]) -> Vec<LabelInterval> {
    let mut end_ns = 0;
    let mut labels = Vec::new();
    for run in codes.chunk_by(|a, b| a == b) {
        let start_ns = end_ns;
        end_ns += run.len() as i64 * 20_000_000;
        if run[0] > 0 {
            labels.push(LabelInterval { start_ns, end_ns, label: NAMES[usize::from(run[0]) - 1].into() });
        }
    }
    labels
}

/// Activity number of each sample, 0 for none.
pub(crate) fn codes(recording: &LabelledRecording) -> Vec<u8> {
    let code = |name: &str| NAMES.iter().position(|n| *n == name).unwrap() as u8 + 1;
    recording.sample_labels(samples(recording)).map(|label| label.map_or(0, |label| code(label))).collect()
}

/// Samples of angular velocity.
pub(crate) fn angular_velocity(recording: &LabelledRecording) -> &[[f32; 3]] {
    &samples(recording).sensor(Sensor::Gyroscope).unwrap().values
}

/// The samples, which are in memory.
pub(crate) fn samples(recording: &LabelledRecording) -> &Recording {
    recording.recording.in_memory().unwrap()
}

/// Samples of acceleration.
pub(crate) fn acceleration(recording: &LabelledRecording) -> &[[f32; 3]] {
    &samples(recording).sensor(Sensor::Accelerometer).unwrap().values
}

/// The same with other samples.
pub(crate) fn with_samples(
    recording: &LabelledRecording,
    change: impl FnOnce(&mut Vec<[f32; 3]>, &mut Vec<[f32; 3]>),
) -> LabelledRecording {
    let (mut acceleration, mut turning) =
        (self::acceleration(recording).to_vec(), angular_velocity(recording).to_vec());
    change(&mut acceleration, &mut turning);
    LabelledRecording {
        recording: Recording::uniform(50.0, acceleration, Some(turning)).into(),
        ..recording.clone()
    }
}

/// The inertial signals of a recording in one piece.
pub(crate) fn inertial_signals(p: &Preprocessing, recording: &LabelledRecording) -> InertialSignals {
    let (mut segments, _) = p.segments(&mut recording.recording.source(), &Declared::default()).unwrap();
    assert_eq!((segments.len(), segments[0].start_ns), (1, 0));
    segments.remove(0).signals
}

/// A recording of a device that sways a little, with the activity number of each sample.
#[allow(clippy::needless_pass_by_value)] // calls read better
pub(crate) fn swaying(subject: u16, experiment: u16, codes: Vec<u8>) -> LabelledRecording {
    let samples = 0..codes.len();
    let acceleration = |i| [0.01 * (0.7 * i as f32).sin(), 1.0, 0.02 * (0.3 * i as f32).cos()];
    let turning = samples.clone().map(|i| [0.001 * i as f32, -0.002, 0.0]).collect();
    LabelledRecording {
        person: PersonId::from(subject),
        name: experiment.to_string(),
        facts: Arc::default(),
        up: None,
        recording: Recording::uniform(50.0, samples.map(acceleration).collect(), Some(turning)).into(),
        labels: intervals(&codes),
    }
}

/// Thirty people with one short recording each.
pub(crate) fn thirty_people() -> Dataset {
    dataset((1..=30).map(|s| swaying(s, s, [vec![0; 5], vec![4; 200], vec![1; 150]].concat())).collect())
}

/// Writes `root/HAPT Data Set` with these recordings, as published.
pub(crate) fn write_hapt_folder(root: &Path, recordings: &[&LabelledRecording]) {
    let raw = root.join("HAPT Data Set/RawData");
    std::fs::create_dir_all(&raw).unwrap();
    let mut labels = String::new();
    for r in recordings {
        let (experiment, user): (u16, u16) = (r.name.parse().unwrap(), r.person.as_str().parse().unwrap());
        let name = |sensor: &str| raw.join(format!("{sensor}_exp{experiment:02}_user{user:02}.txt"));
        let text = |values: &[[f32; 3]]| {
            let mut text = String::new();
            for [x, y, z] in values {
                // Shortest digits that give the same f32 again.
                writeln!(text, "{x:e} {y} {z}").unwrap();
            }
            text
        };
        std::fs::write(name("acc"), text(acceleration(r))).unwrap();
        std::fs::write(name("gyro"), text(angular_velocity(r))).unwrap();
        let mut start = 1;
        for run in codes(r).chunk_by(|a, b| a == b) {
            let end = start + run.len() - 1;
            if run[0] != 0 {
                writeln!(labels, "{experiment} {user} {} {start} {end}", run[0]).unwrap();
            }
            start = end + 1;
        }
    }
    std::fs::write(raw.join("labels.txt"), labels).unwrap();
    std::fs::write(root.join("HAPT Data Set/README.txt"), "Smartphone-based recognition").unwrap();
}

/// One window of the published layout: 128 rows of total and body acceleration and angular velocity.
pub(crate) struct PublishedWindow {
    pub(crate) subject: u16,
    pub(crate) label: u8,
    pub(crate) rows: Vec<f32>,
}

/// Writes `root/UCI HAR Dataset` with these windows, partitioned as published.
pub(crate) fn write_uci_har_folder(root: &Path, windows: &[PublishedWindow]) {
    for part in ["train", "test"] {
        let folder = root.join("UCI HAR Dataset").join(part);
        std::fs::create_dir_all(folder.join("Inertial Signals")).unwrap();
        let is_test = |w: &&PublishedWindow| OFFICIAL_TEST_SUBJECTS.contains(&w.subject) == (part == "test");
        let of_part: Vec<&PublishedWindow> = windows.iter().filter(is_test).collect();
        let column = |value: fn(&PublishedWindow) -> u16| -> String {
            of_part.iter().map(|w| format!("{}\n", value(w))).collect()
        };
        std::fs::write(folder.join(format!("y_{part}.txt")), column(|w| u16::from(w.label))).unwrap();
        std::fs::write(folder.join(format!("subject_{part}.txt")), column(|w| w.subject)).unwrap();
        for (channel, name) in [
            "total_acc_x",
            "total_acc_y",
            "total_acc_z",
            "body_acc_x",
            "body_acc_y",
            "body_acc_z",
            "body_gyro_x",
            "body_gyro_y",
            "body_gyro_z",
        ]
        .into_iter()
        .enumerate()
        {
            let mut text = String::new();
            for window in &of_part {
                for row in window.rows.chunks_exact(9) {
                    // Two blanks before each number and an exponent, as in the published files.
                    write!(text, "  {:e}", row[channel]).unwrap();
                }
                text.push('\n');
            }
            std::fs::write(folder.join("Inertial Signals").join(format!("{name}_{part}.txt")), text).unwrap();
        }
    }
}

/// Replaces a row (from 1) of a text file by what `change` makes of it; `None` removes it.
pub(crate) fn change_row(path: &Path, row: usize, change: impl Fn(&str) -> Option<String>) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.lines().count() >= row, "{} has no row {row}", path.display());
    let changed: String = text
        .lines()
        .enumerate()
        .filter_map(|(i, line)| if i + 1 == row { change(line) } else { Some(line.to_owned()) })
        .map(|line| line + "\n")
        .collect();
    std::fs::write(path, changed).unwrap();
}
