//! Nothing in the bundled recordings occurs twice, and a copy among them is found.
#![cfg(feature = "bundled-data")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_data::{Duplicate, duplicates};
use common::{bundled, recordings};

type Recordings = Vec<(u16, f64, Vec<[f32; 3]>)>;

fn acceleration() -> Recordings {
    let of =
        |r: &ambulo_data::LabelledRecording| r.recording.samples.iter().map(|s| s.acceleration).collect();
    recordings(bundled()).iter().map(|r| (r.experiment, r.recording.rate_hz, of(r))).collect()
}

fn find(recordings: &Recordings) -> Vec<Duplicate<u16>> {
    let borrowed: Vec<_> =
        recordings.iter().map(|(key, rate, samples)| (*key, *rate, samples.as_slice())).collect();
    duplicates(&borrowed)
}

#[test]
fn nothing_in_the_bundled_recordings_occurs_twice() {
    assert_eq!(find(&acceleration()), []);
}

#[test]
fn a_copy_among_the_bundled_recordings_is_found() {
    let mut recordings = acceleration();
    let stretch = recordings[3].2[5_001..5_252].to_vec();
    recordings[58].2[777..1_028].copy_from_slice(&stretch);
    let (first, second) = (recordings[3].0, recordings[58].0);
    let expected = Duplicate { first, first_start: 5_001, second, second_start: 777, length: 251 };
    assert_eq!(find(&recordings), [expected]);
}
