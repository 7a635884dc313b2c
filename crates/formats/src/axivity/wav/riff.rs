//! The chunks of a RIFF file before its samples: format, and the maker's texts.

use crate::bytes::Bytes;
use crate::error::{Fault, quoted};

/// Chunks that are looked at: files have a handful.
const MOST_CHUNKS: usize = 1000;
/// Bytes of texts that are looked at.
const MOST_TEXT: usize = 64 << 10;
/// A plain format, and one with more to follow.
const PCM: u16 = 1;
const EXTENSIBLE: u16 = 0xfffe;

/// What the file says of its samples.
#[derive(Clone, Debug, Default)]
pub(super) struct Riff {
    pub(super) channels: usize,
    pub(super) rate_hz: u32,
    /// Texts by their names of four letters.
    pub(super) texts: Vec<([u8; 4], String)>,
    /// Where the samples begin, how many bytes they take, and how many are there.
    pub(super) data: u64,
    pub(super) stated: u64,
    pub(super) length: u64,
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

impl Riff {
    pub(super) fn read(bytes: &Bytes) -> Result<Self, Fault> {
        let head = bytes.head(12)?;
        if !head.starts_with(b"RIFF") || head.get(8..12) != Some(b"WAVE") {
            return Err(Fault::damaged("byte 0", quoted(&head), "`RIFF`, a length and `WAVE`"));
        }
        let mut riff = Self::default();
        let mut at = 12u64;
        for _ in 0..MOST_CHUNKS {
            let head = bytes.part(at, 8)?;
            let (Some(name), Some(length)) = (head.get(..4), long(&head, 4)) else { break };
            let length = u64::from(length);
            let content = at + 8;
            match name {
                b"fmt " => riff.format(content, &bytes.part(content, 16)?)?,
                b"LIST" => {
                    let length = usize::try_from(length).unwrap_or(MOST_TEXT).min(MOST_TEXT);
                    riff.list(&bytes.part(content, length)?);
                }
                b"data" => {
                    let there = bytes.len().saturating_sub(content);
                    // Writers that do not know the length beforehand leave it 0 or at its greatest.
                    let stated = if matches!(length, 0 | 0xffff_ffff) { there } else { length };
                    (riff.data, riff.stated, riff.length) = (content, stated, stated.min(there));
                    return riff.checked();
                }
                _ => {}
            }
            at = content + length + length % 2;
        }
        Err(Fault::damaged(format!("byte {at}"), "the end of the file", "a chunk `data`"))
    }

    fn checked(self) -> Result<Self, Fault> {
        if self.channels == 0 {
            return Err(Fault::damaged(
                format!("byte {}", self.data),
                "no chunk `fmt `",
                "one before the samples",
            ));
        }
        Ok(self)
    }

    fn format(&mut self, at: u64, bytes: &[u8]) -> Result<(), Fault> {
        let field = |at| word(bytes, at).unwrap_or(0);
        let (tag, channels, bits) = (field(0), field(2), field(14));
        let rate_hz = long(bytes, 4).unwrap_or(0);
        let fits = matches!(tag, PCM | EXTENSIBLE) && bits == 16 && (3..=16).contains(&channels);
        if !fits || rate_hz == 0 || field(12) != 2 * channels {
            return Err(Fault::damaged(
                format!("byte {at}"),
                format!(
                    "format {tag}, {channels} channels of {bits} bits, {rate_hz} Hz, {} bytes each",
                    field(12)
                ),
                "3 to 16 channels of 16 bits without compression",
            ));
        }
        (self.channels, self.rate_hz) = (usize::from(channels), rate_hz);
        Ok(())
    }

    fn list(&mut self, bytes: &[u8]) {
        let Some(mut rest) = bytes.strip_prefix(b"INFO") else { return };
        while let (Some(name), Some(length)) = (rest.first_chunk::<4>(), long(rest, 4)) {
            let length = length as usize;
            let end = rest.len().min(length.saturating_add(8));
            let text = String::from_utf8_lossy(&rest[8..end]);
            self.texts.push((*name, text.trim_end_matches('\0').to_owned()));
            rest = rest.get(end + length % 2..).unwrap_or_default();
        }
    }

    /// The value behind a name and a colon in one of the texts.
    pub(super) fn value(&self, text: &[u8; 4], name: &str) -> Option<&str> {
        let text = &self.texts.iter().find(|(other, _)| other == text)?.1;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }
}
