//! What a survey says about values: kind, severity, count and first place of each finding, at the edges of its thresholds.

mod common;

use ambulo_signal::intake::{Declared, Intake, Report, survey};
use ambulo_signal::{
    Clock, Finding, FindingKind, Place, Recording, STANDARD_GRAVITY, Sensor, SensorInfo, SensorSeries,
    Severity, SignalError, Unit,
};
use common::{accelerometer, brief, one, recording, surveyed, swaying, turning, walking};

const ACC: [Sensor; 1] = [Sensor::Accelerometer];

fn scaled(values: impl Iterator<Item = [f32; 3]>, by: f64) -> Vec<[f32; 3]> {
    values.map(|v| v.map(|v| (f64::from(v) * by) as f32)).collect()
}

/// A minute of walking with ten seconds of standing, with so much to a g.
fn worn(g: f64) -> Vec<[f32; 3]> {
    let value = |i: usize| if (1000..1500).contains(&i) { swaying(i) } else { walking(i) };
    scaled((0..3000).map(value), g)
}

fn with_gyroscope(
    acceleration: Vec<[f32; 3]>,
    unit: Option<Unit>,
    angular_velocity: Vec<[f32; 3]>,
) -> Recording {
    let series =
        |info, values| SensorSeries { info, clock: Clock::Uniform { start_ns: 0, rate_hz: 50.0 }, values };
    recording(vec![
        series(SensorInfo::new(Sensor::Accelerometer), acceleration),
        series(SensorInfo { unit, ..SensorInfo::new(Sensor::Gyroscope) }, angular_velocity),
    ])
}

fn of(report: &Report, kind: FindingKind) -> Option<&Finding> {
    report.findings.iter().find(|f| f.kind == kind)
}

/// The only finding.
fn only(report: &Report) -> &Finding {
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    &report.findings[0]
}

#[test]
fn an_ordinary_recording_has_no_findings() {
    let turns = || (0..3000).map(turning).collect();
    let report = surveyed(&with_gyroscope(worn(1.0), Some(Unit::RadiansPerSecond), turns()));
    assert_eq!(report.findings, []);
    let [acc, gyro] = &report.sensors[..] else { panic!("{:?}", report.sensors) };
    assert_eq!((acc.samples, acc.rate_hz, acc.gravity, gyro.gravity), (3000, Some(50.0), Some(true), None));
    assert!((acc.at_rest_g.unwrap() - 1.0).abs() < 0.01);
    assert_eq!((acc.first, acc.last), (Some(walking(0)), Some(walking(2999))));
    assert_eq!((report.duration_s, acc.start_s, acc.end_s, acc.rail_share), (59.98, 0.0, 59.98, 0.0));
}

#[test]
fn a_unit_that_is_not_stated_is_found_at_rest_and_said() {
    for (unit, g) in [(Unit::G, 1.0), (Unit::MetresPerSecondSquared, STANDARD_GRAVITY), (Unit::MilliG, 1e3)] {
        let report = surveyed(&accelerometer(None, worn(g)));
        let said = only(&report);
        assert_eq!((said.kind, said.severity, said.count), (FindingKind::Unit, Severity::Note, 1));
        assert_eq!(said.first_place, Place::sensor(Sensor::Accelerometer));
        assert_eq!(report.sensors[0].unit_found, Some(unit));
        assert!(report.sensors[0].unit_because.starts_with("inferred: acceleration measures"));
        let first = report.sensors[0].first.unwrap();
        assert!(first.iter().zip(walking(0)).all(|(a, b)| (a - b).abs() < 1e-6));
    }
    let report = surveyed(&accelerometer(None, worn(2048.0)));
    assert_eq!((only(&report).kind, only(&report).severity), (FindingKind::UnitUnknown, Severity::Refusal));
    assert!(only(&report).text.contains("counts of a device with 2048 to a g?"), "{}", only(&report).text);
}

