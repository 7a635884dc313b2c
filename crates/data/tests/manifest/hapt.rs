//! HAPT's published files through its manifest: the same recordings as the bundled ones.
#![cfg(feature = "bundled-data")]

use crate::common::{bundled, recordings, write_hapt_folder};
use ambulo_data::{HAPT_SHA256, LabelledRecording, open_folder};

#[test]
fn a_manifest_reads_what_the_bundled_file_holds() {
    let all: Vec<&LabelledRecording> = recordings(bundled()).iter().collect();
    let root = tempfile::TempDir::new().unwrap();
    write_hapt_folder(root.path(), &all);
    let dataset = open_folder(root.path()).unwrap_or_else(|error| panic!("{error}"));
    assert!(dataset.findings.is_empty(), "{:?}", dataset.findings);
    assert_eq!(dataset.info, bundled().info);
    assert_eq!(dataset.sha256, HAPT_SHA256);
    assert_eq!(dataset.published_test, bundled().published_test);
    let found = recordings(&dataset);
    assert_eq!(found.len(), all.len());
    for (found, bundled) in found.iter().zip(all) {
        assert_eq!(
            (&found.person, &found.name, &found.labels, &found.facts, found.up),
            (&bundled.person, &bundled.name, &bundled.labels, &bundled.facts, bundled.up)
        );
        let (found, bundled) = (found.recording.in_memory().unwrap(), bundled.recording.in_memory().unwrap());
        assert_eq!(found.series().len(), 2);
        // Bit for bit, by the same clocks: the same windows, and the same training.
        assert!(found.series() == bundled.series());
    }
}
