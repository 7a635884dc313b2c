//! Standard input, read beside the work, so that Ctrl-C does not wait for a line.

use super::INTERRUPTED;
use anyhow::Context as _;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

/// Bytes read at once, and how many such pieces may wait.
const PIECE: usize = 1 << 16;
const WAITING: usize = 16;
/// A line that is longer is given up: none of a few samples is.
const LONGEST: usize = 1 << 16;

/// What happened.
pub(super) enum Event {
    Bytes(Vec<u8>),
    End,
    Failed(io::Error),
    /// Somebody asked to stop, and what had come by then has been given.
    Stop,
}

pub(super) struct Input {
    events: Receiver<Event>,
    stop: Arc<AtomicBool>,
}

/// Begins to read, and to watch for Ctrl-C and requests to end: the first lets what has come be worked on, the second ends the process
/// at once.
pub(super) fn open() -> anyhow::Result<Input> {
    let (sender, events) = sync_channel(WAITING);
    let stop = Arc::new(AtomicBool::new(false));
    let (flag, wake) = (Arc::clone(&stop), sender.clone());
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        // Where the queue is full nobody sleeps.
        let _ = wake.try_send(Event::Stop);
    })
    .context("cannot watch for Ctrl-C")?;
    std::thread::Builder::new()
        .name("stdin".into())
        .spawn(move || {
            let mut stdin = io::stdin().lock();
            let mut piece = vec![0; PIECE];
            loop {
                let event = match stdin.read(&mut piece) {
                    Ok(0) => Event::End,
                    Ok(count) => Event::Bytes(piece[..count].to_vec()),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Event::Failed(error),
                };
                let last = !matches!(event, Event::Bytes(_));
                if sender.send(event).is_err() || last {
                    return;
                }
            }
        })
        .context("cannot read standard input")?;
    Ok(Input { events, stop })
}

impl Input {
    /// Waits for what happens next.
    pub(super) fn next(&self) -> Event {
        loop {
            let stopping = self.stop.load(Ordering::Relaxed);
            let event = match self.events.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Empty) if stopping => return Event::Stop,
                Err(TryRecvError::Empty) => self.events.recv().unwrap_or(Event::End),
                Err(TryRecvError::Disconnected) => return Event::End,
            };
            match event {
                // What came before is given first.
                Event::Stop => {}
                event => return event,
            }
        }
    }
}

/// Cuts what comes into lines.
#[derive(Default)]
pub(super) struct Lines {
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    /// Its end is all that is wanted of it.
    too_long: bool,
}

/// A line, or that there was one which is too long.
pub(super) type Line<'a> = Option<&'a [u8]>;

impl Lines {
    /// Calls with each line that is whole, without its end.
    pub(super) fn each<E>(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, next) = (&rest[..end], &rest[end + 1..]);
            rest = next;
            if self.begun.is_empty() && !self.too_long {
                each(Some(line))?;
                continue;
            }
            self.begin(line);
            self.last(&mut each)?;
        }
        self.begin(rest);
        Ok(())
    }

    /// The line that no end follows, if there is one.
    pub(super) fn last<E>(&mut self, mut each: impl FnMut(Line<'_>) -> Result<(), E>) -> Result<(), E> {
        let line = std::mem::take(&mut self.begun);
        match std::mem::take(&mut self.too_long) {
            true => each(None),
            false if line.is_empty() => Ok(()),
            false => each(Some(&line)),
        }
    }

    fn begin(&mut self, part: &[u8]) {
        if self.too_long || self.begun.len() + part.len() > LONGEST {
            self.too_long = true;
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
        let mut found = Vec::new();
        let mut lines = Lines::default();
        let mut each = |line: Line<'_>| -> Result<(), ()> {
            found.push(line.map(<[u8]>::to_vec));
            Ok(())
        };
        for piece in pieces {
            lines.each(piece, &mut each).unwrap();
        }
        lines.last(&mut each).unwrap();
        found
    }

    #[test]
    fn lines_are_the_same_however_they_come() {
        let text = b"a,b\n\nc\r\nd";
        let whole = cut(&[text]);
        let expected: [&[u8]; 4] = [b"a,b", b"", b"c\r", b"d"];
        assert_eq!(whole, expected.map(|line| Some(line.to_vec())));
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        // But for a blank line that comes by itself, which says nothing.
        let said = |lines: Vec<Option<Vec<u8>>>| -> Vec<_> {
            lines.into_iter().filter(|line| line.as_ref().is_none_or(|line| !line.is_empty())).collect()
        };
        assert_eq!(said(cut(&bytes)), said(whole));
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let long = vec![b'x'; LONGEST];
        let found = cut(&[b"a\n", &long, &long, b"x\nb\n"]);
        assert_eq!(found, [Some(b"a".to_vec()), None, Some(b"b".to_vec())]);
        assert_eq!(cut(&[&long, b"x"]), [None]);
    }
}
