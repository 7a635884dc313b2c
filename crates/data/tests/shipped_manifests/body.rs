//! Made-up people: signals that are plausible, and tell from which columns they were read.

use std::fmt::Write as _;
use std::path::Path;
use tempfile::TempDir;

/// Standard gravity, in m/s².
pub(crate) const G: f64 = 9.80665;

/// What somebody does for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Sits or stands.
    Rests,
    /// Lies.
    Lies,
    /// Walks, runs, …
    Moves,
}

/// One row: acceleration in g with gravity, angular velocity in rad/s.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// In seconds from the start.
    pub(crate) t: f64,
    pub(crate) acc: [f64; 3],
    pub(crate) gyro: [f64; 3],
}

/// Where gravity points while somebody rests who wears a device at the place of this number: another for each.
pub(crate) fn upright(place: usize) -> [f64; 3] {
    let angle = 0.35 * place as f64;
    [angle.cos() * 0.96, angle.sin() * 0.96, 0.28]
}

/// Angular velocity of movement, in rad/s: most about x, least about z.
pub(crate) const TURNING: [f64; 3] = [2.0, 1.0, 0.5];

/// Noise between -1 and 1 that is the same each time.
fn noise(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as f64 / f64::from(1u32 << 30) - 1.0
}

/// So many seconds at so many Hz.
pub(crate) fn rows(does: Does, seconds: f64, rate_hz: f64, place: usize) -> Vec<Row> {
    let mut state = 1 + place as u64 * 1000 + does as u64;
    let mut small = move || 0.004 * noise(&mut state);
    (0..(seconds * rate_hz).round() as usize)
        .map(|i| {
            let t = i as f64 / rate_hz;
            let phase = std::f64::consts::TAU * 1.9 * t;
            let (up, moves) = match does {
                Does::Rests => (upright(place), 0.0),
                Does::Lies => ([0.05, 0.05, 0.997], 0.0),
                Does::Moves => (upright(place), 1.0),
            };
            let acc = [0, 1, 2].map(|i| up[i] * (1.0 + 0.3 * moves * phase.sin()) + small());
            let gyro = TURNING.map(|about| about * moves * (phase + 0.5).sin() + small());
            Row { t, acc, gyro }
        })
        .collect()
}

/// The same in m/s² and deg/s, for units of files.
pub(crate) fn ms2(acc: [f64; 3]) -> [f64; 3] {
    acc.map(|v| v * G)
}

/// Numbers with a sign between.
pub(crate) fn cells(values: &[f64], sign: &str) -> String {
    let mut text = String::new();
    for (i, value) in values.iter().enumerate() {
        let _ = write!(text, "{}{value:.6}", if i > 0 { sign } else { "" });
    }
    text
}

/// A folder of a data set.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}
