//! Text files: encodings, line ends, and reading them in blocks of whole lines.

use crate::bytes::{Bytes, BytesReader};
use memchr::{memchr, memrchr};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

/// How the letters of a file are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// ISO 8859-1: anything that is no UTF-8.
    Latin1,
    /// UTF-16, least significant byte first or not.
    Utf16 {
        little: bool,
    },
}

/// What the first bytes tell about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextKind {
    pub(crate) encoding: Encoding,
    /// Bytes of a mark in front.
    mark: u64,
    /// What ends a line: a line feed (with or without a carriage return before it), or a carriage return alone.
    pub(crate) end: u8,
}

impl TextKind {
    /// Looks at the first bytes of a file.
    pub(crate) fn of(head: &[u8]) -> Self {
        let (encoding, mark) = match head {
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
            [0xff, 0xfe, ..] => (Encoding::Utf16 { little: true }, 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16 { little: false }, 2),
            _ => match std::str::from_utf8(head) {
                Err(error) if error.error_len().is_some() => (Encoding::Latin1, 0),
                _ => (Encoding::Utf8, 0),
            },
        };
        let end = if memchr(b'\n', head).is_none() && memchr(b'\r', head).is_some() { b'\r' } else { b'\n' };
        Self { encoding, mark, end }
    }

    /// Text as it is meant.
    pub(crate) fn decode(self, bytes: &[u8]) -> String {
        match self.encoding {
            Encoding::Latin1 => bytes.iter().map(|&c| char::from(c)).collect(),
            // Blocks of UTF-16 are UTF-8 when they come here.
            Encoding::Utf8 | Encoding::Utf16 { .. } => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

/// Bytes read at once: large enough that the calls do not count, small enough to stay in the cache of a processor.
const BLOCK: usize = 2 << 20;
/// Room for more than a file holds now.
const SMALLEST: usize = 4096;

/// Reads a text in blocks of whole lines; UTF-16 comes out as UTF-8, the others as they are.
pub(crate) struct Blocks {
    file: BytesReader,
    length: u64,
    kind: TextKind,
    /// Bytes of the text (as it comes out) before the first line that is wanted.
    skip: u64,
    buffer: Vec<u8>,
    /// What has been given out, and what has been read.
    given: usize,
    filled: usize,
    ended: bool,
    still_to_skip: u64,
    /// Bytes read at once.
    block: usize,
}

impl Blocks {
    /// Begins `skip` bytes behind the start of the text.
    pub(crate) fn open(bytes: &Bytes, kind: TextKind, skip: u64) -> io::Result<Self> {
        let mut blocks = Self {
            file: bytes.reader(),
            length: bytes.len(),
            kind,
            skip,
            buffer: Vec::new(),
            given: 0,
            filled: 0,
            ended: false,
            still_to_skip: 0,
            block: BLOCK,
        };
        blocks.rewind()?;
        Ok(blocks)
    }

    /// The same text from its beginning, for another who reads it.
    pub(crate) fn again(&self) -> io::Result<Self> {
        let mut blocks = Self { file: self.file.clone(), buffer: Vec::new(), ..*self };
        blocks.rewind()?;
        Ok(blocks)
    }

    /// Bytes of the file.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn rewind(&mut self) -> io::Result<()> {
        let utf16 = matches!(self.kind.encoding, Encoding::Utf16 { .. });
        self.file.seek(SeekFrom::Start(self.kind.mark + if utf16 { 0 } else { self.skip }))?;
        self.still_to_skip = if utf16 { self.skip } else { 0 };
        (self.given, self.filled, self.ended) = (0, 0, false);
        Ok(())
    }

    /// The next whole lines with their ends; the last may have none. Nothing at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        Ok(self.advance()?.map(|range| &self.buffer[range]))
    }

    /// As [`next`](Self::next), but gives the memory away in which they stand, and takes other memory for it.
    pub(crate) fn exchange(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Range<usize>>> {
        let range = self.advance()?;
        let kept = self.filled - self.given;
        buffer.resize(self.buffer.len(), 0);
        buffer[..kept].copy_from_slice(&self.buffer[self.given..self.filled]);
        (self.given, self.filled) = (0, kept);
        std::mem::swap(&mut self.buffer, buffer);
        Ok(range)
    }

    /// Where the next whole lines stand in the buffer.
    fn advance(&mut self) -> io::Result<Option<Range<usize>>> {
        loop {
            self.buffer.copy_within(self.given..self.filled, 0);
            let kept = self.filled - self.given;
            (self.given, self.filled) = (0, kept);
            self.fill()?;
            let end = if self.ended {
                self.filled
            } else {
                match memrchr(self.kind.end, &self.buffer[kept..self.filled]) {
                    Some(at) => kept + at + 1,
                    None => {
                        return Err(io::Error::new(
                            io::ErrorKind::InvalidData,
                            format!("a line of more than {} bytes: no table", self.filled),
                        ));
                    }
                }
            };
            self.given = end;
            if self.still_to_skip == 0 {
                return Ok((end > 0).then_some(0..end));
            }
            let skipped = self.still_to_skip.min(end as u64);
            self.still_to_skip -= skipped;
            if skipped < end as u64 || end == 0 {
                return Ok((end > 0).then_some(skipped as usize..end));
            }
        }
    }

    /// With blocks of another size.
    #[cfg(test)]
    pub(crate) fn in_blocks_of(mut self, block: usize) -> Self {
        self.block = block;
        self
    }

    /// Whether what was given out last ends the file.
    pub(crate) fn ended(&self) -> bool {
        self.ended && self.given == self.filled
    }

    /// Fills the buffer as far as the file goes.
    fn fill(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            // Small files need no large buffer; UTF-16 may grow by half.
            let length = usize::try_from(self.length).unwrap_or(self.block);
            self.buffer.resize(length.saturating_add(length / 2).saturating_add(SMALLEST).min(self.block), 0);
        }
        match self.kind.encoding {
            Encoding::Utf8 | Encoding::Latin1 => {
                while self.filled < self.buffer.len() && !self.ended {
                    let n = self.file.read(&mut self.buffer[self.filled..])?;
                    self.filled += n;
                    self.ended = n == 0;
                }
            }
            Encoding::Utf16 { little } => {
                // Two bytes become at most three; a half that is missing at the end is left out.
                let mut raw = vec![0; (self.buffer.len() - self.filled) / 3 * 2];
                let mut n = 0;
                while n < raw.len() && !self.ended {
                    let more = self.file.read(&mut raw[n..])?;
                    n += more;
                    self.ended = more == 0;
                }
                let units = raw[..n].chunks_exact(2).map(|pair| {
                    if little {
                        u16::from_le_bytes([pair[0], pair[1]])
                    } else {
                        u16::from_be_bytes([pair[0], pair[1]])
                    }
                });
                for c in char::decode_utf16(units) {
                    let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
                    self.filled += c.encode_utf8(&mut self.buffer[self.filled..]).len();
                }
            }
        }
        Ok(())
    }
}

/// Cuts a block into lines, without their ends.
pub(crate) fn lines(block: &[u8], end: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = block;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, next) = match memchr(end, rest) {
            Some(at) => (&rest[..at], &rest[at + 1..]),
            None => (rest, &rest[rest.len()..]),
        };
        rest = next;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(bytes: &[u8], skip: u64) -> Vec<String> {
        let kind = TextKind::of(bytes);
        let mut blocks = Blocks::open(&Bytes::memory(bytes.to_vec()), kind, skip).unwrap();
        let once = |blocks: &mut Blocks| {
            let mut all = Vec::new();
            while let Some(block) = blocks.next().unwrap() {
                all.extend(lines(block, kind.end).map(|line| kind.decode(line)));
            }
            assert!(blocks.ended());
            blocks.rewind().unwrap();
            all
        };
        let all = once(&mut blocks);
        let (mut given, mut buffer) = (Vec::new(), Vec::new());
        let mut other = blocks.again().unwrap();
        while let Some(range) = other.exchange(&mut buffer).unwrap() {
            given.extend(lines(&buffer[range], kind.end).map(|line| kind.decode(line)));
        }
        assert!(given == all && other.ended());
        assert_eq!(once(&mut blocks), all);
        all
    }

