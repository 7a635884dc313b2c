//! The HAPT recordings: the bundled file, files like it, and the published folder.

#[cfg(feature = "bundled-data")]
mod bundled;
mod codes;
mod content_hash;
mod folder;
mod parquet;

#[cfg(feature = "bundled-data")]
pub use bundled::hapt;
pub use content_hash::{ACCELERATION_SCALE, ANGULAR_VELOCITY_SCALE, content_hash};
pub use parquet::read_hapt_parquet;

#[cfg(test)]
pub(crate) use codes::activities;
pub(crate) use folder::read as read_folder;

use crate::{Availability, DatasetInfo, Facts, LabelInterval, LabelledRecording};
use ambulo_record::PersonId;
use ambulo_signal::Recording;
use std::sync::Arc;

/// SHA-256 of the complete HAPT recordings, as [`content_hash`] computes it.
pub const HAPT_SHA256: &str = "ec9b1e489db290339a6d6159f006401bae6a9715e769d7ca491b344a5593a2d2";

/// The name on the command line.
pub(crate) const NAME: &str = "hapt";

/// What the manifests of HAPT and UCI HAR call their people.
pub(crate) const COHORT: &str = "UCI smartphone volunteers, 2012";
pub(crate) const DEVICE: &str = "Samsung Galaxy S II";

const RATE_HZ: f64 = 50.0;
const SAMPLE_NS: i64 = 20_000_000;

/// What the data set is, from what its manifest says: the recordings are in the binary, and their content is known.
pub(crate) fn info(info: DatasetInfo) -> DatasetInfo {
    DatasetInfo {
        availability: if cfg!(feature = "bundled-data") {
            Availability::Bundled
        } else {
            Availability::Folder { url: info.source.clone(), folder: "HAPT Data Set".into() }
        },
        sha256: Some(HAPT_SHA256.into()),
        ..info
    }
}

/// What is known of every recording of the study, in the words of its data set of this name.
pub(crate) fn facts(dataset: &str) -> Arc<Facts> {
    let (placement, device) = (Some("waist".into()), Some(DEVICE.into()));
    Arc::new(Facts { dataset: dataset.into(), placement, device, ..Facts::default() })
}

/// The samples of one recording, and the activity number of each.
struct Raw {
    user: u16,
    experiment: u16,
    /// In g.
    acceleration: Vec<[f32; 3]>,
    /// In rad/s.
    angular_velocity: Vec<[f32; 3]>,
    activities: Vec<u8>,
}

impl Raw {
    fn labelled(self) -> LabelledRecording {
        let mut labels = Vec::new();
        let mut end_ns = 0;
        for run in self.activities.chunk_by(|a, b| a == b) {
            let start_ns = end_ns;
            end_ns += run.len() as i64 * SAMPLE_NS;
            if let Some(name) = codes::name(run[0]) {
                labels.push(LabelInterval { start_ns, end_ns, label: name.into() });
            }
        }
        let recording = Recording::uniform(RATE_HZ, self.acceleration, Some(self.angular_velocity));
        LabelledRecording {
            person: PersonId::from(self.user),
            name: self.experiment.to_string(),
            facts: facts(NAME),
            up: None,
            recording: recording.named(format!("HAPT, experiment {}", self.experiment)).into(),
            labels,
        }
    }
}
