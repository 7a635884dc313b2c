//! Faults that are planted into real recordings are found, each with its place, and nothing else is.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

use ambulo_data::manifest::Manifest;
use ambulo_data::{
    Content, Dataset, ExamineOptions, FileFaults, LabelInterval, LabelledRecording, examine, hapt,
};
use ambulo_record::PersonId;
use ambulo_record::examination::{Examination, Problem, ProblemKind, ProblemWeight};
use ambulo_signal::{Clock, Header, Recording, Sensor, SensorSeries};
use std::sync::LazyLock;

/// Ten people who sit and stand as most do, the first recording of each.
static CLEAN: LazyLock<Dataset> = LazyLock::new(|| {
    let mut dataset = hapt().unwrap();
    let Content::Recordings(recordings) = &mut dataset.content else { unreachable!() };
    const PEOPLE: [u16; 10] = [1, 2, 3, 8, 13, 14, 18, 20, 21, 22];
    recordings.retain(|r| PEOPLE.map(PersonId::from).contains(&r.person));
    recordings.dedup_by(|b, a| a.person == b.person);
    assert_eq!(recordings.len(), 10);
    dataset
});

fn look(dataset: &Dataset) -> Examination {
    examine(dataset, Vec::new(), &ExamineOptions::default(), &mut |_, _| {})
}

/// The clean data set with a change.
fn changed(change: impl FnOnce(&mut Vec<LabelledRecording>)) -> Dataset {
    let mut dataset = CLEAN.clone();
    let Content::Recordings(recordings) = &mut dataset.content else { unreachable!() };
    change(recordings);
    dataset
}

fn of(recordings: &mut [LabelledRecording], person: u16) -> &mut LabelledRecording {
    recordings.iter_mut().find(|r| r.person == PersonId::from(person)).unwrap()
}

/// Changes the series of a recording.
fn measured(labelled: &mut LabelledRecording, change: impl Fn(&mut SensorSeries)) {
    let loaded = labelled.recording.load().unwrap().into_owned();
    let mut series = loaded.series().to_vec();
    series.iter_mut().for_each(change);
    labelled.recording = Recording::new(loaded.header().clone(), series).into();
}

/// What is more than a note: kind, person, recordings.
fn found(examination: &Examination) -> Vec<(ProblemKind, String, Vec<&str>)> {
    let weighty = examination.problems.iter().filter(|problem| problem.weight != ProblemWeight::Note);
    let place = |problem: &Problem| problem.place.person.as_ref().map_or(String::new(), ToString::to_string);
    weighty.map(|p| (p.kind, place(p), p.place.recordings.iter().map(String::as_str).collect())).collect()
}

#[test]
fn the_clean_set_has_no_problem() {
    let examination = look(&CLEAN);
    assert_eq!(found(&examination), [], "{:#?}", examination.problems);
    assert_eq!((examination.recordings, examination.people.len()), (10, 10));
    assert_eq!(examination.placements["waist"], examination.total);
    let labelled: f64 = examination.activities.iter().map(|activity| activity.amount.seconds).sum();
    let seconds = |label: &str| {
        let all = examination.people.iter().filter_map(|person| person.activities.get(label));
        all.map(|amount| amount.seconds).sum::<f64>()
    };
    assert!((labelled + seconds("unlabelled") - examination.total.seconds).abs() < 1e-6);
    // As the data set counts its samples.
    let summary = ambulo_data::summarise(&CLEAN, 128, 64).unwrap().activities();
    for activity in &examination.activities {
        let expected = summary[&activity.label];
        assert!((activity.amount.seconds - expected.seconds).abs() < 1e-6, "{activity:?} {expected:?}");
        assert_eq!(activity.amount.windows, expected.windows, "{}", activity.label);
    }
    assert!(examination.not_checked[0].contains("no times"), "{:?}", examination.not_checked);
    let json = serde_json::to_string(&examination).unwrap();
    assert_eq!(serde_json::from_str::<Examination>(&json).unwrap(), examination);
    assert_eq!(look(&CLEAN), examination, "the same each time");
}

#[test]
fn two_people_with_one_recording() {
    let dataset = changed(|recordings| {
        let mut copy = of(recordings, 2).clone();
        (copy.person, copy.name) = (PersonId::from(12), "copied".into());
        recordings.push(copy);
    });
    let examination = look(&dataset);
    assert_eq!(found(&examination), [(ProblemKind::CopyOfPerson, "12".into(), vec!["3", "copied"])]);
    assert!(examination.problems[0].text.contains("person 2"), "{}", examination.problems[0].text);
}

#[test]
fn a_recording_under_two_labels() {
    let dataset = changed(|recordings| {
        let mut copy = of(recordings, 2).clone();
        copy.name = "again".into();
        for interval in copy.labels.iter_mut().filter(|interval| &*interval.label == "walking") {
            interval.label = "walking_upstairs".into();
        }
        recordings.push(copy);
    });
    let examination = look(&dataset);
    assert_eq!(found(&examination), [(ProblemKind::CopyOfLabel, "2".into(), vec!["3", "again"])]);
    assert!(examination.problems[0].text.contains("`walking`"), "{}", examination.problems[0].text);
}

