//! Made-up recordings that look like real ones.

mod plan;

use ambulo_record::overview::{Bin, Noticed, Overview, Stretch, StretchKind, Weight, ZoomedOut};
use ambulo_record::timeline::{
    BOUT_BOUNDS_S, Day, DayActivity, Flag, NOT_WORN, Segment, Steps, Timeline, Zero,
};
pub(crate) use plan::Noise;
use plan::{GAP, week};

/// Labels of the models that come with the program.
pub(crate) const LABELS: [&str; 6] =
    ["walking", "walking_upstairs", "walking_downstairs", "sitting", "standing", "lying"];
/// Length of a step in nanoseconds.
pub(crate) const STEP_NS: i64 = 640_000_000;

/// A week at a step of 0.64 s: 945,000 steps, from Monday 08:00.
pub(crate) fn a_week() -> Timeline {
    let mut noise = Noise(7);
    let plan = week(&mut noise);
    let zero = Zero::Utc { utc_ns: 1_777_874_400_000_000_000, offset_s: Some(7200) };
    let mut timeline = recorded("P017_wrist_left.cwa", zero, &plan, 7.0 * 86_400.0, 30.24, &mut noise);
    let gap = timeline.overview.stretches.iter().find(|stretch| stretch.kind == StretchKind::Gap);
    let paused_s = gap.map(|gap| gap.start_s);
    timeline.overview.noticed = vec![
        Noticed {
            weight: Weight::Warning,
            text: "The clock runs 1.8 s a day fast against the device's time stamps; times were corrected."
                .to_owned(),
            time_s: Some(201_600.0),
        },
        Noticed {
            weight: Weight::Note,
            text: "A pause of 1 h 30 min without samples.".to_owned(),
            time_s: paused_s,
        },
        Noticed {
            weight: Weight::Note,
            text: "The device was put on 7 ways: each has a vertical of its own.".to_owned(),
            time_s: None,
        },
    ];
    timeline
}

/// Six minutes by phone, with what a person does to try it out; there is no clock.
pub(crate) fn six_minutes() -> Timeline {
    let plan = [
        ("standing", 18.0),
        ("walking", 54.0),
        ("walking_upstairs", 16.0),
        ("walking", 9.0),
        ("walking_downstairs", 14.5),
        ("walking", 38.0),
        ("unknown", 26.0),
        ("standing", 9.0),
        ("sitting", 62.0),
        ("still", 21.0),
        ("lying", 72.0),
        ("standing", 20.0),
    ];
    let mut noise = Noise(3);
    let mut timeline = recorded("walk.csv", Zero::Unknown, &plan, 359.5, 0.02, &mut noise);
    timeline.steps.attention = (0..timeline.steps.len())
        .map(|_| noise.between(0.35, 1.0) as f32 * (1.0 + noise.next() as f32))
        .collect();
    timeline.overview.noticed = vec![Noticed {
        weight: Weight::Note,
        text: "3 samples had the time of the one before and were moved apart.".to_owned(),
        time_s: Some(131.2),
    }];
    timeline
}