#[test]
fn the_stated_unit_is_held_against_rest_and_what_is_declared_stands() {
    let refusal = |g: f64| surveyed(&accelerometer(Some(Unit::G), worn(g)));
    let metres = refusal(9.6);
    assert_eq!((only(&metres).kind, only(&metres).severity), (FindingKind::Unit, Severity::Refusal));
    assert!(only(&metres).text.contains("looks like m/s2"));
    assert_eq!(metres.sensors[0].unit_found, None);
    assert!(only(&refusal(1000.0)).text.contains("looks like mg"));
    assert_eq!(only(&refusal(0.5)).kind, FindingKind::Calibration);
    // A quarter off is believed, a tenth off is said.
    assert_eq!(brief(&refusal(1.09).findings), []);
    let off = refusal(1.2);
    assert_eq!(brief(&off.findings), [(FindingKind::Calibration, Severity::Note, 1, None)]);
    assert!(off.is_usable() && !refusal(1.28).is_usable() && !refusal(0.72).is_usable());

    let declare = |unit, g: f64| {
        let declared = Declared { acceleration: Some(unit), ..Declared::default() };
        let report = survey(&mut accelerometer(Some(Unit::G), worn(g)).source(), &declared).unwrap();
        Intake::new(&report, &ACC, 50.0, &declared).unwrap();
        report
    };
    let report = declare(Unit::MetresPerSecondSquared, STANDARD_GRAVITY);
    assert_eq!((report.findings.len(), report.sensors[0].unit_because.as_str()), (0, "declared"));
    let report = declare(Unit::G, STANDARD_GRAVITY);
    assert_eq!((only(&report).kind, only(&report).severity), (FindingKind::Calibration, Severity::Warning));
}

#[test]
fn without_stillness_a_wrong_unit_is_found_by_the_middle_and_a_strange_gait_passes() {
    let moving = |g: f64| surveyed(&accelerometer(Some(Unit::G), scaled((0..3000).map(walking), g)));
    assert!(moving(1.0).is_usable() && moving(1.5).is_usable());
    assert!(!moving(9.8).is_usable());
    assert_eq!(moving(1.0).sensors[0].at_rest_g, None);
}

#[test]
fn a_drop_out_filled_with_zeros_does_not_condemn_a_recording() {
    let mut values = worn(1.0);
    values[2000..2200].fill([0.0; 3]);
    let report = surveyed(&accelerometer(None, values));
    assert_eq!(report.sensors[0].unit_found, Some(Unit::G));
    assert!((report.sensors[0].at_rest_g.unwrap() - 1.0).abs() < 0.01);
}

#[test]
fn gravity_that_was_taken_out_is_noticed_still_and_moving() {
    let without = |i: usize| {
        let [x, y, z] = if i > 2500 { swaying(i) } else { walking(i) };
        [x, y, z - 1.0]
    };
    for unit in [None, Some(Unit::G), Some(Unit::MetresPerSecondSquared)] {
        let g = if unit == Some(Unit::G) { 1.0 } else { STANDARD_GRAVITY };
        for samples in [2500, 3000] {
            let report = surveyed(&accelerometer(unit, scaled((0..samples).map(without), g)));
            let refusal = report.refusals().next().unwrap();
            assert_eq!((refusal.kind, refusal.count), (FindingKind::GravityRemoved, 1), "{unit:?}");
            assert_eq!(refusal.first_place, Place::sensor(Sensor::Accelerometer));
            assert_eq!(report.sensors[0].gravity, Some(false));
        }
    }
}

