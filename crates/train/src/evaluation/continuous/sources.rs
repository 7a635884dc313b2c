//! Sources around a source.

use crate::metrics::continuous::Interval;
use ambulo_nn::Random;
use ambulo_signal::{Chunk, Header, Rotation, Source, SourceError};
use std::f32::consts::TAU;

/// A source that notes from when to when it has samples.
pub(super) struct Timed<'a> {
    source: &'a mut dyn Source,
    first: i64,
    last: i64,
    /// Of the sensor with most of them, since the last rewind.
    samples: u64,
    /// The same where most was read.
    most: u64,
}

impl<'a> Timed<'a> {
    pub(super) fn new(source: &'a mut dyn Source) -> Self {
        Self { source, first: i64::MAX, last: i64::MIN, samples: 0, most: 0 }
    }

    /// From the first sample to the end of the last, which is a mean step long.
    pub(super) fn extent(&self) -> Interval {
        if self.first >= self.last || self.most < 2 {
            return Interval::new(0, 0);
        }
        let length = Interval::new(self.first, self.last).length_ns();
        Interval::new(self.first, self.last.saturating_add_unsigned(length.div_ceil(self.most - 1)))
    }
}

impl Source for Timed<'_> {
    fn header(&self) -> &Header {
        self.source.header()
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let more = self.source.read(chunk)?;
        for time in chunk.parts.iter().flat_map(|part| &part.times_ns) {
            self.first = self.first.min(*time);
            self.last = self.last.max(*time);
        }
        self.samples += chunk.parts.iter().map(|part| part.len() as u64).max().unwrap_or(0);
        self.most = self.most.max(self.samples);
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.samples = 0;
        self.source.rewind()
    }
}

/// A source whose device is turned in space, all of its sensors alike.
pub(super) struct Turned<'a> {
    source: &'a mut dyn Source,
    rotation: Rotation,
}

impl<'a> Turned<'a> {
    /// Turned at random, each way as likely as any other; a recording of the same origin always the same.
    pub(super) fn at_random(source: &'a mut dyn Source) -> Self {
        // FNV-1a: any function of the name that spreads.
        let seed = source.header().origin.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let rotation = any_rotation(&mut Random::new(seed, 0));
        Self { source, rotation }
    }
}

/// A turn about z by any angle, and then z tilted to any direction, evenly over the sphere: even over all rotations (Arvo, "Fast random
/// rotation matrices", Graphics Gems III, 1992).
fn any_rotation(random: &mut Random) -> Rotation {
    let turn = Rotation::about([0.0, 0.0, 1.0], TAU * random.uniform());
    let towards = TAU * random.uniform();
    let height = 1.0 - 2.0 * random.uniform();
    let axis = [libm::cosf(towards), libm::sinf(towards), 0.0];
    Rotation::about(axis, libm::acosf(height)).after(turn)
}

impl Source for Turned<'_> {
    fn header(&self) -> &Header {
        self.source.header()
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let more = self.source.read(chunk)?;
        for value in chunk.parts.iter_mut().flat_map(|part| &mut part.values) {
            *value = self.rotation.apply(*value);
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.source.rewind()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_signal::Recording;

    fn values(source: &mut dyn Source) -> Vec<[f32; 3]> {
        let (mut chunk, mut all) = (Chunk::default(), Vec::new());
        while source.read(&mut chunk).unwrap() {
            all.extend(chunk.parts.iter().flat_map(|part| &part.values));
        }
        all
    }

    #[test]
    fn extent_is_that_of_the_samples_however_often_they_are_read() {
        let recording = Recording::uniform(50.0, vec![[0.0; 3]; 100], None);
        let mut source = recording.source();
        let mut timed = Timed::new(&mut source);
        assert_eq!(timed.extent(), Interval::new(0, 0));
        values(&mut timed);
        timed.rewind().unwrap();
        values(&mut timed);
        timed.rewind().unwrap();
        assert_eq!(timed.extent(), Interval::new(0, 2_000_000_000));
    }

    #[test]
    fn sensors_are_turned_together_and_a_recording_always_alike() {
        let rows = vec![[0.6, 0.0, 0.8], [0.0, 1.0, 0.0]];
        let recording = |name: &str| Recording::uniform(50.0, rows.clone(), Some(rows.clone())).named(name);
        let turned = |name: &str| values(&mut Turned::at_random(&mut recording(name).source()));
        let one = turned("one");
        assert_eq!(one, turned("one"));
        assert_ne!(one, turned("two"));
        assert_eq!(one[..2], one[2..], "the gyroscope like the accelerometer");
        let length = |v: [f32; 3]| v.iter().map(|x| x * x).sum::<f32>();
        assert!(one.iter().all(|&v| (length(v) - 1.0).abs() < 1e-5));
    }

    #[test]
    fn no_direction_is_favoured() {
        let mut random = Random::new(1, 0);
        let mut mean = [[0f64; 3]; 3];
        const TURNS: usize = 20_000;
        for _ in 0..TURNS {
            let rotation = any_rotation(&mut random);
            for (axis, mean) in mean.iter_mut().enumerate() {
                let mut unit = [0.0; 3];
                unit[axis] = 1.0;
                for (m, v) in mean.iter_mut().zip(rotation.apply(unit)) {
                    *m += f64::from(v) / TURNS as f64;
                }
            }
        }
        // Standard error of a coordinate of an even direction: 1 / sqrt(3 n).
        assert!(mean.iter().flatten().all(|m| m.abs() < 5.0 / (3.0 * TURNS as f64).sqrt()), "{mean:?}");
    }
}
