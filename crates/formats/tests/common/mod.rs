//! Shared by the tests: whole files in memory, and a small generator of random numbers.
#![allow(dead_code, unreachable_pub)]

use ambulo_formats::{FormatError, Opened, ReadOptions, open};
use ambulo_signal::{Chunk, Header, Samples, Source};
use std::path::Path;

/// A whole recording.
pub struct Whole {
    pub header: Header,
    pub parts: Vec<Samples>,
    pub chunks: usize,
}

/// Reads all of it.
pub fn read(mut opened: Opened) -> Result<Whole, ambulo_signal::SourceError> {
    read_on(&mut opened)
}

/// The same of one that is read again.
pub fn read_on(opened: &mut Opened) -> Result<Whole, ambulo_signal::SourceError> {
    let mut parts = vec![Samples::default(); opened.header().sensors.len()];
    let mut chunk = Chunk::default();
    let mut chunks = 0;
    while opened.read(&mut chunk)? {
        chunks += 1;
        assert_eq!(chunk.parts.len(), parts.len());
        for (all, part) in parts.iter_mut().zip(&chunk.parts) {
            assert_eq!(part.times_ns.len(), part.values.len());
            all.times_ns.extend(&part.times_ns);
            all.values.extend(&part.values);
        }
    }
    assert!(!opened.read(&mut chunk)?, "more after the end");
    Ok(Whole { header: opened.header().clone(), parts, chunks })
}

/// Reads a file of these bytes.
pub fn bytes(content: &[u8], options: &ReadOptions) -> Result<Whole, FormatError> {
    named("table.dat", content, options)
}

/// Reads a file of this name and these bytes.
pub fn named(name: &str, content: &[u8], options: &ReadOptions) -> Result<Whole, FormatError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    file(&path, options)
}

/// Reads a file.
pub fn file(path: &Path, options: &ReadOptions) -> Result<Whole, FormatError> {
    let mut all = open(path, options)?;
    assert_eq!(all.len(), 1);
    Ok(read(all.remove(0)).unwrap())
}

/// Writes a file that is not there yet: rewriting one waits for the disk on some systems.
pub fn write_new(path: &Path, content: &[u8]) {
    _ = std::fs::remove_file(path);
    std::fs::write(path, content).unwrap();
}

/// Numbers that look random (G. Marsaglia, "Xorshift RNGs", 2003).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// One of the ways in which files are damaged: cut short, bits flipped, bytes overwritten, stretches doubled or left out.
pub fn damage(content: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = content.to_vec();
    for _ in 0..=random.below(3) {
        let n = bytes.len().max(1);
        match random.below(6) {
            0 => bytes.truncate(random.below(n)),
            1 | 2 => {
                for _ in 0..=random.below(4) {
                    let at = random.below(n);
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << random.below(8);
                    }
                }
            }
            3 => {
                let (from, to) = (random.below(n), random.below(n));
                let filler = [0, 0xff, b',', b'\n', b'"', b'9'][random.below(6)];
                for byte in bytes.iter_mut().take(to.min(from + 12)).skip(from) {
                    *byte = filler;
                }
            }
            4 => {
                let (a, b) = (random.below(n), random.below(n));
                bytes.drain(a.min(b).min(bytes.len())..a.max(b).min(bytes.len()).min(a.min(b) + 40));
            }
            _ => {
                let (a, b) = (random.below(n).min(bytes.len()), random.below(n).min(bytes.len()));
                let piece = bytes[a.min(b)..a.max(b).min(a.min(b) + 40)].to_vec();
                let at = random.below(bytes.len() + 1);
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

/// The folder of the shared samples, if it is here, and the entries of its `truth.json`.
pub fn samples() -> Option<(std::path::PathBuf, serde_json::Map<String, serde_json::Value>)> {
    let folder = shared("formats")?;
    let text = std::fs::read_to_string(folder.join("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&text).unwrap();
    let entries = truth["files"].as_object().unwrap().clone();
    Some((folder, entries))
}

/// A folder or file of the shared data, which lie beside one of the folders above the workspace, if they are here.
#[expect(clippy::print_stdout, reason = "says why nothing was tested")]
pub fn shared(name: &str) -> Option<std::path::PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|above| above.join("shared/data").join(name)).find(|folder| folder.exists());
    if found.is_none() {
        println!("skipped: the shared data are not here");
    }
    found
}
