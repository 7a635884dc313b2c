//! Files that are the same, byte for byte: one recording under two names, two people or two labels.

use super::super::reading::Item;
use crate::progress::Reading;
use ambulo_signal::{Finding, FindingKind, Severity};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Others that a finding names: each of many that are the same would name all.
const NAMED: usize = 10;

/// Groups of items with the same bytes, in the order of the items. Only files of one length are read for it.
pub(super) fn find(items: &[Item], progress: &Reading) -> Vec<Vec<usize>> {
    let mut lengths: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (number, item) in items.iter().enumerate() {
        if let Ok(candidate) = &item.candidate
            && let length @ 1.. = candidate.size()
        {
            lengths.entry(length).or_default().push(number);
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for same in lengths.into_values().filter(|same| same.len() > 1) {
        let mut contents: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();
        for number in same {
            progress.say(&format!("comparing {}", items[number].file));
            // What cannot be read says so itself, later.
            if let Some(hash) = hash(&items[number]) {
                contents.entry(hash).or_default().push(number);
            }
        }
        for mut group in contents.into_values() {
            let mut places: BTreeSet<PathBuf> = BTreeSet::new();
            // One file by two ways is one file.
            group.retain(|&number| {
                let path = PathBuf::from(&items[number].file);
                places.insert(path.canonicalize().unwrap_or(path))
            });
            if group.len() > 1 {
                groups.push(group);
            }
        }
    }
    groups.sort();
    groups
}

fn hash(item: &Item) -> Option<[u8; 32]> {
    let candidate = item.candidate.as_ref().ok()?;
    let mut hasher = Sha256::new();
    candidate.bytes(&mut |bytes| hasher.update(bytes)).ok()?;
    Some(hasher.finalize().into())
}

/// What is said of a file that others are the same as.
pub(super) fn finding(groups: &[Vec<usize>], items: &[Item], number: usize) -> Option<Finding> {
    let group = groups.iter().find(|group| group.contains(&number))?;
    let others = group.iter().filter(|&&other| other != number).map(|&other| items[other].file.as_str());
    let named: Vec<&str> = others.take(NAMED).collect();
    let count = group.len() - 1;
    let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
    let text = format!("the same bytes as {}{more}: one recording, not several", named.join(", "));
    Some(Finding::new(FindingKind::Duplicate, Severity::Warning, text).times(count as u64))
}
