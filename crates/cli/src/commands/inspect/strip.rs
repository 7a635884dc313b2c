//! A recording over its length, as a line of characters.

use super::described::RecordingReport;
use ambulo_record::overview::StretchKind;

/// What a character stands for, with what it looks like where only ASCII is shown.
const RECORDED: (char, char, &str) = ('█', '#', "recorded");
/// Some of it without samples, and some not.
const PARTLY: (char, char, &str) = ('▌', '+', "partly");
/// The place of pauses among the others.
const GAP: usize = 2;
/// Share of a character that is nothing: rounding of its bounds.
const NOTHING: f64 = 1e-6;
const OTHERS: [(StretchKind, char, char, &str); 3] = [
    (StretchKind::Filled, '▒', '~', "filled"),
    (StretchKind::NotWorn, '░', '-', "not worn"),
    (StretchKind::Gap, '·', '.', "no samples"),
];

/// A line of `width` characters and what they mean; nothing where all is recorded and worn.
pub(super) fn strip(recording: &RecordingReport, width: usize, ascii: bool) -> Option<(String, String)> {
    let (from, to) = recording.bounds();
    if recording.stretches.is_empty() || to <= from {
        return None;
    }
    let look = |plain: char, simple: char| if ascii { simple } else { plain };
    let cell_s = (to - from) / width as f64;
    // Seconds of each kind in each cell; a pause wins over what else is said of the same seconds.
    let mut shares = vec![[0f64; OTHERS.len()]; width];
    for stretch in &recording.stretches {
        let kind = OTHERS.iter().position(|other| other.0 == stretch.kind).unwrap_or(0);
        let (a, b) = (stretch.start_s - from, stretch.start_s + stretch.length_s - from);
        let first = ((a / cell_s).max(0.0) as usize).min(width - 1);
        let last = ((b / cell_s).max(0.0) as usize).min(width - 1);
        for (cell, share) in shares.iter_mut().enumerate().take(last + 1).skip(first) {
            let (left, right) = (cell as f64 * cell_s, (cell + 1) as f64 * cell_s);
            share[kind] += (b.min(right) - a.max(left)).max(0.0);
        }
    }
    let (mut used, mut partly) = ([false; OTHERS.len()], false);
    let line: String = shares
        .iter()
        .map(|share| {
            let gap = share[GAP] / cell_s;
            if gap > NOTHING && gap < 1.0 - NOTHING {
                partly = true;
                return look(PARTLY.0, PARTLY.1);
            }
            let ordinary = cell_s - share.iter().sum::<f64>();
            let most = (0..OTHERS.len()).max_by(|&a, &b| share[a].total_cmp(&share[b])).unwrap_or(0);
            if share[most] <= 0.0 || share[most] < ordinary {
                return look(RECORDED.0, RECORDED.1);
            }
            used[most] = true;
            look(OTHERS[most].1, OTHERS[most].2)
        })
        .collect();
    let mut legend = vec![format!("{} {}", look(RECORDED.0, RECORDED.1), RECORDED.2)];
    if partly {
        legend.push(format!("{} {}", look(PARTLY.0, PARTLY.1), PARTLY.2));
    }
    let others = OTHERS.iter().zip(used).filter(|(_, used)| *used);
    legend.extend(others.map(|(&(_, plain, simple, name), _)| format!("{} {name}", look(plain, simple))));
    Some((line, legend.join("  ")))
}

/// Whether the locale says that the terminal shows no more than ASCII; the first of these variables that is set decides.
pub(in crate::commands) fn is_ascii() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    locale.is_some_and(|locale| !locale.to_lowercase().replace('-', "").contains("utf8"))
}
