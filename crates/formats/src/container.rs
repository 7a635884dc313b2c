//! What stands around recordings: folders, zip archives, gzip.

use crate::bytes::{Bytes, BytesReader};
use crate::error::Fault;
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zip::ZipArchive;

/// Unpacked bytes that are kept in memory; what is larger goes to a temporary file without a name.
const IN_MEMORY: u64 = 16 << 20;
/// Unpacked content that grew by more than this, once it is larger than [`SUSPICIOUS`], is taken for a decompression bomb. Deflate
/// reaches 1,032. A day at 50 Hz of zeros as text reach 8 with stamps and 412 without, so that the export of a device that recorded
/// nothing for days is refused too.
const LARGEST_RATIO: u64 = 200;
const SUSPICIOUS: u64 = 64 << 20;
/// Members of an archive, or files of a folder, that are looked at.
const MOST_MEMBERS: usize = 100_000;
/// Folders in folders.
const DEEPEST: usize = 32;

/// A file or a member of an archive, unpacked.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// Its name without folders, as it stands in the folder or archive.
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    /// What it was wrapped in, for the reason that is told.
    pub(crate) wrapped: Vec<&'static str>,
}

impl Input {
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = match std::fs::metadata(path)?.is_file() {
            true => Bytes::open(path)?,
            // A pipe can be read once, and has no length before that.
            false => unpack(&mut std::fs::File::open(path)?, u64::MAX)?,
        };
        Self { name, bytes, wrapped: Vec::new() }.unpacked()
    }

    /// Bytes that are in memory, under a name.
    pub(crate) fn of_memory(name: &str, bytes: Vec<u8>) -> Result<Self, Fault> {
        Self { name: name.to_owned(), bytes: Bytes::memory(bytes), wrapped: Vec::new() }.unpacked()
    }

    /// Without gzip around it, which people put around anything.
    fn unpacked(mut self) -> Result<Self, Fault> {
        const TIMES: usize = 2;
        let packed = self.bytes.len();
        while is_gzip(&self.bytes.head(3)?) {
            if self.wrapped.len() == TIMES {
                return Err(Fault::Unsupported {
                    what: "compressed with gzip again and again".to_owned(),
                    hint: "unpack it first".to_owned(),
                });
            }
            self.bytes = unpack(&mut flate2::read::MultiGzDecoder::new(buffered(&self.bytes)), packed)?;
            self.wrapped.push("gzip");
        }
        Ok(self)
    }
}

fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(b"\x1f\x8b\x08")
}

/// Whether bytes begin as a zip archive does.
pub(crate) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

fn buffered(bytes: &Bytes) -> std::io::BufReader<BytesReader> {
    std::io::BufReader::with_capacity(64 << 10, bytes.reader())
}

/// Whether unpacked bytes are more than any recording that was packed in so many has.
pub(crate) fn is_bomb(unpacked: u64, packed: u64) -> bool {
    unpacked > SUSPICIOUS && unpacked / LARGEST_RATIO > packed
}

/// Reads a decompressor to its end, into memory or a temporary file.
fn unpack(from: &mut dyn Read, packed: u64) -> Result<Bytes, Fault> {
    let wrong = |error: std::io::Error, at: u64| match error.kind() {
        std::io::ErrorKind::InvalidInput
        | std::io::ErrorKind::InvalidData
        | std::io::ErrorKind::UnexpectedEof => {
            Fault::damaged(format!("byte {at} of the unpacked content"), error.to_string(), "compressed data")
        }
        _ => Fault::Io(error),
    };
    let mut memory = Vec::new();
    from.take(IN_MEMORY).read_to_end(&mut memory).map_err(|error| wrong(error, memory.len() as u64))?;
    if (memory.len() as u64) < IN_MEMORY {
        return Ok(Bytes::memory(memory));
    }
    let mut file = tempfile::tempfile()?;
    file.write_all(&memory)?;
    let mut written = memory.len() as u64;
    let mut buffer = vec![0; 256 << 10];
    drop(memory);
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(wrong(error, written)),
        };
        written += n as u64;
        if is_bomb(written, packed) {
            return Err(Fault::damaged(
                format!("byte {written} of the unpacked content"),
                format!("more than {LARGEST_RATIO} times the {packed} bytes that it was packed in"),
                "a recording, not a decompression bomb",
            ));
        }
        file.write_all(&buffer[..n])?;
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(Bytes::file(file)?)
}

/// A file in a folder or an archive, not opened yet.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Its path below the folder or in the archive, between `/`.
    pub(crate) name: String,
    /// Bytes, as far as the archive tells.
    pub(crate) size: u64,
    place: Place,
}

#[derive(Clone)]
enum Place {
    File(PathBuf),
    Zip { archive: Arc<ZipArchive<BytesReader>>, bytes: Bytes, index: usize },
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Zip { index, .. } => write!(f, "member {index}"),
        }
    }
}

impl Member {
    /// The folder in which it lies, empty at the top; and its name there.
    pub(crate) fn split(&self) -> (&str, &str) {
        self.name.rsplit_once('/').unwrap_or(("", &self.name))
    }

    /// Its first bytes, without gzip around them; none of one that cannot be opened.
    pub(crate) fn head(&self, len: usize) -> Vec<u8> {
        let mut head = Vec::new();
        let mut take = |from: &mut dyn Read| {
            let mut first = Vec::new();
            from.take(4).read_to_end(&mut first)?;
            let mut all = std::io::Cursor::new(first.clone()).chain(from);
            match is_gzip(&first) {
                true => flate2::read::MultiGzDecoder::new(all).take(len as u64).read_to_end(&mut head),
                false => all.by_ref().take(len as u64).read_to_end(&mut head),
            }
        };
        let read = match &self.place {
            Place::File(path) => std::fs::File::open(path).and_then(|mut file| take(&mut file)),
            Place::Zip { archive, index, .. } => match ZipArchive::clone(archive).by_index(*index) {
                Ok(mut member) => take(&mut member),
                Err(_) => Ok(0),
            },
        };
        if read.is_ok() { head } else { Vec::new() }
    }

