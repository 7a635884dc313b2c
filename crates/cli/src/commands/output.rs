//! Standard output, of which whoever reads it may have seen enough.

use std::io::{self, Write};

/// Lines for a program, which nobody may read any more (`ambulo convert … | head -1`): that is no reason to stop writing files.
#[derive(Default)]
pub(super) struct Lines {
    closed: bool,
}

impl Lines {
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            done => done,
        }
    }
}

/// The same for tables: a closed pipe is an error, unless files are being written as well.
pub(super) struct Stdout {
    goes_on: bool,
    closed: bool,
}

impl Stdout {
    pub(super) fn new(goes_on: bool) -> Self {
        Self { goes_on, closed: false }
    }

    fn unless_closed(&mut self, done: io::Result<()>) -> io::Result<()> {
        match done {
            Err(error) if self.goes_on && error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            done => done,
        }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.closed {
            let done = io::stdout().lock().write_all(bytes);
            self.unless_closed(done)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let done = io::stdout().lock().flush();
        self.unless_closed(done)
    }
}
