//! `ambulo stream`

mod asked;
mod input;
mod session;
mod state;
mod teach;

use crate::cli::StreamArgs;
use crate::talk::{say, shown};
use anyhow::Context as _;
use asked::Asked;
use input::{Event, Lines};
use session::Session;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

/// Exit code after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// Why no more is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// The input is at its end.
    Input,
    /// Somebody asked for it.
    Stopped,
    /// Nobody reads the answers any more.
    Closed,
}

pub(crate) fn run(args: &StreamArgs) -> anyhow::Result<ExitCode> {
    let asked = Asked::new(args)?;
    if let Some(folder) = args.state.as_deref().and_then(Path::parent).filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the directory {}", folder.display()))?;
    }
    let saved = args.state.as_deref().map(state::read).transpose()?.flatten();
    let mut session = match (saved, &args.state) {
        (Some(saved), Some(path)) => Session::going_on(&asked, saved, path)?,
        _ => Session::new(&asked),
    };
    let done = feed(&mut session);
    let done = match (&args.state, done) {
        (Some(path), done) => {
            // Also after a failure: what was read before it remains.
            state::write(path, &session.save()?)?;
            done.and_then(|ended| session.rest().map(|()| ended))
        }
        (None, Ok(ended @ (Ended::Input | Ended::Stopped))) => match open(session.finish())? {
            true => Ok(ended),
            false => Ok(Ended::Closed),
        },
        (None, done) => done,
    };
    session.sum_up();
    let ended = done?;
    if let Some(out) = &args.teach {
        teach::finish(&session, out)?;
    }
    if ended == Ended::Stopped
        && let Some(path) = &args.state
    {
        say!("stopped; the same command goes on from {}", shown(&path.display().to_string()));
    }
    Ok(match ended {
        Ended::Stopped => ExitCode::from(INTERRUPTED),
        Ended::Input if !session.has_read() => ExitCode::FAILURE,
        Ended::Input | Ended::Closed => ExitCode::SUCCESS,
    })
}

/// Reads to the end.
fn feed(session: &mut Session<'_>) -> anyhow::Result<Ended> {
    let input = input::open()?;
    let mut lines = Lines::default();
    loop {
        let open = match input.next() {
            Event::Bytes(bytes) => open(lines.each(&bytes, |line| session.line(line)))?,
            Event::End => {
                let open = open(lines.last(|line| session.line(line)))?;
                return Ok(if open { Ended::Input } else { Ended::Closed });
            }
            Event::Failed(error) => return Err(error).context("cannot read standard input"),
            Event::Stop => return Ok(Ended::Stopped),
        };
        if !open {
            return Ok(Ended::Closed);
        }
    }
}

/// Whether whoever reads the answers still does.
fn open(done: anyhow::Result<()>) -> anyhow::Result<bool> {
    match done {
        Ok(()) => Ok(true),
        Err(error) => match error.downcast_ref::<std::io::Error>() {
            Some(io) if io.kind() == ErrorKind::BrokenPipe => Ok(false),
            _ => Err(error),
        },
    }
}