#[test]
fn degrees_are_told_from_radians_and_a_glitch_is_no_unit() {
    let degrees = |by: f64| scaled((0..3000).map(turning), by);
    let turns = |unit, values: Vec<[f32; 3]>| surveyed(&with_gyroscope(worn(1.0), unit, values));
    let report = turns(Some(Unit::RadiansPerSecond), degrees(60.0));
    let refusal = only(&report);
    assert_eq!((refusal.kind, refusal.severity), (FindingKind::Unit, Severity::Refusal));
    assert_eq!(refusal.first_place, Place::sensor(Sensor::Gyroscope));
    assert!(refusal.text.contains("looks like deg/s"));
    // Models on acceleration alone do not mind.
    Intake::new(&report, &ACC, 50.0, &Declared::default()).unwrap();
    let both = [Sensor::Accelerometer, Sensor::Gyroscope];
    let error = Intake::new(&report, &both, 50.0, &Declared::default()).unwrap_err();
    assert!(matches!(error, SignalError::Refused { .. }), "{error}");

    // Not stated: degrees by their size, radians by a wearer who moves.
    for (by, unit) in
        [(60.0, Unit::DegreesPerSecond), (1.0, Unit::RadiansPerSecond), (6e4, Unit::MilliDegreesPerSecond)]
    {
        let report = turns(None, degrees(by));
        assert_eq!(report.sensors[1].unit_found, Some(unit));
        assert_eq!((only(&report).kind, only(&report).severity), (FindingKind::Unit, Severity::Note));
    }
    let still = vec![[0.01, 0.0, 0.0]; 3000];
    assert!(turns(None, still).refusals().any(|f| f.kind == FindingKind::UnitUnknown));
    // Radians stated as degrees.
    let report = turns(Some(Unit::DegreesPerSecond), degrees(1.0));
    assert_eq!((only(&report).kind, only(&report).severity), (FindingKind::Unit, Severity::Warning));
    assert!(only(&report).text.contains("looks like rad/s"), "{}", only(&report).text);

    // Two glitches, one beyond any sensor.
    let mut glitched = degrees(1.0);
    (glitched[700], glitched[800]) = ([45.0, 0.0, 0.0], [0.0, 2e3, 0.0]);
    let report = turns(Some(Unit::RadiansPerSecond), glitched);
    assert_eq!(brief(&report.findings), [(FindingKind::Impossible, Severity::Warning, 1, Some(800))]);
}

#[test]
fn values_beyond_any_sensor_are_counted_in_the_unit_that_was_found() {
    for (unit, edge) in [(Unit::G, 32.0f32), (Unit::MilliG, 32_000.0), (Unit::MetresPerSecondSquared, 313.8)]
    {
        let mut values = worn(1.0 / unit.factor());
        values[100] = [0.0, edge, 0.0];
        assert_eq!(brief(&surveyed(&accelerometer(Some(unit), values.clone())).findings), [], "{unit}");
        values[100] = [0.0, edge * 1.001, 0.0];
        values[200] = [f32::MAX, 0.0, 0.0];
        let report = surveyed(&accelerometer(Some(unit), values));
        assert_eq!(brief(&report.findings), [(FindingKind::Impossible, Severity::Warning, 2, Some(100))]);
        assert_eq!(only(&report).first_place.time_s, Some(2.0));
    }
}

#[test]
fn missing_values_have_their_place() {
    let mut values = worn(1.0);
    values[40..50].fill([f32::NAN, 0.0, 1.0]);
    values[90][2] = f32::NEG_INFINITY;
    let report = surveyed(&accelerometer(Some(Unit::G), values));
    assert_eq!(brief(&report.findings), [(FindingKind::Missing, Severity::Note, 11, Some(40))]);
    assert_eq!(only(&report).first_place, Place::sample(Sensor::Accelerometer, 40, 800_000_000));

    let report = surveyed(&accelerometer(Some(Unit::G), vec![[f32::NAN; 3]; 100]));
    assert_eq!((only(&report).kind, only(&report).severity), (FindingKind::Missing, Severity::Refusal));
    let empty = surveyed(&accelerometer(Some(Unit::G), Vec::new()));
    assert_eq!((only(&empty).severity, empty.sensors[0].rate_hz), (Severity::Refusal, None));
    assert!(surveyed(&recording(Vec::new())).findings.iter().any(|f| f.kind == FindingKind::SensorMissing));
}

