//! What an archive holds: as files in a folder, nothing of it anywhere else, and no more than an archive of its size may hold.

use super::progress::Progress;
use ambulo_data::manifest::Archive;
use anyhow::{Context as _, bail};
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Read, Write as _};
use std::path::{Component, Path, PathBuf};

/// Recordings as text come to a tenth by packing, rarely to a hundredth; what unpacks to more than this is no archive of them.
const MOST_GROWTH: u64 = 200;
/// Small archives may grow to this whatever their size, in bytes.
const ALWAYS: u64 = 1 << 26;
/// Files that all archives of a data set may hold together.
const MOST_FILES: u64 = 2_000_000;
/// Archives in archives in archives.
const DEEPEST: usize = 4;
const PIECE: usize = 1 << 16;

/// What may still be written.
pub(super) struct Budget {
    bytes: u64,
    files: u64,
    written: u64,
}

impl Budget {
    /// Of archives of so many bytes together.
    pub(super) fn of(archives: u64) -> Self {
        Self { bytes: archives.saturating_mul(MOST_GROWTH).max(ALWAYS), files: MOST_FILES, written: 0 }
    }

    fn file(&mut self, archive: &Path) -> anyhow::Result<()> {
        self.files = self.files.checked_sub(1).with_context(|| {
            format!("{} holds more than {MOST_FILES} files: it is not unpacked", archive.display())
        })?;
        Ok(())
    }

    fn write(&mut self, bytes: usize, archive: &Path) -> anyhow::Result<()> {
        let bytes = bytes as u64;
        self.bytes = self.bytes.checked_sub(bytes).with_context(|| {
            format!(
                "{} unpacks to more than {MOST_GROWTH} times its size: it is no archive of recordings, and is not unpacked",
                archive.display()
            )
        })?;
        self.written += bytes;
        Ok(())
    }
}

/// Unpacks an archive into a folder, and the archives inside it that are described, each into a folder of its name.
/// A file that is no archive is moved there.
///
/// # Errors
/// Damage; entries that lead out of the folder; archives that grow beyond all measure; pages in place of archives.
pub(super) fn unpack(
    archive: &Path,
    folder: &Path,
    described: &Archive,
    budget: &mut Budget,
    progress: &Progress,
) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    progress.begin("unpacking", 0, None);
    one(archive, folder, budget, progress)?;
    for _ in 0..DEEPEST {
        let mut files = Vec::new();
        walk(folder, folder, &mut files)?;
        let inner = described.inner_archives(files);
        if inner.is_empty() {
            break;
        }
        for name in inner {
            let path = folder.join(&name);
            let into = path.with_extension("");
            if into.exists() {
                bail!("{}: its folder {} is there already", path.display(), into.display());
            }
            fs::create_dir_all(&into).with_context(|| format!("cannot create {}", into.display()))?;
            one(&path, &into, budget, progress)?;
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            lift(&into)?;
        }
    }
    progress.end();
    Ok(())
}

fn one(archive: &Path, folder: &Path, budget: &mut Budget, progress: &Progress) -> anyhow::Result<()> {
    let open = || File::open(archive).with_context(|| format!("cannot read {}", archive.display()));
    let mut head = Vec::new();
    open()?.take(64).read_to_end(&mut head).with_context(|| format!("cannot read {}", archive.display()))?;
    match head.as_slice() {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => unzip(open()?, archive, folder, budget, progress),
        [0x1f, 0x8b, ..] => untar(open()?, archive, folder, budget, progress),
        head if head.trim_ascii_start().starts_with(b"<") => bail!(
            "{} is a page, no archive\nhint: the address may ask for something first: look at the data set's page, and remove this file",
            archive.display()
        ),
        _ => {
            let name = archive.file_name().unwrap_or_default();
            fs::copy(archive, folder.join(name))
                .with_context(|| format!("cannot copy {}", archive.display()))?;
            Ok(())
        }
    }
}