#[test]
fn a_person_in_other_units() {
    for (sensor, factor, says) in [
        (Sensor::Accelerometer, 9.80665, "m/s²"),
        (Sensor::Gyroscope, 57.295_78, "degrees taken for radians"),
        (Sensor::Gyroscope, 1.0 / 57.295_78, "radians taken for degrees"),
    ] {
        let dataset = changed(|recordings| {
            measured(of(recordings, 13), |series| {
                if series.info.sensor == sensor {
                    series.values.iter_mut().flatten().for_each(|v| *v *= factor);
                }
            });
        });
        let examination = look(&dataset);
        assert_eq!(found(&examination), [(ProblemKind::Unit, "13".into(), vec!["26"])], "{sensor} {factor}");
        assert!(examination.problems[0].text.contains(says), "{}", examination.problems[0].text);
    }
}

#[test]
fn swapped_and_mirrored_axes() {
    // Of both sensors: up is elsewhere, and the device turns the other way.
    let swapped = changed(|recordings| {
        measured(of(recordings, 14), |series| series.values.iter_mut().for_each(|v| v.swap(0, 1)));
    });
    let examination = look(&swapped);
    let expected = [ProblemKind::AxesBetweenSensors, ProblemKind::Axes];
    assert_eq!(found(&examination), expected.map(|kind| (kind, "14".into(), vec!["28"])));
    assert!(examination.problems[0].text.contains("mirrored"), "{}", examination.problems[0].text);
    // Of one sensor: where up is stays.
    let one = changed(|recordings| {
        measured(of(recordings, 14), |series| {
            if series.info.sensor == Sensor::Gyroscope {
                series.values.iter_mut().for_each(|v| *v = [v[1], -v[0], v[2]]);
            }
        });
    });
    let examination = look(&one);
    assert_eq!(found(&examination), [(ProblemKind::AxesBetweenSensors, "14".into(), vec!["28"])]);
    assert!(examination.problems[0].text.contains("as -y,x,z"), "{}", examination.problems[0].text);
}

#[test]
fn a_rate_that_is_two_per_cent_off() {
    // With a label for each sample, as tables have them.
    let stamp = |labelled: &mut LabelledRecording, rate_hz: f64| {
        measured(labelled, |series| {
            let stamps = (0..series.values.len()).map(|i| (i as f64 * 1e9 / rate_hz) as i64);
            series.clock = Clock::Stamps(stamps.collect());
        });
        for time_ns in labelled.labels.iter_mut().flat_map(|i| [&mut i.start_ns, &mut i.end_ns]) {
            *time_ns = (*time_ns as f64 * 50.0 / rate_hz) as i64;
        }
    };
    let dataset = changed(|recordings| {
        for labelled in recordings.iter_mut() {
            let hz = if labelled.person == PersonId::from(8) { 51.0 } else { 50.1 };
            stamp(labelled, hz);
        }
    });
    let examination = look(&dataset);
    assert_eq!(found(&examination), [(ProblemKind::Rate, "8".into(), vec!["15"])]);
    assert!(examination.problems[0].text.contains("51.0 Hz"), "{}", examination.problems[0].text);
    let rate = &examination.rates[3];
    assert_eq!((rate.person.as_str(), rate.stated_hz, rate.checked), ("8", 50.0, 1));
    // All of them: said once, and nobody is named.
    let dataset = changed(|recordings| {
        recordings.iter_mut().for_each(|labelled| stamp(labelled, 52.0));
    });
    let examination = look(&dataset);
    assert_eq!(found(&examination), []);
    let said: Vec<&Problem> = examination.problems.iter().filter(|p| p.kind == ProblemKind::Rate).collect();
    assert!(said.len() == 1 && said[0].place.person.is_none(), "{said:#?}");
}

