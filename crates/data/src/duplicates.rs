//! Stretches of signal that occur twice: copies, which would let a model be tested on what it was trained on.

mod dataset;

pub use dataset::{Occurrence, RepeatedSignal, check_duplicates};

use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{BuildHasherDefault, Hasher};

/// Shortest stretch that counts, in seconds. People do not repeat themselves bit for bit; sensors at rest may, for a
/// while.
pub const SHORTEST_DUPLICATE_S: f64 = 5.0;

/// Fewest different samples of a stretch that counts: with fewer it is constant or nearly so, and shows a device that
/// lies still or is stuck.
pub const FEWEST_DISTINCT: usize = 10;

/// Blocks that the shortest stretch is cut into: it then contains three of them whole, however they lie.
const BLOCKS: usize = 4;

/// Most places that are remembered of one block. What occurs more often is no sign of a copy, only work; and of many
/// copies each is still found beside the first.
const MOST_PLACES: u8 = 8;

/// A stretch that occurs twice, bit for bit, and cannot be made longer on either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate<K> {
    /// Key of the recording that comes first in the order given.
    pub first: K,
    /// Where the stretch starts there, in samples from 0.
    pub first_start: usize,
    /// Key of the other recording, or of the same.
    pub second: K,
    /// Where the stretch starts there, in samples from 0; after `first_start`, where the recordings are the same.
    pub second_start: usize,
    /// Its length in samples.
    pub length: usize,
}

/// Stretches of [`SHORTEST_DUPLICATE_S`] or more (at the lower of the two rates) with at least [`FEWEST_DISTINCT`]
/// different samples that occur bit for bit twice, in two of the recordings or in one.
///
/// Each recording is a key, its rate in Hz and its acceleration, in any unit. A stretch that occurs in several places
/// is tied to an earlier one of them, but not to all: if `b` and `c` are copies of `a`, then `c` need not be named
/// beside `b`. So what must be the same for all copies (person, label) is the same if it is so for each pair returned.
/// Two places in one recording overlap where it is periodic. Sorted by the second place.
///
/// Time and memory grow with the number of samples and of copies, not with their squares: blocks of all recordings are
/// looked up at every offset by a rolling hash (Karp and Rabin 1987), compared bit for bit, and extended.
pub fn duplicates<K: Clone>(recordings: &[(K, f64, &[[f32; 3]])]) -> Vec<Duplicate<K>> {
    let rates: Vec<f64> = recordings.iter().map(|&(_, rate_hz, _)| rate_hz).collect();
    let load = |i: usize| Ok::<_, Infallible>(Cow::Borrowed(recordings[i].2));
    let Ok(found) = search(&rates, &load);
    let named = |m: Match| Duplicate {
        first: recordings[m.first].0.clone(),
        first_start: m.first_start,
        second: recordings[m.second].0.clone(),
        second_start: m.second_start,
        length: m.length,
    };
    found.into_iter().map(named).collect()
}

/// The samples of a recording, by its position.
type Load<'f, 'a, E> = &'f (dyn Fn(usize) -> Result<Cow<'a, [[f32; 3]]>, E> + 'f);

/// The same for recordings that are loaded one by one: at no time are more than two of them held, the one that is looked
/// through and one of which a block has the same hash.
fn search<E>(rates_hz: &[f64], load: Load<'_, '_, E>) -> Result<Vec<Match>, E> {
    let signals: Vec<Signal> = rates_hz.iter().map(|&rate_hz| Signal::new(rate_hz)).collect();
    let mut octaves: Vec<i32> = signals.iter().map(|signal| signal.octave).collect();
    octaves.sort_unstable();
    octaves.dedup();
    // The blocks must suit the slower of two recordings: one round for each octave that it may be in.
    let mut found: Vec<Match> = Vec::new();
    for octave in octaves {
        found.extend(Round::new(&signals, load, octave).run()?);
    }
    found.sort_unstable_by_key(|m| (m.second, m.second_start, m.first, m.first_start));
    Ok(found)
}