fn unzip(
    file: File,
    archive: &Path,
    folder: &Path,
    budget: &mut Budget,
    progress: &Progress,
) -> anyhow::Result<()> {
    let damaged = || format!("{} is damaged, or packed in a way that is not read", archive.display());
    let mut zip = zip::ZipArchive::new(BufReader::new(file)).with_context(damaged)?;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).with_context(damaged)?;
        let name = entry.name().to_owned();
        let Some(path) = inside(&name, archive)? else { continue };
        if entry.is_dir() {
            fs::create_dir_all(folder.join(path))?;
        } else if entry.is_file() {
            write(&mut entry, &folder.join(path), archive, budget, progress)?;
        }
    }
    Ok(())
}

fn untar(
    file: File,
    archive: &Path,
    folder: &Path,
    budget: &mut Budget,
    progress: &Progress,
) -> anyhow::Result<()> {
    let damaged = || format!("{} is damaged, or no tar.gz", archive.display());
    let mut tar = tar::Archive::new(flate2::read::MultiGzDecoder::new(BufReader::new(file)));
    for entry in tar.entries().with_context(damaged)? {
        let mut entry = entry.with_context(damaged)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(path) = inside(&name, archive)? else { continue };
        // Links and devices are nothing that recordings are kept in.
        if entry.header().entry_type().is_file() {
            write(&mut entry, &folder.join(path), archive, budget, progress)?;
        }
    }
    Ok(())
}

/// The path of an entry below the folder; none for what a Mac adds.
fn inside(name: &str, archive: &Path) -> anyhow::Result<Option<PathBuf>> {
    let name = name.replace('\\', "/");
    let mut path = PathBuf::new();
    for part in Path::new(&name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => bail!(
                "{} holds `{name}`, which leads out of its folder: it is not unpacked",
                archive.display()
            ),
        }
    }
    // Drives and streams of Windows.
    if name.contains(':') && cfg!(windows) {
        bail!("{} holds `{name}`, which is no name of a file: it is not unpacked", archive.display());
    }
    let skipped = path.iter().any(|part| {
        let part = part.to_string_lossy();
        part == "__MACOSX" || part.starts_with("._") || part == ".DS_Store"
    });
    Ok((!skipped && path != Path::new("")).then_some(path))
}

fn write(
    from: &mut dyn Read,
    path: &Path,
    archive: &Path,
    budget: &mut Budget,
    progress: &Progress,
) -> anyhow::Result<()> {
    budget.file(archive)?;
    let failed = || format!("cannot write {}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(failed)?;
    }
    // Not over a file that is there: the archive would hold it twice.
    let mut to = OpenOptions::new().write(true).create_new(true).open(path).with_context(failed)?;
    let mut piece = vec![0; PIECE];
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).with_context(|| format!("{} is damaged", archive.display())),
        };
        budget.write(read, archive)?;
        to.write_all(&piece[..read]).with_context(failed)?;
        progress.reached(budget.written);
    }
}

/// `set/set/…`, with nothing beside the inner folder, becomes `set/…`.
fn lift(folder: &Path) -> anyhow::Result<()> {
    let Some(name) = folder.file_name() else { return Ok(()) };
    let mut entries = fs::read_dir(folder)?;
    let (Some(only), None) = (entries.next().transpose()?, entries.next()) else { return Ok(()) };
    if only.file_name() != name || !only.path().is_dir() {
        return Ok(());
    }
    let aside = folder.with_extension("ambulo-lifted");
    let failed = || format!("cannot rename {}", folder.display());
    fs::rename(folder, &aside).with_context(failed)?;
    fs::rename(aside.join(name), folder).with_context(failed)?;
    fs::remove_dir(&aside).with_context(failed)
}

/// Paths of files below a folder, with `/`, in order.
fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) -> anyhow::Result<()> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        paths.push(entry?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, root, found)?;
        } else if let Ok(below) = path.strip_prefix(root) {
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            found.push(parts.join("/"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_in_their_folder() {
        let archive = Path::new("a.zip");
        let of = |name: &str| inside(name, archive);
        assert_eq!(of("a/./b.csv").unwrap(), Some(PathBuf::from("a/b.csv")));
        for name in ["../a", "a/../../b", "/etc/passwd", "a\\..\\..\\b"] {
            assert!(of(name).unwrap_err().to_string().contains("leads out of its folder"), "{name}");
        }
        for name in ["__MACOSX/a.csv", "a/._b.csv", ".DS_Store", ""] {
            assert_eq!(of(name).unwrap(), None, "{name}");
        }
    }
}