#[test]
fn labels_that_come_five_seconds_late_or_early() {
    for (shift_s, says) in [(5, "5.00 s too late"), (-5, "5.00 s too early")] {
        let dataset = changed(|recordings| {
            for LabelInterval { start_ns, end_ns, .. } in &mut of(recordings, 8).labels {
                *start_ns += shift_s * 1_000_000_000;
                *end_ns += shift_s * 1_000_000_000;
            }
        });
        let examination = look(&dataset);
        assert_eq!(found(&examination), [(ProblemKind::LabelsShifted, "8".into(), vec!["15"])]);
        let text = &examination.problems[0].text;
        let seconds: f64 = text.split(" come ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!((seconds - 5.0).abs() <= 0.5 && text.contains(&says[7..]), "{text}");
    }
}

#[test]
fn empty_and_unlabelled_recordings() {
    let dataset = changed(|recordings| {
        let mut empty = of(recordings, 3).clone();
        (empty.name, empty.labels) = ("empty".into(), Vec::new());
        empty.recording = Recording::new(Header::default(), Vec::new()).into();
        recordings.push(empty);
        of(recordings, 18).labels.clear();
    });
    let examination = look(&dataset);
    let expected =
        [(ProblemKind::Empty, "3".into(), vec!["empty"]), (ProblemKind::Unlabelled, "18".into(), vec!["36"])];
    assert_eq!(found(&examination), expected);
}

#[test]
fn a_person_whose_sitting_and_lying_are_exchanged() {
    let dataset = changed(|recordings| {
        for interval in &mut of(recordings, 1).labels {
            interval.label = match &*interval.label {
                "sitting" => "lying".into(),
                "lying" => "sitting".into(),
                _ => interval.label.clone(),
            };
        }
    });
    let examination = look(&dataset);
    let strange = |_| (ProblemKind::StrangePerson, "1".to_owned(), vec!["1"]);
    assert_eq!(found(&examination), [0, 1].map(strange), "{:#?}", examination.problems);
}

#[test]
fn a_stretch_that_looks_like_its_neighbours() {
    let mut place = (0, 0);
    let dataset = changed(|recordings| {
        // Eight seconds within a long rest are said to be something else.
        let labels = &mut of(recordings, 20).labels;
        let at = labels
            .iter()
            .position(|i| &*i.label == "lying" && i.end_ns - i.start_ns > 15_000_000_000)
            .unwrap();
        let long = labels[at].clone();
        place = (long.start_ns + 4_000_000_000, long.start_ns + 11_000_000_000);
        labels[at].end_ns = place.0;
        labels.insert(at + 1, LabelInterval { start_ns: place.0, end_ns: place.1, label: "standing".into() });
        labels.insert(at + 2, LabelInterval { start_ns: place.1, ..long });
    });
    let examination = look(&dataset);
    assert_eq!(found(&examination), [(ProblemKind::StrangeLabel, "20".into(), vec!["40"])]);
    let problem = &examination.problems[0].place;
    assert_eq!((problem.start_s, problem.end_s), (Some(place.0 as f64 / 1e9), Some(place.1 as f64 / 1e9)));
}

#[test]
fn what_reading_met_comes_first() {
    let file = "s07/walk.csv";
    let problem =
        Problem::new(ProblemKind::Unreadable, ProblemWeight::Fault, "is empty", "restore it").within([file]);
    let examination = examine(&CLEAN, vec![problem.clone()], &ExamineOptions::default(), &mut |_, _| {});
    assert_eq!(examination.problems[0], problem);
    assert_eq!(examination.count(ProblemWeight::Fault), 1);
}

/// Half a minute of rest and of something like steps, in g times a factor.
fn table(person: u32, factor: f64, label: &str) -> String {
    let mut text = "time,acc_x,acc_y,acc_z,activity\n".to_owned();
    for i in 0..1500u32 {
        let noise = 0.002 * f64::from((i * (7 + person)) % 13);
        let (label, step) =
            if i < 750 { ("sitting", 0.0) } else { (label, 0.3 * (0.25 * f64::from(i)).sin()) };
        let [x, y, z] = [1.0 + step, noise, 0.05 - noise].map(|v| factor * v);
        text.push_str(&format!("{:.2},{x:.5},{y:.5},{z:.5},{label}\n", 0.02 * f64::from(i)));
    }
    text
}

#[test]
fn files_that_cannot_be_read_are_named_and_the_others_examined() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    for person in 1..=3 {
        write(&format!("s{person}.csv"), &table(person, 1.0, "walking"));
    }
    write("s4.csv", &table(4, 9.80665, "walking"));
    write("s5.csv", "");
    write("s6.csv", &table(6, 1.0, "wobbling"));
    write("s7.csv", &table(7, 1.0, "wobbling"));
    let manifest = "manifest = 1\nname = \"s\"\ntitle = \"s\"\nlicence = \"none\"\n\
                    verified = { on = \"nothing\", what = \"\" }\n[[files]]\npattern = \"{person}.csv\"\n\
                    columns = \"time=time,ax=acc_x,ay=acc_y,az=acc_z\"\nunits = \"acc=g\"\ntime = \"s\"\n\
                    label = { column = \"activity\" }\n[labels.map]\nsitting = \"sitting\"\nwalking = \"walking\"\n";
    let manifest = Manifest::parse(manifest, "s.toml").unwrap();
    let mut faults = FileFaults::default();
    let dataset = manifest.read_dataset_despite(folder.path(), &mut |_| {}, &mut Ok, &mut |file, error| {
        faults.add(file, &error);
        Ok(())
    });
    let examination =
        examine(&dataset.unwrap(), faults.into_problems(), &ExamineOptions::default(), &mut |_, _| {});
    assert_eq!(examination.people.len(), 3);
    let expected = [
        (ProblemKind::Empty, String::new(), vec!["s5.csv"]),
        (ProblemKind::Unit, String::new(), vec!["s4.csv"]),
        (ProblemKind::UnknownLabel, String::new(), vec!["s6.csv", "s7.csv"]),
    ];
    assert_eq!(found(&examination), expected, "{:#?}", examination.problems);
    assert!(manifest.read_dataset(folder.path(), &mut |_| {}).is_err());
}
