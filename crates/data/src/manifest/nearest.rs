//! The known word that somebody may have meant.

/// The word nearest to `found`, if one is near enough to be a slip: at most a third of its letters differ.
pub(super) fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer words are no slips of anything here, and cost the square of their length.
    const LONGEST: usize = 80;
    let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let found = lower(found);
    if found.len() > LONGEST {
        return None;
    }
    known
        .into_iter()
        .filter(|word| word.len() <= LONGEST)
        .map(|word| (distance(&found, &lower(word)), word))
        .filter(|(distance, word)| 3 * distance <= found.len().max(word.chars().count()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Levenshtein's distance: letters to put in, take out or replace.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        let known = ["columns", "units", "leave-out-files", "walking_upstairs"];
        let near = |found| nearest(found, known);
        assert_eq!(near("colums"), Some("columns"));
        assert_eq!(near("leave_out_files"), Some("leave-out-files"));
        assert_eq!(near("Walking upstairs"), Some("walking_upstairs"));
        assert_eq!(near("unit"), Some("units"));
        assert_eq!((near("gravity"), near(""), nearest("x", [])), (None, None, None));
    }
}
