//! One pass against its parts, and the cheaper way to wearing periods against the intake's.

mod common;

use ambulo_signal::intake::{Declared, Piece, Report, survey};
use ambulo_signal::levelling::{Stretches, WearingPeriod, Worn, first_pass, wearing_of, wearing_periods};
use ambulo_signal::{
    Channel, Chunk, Chunker, Finding, FindingKind, Header, Phase, Preprocessing, Recording, Resampling,
    Rotation, Sensor, SensorInfo, SensorSeries, Severity, SignalError, Source, SourceError, Unit,
};
use common::{Pieces, recording, stamped, swaying, turning, walking};

/// The periods by the intake's way to 50 Hz, as a model's preprocessing has it.
fn by_intake(
    source: &mut dyn Source,
    report: &Report,
    declared: &Declared,
) -> Result<Vec<WearingPeriod>, SignalError> {
    let acceleration = |channel: &Channel| channel.sensor() == Sensor::Accelerometer;
    let p = Preprocessing {
        channels: Channel::INERTIAL.into_iter().filter(acceleration).collect(),
        phase: Phase::Causal,
        resampling: Resampling::Linear,
        ..Preprocessing::default()
    };
    let (mut intake, mut chunker) = (p.intake(report, declared)?, Chunker::new(&p)?);
    let (mut stretches, mut jobs) = (Stretches::new(p.rate_hz, p.layout()), Vec::new());
    let mut take = |piece: Piece<'_>| {
        let ends = matches!(piece, Piece::End);
        match piece {
            Piece::Begin { .. } => {}
            Piece::Frames(frames) => chunker.push(frames, &mut jobs),
            Piece::End => chunker.end(&mut jobs),
        }
        jobs.drain(..).for_each(|job| stretches.push(chunker.run(job).values()));
        if ends {
            stretches.end_segment();
        }
    };
    let mut chunk = Chunk::default();
    while source.read(&mut chunk)? {
        intake.push(&chunk, &mut take);
    }
    intake.finish(&mut take);
    source.rewind()?;
    wearing_periods(&stretches)
}

/// The periods without their place in time.
fn plain(worn: Vec<Worn>) -> Vec<WearingPeriod> {
    worn.into_iter().map(|worn| worn.period).collect()
}

fn about_y(angle: f32) -> Rotation {
    Rotation::about([0.0, 1.0, 0.0], angle)
}

/// Two ways of wearing, eleven minutes each, half of them walking, at a rate; stamps in ms by `stamp`, values times `scale`.
fn worn(hz: f64, scale: f32, stamp: impl Fn(usize) -> f64) -> SensorSeries {
    let part = (660.0 * hz) as usize;
    stamped(
        Sensor::Accelerometer,
        (0..2 * part).map(|i| {
            let at_50_hz = (i as f64 * 50.0 / hz) as usize;
            let still = i % part >= part / 2;
            let value = if still { swaying(at_50_hz) } else { walking(at_50_hz) };
            (stamp(i), about_y(if i < part { 0.3 } else { 2.0 }).apply(value).map(|v| v * scale))
        }),
    )
}

/// Numbers from 0 to 1 that look like chance.
fn chance(i: usize) -> f64 {
    (i as f64 * 0.618_033_988_75 * 97.0).fract()
}

fn same_periods(a: &[WearingPeriod], b: &[WearingPeriod]) {
    assert_eq!((a.len(), b.len()), (2, 2), "{a:?} {b:?}");
    for (a, b) in a.iter().zip(b) {
        let cosine: f32 = a.vertical.iter().zip(b.vertical).map(|(a, b)| a * b).sum();
        assert!(cosine > 0.9999 && a.segment == b.segment && a.row.abs_diff(b.row) <= 64, "{a:?} {b:?}");
    }
}

#[test]
fn at_50_hz_the_periods_are_those_of_the_intake() {
    let mut series = worn(50.0, 1.0, |i| 20.0 * i as f64 + if i > 40_000 { 5000.0 } else { 0.0 });
    for at in [2000, 2001, 31_000, 50_000] {
        series.values[at] = [f32::NAN; 3];
        series.values[at + 700] = [0.0, 50.0, 0.0];
    }
    let recording = recording(vec![series]);
    let declared = Declared { axes: "-y,x,z".parse().unwrap(), ..Declared::default() };
    let report = survey(&mut recording.source(), &declared).unwrap();
    let expected = by_intake(&mut recording.source(), &report, &declared).unwrap();
    assert_eq!(expected.len(), 2, "{expected:?}");
    assert!(expected[1].segment > 0, "{expected:?}");
    assert_eq!(plain(wearing_of(&mut recording.source(), &report, &declared).unwrap()), expected);
    for size in [1, 64, 1000, 100_000] {
        let found = first_pass(&mut Pieces::new(&recording, size), &declared).unwrap();
        assert_eq!(found.report, report);
        let worn = found.wearing.unwrap();
        // The second wearing begins where its row lies in time.
        let begins_ns = worn[1].start_ns;
        assert!(
            worn[0].start_ns == 0 && (650_000_000_000..670_000_000_000).contains(&begins_ns),
            "{begins_ns}"
        );
        assert_eq!(plain(worn), expected);
    }
}

