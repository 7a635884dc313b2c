//! When the samples of each block were taken, and what lies between blocks.
//!
//! As in the maker's cwa-convert: a block ends where its stamp and the nominal rate say, and the next begins there, so that the
//! true rate of the device comes from its clock. The fraction of the stamp's second is left aside, which makes a time early by up
//! to one sample.

use super::block::{Block, Parsed, Unsound};
use super::losses::Losses;

/// Blocks that are further apart than this are not joined (cwa-convert has the same).
const APART_NS: i64 = 1_000_000_000;
/// Nor where joining would change the length of a block by more than a part of this.
const TENTH: i64 = 10;

/// Times of the samples of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    /// Nanoseconds from the recording's start.
    pub(super) first_ns: i64,
    pub(super) length_ns: i64,
}

#[derive(Clone, Copy, Debug)]
struct Before {
    session: u32,
    sequence: u32,
    end_ns: i64,
}

/// Follows the blocks of a file in their order.
#[derive(Clone, Debug)]
pub(super) struct Track {
    /// The first sample's time: nanoseconds since 1970 of the device's clock.
    origin_ns: i64,
    /// The last sound block.
    before: Option<Before>,
    pub(super) losses: Losses,
}

impl Track {
    pub(super) fn new(origin_ns: i64) -> Self {
        Self { origin_ns, before: None, losses: Losses::default() }
    }

    /// The next block, which is the `index`th of the file.
    pub(super) fn step(&mut self, index: u64, parsed: &Parsed) -> Option<Span> {
        match parsed {
            Parsed::Other => None,
            Parsed::Unsound(why) => {
                self.lost(index, *why);
                None
            }
            Parsed::Sound(block) => self.sound(index, block),
        }
    }

    fn lost(&mut self, index: u64, why: Unsound) {
        let name = self.before.map_or(index, |before| u64::from(before.sequence) + 1 + self.losses.waiting());
        self.losses.damaged(name, index, why.to_string(), self.reached());
    }

    /// The last block of the file, of which only some bytes are there.
    pub(super) fn cut(&mut self, index: u64, bytes: u64) {
        let name = self.before.map_or(index, |before| u64::from(before.sequence) + 1 + self.losses.waiting());
        self.losses.cut(name, index, bytes, self.reached());
    }

    /// The end of the file.
    pub(super) fn end(&mut self) {
        self.losses.finish(None);
    }

    fn reached(&self) -> Option<i64> {
        self.before.map(|before| before.end_ns.saturating_sub(self.origin_ns))
    }

    fn sound(&mut self, index: u64, block: &Block) -> Option<Span> {
        let mut start_ns = block.start_ns;
        if let Some(before) = self.before {
            let next = u64::from(before.sequence) + 1;
            let sequence = u64::from(block.sequence);
            if block.session != before.session {
                self.losses.session(index);
            } else if sequence < next {
                self.losses.back(index, before.sequence, block.sequence);
            } else if sequence > next + self.losses.waiting() {
                self.losses.missing(next, sequence, index, self.reached());
            }
            let follows = block.session == before.session && sequence == next;
            if let (true, Some(joined)) = (follows, joined(before.end_ns, block)) {
                start_ns = joined;
            }
        }
        let end_ns = start_ns.clamp(block.start_ns, block.start_ns + block.slack_ns) + block.span_ns;
        if block.samples > 0 {
            self.losses.finish(Some(start_ns.saturating_sub(self.origin_ns)));
        }
        let end_ns = match self.before {
            // Without samples a block has no time.
            Some(before) if block.samples == 0 => before.end_ns,
            _ => end_ns,
        };
        self.before = Some(Before { session: block.session, sequence: block.sequence, end_ns });
        let first_ns = start_ns.saturating_sub(self.origin_ns);
        (block.samples > 0).then_some(Span { first_ns, length_ns: end_ns.saturating_sub(start_ns) })
    }
}

/// Where a block begins if it follows one that ended at `end_ns` without a gap.
fn joined(end_ns: i64, block: &Block) -> Option<i64> {
    // Stamps of whole seconds agree with anything within the second.
    let start_ns = end_ns.clamp(block.start_ns, block.start_ns + block.slack_ns);
    let off_ns = start_ns.saturating_sub(end_ns).saturating_abs();
    (off_ns < APART_NS && off_ns.saturating_mul(TENTH) <= block.span_ns).then_some(end_ns)
}
