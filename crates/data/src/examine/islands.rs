//! Short labelled stretches that look like the activity on both sides of them.

use super::digest::{Digest, merged};
use super::numbers::{counted, shown};
use super::strangers::{Described, Windows, told_apart};
use ambulo_record::examination::{Problem, ProblemKind, ProblemWeight};
use std::sync::Arc;

/// Longest time without label between a stretch and its neighbours, in nanoseconds.
const NEAR_NS: i64 = 5_000_000_000;
/// Fewest windows of the stretch, and the share of them that must look like the neighbours.
const WINDOWS: usize = 2;
const LOOK: f64 = 0.8;
/// Share of a neighbour's windows that must look like what they are.
const NEIGHBOURS: f64 = 0.8;

pub(super) fn check(windows: &Windows<'_>, labels: &[Arc<str>], problems: &mut Vec<Problem>) {
    for (&person, own) in windows {
        for (digest, described) in own {
            for (stretch, neighbour, share, count) in islands(digest, described, labels) {
                let stretches = merged(&digest.labelled.labels);
                let Some(interval) = stretches.get(stretch) else { continue };
                let (start_s, end_s) = (interval.start_ns as f64 / 1e9, interval.end_ns as f64 / 1e9);
                let text = format!(
                    "{} % of {} of `{}` between {start_s:.2} s and {end_s:.2} s look like `{}`, as which the time before and after is \
                     labelled",
                    shown(100.0 * share),
                    counted(count, "window", "windows"),
                    interval.label,
                    labels[neighbour]
                );
                let advice = "look at this stretch of the recording";
                let problem = Problem::new(ProblemKind::StrangeLabel, ProblemWeight::Suspicion, text, advice);
                problems.push(problem.of(person).within([&digest.labelled.name]).between(start_s, end_s));
            }
        }
    }
}

/// Stretch, label of its neighbours, share of its windows that look like that, and their number.
fn islands(
    digest: &Digest<'_>,
    described: &[Described<'_>],
    labels: &[Arc<str>],
) -> Vec<(usize, usize, f64, usize)> {
    let stretches = merged(&digest.labelled.labels);
    let share = |stretch: usize, like: usize| {
        // Windows are in the order of stretches.
        let from = described.partition_point(|d| d.window.stretch < stretch);
        let own = &described[from..from + described[from..].partition_point(|d| d.window.stretch == stretch)];
        let look = own.iter().filter(|d| d.looks == Some(like)).count();
        (look as f64 / own.len().max(1) as f64, own.len())
    };
    let mut islands = Vec::new();
    for (middle, three) in stretches.windows(3).enumerate() {
        let [before, own, after] = three else { continue };
        let near = own.start_ns - before.end_ns <= NEAR_NS && after.start_ns - own.end_ns <= NEAR_NS;
        if !near || before.label != after.label || !told_apart(&before.label, &own.label) {
            continue;
        }
        let Some(neighbour) = labels.iter().position(|label| *label == before.label) else { continue };
        let (look, count) = share(middle + 1, neighbour);
        let sound = |stretch: usize| share(stretch, neighbour).0 >= NEIGHBOURS;
        if count >= WINDOWS && look >= LOOK && sound(middle) && sound(middle + 2) {
            islands.push((middle + 1, neighbour, look, count));
        }
    }
    islands
}
