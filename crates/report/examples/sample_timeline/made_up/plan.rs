//! What people do all week, with chance.

use ambulo_record::timeline::NOT_WORN;

/// No samples.
pub(super) const GAP: &str = "gap";

/// A small generator of numbers, the same everywhere (`SplitMix64`).
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    /// From 0 to 1.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

/// What is done for how many seconds, of nights and days, from 08:00 for a week.
pub(super) fn week(noise: &mut Noise) -> Vec<(&'static str, f64)> {
    const HOUR: f64 = 3600.0;
    let mut plan: Vec<(&'static str, f64)> = Vec::new();
    let until =
        |plan: &[(&str, f64)], hour: f64| hour * HOUR - plan.iter().map(|(_, length)| length).sum::<f64>();
    for day in 0..7 {
        // Counted from 08:00 of the first day.
        let morning = f64::from(day) * 24.0;
        plan.extend(awake(noise, until(&plan, morning + 9.2)));
        plan.extend([("walking", noise.between(600.0, 1500.0)), ("stairs", 6.0), ("standing", 40.0)]);
        if day == 3 {
            // The battery was changed.
            plan.push((GAP, 5400.0));
        }
        if day % 2 == 1 {
            plan.extend([("walking", 240.0), ("unknown", noise.between(1300.0, 2300.0)), ("walking", 300.0)]);
        }
        plan.extend(awake(noise, until(&plan, morning + 14.3)));
        plan.extend([("standing", 60.0), (NOT_WORN, noise.between(700.0, 1500.0))]);
        while until(&plan, morning + 22.8) > 0.0 {
            plan.push(("lying", noise.between(900.0, 7000.0)));
            if noise.next() < 0.2 {
                plan.extend([("sitting", 14.0), ("walking", 21.0), ("standing", 48.0), ("walking", 19.0)]);
            } else {
                plan.push(("still", noise.between(4.0, 20.0)));
            }
        }
        plan.extend(awake(noise, until(&plan, morning + 24.0)));
    }
    plan.push(("sitting", 3.0 * HOUR));
    plan
}

/// Waking hours of so many seconds.
fn awake(noise: &mut Noise, seconds: f64) -> Vec<(&'static str, f64)> {
    let mut plan = Vec::new();
    let mut left = seconds;
    while left > 0.0 {
        let mut bit = |low: f64, high: f64| noise.between(low, high);
        let here: Vec<(&str, f64)> = match bit(0.0, 10.0) as usize {
            0..3 => vec![("sitting", bit(300.0, 3200.0)), ("standing", bit(6.0, 90.0))],
            3 | 4 => vec![("standing", bit(30.0, 500.0)), ("walking", bit(5.0, 40.0))],
            5 => vec![
                ("walking", bit(10.0, 60.0)),
                ("walking_upstairs", bit(7.0, 22.0)),
                ("walking", bit(10.0, 60.0)),
            ],
            6 => vec![
                ("walking", bit(10.0, 60.0)),
                ("walking_downstairs", bit(6.0, 18.0)),
                ("walking", bit(30.0, 300.0)),
            ],
            7 => (0..24)
                .map(|i| (["standing", "walking", "moving"][if i == 11 { 2 } else { i % 2 }], bit(3.0, 25.0)))
                .collect(),
            8 => vec![("still", bit(60.0, 400.0)), ("sitting", bit(200.0, 900.0))],
            _ => vec![("walking", bit(120.0, 900.0)), ("standing", bit(20.0, 60.0))],
        };
        left -= here.iter().map(|(_, length)| length).sum::<f64>();
        plan.extend(here);
    }
    plan
}
