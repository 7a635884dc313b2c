//! Prints what is found under a path, recording by recording: format, start, sensors, first and last sample, findings.
//!
//! `cargo run -p ambulo-formats --example found -- PATH…`
#![allow(clippy::print_stdout, reason = "it is a program for a terminal")]

use ambulo_formats::{ReadOptions, search};
use ambulo_signal::{Chunk, Source as _};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args_os().skip(1) {
        for candidate in search(&path)? {
            println!("{}", candidate.path().display());
            let all = match candidate.open(&ReadOptions::default()) {
                Ok(all) => all,
                Err(error) => {
                    println!("  {error}");
                    continue;
                }
            };
            for mut opened in all {
                println!("  {}: {}", opened.format_name(), opened.because());
                println!("  start {:?}, device {:?}", opened.header().start, opened.header().device);
                let mut chunk = Chunk::default();
                let mut seen = vec![(0, None, None); opened.header().sensors.len()];
                while opened.read(&mut chunk)? {
                    for ((n, first, last), part) in seen.iter_mut().zip(&chunk.parts) {
                        *n += part.len();
                        let at = |i: usize| Some((*part.times_ns.get(i)?, *part.values.get(i)?));
                        *first = first.or(at(0));
                        *last = at(part.len().wrapping_sub(1)).or(*last);
                    }
                }
                for (info, (n, first, last)) in opened.header().sensors.iter().zip(seen) {
                    println!(
                        "  {} {n} {:?} {}: {first:?} {last:?}",
                        info.sensor, info.unit, info.unit_because
                    );
                }
                for conversion in &opened.header().conversions {
                    println!("  read: {conversion}");
                }
                for finding in &opened.header().findings {
                    println!("  {:?} {}: {}", finding.severity, finding.kind, finding.text);
                }
            }
        }
    }
    Ok(())
}
