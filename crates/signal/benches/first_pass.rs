//! What the first pass over a long recording costs: `cargo bench -p ambulo-signal --bench first_pass [-- DAYS]`.
//!
//! A source in memory repeats ten minutes of movement and rest of a worn device at 100 Hz (acceleration and angular velocity
//! with noise, quantised as a device with 16 bits does it), so that nothing but the survey and the levelling is measured; the
//! source alone is given as well. Least time of some rounds, per sample of one sensor, for so many days (1 if not said). Where
//! others use the machine, a hundredth of a day fits between them. `-- DAYS once` makes the one pass once and nothing else, to
//! look at its memory from outside.

#![expect(clippy::print_stdout, reason = "its whole purpose")]
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::levelling::{first_pass, wearing_of};
use ambulo_signal::{Chunk, Header, Sensor, SensorInfo, Source, SourceError, Unit};
use std::time::Instant;

const ROUNDS: usize = 5;
/// Rounds go on for so long.
const SECONDS: f64 = 2.0;
const PERIOD_NS: i64 = 10_000_000;
const CHUNK: usize = 1 << 14;
/// Ten minutes.
const TABLE: usize = 60_000;

struct Repeated {
    header: Header,
    tables: [Vec<[f32; 3]>; 2],
    samples: usize,
    given: usize,
}

impl Repeated {
    fn new(samples: usize) -> Self {
        let info = |sensor, unit| SensorInfo { unit: Some(unit), ..SensorInfo::new(sensor) };
        let sensors =
            vec![info(Sensor::Accelerometer, Unit::G), info(Sensor::Gyroscope, Unit::DegreesPerSecond)];
        let mut state = 1u32;
        let mut noise = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let quantised = |v: f32, step: f32| (v / step).round() * step;
        let mut tables = [Vec::with_capacity(TABLE), Vec::with_capacity(TABLE)];
        for i in 0..TABLE {
            let t = i as f32 / 100.0;
            // Walking for four minutes, rest for six.
            let moves = if i < TABLE * 2 / 5 { 1.0 } else { 0.0 };
            let (step, stride) = ((12.0 * t).sin() * moves, (6.0 * t).cos() * moves);
            let mut near = |v: f32| v + (0.004 + 0.03 * moves) * noise();
            let acceleration = [near(0.97 + 0.4 * step), near(0.2 * stride), near(0.2 - 0.15 * step)];
            tables[0].push(acceleration.map(|v| quantised(v, 1.0 / 2048.0)));
            let turning = [near(0.05 * stride), near(0.02 * step), near(0.03 * stride)];
            tables[1].push(turning.map(|v| quantised(1000.0 * v, 2000.0 / 32_768.0)));
        }
        Self { header: Header { sensors, ..Header::default() }, tables, samples, given: 0 }
    }
}

impl Source for Repeated {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        chunk.clear(2);
        let end = self.samples.min(self.given + CHUNK);
        for (part, table) in chunk.parts.iter_mut().zip(&self.tables) {
            part.times_ns.extend((self.given..end).map(|i| PERIOD_NS * i as i64));
            let mut from = self.given;
            while from < end {
                let at = from % TABLE;
                let count = (end - from).min(TABLE - at);
                part.values.extend_from_slice(&table[at..at + count]);
                from += count;
            }
        }
        let more = self.given < end;
        self.given = end;
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.given = 0;
        Ok(())
    }
}

/// The least time of some rounds, in seconds.
fn least(mut run: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let (mut least, mut rounds) = (f64::INFINITY, 0);
    while rounds < ROUNDS || begun.elapsed().as_secs_f64() < SECONDS {
        let start = Instant::now();
        run();
        least = least.min(start.elapsed().as_secs_f64());
        rounds += 1;
    }
    least
}

fn main() {
    let days = std::env::args().find_map(|argument| argument.parse::<f64>().ok()).unwrap_or(1.0);
    let samples = (days * 8_640_000.0) as usize;
    let mut source = Repeated::new(samples);
    let declared = Declared::default();
    if std::env::args().any(|argument| argument == "once") {
        return assert!(first_pass(&mut source, &declared).unwrap().wearing.is_ok());
    }
    let say = |name: &str, seconds: f64| {
        println!("{name:<28} {seconds:>7.3} s {:>7.2} ns", 1e9 * seconds / (2 * samples) as f64);
    };
    println!("{days} days of two sensors at 100 Hz: {} samples of a sensor", 2 * samples);
    let alone = least(|| {
        let mut chunk = Chunk::default();
        while source.read(&mut chunk).unwrap() {}
        source.rewind().unwrap();
    });
    say("the source alone", alone);
    say("survey", least(|| drop(survey(&mut source, &declared).unwrap())));
    let both = least(|| {
        let report = survey(&mut source, &declared).unwrap();
        assert!(report.is_usable(), "{:?}", report.findings);
        assert_eq!(wearing_of(&mut source, &report, &declared).unwrap().len(), 1);
    });
    say("survey, then wearing", both);
    let once = least(|| {
        let found = first_pass(&mut source, &declared).unwrap();
        assert!(found.report.is_usable(), "{:?}", found.report.findings);
        assert_eq!(found.wearing.unwrap().len(), 1);
    });
    say("both in one pass", once);
}
