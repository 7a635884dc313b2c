//! How fast a file is read, whatever its format: every sample, several times.
//!
//! ```sh
//! cargo run --release -p ambulo-formats --example read_speed -- long.cwa 5
//! ```
//!
//! Prints the samples of all sensors, the seconds of the fastest turn and of the median, and megabytes (10⁶ bytes) of the file per
//! second of the median.

#![allow(clippy::print_stdout)]

use ambulo_formats::{ReadOptions, open};
use ambulo_signal::{Chunk, Source};
use std::error::Error;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: read_speed FILE [TURNS]")?;
    let turns: usize = arguments.next().map_or(Ok(5), |turns| turns.parse())?;
    let bytes = std::fs::metadata(&path)?.len();
    let mut seconds = Vec::new();
    let mut samples = 0;
    for _ in 0..turns.max(1) {
        let start = Instant::now();
        samples = 0;
        for mut recording in open(&path, &ReadOptions::default())? {
            let mut chunk = Chunk::default();
            while recording.read(&mut chunk)? {
                samples += chunk.parts.iter().map(ambulo_signal::Samples::len).sum::<usize>();
            }
            for finding in &recording.header().findings {
                println!("{}", finding.text);
            }
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    println!(
        "{samples} samples, {:.3} s ({:.3} s at best), {:.0} MB/s",
        median,
        seconds[0],
        bytes as f64 / 1e6 / median
    );
    Ok(())
}
