//! Reads files after damaging them, many times over, and says what came of it.
//!
//! `cargo run --release -p ambulo-formats --example damage -- [--count N] [--seed N] FILE…`
//!
//! Of each file, `count` damaged copies are made in memory: cut short, bits flipped, bytes and words replaced by extreme ones, pieces
//! moved, doubled, taken out, or put together with the next file's. Of an archive half of the copies are damaged inside: the members
//! are changed and stored anew with right checksums, under names that point elsewhere now and then. Each copy is opened and
//! read to its end. A panic ends the program, as does a copy that takes longer than ten seconds; at the end, the slowest and the
//! peak of memory stand beside the limits of 200 MB. An error without a place to look for fails too.
#![allow(clippy::print_stdout, reason = "it is a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a failed step ends it")]

#[path = "../tests/common/mod.rs"]
mod common;

use ambulo_formats::{ErrorKind, ReadOptions, open_bytes};
use ambulo_signal::{Chunk, Source as _};
use common::Random;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

const LONGEST: Duration = Duration::from_secs(10);
const MOST_KB: u64 = 200 << 10;

fn damage(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    const EXTREME: [u64; 8] = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0xffff_ffff, u64::MAX, 1 << 63];
    for _ in 0..=random.below(4) {
        let n = bytes.len();
        if n == 0 {
            return;
        }
        // Headers decide most: half of the hits go there.
        let at = if random.below(2) == 0 { random.below(n.min(1024)) } else { random.below(n) };
        match random.below(9) {
            0 => bytes.truncate(at),
            1 | 2 => bytes[at] ^= 1 << random.below(8),
            3 => bytes[at] = random.next() as u8,
            4 => {
                let value = EXTREME[random.below(8)].to_le_bytes();
                let width = [1, 2, 4, 8][random.below(4)].min(n - at);
                bytes[at..at + width].copy_from_slice(&value[..width]);
            }
            5 => {
                let to = (at + random.below(600)).min(n);
                bytes.drain(at..to);
            }
            6 => {
                let piece = bytes[at..(at + random.below(600)).min(n)].to_vec();
                let to = random.below(n);
                bytes.splice(to..to, piece);
            }
            7 => {
                let from = random.below(other.len());
                let piece = other[from..(from + random.below(3000)).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                for byte in bytes.iter_mut().skip(at).take(random.below(64)) {
                    *byte = b"0123456789,;.-:\n\t \"eE"[random.below(21)];
                }
            }
        }
    }
}

type Members = Vec<(String, Vec<u8>)>;

fn members(bytes: &[u8]) -> Option<Members> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).ok()?;
    let mut all = Vec::new();
    for i in 0..archive.len() {
        let mut member = archive.by_index(i).ok()?;
        let mut content = Vec::new();
        member.read_to_end(&mut content).ok()?;
        all.push((member.name().to_owned(), content));
    }
    Some(all)
}

fn packed(mut members: Members, other: &[u8], random: &mut Random) -> Vec<u8> {
    let which = random.below(members.len());
    damage(&mut members[which].1, other, random);
    if random.below(10) == 0 {
        let elsewhere = ["../../etc/passwd", "/tmp/x.csv", "a/../../b.csv", "info.txt\0", "C:\\x"];
        members[which].0 = elsewhere[random.below(5)].to_owned();
    }
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in members {
        if writer.start_file(name, options).is_ok() {
            writer.write_all(&content).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// What came of it: the format as which it was read, or the kind of error.
fn read(name: &str, bytes: Vec<u8>) -> String {
    let says_where = |text: &str, kind: ErrorKind| {
        assert!(text.contains(name), "an error that does not name its file: {text}");
        format!("{kind:?}").split(['(', ' ']).next().unwrap_or_default().to_owned()
    };
    let opened = match open_bytes(name, bytes, &ReadOptions::default()) {
        Ok(opened) => opened,
        Err(error) => return says_where(&error.to_string(), error.kind()),
    };
    let mut came = String::new();
    for mut opened in opened {
        came = format!("read as {}", opened.format_name());
        let mut chunk = Chunk::default();
        loop {
            match opened.read(&mut chunk) {
                Ok(true) => {
                    for part in &chunk.parts {
                        assert_eq!(part.times_ns.len(), part.values.len());
                    }
                }
                Ok(false) => break,
                Err(error) => {
                    assert!(
                        error.to_string().contains(name),
                        "an error that does not name its file: {error}"
                    );
                    came = "error while reading".to_owned();
                    break;
                }
            }
        }
    }
    came
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    let (mut count, mut seed) = (100_000, 1);
    let mut files = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--count" => count = arguments.next().unwrap().parse().unwrap(),
            "--seed" => seed = arguments.next().unwrap().parse().unwrap(),
            file => files.push(file.to_owned()),
        }
    }
    let contents: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    for (i, (file, content)) in files.iter().zip(&contents).enumerate() {
        let name = std::path::Path::new(file).file_name().unwrap().to_string_lossy().into_owned();
        let inside = members(content).filter(|members| !members.is_empty());
        let other = &contents[(i + 1) % contents.len()];
        let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
        let (mut slowest, begun) = (Duration::ZERO, Instant::now());
        for copy in 0..count {
            // Each copy has a seed of its own, so that one can be made again without the others.
            let mut random =
                Random((seed ^ ((i as u64) << 40) ^ copy).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            random.next();
            let bytes = match &inside {
                Some(members) if random.below(2) == 0 => packed(members.clone(), other, &mut random),
                _ => {
                    let mut bytes = content.clone();
                    damage(&mut bytes, other, &mut random);
                    bytes
                }
            };
            let from = Instant::now();
            let came = read(&name, bytes);
            let took = from.elapsed();
            assert!(took < LONGEST, "{name}, copy {copy}: {took:?}");
            slowest = slowest.max(took);
            *outcomes.entry(came).or_default() += 1;
        }
        let kb = peak_kb();
        println!(
            "{name}: {count} copies in {:.0} s, the slowest {:.0} ms, at most {} MB so far",
            begun.elapsed().as_secs_f64(),
            slowest.as_secs_f64() * 1e3,
            kb >> 10
        );
        for (came, n) in outcomes {
            println!("    {n:>7} {came}");
        }
        assert!(kb < MOST_KB, "{kb} kB of memory");
    }
}
