//! What recordings are called in results: the same for a folder, whichever of its files were done before.

use super::super::convert::names::Names;
use super::super::reading::Item;
use std::collections::BTreeSet;
use std::path::Path;

/// A name for each of the items, from the disk as `ambulo convert` gives them; with a number where several have one.
pub(super) struct ItemNames {
    all: Vec<String>,
    /// In small, in order.
    known: BTreeSet<String>,
}

impl ItemNames {
    pub(super) fn new(items: &[Item]) -> Self {
        let mut names = Names::default();
        let all: Vec<String> = items.iter().map(|item| names.choose(Path::new(&item.file), None)).collect();
        let known = all.iter().map(|name| name.to_lowercase()).collect();
        Self { all, known }
    }

    /// The name of an item.
    pub(super) fn of(&self, item: usize) -> &str {
        self.all.get(item).map_or("recording", String::as_str)
    }

    /// The longest one's letters.
    pub(super) fn longest(&self) -> usize {
        self.all.iter().map(|name| name.chars().count()).max().unwrap_or(0)
    }

    /// The name of a recording of an item, counted from 0, of several: with its placement, where that tells it from all others of the
    /// item and could not be taken for another item's; else with its number behind a point, with which no item's name ends.
    pub(super) fn of_recording(
        &self,
        item: usize,
        number: usize,
        several: bool,
        placement: Option<&str>,
    ) -> String {
        let base = self.of(item);
        if !several {
            return base.to_owned();
        }
        let placed = placement.map(|placement| format!("{base}-{placement}"));
        placed.filter(|name| self.is_free(base, name)).unwrap_or_else(|| format!("{base}.{}", number + 1))
    }

    /// Whether a name that begins with an item's own is no other item's, and begins with no longer one's.
    fn is_free(&self, base: &str, name: &str) -> bool {
        let (base, name) = (base.to_lowercase(), name.to_lowercase());
        let ends = name.match_indices('-').map(|(end, _)| end).chain([name.len()]);
        ends.filter(|&end| end > base.len()).all(|end| !self.known.contains(&name[..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[&str]) -> ItemNames {
        let item = |file: &&str| Item {
            file: (*file).to_owned(),
            argument: 0,
            named: true,
            candidate: Err(super::super::super::reading::Failure::new("io", "not there")),
        };
        ItemNames::new(&files.iter().map(item).collect::<Vec<_>>())
    }

    #[test]
    fn names_depend_on_what_there_is_and_on_nothing_else() {
        let names = names(&["p1/walk.csv", "p2/Walk.csv", "p2/walk-2.csv", "a.csv"]);
        let all: Vec<&str> = (0..4).map(|item| names.of(item)).collect();
        assert_eq!(all, ["walk", "Walk-2", "walk-2-2", "a"]);
        assert_eq!(names.of_recording(3, 0, false, None), "a");
        assert_eq!(names.of_recording(3, 0, true, Some("ankle")), "a-ankle");
        assert_eq!(names.of_recording(3, 1, true, None), "a.2");
        assert_eq!(names.longest(), 8);
    }

    #[test]
    fn a_placement_is_not_taken_for_another_file() {
        let names = names(&["a.csv", "a-ankle.csv", "a-right.csv"]);
        assert_eq!(names.of_recording(0, 0, true, Some("ankle")), "a.1");
        assert_eq!(names.of_recording(0, 1, true, Some("right-pocket")), "a.2");
        assert_eq!(names.of_recording(0, 2, true, Some("wrist")), "a-wrist");
        assert_eq!(names.of_recording(2, 0, true, Some("pocket")), "a-right-pocket");
    }
}
