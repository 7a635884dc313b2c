//! Records of `log.bin`: where they lie, and which of them are whole.
//!
//! A record is `1e`, its kind, four bytes of seconds, two bytes of size, the content, and the complement of the exclusive or of
//! all that; least significant byte first (ActiGraph, "GT3X File Format").

/// Before and behind a record's content.
const HEAD: usize = 8;
/// The longest record.
pub(super) const LONGEST: usize = HEAD + u16::MAX as usize + 1;
const MARK: u8 = 0x1e;

/// A record in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Where it begins.
    pub(super) at: usize,
    pub(super) kind: u8,
    /// Seconds since 1970 of the device's clock.
    pub(super) second: u32,
    len: usize,
}

impl Record {
    /// What stands at a place, if that begins as a record does.
    fn read(buffer: &[u8], at: usize) -> Option<Self> {
        match buffer.get(at..at + HEAD)? {
            &[MARK, kind, a, b, c, d, low, high] => Some(Self {
                at,
                kind,
                second: u32::from_le_bytes([a, b, c, d]),
                len: usize::from(u16::from_le_bytes([low, high])),
            }),
            _ => None,
        }
    }

    fn end(&self) -> usize {
        self.at + HEAD + self.len + 1
    }

    /// Its content; the buffer must hold all of it.
    pub(super) fn content<'a>(&self, buffer: &'a [u8]) -> &'a [u8] {
        buffer.get(self.at + HEAD..self.end() - 1).unwrap_or_default()
    }

    /// Length of its content.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether the checksum holds.
    pub(super) fn is_whole(&self, buffer: &[u8]) -> bool {
        // Together with its complement everything gives ones.
        buffer.get(self.at..self.end()).is_some_and(|bytes| exclusive_or(bytes) == 0xff)
    }
}

fn exclusive_or(bytes: &[u8]) -> u8 {
    let (words, rest) = bytes.as_chunks::<8>();
    let word = words.iter().fold(0, |all, word| all ^ u64::from_le_bytes(*word));
    word.to_le_bytes().iter().chain(rest).fold(0, |all, byte| all ^ byte)
}

/// A record that is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged {
    /// Its number, from 0.
    pub(super) number: u64,
    /// Its place in the file.
    pub(super) at: u64,
    /// The checksum that it has and that it should have; none where its size cannot be.
    pub(super) checksum: Option<(u8, u8)>,
}

/// How often something was wrong, and where first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Damage {
    /// Records whose checksum does not hold, or whose end is missing.
    pub(super) records: u64,
    /// The first of them.
    pub(super) first: Option<Damaged>,
    /// Bytes that belong to no record and are not zero, and the first.
    pub(super) foreign: u64,
    pub(super) first_foreign: Option<u64>,
    /// Where the last record begins, if it is cut short.
    pub(super) cut: Option<u64>,
}

/// Records that lie in a buffer one behind the other.
pub(super) struct Found {
    pub(super) records: Vec<Record>,
    /// Where to go on.
    pub(super) next: usize,
}

/// The records that begin before `limit`, if they follow one another with nothing but zeros between; their checksums are not
/// looked at.
pub(super) fn follow(buffer: &[u8], limit: usize) -> Option<Found> {
    let mut records = Vec::with_capacity(limit / 256);
    let mut at = 0;
    while at < limit {
        if buffer[at] == 0 {
            at += 1;
            continue;
        }
        let record = Record::read(buffer, at).filter(|record| record.end() <= buffer.len())?;
        at = record.end();
        records.push(record);
    }
    Some(Found { records, next: at })
}

/// The whole records that begin before `limit`, whatever lies between. `offset` is the buffer's place in the file, `number` the
/// number of its first record; it is counted on.
pub(super) fn search(
    buffer: &[u8],
    limit: usize,
    offset: u64,
    number: &mut u64,
    damage: &mut Damage,
) -> Found {
    // The exclusive or of everything before each byte: any record is checked in one step, so that no content is slow.
    let mut sums = Vec::with_capacity(buffer.len() + 1);
    let mut sum = 0;
    sums.push(sum);
    sums.extend(buffer.iter().map(|byte| {
        sum ^= byte;
        sum
    }));
    let whole =
        |record: &Record| record.end() <= buffer.len() && sums[record.end()] ^ sums[record.at] == 0xff;
    // A mark can stand in any content: what follows must look like the next record too.
    let begins = |at: usize| {
        let follows = |record: &Record| matches!(buffer.get(record.end()), None | Some(&(0 | MARK)));
        Record::read(buffer, at).filter(|record| whole(record) && follows(record))
    };
    let mut records = Vec::new();
    let mut at = 0;
    while at < limit {
        if buffer[at] == 0 {
            at += 1;
            continue;
        }
        let here = Record::read(buffer, at);
        if let Some(record) = here.filter(whole) {
            at = record.end();
            *number += 1;
            records.push(record);
            continue;
        }
        let from = at;
        let sought = |from: usize| {
            memchr::memchr_iter(MARK, &buffer[from..limit]).map(|i| from + i).find(|&at| begins(at).is_some())
        };
        match here {
            Some(record) if record.end() <= buffer.len() => {
                let found = buffer[record.end() - 1];
                let expected = !(sums[record.end() - 1] ^ sums[record.at]);
                let checksum = Some((found, expected));
                damage.first.get_or_insert(Damaged { number: *number, at: offset + at as u64, checksum });
                damage.records += 1;
                *number += 1;
                // Its size can be right although its content is not.
                let behind = record.end();
                at = match begins(behind) {
                    Some(_) => behind,
                    None => sought(at + 1).unwrap_or(limit),
                };
            }
            // The file ends within it, or its size is wrong.
            Some(_) => match sought(at + 1) {
                Some(next) => {
                    damage.records += 1;
                    let at_file = offset + at as u64;
                    damage.first.get_or_insert(Damaged { number: *number, at: at_file, checksum: None });
                    *number += 1;
                    at = next;
                }
                None => {
                    damage.cut = Some(offset + at as u64);
                    at = limit;
                }
            },
            None => {
                at = sought(at + 1).unwrap_or(limit);
                damage.first_foreign.get_or_insert(offset + from as u64);
                damage.foreign += (at - from) as u64;
            }
        }
    }
    Found { records, next: at }
}
