//! What all fuzz targets do with their bytes.

use ambulo_formats::{Format, ReadOptions, open_bytes};
use ambulo_signal::{Chunk, Source as _};

/// Opens the bytes as a recording and reads all of it.
pub fn read(bytes: &[u8], format: Option<Format>) {
    let options = ReadOptions { format, ..ReadOptions::default() };
    let Ok(all) = open_bytes("fuzzed", bytes.to_vec(), &options) else { return };
    for mut recording in all {
        let mut chunk = Chunk::default();
        while let Ok(true) = recording.read(&mut chunk) {
            assert!(chunk.parts.iter().all(|part| part.times_ns.len() == part.values.len()));
        }
    }
}
