//! One archive over the network: to a temporary name, and on from where it stopped.

use super::progress::Progress;
use crate::failure::Usage;
use ambulo_data::manifest::Archive;
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::{Agent, Body};

/// How long a server may take to be reached and to begin its answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes that are moved at a time.
const PIECE: usize = 1 << 16;

/// What is known of a download that has begun, kept beside it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    url: String,
    /// What tells this version of the archive from another: its entity tag, or when it was changed.
    version: Option<String>,
}

/// Asks one address.
pub(super) struct Client(Agent);

impl Client {
    /// For an address: what is asked for encrypted is not answered in the open, wherever it leads.
    fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .https_only(url.starts_with("https://"))
            .http_status_as_error(false)
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .user_agent(concat!("ambulo/", env!("CARGO_PKG_VERSION")));
        Self(config.build().into())
    }

    /// From the first byte, or from a later one if the archive is still the one that `begun` knows.
    fn ask(&self, url: &str, from: u64, begun: Option<&Begun>) -> anyhow::Result<Response<Body>> {
        let mut request = self.0.get(url);
        if let Some(version) = begun.and_then(|begun| begun.version.as_deref()) {
            request =
                request.header(header::RANGE, format!("bytes={from}-")).header(header::IF_RANGE, version);
        }
        request.call().with_context(|| {
            format!(
                "cannot get {url}\nhint: what was downloaded is kept: the same command goes on from there"
            )
        })
    }
}

/// Length of an archive in bytes: as the manifest says, else as the server does, if it does.
pub(super) fn length(archive: &Archive) -> Option<u64> {
    archive.bytes.or_else(|| {
        let answer = Client::new(&archive.url).0.head(&archive.url).call().ok()?;
        answer.status().is_success().then(|| number(answer.headers(), header::CONTENT_LENGTH.as_str()))?
    })
}

/// Name under which an archive is kept: no path, whatever the address is.
pub(super) fn file_name(archive: &Archive) -> anyhow::Result<String> {
    let name = archive.file.as_deref().unwrap_or_else(|| {
        let path = archive.url.split(['?', '#']).next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    });
    let plain = |c: char| c.is_alphanumeric() || " +-_.%()".contains(c);
    if name.trim_matches(['.', ' ']).is_empty() || !name.chars().all(plain) {
        return Err(Usage(format!(
            "{} does not end in the name of a file\nhint: `file = \"NAME.zip\"` beside the archive's `url` names it",
            archive.url
        ))
        .into());
    }
    Ok(name.to_owned())
}

/// Gets an archive into a directory; gives its path.
///
/// # Errors
/// Whatever the network, the server or the disk says; a length other than the manifest's, or than the server announced. What has
/// arrived is kept.
pub(super) fn download(archive: &Archive, directory: &Path, progress: &Progress) -> anyhow::Result<PathBuf> {
    let name = file_name(archive)?;
    let done = directory.join(&name);
    if done.is_file() {
        return Ok(done);
    }
    let part = directory.join(format!("{name}.part"));
    let note = directory.join(format!("{name}.part.json"));
    let client = Client::new(&archive.url);
    let mut from = fs::metadata(&part).map_or(0, |meta| meta.len());
    let begun = fs::read(&note).ok().and_then(|bytes| serde_json::from_slice::<Begun>(&bytes).ok());
    let begun = begun.filter(|begun| from > 0 && begun.url == archive.url && begun.version.is_some());
    let mut answer = client.ask(&archive.url, from, begun.as_ref())?;
    let goes_on = answer.status() == StatusCode::PARTIAL_CONTENT
        && range(answer.headers()).is_some_and(|(start, _)| start == from);
    if !goes_on {
        from = 0;
        // A range that the server does not have, or another than was asked for.
        if begun.is_some() && answer.status() != StatusCode::OK {
            answer = client.ask(&archive.url, 0, None)?;
        }
        if answer.status() != StatusCode::OK {
            bail!(
                "{} is answered with {}\nhint: the archive may have moved: look at its page",
                archive.url,
                answer.status()
            );
        }
    }
    let total = match range(answer.headers()) {
        Some((_, total)) if goes_on => total,
        _ => number(answer.headers(), header::CONTENT_LENGTH.as_str()),
    };
    if let (Some(expected), Some(found)) = (archive.bytes, total)
        && expected != found
    {
        bail!(
            "{} has {found} bytes, expected {expected}: it is not the archive that the manifest describes",
            archive.url
        );
    }
    let version = version(answer.headers());
    let begun = serde_json::to_vec(&Begun { url: archive.url.clone(), version })?;
    ambulo_record::atomic::write(&note, &begun)?;
    let file = OpenOptions::new().create(true).write(true).truncate(!goes_on).append(goes_on).open(&part);
    let file = file.with_context(|| format!("cannot write {}", part.display()))?;
    let most = archive.bytes.or(total);
    let arrived = receive(answer, file, from, most, &part, progress)?;
    if let Some(expected) = most
        && arrived != expected
    {
        bail!(
            "{} broke off after {arrived} of {expected} bytes\nhint: what was downloaded is kept: the same command goes on from there",
            archive.url
        );
    }
    fs::rename(&part, &done).with_context(|| format!("cannot rename {}", part.display()))?;
    let _ = fs::remove_file(&note);
    Ok(done)
}

