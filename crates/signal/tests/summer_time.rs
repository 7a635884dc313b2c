//! A wall clock without an offset from UTC that goes back by an hour: asked about, and answered in survey and intake alike.
#![allow(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

mod common;

use ambulo_signal::intake::{ClockBack, Declared, Intake, Piece, Report, survey};
use ambulo_signal::levelling::first_pass;
use ambulo_signal::{
    Chunk, FindingKind, Header, Place, Recording, Sensor, Severity, SignalError, Source, Start,
};
use common::{stamped, swaying, turning, walking};

const ACC: [Sensor; 1] = [Sensor::Accelerometer];
const HOUR_MS: f64 = 3_600_000.0;

/// Sixty seconds at 50 Hz whose clock goes back by so much after thirty.
fn set_back(start: Start, back_ms: f64) -> Recording {
    let time = move |i: usize| 20.0 * i as f64 - if i >= 1500 { back_ms } else { 0.0 };
    let acceleration = stamped(
        Sensor::Accelerometer,
        (0..3000).map(|i| (time(i), if i < 500 { swaying(i) } else { walking(i) })),
    );
    let gyroscope = stamped(Sensor::Gyroscope, (0..3000).map(|i| (time(i), turning(i))));
    Recording::new(Header { start, ..Header::default() }, vec![acceleration, gyroscope])
}

const LOCAL: Start = Start::Local { local_ns: 1_729_994_390_000_000_000 };

fn surveyed(recording: &Recording, clock_back: Option<ClockBack>) -> Report {
    survey(&mut recording.source(), &Declared { clock_back, ..Declared::default() }).unwrap()
}

fn shape(recording: &Recording, clock_back: Option<ClockBack>) -> Vec<(i64, usize)> {
    let declared = Declared { clock_back, ..Declared::default() };
    let report = surveyed(recording, clock_back);
    let mut intake =
        Intake::new(&report, &[Sensor::Accelerometer, Sensor::Gyroscope], 50.0, &declared).unwrap();
    let mut segments: Vec<(i64, usize)> = Vec::new();
    let mut sink = |piece: Piece<'_>| match piece {
        Piece::Begin { start_ns } => segments.push((start_ns / 1_000_000, 0)),
        Piece::Frames(frames) => segments.last_mut().unwrap().1 += frames.len() / 6,
        Piece::End => {}
    };
    let (mut chunk, mut source) = (Chunk::default(), recording.source());
    while source.read(&mut chunk).unwrap() {
        intake.push(&chunk, &mut sink);
    }
    intake.finish(&mut sink);
    let resets = intake.findings().iter().filter(|f| f.kind == FindingKind::ClockReset).count();
    assert_eq!(resets, if clock_back == Some(ClockBack::SummerTime) { 0 } else { 2 });
    segments
}

#[test]
fn an_hour_back_without_an_offset_is_asked_about() {
    let recording = set_back(LOCAL, HOUR_MS);
    let report = surveyed(&recording, None);
    let refusals: Vec<_> = report.refusals().collect();
    assert_eq!(refusals.len(), 2, "one for each sensor: {refusals:?}");
    for (refusal, sensor) in refusals.into_iter().zip([Sensor::Accelerometer, Sensor::Gyroscope]) {
        assert_eq!((refusal.kind, refusal.count), (FindingKind::ClockReset, 1));
        assert_eq!(refusal.first_place, Place::sample(sensor, 1500, (30_000 - 3_600_000) * 1_000_000));
        for word in ["1 h", "sample 1501", "summer"] {
            assert!(refusal.text.contains(word), "{}", refusal.text);
        }
    }
    let error = Intake::new(&report, &ACC, 50.0, &Declared::default()).unwrap_err();
    assert!(matches!(error, SignalError::Refused { .. }), "{error}");
}

#[test]
fn the_end_of_summer_time_adds_an_hour_and_a_restart_begins_anew() {
    let recording = set_back(LOCAL, HOUR_MS);
    let summer = surveyed(&recording, Some(ClockBack::SummerTime));
    assert!(summer.is_usable() && summer.findings.is_empty(), "{:?}", summer.findings);
    assert_eq!((summer.duration_s, summer.sensors[0].end_s), (59.98, 59.98));
    assert_eq!(shape(&recording, Some(ClockBack::SummerTime)), [(0, 3000)]);

    let restart = surveyed(&recording, Some(ClockBack::Restart));
    let resets: Vec<_> = restart.findings.iter().filter(|f| f.kind == FindingKind::ClockReset).collect();
    assert!(restart.is_usable() && resets.len() == 2);
    assert!(resets.iter().all(|f| f.severity == Severity::Warning && f.text.contains("sample 1501")));
    assert_eq!(shape(&recording, Some(ClockBack::Restart)), [(0, 1500), (30_000 - 3_600_000, 1500)]);
}

#[test]
fn other_steps_back_and_clocks_with_an_offset_are_resets() {
    for recording in [
        set_back(LOCAL, HOUR_MS - 2_100.0),
        set_back(LOCAL, HOUR_MS + 2_100.0),
        set_back(LOCAL, HOUR_MS / 2.0),
        set_back(Start::Unknown, HOUR_MS),
        set_back(Start::Utc { utc_ns: 0, offset_s: Some(3600) }, HOUR_MS),
    ] {
        let report = surveyed(&recording, None);
        assert!(report.is_usable(), "{:?}", report.findings);
        assert_eq!(report.findings.iter().filter(|f| f.kind == FindingKind::ClockReset).count(), 2);
        assert_eq!(shape(&recording, None).len(), 2);
    }
    // Within two seconds it is an hour.
    for by in [-1_900.0, 1_900.0] {
        assert!(!surveyed(&set_back(LOCAL, HOUR_MS + by), None).is_usable());
    }
}

#[test]
fn twice_an_hour_adds_two() {
    let time = |i: usize| 20.0 * i as f64 - HOUR_MS * (i / 1000) as f64;
    let series = stamped(Sensor::Accelerometer, (0..3000).map(|i| (time(i), walking(i))));
    let recording = Recording::new(Header { start: LOCAL, ..Header::default() }, vec![series]);
    let asked = surveyed(&recording, None);
    assert!(asked.refusals().next().unwrap().text.contains("2 times, first at sample 1001"));
    let summer = surveyed(&recording, Some(ClockBack::SummerTime));
    assert_eq!((summer.duration_s, summer.sensors[0].gaps.len()), (59.98, 0));
}

#[test]
fn wearing_is_looked_for_on_the_clock_that_was_put_right() {
    let declared = Declared { clock_back: Some(ClockBack::SummerTime), ..Declared::default() };
    let wearing = |recording: &Recording| first_pass(&mut recording.source(), &declared).unwrap().wearing;
    let found = wearing(&set_back(LOCAL, HOUR_MS));
    assert_eq!(found, wearing(&set_back(LOCAL, 0.0)));
    assert_ne!(found, Ok(Vec::new()), "periods, or why there are none");
}
