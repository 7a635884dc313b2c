//! A long series of which a bounded number is kept.

use alloc::vec::Vec;

/// Keeps every entry at first; beyond `MOST` every second is dropped and from then on only every second taken, so that they stay
/// spread evenly.
#[derive(Clone, Debug)]
pub(super) struct Thinned<T, const MOST: usize> {
    number: u64,
    pub(super) stride: u64,
    kept: Vec<T>,
}

impl<T, const MOST: usize> Default for Thinned<T, MOST> {
    fn default() -> Self {
        Self { number: 0, stride: 1, kept: Vec::new() }
    }
}

impl<T, const MOST: usize> Thinned<T, MOST> {
    pub(super) fn push(&mut self, entry: T) {
        if self.number.is_multiple_of(self.stride) {
            self.kept.push(entry);
        }
        self.number += 1;
        if self.kept.len() > MOST {
            let mut keep = false;
            self.kept.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride *= 2;
        }
    }

    pub(super) fn all(&self) -> &[T] {
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays_spread_evenly() {
        let mut thinned = Thinned::<u32, 8>::default();
        (0..100).for_each(|i| thinned.push(i));
        assert_eq!(thinned.all(), [0, 16, 32, 48, 64, 80, 96]);
    }
}
