//! Threads that decode columns ahead of whoever reads the rows.
//!
//! Each thread has columns of its own and gives pieces of them in order, so that what comes out does not depend on how many there
//! are. They wait when a few pieces lie ready: memory stays bounded.

use super::bulk::{self, Decoded};
use super::source::Job;
use super::{column, guarded};
use crate::error::Fault;
use parquet::file::reader::FileReader;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Rows of a piece.
const PIECE: usize = 1 << 14;
/// Pieces of each column that lie ready.
const AHEAD: usize = 2;

/// What a thread says, first of each row group the one, then as many of the other as there are pieces and an empty one.
enum Said {
    /// Its columns are open, or which of all columns is not.
    Opened(Result<(), (usize, Fault)>),
    /// The next piece of each of its columns.
    Pieces(Vec<Result<Decoded, Fault>>),
}

/// The threads of one pass through the file.
pub(super) struct Workers {
    threads: Vec<Worker>,
    columns: usize,
}

struct Worker {
    /// Places of its columns among those that are wanted.
    columns: Vec<usize>,
    said: Option<Receiver<Said>>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    pub(super) fn start(job: &Arc<Job>, threads: usize) -> Result<Self, Fault> {
        let mut all = Vec::new();
        for columns in shares(job, threads) {
            let (sender, receiver) = sync_channel(AHEAD);
            let (job, own) = (Arc::clone(job), columns.clone());
            let thread = std::thread::Builder::new()
                .name("ambulo-parquet".to_owned())
                .spawn(move || _ = decode(&job, &own, &sender))?;
            all.push(Worker { columns, said: Some(receiver), thread: Some(thread) });
        }
        Ok(Self { threads: all, columns: job.wanted.len() })
    }

    /// Waits until all columns of the next row group are open.
    pub(super) fn opened(&self) -> Result<(), Fault> {
        let mut first: Option<(usize, Fault)> = None;
        for worker in &self.threads {
            if let Said::Opened(Err((place, fault))) = worker.next()?
                && first.as_ref().is_none_or(|&(other, _)| place < other)
            {
                first = Some((place, fault));
            }
        }
        first.map_or(Ok(()), |(_, fault)| Err(fault))
    }

    /// The next piece of each wanted column, in their order.
    pub(super) fn pieces(&self) -> Result<Vec<Result<Decoded, Fault>>, Fault> {
        let mut all: Vec<_> = (0..self.columns).map(|_| Err(gone())).collect();
        for worker in &self.threads {
            if let Said::Pieces(pieces) = worker.next()? {
                for (&place, piece) in worker.columns.iter().zip(pieces) {
                    all[place] = piece;
                }
            }
        }
        Ok(all)
    }
}

impl Worker {
    fn next(&self) -> Result<Said, Fault> {
        self.said.as_ref().and_then(|said| said.recv().ok()).ok_or_else(gone)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Whoever still decodes notices with the next piece that nobody wants it.
        self.threads.iter_mut().for_each(|worker| worker.said = None);
        for worker in &mut self.threads {
            // A thread that panicked has nothing to say any more.
            _ = worker.thread.take().map(JoinHandle::join);
        }
    }
}

/// A thread that ended before its time: a panic outside the decoder.
fn gone() -> Fault {
    Fault::damaged("row group", "data that cannot be decoded", "what the format prescribes")
}

/// Which columns each thread decodes: about the same number of bytes for all, the largest first.
fn shares(job: &Job, threads: usize) -> Vec<Vec<usize>> {
    let metadata = job.file.metadata();
    let bytes = |place: usize| -> i64 {
        let groups = metadata.row_groups().iter().take(1);
        groups.map(|group| group.column(job.wanted[place].index).uncompressed_size().max(0)).sum()
    };
    let mut order: Vec<usize> = (0..job.wanted.len()).collect();
    order.sort_by_key(|&place| std::cmp::Reverse(bytes(place)));
    let mut shares = vec![(0i64, Vec::new()); threads.clamp(1, order.len().max(1))];
    for place in order {
        if let Some(share) = shares.iter_mut().min_by_key(|share| share.0) {
            share.0 = share.0.saturating_add(bytes(place).max(1));
            share.1.push(place);
        }
    }
    let mut shares: Vec<Vec<usize>> = shares.into_iter().map(|share| share.1).collect();
    shares.iter_mut().for_each(|share| share.sort_unstable());
    shares
}

/// Decodes some columns from the first row group to the last; ends early when nobody listens or after an error.
fn decode(job: &Job, places: &[usize], to: &SyncSender<Said>) -> Option<()> {
    for group in 0..job.file.num_row_groups() {
        let mut columns = Vec::with_capacity(places.len());
        for &place in places {
            let wanted = job.wanted[place];
            match column(&job.file, &job.raw, group, wanted.index, wanted.kind) {
                Ok(reader) => columns.push((wanted, bulk::Column::new(reader))),
                Err(fault) => return to.send(Said::Opened(Err((place, fault)))).ok(),
            }
        }
        to.send(Said::Opened(Ok(()))).ok()?;
        loop {
            let pieces: Vec<Result<Decoded, Fault>> = columns
                .iter_mut()
                .map(|(wanted, column)| {
                    let place = format!("row group {group}, column {}", wanted.index + 1);
                    guarded(&place, || column.next(wanted, PIECE))
                })
                .collect();
            let failed = pieces.iter().any(Result::is_err);
            let empty = matches!(pieces.first(), Some(Ok(piece)) if piece.len() == 0);
            to.send(Said::Pieces(pieces)).ok()?;
            if failed {
                return None;
            }
            if empty {
                break;
            }
        }
    }
    Some(())
}
