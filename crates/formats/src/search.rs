//! From a path to what may be recordings: a file, the members of an archive, the files below a folder.

use crate::bundle::{self, Bundle};
use crate::bytes::Bytes;
use crate::container::{self, Input, Member, is_zip};
use crate::error::{Fault, FormatError};
use crate::opened::Opened;
use crate::options::ReadOptions;
use crate::reader::Found;
use crate::{actigraph, recognise};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file, a member of an archive, or several that belong together: recordings, as far as one can tell without opening them.
#[derive(Clone, Debug)]
pub struct Candidate {
    path: PathBuf,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    File,
    Member(Member),
    Gt3x(Vec<Member>),
    Bundle(Bundle),
}

/// Finds what may be recordings: a file itself, the members of an archive, everything below a folder but what systems put there.
/// Files that belong together, such as an app's tables for each sensor, are one candidate.
///
/// # Errors
/// A path that cannot be read, or under which there is nothing at all.
pub fn search(path: impl AsRef<Path>) -> Result<Vec<Candidate>, FormatError> {
    let path = path.as_ref();
    let of = |fault: Fault| fault.of(path);
    if !std::fs::metadata(path).map_err(|source| of(Fault::Io(source)))?.is_dir() {
        return Ok(file(path));
    }
    let mut members = container::folder_members(path).map_err(of)?;
    let mut all: Vec<Candidate> = unpacked_gt3x(path, &mut members);
    all.extend(bundles(path, &mut members));
    for member in members {
        all.extend(file(&path.join(&member.name)));
    }
    if all.is_empty() {
        return Err(FormatError::Nothing { path: path.to_owned() });
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// Archives of ActiGraph that somebody unpacked, each in a folder of its own.
fn unpacked_gt3x(path: &Path, members: &mut Vec<Member>) -> Vec<Candidate> {
    let of_info = members.iter().filter(|member| member.split().1.eq_ignore_ascii_case("info.txt"));
    let mut folders: Vec<String> = of_info.map(|member| member.split().0.to_owned()).collect();
    folders.sort();
    folders.dedup();
    let mut all = Vec::new();
    if folders.is_empty() {
        return all;
    }
    let mut by_folder: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    for member in members.drain(..) {
        by_folder.entry(member.split().0.to_owned()).or_default().push(member);
    }
    for folder in folders {
        if by_folder.get(&folder).is_some_and(|here| actigraph::gt3x::claims(here)) {
            let here = by_folder.remove(&folder).unwrap_or_default();
            let path = if folder.is_empty() { path.to_owned() } else { path.join(&folder) };
            all.push(Candidate { path, what: What::Gt3x(here) });
        }
    }
    members.extend(by_folder.into_values().flatten());
    all
}

fn bundles(path: &Path, members: &mut Vec<Member>) -> Vec<Candidate> {
    let candidate = |bundle: Bundle| Candidate {
        path: [&bundle.folder, &bundle.stem]
            .into_iter()
            .filter(|part| !part.is_empty())
            .fold(path.to_owned(), |path, part| path.join(part)),
        what: What::Bundle(bundle),
    };
    bundle::claim(members).into_iter().map(candidate).collect()
}

/// A file, or what an archive holds; an archive that cannot be opened says so when it is asked for its recordings.
fn file(path: &Path) -> Vec<Candidate> {
    let itself = || vec![Candidate { path: path.to_owned(), what: What::File }];
    if !path.is_file() {
        // A pipe is opened once, when it is read.
        return itself();
    }
    let members = Bytes::open(path).ok().filter(|bytes| bytes.head(4).is_ok_and(|head| is_zip(&head)));
    let Some(Ok(mut members)) = members.map(|bytes| container::zip_members(&bytes)) else { return itself() };
    if actigraph::gt3x::claims(&members) {
        return vec![Candidate { path: path.to_owned(), what: What::Gt3x(members) }];
    }
    let mut all = bundles(path, &mut members);
    if let ([], [_]) = (all.as_slice(), members.as_slice()) {
        let member = members.remove(0);
        return vec![Candidate { path: path.to_owned(), what: What::Member(member) }];
    }
    all.extend(
        members
            .into_iter()
            .map(|member| Candidate { path: path.join(&member.name), what: What::Member(member) }),
    );
    if all.is_empty() { itself() } else { all }
}

/// Opens the recordings of a path; those of a folder or an archive all together.
///
/// # Errors
/// [`FormatError`] of the first candidate that cannot be opened; its [`kind`](FormatError::kind) says whether something has to
/// be declared first. To go on with the others, take [`search`].
pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Vec<Opened>, FormatError> {
    let mut all = Vec::new();
    for candidate in search(path)? {
        all.extend(candidate.open(options)?);
    }
    Ok(all)
}

/// Opens the recordings in bytes that are in memory: a file or an archive that was received, under a name for messages.
///
/// # Errors
/// [`FormatError`].
pub fn open_bytes(name: &str, bytes: Vec<u8>, options: &ReadOptions) -> Result<Vec<Opened>, FormatError> {
    let path = Path::new(name);
    let found = Input::of_memory(name, bytes).and_then(|input| open_input(&input, options, 0));
    let found = found.map_err(|fault| fault.of(path))?;
    if found.is_empty() {
        return Err(FormatError::NoRows { path: path.to_owned(), found: "no recording in it".to_owned() });
    }
    Ok(found.into_iter().map(|found| Opened::new(path, found)).collect())
}

impl Candidate {
    /// The file; of a member its archive's path with the member's behind it; of files that belong together their folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file, the unpacked member, or all files that belong together, as far as the system or the archive tells.
    pub fn size(&self) -> u64 {
        match &self.what {
            What::File => std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len()),
            What::Member(member) => member.size,
            What::Gt3x(members) | What::Bundle(Bundle { members, .. }) => {
                members.iter().fold(0, |sum: u64, member| sum.saturating_add(member.size))
            }
        }
    }

    /// Reads all its bytes in pieces; of several files one after the other.
    ///
    /// # Errors
    /// [`FormatError`] where they cannot be read or unpacked.
    pub fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), FormatError> {
        let of = |fault: Fault| fault.of(&self.path);
        let mut read = |bytes: &Bytes| -> Result<(), Fault> {
            let mut buffer = vec![0; 1 << 16];
            let mut at = 0;
            loop {
                match bytes.read_at(at, &mut buffer)? {
                    0 => return Ok(()),
                    n => {
                        each(&buffer[..n]);
                        at += n as u64;
                    }
                }
            }
        };
        match &self.what {
            What::File => {
                Bytes::open(&self.path).map_err(Fault::Io).and_then(|bytes| read(&bytes)).map_err(of)
            }
            What::Member(member) => member.input().and_then(|input| read(&input.bytes)).map_err(of),
            What::Gt3x(members) | What::Bundle(Bundle { members, .. }) => members
                .iter()
                .try_for_each(|member| member.input().and_then(|input| read(&input.bytes)))
                .map_err(of),
        }
    }

    /// Recognises it by its content and opens the recordings in it.
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn open(&self, options: &ReadOptions) -> Result<Vec<Opened>, FormatError> {
        let found = match &self.what {
            What::File => Input::open(&self.path).and_then(|input| open_input(&input, options, 0)),
            What::Member(member) => member.input().and_then(|input| {
                let mut found = open_input(&input, options, 0)?;
                for found in &mut found {
                    found.because = format!("{}; in a zip archive as {}", found.because, member.name);
                }
                Ok(found)
            }),
            What::Gt3x(members) => actigraph::gt3x::open(members, options),
            What::Bundle(bundle) => bundle::open(bundle, options),
        };
        let found = found.map_err(|fault| fault.of(&self.path))?;
        if found.is_empty() {
            return Err(FormatError::NoRows {
                path: self.path.clone(),
                found: "no recording in it".to_owned(),
            });
        }
        Ok(found.into_iter().map(|found| Opened::new(&self.path, found)).collect())
    }
}

