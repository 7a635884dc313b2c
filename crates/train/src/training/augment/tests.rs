//! What each step changes, what it keeps, and what its draws depend on.

use super::{Augmentation, Augmenter, Scratch};
use ambulo_data::{LabelledWindows, Place, Series, WindowOrigin};
use ambulo_nn::Random;
use ambulo_signal::rotation::{horizontal_axes, unit};
use ambulo_signal::{Channel, InertialSignals, Layout, Normalisation, Preprocessing};
use proptest::prelude::*;
use std::sync::Arc;

const TIME: usize = 24;
const UP: [f32; 3] = [0.96, 0.0, 0.28];
const GRAVITY: [f32; 3] = [0.9, 0.1, 0.3];

type Row = [f32; 9];

/// Made-up motion: gravity stays, the body moves.
fn motion(seed: u64, rows: usize) -> Vec<Row> {
    let mut random = Random::new(seed, 0);
    let row = |_| {
        let body: [f32; 3] = std::array::from_fn(|_| 0.3 * random.normal());
        let gyro: [f32; 3] = std::array::from_fn(|_| random.normal());
        std::array::from_fn(|c| match c {
            0..3 => GRAVITY[c] + body[c],
            3..6 => body[c - 3],
            _ => gyro[c - 6],
        })
    };
    (0..rows).map(row).collect()
}

/// Windows at these first rows; each may begin anywhere in `starts`.
fn windows(rows: Vec<Row>, first: &[usize], starts: std::ops::Range<usize>) -> LabelledWindows {
    let place = |&start: &usize| Place { series: 0, start, starts: starts.clone() };
    let origin = |&start: &usize| WindowOrigin {
        person: 1.into(),
        recording: "1".into(),
        facts: Default::default(),
        start: start as u64,
    };
    let signals = InertialSignals::new(Layout::WITH_GYROSCOPE, rows.into_flattened());
    LabelledWindows {
        time: TIME,
        series: vec![Arc::new(Series::new(signals, Some(UP)))],
        places: first.iter().map(place).collect(),
        labels: vec![0; first.len()],
        classes: 2,
        groups: Vec::new(),
        origins: first.iter().map(origin).collect(),
    }
}

/// The nine channels as they are, with statistics that change nothing.
fn preprocessing() -> Preprocessing {
    let normalisation = Some(Normalisation { mean: vec![0.0; 9], standard_deviation: vec![1.0; 9] });
    Preprocessing {
        window: TIME,
        channels: Channel::INERTIAL.to_vec(),
        normalisation,
        ..Preprocessing::default()
    }
}

/// Window `i`, augmented.
fn augmented(steps: &[Augmentation], windows: &LabelledWindows, i: usize, address: (u64, u64)) -> Vec<Row> {
    let mut out = vec![f32::NAN; TIME * 9];
    let augmenter = Augmenter::new(steps, [0.0; 3]);
    augmenter.input(windows, i, address, &preprocessing(), &mut Scratch::default(), &mut out).unwrap();
    out.as_chunks().0.to_vec()
}

/// Window `i` as it was recorded.
fn recorded(windows: &LabelledWindows, i: usize) -> Vec<Row> {
    windows.window(i).unwrap().as_chunks().0.to_vec()
}