#[test]
fn a_gyroscope_that_gives_nothing_is_as_good_as_none() {
    for values in [Vec::new(), vec![[f32::NAN; 3]; 3000]] {
        let report = surveyed(&with_gyroscope(worn(1.0), Some(Unit::RadiansPerSecond), values));
        assert_eq!((only(&report).kind, only(&report).severity), (FindingKind::Missing, Severity::Warning));
        let both = [Sensor::Accelerometer, Sensor::Gyroscope];
        let error = Intake::new(&report, &both, 50.0, &Declared::default()).unwrap_err();
        assert_eq!(error, SignalError::NoSensor { sensor: Sensor::Gyroscope });
        Intake::new(&report, &ACC, 50.0, &Declared::default()).unwrap();
    }
}

#[test]
fn nothing_but_zeros_is_no_measurement() {
    let report = surveyed(&accelerometer(Some(Unit::G), vec![[0.0; 3]; 500]));
    assert_eq!(
        (only(&report).kind, only(&report).severity, only(&report).count),
        (FindingKind::AllZero, Severity::Refusal, 500)
    );
    let zeros = vec![[0.0; 3]; 3000];
    let report = surveyed(&with_gyroscope(worn(1.0), Some(Unit::RadiansPerSecond), zeros));
    assert_eq!((only(&report).kind, only(&report).severity), (FindingKind::AllZero, Severity::Warning));
    // A single value that is not.
    let mut values = vec![[0.0; 3]; 3000];
    values[5] = [0.1, 0.0, 0.0];
    let report = surveyed(&with_gyroscope(worn(1.0), Some(Unit::RadiansPerSecond), values));
    assert_eq!(of(&report, FindingKind::AllZero), None);
}

#[test]
fn an_axis_that_is_stuck_for_ten_seconds_is_named() {
    let stuck = |samples: usize| {
        let mut values = worn(1.0);
        values[100..100 + samples].iter_mut().for_each(|v| v[1] = 0.25);
        surveyed(&accelerometer(Some(Unit::G), values))
    };
    assert_eq!(brief(&stuck(501).findings), [], "ten seconds from the first to the last");
    let report = stuck(502);
    assert_eq!(brief(&report.findings), [(FindingKind::StuckAxis, Severity::Warning, 1, Some(100))]);
    assert!(only(&report).text.contains("axis y"), "{}", only(&report).text);
}

#[test]
fn an_axis_that_is_stuck_for_most_of_it_is_refused_and_is_no_question_of_units() {
    for unit in [None, Some(Unit::G)] {
        let mut values = worn(1.0);
        values.iter_mut().for_each(|v| v[2] = 2.6);
        let report = surveyed(&accelerometer(unit, values.clone()));
        assert_eq!(brief(&report.findings), [(FindingKind::StuckAxis, Severity::Refusal, 1, Some(0))]);
        for word in ["axis z", "stuck", "2.6", "60 s"] {
            assert!(only(&report).text.contains(word), "{}", only(&report).text);
        }
        // Ten seconds that lack a sample: stuck throughout.
        let short = surveyed(&accelerometer(unit, values[..500].to_vec()));
        assert_eq!(brief(&short.findings), [(FindingKind::StuckAxis, Severity::Refusal, 1, Some(0))]);
    }
    // A gyroscope, which not every model needs.
    let turns = (0..3000).map(|i| [0.5, turning(i)[1], turning(i)[2]]).collect();
    let report = surveyed(&with_gyroscope(worn(1.0), Some(Unit::RadiansPerSecond), turns));
    assert_eq!(brief(&report.findings), [(FindingKind::StuckAxis, Severity::Warning, 1, Some(0))]);
}

