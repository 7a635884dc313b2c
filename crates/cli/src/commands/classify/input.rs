//! What tells the content of a recording's file from another.

use ambulo_data::hash::hex;
use ambulo_formats::Candidate;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Up to so many bytes all of a file is looked at.
const WHOLE: u64 = 8 << 20;
/// Of a longer one so many parts, evenly spread, the first and the last bytes among them.
const PARTS: u64 = 64;
/// Length of a part.
const PART: u64 = 64 << 10;

/// Length and SHA-256 of what a candidate is read from. Of a file of more than 8 MB, 64 parts of 64 kB are looked at: to read all of a
/// week would take as long as to unpack it, and recordings are not edited in place. An archive, whose directory is among the parts,
/// stands for its members.
///
/// # Errors
/// What the system says.
pub(super) fn content(candidate: &Candidate) -> Result<(u64, String), String> {
    let path = candidate.path();
    let file = path.ancestors().find(|path| path.is_file());
    if let Some(file) = file {
        return of_file(file).map_err(|error| format!("cannot read {}: {error}", file.display()));
    }
    // Files of a folder that belong together.
    let (mut hash, mut length) = (Sha256::new(), 0);
    let mut each = |bytes: &[u8]| {
        hash.update(bytes);
        length += bytes.len() as u64;
    };
    candidate.bytes(&mut each).map_err(|error| error.to_string())?;
    Ok((length, hex(hash)))
}

fn of_file(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut hash = Sha256::new();
    hash.update(length.to_le_bytes());
    let mut buffer = vec![0; PART as usize];
    if length <= WHOLE {
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                n => hash.update(&buffer[..n]),
            }
        }
        return Ok((length, hex(hash)));
    }
    for part in 0..PARTS {
        file.seek(SeekFrom::Start((length - PART) / (PARTS - 1) * part))?;
        if part == PARTS - 1 {
            file.seek(SeekFrom::End(-(PART as i64)))?;
        }
        file.read_exact(&mut buffer)?;
        hash.update(&buffer);
    }
    Ok((length, hex(hash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let of = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let candidate = ambulo_formats::search(&path).unwrap().remove(0);
            content(&candidate).unwrap()
        };
        assert_eq!(of(b"abc"), of(b"abc"));
        assert_ne!(of(b"abc"), of(b"abd"));
        let mut long = vec![7u8; 9 << 20];
        let before = of(&long);
        assert_eq!(before.0, 9 << 20);
        for at in [0, long.len() - 1] {
            long[at] = 8;
            assert_ne!(of(&long), before, "byte {at}");
            long[at] = 7;
        }
        long.push(7);
        assert_ne!(of(&long), before);
    }
}