#[test]
fn at_other_rates_and_with_jitter_they_are_the_same_in_kind() {
    let regular = |hz: f64| worn(hz, 1.0, move |i| 1e3 * i as f64 / hz);
    let series = [
        regular(51.2),
        regular(100.0),
        regular(128.0),
        regular(99.6),
        // Stamps of whole milliseconds with jitter, of batches, and with lost samples.
        worn(100.0, 1.0, |i| (10.0 * i as f64 + 8.0 * chance(i)).floor()),
        worn(100.0, 1.0, |i| 500.0 * (i / 50) as f64),
        worn(50.5, 1.0, |i| i as f64 * 1e3 / 50.5 + 15.0 * chance(i)),
        worn(100.0, 1.0, |i| 10.0 * i as f64 + 170.0 * (i / 1000) as f64),
    ];
    for series in series {
        let recording = recording(vec![series]);
        let declared = Declared::default();
        let found = first_pass(&mut recording.source(), &declared).unwrap();
        let expected = by_intake(&mut recording.source(), &found.report, &declared).unwrap();
        assert_eq!(
            wearing_of(&mut recording.source(), &found.report, &declared).as_ref(),
            found.wearing.as_ref()
        );
        same_periods(&plain(found.wearing.unwrap()), &expected);
    }
}

#[test]
fn a_unit_that_only_the_survey_finds_is_no_hindrance() {
    let mut series = worn(50.0, 9.80665, |i| 20.0 * i as f64);
    series.info.unit = None;
    let declared = Declared::default();
    let periods = |series: &SensorSeries| {
        let recording = recording(vec![series.clone()]);
        let found = first_pass(&mut recording.source(), &declared).unwrap();
        assert_eq!(found.report.sensors[0].unit_found, Some(Unit::MetresPerSecondSquared));
        let expected = by_intake(&mut recording.source(), &found.report, &declared).unwrap();
        (plain(found.wearing.unwrap()), expected)
    };
    let (found, expected) = periods(&series);
    same_periods(&found, &expected);
    // 51 g is no acceleration, which could not be known while it passed by.
    series.values[100] = [0.0, 500.0, 0.0];
    let (found, expected) = periods(&series);
    assert_eq!(found, expected);
}

#[test]
fn what_cannot_be_levelled_says_why() {
    let why = |recording: &Recording| {
        let found = first_pass(&mut recording.source(), &Declared::default()).unwrap();
        assert_eq!(found.report, survey(&mut recording.source(), &Declared::default()).unwrap());
        let again = wearing_of(&mut recording.source(), &found.report, &Declared::default());
        assert_eq!(found.wearing, again);
        found.wearing.unwrap_err().to_string()
    };
    let gyroscope = stamped(Sensor::Gyroscope, (0..3000).map(|i| (20.0 * i as f64, turning(i))));
    assert!(why(&recording(vec![gyroscope])).contains("accelerometer"));
    assert!(why(&recording(vec![worn(8.0, 1.0, |i| 125.0 * i as f64)])).contains('8'));
    let slow = recording(vec![worn(25.0, 1.0, |i| 40.0 * i as f64)]);
    assert!(first_pass(&mut slow.source(), &Declared::default()).unwrap().wearing.is_ok());
    let still = stamped(Sensor::Accelerometer, (0..3000).map(|i| (20.0 * i as f64, swaying(i))));
    assert!(why(&recording(vec![still])).contains("moves about in 0 stretches"));
    let unfit = Declared { max_gap_s: -1.0, ..Declared::default() };
    let found = first_pass(&mut recording(vec![worn(50.0, 1.0, |i| 20.0 * i as f64)]).source(), &unfit);
    assert!(matches!(found.unwrap().wearing, Err(SignalError::Setting { field: "max_gap_s", .. })));
}

/// Fails after some chunks, or ends with a finding that it has not had before.
struct Odd {
    header: Header,
    chunks: usize,
    fails: bool,
}

impl Source for Odd {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        chunk.clear(1);
        if self.chunks == 0 {
            self.header.findings.push(Finding::new(FindingKind::File, Severity::Warning, "cut off"));
            return if self.fails { Err(SourceError::new("no more")) } else { Ok(false) };
        }
        self.chunks -= 1;
        chunk.parts[0].push(-20_000_000 * self.chunks as i64, [0.0, 0.0, 1.0]);
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        Ok(())
    }
}

#[test]
fn every_chunk_is_seen_and_what_fails_is_said() {
    let header = Header { sensors: vec![SensorInfo::new(Sensor::Accelerometer)], ..Header::default() };
    let mut ends = Odd { header: header.clone(), chunks: 1000, fails: false };
    let found = first_pass(&mut ends, &Declared::default()).unwrap();
    assert_eq!((found.report.sensors[0].samples, found.report.duration_s), (1000, 19.98));
    assert!(found.report.findings.iter().any(|f| f.text == "cut off"));
    let mut fails = Odd { header, chunks: 50, fails: true };
    assert_eq!(first_pass(&mut fails, &Declared::default()).unwrap_err().to_string(), "no more");
}
