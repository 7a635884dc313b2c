//! A small folder of recordings, and a manifest for it.

use crate::common::recordings;
use ambulo_data::manifest::Manifest;
use ambulo_data::{DataError, Dataset, LabelledRecording};
use std::fmt::Write as _;
use tempfile::TempDir;

pub(crate) const HEAD: &str = r#"
manifest = 1
name = "small"
title = "A small set"
licence = "CC0"
verified = { on = "nothing", what = "" }
"#;

pub(crate) const MAP: &str = r#"
[labels.map]
walk = "walking"
sit = "sitting"
1 = "walking"
2 = "standing"
0 = "unlabelled"
"#;

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    pub(crate) fn with(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Reads it with the usual head, these files and the usual words.
    pub(crate) fn read(&self, files: &str) -> Result<Dataset, DataError> {
        self.read_as(&format!("{HEAD}{files}{MAP}"))
    }

    pub(crate) fn read_as(&self, manifest: &str) -> Result<Dataset, DataError> {
        Manifest::parse(manifest, "small.toml")?.read_dataset(self.path(), &mut |_| {})
    }

    pub(crate) fn error(&self, files: &str) -> String {
        self.read(files).unwrap_err().to_string()
    }
}

/// Acceleration in g of a device that sways a little.
pub(crate) fn sway(i: usize) -> [f32; 3] {
    [0.01 * (0.7 * i as f32).sin(), 1.0, 0.02 * (0.3 * i as f32).cos()]
}

/// Rows with a heading: whatever `row` puts before, then acceleration.
pub(crate) fn table(heading: &str, rows: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{heading}\n");
    for i in 0..rows {
        let [x, y, z] = sway(i);
        let before = row(i);
        // An empty first cell is a cell too.
        let comma = if before.is_empty() && heading.matches(',').count() < 3 { "" } else { "," };
        writeln!(text, "{before}{comma}{x},{y},{z}").unwrap();
    }
    text
}

/// Rows of acceleration alone.
pub(crate) fn plain(rows: usize) -> String {
    table("x,y,z", rows, |_| String::new())
}

pub(crate) fn shown(labels: &LabelledRecording) -> String {
    let ms = |ns: i64| ns as f64 / 1e6;
    let all = labels.labels.iter().map(|l| format!("{}-{} {}", ms(l.start_ns), ms(l.end_ns), l.label));
    all.collect::<Vec<_>>().join("; ")
}

pub(crate) fn names(dataset: &Dataset) -> Vec<&str> {
    recordings(dataset).iter().map(|r| r.name.as_str()).collect()
}
