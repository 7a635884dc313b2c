//! How fast a file is read from its first sample to its last: nothing but the reader.
//!
//! ```sh
//! cargo run --release -p ambulo-formats --example make_week -- --rows 5000000 /tmp/week.csv
//! cargo run --release -p ambulo-formats --example read_through -- /tmp/week.csv 5
//! ```
//!
//! Prints a line of JSON for each round: rows (samples of the first sensor), seconds, rows and megabytes (10⁶ bytes of the file) in
//! a second, and the peak of memory in MB where the system says it. `digest` in place of the number of rounds reads once and prints
//! a hash of every time and value, to see that two builds read the same bits; then the time means nothing.

#![allow(clippy::print_stdout)]

use ambulo_formats::{ReadOptions, open};
use ambulo_signal::{Chunk, Source};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (path, what) = match arguments.as_slice() {
        [path] => (path, "1"),
        [path, what] => (path, what.as_str()),
        _ => return Err("arguments: FILE [ROUNDS | digest]".into()),
    };
    if what == "digest" {
        let mut digest = 0xcbf2_9ce4_8422_2325;
        let rows = read(Path::new(path), |chunk| {
            for part in &chunk.parts {
                part.times_ns.iter().for_each(|&time| mix(&mut digest, time as u64));
                part.values.iter().flatten().for_each(|value| mix(&mut digest, u64::from(value.to_bits())));
            }
        })?;
        println!("{rows} rows, {digest:016x}");
        return Ok(());
    }
    let megabytes = std::fs::metadata(path)?.len() as f64 / 1e6;
    for _ in 0..what.parse::<u32>()? {
        let start = Instant::now();
        let rows = read(Path::new(path), |_| ())?;
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{{\"rows\": {rows}, \"seconds\": {seconds:.4}, \"rows_per_s\": {:.0}, \"mb_per_s\": {:.1}, \"peak_mb\": {}}}",
            rows as f64 / seconds,
            megabytes / seconds,
            peak_mb().map_or("null".to_owned(), |mb| format!("{mb:.1}"))
        );
    }
    Ok(())
}

/// Reads all; how many samples the first sensor has.
fn read(path: &Path, mut each: impl FnMut(&Chunk)) -> Result<usize, Box<dyn Error>> {
    let mut rows = 0;
    let mut chunk = Chunk::default();
    for mut recording in open(path, &ReadOptions::default())? {
        while recording.read(&mut chunk)? {
            rows += chunk.parts.first().map_or(0, |part| part.times_ns.len());
            each(&chunk);
        }
        recording.header().findings.iter().for_each(|finding| println!("{}", finding.text));
    }
    Ok(rows)
}

/// FNV-1a over whole words.
fn mix(digest: &mut u64, word: u64) {
    *digest = (*digest ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    *digest ^= *digest >> 29;
}

/// Peak resident memory, where Linux says it.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1024.0 / 1e6)
}
