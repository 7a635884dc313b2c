//! Signals: the smallest and the largest value of each axis in stretches of time, 16 bits each.

use super::super::thinned;
use super::bytes::Bytes;
use crate::axis::extent;
use ambulo_record::overview::{Bin, ZoomedOut};
use serde::Serialize;

/// Stretches of all signals together that are kept: 12 bytes each.
const MOST: usize = 40_000;

#[derive(Serialize)]
pub(super) struct Signal {
    #[serde(skip)]
    pub(super) name: String,
    /// Smallest and largest of all values.
    low: f64,
    high: f64,
    /// Where the first stretch begins, in milliseconds.
    first: f64,
    /// Length of a stretch in milliseconds.
    pub(super) width: f64,
    count: usize,
    /// For each piece without a pause: stretches left out before it, and how many it has.
    pieces: String,
    /// For each stretch the smallest x, y, z and the largest, each in two bytes, the low one first: 0 where there is none, else
    /// 1 for the smallest of all to 65535 for the largest.
    values: String,
}

/// Those that have values.
pub(super) fn keep(signals: &[&ZoomedOut]) -> Vec<Signal> {
    let most = (MOST / signals.len().max(1)).max(1);
    signals.iter().filter_map(|signal| written(&thinned(signal, most))).collect()
}

fn written(signal: &ZoomedOut) -> Option<Signal> {
    let values = signal.bins.iter().flat_map(|bin| bin.least.iter().chain(&bin.most)).map(|&v| f64::from(v));
    let (low, high) = extent(values)?;
    let first_s = signal.bins.iter().map(|bin| bin.start_s).find(|start| start.is_finite())?;
    let sound = |bin: &&Bin| bin.start_s.is_finite();
    let (mut pieces, mut bytes) = (Bytes::default(), Bytes::default());
    let (mut next, mut count, mut held) = (0u64, 0, 0u64);
    for bin in signal.bins.iter().filter(sound) {
        let place = ((bin.start_s - first_s) / signal.width_s).round();
        // Doubles count exactly so far; what is out of order has no place.
        if !(next as f64..9e15).contains(&place) {
            continue;
        }
        let place = place as u64;
        if place > next || count == 0 {
            if held > 0 {
                pieces.number(held);
            }
            pieces.number(place - next);
            held = 0;
        }
        (next, held, count) = (place + 1, held + 1, count + 1);
        for &value in bin.least.iter().chain(&bin.most) {
            let share = if high > low { (f64::from(value) - low) / (high - low) } else { 0.5 };
            let word =
                if value.is_finite() { 1 + (share.clamp(0.0, 1.0) * 65_534.0).round() as u16 } else { 0 };
            bytes.0.extend(word.to_le_bytes());
        }
    }
    if held > 0 {
        pieces.number(held);
    }
    Some(Signal {
        name: signal.name.clone(),
        low,
        high,
        first: first_s * 1e3,
        width: signal.width_s * 1e3,
        count,
        pieces: pieces.text(),
        values: bytes.text(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_counted_and_values_kept() {
        let bin = |start_s: f64, v: f32| Bin { start_s, least: [v; 3], most: [v + 1.0; 3] };
        let signal = ZoomedOut {
            name: "accelerometer".into(),
            unit: "g".into(),
            width_s: 0.5,
            bins: vec![bin(2.0, 0.0), bin(2.5, f32::NAN), bin(1.0, 0.0), bin(4.0, 1.0), bin(f64::NAN, 0.0)],
        };
        let kept = written(&signal).unwrap();
        assert_eq!((kept.low, kept.high, kept.first, kept.width, kept.count), (0.0, 2.0, 2000.0, 500.0, 3));
        let mut expected = Bytes::default();
        [0, 2, 2, 1].into_iter().for_each(|n| expected.number(n));
        assert_eq!(kept.pieces, expected.text());
        let mut expected = Bytes::default();
        for word in [1u16, 32768, 0, 0, 32768, 65535] {
            (0..3).for_each(|_| expected.0.extend(word.to_le_bytes()));
        }
        assert_eq!(kept.values, expected.text());
        assert!(written(&ZoomedOut::default()).is_none());
    }
}