fn open_input(input: &Input, options: &ReadOptions, depth: usize) -> Result<Vec<Found>, Fault> {
    const DEEPEST: usize = 2;
    let mut all = Vec::new();
    if is_zip(&input.bytes.head(4)?) {
        let mut members = container::zip_members(&input.bytes)?;
        if actigraph::gt3x::claims(&members) {
            return actigraph::gt3x::open(&members, options);
        }
        if members.is_empty() {
            return Err(Fault::NoRows("an archive without files".to_owned()));
        }
        if depth == DEEPEST {
            return Err(Fault::Unsupported {
                what: "an archive in archives".to_owned(),
                hint: "unpack it first".to_owned(),
            });
        }
        // One bad member, or a note beside the recordings, does not lose the others.
        let mut first = None;
        let mut keep = |opened: Result<Vec<Found>, Fault>| match opened {
            Ok(found) => all.extend(found),
            Err(fault) => _ = first.get_or_insert(fault),
        };
        for bundle in bundle::claim(&mut members) {
            keep(bundle::open(&bundle, options));
        }
        for member in members {
            let opened = member.input().and_then(|input| open_input(&input, options, depth + 1));
            keep(opened.map_err(|fault| fault.in_member(&member.name)));
        }
        if let (true, Some(fault)) = (all.is_empty(), first) {
            return Err(fault);
        }
    } else {
        all = recognise::open(input, options)?;
    }
    for found in &mut all {
        for wrapped in &input.wrapped {
            found.because = format!("{}; compressed with {wrapped}", found.because);
        }
    }
    Ok(all)
}
