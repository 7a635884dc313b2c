//! Segments: where each begins, how long it is, what it is and how sure.

use super::super::sheet::Placed;
use super::bytes::{Bytes, milliseconds};
use super::time;
use crate::text::count;
use serde::Serialize;

/// Bytes that segments may take: some 60,000 of them, twice as many as a restless week has.
const MOST: usize = 420_000;

#[derive(Serialize)]
pub(super) struct Segments {
    pub(super) count: usize,
    /// For each: milliseconds from the end of the one before (signed), length in milliseconds, 8 times the activity plus its
    /// flags, and a byte of confidence in 254ths, 255 where it is no number.
    pub(super) data: String,
}

/// All of them; if they are too many, without the shortest ones, in whose place the one before goes on.
pub(super) fn keep(segments: &[Placed]) -> (Segments, String) {
    let all = count(segments.len() as u64);
    if let Some(data) = written(segments) {
        let kept = format!("Segments: all {all}, times to the millisecond, confidence to 0.002.");
        return (Segments { count: segments.len(), data }, kept);
    }
    let mut shortest_ns = 1_000_000_000;
    loop {
        let fewer = absorb(segments, shortest_ns);
        if let Some(data) = written(&fewer) {
            let kept = format!(
                "Segments: {} of {all}. Those shorter than {} are drawn as part of the one before; tables, totals and result files \
                 have all.",
                count(fewer.len() as u64),
                time(shortest_ns as f64 / 1e9)
            );
            return (Segments { count: fewer.len(), data }, kept);
        }
        if shortest_ns == i64::MAX {
            let kept = format!("Segments: none of {all}, which are too many for a page.");
            return (Segments { count: 0, data: String::new() }, kept);
        }
        shortest_ns = shortest_ns.saturating_mul(2);
    }
}

/// Each that is shorter becomes part of the one before, if that ends where it begins.
fn absorb(segments: &[Placed], shortest_ns: i64) -> Vec<Placed> {
    let mut fewer: Vec<Placed> = Vec::new();
    for segment in segments {
        let short = segment.end_ns.saturating_sub(segment.start_ns) < shortest_ns;
        match fewer.last_mut() {
            Some(last) if last.end_ns == segment.start_ns && (short || last.activity == segment.activity) => {
                last.end_ns = segment.end_ns;
            }
            _ => fewer.push(*segment),
        }
    }
    fewer
}

fn written(segments: &[Placed]) -> Option<String> {
    let mut bytes = Bytes::default();
    let mut until = 0;
    for segment in segments {
        let (start, end) = (milliseconds(segment.start_ns), milliseconds(segment.end_ns));
        bytes.signed(start - until);
        bytes.number((end - start) as u64);
        bytes.number((segment.activity as u64) << 3 | u64::from(segment.flags));
        bytes.0.push(match segment.confidence {
            confidence if confidence.is_nan() => 255,
            confidence => (confidence.clamp(0.0, 1.0) * 254.0).round() as u8,
        });
        until = end;
        if bytes.0.len() > MOST {
            return None;
        }
    }
    Some(bytes.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_are_thinned_and_that_is_said() {
        let step = 640_000_000;
        let placed = |i: i64| Placed {
            start_ns: i * step,
            end_ns: (i + 1) * step,
            activity: i as usize % 2,
            confidence: 0.5,
            flags: 0,
        };
        let few: Vec<Placed> = (0..50_000).map(placed).collect();
        let (segments, kept) = keep(&few);
        assert_eq!(segments.count, 50_000);
        assert!(kept.contains("all 50,000") && segments.data.len() < MOST * 4 / 3 + 4);
        let many: Vec<Placed> = (0..945_000).map(placed).collect();
        let (segments, kept) = keep(&many);
        assert!(segments.count < 945_000 && kept.contains("shorter than 1.00\u{a0}s"), "{kept}");
        // Apart from each other none can be part of another.
        let apart: Vec<Placed> =
            (0..945_000).map(|i| Placed { end_ns: i * step + 1_000_000, ..placed(i) }).collect();
        let (segments, kept) = keep(&apart);
        assert!(segments.count == 0 && kept.contains("too many"));
    }

    #[test]
    fn hopeless_times_are_written() {
        let placed =
            Placed { start_ns: i64::MIN, end_ns: i64::MAX, activity: 3, confidence: f32::NAN, flags: 7 };
        assert!(written(&[placed]).is_some());
    }
}
