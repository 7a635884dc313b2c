//! What is kept in a file has the bits of what is kept in memory.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{LabelledRecording, Spool, Stored};
use ambulo_signal::intake::{Declared, survey};
use ambulo_signal::{
    Chunk, Clock, Header, Preprocessing, Recording, Sensor, SensorInfo, SensorSeries, Source,
};
use common::{bundled, dataset, recordings, swaying};
use proptest::prelude::*;

fn on_disk(recording: Recording) -> Stored {
    let stored = Spool::new(0, std::env::temp_dir()).store(recording).unwrap();
    assert!(matches!(stored, Stored::Disk(_)) && stored.in_memory().is_none());
    stored
}

fn chunks(source: &mut dyn Source) -> Vec<Chunk> {
    let (mut all, mut chunk) = (Vec::new(), Chunk::default());
    while source.read(&mut chunk).unwrap() {
        all.push(chunk.clone());
    }
    all
}

/// A series whose clock is uniform, or of stamps that jitter, repeat and step back; sometimes with too few of them.
fn series(sensor: Sensor) -> impl Strategy<Value = SensorSeries> {
    let clock = prop_oneof![
        (-1_000_000_000i64..1_000_000_000, 10.0..300.0f64)
            .prop_map(|(start_ns, rate_hz)| Clock::Uniform { start_ns, rate_hz }),
        (prop::collection::vec(-5_000_000i64..25_000_000, 1..400), 1usize..200).prop_map(
            |(steps, repeat)| {
                let mut now = 0;
                let steps = steps.iter().cycle().take(steps.len() * repeat);
                Clock::Stamps(
                    steps
                        .map(|step| {
                            now += step;
                            now
                        })
                        .collect(),
                )
            }
        ),
    ];
    (clock, 0usize..60_000, any::<u32>()).prop_map(move |(clock, samples, seed)| {
        let value = |i: usize| (i as u32).wrapping_mul(seed | 1) as f32 / 1e9;
        let values = (0..samples).map(|i| [value(i), value(i + 1), if i % 97 == 0 { f32::NAN } else { 1.0 }]);
        SensorSeries { info: SensorInfo::new(sensor), clock, values: values.collect() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_recording_comes_back_as_it_went(
        acceleration in series(Sensor::Accelerometer), turning in prop::option::of(series(Sensor::Gyroscope))
    ) {
        let header = Header { origin: "a file".into(), ..Header::default() };
        let recording = Recording::new(header, [acceleration].into_iter().chain(turning).collect());
        let memory = Stored::from(recording.clone());
        let disk = on_disk(recording);
        let bits = |chunks: &[Chunk]| -> Vec<(Vec<i64>, Vec<u32>)> {
            let parts = chunks.iter().flat_map(|chunk| &chunk.parts);
            parts.map(|p| (p.times_ns.clone(), p.values.as_flattened().iter().map(|v| v.to_bits()).collect())).collect()
        };
        let expected = chunks(&mut memory.source());
        let mut source = disk.source();
        prop_assert_eq!(bits(&chunks(&mut source)), bits(&expected));
        source.rewind().unwrap();
        prop_assert_eq!(bits(&chunks(&mut source)), bits(&expected));
        prop_assert_eq!(disk.header(), memory.header());
        for sensor in Sensor::ALL {
            let facts = |stored: &Stored| stored.series(sensor).map(|s| (s.info.clone(), s.clock, s.samples));
            prop_assert_eq!(facts(&disk), facts(&memory));
            prop_assert_eq!(disk.clock(sensor).unwrap(), memory.clock(sensor).unwrap());
        }
        let loaded = disk.load().unwrap();
        prop_assert_eq!(bits(&chunks(&mut loaded.source())), bits(&expected));
    }
}

#[test]
fn the_first_recordings_stay_in_memory() {
    let recording = || Recording::uniform(50.0, vec![[0.0, 0.0, 1.0]; 100], None);
    let spool = Spool::new(2500, std::env::temp_dir());
    let stored: Vec<bool> = (0..4).map(|_| spool.store(recording()).unwrap().in_memory().is_some()).collect();
    assert_eq!(stored, [true, true, false, false]);
    let missing = Spool::new(0, "/no such directory");
    assert!(missing.store(recording()).is_err());
}

#[test]
fn segments_and_surveys_do_not_depend_on_where_samples_lie() {
    let own = &recordings(bundled())[4];
    let memory = own.recording.in_memory().unwrap();
    let disk = on_disk(memory.clone());
    let declared = Declared::default();
    let report = |source: &mut dyn Source| format!("{:?}", survey(source, &declared).unwrap());
    assert_eq!(report(&mut disk.source()), report(&mut memory.source()));
    let p = Preprocessing::default();
    let expected = p.segments(&mut memory.source(), &declared).unwrap().0;
    assert_eq!(p.segments(&mut disk.source(), &declared).unwrap().0, expected);
}

#[test]
fn copies_are_found_on_disk_too() {
    let other = |person, recording: &LabelledRecording| LabelledRecording {
        person: ambulo_record::PersonId::from(person),
        name: format!("copy of {}", recording.name),
        ..recording.clone()
    };
    let bundled = recordings(bundled());
    let all = vec![
        bundled[0].clone(),
        bundled[1].clone(),
        other(99, &bundled[0]),
        swaying(3, 3, vec![1; 400]),
        other(98, &bundled[1]),
    ];
    let in_memory = dataset(all.clone());
    let elsewhere = dataset(
        all.into_iter()
            .map(|r| LabelledRecording { recording: on_disk(r.recording.load().unwrap().into_owned()), ..r })
            .collect(),
    );
    let found = in_memory.duplicates().unwrap();
    assert!(found.len() >= 2, "{found:?}");
    assert_eq!(elsewhere.duplicates().unwrap(), found);
    // The same content, wherever the samples are.
    assert_eq!(elsewhere.sha256, in_memory.sha256);
    for (there, here) in recordings(&elsewhere).iter().zip(recordings(&in_memory)) {
        assert!(there.recording.load().unwrap() == here.recording.load().unwrap());
    }
}
