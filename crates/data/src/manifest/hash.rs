//! The identity of a data set that a manifest describes.

use crate::LabelledRecording;
use crate::hash::hex;
use ambulo_signal::{Clock, Recording};
use sha2::{Digest, Sha256};

/// Bytes hashed at a time.
const BLOCK: usize = 16 * 1024;

/// SHA-256 over recordings one after the other: name, person, labels with their times, and of each series the sensor, the clock and
/// the bits of the samples, all numbers little-endian, texts with their length before them.
#[derive(Default)]
pub(super) struct ContentHash(Sha256);

impl ContentHash {
    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    fn blocks<T, const N: usize>(&mut self, all: &[T], bytes: impl Fn(&T) -> [u8; N]) {
        let mut block = Vec::with_capacity(BLOCK);
        for some in all.chunks(BLOCK / N) {
            block.clear();
            block.extend(some.iter().flat_map(&bytes));
            self.0.update(&block);
        }
    }

    /// `recording` is the one of `labelled`.
    pub(super) fn add(&mut self, labelled: &LabelledRecording, recording: &Recording) {
        self.text(&labelled.name);
        self.text(labelled.person.as_str());
        self.0.update((labelled.labels.len() as u64).to_le_bytes());
        for interval in &labelled.labels {
            self.0.update(interval.start_ns.to_le_bytes());
            self.0.update(interval.end_ns.to_le_bytes());
            self.text(&interval.label);
        }
        for series in recording.series() {
            self.text(series.info.sensor.name());
            self.0.update((series.values.len() as u64).to_le_bytes());
            match &series.clock {
                Clock::Uniform { start_ns, rate_hz } => {
                    self.0.update(start_ns.to_le_bytes());
                    self.0.update(rate_hz.to_le_bytes());
                }
                Clock::Stamps(stamps) => self.blocks(stamps, |stamp| stamp.to_le_bytes()),
            }
            self.blocks(&series.values, |[x, y, z]| {
                let (x, y, z) = (x.to_le_bytes(), y.to_le_bytes(), z.to_le_bytes());
                std::array::from_fn::<u8, 12, _>(|i| [x, y, z][i / 4][i % 4])
            });
        }
    }

    pub(super) fn finish(self) -> String {
        hex(self.0)
    }
}
