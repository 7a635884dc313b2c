//! `ambulo classify`

mod folder;
mod printed;

use crate::support::Sandbox;
use std::fmt::Write as _;

/// A recording with the model to answer it; what it answers is not what is tested here.
const MODEL: [&str; 2] = ["--model", "runs/done"];

/// `classify` with these arguments and the model.
fn arguments<'a>(own: &[&'a str]) -> Vec<&'a str> {
    [&["classify"], own, &MODEL].concat()
}

/// Minutes of walking, standing and lying in turn at 50 Hz, with local times that begin at `start` of 2026-05-01 and a pause of eight
/// seconds in the second minute. `seed` makes it another one.
pub(crate) fn table(minutes: usize, start: &str, seed: u32) -> String {
    let mut state = seed;
    let mut noise = |size: f64| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        size * (f64::from(state >> 8) / f64::from(1u32 << 23) - 1.0)
    };
    let parts: Vec<u64> = start.split(':').map(|part| part.parse().unwrap()).collect();
    let begin = parts.iter().fold(0, |sum, part| sum * 60 + part) * 1000;
    let mut text = String::from("time,ax (m/s²),ay (m/s²),az (m/s²),gx (rad/s),gy (rad/s),gz (rad/s)\n");
    for i in 0..minutes * 3000 {
        let t = i as f64 / 50.0;
        if (80.0..88.0).contains(&t) {
            continue;
        }
        let (s, c) = ((12.0 * t).sin(), (6.0 * t).sin());
        let ([x, y, z], [gx, gy, gz], rough) = match i / 3000 % 3 {
            0 => ([9.81 + 3.0 * s, 1.2 * c, 1.0 + s], [0.6 * c, 0.4 * s, 0.3 * c], 0.3),
            1 => ([9.81, 0.2, 1.0], [0.0; 3], 0.05),
            _ => ([1.0, 0.2, 9.75], [0.0; 3], 0.05),
        };
        let ms = begin + i as u64 * 20;
        let (day, ms) = (1 + ms / 86_400_000, ms % 86_400_000);
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        write!(text, "2026-05-{day:02} {h:02}:{m:02}:{s:02}.{ms:03}").unwrap();
        for value in [x, y, z] {
            write!(text, ",{:.4}", value + noise(rough)).unwrap();
        }
        for value in [gx, gy, gz] {
            write!(text, ",{:.4}", value + noise(0.1 * rough)).unwrap();
        }
        text.push('\n');
    }
    text
}

/// With a model and `walk.csv`, three minutes over midnight.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_finished_run();
    sandbox.write("walk.csv", &table(3, "23:58:30", 1));
    sandbox
}

/// Cells of a CSV without quotes, without its head.
fn cells(text: &str) -> Vec<Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect()).collect()
}
