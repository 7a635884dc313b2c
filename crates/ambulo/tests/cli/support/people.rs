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
