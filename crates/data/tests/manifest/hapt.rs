//! HAPT's published files through a manifest: the same recordings as the bundled ones.
#![cfg(feature = "bundled-data")]

use crate::common::{bundled, recordings, write_hapt_folder};
use ambulo_data::manifest::Manifest;
use ambulo_data::{HAPT_SHA256, LabelledRecording};

const HAPT: &str = r#"
manifest = 1
name = "hapt"
title = "HAPT"
cohort = "UCI smartphone volunteers, 2012"
licence = "CC BY 4.0 on the archive's page"
verified = { on = "real", what = "all 61 experiments" }
test-people = ["2", "4", "9", "10", "12", "13", "18", "20", "24"]

[[files]]
pattern = "HAPT Data Set/RawData/acc_exp{trial}_user{pad:0*}{person:[1-9]\\d*}.txt"
format = "table"
columns = "acc=1-3"
units = "acc=g,gyro=rad/s"
rate = 50
placement = "waist"
device = "Samsung Galaxy S II"

[[files.with]]
pattern = "HAPT Data Set/RawData/gyro_exp{trial}_user{pad:0*}{person:[1-9]\\d*}.txt"
columns = "gyro=1-3"

[files.label.table]
file = "HAPT Data Set/RawData/labels.txt"
of = { trial = "1", person = "2" }
label = "3"
start = "4"
end = "5"
unit = "rows"
first-row = 1
end-included = true

[labels.map]
1 = "walking"
2 = "walking_upstairs"
3 = "walking_downstairs"
4 = "sitting"
5 = "standing"
6 = "lying"
7 = "stand_to_sit"
8 = "sit_to_stand"
9 = "sit_to_lie"
10 = "lie_to_sit"
11 = "stand_to_lie"
12 = "lie_to_stand"
"#;

#[test]
fn a_manifest_reads_what_the_bundled_file_holds() {
    let all: Vec<&LabelledRecording> = recordings(bundled()).iter().collect();
    let root = tempfile::TempDir::new().unwrap();
    write_hapt_folder(root.path(), &all);
    let manifest = Manifest::parse(HAPT, "hapt.toml").unwrap_or_else(|error| panic!("{error}"));
    let dataset = manifest.read_dataset(root.path(), &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(dataset.sha256, HAPT_SHA256);
    assert_eq!(dataset.published_test, bundled().published_test);
    let found = recordings(&dataset);
    assert_eq!(found.len(), all.len());
    for (found, bundled) in found.iter().zip(all) {
        assert_eq!(
            (&found.person, &found.labels, &found.facts),
            (&bundled.person, &bundled.labels, &bundled.facts)
        );
        let (found, bundled) = (found.recording.in_memory().unwrap(), bundled.recording.in_memory().unwrap());
        assert_eq!(found.series().len(), 2);
        for (found, bundled) in found.series().iter().zip(bundled.series()) {
            assert_eq!((&found.clock, found.info.sensor), (&bundled.clock, bundled.info.sensor));
            // Bit for bit.
            assert!(found.values == bundled.values);
        }
    }
}