fn once(step: Augmentation, seed: u64) -> (Vec<Row>, Vec<Row>) {
    let all = windows(motion(seed, TIME), &[0], 0..1);
    (recorded(&all, 0), augmented(&[step], &all, 0, (seed, 2)))
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// All vectors of a window: three of each row.
fn vectors(rows: &[Row]) -> Vec<&[f32]> {
    rows.iter().flat_map(|row| row.chunks_exact(3)).collect()
}

fn differs(a: &[Row], b: &[Row]) -> bool {
    a.as_flattened().iter().zip(b.as_flattened()).any(|(a, b)| (a - b).abs() > 1e-3)
}

const ALL: [Augmentation; 8] = [
    Augmentation::Shift { samples: 5 },
    Augmentation::Turn { degrees: 180.0, p: 1.0 },
    Augmentation::Rotate { degrees: 8.0, p: 1.0 },
    Augmentation::Mirror { p: 1.0 },
    Augmentation::Scale { range: 0.1 },
    Augmentation::Noise { acceleration_g: 0.01, angular_velocity_rad_s: 0.02 },
    Augmentation::TimeWarp { sd: 0.2, knots: 4 },
    Augmentation::ChannelDropout { p: 0.3 },
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_mirrored_window_is_that_of_a_mirrored_wearer(seed: u64) {
        let (before, after) = once(Augmentation::Mirror { p: 1.0 }, seed);
        let up = unit(UP).unwrap();
        let [front, side] = horizontal_axes(up);
        for (old, new) in before.iter().zip(&after) {
            for (old, new, axial) in [(&old[..3], &new[..3], 1.0), (&old[3..6], &new[3..6], 1.0), (&old[6..], &new[6..], -1.0)] {
                // What is done sideways is done to the other side; turns about the vertical and the front go the other way,
                // those about the side (bowing) stay.
                prop_assert!((dot(new, &up) - axial * dot(old, &up)).abs() < 1e-5);
                prop_assert!((dot(new, &front) - axial * dot(old, &front)).abs() < 1e-5);
                prop_assert!((dot(new, &side) + axial * dot(old, &side)).abs() < 1e-5);
            }
        }
        let again = windows(after, &[0], 0..1);
        let twice = augmented(&[Augmentation::Mirror { p: 1.0 }], &again, 0, (seed, 2));
        prop_assert!(!differs(&before, &twice));
    }

    #[test]
    fn turns_and_rotations_move_all_vectors_of_a_window_alike(seed: u64) {
        for step in [Augmentation::Turn { degrees: 180.0, p: 1.0 }, Augmentation::Rotate { degrees: 40.0, p: 1.0 }] {
            let (before, after) = once(step, seed);
            let (old, new) = (vectors(&before), vectors(&after));
            // Lengths, and angles between any two.
            for i in 0..old.len() {
                for j in 0..=i {
                    prop_assert!((dot(old[i], old[j]) - dot(new[i], new[j])).abs() < 2e-5, "{step:?}");
                }
            }
        }
    }

    #[test]
    fn a_turn_leaves_what_points_up(seed: u64) {
        let (before, after) = once(Augmentation::Turn { degrees: 180.0, p: 1.0 }, seed);
        for (old, new) in vectors(&before).into_iter().zip(vectors(&after)) {
            prop_assert!((dot(old, &UP) - dot(new, &UP)).abs() < 1e-5);
        }
    }

    #[test]
    fn scale_leaves_gravity_and_gives_body_and_rotation_a_factor_each(seed: u64) {
        let (before, after) = once(Augmentation::Scale { range: 0.2 }, seed);
        let (body, gyro) = (after[0][3] / before[0][3], after[0][6] / before[0][6]);
        prop_assert!((0.799..=1.201).contains(&body) && (0.799..=1.201).contains(&gyro), "{body} {gyro}");
        for (old, new) in before.iter().zip(&after) {
            for axis in 0..3 {
                prop_assert!((new[axis] - new[axis + 3] - GRAVITY[axis]).abs() < 1e-5);
                prop_assert!((new[axis + 3] - body * old[axis + 3]).abs() < 1e-4);
                prop_assert!((new[axis + 6] - gyro * old[axis + 6]).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn noise_is_the_same_on_total_and_body_acceleration(seed: u64) {
        let step = Augmentation::Noise { acceleration_g: 0.05, angular_velocity_rad_s: 0.1 };
        let (before, after) = once(step, seed);
        prop_assert!(differs(&before, &after));
        for row in &after {
            for axis in 0..3 {
                prop_assert!((row[axis] - row[axis + 3] - GRAVITY[axis]).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_shift_stays_within_the_activity_and_its_reach(
        seed: u64, start in 10usize..60, samples in 1usize..30, (before, after) in (0usize..10, 1usize..50),
    ) {
        // Rows that say where they are.
        let rows: Vec<Row> = (0..150).map(|i| [i as f32; 9]).collect();
        let starts = start - before..start + after;
        let all = windows(rows, &[start], starts.clone());
        let found = augmented(&[Augmentation::Shift { samples }], &all, 0, (seed, 2));
        let first = found[0][0] as usize;
        prop_assert!(starts.contains(&first) && first.abs_diff(start) <= samples, "{first}");
        for (i, row) in found.iter().enumerate() {
            prop_assert_eq!(row, &[(first + i) as f32; 9]);
        }
    }

    #[test]
    fn a_time_warp_keeps_the_ends_the_order_and_the_range(seed: u64, sd in 0.05f32..1.0, knots in 2usize..8) {
        let (before, after) = once(Augmentation::TimeWarp { sd, knots }, seed);
        for c in 0..9 {
            prop_assert!((before[0][c] - after[0][c]).abs() < 1e-5);
            prop_assert!((before[TIME - 1][c] - after[TIME - 1][c]).abs() < 1e-4);
            let range = before.iter().fold((f32::MAX, f32::MIN), |(l, h), r| (l.min(r[c]), h.max(r[c])));
            prop_assert!(after.iter().all(|r| r[c] >= range.0 - 1e-5 && r[c] <= range.1 + 1e-5));
        }
        let clock = windows((0..TIME).map(|i| [i as f32; 9]).collect(), &[0], 0..1);
        let warped = augmented(&[Augmentation::TimeWarp { sd, knots }], &clock, 0, (seed, 2));
        prop_assert!(warped.windows(2).all(|w| w[0][0] < w[1][0]), "time stands or runs back");
        prop_assert!(differs(&recorded(&clock, 0), &warped));
    }

    #[test]
    fn a_dropped_channel_is_zero_throughout_and_the_others_are_untouched(seed: u64) {
        let (before, after) = once(Augmentation::ChannelDropout { p: 0.5 }, seed);
        for c in 0..9 {
            let column = |rows: &[Row]| rows.iter().map(|row| row[c]).collect::<Vec<f32>>();
            let found = column(&after);
            prop_assert!(found.iter().all(|v| *v == 0.0) || found == column(&before), "channel {c}");
        }
    }

    #[test]
    fn draws_are_addressed_by_seed_epoch_and_window(seed in 0u64..1 << 60, draw in 0u64..1 << 20) {
        // Two windows of the same rows: only their numbers differ.
        let all = windows(motion(7, 60), &[10, 10], 0..36);
        let bits = |i, address| -> Vec<u32> {
            augmented(&ALL, &all, i, address).as_flattened().iter().map(|v| v.to_bits()).collect()
        };
        let one = bits(0, (seed, draw));
        prop_assert_eq!(&one, &bits(0, (seed, draw)));
        for other in [bits(0, (seed, draw + 1)), bits(0, (seed, draw + 2)), bits(0, (seed + 1, draw)), bits(1, (seed, draw))] {
            prop_assert_ne!(&one, &other);
        }
    }

    #[test]
    fn a_shift_comes_first_wherever_it_stands(seed: u64) {
        let all = windows(motion(3, 60), &[10], 0..36);
        let (shift, scale) = (ALL[0], ALL[3]);
        let [first, last] =
            [[shift, scale], [scale, shift]].map(|steps| augmented(&steps, &all, 0, (seed, 4)));
        prop_assert_eq!(first, last);
    }
}

#[test]
fn without_steps_a_window_is_as_it_was_recorded() {
    let all = windows(motion(1, 60), &[5, 30], 0..36);
    for i in 0..2 {
        assert_eq!(augmented(&[], &all, i, (1, 2)), recorded(&all, i));
    }
}

#[test]
fn every_step_does_something() {
    let all = windows(motion(1, 60), &[10], 0..36);
    for step in ALL {
        assert!(
            (0..50).any(|seed| differs(&recorded(&all, 0), &augmented(&[step], &all, 0, (seed, 2)))),
            "{step:?}"
        );
        assert_eq!(step.fault(), None);
    }
}

#[test]
fn a_turn_reaches_every_facing_and_a_shift_both_ends() {
    let all = windows(vec![[0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]; TIME], &[0], 0..1);
    // Horizontal directions: y, and up x y.
    let side = [-0.28, 0.0, 0.96];
    let mut quarters = [0; 4];
    for seed in 0..400 {
        let row = augmented(&[Augmentation::Turn { degrees: 180.0, p: 1.0 }], &all, 0, (seed, 2))[0];
        quarters[usize::from(row[1] > 0.0) + 2 * usize::from(dot(&row[..3], &side) > 0.0)] += 1;
    }
    assert!(quarters.iter().all(|n| (65..=135).contains(n)), "{quarters:?}");

    let rows: Vec<Row> = (0..80).map(|i| [i as f32; 9]).collect();
    let all = windows(rows, &[10], 7..40);
    let firsts: std::collections::BTreeSet<usize> = (0..200)
        .map(|seed| augmented(&[Augmentation::Shift { samples: 5 }], &all, 0, (seed, 2))[0][0] as usize)
        .collect();
    assert!(firsts.into_iter().eq(7..=15), "three earlier, where the activity begins, and five later");
}

#[test]
fn a_share_of_windows_is_left_as_recorded_and_that_draw_changes_no_other() {
    let all = windows(motion(1, TIME), &[0], 0..1);
    let steps: [fn(f32) -> Augmentation; 2] =
        [|p| Augmentation::Turn { degrees: 180.0, p }, |p| Augmentation::Rotate { degrees: 40.0, p }];
    for step in steps {
        let kept = (0..400)
            .filter(|&seed| {
                let found = augmented(&[step(0.25)], &all, 0, (seed, 2));
                assert!(found == recorded(&all, 0) || found == augmented(&[step(1.0)], &all, 0, (seed, 2)));
                found == recorded(&all, 0)
            })
            .count();
        // Four standard deviations.
        assert!(kept.abs_diff(300) < 36, "{kept}");
        assert_eq!(augmented(&[step(0.0)], &all, 0, (1, 2)), recorded(&all, 0));
    }
}

#[test]
fn where_nobody_stood_the_vertical_of_the_others_serves() {
    let mut all = windows(motion(2, TIME), &[0], 0..1);
    all.series = vec![Arc::new(all.series[0].turned([], None))];
    let mut out = vec![0.0; TIME * 9];
    let augmenter = Augmenter::new(&[Augmentation::Turn { degrees: 180.0, p: 1.0 }], UP);
    augmenter.input(&all, 0, (1, 2), &preprocessing(), &mut Scratch::default(), &mut out).unwrap();
    assert!(differs(&recorded(&all, 0), out.as_chunks().0));
    for (old, new) in vectors(&recorded(&all, 0)).into_iter().zip(out.chunks_exact(3)) {
        assert!((dot(old, &UP) - dot(new, &UP)).abs() < 1e-5);
    }
}

#[test]
fn sizes_of_noise_and_dropout_are_as_asked_for() {
    let all = windows(vec![[0.0; 9]; TIME], &[0], 0..1);
    let noise = Augmentation::Noise { acceleration_g: 0.02, angular_velocity_rad_s: 0.5 };
    let rows: Vec<Row> = (0..100).flat_map(|seed| augmented(&[noise], &all, 0, (seed, 2))).collect();
    for (channel, sd) in [(0, 0.02), (4, 0.02), (8, 0.5)] {
        let square = rows.iter().map(|r| f64::from(r[channel]).powi(2)).sum::<f64>() / rows.len() as f64;
        assert!((square.sqrt() / sd - 1.0).abs() < 0.06, "channel {channel}: {}", square.sqrt());
    }
    let all = windows(vec![[1.0; 9]; TIME], &[0], 0..1);
    let dropped: usize = (0..400)
        .map(|seed| augmented(&[Augmentation::ChannelDropout { p: 0.25 }], &all, 0, (seed, 2))[0])
        .map(|row| row.iter().filter(|v| **v == 0.0).count())
        .sum();
    // 3,600 channels, four standard deviations.
    assert!(dropped.abs_diff(900) < 104, "{dropped}");
}

#[test]
fn the_draw_that_statistics_are_fitted_on_drops_no_channel() {
    let all = windows(motion(1, TIME), &[0], 0..1);
    let p = Preprocessing { normalisation: None, ..preprocessing() };
    let mut out = vec![f32::NAN; TIME * 9];
    let augmenter = Augmenter::new(&[Augmentation::ChannelDropout { p: 0.9 }], [0.0; 3]);
    augmenter.input(&all, 0, (1, 0), &p, &mut Scratch::default(), &mut out).unwrap();
    assert_eq!(out, *all.window(0).unwrap());
}

#[test]
fn acceleration_alone_is_augmented_as_beside_angular_velocity() {
    let all = windows(motion(5, 60), &[10], 0..36);
    let values = all.series[0].signals().unwrap().iter().flat_map(|row| row[..6].to_vec()).collect();
    let signals = InertialSignals::new(Layout::ACCELERATION, values);
    let alone = LabelledWindows { series: vec![Arc::new(Series::new(signals, Some(UP)))], ..all.clone() };
    let p =
        Preprocessing { channels: Channel::INERTIAL[..6].to_vec(), normalisation: None, ..preprocessing() };
    // Noise draws for the axes that there are.
    let steps: Vec<Augmentation> =
        ALL[..7].iter().copied().filter(|step| !matches!(step, Augmentation::Noise { .. })).collect();
    let mut out = vec![f32::NAN; TIME * 6];
    Augmenter::new(&steps, UP).input(&alone, 0, (3, 2), &p, &mut Scratch::default(), &mut out).unwrap();
    let both = augmented(&steps, &all, 0, (3, 2));
    for (alone, both) in out.chunks_exact(6).zip(&both) {
        assert_eq!(alone, &both[..6]);
    }
}

#[test]
fn numbers_out_of_range_are_at_fault() {
    for step in [
        Augmentation::Shift { samples: 0 },
        Augmentation::Turn { degrees: 181.0, p: 1.0 },
        Augmentation::Rotate { degrees: -1.0, p: 1.0 },
        Augmentation::Turn { degrees: 180.0, p: 1.5 },
        Augmentation::Rotate { degrees: 8.0, p: -0.5 },
        Augmentation::Scale { range: 1.0 },
        Augmentation::Noise { acceleration_g: f32::NAN, angular_velocity_rad_s: 0.0 },
        Augmentation::Noise { acceleration_g: 0.0, angular_velocity_rad_s: -0.1 },
        Augmentation::TimeWarp { sd: 0.2, knots: 1 },
        Augmentation::TimeWarp { sd: 3.0, knots: 4 },
        Augmentation::ChannelDropout { p: 1.0 },
    ] {
        assert!(step.fault().is_some(), "{step:?}");
    }
}