#[derive(Clone, Copy)]
struct Signal {
    /// Octave of the rate, so that recordings of very different rates do not share short blocks.
    octave: i32,
    /// Samples of the shortest stretch that counts.
    shortest: usize,
}

impl Signal {
    fn new(rate_hz: f64) -> Self {
        // To the nearest sample, as a fitted rate is never a round number; `as` takes what is no number for 0.
        let shortest = (SHORTEST_DUPLICATE_S * rate_hz).round() as usize;
        Self { octave: rate_hz.log2().floor() as i32, shortest: shortest.max(FEWEST_DISTINCT) }
    }
}

/// A stretch that occurs twice, recordings by their position.
#[derive(Clone, Copy)]
struct Match {
    first: usize,
    first_start: usize,
    second: usize,
    second_start: usize,
    length: usize,
}

/// The search among all pairs of recordings the slower of which is in one octave.
struct Round<'f, 'a, E> {
    signals: &'f [Signal],
    load: Load<'f, 'a, E>,
    /// The last recording that another was compared with.
    other: Option<(usize, Cow<'a, [[f32; 3]]>)>,
    octave: i32,
    /// Samples of the shortest stretch of the slowest.
    shortest: usize,
    /// Samples of a block.
    block: usize,
    /// Places of each block by its hash: chains through `next`.
    chains: HashMap<u64, Chain, BuildHasherDefault<Mixed>>,
    /// Recording and start of each block that is remembered, and the next of the same hash.
    places: Vec<(usize, usize, Option<u32>)>,
    found: Vec<Match>,
}

struct Chain {
    head: u32,
    tail: u32,
    length: u8,
}

impl<'f, 'a, E> Round<'f, 'a, E> {
    fn new(signals: &'f [Signal], load: Load<'f, 'a, E>, octave: i32) -> Self {
        let slow = signals.iter().filter(|signal| signal.octave == octave);
        let shortest = slow.map(|signal| signal.shortest).min().unwrap_or(FEWEST_DISTINCT);
        Self {
            signals,
            load,
            other: None,
            octave,
            shortest,
            block: shortest / BLOCKS,
            chains: HashMap::default(),
            places: Vec::new(),
            found: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Vec<Match>, E> {
        for (recording, signal) in self.signals.iter().enumerate() {
            if signal.octave >= self.octave {
                let samples = (self.load)(recording)?;
                self.scan(recording, &samples)?;
            }
        }
        Ok(self.found)
    }

    /// Looks up one recording at every offset, and remembers its blocks.
    fn scan(&mut self, recording: usize, samples: &[[f32; 3]]) -> Result<(), E> {
        let Some(first) = samples.get(..self.block) else { return Ok(()) };
        let mut hash = first.iter().fold(0, |hash, &sample| push(hash, sample));
        let outgoing = (1..self.block).fold(1u64, |power, _| power.wrapping_mul(BASE));
        // Ends of what was compared on each diagonal, so that no stretch is compared again from each of its blocks.
        let mut compared: HashMap<(usize, isize), usize> = HashMap::new();
        let mut resume = 0;
        for start in 0..=samples.len() - self.block {
            if start > 0 {
                let without = hash.wrapping_sub(mix(samples[start - 1]).wrapping_mul(outgoing));
                hash = push(without, samples[start + self.block - 1]);
            }
            if start >= resume {
                let end = self.look_up((recording, samples), start, hash, &mut compared)?;
                // Inside a long stretch any other copy is a copy of its first place too, and tied to that. One that
                // goes on beyond its end has a block whole among the last samples.
                resume = (end + 1).saturating_sub(self.shortest);
            }
            if start % self.block == 0 {
                self.remember((recording, samples), start, hash);
            }
        }
        Ok(())
    }

    /// Compares this place with those whose block has the same hash; the end of the longest stretch that is long
    /// enough, 0 if none is.
    fn look_up(
        &mut self,
        (second, samples): (usize, &[[f32; 3]]),
        start: usize,
        hash: u64,
        compared: &mut HashMap<(usize, isize), usize>,
    ) -> Result<usize, E> {
        let mut longest = 0;
        let mut place = self.chains.get(&hash).map(|chain| chain.head);
        while let Some(index) = place {
            let (first, other, next) = self.places[index as usize];
            place = next;
            let (a, b) = (self.signals[first], self.signals[second]);
            // Offsets lie far below the largest isize.
            let diagonal = (first, start as isize - other as isize);
            if a.octave.min(b.octave) != self.octave
                || compared.get(&diagonal).is_some_and(|&end| start < end)
            {
                continue;
            }
            let known = if first == second {
                samples
            } else {
                if self.other.as_ref().is_none_or(|(held, _)| *held != first) {
                    self.other = Some((first, (self.load)(first)?));
                }
                self.other.as_ref().map_or(&[][..], |(_, samples)| samples)
            };
            let before = common(known[..other].iter().rev(), samples[..start].iter().rev());
            let after = common(known[other..].iter(), samples[start..].iter());
            compared.insert(diagonal, start + after);
            let length = before + after;
            if length < self.shortest {
                continue;
            }
            longest = longest.max(start + after);
            let stretch = &samples[start - before..start + after];
            if length >= a.shortest.min(b.shortest) && varies(stretch) {
                let (first_start, second_start) = (other - before, start - before);
                self.found.push(Match { first, first_start, second, second_start, length });
            }
        }
        Ok(longest)
    }

    /// Remembers a block, unless it is constant (then it would be found everywhere) or there are enough of it.
    fn remember(&mut self, (recording, samples): (usize, &[[f32; 3]]), start: usize, hash: u64) {
        let block = &samples[start..start + self.block];
        let Ok(index) = u32::try_from(self.places.len()) else { return };
        if block.iter().all(|&sample| same(sample, block[0])) {
            return;
        }
        let chain = self.chains.entry(hash).or_insert(Chain { head: index, tail: index, length: 0 });
        if chain.length == MOST_PLACES {
            return;
        }
        if chain.length > 0 {
            self.places[chain.tail as usize].2 = Some(index);
        }
        chain.tail = index;
        chain.length += 1;
        self.places.push((recording, start, None));
    }
}

fn same(a: [f32; 3], b: [f32; 3]) -> bool {
    a.map(f32::to_bits) == b.map(f32::to_bits)
}

/// Number of samples that are the same from the start of both.
fn common<'a>(a: impl Iterator<Item = &'a [f32; 3]>, b: impl Iterator<Item = &'a [f32; 3]>) -> usize {
    a.zip(b).take_while(|&(&a, &b)| same(a, b)).count()
}

/// Whether there are at least [`FEWEST_DISTINCT`] different samples.
fn varies(samples: &[[f32; 3]]) -> bool {
    let mut distinct: Vec<[f32; 3]> = Vec::with_capacity(FEWEST_DISTINCT);
    samples.iter().any(|&sample| {
        if !distinct.iter().any(|&other| same(other, sample)) {
            distinct.push(sample);
        }
        distinct.len() == FEWEST_DISTINCT
    })
}

/// Base of the polynomial hash, modulo 2^64: odd, so that no sample is ever multiplied away.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

fn push(hash: u64, sample: [f32; 3]) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(mix(sample))
}

/// A sample as one well-mixed number, with the multipliers of `MurmurHash3`'s finaliser.
fn mix(sample: [f32; 3]) -> u64 {
    let [x, y, z] = sample.map(|value| u64::from(value.to_bits()));
    let mut hash = (x | y << 32).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ hash >> 33 ^ z).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

/// Passes on hashes that are hashes already.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash ^ hash >> 32;
    }
}

#[cfg(test)]
#[path = "duplicates/tests.rs"]
mod tests;
