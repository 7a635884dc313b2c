//! Faults that single files have when they are read, as problems of the data set.

use crate::DataError;
use crate::manifest::DescribedError;
use ambulo_formats::ErrorKind;
use ambulo_record::examination::{Problem, ProblemKind, ProblemWeight};
use ambulo_signal::FindingKind;
use std::collections::HashMap;

/// What is wrong with files, one problem for all that have the same fault.
#[derive(Debug, Default)]
pub struct FileFaults {
    problems: Vec<Problem>,
    /// Place of a fault by its kind and its words without the file's name.
    known: HashMap<(ProblemKind, String), usize>,
}

impl FileFaults {
    /// Adds the fault of a file, named by its path below the data set's folder.
    pub fn add(&mut self, file: &str, error: &DataError) {
        let text = error.to_string();
        let (text, hint) = text
            .split_once("\nhint: ")
            .unwrap_or((&text, "restore the file, or name it under leave-out-files"));
        // What comes before the first colon names the file and the row.
        let fault = text.split_once(": ").map_or(text, |(_, fault)| fault).replace(file, "");
        let key = (kind(error), fault);
        if let Some(problem) = self.known.get(&key).and_then(|&known| self.problems.get_mut(known)) {
            problem.place.recordings.push(file.to_owned());
            return;
        }
        let problem = Problem::new(key.0, ProblemWeight::Fault, text.replace('\n', " "), hint).within([file]);
        self.known.insert(key, self.problems.len());
        self.problems.push(problem);
    }

    /// The problems, in the order of their first files.
    #[must_use]
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

fn kind(error: &DataError) -> ProblemKind {
    let described = match error {
        DataError::EmptyFile { .. } => return ProblemKind::Empty,
        DataError::Described { source } => &**source,
        _ => return ProblemKind::Unreadable,
    };
    match described {
        DescribedError::NoSamples { .. } => ProblemKind::Empty,
        DescribedError::Format { source, .. } if source.kind() == ErrorKind::Empty => ProblemKind::Empty,
        DescribedError::NoUnit { .. } | DescribedError::GravityRemoved { .. } => ProblemKind::Unit,
        DescribedError::Refused { finding, .. } => match finding.kind {
            FindingKind::Unit | FindingKind::UnitUnknown | FindingKind::GravityRemoved => ProblemKind::Unit,
            FindingKind::AllZero | FindingKind::TooShort => ProblemKind::Empty,
            FindingKind::Rate => ProblemKind::Rate,
            _ => ProblemKind::Unreadable,
        },
        DescribedError::Word { .. } => ProblemKind::UnknownLabel,
        _ => ProblemKind::Unreadable,
    }
}
