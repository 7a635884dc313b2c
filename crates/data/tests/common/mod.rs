//! The bundled recordings, and writers of the two published folder layouts.
#![allow(dead_code)] // each test binary uses its own part

use ambulo_data::{
    Content, DataError, Dataset, LabelSet, LabelledRecording, LabelledWindows, OFFICIAL_TEST_SUBJECTS,
    SubjectId, TestSubjects, catalogue, content_hash, hapt, subjects_for_evaluation, with_test_subjects,
};
use ambulo_signal::{Preprocessing, Recording, Sample};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
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

/// A data set of these recordings.
pub(crate) fn dataset(recordings: Vec<LabelledRecording>) -> Dataset {
    Dataset {
        info: catalogue().remove(0),
        sha256: content_hash(&recordings),
        content: Content::Recordings(recordings),
        conversions: Vec::new(),
    }
}

/// The windows of these people in the way there is to anybody's: as test people, once, logged. Of the complete data set in
/// two parts, as it is never tested on as a whole: the official test people first. No error for no windows.
pub(crate) fn cut(
    dataset: &Dataset,
    p: &Preprocessing,
    labels: &LabelSet,
    subjects: &BTreeSet<SubjectId>,
) -> Result<LabelledWindows, DataError> {
    let everyone = dataset.subjects();
    let open = |test: TestSubjects| match test.cut(dataset, p, labels) {
        Err(DataError::NoWindows { .. }) => {
            Ok(LabelledWindows { time: p.window, ..LabelledWindows::default() })
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

/// A recording of a device that sways a little, with these labels.
pub(crate) fn swaying(subject: u16, experiment: u16, labels: Vec<u8>) -> LabelledRecording {
    let sample = |i: usize| Sample {
        acceleration: [0.01 * (0.7 * i as f32).sin(), 1.0, 0.02 * (0.3 * i as f32).cos()],
        angular_velocity: [0.001 * i as f32, -0.002, 0.0],
    };
    LabelledRecording {
        subject: SubjectId(subject),
        experiment,
        recording: Recording { rate_hz: 50.0, samples: (0..labels.len()).map(sample).collect() },
        labels,
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
        let (experiment, user) = (r.experiment, r.subject.0);
        let name = |sensor: &str| raw.join(format!("{sensor}_exp{experiment:02}_user{user:02}.txt"));
        let text = |value: fn(&Sample) -> [f32; 3]| {
            let mut text = String::new();
            for [x, y, z] in r.recording.samples.iter().map(value) {
                // Shortest digits that give the same f32 again.
                writeln!(text, "{x:e} {y} {z}").unwrap();
            }
            text
        };
        std::fs::write(name("acc"), text(|s| s.acceleration)).unwrap();
        std::fs::write(name("gyro"), text(|s| s.angular_velocity)).unwrap();
        let mut start = 1;
        for run in r.labels.chunk_by(|a, b| a == b) {
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

/// One window of the published layout: 128 instants of the nine ordinary channels.
pub(crate) struct PublishedWindow {
    pub(crate) subject: SubjectId,
    pub(crate) label: u8,
    pub(crate) ordinary: Vec<[f32; 9]>,
}

/// Writes `root/UCI HAR Dataset` with these windows, partitioned as published.
pub(crate) fn write_uci_har_folder(root: &Path, windows: &[PublishedWindow]) {
    for part in ["train", "test"] {
        let folder = root.join("UCI HAR Dataset").join(part);
        std::fs::create_dir_all(folder.join("Inertial Signals")).unwrap();
        let is_test =
            |w: &&PublishedWindow| OFFICIAL_TEST_SUBJECTS.contains(&w.subject.0) == (part == "test");
        let of_part: Vec<&PublishedWindow> = windows.iter().filter(is_test).collect();
        let column = |value: fn(&PublishedWindow) -> u16| -> String {
            of_part.iter().map(|w| format!("{}\n", value(w))).collect()
        };
        std::fs::write(folder.join(format!("y_{part}.txt")), column(|w| u16::from(w.label))).unwrap();
        std::fs::write(folder.join(format!("subject_{part}.txt")), column(|w| w.subject.0)).unwrap();
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
                for instant in &window.ordinary {
                    // Two blanks before each number and an exponent, as in the published files.
                    write!(text, "  {:e}", instant[channel]).unwrap();
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
