//! A large data set in little memory: as many people and hours as are asked for, made by repeating the bundled recordings under other
//! names and a little louder each time, then one epoch of training, with the peak of memory and the speed of preparation.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example large -- DIRECTORY [PEOPLE] [HOURS] [MODEL]
//! ```
//!
//! 100 people of 5 hours and `tiny` unless something else is asked for; the run goes to `DIRECTORY`. `AMBULO_MEMORY` says what samples may
//! take in memory, `AMBULO_CACHE` where the others go.

#![allow(clippy::print_stdout)]

use ambulo_data::{
    Content, Dataset, Facts, LabelInterval, LabelledRecording, Spool, check_duplicates, hapt, lookup,
};
use ambulo_record::{EpochRecord, PersonId};
use ambulo_signal::{Recording, Sensor};
use ambulo_train::{Config, ModelKind, Observer, Orientation, Outcome, Progress, Protocol, Run};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const RATE_HZ: f64 = 50.0;
const STEP_NS: i64 = 20_000_000;

/// Says what happens, and when.
struct Lines(Instant);

impl Observer for Lines {
    fn step(&mut self, _: &Progress) {}
    fn epoch(&mut self, record: &EpochRecord) {
        println!(
            "{:7.1} s  epoch {}, loss {:.4}, memory at most {}",
            self.0.elapsed().as_secs_f64(),
            record.epoch,
            record.train_loss,
            peak()
        );
    }
    fn message(&mut self, text: &str) {
        println!("{:7.1} s  {text}, memory at most {}", self.0.elapsed().as_secs_f64(), peak());
    }
}

/// The most memory that this process has had, as Linux says it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |kilobytes| kilobytes.trim().to_owned())
}

/// The bundled recordings one after the other, from another one on for each person.
struct Tape {
    acceleration: Vec<[f32; 3]>,
    turning: Vec<[f32; 3]>,
    labels: Vec<LabelInterval>,
}

impl Tape {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let mut tape = Self { acceleration: Vec::new(), turning: Vec::new(), labels: Vec::new() };
        let Content::Recordings(recordings) = hapt()?.content else { return Err("no recordings".into()) };
        for own in &recordings {
            let start_ns = tape.acceleration.len() as i64 * STEP_NS;
            tape.acceleration.extend_from_slice(&own.recording.values(Sensor::Accelerometer)?);
            tape.turning.extend_from_slice(&own.recording.values(Sensor::Gyroscope)?);
            tape.labels.extend(own.labels.iter().map(|interval| LabelInterval {
                start_ns: start_ns + interval.start_ns,
                end_ns: start_ns + interval.end_ns,
                label: Arc::clone(&interval.label),
            }));
        }
        Ok(tape)
    }

    /// So many samples from `first` on, round and round.
    fn person(&self, number: usize, first: usize, samples: usize) -> (Recording, Vec<LabelInterval>) {
        let length = self.acceleration.len();
        let louder = 1.0 + 1e-4 * (number + 1) as f32;
        let part = |all: &[[f32; 3]]| -> Vec<[f32; 3]> {
            (first..first + samples).map(|i| all[i % length].map(|v| v * louder)).collect()
        };
        let (begin, end) = (first as i64 * STEP_NS, (first + samples) as i64 * STEP_NS);
        let mut labels = Vec::new();
        for round in 0..=((first + samples) / length) as i64 {
            let offset = round * length as i64 * STEP_NS;
            labels.extend(self.labels.iter().filter_map(|interval| {
                let start_ns = (interval.start_ns + offset).max(begin) - begin;
                let end_ns = (interval.end_ns + offset).min(end) - begin;
                (start_ns < end_ns).then(|| LabelInterval {
                    start_ns,
                    end_ns,
                    label: Arc::clone(&interval.label),
                })
            }));
        }
        (Recording::uniform(RATE_HZ, part(&self.acceleration), Some(part(&self.turning))), labels)
    }
}

fn dataset(people: usize, hours: f64) -> Result<Dataset, Box<dyn std::error::Error>> {
    let spool = Spool::shared()?;
    let tape = Tape::new()?;
    let samples = (hours * 3600.0 * RATE_HZ) as usize;
    let facts = Arc::new(Facts { dataset: "large".into(), ..Facts::default() });
    let mut recordings = Vec::with_capacity(people);
    for number in 0..people {
        let (recording, labels) = tape.person(number, number * 104_729, samples);
        recordings.push(LabelledRecording {
            person: PersonId::new(format!("P{number}"))?,
            name: format!("day of P{number}"),
            facts: Arc::clone(&facts),
            up: None,
            recording: spool.store(recording)?,
            labels,
        });
    }
    let mut info = lookup("hapt")?;
    (info.name, info.cohort, info.sha256) = ("large".into(), "made up".into(), None);
    Ok(Dataset::new(info, "0".repeat(64), Content::Recordings(recordings)))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("give a directory for the run")?;
    let people: usize = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let hours: f64 = arguments.next().map_or(Ok(5.0), |text| text.parse())?;
    let model: ModelKind = arguments.next().map_or(Ok(ModelKind::Tiny), |text| text.parse())?;
    let began = Instant::now();
    let seconds = || began.elapsed().as_secs_f64();
    let dataset = dataset(people, hours)?;
    let Content::Recordings(recordings) = &dataset.content else { return Err("no recordings".into()) };
    let samples: u64 = recordings.iter().map(LabelledRecording::len).sum();
    let on_disk = recordings.iter().filter(|r| r.recording.in_memory().is_none()).count();
    println!(
        "{:7.1} s  {samples} samples of {people} people, {on_disk} of them on disk, memory at most {}",
        seconds(),
        peak()
    );

    let mut config = Config::of(model, Orientation::AnyFacing);
    (config.protocol, config.fold) = (Protocol::Groups(10), Some(1));
    (config.training.epochs, config.training.refit) = (1, false);
    let (develop, _test) = config.protocol.split(&dataset, 1)?.into_parts();
    let (training, _) = develop.hold_out_validation(config.validation.subjects, config.validation.seed)?;
    let cut = Instant::now();
    let windows = training.cut(&dataset, &config.preprocessing, &config.label_set())?;
    let own: u64 =
        recordings.iter().filter(|r| training.ids().contains(&r.person)).map(LabelledRecording::len).sum();
    println!(
        "{:7.1} s  prepared {own} samples as {} windows, {:.2} million samples a second on {} threads, memory at most {}",
        seconds(),
        windows.len(),
        own as f64 / cut.elapsed().as_secs_f64() / 1e6,
        rayon::current_num_threads(),
        peak()
    );
    drop(windows);
    let looked = Instant::now();
    check_duplicates(&dataset)?;
    println!(
        "{:7.1} s  no duplicates, looked for in {:.1} s, memory at most {}",
        seconds(),
        looked.elapsed().as_secs_f64(),
        peak()
    );
    let run = Run::create(Path::new(&directory), Config { allow_duplicates: true, ..config }, &dataset)?;
    match run.execute(&dataset, "", &AtomicBool::new(false), &mut Lines(began))? {
        Outcome::Finished(metrics) => println!(
            "{:7.1} s  accuracy {:.4} on {} windows, memory at most {}",
            seconds(),
            metrics.test.accuracy.mean,
            metrics.windows.test,
            peak()
        ),
        Outcome::Interrupted => {}
    }
    Ok(())
}