#[test]
fn a_range_that_ends_where_ranges_end_speaks_for_the_stated_unit() {
    let clipped = |gain: f64, end: f32, unit: Unit| {
        let values = scaled((0..3000).map(|i| if i < 1500 { swaying(i) } else { walking(i) }), gain);
        let values = values.into_iter().map(|v| v.map(|v| v.clamp(-end, end)));
        surveyed(&accelerometer(Some(unit), values.map(|v| v.map(|v| v / unit.factor() as f32)).collect()))
    };
    for (gain, end) in [(1.9, 2.0), (6.0, 6.0), (3.0, 4.0)] {
        for unit in [Unit::G, Unit::MilliG] {
            let report = clipped(gain, end, unit);
            assert!(report.is_usable(), "{:?}", report.findings);
            assert_eq!((report.sensors[0].unit_found, report.sensors[0].gravity), (Some(unit), Some(true)));
            let said = of(&report, FindingKind::Calibration).unwrap();
            assert_eq!(said.severity, Severity::Warning);
            let rail = of(&report, FindingKind::Rail).unwrap();
            let share = 100.0 * report.sensors[0].rail_share;
            let percent = if share < 10.0 { format!("{share:.2}% of") } else { format!("{share:.1}% of") };
            assert!(rail.text.contains(&percent) && rail.text.contains("on z at"), "{}", rail.text);
            assert!(said.text.contains(&percent), "{}", said.text);
        }
    }
    // No sensor's range ends at 2.5 g, and a device that lies there does not move.
    assert!(!clipped(2.0, 2.5, Unit::G).is_usable());
    assert!(!surveyed(&accelerometer(Some(Unit::G), vec![[0.0, 2.0, 0.0]; 1000])).is_usable());
    // Metres per second squared stay what they are.
    assert!(!clipped(9.81, 16.0, Unit::G).is_usable());
}

#[test]
fn summaries_of_epochs_are_refused_before_anything_else() {
    let slow = |step_ms: f64| {
        let samples = (0..300).map(|i| (step_ms * i as f64, walking(i)));
        surveyed(&recording(vec![common::stamped(Sensor::Accelerometer, samples)]))
    };
    for (step_ms, text) in [(60_000.0, "each 60 s"), (1000.0, "each 1 s"), (15_000.0, "each 15 s")] {
        let report = slow(step_ms);
        let first = report.refusals().next().unwrap();
        assert_eq!((first.kind, report.refusals().count()), (FindingKind::Rate, 1), "{:?}", report.findings);
        assert!(first.text.contains(text) && first.text.contains("epoch"), "{}", first.text);
    }
    let report = slow(500.0);
    let said = of(&report, FindingKind::Rate).unwrap();
    assert!(report.is_usable() && said.severity == Severity::Warning, "{:?}", report.findings);
    assert!(said.text.contains("2.0 Hz"), "{}", said.text);
    // It can be looked at, and a model of 50 Hz cannot use it.
    let error = Intake::new(&report, &ACC, 50.0, &Declared::default()).unwrap_err();
    assert_eq!(
        error.to_string().lines().next().unwrap(),
        "the recording has 2.00 samples per second, 50 are expected (within 1 %)"
    );
    Intake::new(&report, &ACC, 10.0, &Declared::default()).unwrap();
}

#[test]
fn zeros_are_a_sensor_that_was_off() {
    let zeros = |n: usize| {
        let mut values = worn(1.0);
        values[..n].fill([0.0; 3]);
        surveyed(&accelerometer(Some(Unit::G), values))
    };
    assert_eq!(brief(&zeros(9).findings), []);
    let report = zeros(500);
    assert_eq!(brief(&report.findings), [(FindingKind::AllZero, Severity::Warning, 500, Some(0))]);
    assert!(report.is_usable() && only(&report).text.contains("500 of 3000"), "{}", only(&report).text);
}

#[test]
fn what_names_and_values_say_of_gravity_is_one_finding() {
    let mut header = ambulo_signal::Header::default();
    header.findings.push(Finding::new(
        FindingKind::GravityRemoved,
        Severity::Refusal,
        "the column says linear",
    ));
    let values = (0..3000).map(|i| [walking(i)[0], walking(i)[1], walking(i)[2] - 1.0]).collect();
    let series = one(Sensor::Accelerometer, Some(Unit::G), values).series().to_vec();
    let report = surveyed(&Recording::new(header, series));
    assert_eq!(only(&report).first_place, Place::sensor(Sensor::Accelerometer));
    assert!(only(&report).text.starts_with("the column says linear; acceleration measures"));
    assert!(only(&report).text.contains("gravity-free"));
}