/// Writes the body of an answer behind the first `from` bytes, and no more than `most` in all; gives how many there are then.
fn receive(
    answer: Response<Body>,
    mut file: File,
    from: u64,
    most: Option<u64>,
    path: &Path,
    progress: &Progress,
) -> anyhow::Result<u64> {
    let mut body = answer.into_body().into_reader();
    let mut piece = vec![0; PIECE];
    let mut arrived = from;
    progress.begin("downloading", from, most);
    loop {
        let read = match body.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            // Whether all has arrived is seen by its length.
            Err(_) if most.is_some() => break,
            Err(error) => return Err(error).context("the download broke off"),
        };
        if most.is_some_and(|most| arrived + read as u64 > most) {
            bail!("more than the announced {} bytes arrive", most.unwrap_or_default());
        }
        file.write_all(&piece[..read]).with_context(|| format!("cannot write {}", path.display()))?;
        arrived += read as u64;
        progress.reached(arrived);
    }
    file.sync_all().with_context(|| format!("cannot write {}", path.display()))?;
    progress.end();
    Ok(arrived)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    text(headers, name)?.trim().parse().ok()
}

/// First byte and length of the whole, from `bytes 100-199/1000`.
fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let range = text(headers, header::CONTENT_RANGE.as_str())?.trim().strip_prefix("bytes ")?;
    let (places, total) = range.split_once('/')?;
    let (start, _) = places.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()))
}

/// What may stand behind `If-Range` (RFC 9110, section 13.1.5): a strong entity tag, or a date.
fn version(headers: &HeaderMap) -> Option<String> {
    let tag = text(headers, header::ETAG.as_str()).filter(|tag| !tag.starts_with("W/"));
    tag.or_else(|| text(headers, header::LAST_MODIFIED.as_str())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(url: &str) -> Archive {
        Archive { url: url.to_owned(), file: None, bytes: None, sha256: None, inner: Vec::new() }
    }

    #[test]
    fn archives_are_kept_under_plain_names() {
        let name = |url: &str| file_name(&archive(url)).ok();
        assert_eq!(name("https://a.org/static/1/my+set.zip?x=1#y").as_deref(), Some("my+set.zip"));
        for url in ["https://a.org/", "https://a.org/..", "https://a.org/a\\b.zip", "https://a.org/C:"] {
            assert_eq!(name(url), None, "{url}");
        }
        let named = Archive { file: Some("../x.zip".to_owned()), ..archive("https://a.org/x.zip") };
        assert!(file_name(&named).unwrap_err().to_string().contains("hint: `file ="));
    }

    #[test]
    fn headers_are_read_as_they_are_defined() {
        let mut headers = HeaderMap::new();
        headers.insert("content-range", "bytes 100-199/1000".parse().unwrap());
        assert_eq!(range(&headers), Some((100, Some(1000))));
        headers.insert("content-range", "bytes 100-199/*".parse().unwrap());
        assert_eq!(range(&headers), Some((100, None)));
        headers.insert("etag", "W/\"weak\"".parse().unwrap());
        assert_eq!(version(&headers), None);
        headers.insert("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT".parse().unwrap());
        assert_eq!(version(&headers).as_deref(), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
        headers.insert("etag", "\"strong\"".parse().unwrap());
        assert_eq!(version(&headers).as_deref(), Some("\"strong\""));
    }
}
