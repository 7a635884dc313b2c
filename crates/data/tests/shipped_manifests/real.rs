//! Files as published: counts by label against counts made without any of this code.

use super::body::Folder;
use super::check::{counts, manifest, read, recordings, samples};
use crate::common::shared;
use ambulo_data::{Dataset, HAPT_SHA256};
use ambulo_signal::Sensor;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

fn at_hand(name: &str) -> Option<Dataset> {
    Some(read(name, &shared(name)?).unwrap_or_else(|error| panic!("{error}")))
}

fn people(dataset: &Dataset) -> Vec<String> {
    dataset.subjects().iter().map(ToString::to_string).collect()
}

/// Recordings for each placement.
fn by_placement(dataset: &Dataset) -> BTreeMap<&str, usize> {
    let mut all = BTreeMap::new();
    for recording in recordings(dataset) {
        *all.entry(recording.facts.placement.as_deref().unwrap()).or_default() += 1;
    }
    all
}

fn expected(of: &[(&str, usize)]) -> BTreeMap<String, usize> {
    of.iter().map(|&(label, count)| (label.to_owned(), count)).collect()
}

#[test]
fn sp_sw() {
    let Some(dataset) = at_hand("sp-sw") else { return };
    assert_eq!((recordings(&dataset).len(), people(&dataset).len()), (446, 23));
    assert_eq!(by_placement(&dataset), BTreeMap::from([("pocket", 223), ("wrist", 223)]));
    // 521,766 rows, as in the data set's own description.
    let rows = [
        ("sitting", 64_789),
        ("sit_to_stand", 55_068),
        ("walking", 232_195),
        ("turning", 105_389),
        ("stand_to_sit", 64_325),
    ];
    assert_eq!(counts(recordings(&dataset)), expected(&rows));
    let groups: BTreeSet<&str> =
        recordings(&dataset).iter().filter_map(|r| r.facts.group.as_deref()).collect();
    assert_eq!(groups.into_iter().collect::<Vec<_>>(), ["40 to 59", "60 and above", "below 40"]);
}

