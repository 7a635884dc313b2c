//! `ambulo datasets get`: terms first, then the archive, its checksum, and its files in a folder.

mod download;
mod progress;
mod unpack;

use crate::failure::Usage;
use crate::talk::say;
use ambulo_data::manifest::{Archive, Manifest};
use ambulo_data::shipped_manifest;
use anyhow::{Context as _, bail};
use download::{download, file_name, length};
use progress::Progress;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use unpack::{Budget, unpack};

pub(super) fn run(name: &str, out: Option<&Path>, yes: bool) -> anyhow::Result<()> {
    let (manifest, given) = (manifest(name)?, name);
    let target = out.unwrap_or(Path::new(".")).join(&manifest.name);
    if target.exists() {
        let target = target.display();
        return Err(Usage(format!("{target} is there already\nhint: --out names another directory")).into());
    }
    if manifest.archive.is_empty() {
        terms(&manifest, None);
        bail!("{}", by_hand(&manifest, given, &target));
    }
    // Nobody's server is asked anything before it is clear that somebody reads the terms.
    let answers = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !yes && !answers {
        terms(&manifest, None);
        return Err(Usage("nobody is there to agree to the terms\nhint: --yes agrees to them".into()).into());
    }
    let lengths: Vec<Option<u64>> = manifest.archive.iter().map(length).collect();
    terms(&manifest, lengths.into_iter().sum());
    if !yes && !agreed()? {
        bail!("nothing was downloaded");
    }
    get(&manifest, &target)?;
    say!("{} is in {}", manifest.name, target.display());
    let word = format!("{given}={}", target.display());
    say!("next: ambulo datasets check {word}, ambulo train --data {word}");
    Ok(())
}

/// The manifest in a file, or the shipped one of this name.
fn manifest(name: &str) -> anyhow::Result<Manifest> {
    let path = Path::new(name);
    if path.is_file() || path.extension().is_some_and(|extension| extension == "toml") {
        return Ok(Manifest::read(path)?);
    }
    Ok(shipped_manifest(name)?.manifest.clone())
}

/// What somebody agrees to.
fn terms(manifest: &Manifest, bytes: Option<u64>) {
    say!("{}  {}", manifest.name, manifest.title);
    say!("  terms     {}", manifest.licence);
    say!("  cite      {}", manifest.citation);
    say!("  source    {}", manifest.source);
    for archive in &manifest.archive {
        say!("  archive   {}", archive.url);
    }
    if !manifest.archive.is_empty() {
        say!("  size      {}", bytes.map_or_else(|| "the server does not say".to_owned(), size));
    }
    if let Some(refused) = &manifest.refused {
        say!("  warning   Ambulo does not read it: {refused}");
    }
}

fn size(bytes: u64) -> String {
    match bytes as f64 {
        bytes if bytes >= 1e9 => format!("{:.1} GB", bytes / 1e9),
        bytes if bytes >= 1e6 => format!("{:.1} MB", bytes / 1e6),
        bytes => format!("{:.1} kB", bytes / 1e3),
    }
}

fn agreed() -> io::Result<bool> {
    let mut err = io::stderr().lock();
    write!(err, "download it under these terms? [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().take(64).read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// What to do where there is no plain address.
fn by_hand(manifest: &Manifest, given: &str, target: &Path) -> String {
    let patterns: Vec<&str> =
        manifest.files.iter().filter_map(|entry| entry.pattern.as_deref()).take(1).collect();
    format!(
        "{} has no address that a program can download from\nhint: get it by hand: {}\nhint: unpack it into {}, so that its files lie as {}\n\
         hint: then: ambulo datasets check {given}={}",
        manifest.name,
        manifest.source,
        target.display(),
        patterns.join(", "),
        target.display()
    )
}

/// Downloads, checks and unpacks all archives beside the folder, and gives it its name when all is there.
fn get(manifest: &Manifest, target: &Path) -> anyhow::Result<()> {
    let beside = target.with_file_name(format!(".{}.download", manifest.name));
    fs::create_dir_all(&beside).with_context(|| format!("cannot create {}", beside.display()))?;
    let progress = Progress::new();
    let mut archives: Vec<(&Archive, PathBuf)> = Vec::new();
    for archive in &manifest.archive {
        let file = download(archive, &beside, &progress)?;
        check(archive, &file, &progress)?;
        if archives.iter().any(|(_, other)| *other == file) {
            bail!(
                "two archives are called {}\nhint: `file = …` beside their `url` names them",
                file_name(archive)?
            );
        }
        archives.push((archive, file));
    }
    let content = beside.join("content");
    if content.exists() {
        // Of a run that broke off while it unpacked.
        fs::remove_dir_all(&content).with_context(|| format!("cannot remove {}", content.display()))?;
    }
    let bytes = archives.iter().map(|(_, file)| fs::metadata(file).map_or(0, |meta| meta.len())).sum();
    let mut budget = Budget::of(bytes);
    for (archive, file) in &archives {
        unpack(file, &content, archive, &mut budget, &progress)?;
    }
    fs::rename(&content, target).with_context(|| format!("cannot create {}", target.display()))?;
    fs::remove_dir_all(&beside).with_context(|| format!("cannot remove {}", beside.display()))
}

/// Compares length and SHA-256 with the manifest's. An archive that is another is removed: to go on with it makes no sense.
fn check(archive: &Archive, path: &Path, progress: &Progress) -> anyhow::Result<()> {
    let failed = || format!("cannot read {}", path.display());
    let mut file = fs::File::open(path).with_context(failed)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    let mut bytes = 0;
    progress.begin("checking", 0, file.metadata().ok().map(|meta| meta.len()));
    loop {
        let read = file.read(&mut piece).with_context(failed)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
        bytes += read as u64;
        progress.reached(bytes);
    }
    progress.end();
    let found = ambulo_data::hash::hex(hash);
    match &archive.sha256 {
        None => say!(
            "note: {} has {bytes} bytes and SHA-256 {found}, which the manifest does not record",
            archive.url
        ),
        Some(expected) if expected.eq_ignore_ascii_case(&found) => {}
        Some(expected) => {
            fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
            bail!(
                "{} has SHA-256 {found}, expected {expected}: it is damaged, or not the archive that the manifest describes; it was removed",
                archive.url
            );
        }
    }
    Ok(())
}
