//! Sets of free living: HARTH, HAR70+, Capture-24.

use super::body::{Does, Folder, cells, rows};
use super::check::{Expected, check, counts, recordings};
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::Write as _;

/// Time of day as text, from seconds.
fn clock(t: f64) -> String {
    let ms = (t * 1e3).round() as u64;
    let (s, ms) = (ms / 1000, ms % 1000);
    format!("2019-01-12 {:02}:{:02}:{:02}.{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

/// Back and thigh, with a gap of ten seconds in the middle, and with a further first column if it has a name.
fn harth_file(activities: &[(u16, Does)], further: Option<&str>) -> String {
    let mut text = further.map_or(String::new(), |name| format!("{name},"));
    text += "timestamp,back_x,back_y,back_z,thigh_x,thigh_y,thigh_z,label\n";
    let (mut start, mut number) = (3600.0, 0);
    for (i, &(activity, does)) in activities.iter().enumerate() {
        if i == activities.len() / 2 {
            start += 10.0;
        }
        let places: Vec<_> = (0..2).map(|place| rows(does, 20.0, 50.0, place)).collect();
        for (back, thigh) in places[0].iter().zip(&places[1]) {
            if further.is_some() {
                write!(text, "{number},").unwrap();
                number += 1;
            }
            let values = cells(&[back.acc, thigh.acc].concat(), ",");
            writeln!(text, "{},{values},{activity}", clock(start + back.t)).unwrap();
        }
        start += 20.0;
    }
    text
}

#[test]
fn harth() {
    let folder = Folder::new();
    let activities = [
        (6, Does::Rests),
        (1, Does::Moves),
        (13, Does::Moves),
        (130, Does::Rests),
        (7, Does::Rests),
        (8, Does::Lies),
        (2, Does::Moves),
    ];
    for (person, further) in [("S006", None), ("S015", Some("index")), ("S023", Some(""))] {
        folder.write(&format!("harth/{person}.csv"), harth_file(&activities, further));
    }
    let expected = Expected {
        people: &["S006", "S015", "S023"],
        placements: &["lower_back", "thigh"],
        labels: &["cycling", "lying", "running", "sitting", "standing", "walking"],
        recordings: 6,
        rate_hz: 50.0,
        gyroscope: false,
    };
    let dataset = check("harth", folder.path(), expected);
    let counts = counts(recordings(&dataset));
    // Standing with a bicycle is left out.
    assert_eq!((counts["cycling"], counts["-"]), (6 * 1000, 6 * 1000));
}

#[test]
fn har70plus() {
    let folder = Folder::new();
    let activities =
        [(1, Does::Moves), (3, Does::Moves), (6, Does::Rests), (7, Does::Rests), (8, Does::Lies)];
    for person in [501, 518] {
        folder.write(&format!("har70plus/{person}.csv"), harth_file(&activities, None));
    }
    let expected = Expected {
        people: &["501", "518"],
        placements: &["lower_back", "thigh"],
        labels: &["lying", "shuffling", "sitting", "standing", "walking"],
        recordings: 4,
        rate_hz: 50.0,
        gyroscope: false,
    };
    let dataset = check("har70plus", folder.path(), expected);
    assert_eq!(recordings(&dataset)[0].facts.group.as_deref(), Some("70 to 95 years"));
}

#[test]
fn capture_24() {
    let folder = Folder::new();
    let texts = [
        ("7030 sleeping;MET 0.95", "sleep", Does::Lies),
        ("", "", Does::Rests),
        (
            "home activity;miscellaneous;sitting;9060 sitting/lying reading or without observable/identifiable activities;MET 1.3",
            "sitting",
            Does::Rests,
        ),
        ("transportation;walking;17161 walking, not as the only means;MET 2.5", "walking", Does::Moves),
        ("occupation;manual;11475 manual labour;MET 2.8", "manual-work", Does::Moves),
        ("home;mixed;5000 several things;MET 2", "mixed-activity", Does::Moves),
    ];
    for person in ["P001", "P101"] {
        let mut text = "time,x,y,z,annotation\n".to_owned();
        for (i, (annotation, _, does)) in texts.iter().enumerate() {
            for row in rows(*does, 10.0, 100.0, 0) {
                let shown = if annotation.contains(',') {
                    format!("\"{annotation}\"")
                } else {
                    (*annotation).to_owned()
                };
                let at = clock(36_000.0 + 10.0 * i as f64 + row.t);
                writeln!(text, "{at},{},{shown}", cells(&row.acc, ",")).unwrap();
            }
        }
        let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        folder.write(&format!("capture24/{person}.csv.gz"), packed.finish().unwrap());
    }
    let mut dictionary =
        "annotation,label:WillettsSpecific2018,label:WillettsMET2018,label:Walmsley2020\n".to_owned();
    for (annotation, label, _) in texts.iter().filter(|(annotation, ..)| !annotation.is_empty()) {
        writeln!(dictionary, "\"{annotation}\",{label},x,sedentary").unwrap();
    }
    folder.write("capture24/annotation-label-dictionary.csv", dictionary);
    folder.write("capture24/metadata.csv", "pid,age,sex\nP001,38-52,M\n");
    let expected = Expected {
        people: &["P001", "P101"],
        placements: &["wrist"],
        labels: &["lying", "manual_work", "sitting", "walking"],
        recordings: 2,
        rate_hz: 100.0,
        gyroscope: false,
    };
    let dataset = check("capture-24", folder.path(), expected);
    // What has no annotation, and what mixes activities.
    assert_eq!(counts(recordings(&dataset))["-"], 2 * 2000);
    let test: Vec<String> = dataset.published_test.iter().flatten().map(ToString::to_string).collect();
    assert_eq!(test, ["P101"]);
}