    #[test]
    fn encodings_and_line_ends() {
        let utf16 = |little: bool, text: &str| -> Vec<u8> {
            let bytes = |u: u16| if little { u.to_le_bytes() } else { u.to_be_bytes() };
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        assert_eq!(read_all(b"\xef\xbb\xbfa\r\nb\r\n", 0), ["a", "b"]);
        assert_eq!(read_all(b"a\rb\rc", 2), ["b", "c"]);
        assert_eq!(read_all(b"m/s\xb2\nb", 0), ["m/s²", "b"]);
        for little in [true, false] {
            assert_eq!(read_all(&utf16(little, "größe\n歩行\n"), 8), ["歩行"]);
        }
        assert_eq!(read_all(b"", 0), [""; 0]);
        let mut odd = utf16(true, "ab");
        odd.push(7);
        assert_eq!(read_all(&odd, 0), ["ab"]);
    }

    #[test]
    fn long_files_come_in_blocks_and_long_lines_are_refused() {
        let text: String = (0..400_000).map(|i| format!("{i},{}\n", i * 7)).collect();
        let all = read_all(text.as_bytes(), 0);
        assert!(all.len() == 400_000 && all[399_999] == format!("399999,{}", 399_999 * 7));
        let long = Bytes::memory(vec![b'x'; 3 << 20]);
        let mut blocks = Blocks::open(&long, TextKind::of(b"x"), 0).unwrap();
        assert!(blocks.next().unwrap_err().to_string().contains("no table"));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            read_all(&bytes, 0);
        }
    }
}
