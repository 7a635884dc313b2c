//! A device worn another way records the same motion in other axes.

use super::{WearingCounts, wear};
use ambulo_data::{LabelledWindows, Place, Series, WindowOrigin};
use ambulo_nn::Random;
use ambulo_record::{PersonId, Wearing};
use ambulo_signal::rotation::{horizontal_axes, unit};
use ambulo_signal::{Channel, Facing, InertialSignals, Layout, Level, Preprocessing};
use proptest::prelude::*;
use std::sync::Arc;

const TIME: usize = 16;

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Rows of acceleration and angular velocity.
fn signals(rows: impl IntoIterator<Item = [f32; 9]>) -> InertialSignals {
    InertialSignals::new(Layout::WITH_GYROSCOPE, rows.into_iter().flatten().collect())
}

fn origin(person: u16, start: usize) -> WindowOrigin {
    WindowOrigin {
        person: PersonId::from(person),
        recording: "1".into(),
        facts: Default::default(),
        start: start as u64,
    }
}

/// Two windows of each of some recordings, upright along these directions.
fn recorded(ups: &[Option<[f32; 3]>]) -> LabelledWindows {
    let mut all = LabelledWindows { time: TIME, classes: 9, ..LabelledWindows::default() };
    for (series, &up) in ups.iter().enumerate() {
        let mut random = Random::new(9, series as u64);
        // A device that leans the same way for the whole recording.
        let lean: [f32; 3] = std::array::from_fn(|_| random.normal());
        let rows = (0..3 * TIME)
            .map(|_| std::array::from_fn(|c| if c < 3 { lean[c] } else { 0.0 } + 0.2 * random.normal()));
        all.series.push(Arc::new(Series::new(signals(rows), up.and_then(unit))));
        for start in [0, TIME + 3] {
            all.places.push(Place { series, start, starts: start..start + 2 });
            all.labels.push(series as u8);
            all.origins.push(origin(series as u16 + 1, start));
        }
    }
    all
}

fn vectors(windows: &LabelledWindows) -> Vec<Vec<[f32; 3]>> {
    windows.series.iter().map(|s| s.signals().unwrap().values().as_chunks().0.to_vec()).collect()
}

/// The windows worn like this, by a model that levels nothing.
fn as_worn(wearing: Wearing, windows: &LabelledWindows, seed: u64) -> LabelledWindows {
    wear(wearing, windows, &Preprocessing::default(), seed).unwrap()
}

