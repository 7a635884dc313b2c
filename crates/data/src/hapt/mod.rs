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

pub(crate) use folder::read as read_folder;

use crate::{Availability, DatasetInfo, Facts, LabelInterval, LabelledRecording};
use ambulo_record::PersonId;
use ambulo_signal::Recording;
use std::sync::Arc;

/// SHA-256 of the complete HAPT recordings, as [`content_hash`] computes it.
pub const HAPT_SHA256: &str = "ec9b1e489db290339a6d6159f006401bae6a9715e769d7ca491b344a5593a2d2";

/// The name on the command line.
pub(crate) const NAME: &str = "hapt";

// UCI HAR comes from the same archive, people and device, with the same terms.
pub(crate) const LICENCE: &str = "CC BY 4.0 on the archive's page; the readme of the original release asks to cite the authors \
                                  and excludes commercial use";
pub(crate) const COHORT: &str = "UCI smartphone volunteers, 2012";
pub(crate) const DEVICE: &str = "Samsung Galaxy S II";

const RATE_HZ: f64 = 50.0;
const SAMPLE_NS: i64 = 20_000_000;

/// What the data set is.
pub(crate) fn info() -> DatasetInfo {
    let source = "https://archive.ics.uci.edu/dataset/341".to_owned();
    DatasetInfo {
        name: NAME.into(),
        title: "Smartphone-Based Recognition of Human Activities and Postural Transitions (HAPT), raw \
                recordings"
            .into(),
        cohort: COHORT.into(),
        licence: LICENCE.into(),
        citation: "J.-L. Reyes-Ortiz, L. Oneto, A. Samà, X. Parra, D. Anguita: Transition-Aware Human Activity \
                   Recognition Using Smartphones. Neurocomputing 171, 2016. Data: UCI Machine Learning Repository, \
                   2015, doi:10.24432/C54G7M"
            .into(),
        people: 30,
        rate_hz: RATE_HZ,
        device: DEVICE.into(),
        placement: "waist".into(),
        activities: codes::activities(),
        channels: vec![
            "acceleration x, y, z in g, with gravity".into(),
            "angular velocity x, y, z in rad/s".into(),
        ],
        availability: if cfg!(feature = "bundled-data") {
            Availability::Bundled
        } else {
            Availability::Folder { url: source.clone(), folder: "HAPT Data Set".into() }
        },
        source,
        sha256: Some(HAPT_SHA256.into()),
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