#[test]
fn sisfall() {
    let (Some(root), Some(dataset)) = (shared("sisfall"), at_hand("sisfall")) else { return };
    // Walking and the like count while the wearer moves; what does not is without a label.
    let mut whole = manifest("sisfall");
    whole.labels.while_moving.clear();
    let whole = whole.read_dataset(&root, &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    let all = people(&dataset);
    assert_eq!((all.len(), all[0].as_str(), all[18].as_str()), (19, "SA01", "SE07"));
    // 593 files but 38 of each of D11, D14 and D17, which are left out.
    assert_eq!(recordings(&dataset).len(), 593 - 3 * 38);
    assert_eq!(by_placement(&dataset), BTreeMap::from([("waist", 593 - 3 * 38)]));
    let rows = [
        ("walking", 395_981 + 395_997),
        ("running", 395_993 + 378_001),
        ("stairs", 189_995 + 129_991),
        ("posture_change", 91_196 + 91_200 + 86_400 + 86_399 + 91_198 + 62_400),
        ("bending", 90_399 + 90_387),
        ("stumble", 62_397),
        ("jumping", 62_399),
    ];
    assert_eq!(counts(recordings(&whole)), expected(&rows));
    let moving = counts(recordings(&dataset));
    assert_eq!(moving.values().sum::<usize>(), rows.iter().map(|(_, count)| *count).sum::<usize>());
    for (label, count) in rows {
        let share = moving[label] as f64 / count as f64;
        let least = if matches!(label, "walking" | "running") { 0.98 } else { 0.1 };
        assert!((least..=1.0).contains(&share), "{label}: {share}");
    }
    let young = recordings(&dataset).iter().filter(|r| r.person.as_str() < "SE");
    assert!(young.into_iter().all(|r| r.facts.group.as_deref() == Some("19 to 30 years")));
    // `up` is what the manifest says, for everyone: the mean while walking.
    assert_eq!(manifest("sisfall").defaults.up.as_deref(), Some("-y"));
    for recording in recordings(&dataset).iter().filter(|r| r.name.contains("D01")) {
        let values = &samples(recording).sensor(Sensor::Accelerometer).unwrap().values;
        let mean = values.iter().map(|v| f64::from(v[1])).sum::<f64>() / values.len() as f64;
        assert!((-1.1..-0.75).contains(&mean), "{}: {mean}", recording.name);
    }
}

#[test]
fn umafall() {
    let Some(dataset) = at_hand("umafall") else { return };
    assert_eq!(people(&dataset), ["02", "04", "06", "09", "12"]);
    // A wrist that never rests may look as if gravity had been taken out: those are named, and nothing else is missing.
    let passed = |placement: &str| {
        let recording = format!("/{placement}: ").replace("pocket", "rightpocket");
        let is = |text: &str| text.contains(&recording) && text.contains("gravity looks removed");
        dataset.findings.iter().filter(|finding| is(&finding.finding.text)).count()
    };
    let complete = [
        ("pocket", 160, 478_257),
        ("chest", 160, 47_493),
        ("waist", 117, 35_028),
        ("wrist", 160, 47_529),
        ("ankle", 160, 47_518),
    ];
    let found = by_placement(&dataset);
    for (placement, recorded, rows) in complete {
        let read: usize = recordings(&dataset)
            .iter()
            .filter(|r| r.facts.placement.as_deref() == Some(placement))
            .map(|r| {
                let gyroscope = samples(r).sensor(Sensor::Gyroscope).is_some();
                assert_eq!(gyroscope, placement != "pocket", "{}", r.name);
                samples(r).sensor(Sensor::Accelerometer).unwrap().values.len()
            })
            .sum();
        let missing = recorded - found[placement];
        // Once for each recording, or once for all of a kind.
        assert_eq!(missing > 0, passed(placement) > 0, "{placement}");
        assert!(missing <= 3, "{placement}: {missing}");
        if missing == 0 {
            assert_eq!(read, rows, "{placement}");
        }
    }
    // Of the phone's recordings, one for each file.
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for recording in recordings(&dataset).iter().filter(|r| r.facts.placement.as_deref() == Some("pocket")) {
        *files.entry(&recording.labels[0].label).or_default() += 1;
    }
    let expected = BTreeMap::from([
        ("bending", 15),
        ("calisthenics", 15),
        ("hand_task", 45),
        ("jumping", 15),
        ("lie_down", 18),
        ("posture_change", 15),
        ("running", 9),
        ("walking", 16),
        ("walking_downstairs", 6),
        ("walking_upstairs", 6),
    ]);
    assert_eq!(files, expected);
}

/// The complete recordings, written as they were published: counts of samples, and the hash of all that was measured.
#[test]
#[cfg(feature = "bundled-data")]
fn hapt() {
    let bundled = ambulo_data::hapt().unwrap();
    let folder = Folder::new();
    let mut labels = String::new();
    for recording in recordings(&bundled) {
        let (experiment, person): (u16, u16) =
            (recording.name.parse().unwrap(), recording.person.as_str().parse().unwrap());
        for (sensor, name) in [(Sensor::Accelerometer, "acc"), (Sensor::Gyroscope, "gyro")] {
            let mut text = String::new();
            for [x, y, z] in &samples(recording).sensor(sensor).unwrap().values {
                writeln!(text, "{x:e} {y:e} {z:e}").unwrap();
            }
            folder
                .write(&format!("HAPT Data Set/RawData/{name}_exp{experiment:02}_user{person:02}.txt"), text);
        }
        for interval in &recording.labels {
            let code = bundled.info.activities.iter().position(|name| **name == *interval.label).unwrap() + 1;
            let (first, behind) = (interval.start_ns / 20_000_000 + 1, interval.end_ns / 20_000_000);
            writeln!(labels, "{experiment} {person} {code} {first} {behind}").unwrap();
        }
    }
    folder.write("HAPT Data Set/RawData/labels.txt", labels);
    folder.write("HAPT Data Set/Train/X_train.txt", "1 2 3\n");
    let dataset = read("hapt", folder.path()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(people(&dataset), people(&bundled));
    assert_eq!(recordings(&dataset).len(), 61);
    assert_eq!(dataset.published_test, bundled.published_test);
    assert_eq!(counts(recordings(&dataset)), counts(recordings(&bundled)));
    assert_eq!(dataset.sha256, HAPT_SHA256);
}
