//! The log without which no test window comes out.

use ambulo_record::PersonId;
use serde::{Deserialize, Serialize};

/// One evaluation on test subjects, about to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvaluationEntry {
    /// Name of the data set.
    pub dataset: String,
    /// SHA-256 of its content.
    pub dataset_sha256: String,
    /// How the subjects were chosen, e.g. `official`.
    pub protocol: String,
    /// The test subjects.
    pub subjects: Vec<PersonId>,
    /// Number of windows; 0 where whole recordings come out.
    pub windows: usize,
    /// Number of whole recordings; 0 where windows come out.
    #[serde(default, skip_serializing_if = "is_none")]
    pub recordings: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes references
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Where evaluations are recorded.
pub trait EvaluationLog {
    /// Keeps the entry, before the windows come out.
    ///
    /// # Errors
    /// Any error keeps the windows closed.
    fn record(&mut self, entry: &EvaluationEntry) -> std::io::Result<()>;
}

/// Keeps the entries in memory.
impl EvaluationLog for Vec<EvaluationEntry> {
    fn record(&mut self, entry: &EvaluationEntry) -> std::io::Result<()> {
        self.push(entry.clone());
        Ok(())
    }
}