fn direction() -> impl Strategy<Value = [f32; 3]> {
    prop::array::uniform3(-1f32..1.0).prop_filter("a direction", |v| dot(v, v) > 0.05)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lengths_and_angles_stay_and_so_do_windows_and_labels(up in direction(), seed: u64) {
        let all = recorded(&[Some(up), Some([0.0, 1.0, 0.2])]);
        for wearing in Wearing::ALL {
            let worn = as_worn(wearing, &all, seed);
            prop_assert_eq!((&worn.places, &worn.labels, &worn.origins), (&all.places, &all.labels, &all.origins));
            prop_assert_ne!(&worn.series, &all.series);
            for (old, new) in vectors(&all).iter().zip(vectors(&worn)) {
                for i in 0..old.len() {
                    for j in [i, (7 * i + 1) % old.len()] {
                        prop_assert!((dot(&old[i], &old[j]) - dot(&new[i], &new[j])).abs() < 1e-4, "{wearing:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_facing_turns_about_the_vertical_and_by_its_angle(up in direction()) {
        let all = recorded(&[Some(up)]);
        let up = all.series[0].up.unwrap();
        let [first, second] = horizontal_axes(up);
        for wearing in Wearing::ALL {
            let Wearing::Facing(degrees) = wearing else { continue };
            let worn = as_worn(wearing, &all, 1);
            let (s, c) = f32::from(degrees).to_radians().sin_cos();
            for (old, new) in vectors(&all)[0].iter().zip(&vectors(&worn)[0]) {
                prop_assert!((dot(old, &up) - dot(new, &up)).abs() < 1e-4);
                let (a, b) = (dot(old, &first), dot(old, &second));
                prop_assert!((dot(new, &first) - (c * a - s * b)).abs() < 1e-4);
                prop_assert!((dot(new, &second) - (s * a + c * b)).abs() < 1e-4);
            }
            let found = worn.series[0].up.unwrap();
            prop_assert!(found.iter().zip(&up).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }

    #[test]
    fn upside_down_is_half_a_turn_about_the_screens_normal(up in direction()) {
        let all = recorded(&[Some(up)]);
        let up = all.series[0].up.unwrap();
        let [normal, across] = horizontal_axes(up);
        let worn = as_worn(Wearing::UpsideDown, &all, 1);
        for (old, new) in vectors(&all)[0].iter().zip(&vectors(&worn)[0]) {
            prop_assert!((dot(old, &up) + dot(new, &up)).abs() < 1e-4);
            prop_assert!((dot(old, &normal) - dot(new, &normal)).abs() < 1e-4);
            prop_assert!((dot(old, &across) + dot(new, &across)).abs() < 1e-4);
        }
    }

    #[test]
    fn a_canonical_facing_does_not_see_any_facing(up in direction(), seed: u64) {
        prop_assume!(unit(up).is_some_and(|u| u[2].abs() < 0.85));
        let all = recorded(&[Some(up)]);
        let facing = Facing::Canonical { up };
        let p = Preprocessing { window: TIME, facing, channels: Channel::INERTIAL.to_vec(), ..Preprocessing::default() };
        // Where a window hardly leans, its direction is rounding.
        let axes = horizontal_axes(all.series[0].up.unwrap());
        let leans = (0..all.len()).all(|i| {
            let mean = |e: &[f32; 3]| all.window(i).unwrap().chunks_exact(9).map(|r| dot(&r[..3], e)).sum::<f32>() / TIME as f32;
            mean(&axes[0]).hypot(mean(&axes[1])) > 0.05
        });
        prop_assume!(leans);
        let before = all.input(&p).unwrap();
        for wearing in Wearing::ALL {
            let worn = wear(wearing, &all, &p, seed).unwrap().input(&p).unwrap();
            let apart = before.iter().zip(&worn).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            match wearing {
                Wearing::Turned | Wearing::Facing(_) => prop_assert!(apart < 1e-3, "{wearing:?}: {apart}"),
                Wearing::UpsideDown => prop_assert!(apart > 0.01, "{apart}"),
                Wearing::Tilted(_) => {}
            }
        }
    }
}

/// Half a minute of walking, then half a minute leaning back, in a frame of x up.
fn half_walked() -> LabelledWindows {
    let rows = (0..3000).map(|i| {
        let t = i as f32 / 50.0;
        let step = |rate: f32| (std::f32::consts::TAU * rate * t).sin();
        if i < 1500 {
            let body = [0.3 * step(1.9), 0.2 * step(0.95), 0.1 * step(1.9)];
            [1.0 + body[0], body[1], body[2], body[0], body[1], body[2], 0.1, step(0.95), 0.3]
        } else {
            [0.94, 0.02, 0.34, 0.0, 0.0, 0.0, 0.01 * step(0.3), 0.0, 0.0]
        }
    });
    let mut all = LabelledWindows { time: TIME, classes: 9, ..LabelledWindows::default() };
    all.series.push(Arc::new(Series::new(signals(rows), unit([1.0, 0.0, 0.0]))));
    for start in [100, 2000] {
        all.places.push(Place { series: 0, start, starts: start..start + 1 });
        all.labels.push(0);
        all.origins.push(origin(1, start));
    }
    all
}

#[test]
fn a_levelled_recording_does_not_see_how_it_was_worn() {
    let up = [0.0, 0.0, 1.0];
    let (level, facing) = (Level::Recording { up }, Facing::Canonical { up });
    let p = Preprocessing {
        window: TIME,
        level,
        facing,
        channels: Channel::INERTIAL.to_vec(),
        ..Preprocessing::default()
    };
    let mut all = half_walked();
    let recorded = all.input(&p).unwrap();
    let mut signals = all.series[0].signals().unwrap();
    p.levelled(&mut signals).unwrap();
    all.series[0] = Arc::new(Series::new(signals, Some([0.0, 0.0, 1.0])));
    let before = all.input(&p).unwrap();
    assert!(before.iter().zip(&recorded).any(|(a, b)| (a - b).abs() > 0.5), "nothing was levelled");
    for wearing in Wearing::ALL {
        for seed in 0..4 {
            let worn = wear(wearing, &all, &p, seed).unwrap();
            let apart =
                before.iter().zip(worn.input(&p).unwrap()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart < 1e-4, "{wearing:?}: {apart}");
            let up = worn.series[0].up.unwrap();
            assert!((up[2] - 1.0).abs() < 1e-4, "{wearing:?}: {up:?}");
        }
    }
}

#[test]
fn a_recording_without_movement_stays_where_it_was_levelled_to() {
    let mut all = half_walked();
    all.series[0] = Arc::new(Series::new(all.series[0].signals().unwrap().split_at(1500).1, None));
    let p = Preprocessing { level: Level::Recording { up: [1.0, 0.0, 0.0] }, ..Preprocessing::default() };
    let worn = wear(Wearing::UpsideDown, &all, &p, 1).unwrap();
    assert!(Arc::ptr_eq(&worn.series[0], &all.series[0]));
}

#[test]
fn the_names_are_those_of_the_records_in_their_order() {
    let names = Wearing::ALL.map(Wearing::name);
    assert_eq!(
        names.join(" "),
        "turned facing-45 facing-90 facing-135 facing-180 facing-225 facing-270 facing-315 tilted-15 tilted-30 upside-down"
    );
}

/// By how many degrees the up of each recording moved, and the angle about its old up at which a horizontal vector ended.
fn moved(wearing: Wearing, seed: u64, count: usize) -> Vec<(f32, f32)> {
    let up = [0.0, 0.6, 0.8];
    let [first, second] = horizontal_axes(up);
    let series = Series::new(signals([[first, first, first].concat().try_into().unwrap()]), Some(up));
    let all = LabelledWindows {
        series: std::iter::repeat_n(Arc::new(series), count).collect(),
        time: 1,
        ..LabelledWindows::default()
    };
    let worn = as_worn(wearing, &all, seed);
    let angles = |s: &Arc<Series>| {
        let tilt = dot(&s.up.unwrap(), &up).clamp(-1.0, 1.0).acos().to_degrees();
        let row = s.rows(0, 1).unwrap();
        let row = &row[..3];
        (tilt, dot(row, &second).atan2(dot(row, &first)).to_degrees())
    };
    worn.series.iter().map(angles).collect()
}

#[test]
fn turned_recordings_face_every_way_each_its_own_and_other_seeds_other_ways() {
    let found = moved(Wearing::Turned, 4, 400);
    assert!(found.iter().all(|(tilt, _)| *tilt < 0.1));
    let mut quarters = [0; 4];
    for (_, turn) in &found {
        quarters[((turn + 180.0) / 90.0).clamp(0.0, 3.0) as usize] += 1;
    }
    assert!(quarters.iter().all(|n| (65..=135).contains(n)), "{quarters:?}");
    assert_eq!(moved(Wearing::Turned, 4, 400), found);
    let other = moved(Wearing::Turned, 5, 400);
    assert!(found.iter().zip(&other).filter(|(a, b)| (a.1 - b.1).abs() > 1.0).count() > 350);
}

#[test]
fn tilts_go_up_to_their_angle_and_no_further() {
    for degrees in [15, 30] {
        let found = moved(Wearing::Tilted(degrees), 4, 400);
        let limit = f32::from(degrees);
        let largest = found.iter().map(|(tilt, _)| *tilt).fold(0.0, f32::max);
        assert!(largest <= limit + 0.1 && largest > 0.95 * limit, "{largest}");
        let mean = found.iter().map(|(tilt, _)| tilt).sum::<f32>() / 400.0;
        assert!((mean / limit - 0.5).abs() < 0.06, "{mean}");
    }
}

#[test]
fn a_recording_in_which_nobody_stood_is_turned_about_the_vertical_of_the_others() {
    let all = recorded(&[Some([0.6, 0.8, 0.0]), None]);
    let worn = as_worn(Wearing::Facing(90), &all, 1);
    assert_ne!(worn.series[1].signals().unwrap(), all.series[1].signals().unwrap());
    assert_eq!(worn.series[1].up, None);
    for (old, new) in vectors(&all)[1].iter().zip(&vectors(&worn)[1]) {
        assert!((dot(old, &[0.6, 0.8, 0.0]) - dot(new, &[0.6, 0.8, 0.0])).abs() < 1e-4);
    }
}

#[test]
fn counts_of_folds_stand_beside_each_other_seed_by_seed() {
    let all = recorded(&[Some([1.0, 0.0, 0.0]), Some([1.0, 0.0, 0.0])]);
    let subject = |s: u16| all.filter(&[PersonId::from(s)].into());
    // Of two windows of person 1 (class 0) one is right, of person 2 (class 1) both, with the second seed none.
    let counts = |s: u16, probabilities: [[f32; 4]; 2]| {
        let mut counts = WearingCounts::new(Wearing::Turned);
        for answers in probabilities {
            counts.push(&subject(s), &answers, 2).unwrap();
        }
        counts
    };
    let mut folds = Vec::new();
    WearingCounts::join_all(&mut folds, vec![counts(1, [[0.9, 0.1, 0.2, 0.8], [0.9, 0.1, 0.8, 0.2]])]);
    WearingCounts::join_all(&mut folds, vec![counts(2, [[0.1, 0.9, 0.2, 0.8], [0.9, 0.1, 0.8, 0.2]])]);
    let joined = folds.remove(0);
    let metrics = joined.metrics().unwrap();
    assert_eq!(metrics.wearing, "turned");
    // Three of four, then two of four.
    assert!((metrics.accuracy.mean - 0.625).abs() < 1e-12);
    assert!((metrics.accuracy.sd - 0.125 * 2f64.sqrt()).abs() < 1e-12);
    let text = serde_json::to_string(&joined).unwrap();
    assert_eq!(serde_json::from_str::<WearingCounts>(&text).unwrap(), joined);
}
