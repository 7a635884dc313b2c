//! Public data sets through manifests alone, where their files are at hand.

use crate::common::{counts, recordings, shared};
use ambulo_data::Dataset;
use ambulo_data::manifest::Manifest;
use ambulo_signal::{Clock, Sensor};
use std::collections::BTreeSet;

fn read(manifest: &str, folder: &str) -> Option<Dataset> {
    let folder = shared(folder)?;
    let manifest = Manifest::parse(manifest, "test.toml").unwrap_or_else(|error| panic!("{error}"));
    let mut last = 0;
    let dataset = manifest.read_dataset(&folder, &mut |progress| {
        assert_eq!(progress.done, last + 1);
        last = progress.done;
    });
    Some(dataset.unwrap_or_else(|error| panic!("{error}")))
}

const SISFALL: &str = r#"
manifest = 1
name = "sisfall"
title = "SisFall: A Fall and Movement Dataset"
licence = "none stated; offered publicly for research"
verified = { on = "real", what = "19 of 38 people, activities D01 to D19" }
groups = { "SA*" = "19 to 30 years", "SE*" = "60 to 75 years" }

[leave-out-files]
"**/F*" = "falls: hardly any of their rows are falling"

[[files]]
pattern = "SisFall_dataset/{person:S[AE]\\d{2}}/{activity:[DF]\\d{2}}_{person}_R{trial}.txt"
format = "table"
columns = "acc=1-3,gyro=4-6"
units = "acc=g,gyro=deg/s"
scale = { acc = "32/8192", gyro = "4000/65536" }
rate = 200
placement = "waist"
device = "SisFall unit"
label = { capture = "activity" }

[labels.map]
D01 = "walking"
D02 = "walking"
D03 = "running"
D04 = "running"
D05 = "stairs"
D06 = "stairs"
D07 = "posture_change"
D08 = "posture_change"
D09 = "posture_change"
D10 = "posture_change"
D11 = "posture_change"
D12 = "posture_change"
D13 = "posture_change"
D14 = "posture_change"
D15 = "bending"
D16 = "bending"
D19 = "jumping"

[labels.leave-out]
D17 = "getting into a car and out again mixes activities"
D18 = "stumbling while walking"
"#;

#[test]
fn sisfall_is_read_as_published() {
    let Some(dataset) = read(SISFALL, "sisfall") else { return };
    assert_eq!(dataset.subjects().len(), 19);
    let first = &recordings(&dataset)[0];
    assert_eq!((first.person.as_str(), first.name.as_str()), ("SA01", "SisFall_dataset/SA01/D01_SA01_R01"));
    assert_eq!(first.facts.group.as_deref(), Some("19 to 30 years"));
    let series = first.recording.in_memory().unwrap().sensor(Sensor::Accelerometer).unwrap();
    assert_eq!(series.clock, Clock::Uniform { start_ns: 0, rate_hz: 200.0 });
    let raw = std::fs::read_to_string(shared("sisfall/SA01/D01_SA01_R01.txt").unwrap()).unwrap();
    let first: Vec<f64> =
        raw.lines().next().unwrap().split([',', ';']).filter_map(|cell| cell.trim().parse().ok()).collect();
    for axis in 0..3 {
        assert_eq!(series.values[0][axis], (first[axis] * 32.0 / 8192.0) as f32);
    }
    assert_eq!(series.values.len(), raw.lines().filter(|line| !line.trim().is_empty()).count());
}

const SP_SW: &str = r#"
manifest = 1
name = "sp-sw"
title = "SP-SW-HAR"
licence = "CC BY 4.0"
verified = { on = "real", what = "all 446 files" }
expect = { people = 23, files = 446 }

[defaults]
format = "table"
columns = "time=timestamp,ax=x_acc,ay=y_acc,az=z_acc,gx=x_gyro,gy=y_gyro,gz=z_gyro"
units = "acc=m/s2,gyro=rad/s"
time = "epoch-ms"
label = { column = "label" }

[[files]]
pattern = "DATA/{person}/{person}_{trial}_sp.csv"
placement = "pocket"

[[files]]
pattern = "DATA/{person}/{person}_{trial}_sw.csv"
placement = "wrist"

[labels.map]
SEATED = "sitting"
STANDING_UP = "sit_to_stand"
WALKING = "walking"
TURNING = "turning"
SITTING_DOWN = "stand_to_sit"
"#;

#[test]
fn sp_sw_is_read_as_published() {
    let Some(dataset) = read(SP_SW, "sp-sw") else { return };
    assert_eq!((recordings(&dataset).len(), dataset.subjects().len()), (446, 23));
    let counts = counts(recordings(&dataset));
    assert_eq!(counts.values().sum::<usize>(), 521_766);
    // As the rows of the files have them, but for those whose stamps repeat where the label changes.
    for (label, rows) in [
        ("walking", 232_195),
        ("turning", 105_389),
        ("sitting", 64_789),
        ("stand_to_sit", 64_325),
        ("sit_to_stand", 55_068),
    ] {
        assert!(counts[label].abs_diff(rows) <= rows / 200, "{label}: {} of {rows}", counts[label]);
    }
    assert!(!counts.contains_key("-"));
    let placements: BTreeSet<_> =
        recordings(&dataset).iter().filter_map(|r| r.facts.placement.clone()).collect();
    assert_eq!(placements.iter().map(|p| &**p).collect::<Vec<_>>(), ["pocket", "wrist"]);
}