#[test]
fn the_end_of_the_range_is_a_warning_from_half_a_per_cent() {
    let clipped = |runs: usize, size: f32| {
        let mut values = worn(1.0);
        for run in 0..runs {
            values[50 * run + 10..50 * run + 13].iter_mut().for_each(|v| v[0] = size);
        }
        surveyed(&accelerometer(Some(Unit::G), values))
    };
    // Fifteen of 3,000 samples.
    let report = clipped(5, -2.0);
    assert_eq!(brief(&report.findings), [(FindingKind::Rail, Severity::Warning, 15, Some(10))]);
    assert!((report.sensors[0].rail_share - 0.005).abs() < 1e-12);
    assert!(only(&report).text.contains("0.50% of the samples") && only(&report).text.contains("at 2.000 g"));
    assert_eq!(brief(&clipped(4, 2.0).findings), [(FindingKind::Rail, Severity::Note, 12, Some(10))]);
    // No sensor's range ends at 1.4 g.
    assert_eq!(brief(&clipped(5, 1.4).findings), []);
    // In another unit it is the same.
    let mut values = worn(STANDARD_GRAVITY);
    values[10..14].iter_mut().for_each(|v| v[2] = 19.6133);
    let report = surveyed(&accelerometer(Some(Unit::MetresPerSecondSquared), values));
    assert_eq!(brief(&report.findings), [(FindingKind::Rail, Severity::Note, 4, Some(10))]);
    assert!(only(&report).text.contains("at 2.000 g"), "{}", only(&report).text);
}

#[test]
fn a_device_that_lies_perfectly_still_is_neither_clipped_nor_broken() {
    let report = surveyed(&accelerometer(Some(Unit::G), vec![[0.02, 0.0, 1.01]; 3000]));
    assert_eq!(brief(&report.findings), [(FindingKind::Rate, Severity::Note, 2999, Some(1))]);
}

#[test]
fn samples_that_repeat_from_a_fifth_on_are_said() {
    let repeating = |every: usize| {
        let mut values = worn(1.0);
        (1..3000).filter(|i| i % every == 1).for_each(|i| values[i] = values[i - 1]);
        brief(&surveyed(&accelerometer(Some(Unit::G), values)).findings)
    };
    assert_eq!(repeating(5), [], "600 of 3,000");
    assert_eq!(repeating(4), [(FindingKind::Rate, Severity::Note, 750, Some(1))]);
}

#[test]
fn axes_that_are_changed_are_said_and_a_mirror_is_warned_of() {
    let r = accelerometer(Some(Unit::G), worn(1.0));
    for (axes, severity) in [("-y,x,z", Severity::Note), ("y,x,z", Severity::Warning)] {
        let declared = Declared { axes: axes.parse().unwrap(), ..Declared::default() };
        let report = survey(&mut r.source(), &declared).unwrap();
        assert_eq!((only(&report).kind, only(&report).severity), (FindingKind::Axes, severity));
        let [x, y, z] = walking(0);
        let expected = if severity == Severity::Note { [-y, x, z] } else { [y, x, z] };
        assert_eq!(report.sensors[0].first, Some(expected));
    }
}

#[test]
fn what_the_reader_found_is_kept_and_refusals_come_first() {
    let mut header = ambulo_signal::Header::default();
    header.findings.push(Finding::new(FindingKind::File, Severity::Note, "the last line is cut"));
    let series = one(Sensor::Accelerometer, Some(Unit::G), worn(9.8)).series().to_vec();
    let report = surveyed(&Recording::new(header, series));
    assert_eq!(
        report.findings.iter().map(|f| f.kind).collect::<Vec<_>>(),
        [FindingKind::Unit, FindingKind::File]
    );
    // Reports are written and read.
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
}
