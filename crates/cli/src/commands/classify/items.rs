//! What there is to classify, and each recording of it with what names it.

use super::super::convert::names::{origin, placements};
use super::super::reading::{Failure, Item, which};
use super::names::ItemNames;
use ambulo_formats::{Candidate, Opened, ReadOptions};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// What names a recording.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// The file, as given or below what was given.
    pub(super) file: String,
    /// Its name; of one in a folder or an archive the way to it from there.
    pub(super) origin: String,
    /// Which of the file's recordings, for people, if there are several.
    pub(super) which: Option<String>,
    /// The same from 1, for programs.
    pub(super) number: Option<usize>,
    /// What results call it.
    pub(super) name: String,
}

/// What came of the recordings of a file.
pub(super) struct Done<T> {
    pub(super) recordings: Vec<T>,
    /// Why something of it, or all, is missing.
    pub(super) failure: Option<Failure>,
}

/// Everything that is to be done.
pub(super) struct Items {
    pub(super) all: Vec<Item>,
    pub(super) names: ItemNames,
    /// The paths that were given.
    pub(super) given: Vec<PathBuf>,
}

impl Items {
    /// Bytes of each.
    pub(super) fn sizes(&self) -> Vec<u64> {
        self.all.iter().map(|item| item.candidate.as_ref().map_or(0, Candidate::size)).collect()
    }

    /// Opens an item and does something with each of its recordings; one that fails leaves the others.
    pub(super) fn each<T>(
        &self,
        number: usize,
        options: &ReadOptions,
        each: impl Fn(Opened, Named) -> Result<T, Failure>,
    ) -> Done<T> {
        let item = &self.all[number];
        let opened = match &item.candidate {
            Ok(candidate) => guarded(|| candidate.open(options).map_err(|error| Failure::from(&error))),
            Err(failure) => Err(failure.clone()),
        };
        let opened = match opened {
            Ok(opened) => opened,
            Err(failure) => return Done { recordings: Vec::new(), failure: Some(failure) },
        };
        let several = opened.len() > 1;
        let (which, placements) = (which(&opened), placements(&opened));
        let (mut recordings, mut failed) = (Vec::new(), Vec::new());
        for (place, ((opened, which), placement)) in opened.into_iter().zip(which).zip(placements).enumerate()
        {
            let named = Named {
                file: item.file.clone(),
                origin: self.origin(item),
                number: several.then_some(place + 1),
                name: self.names.of_recording(number, place, several, placement.as_deref()),
                which: which.clone(),
            };
            match guarded(|| each(opened, named)) {
                Ok(done) => recordings.push(done),
                Err(failure) => failed.push(failure.of(which.as_deref())),
            }
        }
        Done { recordings, failure: Failure::of_all(failed) }
    }

    /// Where a recording comes from, the same whatever the folder was called on the command line.
    fn origin(&self, item: &Item) -> String {
        let path = Path::new(&item.file);
        let given = self.given.get(item.argument).map_or(Path::new(""), PathBuf::as_path);
        let name = || path.file_name().map(|name| name.to_string_lossy().into_owned());
        origin(path, given).or_else(name).unwrap_or_else(|| item.file.clone())
    }
}

/// The last defence. Readers meet files that nobody has seen, and a fault in one of them must not lose a night's work on the
/// others: the recording is given up, and the others go on. Nothing that is shared is changed by what was given up.
fn guarded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("nothing was said");
        let text = format!("a fault of Ambulo itself: {said}\nhint: please report it, with the lines above that name the place");
        Err(Failure::new("fault", &text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_a_failure_like_others() {
        let failure = guarded(|| -> Result<(), Failure> { panic!("index {}", 7) }).unwrap_err();
        assert_eq!(failure.kind, "fault");
        assert!(failure.text.contains("index 7") && failure.hints[0].contains("report"), "{failure:?}");
        assert_eq!(guarded(|| Ok(3)).unwrap(), 3);
    }
}
