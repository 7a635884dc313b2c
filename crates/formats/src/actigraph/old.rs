//! `activity.bin` of old devices: samples of 12 bits one behind the other, without seconds.

use super::seconds::Beat;
use super::unpack::{Packing, Scale};
use crate::bytes::Bytes;
use crate::error::Fault;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding};
use rayon::prelude::*;

/// Samples of a piece, an even number of them: whole bytes. Pieces of a chunk are unpacked by several threads.
const PIECE: usize = 1 << 14;
const PIECE_BYTES: usize = PIECE / 2 * 9;
const PIECES: usize = 8;

/// Pulls the samples out of `activity.bin`.
pub(super) struct OldReader {
    bytes: Bytes,
    scale: Scale,
    beat: Beat,
    buffer: Vec<u8>,
    /// Samples given out.
    given: u64,
}

impl OldReader {
    pub(super) fn new(bytes: Bytes, scale: Scale, beat: Beat) -> Self {
        Self { bytes, scale, beat, buffer: Vec::new(), given: 0 }
    }
}

impl Reader for OldReader {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(1);
        // Chunks hold whole bytes, all but the last, which can end with half of one.
        let at = self.given.div_ceil(2) * 9;
        let left = usize::try_from(self.bytes.len().saturating_sub(at)).unwrap_or(usize::MAX);
        self.buffer.resize(left.min(PIECES * PIECE_BYTES), 0);
        let n = self.bytes.read_at(at, &mut self.buffer)?;
        let samples = Packing::Twelve.samples(n);
        let part = &mut chunk.parts[0];
        part.values.resize(samples, [0.0; 3]);
        part.times_ns.resize(samples, 0);
        let pieces = self.buffer[..n].par_chunks(PIECE_BYTES);
        let first = self.given;
        pieces
            .zip(part.values.par_chunks_mut(PIECE).zip(part.times_ns.par_chunks_mut(PIECE)))
            .enumerate()
            .for_each(|(i, (bytes, (values, times)))| {
                self.scale.unpack(Packing::Twelve, bytes, values);
                self.beat.run(first + (i * PIECE) as u64, times);
            });
        self.given += samples as u64;
        Ok(samples > 0)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.given = 0;
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }
}