fn recorded(
    name: &str,
    zero: Zero,
    plan: &[(&'static str, f64)],
    length_s: f64,
    column_s: f64,
    noise: &mut Noise,
) -> Timeline {
    let mut timeline = Timeline {
        recording: name.to_owned(),
        zero,
        labels: LABELS.map(str::to_owned).to_vec(),
        confidence: 0.8,
        ..Timeline::default()
    };
    timeline.steps.step_ns = STEP_NS;
    let mut at_s = 0.0;
    let step_s = STEP_NS as f64 / 1e9;
    for &(what, seconds) in plan {
        let start = (at_s / step_s).round();
        at_s = (at_s + seconds).min(length_s);
        let end = (at_s / step_s).round();
        let (start_ns, end_ns) = (start as i64 * STEP_NS, end as i64 * STEP_NS);
        if what == GAP {
            timeline.overview.stretches.push(Stretch {
                kind: StretchKind::Gap,
                start_s: start * step_s,
                length_s: (end - start) * step_s,
            });
        }
        if what == GAP || end <= start {
            continue;
        }
        if let Some(last) = timeline.segments.last_mut().filter(|last| last.activity == what) {
            last.end_ns = end_ns;
            answer(&mut timeline.steps, what, f64::from(last.confidence), (start as i64, end as i64), noise);
            continue;
        }
        let level = if what == NOT_WORN { 1.0 } else { noise.between(0.82, 0.995) };
        let flags =
            if matches!(what, "still" | "stairs" | "moving") { vec![Flag::BackedOff] } else { vec![] };
        let confidence = level as f32;
        timeline.segments.push(Segment { start_ns, end_ns, activity: what.to_owned(), confidence, flags });
        if what == NOT_WORN {
            let (start_s, length_s) = (start * step_s, (end - start) * step_s);
            timeline.overview.stretches.push(Stretch { kind: StretchKind::NotWorn, start_s, length_s });
        } else {
            answer(&mut timeline.steps, what, level, (start as i64, end as i64), noise);
        }
    }
    timeline.days = days(&timeline);
    timeline.overview = overview(&timeline, length_s, column_s, noise);
    timeline.card = [
        ("Name", "cnn-gru, any facing"),
        ("Trained on", "nothing"),
        ("Rate", "50 Hz, windows of 2.56 s"),
        ("Sensors", "accelerometer, gyroscope"),
        ("Test", "none: this recording and this model are made up"),
        ("Terms", "MIT or Apache-2.0; data CC BY 4.0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    timeline
}

/// Probabilities of an activity, less sure at its ends, wandering between.
fn answer(steps: &mut Steps, what: &str, level: f64, (start, end): (i64, i64), noise: &mut Noise) {
    let among: &[usize] = match what {
        "still" => &[3, 4],
        "stairs" => &[1, 2],
        "moving" => &[0, 1, 2],
        _ => &[],
    };
    let own = LABELS.iter().position(|label| *label == what);
    let rival = match own {
        Some(3) => 4,
        Some(4) => 3,
        Some(0) => 2,
        _ => 0,
    };
    let mut wander = 0.0;
    for step in start..end {
        wander = 0.97 * wander + 0.02 * (noise.next() - 0.5);
        let ends = (step - start).min(end - 1 - step) as f64;
        let sure = (level + wander - 0.3 * (-ends / 1.5).exp()).clamp(0.3, 0.998);
        let (mut row, mut unknown) = ([0.0f64; 6], (1.0 - sure) * 0.3);
        match (own, among) {
            (Some(own), _) => {
                row[own] = sure;
                row[rival] = (1.0 - sure) * 0.7;
            }
            (None, []) => {
                unknown = sure;
                row[0] = 1.0 - sure;
            }
            (None, among) => {
                let part = 0.5 + 4.0 * wander;
                row[among[0]] = sure * part.clamp(0.2, 0.8);
                row[among[1]] = sure - row[among[0]];
                row[5] = (1.0 - sure) * 0.7;
            }
        }
        steps.start_ns.push(step * STEP_NS);
        steps.probabilities.extend(row.map(|p| p as f32));
        steps.unknown.push(unknown as f32);
    }
}

/// Days from midnight to midnight; without a clock all of it is one.
fn days(timeline: &Timeline) -> Vec<Day> {
    const DAY_NS: i64 = 86_400_000_000_000;
    let local_ns = match timeline.zero {
        Zero::Utc { utc_ns, offset_s } => Some(utc_ns + i64::from(offset_s.unwrap_or(0)) * 1_000_000_000),
        Zero::Local { local_ns } => Some(local_ns),
        Zero::Unknown => None,
    };
    let number = |ns: i64| local_ns.map_or(0, |zero| (zero + ns) / DAY_NS - zero / DAY_NS);
    let mut days: Vec<Day> = Vec::new();
    let mut before: Option<&Segment> = None;
    for segment in &timeline.segments {
        let day = number(segment.start_ns) as usize;
        while days.len() <= day {
            let i = days.len() as i64;
            days.push(Day { date: local_ns.map(|_| format!("2026-05-{:02}", 4 + i)), ..Day::default() });
        }
        let day = &mut days[day];
        let minutes = segment.length_s() / 60.0;
        if segment.activity == NOT_WORN {
            day.not_worn_minutes += minutes;
        } else {
            day.worn_minutes += minutes;
            let place = day.activities.iter().position(|own| own.activity == segment.activity);
            let place = place.unwrap_or_else(|| {
                let activity = segment.activity.clone();
                day.activities.push(DayActivity {
                    activity,
                    minutes: 0.0,
                    bouts: [0; BOUT_BOUNDS_S.len() + 1],
                });
                day.activities.len() - 1
            });
            day.activities[place].minutes += minutes;
            day.activities[place].bouts
                [BOUT_BOUNDS_S.partition_point(|&bound| bound < segment.length_s())] += 1;
        }
        if let Some(before) =
            before.filter(|before| before.activity != NOT_WORN && segment.activity != NOT_WORN)
        {
            match day.transitions.iter_mut().find(|(a, b, _)| *a == before.activity && *b == segment.activity)
            {
                Some((.., n)) => *n += 1,
                None => day.transitions.push((before.activity.clone(), segment.activity.clone(), 1)),
            }
        }
        before = Some(segment);
    }
    for gap in timeline.overview.stretches.iter().filter(|stretch| stretch.kind == StretchKind::Gap) {
        if let Some(day) = days.get_mut(number((gap.start_s * 1e9) as i64) as usize) {
            day.missing_minutes += gap.length_s / 60.0;
        }
    }
    for day in &mut days {
        day.activities.sort_by(|a, b| b.minutes.total_cmp(&a.minutes));
    }
    days
}

fn overview(timeline: &Timeline, length_s: f64, column_s: f64, noise: &mut Noise) -> Overview {
    let mut acceleration = ZoomedOut {
        name: "accelerometer".to_owned(),
        unit: "g".to_owned(),
        width_s: column_s,
        bins: Vec::new(),
    };
    let mut turning =
        ZoomedOut { name: "gyroscope".to_owned(), unit: "rad/s".to_owned(), ..acceleration.clone() };
    for segment in &timeline.segments {
        let (mut up, size): ([f64; 3], f64) = match segment.activity.as_str() {
            "lying" => ([0.05, 0.2, 0.97], 0.006),
            "sitting" | "still" => ([0.93, 0.05, 0.33], 0.012),
            "standing" => ([0.99, -0.1, 0.05], 0.02),
            NOT_WORN => ([0.0, 0.0, 1.0], 0.001),
            "unknown" => ([0.98, -0.1, 0.1], 1.1),
            _ => ([0.98, -0.1, 0.1], 0.33),
        };
        up[2] += 0.1 * (noise.next() - 0.5);
        let first = (segment.start_ns as f64 / 1e9 / column_s).ceil() as u64;
        let last = (segment.end_ns as f64 / 1e9 / column_s).ceil() as u64;
        for column in first..last {
            let start_s = column as f64 * column_s;
            let narrow = column_s < 0.3;
            let mut one = |middle: f64, size: f64, rate: f64| -> (f32, f32) {
                let swing =
                    if narrow { (start_s * rate).sin() + 0.4 * (start_s * rate * 2.3).sin() } else { 0.0 };
                let centre = middle + size * (swing + 0.3 * (noise.next() - 0.5));
                let wide = if narrow { 0.0 } else { size * (1.0 + noise.next()) };
                ((centre - wide) as f32, (centre + wide) as f32)
            };
            for (signal, middles, size) in
                [(&mut acceleration, up, size), (&mut turning, [0.0; 3], size * 2.5)]
            {
                let axes = [
                    one(middles[0], size, 11.9),
                    one(middles[1], 0.6 * size, 5.9),
                    one(middles[2], 0.7 * size, 11.9),
                ];
                signal.bins.push(Bin { start_s, least: axes.map(|(a, _)| a), most: axes.map(|(_, b)| b) });
            }
        }
    }
    Overview {
        title: timeline.recording.clone(),
        usable: true,
        facts: [
            ("format", "CSV with a header"),
            ("rate", "50.0 Hz, as recorded 49.8 Hz"),
            ("sensors", "accelerometer in g, gyroscope in rad/s"),
            ("vertical", "found from walking: 2° from the x axis"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        start_s: 0.0,
        end_s: length_s,
        signals: vec![acceleration, turning],
        stretches: timeline.overview.stretches.clone(),
        ..Overview::default()
    }
}
