//! A temporary file that is only ever added to.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are turned into numbers at a time.
const BLOCK: usize = 1 << 13;

/// A file without a name, written at its end and read anywhere, by any number of threads.
#[derive(Debug)]
pub(crate) struct SpoolFile {
    file: File,
    end: AtomicU64,
    /// Where one position serves all.
    #[cfg(not(unix))]
    position: std::sync::Mutex<()>,
}

impl SpoolFile {
    pub(super) fn create(directory: &Path) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(directory)?,
            end: AtomicU64::new(0),
            #[cfg(not(unix))]
            position: std::sync::Mutex::new(()),
        })
    }

    /// Adds numbers; where they begin.
    pub(super) fn append_f32(&self, values: &[f32]) -> io::Result<u64> {
        self.append(values, f32::to_le_bytes)
    }

    /// Adds stamps; where they begin.
    pub(super) fn append_i64(&self, values: &[i64]) -> io::Result<u64> {
        self.append(values, i64::to_le_bytes)
    }

    /// Fills `out` with the numbers that begin at byte `at`.
    pub(super) fn read_f32(&self, at: u64, out: &mut [f32]) -> io::Result<()> {
        self.read(at, out, f32::from_le_bytes)
    }

    /// Fills `out` with the stamps that begin at byte `at`.
    pub(super) fn read_i64(&self, at: u64, out: &mut [i64]) -> io::Result<()> {
        self.read(at, out, i64::from_le_bytes)
    }

    fn append<T: Copy, const SIZE: usize>(
        &self,
        values: &[T],
        to_bytes: impl Fn(T) -> [u8; SIZE],
    ) -> io::Result<u64> {
        let at = self.end.fetch_add((SIZE * values.len()) as u64, Ordering::Relaxed);
        let mut bytes = Vec::with_capacity(16 * BLOCK);
        let mut offset = at;
        for values in values.chunks(16 * BLOCK / SIZE) {
            bytes.clear();
            bytes.extend(values.iter().flat_map(|&value| to_bytes(value)));
            self.write_all_at(&bytes, offset)?;
            offset += bytes.len() as u64;
        }
        Ok(at)
    }

    fn read<T, const SIZE: usize>(
        &self,
        at: u64,
        out: &mut [T],
        from_bytes: impl Fn([u8; SIZE]) -> T,
    ) -> io::Result<()> {
        let mut bytes = [0; BLOCK];
        let mut offset = at;
        for out in out.chunks_mut(BLOCK / SIZE) {
            let bytes = &mut bytes[..SIZE * out.len()];
            self.read_exact_at(bytes, offset)?;
            for (value, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
                *value = from_bytes(*bytes);
            }
            offset += bytes.len() as u64;
        }
        Ok(())
    }

    #[cfg(unix)]
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, bytes, offset)
    }

    #[cfg(unix)]
    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, bytes, offset)
    }

    #[cfg(not(unix))]
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        use std::io::{Seek as _, Write as _};
        let _own = self.position.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (&self.file).seek(io::SeekFrom::Start(offset))?;
        (&self.file).write_all(bytes)
    }

    #[cfg(not(unix))]
    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        use std::io::{Read as _, Seek as _};
        let _own = self.position.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (&self.file).seek(io::SeekFrom::Start(offset))?;
        (&self.file).read_exact(bytes)
    }
}