    /// Opens and unpacks it.
    pub(crate) fn input(&self) -> Result<Input, Fault> {
        let name = self.split().1.to_owned();
        let bytes = match &self.place {
            Place::File(path) => Bytes::open(path)?,
            Place::Zip { archive, bytes, index } => {
                let mut archive = ZipArchive::clone(archive);
                let mut member = archive.by_index(*index).map_err(|error| damaged_zip(&self.name, &error))?;
                if member.compression() == zip::CompressionMethod::Stored
                    && let Some(start) = member.data_start()
                {
                    bytes.slice(start, member.compressed_size())
                } else {
                    let packed = member.compressed_size();
                    unpack(&mut member, packed)?
                }
            }
        };
        Input { name, bytes, wrapped: Vec::new() }.unpacked()
    }
}

fn damaged_zip(member: &str, error: &zip::result::ZipError) -> Fault {
    use zip::result::ZipError;
    match error {
        ZipError::UnsupportedArchive(what) => {
            Fault::Unsupported { what: format!("a zip archive ({what})"), hint: "unpack it first".to_owned() }
        }
        error => Fault::damaged(
            if member.is_empty() { "archive".to_owned() } else { format!("member {member}") },
            error.to_string(),
            "a whole zip archive",
        ),
    }
}

/// Why a file that begins like an archive is none. The list of members stands at the end: without it the end is missing.
fn no_archive(bytes: &Bytes, error: &zip::result::ZipError) -> Fault {
    /// What ends an archive, with the longest remark behind it.
    const TAIL: u64 = 22 + 65_535;
    let from = bytes.len().saturating_sub(TAIL);
    match bytes.part(from, TAIL as usize) {
        Ok(tail) if memchr::memmem::find(&tail, b"PK\x05\x06").is_none() => Fault::damaged(
            format!("byte {}", bytes.len()),
            "the archive is cut short: the file ends before its list of members",
            "a whole zip archive; copy or download it again",
        ),
        _ => damaged_zip("", error),
    }
}

/// Files that systems put beside what people see.
fn is_of_the_system(name: &str) -> bool {
    name.split('/').any(|part| {
        part == "__MACOSX" || part.starts_with('.') || part == "Thumbs.db" || part == "desktop.ini"
    })
}

fn too_many() -> Fault {
    Fault::Unsupported {
        what: format!("more than {MOST_MEMBERS} files"),
        hint: "name the folders in it one by one".to_owned(),
    }
}

/// The members of a zip archive, in its order, without folders and the system's own files.
pub(crate) fn zip_members(bytes: &Bytes) -> Result<Vec<Member>, Fault> {
    let archive = ZipArchive::new(bytes.reader()).map_err(|error| no_archive(bytes, &error))?;
    if archive.len() > MOST_MEMBERS {
        return Err(too_many());
    }
    let archive = Arc::new(archive);
    let mut reading = ZipArchive::clone(&archive);
    let mut members = Vec::new();
    let mut packed = 0u64;
    for index in 0..archive.len() {
        let member = reading.by_index_raw(index).map_err(|error| damaged_zip("", &error))?;
        packed = packed.saturating_add(member.compressed_size());
        if packed > bytes.len() {
            return Err(Fault::damaged(
                format!("member {}", index + 1),
                "members that lie over one another: together they are larger than the archive",
                "members one behind the other",
            ));
        }
        // Only for messages and for finding out what belongs together: nothing is ever written under it.
        let name = member.name().replace('\\', "/");
        if member.is_dir() || is_of_the_system(&name) {
            continue;
        }
        let place = Place::Zip { archive: Arc::clone(&archive), bytes: bytes.clone(), index };
        members.push(Member { name, size: member.size(), place });
    }
    Ok(members)
}

/// The files below a folder, sorted by name, without the system's own.
pub(crate) fn folder_members(folder: &Path) -> Result<Vec<Member>, Fault> {
    let mut members = Vec::new();
    let below = |path: &Path| {
        let parts = path.strip_prefix(folder).unwrap_or(path).components();
        parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
    };
    let walk = walkdir::WalkDir::new(folder).follow_links(true).max_depth(DEEPEST).sort_by_file_name();
    let seen = walk.into_iter().filter_entry(|entry| !is_of_the_system(&below(entry.path())));
    for entry in seen {
        let entry = match entry {
            Ok(entry) => entry,
            // A link that leads back.
            Err(error) if error.depth() > 0 && error.loop_ancestor().is_some() => continue,
            // A link to nothing, or a folder that must not be read: it says so when it is opened, and holds up none of the others.
            Err(error) if error.depth() > 0 && error.path().is_some() => {
                let path = error.path().unwrap_or(folder).to_owned();
                let name = below(path.as_path());
                if members.len() == MOST_MEMBERS {
                    return Err(too_many());
                }
                if !is_of_the_system(&name) {
                    members.push(Member { name, size: 0, place: Place::File(path) });
                }
                continue;
            }
            Err(error) => {
                return Err(Fault::Io(
                    error.into_io_error().unwrap_or_else(|| std::io::Error::other("a loop")),
                ));
            }
        };
        if !entry.file_type().is_file() {
            continue;
        }
        if members.len() == MOST_MEMBERS {
            return Err(too_many());
        }
        let size = entry.metadata().map_or(0, |metadata| metadata.len());
        let place = Place::File(entry.path().to_owned());
        members.push(Member { name: below(entry.path()), size, place });
    }
    Ok(members)
}
