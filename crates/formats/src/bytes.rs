//! Bytes that can be read from any place, more than once, and by several threads at a time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// A file, a part of one (a stored member of an archive), or memory; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Bytes {
    from: Arc<From>,
    start: u64,
    len: u64,
}

#[derive(Debug)]
enum From {
    File(File),
    Memory(Vec<u8>),
}

impl Bytes {
    /// A file as long as it is now.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::file(File::open(path)?)
    }

    /// An open file, from its beginning.
    pub(crate) fn file(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self { from: Arc::new(From::File(file)), start: 0, len })
    }

    pub(crate) fn memory(bytes: Vec<u8>) -> Self {
        let len = bytes.len() as u64;
        Self { from: Arc::new(From::Memory(bytes)), start: 0, len }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// A part, cut to what is there.
    pub(crate) fn slice(&self, start: u64, len: u64) -> Self {
        let start = start.min(self.len);
        Self { from: Arc::clone(&self.from), start: self.start + start, len: len.min(self.len - start) }
    }

    /// Fills the buffer from a place on, as far as there are bytes; how many those are.
    pub(crate) fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = &mut buffer[..most];
        match &*self.from {
            From::Memory(bytes) => {
                let from =
                    usize::try_from(self.start.saturating_add(at)).unwrap_or(usize::MAX).min(bytes.len());
                buffer.copy_from_slice(&bytes[from..from + most]);
                Ok(most)
            }
            From::File(file) => {
                let mut n = 0;
                while n < buffer.len() {
                    match file_read_at(file, self.start + at + n as u64, &mut buffer[n..]) {
                        Ok(0) => break,
                        Ok(more) => n += more,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(n)
            }
        }
    }

    /// Some bytes from a place on, fewer at the end.
    pub(crate) fn part(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let most = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; len.min(most)];
        let n = self.read_at(at, &mut bytes)?;
        bytes.truncate(n);
        Ok(bytes)
    }

    /// The first bytes.
    pub(crate) fn head(&self, len: usize) -> io::Result<Vec<u8>> {
        self.part(0, len)
    }

    /// For code that reads on and on; give it a buffer.
    pub(crate) fn reader(&self) -> BytesReader {
        BytesReader { bytes: self.clone(), at: 0 }
    }
}

#[cfg(unix)]
fn file_read_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn file_read_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// [`Bytes`] with a place to read on from.
#[derive(Clone, Debug)]
pub(crate) struct BytesReader {
    bytes: Bytes,
    at: u64,
}

impl Read for BytesReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.bytes.read_at(self.at, buffer)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for BytesReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning"))?;
        Ok(self.at)
    }
}

impl parquet::file::reader::Length for Bytes {
    fn len(&self) -> u64 {
        self.len
    }
}

impl parquet::file::reader::ChunkReader for Bytes {
    type T = io::BufReader<BytesReader>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(io::BufReader::new(BytesReader { bytes: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<bytes::Bytes> {
        let part = self.part(start, length)?;
        if part.len() < length {
            return Err(parquet::errors::ParquetError::EOF(format!(
                "{length} bytes wanted at byte {start}, {} there",
                part.len()
            )));
        }
        Ok(part.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_files_and_of_memory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"0123456789").unwrap();
        for bytes in [Bytes::open(file.path()).unwrap(), Bytes::memory(b"0123456789".to_vec())] {
            assert_eq!((bytes.len(), bytes.head(3).unwrap()), (10, b"012".to_vec()));
            let part = bytes.slice(2, 5);
            assert_eq!((part.len(), part.part(3, 9).unwrap()), (5, b"56".to_vec()));
            assert_eq!(part.slice(9, 9).len(), 0);
            assert!(part.part(77, 5).unwrap().is_empty());
            let mut reader = part.reader();
            reader.seek(SeekFrom::End(-2)).unwrap();
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            assert_eq!(text, "56");
            assert!(reader.seek(SeekFrom::Current(-9)).is_err());
        }
    }
}
