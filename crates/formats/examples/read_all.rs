//! Reads recordings to their ends and says how long that took, without and with the time to find and open them.
//!
//! `cargo run --release -p ambulo-formats --example read_all -- FILE…`
#![allow(clippy::print_stdout, reason = "its output")]

use ambulo_formats::{ReadOptions, open};
use ambulo_signal::{Chunk, Source};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let begun = Instant::now();
        for mut recording in open(&path, &ReadOptions::default())? {
            let opened = begun.elapsed();
            let mut chunk = Chunk::default();
            let mut samples = vec![0; recording.header().sensors.len()];
            let mut sum = 0.0;
            while recording.read(&mut chunk)? {
                for (n, part) in samples.iter_mut().zip(&chunk.parts) {
                    *n += part.len();
                    sum += part.values.last().map_or(0.0, |value| value[0]);
                }
            }
            let (opened, all) = (opened.as_secs_f64(), begun.elapsed().as_secs_f64());
            println!(
                "{path}: {samples:?} samples in {all:.3} s, {opened:.3} s of them to open (check sum {sum})"
            );
        }
    }
    Ok(())
}
