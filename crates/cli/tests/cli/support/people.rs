//! Thirty made-up people in the two published layouts: `HAPT Data Set` and `UCI HAR Dataset`.

use super::records::TEST_PEOPLE;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

/// Samples of each activity.
const SAMPLES: usize = 160;
/// Samples before each activity that belong to none.
const PAUSE: usize = 50;
/// Samples of a published window.
const WINDOW: usize = 128;

/// Numbers in `[-1, 1)`: Knuth's MMIX generator, upper bits.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32) / (1 << 23) as f32 - 1.0
    }
}

/// Gravity in g, steps a second, and swing in g.
const ACTIVITIES: [([f32; 3], f32, f32); 6] = [
    ([1.0, 0.0, 0.0], 1.9, 0.30),
    ([0.97, 0.0, -0.2], 1.5, 0.25),
    ([0.97, 0.0, 0.2], 2.3, 0.40),
    ([0.9, 0.1, 0.4], 0.3, 0.01),
    ([1.0, 0.05, -0.1], 0.4, 0.02),
    ([0.1, 0.0, -1.0], 0.2, 0.01),
];

/// Gravity, body acceleration and angular velocity.
type Instant = [[f32; 3]; 3];

/// One activity of a person after the other, [`PAUSE`] and [`SAMPLES`] instants each.
fn recording(person: u64) -> Vec<Vec<Instant>> {
    let mut noise = Noise(person);
    let tilt = 0.1 * noise.next();
    let activity = |&([x, y, z], rate, swing): &([f32; 3], f32, f32)| {
        let instant = |sample: usize| {
            let phase = std::f32::consts::TAU * rate * sample as f32 / 50.0;
            let mut rough = |size: f32| size * noise.next();
            let body = [swing * phase.sin() + rough(0.1), 0.5 * swing * phase.cos() + rough(0.1), rough(0.2)];
            let turn =
                [2.0 * swing * (2.0 * phase).sin() + rough(0.1), swing * phase.cos() + rough(0.1), tilt];
            [[x, y + tilt, z], body, turn]
        };
        (0..PAUSE + SAMPLES).map(instant).collect()
    };
    ACTIVITIES.iter().map(activity).collect()
}

fn total(instant: &Instant) -> [f32; 3] {
    let [gravity, body, _] = instant;
    [0, 1, 2].map(|axis| gravity[axis] + body[axis])
}

/// Name and content of every file of `RawData`.
fn hapt_files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut labels = String::new();
    for person in 1..=30 {
        let (mut acc, mut gyro) = (String::new(), String::new());
        for (activity, instants) in recording(person).iter().enumerate() {
            let end = (activity + 1) * (PAUSE + SAMPLES);
            writeln!(labels, "{person} {person} {} {} {end}", activity + 1, end - SAMPLES + 1).unwrap();
            for instant in instants {
                for (text, [x, y, z]) in [(&mut acc, total(instant)), (&mut gyro, instant[2])] {
                    writeln!(text, "{x:.6} {y:.6} {z:.6}").unwrap();
                }
            }
        }
        files.push((format!("acc_exp{person:02}_user{person:02}.txt"), acc));
        files.push((format!("gyro_exp{person:02}_user{person:02}.txt"), gyro));
    }
    files.push(("labels.txt".into(), labels));
    files
}

/// Samples of the transition that is labelled in the pause before each activity.
const TRANSITIONS: [usize; 6] = [40, 32, 31, 20, 16, 40];

/// Appends transitions 7 to 12 of every person to `labels.txt`.
pub(super) fn append_transitions(labels: &mut String) {
    for person in 1..=30 {
        for (kind, length) in TRANSITIONS.into_iter().enumerate() {
            let first = kind * (PAUSE + SAMPLES) + 6;
            writeln!(labels, "{person} {person} {} {first} {}", kind + 7, first + length - 1).unwrap();
        }
    }
}

/// An acceleration file without the mean of y and z while walking and standing.
pub(super) fn straight(text: &str) -> String {
    let number = |word: &str| word.parse::<f64>().unwrap();
    let rows: Vec<[f64; 3]> = text
        .lines()
        .map(|line| {
            let mut words = line.split(' ').map(number);
            [0, 1, 2].map(|_| words.next().unwrap())
        })
        .collect();
    let upright = |row: &usize| matches!(row / (PAUSE + SAMPLES), 0 | 4) && row % (PAUSE + SAMPLES) >= PAUSE;
    let mean = |axis: usize| {
        (0..rows.len()).filter(upright).map(|row| rows[row][axis]).sum::<f64>() / (2 * SAMPLES) as f64
    };
    let (y, z) = (mean(1), mean(2));
    rows.iter().fold(String::new(), |mut out, row| {
        writeln!(out, "{:.6} {:.6} {:.6}", row[0], row[1] - y, row[2] - z).unwrap();
        out
    })
}

/// Writes a `HAPT Data Set`: one recording of each person.
pub(super) fn write_hapt(folder: &Path) {
    static FILES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    let raw = folder.join("RawData");
    std::fs::create_dir_all(&raw).unwrap();
    for (name, content) in FILES.get_or_init(hapt_files) {
        std::fs::write(raw.join(name), content).unwrap();
    }
}

/// Writes a `UCI HAR Dataset`: one window of each person and activity.
pub(super) fn write_uci_har(folder: &Path) {
    type Value = fn(&Instant) -> [f32; 3];
    const QUANTITIES: [(&str, Value); 3] =
        [("total_acc", total), ("body_acc", |i| i[1]), ("body_gyro", |i| i[2])];
    for part in ["train", "test"] {
        let people = (1..=30).filter(|p| TEST_PEOPLE.contains(p) == (part == "test"));
        let windows: Vec<(u64, usize, Vec<Instant>)> = people
            .flat_map(|p| recording(p).into_iter().enumerate().map(move |(activity, i)| (p, activity + 1, i)))
            .collect();
        let signals = folder.join(part).join("Inertial Signals");
        std::fs::create_dir_all(&signals).unwrap();
        let column = |value: fn(&(u64, usize, Vec<Instant>)) -> u64| -> String {
            windows.iter().map(|w| format!("{}\n", value(w))).collect()
        };
        std::fs::write(folder.join(part).join(format!("subject_{part}.txt")), column(|w| w.0)).unwrap();
        std::fs::write(folder.join(part).join(format!("y_{part}.txt")), column(|w| w.1 as u64)).unwrap();
        for (quantity, value) in QUANTITIES {
            for (axis, letter) in ["x", "y", "z"].into_iter().enumerate() {
                let mut text = String::new();
                for (.., instants) in &windows {
                    for instant in &instants[PAUSE..PAUSE + WINDOW] {
                        write!(text, " {:.6e}", value(instant)[axis]).unwrap();
                    }
                    text.push('\n');
                }
                std::fs::write(signals.join(format!("{quantity}_{letter}_{part}.txt")), text).unwrap();
            }
        }
    }
}
